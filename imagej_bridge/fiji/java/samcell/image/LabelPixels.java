package samcell.image;

import ij.ImagePlus;
import ij.ImageStack;
import java.util.ArrayList;
import java.util.List;
import samcell.engine.EngineException;
import samcell.engine.NumberType;

/** Labels of an image, to be measured or compared. */
public final class LabelPixels extends StackPixels {
    private static final float EXACT = 1 << 24;

    private LabelPixels(ImageStack stack, List<Integer> outer) {
        super(stack, outer, typeOf(stack.getBitDepth()));
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

    private static NumberType typeOf(int bits) {
        return bits == 8 ? NumberType.UINT8 : bits == 16 ? NumberType.UINT16 : NumberType.UINT32;
    }
}
