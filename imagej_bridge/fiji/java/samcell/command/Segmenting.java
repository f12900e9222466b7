package samcell.command;

import ij.IJ;
import ij.ImagePlus;
import ij.ImageStack;
import ij.gui.Roi;
import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import samcell.engine.ArraySource;
import samcell.engine.Engine;
import samcell.engine.EngineException;
import samcell.engine.Json;
import samcell.engine.Monitor;
import samcell.engine.Reply;
import samcell.image.Area;
import samcell.image.FloatPixels;
import samcell.image.ImagePixels;
import samcell.image.LabelPixels;
import samcell.image.PixelSize;
import samcell.image.Planes;
import samcell.options.Options;
import samcell.options.SegmentOptions;
import samcell.result.CellTable;
import samcell.result.Cells;
import samcell.result.Labels;
import samcell.result.RoiOutput;

/** An image on its way to the engine and back. */
final class Segmenting {
    private final Engine engine;
    private final Monitor monitor;
    private final ImagePlus image;
    private final Options options;
    private final Planes planes;
    private final Area area;

    Segmenting(Engine engine, Monitor monitor, ImagePlus image, Options options)
            throws EngineException {
        this.engine = engine;
        this.monitor = monitor;
        this.image = image;
        this.options = options;
        planes = new Planes(image, options.get("stack"));
        area = Area.of(image, options.get("selection"));
    }

    /** Finds the cells, and shows what is wanted; the labels last, so that they are in front. */
    void run() throws EngineException {
        Roi selected = image.getRoi();
        if (selected != null && !selected.isArea() && !options.get("selection").equals("ignore")) {
            Command.tell("The selection has no area, and is ignored.");
        }
        boolean isPart = area.isPartOf(image);
        Reply found = engine.request("segment", fields(isPart), arrays(), monitor);
        ImageStack labels = Labels.stack(found.array("labels"), planes, area.box());
        ImageStack distance = null;
        if (found.array("distance") != null) {
            distance = Labels.stack(found.array("distance"), planes, area.box());
        }
        CellTable table = null;
        if (isMeasured()) {
            table = new CellTable(isPart ? measured(labels, distance) : found);
        }
        show(found, labels, distance, table);
    }

    private void show(Reply found, ImageStack labels, ImageStack distance, CellTable table) {
        if (wants("rois") || wants("overlay")) {
            Cells cells = new Cells(labels, planes);
            if (wants("overlay")) {
                RoiOutput.draw(cells, image);
            }
            for (int cell = 0; table != null && cell < cells.count(); cell++) {
                double confidence = table.get("confidence", cell);
                cells.roi(cell).setProperty("confidence", String.valueOf((float) confidence));
            }
            if (wants("rois")) {
                RoiOutput.addToManager(cells);
            }
        }
        if (wants("table")) {
            table.addTo(image.getTitle(), options.has("clear"));
        }
        if (wants("distance")) {
            Labels.showDistance(distance, planes, info(found));
        }
        if (wants("labels")) {
            Labels.show(labels, planes, info(found));
        }
        for (Object note : found.list("notes")) {
            Command.tell((String) note);
        }
        IJ.showProgress(1.0);
        IJ.showStatus("SAMCell: " + found.text("count") + " cells");
    }

    private Map<String, Object> fields(boolean isPart) {
        Map<String, Object> fields = SegmentOptions.way(options);
        Map<String, Object> settings = SegmentOptions.settings(options);
        settings.put("axes", pixels().axes());
        if (!options.isAuto("channel")) {
            settings.put("channel", (long) options.number("channel") - 1);
        } else if (image.getNChannels() > 1) {
            settings.put("channel", (long) image.getC() - 1);
        }
        fields.put("settings", settings);
        List<String> outputs = new ArrayList<>(Arrays.asList("labels"));
        if (isMeasured() && !isPart) {
            outputs.add("cells");
        }
        if (wants("distance") || isMeasured() && isPart) {
            outputs.add("distance");
        }
        fields.put("outputs", outputs);
        if (options.isAuto("pixel")) {
            fields.put("pixel_size", PixelSize.of(image));
        }
        fields.put("name", image.getTitle());
        return fields;
    }

    private Map<String, ArraySource> arrays() {
        Map<String, ArraySource> arrays = new LinkedHashMap<>();
        arrays.put("image", pixels());
        if (area.mask() != null) {
            arrays.put("mask", area.mask());
        }
        return arrays;
    }

    /** Measures in the whole image of cells that were found in a part of it. */
    private Reply measured(ImageStack labels, ImageStack distance) throws EngineException {
        Rectangle all = new Rectangle(image.getWidth(), image.getHeight());
        ImagePixels pixels = new ImagePixels(planes, all);
        Map<String, ArraySource> arrays = new LinkedHashMap<>();
        arrays.put("labels", LabelPixels.of(labels, planes));
        arrays.put("distance", new FloatPixels(distance, planes));
        arrays.put("image", pixels);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("label_axes", planes.axes());
        fields.put("axes", pixels.axes());
        fields.put("pixel_size", pixelSize());
        return engine.request("measure", fields, arrays, monitor);
    }

    private List<Double> pixelSize() {
        if (options.isAuto("pixel")) {
            return PixelSize.of(image);
        }
        return Arrays.asList(options.number("pixel"), options.number("pixel"));
    }

    private ImagePixels pixels() {
        return new ImagePixels(planes, area.box());
    }

    private boolean isMeasured() {
        return wants("table") || wants("rois");
    }

    private boolean wants(String output) {
        return SegmentOptions.wants(options, output);
    }

    /** How the labels came to be, as the image's information tells. */
    private String info(Reply found) {
        Map<String, Object> model = found.object("model");
        Map<String, Object> seconds = found.object("seconds");
        return String.join(
                        "\n",
                        "label axes: " + found.text("axes"),
                        "SAMCell cells: " + found.text("count"),
                        "SAMCell model: " + model.get("name") + " " + model.get("sha256"),
                        "SAMCell settings: " + Json.write(found.header().get("settings")),
                        "SAMCell device: " + found.text("device") + " " + found.text("precision"),
                        String.format(
                                Locale.ROOT,
                                "SAMCell seconds: load %.3f, segment %.3f",
                                number(seconds, "load"),
                                number(seconds, "segment")))
                + "\n";
    }

    private static double number(Map<String, Object> values, String name) {
        return ((Number) values.get(name)).doubleValue();
    }
}
