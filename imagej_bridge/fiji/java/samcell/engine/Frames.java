package samcell.engine;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The frames of docs/worker.md: a header in JSON, then arrays. */
public final class Frames {
    private static final byte[] MAGIC = "SAMCELL1".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_HEADER = 1 << 20;
    private static final int LARGEST_PLANE = Integer.MAX_VALUE - 8;

    private Frames() {}

    /** Writes a request; the header gets the description of the arrays. */
    public static void write(
            OutputStream out, Map<String, Object> header, Map<String, ArraySource> arrays)
            throws IOException {
        List<Object> described = new ArrayList<>();
        long payload = 0;
        for (Map.Entry<String, ArraySource> entry : arrays.entrySet()) {
            ArraySource array = entry.getValue();
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", entry.getKey());
            one.put("dtype", array.type().text());
            one.put("shape", array.shape());
            described.add(one);
            payload += count(array.shape()) * array.type().bytes();
        }
        Map<String, Object> whole = new LinkedHashMap<>(header);
        if (!described.isEmpty()) {
            whole.put("arrays", described);
        }
        byte[] text = Json.write(whole).getBytes(StandardCharsets.UTF_8);
        ByteBuffer start = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        out.write(start.put(MAGIC).putInt(text.length).putLong(payload).array());
        out.write(text);
        for (ArraySource array : arrays.values()) {
            array.writeTo(out);
        }
        out.flush();
    }

    /**
     * Reads a reply.
     *
     * @param skip whether something else may come before it
     * @throws IOException where the stream ends, or holds something else
     */
    public static Reply read(InputStream in, boolean skip) throws IOException {
        if (skip) {
            skipToMagic(in);
        } else if (!Arrays.equals(bytes(in, MAGIC.length), MAGIC)) {
            throw new IOException("it sent something that is no frame");
        }
        ByteBuffer lengths = ByteBuffer.wrap(bytes(in, 12)).order(ByteOrder.LITTLE_ENDIAN);
        int headerLength = lengths.getInt();
        long payload = lengths.getLong();
        if (headerLength < 1 || headerLength > LONGEST_HEADER || payload < 0) {
            throw new IOException("it sent a frame of an impossible length");
        }
        String text = new String(bytes(in, headerLength), StandardCharsets.UTF_8);
        try {
            Map<String, Object> header = Json.parseObject(text);
            return new Reply(header, arrays(in, header.get("arrays"), payload));
        } catch (IllegalArgumentException | ClassCastException | ArithmeticException error) {
            throw new IOException("it sent a wrong header (" + error.getMessage() + ")", error);
        }
    }

    private static Map<String, NumberArray> arrays(InputStream in, Object described, long payload)
            throws IOException {
        Map<String, NumberArray> arrays = new LinkedHashMap<>();
        long rest = payload;
        for (Object each : described == null ? new ArrayList<>() : Json.array(described)) {
            Map<String, Object> one = Json.object(each);
            NumberType type = NumberType.of(one.get("dtype"));
            List<Integer> shape = new ArrayList<>();
            for (Object length : Json.array(one.get("shape"))) {
                shape.add(Math.toIntExact((Long) length));
            }
            rest = Math.subtractExact(rest, Math.multiplyExact(count(shape), type.bytes()));
            if (rest < 0) {
                throw new IOException("it sent arrays that do not add up");
            }
            arrays.put((String) one.get("name"), new NumberArray(type, shape, planes(in, type, shape)));
        }
        if (rest != 0) {
            throw new IOException("it sent arrays that do not add up");
        }
        return arrays;
    }

    private static byte[][] planes(InputStream in, NumberType type, List<Integer> shape)
            throws IOException {
        int outer = Math.max(shape.size() - 2, 0);
        int count = Math.toIntExact(count(shape.subList(0, outer)));
        long size = count(shape.subList(outer, shape.size())) * type.bytes();
        if (size > LARGEST_PLANE) {
            throw new IOException("it sent a plane of more than 2 GB, which ImageJ cannot hold");
        }
        byte[][] planes = new byte[count][];
        for (int plane = 0; plane < count; plane++) {
            planes[plane] = bytes(in, (int) size);
        }
        return planes;
    }

    static long count(List<Integer> shape) {
        long count = 1;
        for (int length : shape) {
            if (length < 0) {
                throw new IllegalArgumentException("a length below 0");
            }
            count = Math.multiplyExact(count, (long) length);
        }
        return count;
    }

    /** Something in the user's Python may print before the engine starts. */
    private static void skipToMagic(InputStream in) throws IOException {
        byte[] seen = bytes(in, MAGIC.length);
        while (!Arrays.equals(seen, MAGIC)) {
            System.arraycopy(seen, 1, seen, 0, seen.length - 1);
            seen[seen.length - 1] = bytes(in, 1)[0];
        }
    }

    private static byte[] bytes(InputStream in, int count) throws IOException {
        byte[] bytes = new byte[count];
        int at = 0;
        while (at < count) {
            int some = in.read(bytes, at, count - at);
            if (some < 0) {
                throw new EOFException("it ended");
            }
            at += some;
        }
        return bytes;
    }
}
