package samcell.command;

import ij.IJ;
import ij.ImagePlus;
import ij.gui.Roi;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import samcell.engine.EngineException;
import samcell.options.Option;
import samcell.options.Options;
import samcell.options.SegmentOptions;

/** The dialog of SAMCell...: what most people need; the rest in a second one. */
final class SegmentDialog {
    private static final String MORE = "more";
    private static final List<String> SECOND =
            Arrays.asList(
                    "max", "scale", "intensity", "markers", "keep_holes", "pixel", "device",
                    "precision", "threads", "batch", "clear");

    private SegmentDialog() {}

    /** Asks until the values are allowed; null where it was cancelled. */
    static Options ask(ImagePlus image, Options last) {
        Map<String, String> values = valuesOf(last);
        while (true) {
            Map<String, String> first = first(image, values);
            if (first == null) {
                return null;
            }
            boolean more = "true".equals(first.remove(MORE));
            values.putAll(first);
            if (more) {
                Map<String, String> second = second(values);
                if (second == null) {
                    continue;
                }
                values.putAll(second);
            }
            try {
                Options options = Options.of(SegmentOptions.ALL, values);
                SegmentOptions.checkTogether(options);
                return options;
            } catch (EngineException error) {
                IJ.error("SAMCell", error.getMessage());
            }
        }
    }

    private static Map<String, String> valuesOf(Options options) {
        Map<String, String> values = new LinkedHashMap<>();
        for (Option option : SegmentOptions.ALL) {
            boolean isFlag = option.kind == Option.Kind.FLAG;
            values.put(
                    option.name,
                    isFlag ? String.valueOf(options.has(option.name)) : options.get(option.name));
        }
        // Of another image, and seldom meant for this one.
        values.put("channel", Option.AUTO);
        return values;
    }

    private static Map<String, String> first(ImagePlus image, Map<String, String> values) {
        Form form = new Form("SAMCell");
        form.choice("model", "Model", SegmentOptions.MODELS, values.get("model"));
        form.text("peak", "Peak threshold (0 to 1)", values.get("peak"));
        form.text("fill", "Fill threshold (0 to 1)", values.get("fill"));
        form.text("min", "Min size (px)", values.get("min"));
        form.text("diameter", "Diameter of cells (px)", values.get("diameter"));
        if (image.getNChannels() > 1) {
            form.choice("channel", "Channel", channels(image), values.get("channel"));
        }
        if (image.getNSlices() * image.getNFrames() > 1) {
            form.choice("stack", "Stack", choices("stack"), values.get("stack"));
        }
        Roi roi = image.getRoi();
        if (roi != null && roi.isArea()) {
            form.choice("selection", "Selection", choices("selection"), values.get("selection"));
        }
        flag(form, "exclude", "Exclude cells at the border", values);
        form.dialog().addMessage("Show:");
        flag(form, "labels", "Labels as an image", values);
        flag(form, "rois", "ROIs in the ROI Manager", values);
        flag(form, "overlay", "Overlay on the image", values);
        flag(form, "table", "Table of measures", values);
        flag(form, "distance", "Distance map", values);
        form.dialog().addMessage("");
        form.flag(MORE, "More options...", false);
        form.help(SegmentOptions.ALL);
        return form.show();
    }

    private static Map<String, String> second(Map<String, String> values) {
        Form form = new Form("SAMCell: more options");
        for (Option option : SegmentOptions.ALL) {
            if (!SECOND.contains(option.name)) {
                continue;
            }
            String label = option.name;
            if (option.kind == Option.Kind.FLAG) {
                flag(form, option.name, label, values);
            } else if (option.choices.isEmpty()) {
                form.text(option.name, label, values.get(option.name));
            } else {
                form.choice(option.name, label, option.choices, values.get(option.name));
            }
        }
        form.file("file", "Model_file (in place of the model)", "");
        form.help(SegmentOptions.ALL);
        Map<String, String> found = form.show();
        if (found != null) {
            String file = found.remove("file").trim();
            if (!file.isEmpty()) {
                found.put("model", file);
            }
        }
        return found;
    }

    private static void flag(Form form, String name, String label, Map<String, String> values) {
        form.flag(name, label, "true".equals(values.get(name)));
    }

    private static List<String> choices(String name) {
        for (Option option : SegmentOptions.ALL) {
            if (option.name.equals(name)) {
                return option.choices;
            }
        }
        throw new IllegalArgumentException(name);
    }

    private static List<String> channels(ImagePlus image) {
        List<String> channels = new ArrayList<>(Arrays.asList(Option.AUTO));
        for (int channel = 1; channel <= image.getNChannels(); channel++) {
            channels.add(String.valueOf(channel));
        }
        return channels;
    }
}
