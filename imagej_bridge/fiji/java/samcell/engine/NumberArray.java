package samcell.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** An array of a reply. It lies in memory plane by plane: those may be 2 GB each. */
public final class NumberArray {
    private final NumberType type;
    private final List<Integer> shape;
    private final ByteBuffer[] planes;

    /**
     * @param planes bytes of the last two axes, one after another; of one axis where it has one
     */
    NumberArray(NumberType type, List<Integer> shape, byte[][] planes) {
        this.type = type;
        this.shape = shape;
        this.planes = new ByteBuffer[planes.length];
        for (int i = 0; i < planes.length; i++) {
            this.planes[i] = ByteBuffer.wrap(planes[i]).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    public NumberType type() {
        return type;
    }

    public List<Integer> shape() {
        return shape;
    }

    public int planeCount() {
        return planes.length;
    }

    /** Numbers in each plane. */
    public int planeSize() {
        return planes.length == 0 ? 0 : planes[0].capacity() / type.bytes();
    }

    /** A number of a plane; both are counted from 0. */
    public double get(int plane, int index) {
        ByteBuffer bytes = planes[plane];
        int at = index * type.bytes();
        switch (type) {
            case BOOL:
            case UINT8:
                return bytes.get(at) & 0xff;
            case INT8:
                return bytes.get(at);
            case UINT16:
                return bytes.getShort(at) & 0xffff;
            case INT16:
                return bytes.getShort(at);
            case UINT32:
                return bytes.getInt(at) & 0xffffffffL;
            case INT32:
                return bytes.getInt(at);
            case FLOAT32:
                return bytes.getFloat(at);
            case FLOAT64:
                return bytes.getDouble(at);
            default:
                return bytes.getLong(at);
        }
    }
}
