package samcell.engine;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A running engine: its pipes, and the threads that empty them. */
final class EngineProcess {
    private static final int TAIL = 8192;

    private final Process process;
    private final OutputStream requests;
    private final BlockingQueue<Object> replies = new LinkedBlockingQueue<>();
    private final StringBuilder tail = new StringBuilder();

    EngineProcess(ProcessBuilder builder) throws IOException {
        process = builder.start();
        requests = new BufferedOutputStream(process.getOutputStream(), 1 << 16);
        begin("samcell-replies", this::receive);
        begin("samcell-stderr", this::drain);
    }

    private static void begin(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    boolean isRunning() {
        return process.isAlive();
    }

    Process process() {
        return process;
    }

    /** The last that it wrote to standard error. */
    String tail() {
        synchronized (tail) {
            return tail.toString().trim();
        }
    }

    void send(Map<String, Object> header, Map<String, ArraySource> arrays) throws IOException {
        Frames.write(requests, header, arrays);
    }

    /**
     * The next reply, or null where none came in time.
     *
     * @throws IOException where none will come any more
     */
    Reply receive(long milliseconds) throws IOException, InterruptedException {
        Object reply = replies.poll(milliseconds, TimeUnit.MILLISECONDS);
        if (reply instanceof Throwable) {
            replies.add(reply);
            if (reply instanceof OutOfMemoryError) {
                throw (OutOfMemoryError) reply;
            }
            throw new IOException(((Throwable) reply).getMessage());
        }
        return (Reply) reply;
    }

    /** In words, how it ended. */
    String ending() throws InterruptedException {
        if (!process.waitFor(2, TimeUnit.SECONDS)) {
            return "it still runs";
        }
        int code = process.exitValue();
        boolean killed = code == 137 || code == 9;
        return "exit code " + code + (killed ? ", as from a system that runs out of memory" : "");
    }

    /** Ends it, politely for some time. */
    void end(long milliseconds) {
        try {
            // Not through the buffer, whose lock a thread may hold that writes to a full pipe.
            process.getOutputStream().close();
        } catch (IOException error) {
            // It has gone already.
        }
        try {
            if (!process.waitFor(milliseconds, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException error) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void receive() {
        InputStream in = new BufferedInputStream(process.getInputStream(), 1 << 16);
        boolean first = true;
        try {
            while (true) {
                replies.add(Frames.read(in, first));
                first = false;
            }
        } catch (IOException | RuntimeException | OutOfMemoryError error) {
            replies.add(error); // whoever waits for a reply has to know
        }
    }

    private void drain() {
        byte[] bytes = new byte[TAIL];
        try (InputStream in = process.getErrorStream()) {
            int count;
            while ((count = in.read(bytes)) >= 0) {
                synchronized (tail) {
                    tail.append(new String(bytes, 0, count, StandardCharsets.UTF_8));
                    tail.delete(0, Math.max(0, tail.length() - TAIL));
                }
            }
        } catch (IOException error) {
            // It has gone; the other thread tells so.
        }
    }
}
