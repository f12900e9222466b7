package samcell.options;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import samcell.engine.EngineException;

/** Values of the options of a command, checked. */
public final class Options {
    private final List<Option> known;
    private final Map<String, String> values;

    private Options(List<Option> known, Map<String, String> values) {
        this.known = known;
        this.values = values;
    }

    /**
     * Options from the text of a macro.
     *
     * @param known what the command knows
     * @param variable the value of a variable of the macro, for values such as {@code &size}; null
     *     where there is none of the name
     */
    public static Options parse(List<Option> known, String text, UnaryOperator<String> variable)
            throws EngineException {
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, String> entry : OptionText.parse(text).entrySet()) {
            Option option = find(known, entry.getKey());
            String value = entry.getValue();
            if (option.isFlag() && value != null) {
                throw new EngineException(
                        "options",
                        option.name + "=" + value + " is not allowed: write " + option.name
                                + " alone for yes, nothing for no.");
            }
            if (!option.isFlag() && value == null) {
                throw new EngineException(
                        "options",
                        option.name + " has no value: write " + option.name + "=, then "
                                + option.allowed() + ".");
            }
            if (value != null && value.startsWith("&")) {
                String name = value.substring(1);
                value = variable.apply(name);
                if (value == null) {
                    throw new EngineException(
                            "options",
                            option.name + "=&" + name + ": the macro has no variable " + name + ".");
                }
            }
            values.put(option.name, option.isFlag() ? "" : option.check(value));
        }
        return new Options(known, values);
    }

    /** Options from a form: all values, flags among them as "true" and "false". */
    public static Options of(List<Option> known, Map<String, String> form) throws EngineException {
        Map<String, String> values = new LinkedHashMap<>();
        for (Option option : known) {
            String value = form.get(option.name);
            if (value == null || value.equals("false") && option.isFlag()) {
                continue;
            }
            values.put(option.name, option.isFlag() ? "" : option.check(value));
        }
        return new Options(known, values);
    }

    public String get(String name) {
        Option option = option(name);
        return values.getOrDefault(option.name, option.preset);
    }

    /** Whether a flag is set. */
    public boolean has(String name) {
        return values.containsKey(option(name).name);
    }

    public boolean isAuto(String name) {
        return get(name).equals(Option.AUTO);
    }

    public double number(String name) {
        return Double.parseDouble(get(name));
    }

    /** Options that are not as preset, as a macro writes them; those in {@code always} in any case. */
    public Map<String, String> written(String... always) {
        List<String> wanted = java.util.Arrays.asList(always);
        Map<String, String> written = new LinkedHashMap<>();
        for (Option option : known) {
            if (option.isFlag()) {
                if (has(option.name)) {
                    written.put(option.name, null);
                }
            } else if (wanted.contains(option.name) || !get(option.name).equals(option.preset)) {
                written.put(option.name, get(option.name));
            }
        }
        return written;
    }

    /** The same as text. */
    public String text(String... always) {
        return OptionText.write(written(always));
    }

    private Option option(String name) {
        for (Option option : known) {
            if (option.name.equals(name)) {
                return option;
            }
        }
        throw new IllegalArgumentException(name);
    }

    private static Option find(List<Option> known, String name) throws EngineException {
        List<String> names = new ArrayList<>();
        String nearest = null;
        for (Option option : known) {
            if (option.name.equals(name.toLowerCase(Locale.ROOT))) {
                return option;
            }
            names.add(option.name);
            if (isNear(option.name, name)) {
                nearest = option.name;
            }
        }
        throw new EngineException(
                "options",
                "There is no option \"" + name + "\": "
                        + (nearest == null
                                ? "known are " + String.join(", ", names) + "."
                                : "did you mean \"" + nearest + "\"?"));
    }

    /** Whether a letter was forgotten, added or mistaken, or one is the beginning of the other. */
    private static boolean isNear(String known, String given) {
        String name = given.toLowerCase(Locale.ROOT);
        if (name.length() > 2 && (known.startsWith(name) || name.startsWith(known + "_"))) {
            return true;
        }
        if (name.length() < 3 || Math.abs(known.length() - name.length()) > 1) {
            return false;
        }
        int start = 0;
        int shorter = Math.min(known.length(), name.length());
        while (start < shorter && known.charAt(start) == name.charAt(start)) {
            start++;
        }
        int end = 0;
        while (end < shorter - start
                && known.charAt(known.length() - 1 - end) == name.charAt(name.length() - 1 - end)) {
            end++;
        }
        return Math.max(known.length(), name.length()) - start - end <= 1;
    }
}
