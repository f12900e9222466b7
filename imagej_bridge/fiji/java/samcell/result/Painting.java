package samcell.result;

import ij.ImageStack;
import ij.gui.Roi;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import samcell.image.Planes;

/** ROIs as labels: the first is 1, and where two overlap a pixel stays with the one before. */
public final class Painting {
    private Painting() {}

    /** Labels of ROIs with an area, each on the planes that its position says. */
    public static ImageStack paint(Roi[] rois, Planes planes) {
        int width = planes.image().getWidth();
        int height = planes.image().getHeight();
        ImageStack stack = new ImageStack(width, height);
        for (int plane = 0; plane < planes.count(); plane++) {
            ImageProcessor pixels =
                    rois.length < 1 << 16
                            ? new ShortProcessor(width, height)
                            : new FloatProcessor(width, height);
            for (int i = rois.length - 1; i >= 0; i--) {
                if (rois[i].isArea() && isOn(rois[i], planes, plane)) {
                    pixels.setValue(i + 1);
                    pixels.fill(rois[i]);
                }
            }
            stack.addSlice(pixels);
        }
        return stack;
    }

    private static boolean isOn(Roi roi, Planes planes, int plane) {
        int slice = roi.getZPosition();
        int frame = roi.getTPosition();
        if (!roi.hasHyperStackPosition() && roi.getPosition() > 0) {
            // One number alone counts slices where there are several, else frames.
            boolean slices = planes.image().getNSlices() > 1;
            slice = slices ? roi.getPosition() : 0;
            frame = slices ? 0 : roi.getPosition();
        }
        return (slice == 0 || planes.image().getNSlices() == 1 || slice == planes.slice(plane))
                && (frame == 0 || planes.image().getNFrames() == 1 || frame == planes.frame(plane));
    }
}
