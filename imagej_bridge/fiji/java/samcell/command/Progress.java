package samcell.command;

import ij.IJ;
import samcell.engine.Monitor;

/** Shows in ImageJ's status bar how far a request is. */
final class Progress implements Monitor {
    private final Caller caller;

    Progress(Caller caller) {
        this.caller = caller;
    }

    @Override
    public void progress(String what, long done, long total) {
        if (what.equals("model")) {
            IJ.showStatus("SAMCell: reading the model...");
        } else if (what.equals("bytes")) {
            IJ.showStatus("SAMCell: downloading, " + done / 1_000_000 + " MB");
        } else if (what.equals("images")) {
            IJ.showStatus("SAMCell: " + done + " of " + total + " images (Esc cancels)");
        } else {
            IJ.showStatus("SAMCell: finding cells (Esc cancels)");
        }
        if (total > 0) {
            IJ.showProgress((double) done / total);
        }
    }

    @Override
    public boolean isCancelled() {
        return caller.wantsToStop();
    }
}
