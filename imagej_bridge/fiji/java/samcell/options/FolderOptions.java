package samcell.options;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import samcell.engine.EngineException;

/** The options of {@code SAMCell Folder...}, and the call of samcell-cli that they make. */
public final class FolderOptions {
    private static final List<Option> FOLDER =
            Arrays.asList(
                    Option.text("input", "", "", "Folder of images."),
                    Option.text(
                            "output",
                            "",
                            "",
                            "Folder for the results; INPUT_samcell beside it where not given."),
                    Option.text(
                            "save",
                            "labels,rois,overlays",
                            "",
                            "What is saved beside tables and report, with commas: labels, rois,"
                                    + " overlays, distance, masks-png, geojson; all; none."),
                    Option.flag("recursive", "", "Sub-folders, too."),
                    Option.flag("overwrite", "", "Replace results of other settings."),
                    Option.flag("table", "", "Show the measures of all cells as Results."),
                    Option.flag("report", "", "Open the report in the browser."));

    /** All of them. */
    public static final List<Option> ALL;

    static {
        List<Option> all = new ArrayList<>(FOLDER);
        all.addAll(SegmentOptions.METHOD);
        ALL = Collections.unmodifiableList(all);
    }

    private FolderOptions() {}

    /** Arguments of samcell-cli. */
    public static List<String> arguments(Options options) throws EngineException {
        if (options.get("input").isEmpty()) {
            throw new EngineException(
                    "options", "input is missing: write input=[folder of images].");
        }
        List<String> arguments = new ArrayList<>(Arrays.asList("run", "--json"));
        for (String name : new String[] {"model", "device", "precision", "save"}) {
            add(arguments, name, options.get(name));
        }
        if (!options.isAuto("threads")) {
            add(arguments, "threads", options.get("threads"));
        }
        if (!options.get("output").isEmpty()) {
            add(arguments, "out", options.get("output"));
        }
        for (String name : new String[] {"recursive", "overwrite"}) {
            if (options.has(name)) {
                arguments.add("--" + name);
            }
        }
        for (Option option : SegmentOptions.METHOD) {
            if (!option.setting.isEmpty()) {
                addSetting(arguments, option, options);
            }
        }
        arguments.add("--");
        arguments.add(options.get("input"));
        return arguments;
    }

    private static void addSetting(List<String> arguments, Option option, Options options) {
        String name = option.setting.replace('_', '-');
        if (option.name.equals("keep_holes")) {
            arguments.add(options.has(option.name) ? "--no-" + name : "--" + name);
        } else if (option.isFlag()) {
            arguments.add(options.has(option.name) ? "--" + name : "--no-" + name);
        } else if (option.name.equals("channel") && !options.isAuto("channel")) {
            add(arguments, name, String.valueOf((long) options.number("channel") - 1));
        } else {
            add(arguments, name, options.get(option.name));
        }
    }

    private static void add(List<String> arguments, String name, String value) {
        arguments.add("--" + name + "=" + value);
    }
}
