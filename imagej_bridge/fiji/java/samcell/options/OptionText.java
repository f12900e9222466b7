package samcell.options;

import java.util.LinkedHashMap;
import java.util.Map;
import samcell.engine.EngineException;

/** Options as macros write them: {@code peak=0.5 model=[name with blanks] labels}. */
final class OptionText {
    private OptionText() {}

    /** Names and values in their order; null as the value of a name that stands alone. */
    static Map<String, String> parse(String text) throws EngineException {
        Map<String, String> found = new LinkedHashMap<>();
        int at = 0;
        while (true) {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            if (at >= text.length()) {
                return found;
            }
            int start = at;
            while (at < text.length() && !Character.isWhitespace(text.charAt(at)) && text.charAt(at) != '=') {
                at++;
            }
            String name = text.substring(start, at);
            String value = null;
            if (at < text.length() && text.charAt(at) == '=') {
                int end = endOfValue(text, ++at, name);
                value = text.substring(at, end);
                if (value.startsWith("[")) {
                    value = value.substring(1, value.length() - 1);
                }
                at = end;
            }
            if (found.containsKey(name)) {
                throw new EngineException("options", name + " is given twice: give it once.");
            }
            found.put(name, value);
        }
    }

    /** Options as text that {@link #parse} reads again. */
    static String write(Map<String, String> options) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, String> entry : options.entrySet()) {
            text.append(text.length() == 0 ? "" : " ").append(entry.getKey());
            if (entry.getValue() != null) {
                boolean simple = entry.getValue().matches("[^\\s\\[\\]]+");
                text.append('=').append(simple ? entry.getValue() : "[" + entry.getValue() + "]");
            }
        }
        return text.toString();
    }

    private static int endOfValue(String text, int start, String name) throws EngineException {
        int at = start;
        if (at >= text.length() || text.charAt(at) != '[') {
            while (at < text.length() && !Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return at;
        }
        // A bracket within a path does not end it: the last one stands before a blank.
        do {
            at = text.indexOf(']', at + 1);
        } while (at >= 0 && at + 1 < text.length() && !Character.isWhitespace(text.charAt(at + 1)));
        if (at < 0) {
            throw new EngineException(
                    "options", name + "=[ has no end: write " + name + "=[value].");
        }
        return at + 1;
    }
}
