package samcell.command;

import ij.IJ;
import ij.Macro;
import ij.macro.Interpreter;
import java.util.function.UnaryOperator;
import samcell.engine.EngineException;

/** Who has called a command: a person with the mouse, a macro, or a script. */
final class Caller {
    private final String options;
    private final Interpreter macro;

    private Caller(String options, Interpreter macro) {
        this.options = options;
        this.macro = macro;
    }

    /** To be asked in the thread of the command. */
    static Caller current() {
        String options = Macro.getOptions();
        if (options == null && Interpreter.isBatchMode()) {
            options = ""; // a dialog would wait for ever
        }
        IJ.resetEscape();
        return new Caller(options, Interpreter.getInstance());
    }

    /** The options of a macro or script; null where a person is to be asked. */
    String options() {
        return options;
    }

    boolean isPerson() {
        return options == null;
    }

    /** Values of the macro's variables. */
    UnaryOperator<String> variables() {
        return name -> macro == null ? null : macro.getVariableAsString(name);
    }

    /** Whether the Esc key was pressed, or the macro ended otherwise. */
    boolean wantsToStop() {
        return IJ.escapePressed() || macro != null && macro.done();
    }

    /** Says what failed, and ends the macro or script. */
    void fail(EngineException error) {
        IJ.showProgress(1.0);
        IJ.showStatus("SAMCell: " + (error.isCancelled() ? "cancelled" : "failed"));
        if (options == null) {
            if (!error.isCancelled()) {
                IJ.error("SAMCell", error.getMessage());
            }
            return;
        }
        if (macro != null) {
            macro.setIgnoreErrors(true); // it is said below
            macro.abort("SAMCell: " + error.getMessage());
            macro.abortMacro();
        }
        tell(error.getMessage());
        if (macro != null && IJ.getErrorMessage() == null) {
            tell(error.getMessage()); // the first went to the macro alone
        }
    }

    /** Into the log, and to whoever asks ImageJ for its last error: a dialog would wait for ever. */
    private static void tell(String sentence) {
        IJ.redirectErrorMessages();
        IJ.error("SAMCell", sentence);
    }
}
