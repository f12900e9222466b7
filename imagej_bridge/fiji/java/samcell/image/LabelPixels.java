package samcell.image;

import ij.ImagePlus;
import ij.ImageStack;
import ij.process.ImageProcessor;
import java.awt.Rectangle;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import samcell.engine.ArraySource;
import samcell.engine.EngineException;
import samcell.engine.NumberType;

/** Labels of an image, to be measured or compared. */
public final class LabelPixels implements ArraySource {
    private static final float EXACT = 1 << 24;

    private final ImageStack stack;
    private final List<Integer> shape;
    private final NumberType type;

    private LabelPixels(ImageStack stack, List<Integer> outer) {
        this.stack = stack;
        shape = new ArrayList<>(outer);
        shape.addAll(Arrays.asList(stack.getHeight(), stack.getWidth()));
        int bits = stack.getBitDepth();
        type = bits == 8 ? NumberType.UINT8 : bits == 16 ? NumberType.UINT16 : NumberType.UINT32;
    }

    /** Labels of planes, in their order. */
    public static LabelPixels of(ImageStack stack, Planes planes) {
        return new LabelPixels(stack, planes.outer());
    }

    /** Labels of an open image, all of its planes as they are. */
    public static LabelPixels of(ImagePlus image) throws EngineException {
        if (image.getBitDepth() == 24) {
            throw wrong(image, "it holds colours");
        }
        ImageStack stack = image.getStack();
        for (int i = 1; i <= stack.getSize() && image.getBitDepth() == 32; i++) {
            for (float number : (float[]) stack.getProcessor(i).getPixels()) {
                if (!(number >= 0 && number < EXACT && number == (int) number)) {
                    throw wrong(image, "it holds " + number);
                }
            }
        }
        List<Integer> outer = new ArrayList<>();
        if (stack.getSize() > 1) {
            outer.add(stack.getSize());
        }
        return new LabelPixels(stack, outer);
    }

    private static EngineException wrong(ImagePlus image, String because) {
        return new EngineException(
                "image",
                image.getTitle() + " is no label image, for " + because
                        + ": give one with a whole number for each cell, 0 outside.");
    }

    @Override
    public NumberType type() {
        return type;
    }

    @Override
    public List<Integer> shape() {
        return shape;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        Rectangle all = new Rectangle(stack.getWidth(), stack.getHeight());
        for (int i = 1; i <= stack.getSize(); i++) {
            ImageProcessor plane = stack.getProcessor(i);
            for (int y = 0; y < all.height; y++) {
                out.write(PlaneBytes.row(plane, all, y, type));
            }
        }
    }
}
