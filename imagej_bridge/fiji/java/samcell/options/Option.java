package samcell.options;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import samcell.engine.EngineException;

/** One choice of the user: its name in macros, what it may be, and what it means. */
public final class Option {
    /** What kind of values it has. */
    public enum Kind {
        NUMBER,
        WHOLE_NUMBER,
        WORD,
        TEXT,
        FLAG
    }

    /** The word for values that the engine finds itself. */
    public static final String AUTO = "auto";

    public final String name;
    public final Kind kind;
    public final String preset;
    public final double low;
    public final double high;
    public final List<String> choices;
    /** The engine's name for it; empty where it is none of its settings. */
    public final String setting;
    public final String help;

    private Option(
            String name,
            Kind kind,
            String preset,
            double low,
            double high,
            List<String> choices,
            String setting,
            String help) {
        this.name = name;
        this.kind = kind;
        this.preset = preset;
        this.low = low;
        this.high = high;
        this.choices = choices;
        this.setting = setting;
        this.help = help;
    }

    static Option number(
            String name, String preset, double low, double high, String setting, String help) {
        return new Option(
                name, Kind.NUMBER, preset, low, high, Collections.emptyList(), setting, help);
    }

    static Option wholeNumber(
            String name, String preset, double low, double high, String setting, String help) {
        return new Option(
                name, Kind.WHOLE_NUMBER, preset, low, high, Collections.emptyList(), setting, help);
    }

    static Option word(String name, String setting, String help, String... choices) {
        return new Option(
                name, Kind.WORD, choices[0], 0, 0, Arrays.asList(choices), setting, help);
    }

    static Option text(String name, String preset, String setting, String help) {
        return new Option(
                name, Kind.TEXT, preset, 0, 0, Collections.emptyList(), setting, help);
    }

    static Option flag(String name, String setting, String help) {
        return new Option(
                name, Kind.FLAG, "", 0, 0, Collections.emptyList(), setting, help);
    }

    boolean isFlag() {
        return kind == Kind.FLAG;
    }

    /** The value in its one way of being written, or an error that says what is allowed. */
    String check(String value) throws EngineException {
        String text = value.trim();
        if (kind == Kind.WORD) {
            for (String choice : choices) {
                if (choice.equalsIgnoreCase(text)) {
                    return choice;
                }
            }
            throw wrong(value);
        }
        if (text.isEmpty() || kind == Kind.TEXT) {
            return text.isEmpty() ? preset : text;
        }
        if (preset.equals(AUTO) && text.equalsIgnoreCase(AUTO)) {
            return AUTO;
        }
        try {
            double number = Double.parseDouble(text);
            boolean isWhole = number == Math.rint(number);
            if (number >= low && number <= high && (isWhole || kind == Kind.NUMBER)) {
                return isWhole ? String.valueOf((long) number) : String.valueOf(number);
            }
        } catch (NumberFormatException error) {
            // It is said below.
        }
        throw wrong(value);
    }

    /** The allowed values in words. */
    public String allowed() {
        if (kind == Kind.FLAG) {
            return name + " alone, or nothing";
        }
        if (kind == Kind.WORD) {
            return "one of " + String.join(", ", choices);
        }
        if (kind == Kind.TEXT) {
            return "a text";
        }
        String words =
                (kind == Kind.NUMBER ? "a number" : "a whole number")
                        + String.format(Locale.ROOT, " from %s to %s", plain(low), plain(high));
        return preset.equals(AUTO) ? words + ", or auto" : words;
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
    }

    private EngineException wrong(String value) {
        return new EngineException(
                "options", name + "=" + value + " is not allowed: give " + allowed() + ".");
    }
}
