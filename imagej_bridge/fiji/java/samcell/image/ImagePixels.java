package samcell.image;

import ij.ImagePlus;
import ij.process.ImageProcessor;
import java.awt.Rectangle;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import samcell.engine.ArraySource;
import samcell.engine.NumberType;

/**
 * The pixels of an image as they came from the microscope, all channels of its planes. Where white
 * is 0 they are turned about, so that bright is what is shown bright, as in files that are read.
 */
public final class ImagePixels implements ArraySource {
    private final Planes planes;
    private final Rectangle box;
    private final NumberType type;
    private final boolean whiteIsZero;

    /**
     * @param box the part that is sent
     */
    public ImagePixels(Planes planes, Rectangle box) {
        this.planes = planes;
        this.box = box;
        ImagePlus image = planes.image();
        whiteIsZero = image.isInvertedLut();
        switch (image.getBitDepth()) {
            case 16:
                boolean signed = image.getCalibration().isSigned16Bit();
                type = signed ? NumberType.INT16 : NumberType.UINT16;
                break;
            case 32:
                type = NumberType.FLOAT32;
                break;
            default:
                type = NumberType.UINT8;
        }
    }

    @Override
    public NumberType type() {
        return type;
    }

    /** A letter for each axis. */
    public String axes() {
        String axes = planes.axes();
        if (channels() > 1) {
            axes = axes.replace("YX", "CYX");
        }
        return isColour() ? axes + "S" : axes;
    }

    @Override
    public List<Integer> shape() {
        List<Integer> shape = new ArrayList<>(planes.outer());
        if (channels() > 1) {
            shape.add(channels());
        }
        shape.add(box.height);
        shape.add(box.width);
        if (isColour()) {
            shape.add(3);
        }
        return shape;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        for (int plane = 0; plane < planes.count(); plane++) {
            for (int channel = 1; channel <= channels(); channel++) {
                int index = planes.index(plane, channel);
                ImageProcessor pixels = planes.image().getStack().getProcessor(index);
                for (int y = box.y; y < box.y + box.height; y++) {
                    byte[] row = PlaneBytes.row(pixels, box, y, type);
                    out.write(whiteIsZero ? PlaneBytes.inverted(row, type) : row);
                }
            }
        }
    }

    private int channels() {
        return planes.image().getNChannels();
    }

    private boolean isColour() {
        return planes.image().getBitDepth() == 24;
    }
}
