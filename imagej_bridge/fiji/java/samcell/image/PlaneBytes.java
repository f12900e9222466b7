package samcell.image;

import ij.process.ImageProcessor;
import java.awt.Rectangle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import samcell.engine.NumberType;

/** Pixels of a plane as the bytes that are sent. */
final class PlaneBytes {
    private static final int SIGN = 32768; // what ImageJ adds to signed numbers of 16 bits

    private PlaneBytes() {}

    /** The rows of a box, one after another, without a copy of the whole plane. */
    static byte[] row(ImageProcessor plane, Rectangle box, int y, NumberType type) {
        int start = y * plane.getWidth() + box.x;
        Object pixels = plane.getPixels();
        if (pixels instanceof byte[]) {
            return java.util.Arrays.copyOfRange((byte[]) pixels, start, start + box.width);
        }
        int size = pixels instanceof int[] ? 3 : type.bytes();
        ByteBuffer bytes = ByteBuffer.allocate(box.width * size).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = start; i < start + box.width; i++) {
            if (pixels instanceof int[]) {
                int rgb = ((int[]) pixels)[i];
                bytes.put((byte) (rgb >> 16)).put((byte) (rgb >> 8)).put((byte) rgb);
            } else if (pixels instanceof short[]) {
                short number = ((short[]) pixels)[i];
                bytes.putShort(type == NumberType.INT16 ? (short) (number - SIGN) : number);
            } else if (type == NumberType.UINT32) {
                bytes.putInt((int) (long) ((float[]) pixels)[i]);
            } else {
                bytes.putFloat(((float[]) pixels)[i]);
            }
        }
        return bytes.array();
    }

    /** The same array, with n as 255 - n, or 65535 - n; signed numbers as -1 - n, floats as -n. */
    static byte[] inverted(byte[] row, NumberType type) {
        if (type == NumberType.FLOAT32) {
            for (int sign = 3; sign < row.length; sign += 4) {
                row[sign] = (byte) (row[sign] ^ 0x80);
            }
            return row;
        }
        for (int i = 0; i < row.length; i++) {
            row[i] = (byte) ~row[i];
        }
        return row;
    }
}
