package samcell.command;

import ij.IJ;
import ij.measure.ResultsTable;
import ij.plugin.BrowserLauncher;
import ij.plugin.filter.Analyzer;
import java.io.File;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import samcell.engine.EngineException;
import samcell.engine.FolderRun;
import samcell.options.FolderOptions;
import samcell.options.Option;
import samcell.options.Options;
import samcell.options.SegmentOptions;

/** Plugins &gt; SAMCell &gt; SAMCell Folder...: the cells of all images of a folder. */
public final class FolderCommand extends Command {
    private static final String REMEMBERED = "samcell.folder";

    @Override
    void work() throws EngineException {
        Options options = given(FolderOptions.ALL);
        if (options == null) {
            options = ask();
            if (options == null) {
                return;
            }
            remember(options, REMEMBERED, "input", "model");
        }
        SegmentOptions.checkTogether(options);
        List<String> arguments = FolderOptions.arguments(options);
        IJ.showStatus("SAMCell: looking at the folder (Esc cancels)");
        FolderRun run = new FolderRun();
        run.run(location(), arguments, monitor());
        for (String failure : run.failures()) {
            tell(failure);
        }
        File out = new File(run.out());
        tell(run.images() - run.failures().size() + " of " + run.images() + " images done: " + out);
        show(out, options);
        IJ.showProgress(1.0);
    }

    private static void show(File out, Options options) throws EngineException {
        try {
            ResultsTable images = ResultsTable.open(new File(out, "images.csv").getPath());
            images.show("SAMCell images");
            if (options.has("table")) {
                ResultsTable cells = ResultsTable.open(new File(out, "cells.csv").getPath());
                Analyzer.setResultsTable(cells);
                cells.show("Results");
            }
            if (options.has("report")) {
                BrowserLauncher.openURL(new File(out, "report.html").toURI().toString());
            }
        } catch (IOException error) {
            throw new EngineException(
                    "folder", "The results in " + out + " cannot be opened: " + error.getMessage());
        }
    }

    private static Options ask() {
        Map<String, String> values = new LinkedHashMap<>();
        Options last = remembered(FolderOptions.ALL, REMEMBERED, "report");
        for (Option option : FolderOptions.ALL) {
            boolean isFlag = option.kind == Option.Kind.FLAG;
            values.put(
                    option.name,
                    isFlag ? String.valueOf(last.has(option.name)) : last.get(option.name));
        }
        while (true) {
            Form form = new Form("SAMCell Folder");
            form.folder("input", "Input", values.get("input"));
            form.folder("output", "Output (may be empty)", values.get("output"));
            form.choice("model", "Model", SegmentOptions.MODELS, values.get("model"));
            for (String name : new String[] {"peak", "fill", "min", "diameter", "channel", "save"}) {
                form.text(name, name, values.get(name));
            }
            for (String name : new String[] {"exclude", "recursive", "overwrite", "table", "report"}) {
                form.flag(name, name, "true".equals(values.get(name)));
            }
            form.help(FolderOptions.ALL);
            Map<String, String> found = form.show();
            if (found == null) {
                return null;
            }
            values.putAll(found);
            try {
                Options options = Options.of(FolderOptions.ALL, values);
                FolderOptions.arguments(options);
                SegmentOptions.checkTogether(options);
                return options;
            } catch (EngineException error) {
                IJ.error("SAMCell Folder", error.getMessage());
            }
        }
    }
}
