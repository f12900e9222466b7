package samcell.engine;

/** Watches a request while it is worked on. */
public interface Monitor {
    /**
     * @param what "model", "bytes" or "tiles"
     * @param total below 0 where it is not known
     */
    void progress(String what, long done, long total);

    /** Whether to stop; is asked some ten times a second. */
    boolean isCancelled();
}
