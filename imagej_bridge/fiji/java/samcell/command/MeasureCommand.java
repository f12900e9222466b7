package samcell.command;

import ij.IJ;
import ij.ImagePlus;
import ij.ImageStack;
import ij.WindowManager;
import ij.plugin.frame.RoiManager;
import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import samcell.engine.ArraySource;
import samcell.engine.EngineException;
import samcell.engine.Reply;
import samcell.image.ImagePixels;
import samcell.image.LabelPixels;
import samcell.image.PixelSize;
import samcell.image.Planes;
import samcell.options.Options;
import samcell.options.OtherOptions;
import samcell.result.CellTable;
import samcell.result.Labels;
import samcell.result.Painting;

/** Plugins &gt; SAMCell &gt; SAMCell Measure...: cells that were corrected, measured again. */
public final class MeasureCommand extends Command {
    private static final String REMEMBERED = "samcell.measure";
    private static final String MANAGER = "ROI Manager";

    @Override
    void work() throws EngineException {
        Options options = given(OtherOptions.MEASURE);
        if (options == null) {
            options = ask();
            if (options == null) {
                return;
            }
            remember(options, REMEMBERED);
        }
        String title = options.get("image");
        ImagePlus image = title.isEmpty() ? currentImage() : openImage(title, "image");
        Planes planes = new Planes(image, "all");
        ImageStack labels = labels(options, planes);
        Rectangle all = new Rectangle(image.getWidth(), image.getHeight());
        ImagePixels pixels = new ImagePixels(planes, all);
        Map<String, ArraySource> arrays = new LinkedHashMap<>();
        arrays.put("labels", LabelPixels.of(labels, planes));
        arrays.put("image", pixels);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("label_axes", planes.axes());
        fields.put("axes", pixels.axes());
        fields.put("pixel_size", PixelSize.of(image));
        Reply reply = engine().request("measure", fields, arrays, monitor());
        new CellTable(reply).addTo(image.getTitle(), options.has("clear"));
        if (options.has("show")) {
            Labels.show(labels, planes, "label axes: " + planes.axes() + "\n");
        }
        IJ.showProgress(1.0);
        IJ.showStatus("SAMCell: " + reply.text("count") + " cells measured");
    }

    private static ImageStack labels(Options options, Planes planes) throws EngineException {
        if (options.get("labels").isEmpty()) {
            RoiManager manager = RoiManager.getInstance2();
            if (manager == null || manager.getCount() == 0) {
                throw new EngineException(
                        "image",
                        "There is no cell in the ROI Manager: add some, or write labels=[title of"
                                + " a label image].");
            }
            return Painting.paint(manager.getRoisAsArray(), planes);
        }
        ImagePlus labels = openImage(options.get("labels"), "labels");
        LabelPixels.of(labels); // refuses what is none
        ImagePlus image = planes.image();
        if (labels.getWidth() != image.getWidth()
                || labels.getHeight() != image.getHeight()
                || labels.getStackSize() != planes.count()) {
            throw new EngineException(
                    "image",
                    labels.getTitle() + " and " + image.getTitle() + " are not of one size: give"
                            + " the labels of this image.");
        }
        return labels.getStack();
    }

    private static Options ask() throws EngineException {
        List<String> titles = Arrays.asList(WindowManager.getImageTitles());
        List<String> sources = new ArrayList<>(Arrays.asList(MANAGER));
        sources.addAll(titles);
        Form form = new Form("SAMCell Measure");
        form.choice("image", "Image", titles, currentImage().getTitle());
        form.choice("labels", "Labels", sources, MANAGER);
        form.flag("show", "Show the ROIs as labels", false);
        form.flag("clear", "Clear the Results table first", false);
        form.help(OtherOptions.MEASURE);
        Map<String, String> values = form.show();
        if (values == null) {
            return null;
        }
        values.replace("labels", MANAGER, "");
        return Options.of(OtherOptions.MEASURE, values);
    }
}
