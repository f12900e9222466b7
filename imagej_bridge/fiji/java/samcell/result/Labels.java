package samcell.result;

import ij.ImagePlus;
import ij.ImageStack;
import ij.measure.Calibration;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import java.awt.Rectangle;
import samcell.engine.EngineException;
import samcell.engine.NumberArray;
import samcell.engine.NumberType;
import samcell.image.Planes;

/** Arrays of the engine as stacks of the size of the image. */
public final class Labels {
    private static final int EXACT = 1 << 24; // ImageJ shows larger numbers rounded

    private Labels() {}

    /** A stack of labels or of a distance map; 0 outside of the box that was sent. */
    public static ImageStack stack(NumberArray array, Planes planes, Rectangle box)
            throws EngineException {
        int width = planes.image().getWidth();
        int height = planes.image().getHeight();
        ImageStack stack = new ImageStack(width, height);
        for (int plane = 0; plane < array.planeCount(); plane++) {
            ImageProcessor pixels =
                    array.type() == NumberType.UINT16
                            ? new ShortProcessor(width, height)
                            : new FloatProcessor(width, height);
            for (int i = 0; i < array.planeSize(); i++) {
                float number = (float) array.get(plane, i);
                if (number >= EXACT) {
                    throw new EngineException(
                            "image",
                            "There are more cells than ImageJ can number, which is 16,777,215 in a"
                                    + " plane: cut the image into parts.");
                }
                if (number != 0) {
                    pixels.setf(box.x + i % box.width, box.y + i / box.width, number);
                }
            }
            stack.addSlice(pixels);
        }
        return stack;
    }

    /** A label image with its colours, and the calibration of the image. */
    public static ImagePlus show(ImageStack stack, Planes planes, String info) {
        ImagePlus labels = image(stack, planes, "labels", info);
        double highest = 255;
        for (int i = 1; i <= stack.getSize(); i++) {
            ImageProcessor plane = stack.getProcessor(i);
            for (int k = 0; k < plane.getPixelCount(); k++) {
                highest = Math.max(highest, plane.getf(k));
            }
        }
        labels.setLut(Palette.lut());
        labels.setDisplayRange(0, highest);
        labels.show();
        return labels;
    }

    /** An image of the network's map, from 0 to 1. */
    public static void showDistance(ImageStack stack, Planes planes, String info) {
        ImagePlus distance = image(stack, planes, "distance", info);
        distance.setDisplayRange(0, 1);
        distance.show();
    }

    private static ImagePlus image(ImageStack stack, Planes planes, String what, String info) {
        ImagePlus source = planes.image();
        ImagePlus image = new ImagePlus(source.getShortTitle() + "-" + what, stack);
        image.setDimensions(1, planes.sliceCount(), planes.frameCount());
        image.setOpenAsHyperStack(stack.getSize() > 1);
        Calibration calibration = source.getCalibration().copy();
        calibration.disableDensityCalibration();
        image.setCalibration(calibration);
        image.setProperty("Info", info);
        return image;
    }

}
