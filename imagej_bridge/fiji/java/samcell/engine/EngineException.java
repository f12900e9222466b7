package samcell.engine;

/** What cannot be done, in one sentence for the person at the screen. */
public final class EngineException extends Exception {
    private static final long serialVersionUID = 1;

    private final String kind;

    /**
     * @param kind as docs/worker.md lists them, and "missing", "start", "ended" and "options"
     * @param message what was wrong, and what to do
     */
    public EngineException(String kind, String message) {
        super(message);
        this.kind = kind;
    }

    public String kind() {
        return kind;
    }

    public boolean isCancelled() {
        return kind.equals("cancelled");
    }
}
