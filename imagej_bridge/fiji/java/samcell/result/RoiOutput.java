package samcell.result;

import ij.ImagePlus;
import ij.gui.Overlay;
import ij.gui.Roi;
import ij.plugin.frame.RoiManager;

/** Where ROIs of cells go: the ROI Manager, and the overlay of the image. */
public final class RoiOutput {
    private static final String MARK = "samcell";

    private RoiOutput() {}

    /** Adds the cells to the ROI Manager; what is there stays. */
    public static void addToManager(Cells cells) {
        RoiManager manager = RoiManager.getInstance();
        if (manager == null) {
            manager = RoiManager.getRoiManager();
        }
        for (int cell = 0; cell < cells.count(); cell++) {
            manager.addRoi(cells.roi(cell));
        }
    }

    /** Draws the cells on the image, in place of those of an earlier call. */
    public static void draw(Cells cells, ImagePlus image) {
        Overlay overlay = new Overlay();
        Overlay before = image.getOverlay();
        for (int i = 0; before != null && i < before.size(); i++) {
            if (before.get(i).getProperty(MARK) == null) {
                overlay.add(before.get(i));
            }
        }
        for (int cell = 0; cell < cells.count(); cell++) {
            Roi outline = (Roi) cells.roi(cell).clone();
            outline.setStrokeColor(Palette.colourOf(cells.label(cell)));
            outline.setProperty(MARK, "cell");
            overlay.add(outline);
        }
        image.setOverlay(overlay);
    }
}
