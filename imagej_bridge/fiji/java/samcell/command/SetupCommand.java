package samcell.command;

import ij.IJ;
import ij.Prefs;
import java.util.Map;
import samcell.engine.Engine;
import samcell.engine.EngineException;
import samcell.engine.EngineLocation;
import samcell.engine.Json;
import samcell.options.Options;
import samcell.options.OtherOptions;

/** Plugins &gt; SAMCell &gt; SAMCell Setup...: where the engine is, and whether it works. */
public final class SetupCommand extends Command {
    private static final String REMEMBERED = "samcell.setup";
    private static final String AUTO = "auto";

    @Override
    void work() throws EngineException {
        Options options = given(OtherOptions.SETUP);
        if (options == null) {
            options = ask();
            if (options == null) {
                return;
            }
            remember(options, REMEMBERED);
        }
        String python = options.get("python");
        if (python.equals(AUTO)) {
            Prefs.set(PYTHON, "");
        } else if (!python.isEmpty()) {
            Prefs.set(PYTHON, EngineLocation.check(python));
        }
        if (!python.isEmpty()) {
            Prefs.savePreferences();
        }
        if (options.has("test") || options.has("models")) {
            test(options.has("models"));
        }
        if (options.has("stop")) {
            Engine.stop();
            tell("the engine has ended; the next call starts it again.");
        }
    }

    private void test(boolean withModels) throws EngineException {
        IJ.showStatus("SAMCell: starting the engine...");
        Engine engine = engine();
        Map<String, Object> hello = engine.hello(monitor());
        tell(
                "engine " + hello.get("engine") + ", Python " + hello.get("python") + ", "
                        + engine.location().path() + " (from " + engine.location().foundBy() + ")");
        for (Object each : withModels ? Json.array(hello.get("models")) : new java.util.ArrayList<>()) {
            Map<String, Object> model = Json.object(each);
            boolean present = Boolean.TRUE.equals(model.get("present"));
            tell(
                    "model " + model.get("name") + ": " + model.get("summary") + " "
                            + (present
                                    ? "It is on this computer."
                                    : "To download it, type in a terminal: samcell-cli models"
                                            + " download " + model.get("name"))
                            + " Licence: " + model.get("licence") + ". Cite: "
                            + model.get("citation"));
        }
        IJ.showStatus("SAMCell: the engine works");
    }

    private static Options ask() throws EngineException {
        String python;
        String found;
        try {
            EngineLocation location = location();
            python = location.path();
            found = "Found by: " + location.foundBy();
        } catch (EngineException error) {
            python = "";
            found = error.getMessage().replace(": ", ":\n");
        }
        Form form = new Form("SAMCell Setup");
        form.dialog().addMessage("The engine is a Python program beside ImageJ.\n" + found);
        form.file("python", "Python of SAMCell", python);
        form.flag("test", "Test the engine", true);
        form.flag("models", "List the models and their licences", false);
        form.flag("stop", "Stop the engine, which frees its memory", false);
        form.help(OtherOptions.SETUP);
        Map<String, String> values = form.show();
        if (values == null) {
            return null;
        }
        values.replace("python", python, ""); // nothing was chosen
        return Options.of(OtherOptions.SETUP, values);
    }
}
