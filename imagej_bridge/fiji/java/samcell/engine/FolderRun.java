package samcell.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code samcell-cli run} over a folder, in a process of its own. */
public final class FolderRun {
    private static final int TAIL = 4096;

    private final List<String> failures = new ArrayList<>();
    private final StringBuilder tail = new StringBuilder();
    private String out = "";
    private long images;
    private long seen;
    private boolean finished;

    /** Folder of the results. */
    public String out() {
        return out;
    }

    /** Images of the folder. */
    public long images() {
        return images;
    }

    /** Sentences about images that have no results. */
    public List<String> failures() {
        return failures;
    }

    /**
     * Runs it to its end.
     *
     * @param arguments of samcell-cli
     */
    public void run(EngineLocation location, List<String> arguments, Monitor monitor)
            throws EngineException {
        List<List<String>> ways = location.commandLines();
        for (int way = 0; way < ways.size() && !finished; way++) {
            List<String> command = new ArrayList<>(ways.get(way));
            command.addAll(arguments);
            int code = run(command, monitor);
            if (finished || !tail().contains("No module named 'samcell_c")) {
                check(code);
                return;
            }
        }
        throw new EngineException(
                "start",
                location.path() + " is a Python without SAMCell: give the one that SAMCell is"
                        + " installed in at Plugins > SAMCell > SAMCell Setup...");
    }

    private int run(List<String> command, Monitor monitor) throws EngineException {
        tail.setLength(0);
        Process process = null;
        try {
            process = EngineLocation.builder(command).start();
            process.getOutputStream().close();
            Process running = process;
            Thread errors = new Thread(() -> drain(running), "samcell-folder-stderr");
            Thread events = new Thread(() -> listen(running, monitor), "samcell-folder-events");
            errors.start();
            events.start();
            while (events.isAlive()) {
                events.join(100);
                if (monitor.isCancelled()) {
                    throw new EngineException("cancelled", "It was cancelled.");
                }
            }
            errors.join(2000);
            return process.waitFor();
        } catch (IOException error) {
            throw new EngineException("start", "samcell-cli did not start (" + error.getMessage() + "): see Plugins > SAMCell > SAMCell Setup...");
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw new EngineException("cancelled", "It was cancelled.");
        } finally {
            if (process != null) {
                process.destroy(); // what is finished is kept; the same call goes on from there
            }
        }
    }

    private void check(int code) throws EngineException {
        if (finished) {
            return;
        }
        String text = tail();
        int at = text.lastIndexOf("Error: ");
        String because = at >= 0 ? text.substring(at + 7).replaceAll("\\s+", " ") : "exit code " + code + ", " + text;
        throw new EngineException("folder", because);
    }

    private void listen(Process process, Monitor monitor) {
        try (BufferedReader lines = reader(process.getInputStream())) {
            String line;
            while ((line = lines.readLine()) != null) {
                if (line.startsWith("{")) {
                    heed(Json.parseObject(line), monitor);
                }
            }
        } catch (IOException | RuntimeException error) {
            append(error.toString());
        }
    }

    private void heed(Map<String, Object> event, Monitor monitor) {
        switch ((String) event.get("event")) {
            case "run-started":
                images = (Long) event.get("images");
                out = (String) event.get("out");
                break;
            case "image-failed":
                failures.add(event.get("image") + ": " + event.get("error"));
                monitor.progress("images", ++seen, images);
                break;
            case "image-done":
            case "image-skipped":
                monitor.progress("images", ++seen, images);
                break;
            case "run-finished":
                finished = true;
                break;
            default:
        }
    }

    private void drain(Process process) {
        try (BufferedReader lines = reader(process.getErrorStream())) {
            String line;
            while ((line = lines.readLine()) != null) {
                append(line + "\n");
            }
        } catch (IOException error) {
            append(error.toString());
        }
    }

    private static BufferedReader reader(java.io.InputStream stream) {
        return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    }

    private void append(String text) {
        synchronized (tail) {
            tail.append(text);
            tail.delete(0, Math.max(0, tail.length() - TAIL));
        }
    }

    private String tail() {
        synchronized (tail) {
            return tail.toString().trim();
        }
    }
}
