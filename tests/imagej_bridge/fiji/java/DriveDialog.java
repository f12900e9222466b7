import ij.IJ;
import ij.ImageJ;
import ij.ImagePlus;
import ij.Prefs;
import ij.WindowManager;
import ij.plugin.frame.Recorder;
import ij.plugin.frame.RoiManager;
import java.awt.Button;
import java.awt.Checkbox;
import java.awt.Component;
import java.awt.Container;
import java.awt.Dialog;
import java.awt.Point;
import java.awt.Rectangle;
import java.awt.Robot;
import java.awt.TextField;
import java.awt.Toolkit;
import java.awt.Window;
import java.awt.event.ActionEvent;
import java.awt.event.InputEvent;
import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import samcell.engine.Json;

/** Calls the command by its dialog, with the mouse, and replays what the Macro Recorder wrote. */
public final class DriveDialog {
    private static final int PATIENCE = 120_000; // milliseconds

    private static Robot robot;
    private static File folder;

    public static void main(String[] arguments) throws Exception {
        folder = new File(arguments[0]);
        robot = new Robot();
        robot.setAutoDelay(60);
        Map<String, Object> told = new LinkedHashMap<>();
        new ImageJ();
        Prefs.set("samcell.python", arguments[1]);
        ImagePlus image = IJ.openImage(arguments[2]);
        image.show();
        image.getWindow().setLocation(20, 170);
        new Recorder();
        Recorder recorder = Recorder.getInstance();
        recorder.setLocation(700, 20);

        IJ.doCommand("SAMCell...");
        Dialog dialog = awaitDialog("SAMCell");
        move(dialog, 60, 220);
        picture("dialog");
        text(dialog, 0, "1.5");
        click(button(dialog, "OK"), () -> gone(dialog));
        Dialog refusal = awaitDialog("SAMCell", dialog);
        picture("refusal");
        click(button(refusal, "OK"), () -> gone(refusal));

        Dialog again = awaitDialog("SAMCell", dialog, refusal);
        move(again, 60, 220);
        text(again, 0, arguments[3]);
        Checkbox rois = (Checkbox) checkbox(again, "ROIs");
        click(rois, () -> rois.getState() ? "ticked" : null);
        click(button(again, "OK"), () -> gone(again));
        ImagePlus labels = await("labels of the dialog", () -> labelImage());
        awaitCommand(recorder);
        move(labels.getWindow(), 440, 400);
        move(RoiManager.getInstance(), 860, 400);
        picture("result");
        String recorded = recorder.getText();
        told.put("recorded", recorded);
        told.put("rois", (long) RoiManager.getInstance().getCount());
        told.put("cells", (long) labels.getStatistics().max);

        labels.changes = false;
        labels.close();
        RoiManager.getInstance().reset();
        recorder.close();
        IJ.selectWindow(image.getID());
        String line = "";
        for (String each : recorded.split("\n")) {
            line = each.startsWith("run(\"SAMCell...\"") ? each : line;
        }
        IJ.runMacro(line);
        labels = labelImage();
        told.put("rois replayed", (long) RoiManager.getInstance().getCount());
        told.put("cells replayed", labels == null ? -1 : (long) labels.getStatistics().max);
        System.out.println("told " + Json.write(told));
        System.exit(0);
    }

    private interface Question<T> {
        T ask();
    }

    private static <T> T await(String what, Question<T> question) {
        long end = System.currentTimeMillis() + PATIENCE;
        while (System.currentTimeMillis() < end) {
            T answer = question.ask();
            if (answer != null) {
                return answer;
            }
            IJ.wait(100);
        }
        picture("waited");
        System.out.println("There came no " + what + ".");
        System.exit(3);
        return null;
    }

    private static Dialog awaitDialog(String title, Dialog... before) {
        Dialog found = await("dialog", () -> dialog(title, before));
        IJ.wait(500);
        return found;
    }

    private static Dialog dialog(String title, Dialog... before) {
        for (Window window : Window.getWindows()) {
            boolean old = java.util.Arrays.asList(before).contains(window);
            if (window instanceof Dialog && window.isShowing() && !old) {
                if (((Dialog) window).getTitle().equals(title)) {
                    return (Dialog) window;
                }
            }
        }
        return null;
    }

    private static void move(Window window, int x, int y) {
        window.setLocation(x, y);
        IJ.wait(500); // a window manager may take its time
    }

    private static void awaitCommand(Recorder recorder) {
        await("recorded line", () -> recorder.getText().contains("SAMCell...") ? "" : null);
    }

    private static ImagePlus labelImage() {
        int[] ids = WindowManager.getIDList();
        for (int id : ids == null ? new int[0] : ids) {
            if (WindowManager.getImage(id).getTitle().endsWith("-labels")) {
                return WindowManager.getImage(id);
            }
        }
        return null;
    }

    private static void text(Dialog dialog, int index, String value) {
        List<Component> fields = parts(dialog, TextField.class);
        ((TextField) fields.get(index)).setText(value);
    }

    private static Component button(Dialog dialog, String label) {
        for (Component each : parts(dialog, Button.class)) {
            if (((Button) each).getLabel().trim().equals(label)) {
                return each;
            }
        }
        throw new IllegalStateException("no button " + label);
    }

    private static Component checkbox(Dialog dialog, String start) {
        for (Component each : parts(dialog, Checkbox.class)) {
            if (((Checkbox) each).getLabel().startsWith(start)) {
                return each;
            }
        }
        throw new IllegalStateException("no checkbox " + start);
    }

    private static List<Component> parts(Container container, Class<?> kind) {
        List<Component> found = new ArrayList<>();
        for (Component each : container.getComponents()) {
            if (kind.isInstance(each)) {
                found.add(each);
            }
            if (each instanceof Container) {
                found.addAll(parts((Container) each, kind));
            }
        }
        return found;
    }

    private static Object gone(Dialog dialog) {
        return dialog.isShowing() ? null : "gone";
    }

    /**
     * Clicks until the click has had its effect: a busy screen without a window manager may lose
     * clicks. A button that heeds none is pressed by an event.
     */
    private static void click(Component component, Question<Object> effect) {
        long end = System.currentTimeMillis() + PATIENCE;
        for (int tries = 0; effect.ask() == null && System.currentTimeMillis() < end; tries++) {
            if (tries >= 2 && component instanceof Button) {
                String label = ((Button) component).getLabel();
                ActionEvent pressed =
                        new ActionEvent(component, ActionEvent.ACTION_PERFORMED, label);
                Toolkit.getDefaultToolkit().getSystemEventQueue().postEvent(pressed);
            }
            try {
                Point corner = component.getLocationOnScreen();
                robot.mouseMove(corner.x + 10, corner.y + component.getHeight() / 2);
                robot.mousePress(InputEvent.BUTTON1_DOWN_MASK);
                robot.mouseRelease(InputEvent.BUTTON1_DOWN_MASK);
            } catch (java.awt.IllegalComponentStateException hidden) {
                return; // it went while we asked
            }
            for (int tenths = 0; tenths < 50 && effect.ask() == null; tenths++) {
                IJ.wait(100);
            }
        }
    }

    private static void picture(String name) {
        IJ.wait(300);
        Rectangle all = new Rectangle(Toolkit.getDefaultToolkit().getScreenSize());
        try {
            ImageIO.write(robot.createScreenCapture(all), "png", new File(folder, name + ".png"));
        } catch (java.io.IOException error) {
            throw new IllegalStateException(error);
        }
    }
}
