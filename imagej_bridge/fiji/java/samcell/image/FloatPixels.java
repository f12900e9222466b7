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

/** A stack of 32 bits, such as distance maps. */
public final class FloatPixels implements ArraySource {
    private final ImageStack stack;
    private final List<Integer> shape;

    public FloatPixels(ImageStack stack, Planes planes) {
        this.stack = stack;
        shape = new ArrayList<>(planes.outer());
        shape.addAll(Arrays.asList(stack.getHeight(), stack.getWidth()));
    }

    @Override
    public NumberType type() {
        return NumberType.FLOAT32;
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
                out.write(PlaneBytes.row(plane, all, y, type()));
            }
        }
    }
}
