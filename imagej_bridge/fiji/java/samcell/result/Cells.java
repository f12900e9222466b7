package samcell.result;

import ij.ImageStack;
import ij.gui.Roi;
import ij.plugin.filter.ThresholdToSelection;
import ij.process.ByteProcessor;
import ij.process.ImageProcessor;
import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import samcell.image.Planes;

/** The cells of labels as ROIs that ImageJ fills to exactly their pixels. */
public final class Cells {
    private final Planes planes;
    private final List<Roi> rois = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();
    private final List<Integer> planesOfCells = new ArrayList<>();

    /** Traces all cells: planes in order, labels ascending in each, as in every table. */
    public Cells(ImageStack stack, Planes planes) {
        this.planes = planes;
        for (int plane = 0; plane < stack.getSize(); plane++) {
            trace(stack.getProcessor(plane + 1), plane);
        }
    }

    public int count() {
        return rois.size();
    }

    public int label(int cell) {
        return labels.get(cell);
    }

    /** Plane of a cell, from 0. */
    public int plane(int cell) {
        return planesOfCells.get(cell);
    }

    public Roi roi(int cell) {
        return rois.get(cell);
    }

    private void trace(ImageProcessor pixels, int plane) {
        for (Map.Entry<Integer, Rectangle> entry : boxes(pixels).entrySet()) {
            int label = entry.getKey();
            Rectangle box = entry.getValue();
            ByteProcessor cell = new ByteProcessor(box.width, box.height);
            for (int y = 0; y < box.height; y++) {
                for (int x = 0; x < box.width; x++) {
                    if (pixels.getf(box.x + x, box.y + y) == label) {
                        cell.set(x, y, 255);
                    }
                }
            }
            cell.setThreshold(255, 255, ImageProcessor.NO_LUT_UPDATE);
            Roi roi = new ThresholdToSelection().convert(cell);
            roi.setLocation(box.x + roi.getBounds().x, box.y + roi.getBounds().y);
            roi.setName(name(label, plane));
            roi.setProperty("label", String.valueOf(label));
            place(roi, plane);
            rois.add(roi);
            labels.add(label);
            planesOfCells.add(plane);
        }
    }

    private static Map<Integer, Rectangle> boxes(ImageProcessor pixels) {
        Map<Integer, Rectangle> boxes = new TreeMap<>();
        int width = pixels.getWidth();
        int last = 0;
        Rectangle box = null;
        for (int y = 0; y < pixels.getHeight(); y++) {
            for (int x = 0; x < width; x++) {
                int label = (int) pixels.getf(y * width + x);
                if (label == 0) {
                    continue;
                }
                if (label != last) {
                    box = boxes.computeIfAbsent(label, any -> new Rectangle(-1, -1));
                    last = label;
                }
                grow(box, x, y);
            }
        }
        return boxes;
    }

    private static void grow(Rectangle box, int x, int y) {
        if (box.width < 0) {
            box.setBounds(x, y, 1, 1);
        } else if (!box.contains(x, y)) {
            box.add(new Rectangle(x, y, 1, 1));
        }
    }

    private String name(int label, int plane) {
        String place = "";
        if (planes.image().getNFrames() > 1) {
            place += String.format(Locale.ROOT, "t%03d-", planes.frame(plane));
        }
        if (planes.image().getNSlices() > 1) {
            place += String.format(Locale.ROOT, "z%03d-", planes.slice(plane));
        }
        return place + String.format(Locale.ROOT, "cell-%04d", label);
    }

    /** A stack of slices or frames alone is heeded by its number in every ImageJ. */
    private void place(Roi roi, int plane) {
        boolean slices = planes.image().getNSlices() > 1;
        boolean frames = planes.image().getNFrames() > 1;
        boolean channels = planes.image().getNChannels() > 1;
        if (slices != frames && !channels) {
            roi.setPosition(slices ? planes.slice(plane) : planes.frame(plane));
        } else if (slices || frames) {
            roi.setPosition(0, slices ? planes.slice(plane) : 0, frames ? planes.frame(plane) : 0);
        }
    }
}
