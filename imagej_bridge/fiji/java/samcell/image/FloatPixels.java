package samcell.image;

import ij.ImageStack;
import samcell.engine.NumberType;

/** A stack of 32 bits, such as distance maps. */
public final class FloatPixels extends StackPixels {
    public FloatPixels(ImageStack stack, Planes planes) {
        super(stack, planes.outer(), NumberType.FLOAT32);
    }
}
