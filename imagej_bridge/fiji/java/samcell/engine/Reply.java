package samcell.engine;

import java.util.List;
import java.util.Map;

/** What the engine answered. */
public final class Reply {
    private final Map<String, Object> header;
    private final Map<String, NumberArray> arrays;

    Reply(Map<String, Object> header, Map<String, NumberArray> arrays) {
        this.header = header;
        this.arrays = arrays;
    }

    public Map<String, Object> header() {
        return header;
    }

    public Map<String, NumberArray> arrays() {
        return arrays;
    }

    public NumberArray array(String name) {
        return arrays.get(name);
    }

    public String text(String name) {
        Object value = header.get(name);
        return value == null ? "" : value.toString();
    }

    public Map<String, Object> object(String name) {
        return Json.object(header.get(name));
    }

    public List<Object> list(String name) {
        return Json.array(header.get(name));
    }
}
