package samcell.image;

import ij.ImagePlus;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Which planes of an image are worked on: its slices and frames, each with all channels. */
public final class Planes {
    private final ImagePlus image;
    private final List<Integer> slices;
    private final List<Integer> frames;

    /**
     * @param stack "all", "current", "slices" or "frames", as the option of that name
     */
    public Planes(ImagePlus image, String stack) {
        this.image = image;
        boolean oneSlice = stack.equals("current") || stack.equals("frames");
        boolean oneFrame = stack.equals("current") || stack.equals("slices");
        slices = oneSlice ? only(image.getZ()) : upTo(image.getNSlices());
        frames = oneFrame ? only(image.getT()) : upTo(image.getNFrames());
    }

    private static List<Integer> only(int number) {
        List<Integer> one = new ArrayList<>();
        one.add(number);
        return one;
    }

    private static List<Integer> upTo(int count) {
        return IntStream.rangeClosed(1, count).boxed().collect(Collectors.toList());
    }

    public ImagePlus image() {
        return image;
    }

    public int count() {
        return slices.size() * frames.size();
    }

    public int sliceCount() {
        return slices.size();
    }

    public int frameCount() {
        return frames.size();
    }

    /** Slice of a plane, from 1; planes are counted from 0, slices of a frame after another. */
    public int slice(int plane) {
        return slices.get(plane % slices.size());
    }

    /** Frame of a plane, from 1. */
    public int frame(int plane) {
        return frames.get(plane / slices.size());
    }

    /** Index in the stack of a channel of a plane. */
    int index(int plane, int channel) {
        return image.getStackIndex(channel, slice(plane), frame(plane));
    }

    /** Letters of the axes of labels, such as TYX. */
    public String axes() {
        return (frames.size() > 1 ? "T" : "") + (slices.size() > 1 ? "Z" : "") + "YX";
    }

    /** Lengths of the axes before rows and columns. */
    List<Integer> outer() {
        List<Integer> shape = new ArrayList<>();
        if (frames.size() > 1) {
            shape.add(frames.size());
        }
        if (slices.size() > 1) {
            shape.add(slices.size());
        }
        return shape;
    }
}
