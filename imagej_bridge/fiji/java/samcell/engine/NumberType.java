package samcell.engine;

/** The types of numbers in arrays, as docs/worker.md names them. */
public enum NumberType {
    BOOL(1),
    UINT8(1),
    UINT16(2),
    UINT32(4),
    UINT64(8),
    INT8(1),
    INT16(2),
    INT32(4),
    INT64(8),
    FLOAT32(4),
    FLOAT64(8);

    private final int bytes;

    NumberType(int bytes) {
        this.bytes = bytes;
    }

    public int bytes() {
        return bytes;
    }

    /** Its name in headers. */
    public String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** The type of a name. Throws {@code IllegalArgumentException} where there is none. */
    public static NumberType of(Object name) {
        for (NumberType type : values()) {
            if (type.text().equals(name)) {
                return type;
            }
        }
        throw new IllegalArgumentException("there is no type of numbers " + name);
    }
}
