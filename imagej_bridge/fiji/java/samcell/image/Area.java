package samcell.image;

import ij.ImagePlus;
import ij.gui.Roi;
import ij.process.ByteProcessor;
import java.awt.Rectangle;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import samcell.engine.ArraySource;
import samcell.engine.EngineException;
import samcell.engine.NumberType;

/** The part of an image in which cells are looked for. */
public final class Area {
    private final Rectangle box;
    private final byte[] mask;

    private Area(Rectangle box, byte[] mask) {
        this.box = box;
        this.mask = mask;
    }

    /**
     * The selection of an image, or all of it where no area is selected.
     *
     * @param how "inside", "box" or "ignore", as the option "selection"
     */
    public static Area of(ImagePlus image, String how) throws EngineException {
        Rectangle all = new Rectangle(image.getWidth(), image.getHeight());
        Roi roi = image.getRoi();
        if (roi == null || !roi.isArea() || how.equals("ignore")) {
            return new Area(all, null);
        }
        Rectangle box = roi.getBounds().intersection(all);
        if (box.isEmpty()) {
            throw new EngineException(
                    "image",
                    "The selection lies outside of " + image.getTitle()
                            + ": select a part of the image, or nothing (Edit > Selection > Select"
                            + " None).");
        }
        if (how.equals("box")) {
            return new Area(box, null);
        }
        ByteProcessor drawn = new ByteProcessor(all.width, all.height);
        drawn.setColor(1);
        drawn.fill(roi);
        return new Area(all, (byte[]) drawn.getPixels());
    }

    /** The part that is sent. */
    public Rectangle box() {
        return box;
    }

    /** Whether that is less than the image. */
    public boolean isPartOf(ImagePlus image) {
        return box.width < image.getWidth() || box.height < image.getHeight();
    }

    /** Where cells may be, or null where they may be anywhere. */
    public ArraySource mask() {
        return mask == null ? null : new Mask();
    }

    private final class Mask implements ArraySource {
        @Override
        public NumberType type() {
            return NumberType.BOOL;
        }

        @Override
        public List<Integer> shape() {
            return Arrays.asList(box.height, box.width);
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            out.write(mask);
        }
    }
}
