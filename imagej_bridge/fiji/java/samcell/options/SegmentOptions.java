package samcell.options;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import samcell.engine.EngineException;

/** The options of {@code SAMCell...}, and what the engine is told of them. */
public final class SegmentOptions {
    /** The models that have a name. */
    public static final List<String> MODELS =
            Collections.unmodifiableList(
                    Arrays.asList("samcell-lite", "samcell-generalist", "samcell-cyto"));

    private static final String[] OUTPUTS = {"labels", "rois", "overlay", "table", "distance"};

    /** How cells are found. */
    static final List<Option> METHOD =
            Collections.unmodifiableList(
                    Arrays.asList(
                            Option.text(
                                    "model",
                                    "samcell-lite",
                                    "",
                                    "Name of a model, or the path of its file."),
                            Option.number(
                                    "peak",
                                    Option.AUTO,
                                    0,
                                    1,
                                    "peak",
                                    "A cell is where the distance map rises above it; auto: the"
                                            + " model's own value."),
                            Option.number(
                                    "fill",
                                    Option.AUTO,
                                    0,
                                    1,
                                    "fill",
                                    "A cell reaches as far as the distance map is above it; auto:"
                                            + " the model's own value."),
                            Option.wholeNumber(
                                    "min",
                                    "0",
                                    0,
                                    1e12,
                                    "min_size",
                                    "Cells of fewer pixels are dropped."),
                            Option.wholeNumber(
                                    "max",
                                    Option.AUTO,
                                    1,
                                    1e12,
                                    "max_size",
                                    "Cells of more pixels are dropped; auto: none."),
                            Option.number(
                                    "diameter",
                                    Option.AUTO,
                                    1,
                                    10000,
                                    "diameter",
                                    "Typical diameter of the cells in pixels; auto: found by"
                                            + " samcell-lite, other models take the image as it"
                                            + " is."),
                            Option.number(
                                    "scale",
                                    Option.AUTO,
                                    0.05,
                                    20,
                                    "scale",
                                    "Factor by which the image is enlarged before the network sees"
                                            + " it; auto: from the diameter."),
                            Option.word(
                                    "intensity",
                                    "intensity",
                                    "How grey values become 8 bits.",
                                    "auto",
                                    "percentile",
                                    "minmax",
                                    "full"),
                            Option.word(
                                    "markers",
                                    "markers",
                                    "What starts a cell: each component above the peak threshold,"
                                            + " each summit in it, or only its centroid; auto:"
                                            + " the model's own way.",
                                    "auto",
                                    "component",
                                    "summit",
                                    "centroid"),
                            Option.flag(
                                    "exclude",
                                    "discard_border",
                                    "Drop cells that touch the border of the image or selection."),
                            Option.flag(
                                    "keep_holes",
                                    "fill_holes",
                                    "Holes inside a cell stay holes; else they are filled."),
                            Option.number(
                                    "pixel",
                                    Option.AUTO,
                                    1e-6,
                                    1e6,
                                    "pixel_size",
                                    "Width of a pixel in micrometres; auto: as the image says."),
                            Option.wholeNumber(
                                    "channel",
                                    Option.AUTO,
                                    1,
                                    100000,
                                    "channel",
                                    "Channel to look for cells in, counted from 1; auto: the one"
                                            + " that is shown, and RGB turned grey."),
                            Option.text(
                                    "device",
                                    Option.AUTO,
                                    "",
                                    "Where the network runs: auto, cpu, cuda, cuda:1, mps."),
                            Option.word(
                                    "precision",
                                    "",
                                    "Precision of the network.",
                                    "auto",
                                    "fp32",
                                    "bf16",
                                    "fp16"),
                            Option.wholeNumber(
                                    "threads",
                                    Option.AUTO,
                                    1,
                                    1024,
                                    "",
                                    "Processor cores for the network; auto: all, up to 16.")));

    private static final List<Option> PLACE =
            Arrays.asList(
                    Option.wholeNumber(
                            "batch",
                            Option.AUTO,
                            1,
                            1024,
                            "batch",
                            "Tiles that the network sees at once; auto: as fits the device."),
                    Option.word(
                            "stack",
                            "",
                            "Planes of a stack: all, only the current one, all slices of the"
                                    + " current frame, or all frames of the current slice.",
                            "all",
                            "current",
                            "slices",
                            "frames"),
                    Option.word(
                            "selection",
                            "",
                            "With an area selected: only cells inside of it, its bounding box as if"
                                    + " it were the image, or everywhere.",
                            "inside",
                            "box",
                            "ignore"),
                    Option.flag("labels", "", "A label image."),
                    Option.flag("rois", "", "ROIs in the ROI Manager."),
                    Option.flag("overlay", "", "Outlines on the image."),
                    Option.flag("table", "", "Measures of the cells in the Results table."),
                    Option.flag("distance", "", "The network's distance map."),
                    Option.flag("clear", "", "Empty the Results table first; else rows are added."));

    /** All of them. */
    public static final List<Option> ALL;

    static {
        List<Option> all = new ArrayList<>(METHOD);
        all.addAll(PLACE);
        ALL = Collections.unmodifiableList(all);
    }

    private SegmentOptions() {}

    /** Whether an output is wanted; labels where none is named. */
    public static boolean wants(Options options, String output) {
        for (String each : OUTPUTS) {
            if (options.has(each)) {
                return options.has(output);
            }
        }
        return output.equals("labels");
    }

    /** What cannot be told of each option alone. */
    public static void checkTogether(Options options) throws EngineException {
        if (!options.isAuto("peak")
                && !options.isAuto("fill")
                && options.number("fill") > options.number("peak")) {
            throw new EngineException(
                    "options",
                    "fill=" + options.get("fill") + " is above peak=" + options.get("peak")
                            + ": give a fill threshold of at most the peak threshold.");
        }
        if (!options.isAuto("max") && options.number("min") > options.number("max")) {
            throw new EngineException(
                    "options",
                    "min=" + options.get("min") + " is above max=" + options.get("max")
                            + ": no cell could stay.");
        }
        if (!options.isAuto("diameter") && !options.isAuto("scale")) {
            throw new EngineException("options", "Give either diameter or scale, not both.");
        }
    }

    /** The engine's settings, those left out that are automatic; the channel is none of them. */
    public static Map<String, Object> settings(Options options) {
        Map<String, Object> settings = new LinkedHashMap<>();
        for (Option option : ALL) {
            if (option.setting.isEmpty() || option.name.equals("channel")) {
                continue;
            }
            if (option.isFlag()) {
                settings.put(option.setting, options.has(option.name) != option.name.equals("keep_holes"));
            } else if (option.kind == Option.Kind.WORD) {
                settings.put(option.setting, options.get(option.name));
            } else if (!options.isAuto(option.name)) {
                settings.put(option.setting, number(option, options));
            }
        }
        return settings;
    }

    /** Which model is to run, and how. */
    public static Map<String, Object> way(Options options) {
        Map<String, Object> way = new LinkedHashMap<>();
        way.put("model", options.get("model"));
        way.put("device", options.get("device"));
        way.put("precision", options.get("precision"));
        if (!options.isAuto("threads")) {
            way.put("threads", (long) options.number("threads"));
        }
        return way;
    }

    private static Object number(Option option, Options options) {
        double number = options.number(option.name);
        if (option.kind == Option.Kind.WHOLE_NUMBER) {
            return (long) number;
        }
        return number;
    }
}
