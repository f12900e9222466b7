package samcell.image;

import ij.ImageStack;
import ij.process.ImageProcessor;
import java.awt.Rectangle;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import samcell.engine.ArraySource;
import samcell.engine.NumberType;

/** All planes of a stack, whole, in their order. */
abstract class StackPixels implements ArraySource {
    private final ImageStack stack;
    private final List<Integer> shape;
    private final NumberType type;

    /**
     * @param outer lengths of the axes before rows and columns
     */
    StackPixels(ImageStack stack, List<Integer> outer, NumberType type) {
        this.stack = stack;
        this.type = type;
        shape = new ArrayList<>(outer);
        shape.addAll(Arrays.asList(stack.getHeight(), stack.getWidth()));
    }

    @Override
    public final NumberType type() {
        return type;
    }

    @Override
    public final List<Integer> shape() {
        return shape;
    }

    @Override
    public final void writeTo(OutputStream out) throws IOException {
        Rectangle all = new Rectangle(stack.getWidth(), stack.getHeight());
        for (int i = 1; i <= stack.getSize(); i++) {
            ImageProcessor plane = stack.getProcessor(i);
            for (int y = 0; y < all.height; y++) {
                out.write(PlaneBytes.row(plane, all, y, type));
            }
        }
    }
}
