package samcell.engine;

import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The SAMCell engine in a process of its own: started when it is first asked, kept for the calls
 * that follow, started anew when it was killed, ended with ImageJ.
 */
public final class Engine {
    private static final long PROTOCOL = 1;
    private static final long LOOK_UP = 100; // milliseconds
    private static final long START_LIMIT = 120_000;
    private static final long CANCEL_LIMIT = 30_000;
    private static final int ATTEMPTS = 2;
    private static final String NO_ENGINE = "No module named 'samcell_core";
    // Where this class is loaded anew (Help > Refresh Menus), the new one finds the old process.
    private static final String KEPT = "samcell.engine.process";

    private static Engine shared;

    private final EngineLocation location;
    private EngineProcess process;
    private Map<String, Object> hello;
    private long number;

    private Engine(EngineLocation location) {
        this.location = location;
    }

    /** The one engine of this ImageJ; another one where the location has changed. */
    public static synchronized Engine shared(EngineLocation location) {
        if (shared == null || !shared.location.path().equals(location.path())) {
            if (shared == null) {
                Runtime.getRuntime().addShutdownHook(new Thread(Engine::stop, "samcell-stop"));
            }
            stop();
            shared = new Engine(location);
        }
        return shared;
    }

    /** Ends the process; the next request starts another one. */
    public static void stop() {
        Object kept = System.getProperties().remove(KEPT);
        Engine engine = shared;
        if (engine != null && engine.process != null) {
            engine.process.end(1000);
        } else if (kept instanceof Process) {
            ((Process) kept).destroy();
        }
    }

    public EngineLocation location() {
        return location;
    }

    /** What the engine says of itself: versions, models, settings. */
    public synchronized Map<String, Object> hello(Monitor monitor) throws EngineException {
        running(monitor);
        return hello;
    }

    /**
     * Any operation of docs/worker.md. If the engine is killed, it is started anew once.
     *
     * @param fields of the header
     * @param arrays by name
     */
    public synchronized Reply request(
            String operation,
            Map<String, Object> fields,
            Map<String, ArraySource> arrays,
            Monitor monitor)
            throws EngineException {
        String how = "";
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            running(monitor);
            try {
                return exchange(operation, fields, arrays, monitor);
            } catch (IOException error) {
                how = ending(error);
                process.end(0);
                process = null;
                if (monitor.isCancelled()) {
                    throw cancelled();
                }
            } catch (InterruptedException error) {
                throw interrupted();
            }
        }
        throw new EngineException(
                "ended",
                "The SAMCell engine ended " + ATTEMPTS + " times while it worked on this image ("
                        + how + "): close other programs, or try a smaller image or model.");
    }

    private String ending(IOException error) {
        try {
            String how = process.ending();
            return process.isRunning() ? error.getMessage() : how;
        } catch (InterruptedException again) {
            Thread.currentThread().interrupt();
            return error.getMessage();
        }
    }

    private void running(Monitor monitor) throws EngineException {
        if (process == null || !process.isRunning()) {
            process = start(monitor);
            System.getProperties().put(KEPT, process.process());
        }
    }

    private EngineProcess start(Monitor monitor) throws EngineException {
        List<List<String>> ways = location.commands();
        for (int way = 0; ; way++) {
            EngineProcess started = null;
            try {
                started = new EngineProcess(EngineLocation.builder(ways.get(way)));
                hello = greet(started, monitor);
                return started;
            } catch (IOException error) {
                String tail = started == null ? "" : started.tail();
                end(started);
                if (tail.contains(NO_ENGINE) && way + 1 < ways.size()) {
                    continue;
                }
                throw notStarted(tail, error);
            } catch (InterruptedException error) {
                end(started);
                throw interrupted();
            } catch (EngineException error) {
                end(started);
                throw error;
            }
        }
    }

    private static void end(EngineProcess started) {
        if (started != null) {
            started.end(0);
        }
    }

    private Map<String, Object> greet(EngineProcess started, Monitor monitor)
            throws IOException, InterruptedException, EngineException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("protocol", PROTOCOL);
        fields.put("client", "SAMCell_.jar in ImageJ");
        long id = send(started, "hello", fields, Collections.emptyMap());
        long end = System.currentTimeMillis() + START_LIMIT;
        while (System.currentTimeMillis() < end) {
            if (monitor.isCancelled()) {
                throw cancelled();
            }
            Reply reply = started.receive(LOOK_UP);
            if (reply != null && Long.valueOf(id).equals(reply.header().get("id"))) {
                return result(reply).header();
            }
        }
        throw new EngineException(
                "start",
                location.path() + " did not answer within " + START_LIMIT / 1000
                        + " seconds: is it the Python that SAMCell is installed in?");
    }

    private EngineException notStarted(String tail, IOException error) {
        if (tail.contains(NO_ENGINE)) {
            return new EngineException(
                    "start",
                    location.path() + " is a Python without the SAMCell engine: give the one that"
                            + " SAMCell is installed in at Plugins > SAMCell > SAMCell Setup..., or"
                            + " install it there with: \"" + location.path()
                            + "\" -m pip install samcell-suite");
        }
        String[] lines = tail.split("\n");
        String last = tail.isEmpty() ? error.getMessage() : lines[lines.length - 1].trim();
        return new EngineException(
                "start",
                location.path() + " did not start the SAMCell engine (" + last + "): give the"
                        + " Python that SAMCell is installed in at Plugins > SAMCell > SAMCell"
                        + " Setup...; in a terminal, samcell-cli doctor tells more.");
    }

    private long send(
            EngineProcess to,
            String operation,
            Map<String, Object> fields,
            Map<String, ArraySource> arrays)
            throws IOException {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("id", ++number);
        header.put("op", operation);
        header.putAll(fields);
        to.send(header, arrays);
        return number;
    }

    private Reply exchange(
            String operation,
            Map<String, Object> fields,
            Map<String, ArraySource> arrays,
            Monitor monitor)
            throws IOException, InterruptedException, EngineException {
        Long id = send(process, operation, fields, arrays);
        long cancelledAt = 0;
        while (true) {
            if (cancelledAt == 0 && monitor.isCancelled()) {
                cancelledAt = System.currentTimeMillis();
                Map<String, Object> target = Collections.<String, Object>singletonMap("target", id);
                send(process, "cancel", target, Collections.emptyMap());
            }
            if (cancelledAt != 0 && System.currentTimeMillis() - cancelledAt > CANCEL_LIMIT) {
                process.end(0);
                process = null;
                throw cancelled();
            }
            Reply reply = process.receive(LOOK_UP);
            if (reply == null) {
                continue;
            }
            if (Boolean.TRUE.equals(reply.header().get("fatal"))) {
                throw new IOException(reply.text("message"));
            }
            if (!id.equals(reply.header().get("id"))) {
                continue; // to a request that was given up
            }
            if (!"progress".equals(reply.header().get("type"))) {
                return result(reply);
            }
            Object total = reply.header().get("total");
            monitor.progress(
                    reply.text("what"),
                    ((Number) reply.header().get("done")).longValue(),
                    total == null ? -1 : ((Number) total).longValue());
        }
    }

    private static Reply result(Reply reply) throws EngineException {
        if ("error".equals(reply.header().get("type"))) {
            throw new EngineException(reply.text("kind"), reply.text("message"));
        }
        return reply;
    }

    private static EngineException cancelled() {
        return new EngineException("cancelled", "It was cancelled.");
    }

    private static EngineException interrupted() {
        Thread.currentThread().interrupt();
        return cancelled();
    }
}
