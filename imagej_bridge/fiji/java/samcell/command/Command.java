package samcell.command;

import ij.IJ;
import ij.ImagePlus;
import ij.Prefs;
import ij.WindowManager;
import ij.plugin.PlugIn;
import ij.plugin.frame.Recorder;
import java.util.List;
import java.util.Map;
import samcell.engine.Engine;
import samcell.engine.EngineException;
import samcell.engine.EngineLocation;
import samcell.engine.Monitor;
import samcell.options.Option;
import samcell.options.Options;

/** What the commands have in common: options from a dialog or a macro, failures, the engine. */
abstract class Command implements PlugIn {
    /** Where ImageJ keeps the Python that the user chose. */
    static final String PYTHON = "samcell.python";

    private Caller caller;

    @Override
    public final void run(String argument) {
        caller = Caller.current();
        try {
            work();
        } catch (EngineException error) {
            caller.fail(error);
        } catch (OutOfMemoryError error) {
            caller.fail(
                    new EngineException(
                            "memory",
                            "ImageJ has not enough memory for this image: give it more at Edit >"
                                    + " Options > Memory & Threads..., or cut the image into"
                                    + " parts."));
        }
    }

    abstract void work() throws EngineException;

    final Caller caller() {
        return caller;
    }

    /** Options of the macro, or null where a person has to be asked. */
    final Options given(List<Option> known) throws EngineException {
        return caller.isPerson()
                ? null
                : Options.parse(known, caller.options(), caller.variables());
    }

    /** Options of the last dialog. */
    static Options remembered(List<Option> known, String key, String preset) {
        try {
            return Options.parse(known, Prefs.get(key, preset), name -> null);
        } catch (EngineException error) {
            // Of another version.
            return remembered(known, "", preset);
        }
    }

    /** Keeps the options for the next dialog, and hands them to the Macro Recorder. */
    static void remember(Options options, String key, String... always) {
        Prefs.set(key, options.text(always));
        if (Recorder.record) {
            for (Map.Entry<String, String> entry : options.written(always).entrySet()) {
                if (entry.getValue() == null) {
                    Recorder.recordOption(entry.getKey());
                } else {
                    Recorder.recordOption(entry.getKey(), entry.getValue());
                }
            }
        }
    }

    static EngineLocation location() throws EngineException {
        return EngineLocation.find(Prefs.get(PYTHON, ""));
    }

    static Engine engine() throws EngineException {
        return Engine.shared(location());
    }

    final Monitor monitor() {
        return new Progress(caller);
    }

    static ImagePlus currentImage() throws EngineException {
        ImagePlus image = WindowManager.getCurrentImage();
        if (image == null) {
            throw new EngineException("image", "There is no image open: open one first.");
        }
        return image;
    }

    /** An open image by its title, or by its number. */
    static ImagePlus openImage(String title, String what) throws EngineException {
        ImagePlus image = WindowManager.getImage(title);
        if (image == null && title.matches("-\\d+")) {
            image = WindowManager.getImage(Integer.parseInt(title));
        }
        if (image == null) {
            throw new EngineException(
                    "options",
                    title.isEmpty()
                            ? what + " is missing: write " + what + "=[title of an open image]."
                            : what + "=" + title + ": there is no image open of that title.");
        }
        return image;
    }

    static void tell(String sentence) {
        IJ.log("SAMCell: " + sentence);
    }
}
