package samcell.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads and writes JSON, strictly. Objects are maps in their order, arrays are lists, whole numbers
 * are {@code Long} and others {@code Double}.
 */
public final class Json {
    private static final int DEEPEST = 64;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** The value of a text. Throws {@code IllegalArgumentException} where it is no JSON. */
    public static Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value(0);
        json.blanks();
        if (json.at < text.length()) {
            throw json.wrong("something after its end");
        }
        return value;
    }

    /** The object of a text. Throws {@code IllegalArgumentException} where it is none. */
    public static Map<String, Object> parseObject(String text) {
        Object value = parse(text);
        if (!(value instanceof Map)) {
            throw new IllegalArgumentException("it is no JSON object");
        }
        return object(value);
    }

    /** A value that is known to be an object. */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> object(Object value) {
        return (Map<String, Object>) value;
    }

    /** A value that is known to be an array. */
    @SuppressWarnings("unchecked")
    public static List<Object> array(Object value) {
        return (List<Object>) value;
    }

    /** The text of maps, iterables, strings, numbers, booleans and null. */
    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        if (value == null || value instanceof Boolean) {
            out.append(value);
        } else if (value instanceof Map) {
            String between = "{";
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                out.append(between);
                quote((String) entry.getKey(), out);
                out.append(':');
                write(entry.getValue(), out);
                between = ",";
            }
            out.append(between.equals("{") ? "{}" : "}");
        } else if (value instanceof Iterable) {
            String between = "[";
            for (Object each : (Iterable<?>) value) {
                out.append(between);
                write(each, out);
                between = ",";
            }
            out.append(between.equals("[") ? "[]" : "]");
        } else if (value instanceof Number) {
            double number = ((Number) value).doubleValue();
            if (Double.isNaN(number) || Double.isInfinite(number)) {
                throw new IllegalArgumentException("JSON has no number " + number);
            }
            out.append(value);
        } else if (value instanceof String) {
            quote((String) value, out);
        } else {
            throw new IllegalArgumentException("JSON has no " + value.getClass().getName());
        }
    }

    private static void quote(String string, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < string.length(); i++) {
            char letter = string.charAt(i);
            if (letter == '"' || letter == '\\') {
                out.append('\\').append(letter);
            } else if (letter < ' ' || Character.isSurrogate(letter)) {
                out.append(String.format("\\u%04x", (int) letter));
            } else {
                out.append(letter);
            }
        }
        out.append('"');
    }

    private Object value(int depth) {
        if (depth > DEEPEST) {
            throw wrong("too many brackets");
        }
        blanks();
        char first = look();
        if (first == '{') {
            return members(depth);
        }
        if (first == '[') {
            return elements(depth);
        }
        if (first == '"') {
            return string();
        }
        if (first == '-' || isDigit(first)) {
            return number();
        }
        if (text.startsWith("true", at)) {
            at += 4;
            return Boolean.TRUE;
        }
        if (text.startsWith("false", at)) {
            at += 5;
            return Boolean.FALSE;
        }
        if (text.startsWith("null", at)) {
            at += 4;
            return null;
        }
        throw wrong("an unexpected letter");
    }

    private Map<String, Object> members(int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        at++;
        blanks();
        if (look() == '}') {
            at++;
            return members;
        }
        while (true) {
            blanks();
            if (look() != '"') {
                throw wrong("a name without quotes");
            }
            String name = string();
            blanks();
            take(':');
            if (members.containsKey(name)) {
                throw wrong("a name that occurs twice");
            }
            members.put(name, value(depth + 1));
            blanks();
            if (look() == '}') {
                at++;
                return members;
            }
            take(',');
        }
    }

    private List<Object> elements(int depth) {
        List<Object> elements = new ArrayList<>();
        at++;
        blanks();
        if (look() == ']') {
            at++;
            return elements;
        }
        while (true) {
            elements.add(value(depth + 1));
            blanks();
            if (look() == ']') {
                at++;
                return elements;
            }
            take(',');
        }
    }

    private String string() {
        StringBuilder out = new StringBuilder();
        at++;
        while (true) {
            char letter = look();
            at++;
            if (letter == '"') {
                return out.toString();
            }
            if (letter < ' ') {
                throw wrong("a string that does not end");
            }
            out.append(letter == '\\' ? escaped() : letter);
        }
    }

    private char escaped() {
        char letter = look();
        at++;
        int simple = "\"\\/bfnrt".indexOf(letter);
        if (simple >= 0) {
            return "\"\\/\b\f\n\r\t".charAt(simple);
        }
        if (letter != 'u' || at + 4 > text.length()) {
            throw wrong("an unknown escape");
        }
        int code = 0;
        for (int end = at + 4; at < end; at++) {
            int digit = Character.digit(text.charAt(at), 16);
            if (digit < 0) {
                throw wrong("an unknown escape");
            }
            code = 16 * code + digit;
        }
        return (char) code;
    }

    private Object number() {
        int start = at;
        if (look() == '-') {
            at++;
        }
        if (look() == '0') {
            at++;
        } else {
            digits();
        }
        boolean whole = true;
        if (at < text.length() && text.charAt(at) == '.') {
            whole = false;
            at++;
            digits();
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            whole = false;
            at++;
            if (look() == '+' || look() == '-') {
                at++;
            }
            digits();
        }
        String digits = text.substring(start, at);
        if (whole && digits.length() < 19) {
            return Long.valueOf(digits);
        }
        return Double.valueOf(digits);
    }

    private void digits() {
        if (!isDigit(look())) {
            throw wrong("a number that is none");
        }
        while (at < text.length() && isDigit(text.charAt(at))) {
            at++;
        }
    }

    private static boolean isDigit(char letter) {
        return letter >= '0' && letter <= '9';
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char look() {
        if (at >= text.length()) {
            throw wrong("no end");
        }
        return text.charAt(at);
    }

    private void take(char expected) {
        if (look() != expected) {
            throw wrong("no " + expected);
        }
        at++;
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("it is no JSON: " + what + " at letter " + (at + 1));
    }
}
