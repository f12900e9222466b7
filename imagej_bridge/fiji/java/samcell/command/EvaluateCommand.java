package samcell.command;

import ij.IJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.Roi;
import ij.measure.ResultsTable;
import ij.plugin.filter.Analyzer;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import samcell.engine.ArraySource;
import samcell.engine.EngineException;
import samcell.engine.NumberArray;
import samcell.engine.Reply;
import samcell.image.LabelPixels;
import samcell.image.Planes;
import samcell.options.Options;
import samcell.options.OtherOptions;
import samcell.result.Cells;
import samcell.result.RoiOutput;

/** Plugins &gt; SAMCell &gt; SAMCell Evaluate...: labels held against the truth. */
public final class EvaluateCommand extends Command {
    private static final String REMEMBERED = "samcell.evaluate";

    @Override
    void work() throws EngineException {
        Options options = given(OtherOptions.EVALUATE);
        if (options == null) {
            options = ask();
            if (options == null) {
                return;
            }
            remember(options, REMEMBERED, "predicted", "truth");
        }
        ImagePlus predicted = openImage(options.get("predicted"), "predicted");
        ImagePlus truth = openImage(options.get("truth"), "truth");
        Map<String, ArraySource> arrays = new LinkedHashMap<>();
        arrays.put("predicted", LabelPixels.of(predicted));
        arrays.put("truth", LabelPixels.of(truth));
        Reply reply = engine().request("evaluate", new LinkedHashMap<>(), arrays, monitor());
        if (options.has("overlay")) {
            outline(truth, reply.array("missed"), Color.RED);
            outline(predicted, reply.array("spurious"), Color.YELLOW);
        }
        addRow(predicted.getTitle(), reply.object("scores"), options.has("clear"));
        IJ.showStatus("SAMCell: OP_CSB " + reply.object("scores").get("op_csb"));
    }

    private static void addRow(String title, Map<String, Object> scores, boolean clear) {
        ResultsTable table = clear ? new ResultsTable() : ResultsTable.getResultsTable();
        table.setNaNEmptyCells(true);
        table.incrementCounter();
        table.addLabel(title);
        for (Map.Entry<String, Object> score : scores.entrySet()) {
            Object value = score.getValue();
            table.addValue(
                    score.getKey(), value == null ? Double.NaN : ((Number) value).doubleValue());
        }
        Analyzer.setResultsTable(table);
        table.show("Results");
    }

    /** Draws cells that are given as rows of plane and label. */
    private static void outline(ImagePlus image, NumberArray wrong, Color colour) {
        Set<List<Integer>> places = new HashSet<>();
        for (int i = 0; i < wrong.planeSize(); i += 2) {
            places.add(Arrays.asList((int) wrong.get(0, i), (int) wrong.get(0, i + 1)));
        }
        Cells cells = new Cells(image.getStack(), new Planes(image, "all"));
        List<Roi> outlines = new ArrayList<>();
        for (int cell = 0; cell < cells.count(); cell++) {
            if (places.contains(Arrays.asList(cells.plane(cell), cells.label(cell)))) {
                outlines.add(RoiOutput.outline(cells.roi(cell), colour));
            }
        }
        RoiOutput.draw(outlines, image);
    }

    private static Options ask() throws EngineException {
        List<String> titles = Arrays.asList(WindowManager.getImageTitles());
        if (titles.size() < 2) {
            throw new EngineException(
                    "image", "Two label images have to be open: the predicted and the true one.");
        }
        Form form = new Form("SAMCell Evaluate");
        form.choice("predicted", "Predicted labels", titles, titles.get(titles.size() - 1));
        form.choice("truth", "Truth", titles, titles.get(0));
        form.flag("overlay", "Overlay of what is wrong", true);
        form.flag("clear", "Clear the Results table first", false);
        form.help(OtherOptions.EVALUATE);
        Map<String, String> values = form.show();
        return values == null ? null : Options.of(OtherOptions.EVALUATE, values);
    }
}
