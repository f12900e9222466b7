package samcell.engine;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** An array that is sent piece by piece, so that it needs no second place in memory. */
public interface ArraySource {
    NumberType type();

    /** Lengths of its axes. */
    List<Integer> shape();

    /** Writes its numbers, little endian and in C order. May be called again. */
    void writeTo(OutputStream out) throws IOException;
}
