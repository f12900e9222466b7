import ij.IJ;
import ij.ImageJ;
import ij.WindowManager;
import ij.macro.Interpreter;
import java.awt.Dialog;
import java.awt.Window;
import java.awt.event.KeyEvent;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import samcell.engine.Json;

/** Runs the macros of a folder one after another in one ImageJ, and writes what came of each. */
public final class RunMacros {
    private static final int MOMENT = 1500; // milliseconds until the Esc key is pressed

    private static volatile Interpreter current;

    public static void main(String[] arguments) throws Exception {
        File folder = new File(arguments[0]);
        new ImageJ(ImageJ.NO_SHOW);
        Thread watch = new Thread(RunMacros::endAtDialogs);
        watch.setDaemon(true);
        watch.start();
        File[] macros = folder.listFiles((any, name) -> name.endsWith(".ijm"));
        Arrays.sort(macros);
        for (File macro : macros) {
            if (macro.getName().contains("escape")) {
                pressEscapeLater();
            }
            String text = new String(Files.readAllBytes(macro.toPath()), StandardCharsets.UTF_8);
            current = new Interpreter();
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("error", run(text, folder + "/"));
            told.put("log", String.valueOf(IJ.getLog()));
            IJ.log("\\Clear");
            int[] ids = WindowManager.getIDList();
            for (int image : ids == null ? new int[0] : ids) {
                WindowManager.getImage(image).changes = false; // else a dialog asks
                WindowManager.getImage(image).close();
            }
            File result = new File(macro.getPath().replace(".ijm", ".json"));
            Files.write(result.toPath(), Json.write(told).getBytes(StandardCharsets.UTF_8));
        }
        System.exit(0);
    }

    /** Why it failed; empty where it did not. */
    private static String run(String text, String argument) {
        String thrown = null;
        try {
            current.run(text, argument);
        } catch (RuntimeException error) {
            thrown = error.getMessage();
        }
        for (String each : new String[] {IJ.getErrorMessage(), current.getErrorMessage(), thrown}) {
            if (each != null) {
                return each;
            }
        }
        return "";
    }

    /** A dialog waits for ever: says what is in it, and ends. */
    private static void endAtDialogs() {
        while (true) {
            for (Window window : Window.getWindows()) {
                if (window instanceof Dialog && window.isShowing()) {
                    System.err.println("A dialog: " + ((Dialog) window).getTitle());
                    if (current != null) {
                        int line = current.getLineNumber();
                        System.err.println(current.getErrorMessage() + " in line " + line);
                    }
                    System.exit(3);
                }
            }
            IJ.wait(500);
        }
    }

    private static void pressEscapeLater() {
        Thread thread =
                new Thread(
                        () -> {
                            IJ.wait(MOMENT);
                            IJ.setKeyDown(KeyEvent.VK_ESCAPE);
                        });
        thread.start();
    }
}
