package samcell.result;

import ij.ImagePlus;
import ij.gui.Overlay;
import ij.gui.Roi;
import ij.plugin.frame.RoiManager;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;

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

    /** Draws the cells on the image, each in its colour. */
    public static void draw(Cells cells, ImagePlus image) {
        List<Roi> outlines = new ArrayList<>();
        for (int cell = 0; cell < cells.count(); cell++) {
            outlines.add(outline(cells.roi(cell), Palette.colourOf(cells.label(cell))));
        }
        draw(outlines, image);
    }

    /** Draws outlines on the image, in place of those of an earlier call; all others stay. */
    public static void draw(List<Roi> outlines, ImagePlus image) {
        Overlay overlay = new Overlay();
        Overlay before = image.getOverlay();
        for (int i = 0; before != null && i < before.size(); i++) {
            if (before.get(i).getProperty(MARK) == null) {
                overlay.add(before.get(i));
            }
        }
        for (Roi outline : outlines) {
            overlay.add(outline);
        }
        image.setOverlay(overlay);
    }

    /** A copy of the ROI of a cell, to be drawn. */
    public static Roi outline(Roi cell, Color colour) {
        Roi outline = (Roi) cell.clone();
        outline.setStrokeColor(colour);
        outline.setProperty(MARK, "cell");
        return outline;
    }
}
