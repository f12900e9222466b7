package samcell.command;

import ij.gui.GenericDialog;
import ij.plugin.frame.Recorder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import samcell.options.Option;

/** A dialog whose fields are options; each knows how its value is read again. */
final class Form {
    private interface Field {
        String read();
    }

    private final GenericDialog dialog;
    private final Map<String, Field> fields = new LinkedHashMap<>();

    Form(String title) {
        dialog = new GenericDialog(title);
    }

    GenericDialog dialog() {
        return dialog;
    }

    void text(String name, String label, String value) {
        dialog.addStringField(label, value, 10);
        fields.put(name, dialog::getNextString);
    }

    void file(String name, String label, String value) {
        dialog.addFileField(label, value, 30);
        fields.put(name, dialog::getNextString);
    }

    void folder(String name, String label, String value) {
        dialog.addDirectoryField(label, value, 30);
        fields.put(name, dialog::getNextString);
    }

    void choice(String name, String label, List<String> choices, String value) {
        List<String> all = new ArrayList<>(choices);
        if (!all.contains(value)) {
            all.add(value);
        }
        dialog.addChoice(label, all.toArray(new String[0]), value);
        fields.put(name, dialog::getNextChoice);
    }

    void flag(String name, String label, boolean value) {
        dialog.addCheckbox(label, value);
        fields.put(name, () -> String.valueOf(dialog.getNextBoolean()));
    }

    /** Help made of what the options say of themselves. */
    void help(List<Option> options) {
        StringBuilder html = new StringBuilder("<html><table>");
        for (Option option : options) {
            html.append("<tr><td><b>").append(option.name).append("</b></td><td>");
            html.append(option.help.replace("<", "&lt;")).append("</td></tr>");
        }
        dialog.addHelp(html.append("</table></html>").toString());
    }

    /** Shows it; the values by name, or null where it was cancelled. */
    Map<String, String> show() {
        dialog.showDialog();
        if (dialog.wasCanceled()) {
            return null;
        }
        // The dialog records each value that is read; what a second dialog asks again would be
        // there twice. `Command.remember` records what is to be recorded.
        Recorder.resetCommandOptions();
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, Field> entry : fields.entrySet()) {
            values.put(entry.getKey(), entry.getValue().read());
        }
        Recorder.resetCommandOptions();
        return values;
    }
}
