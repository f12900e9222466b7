package samcell.command;

import ij.ImagePlus;
import samcell.engine.EngineException;
import samcell.options.Options;
import samcell.options.SegmentOptions;

/** Plugins &gt; SAMCell &gt; SAMCell...: the cells of the active image. */
public final class SegmentCommand extends Command {
    private static final String REMEMBERED = "samcell.segment";
    private static final String PRESET = "labels overlay table";

    @Override
    void work() throws EngineException {
        Options options = given(SegmentOptions.ALL);
        ImagePlus image = currentImage();
        if (options == null) {
            Options last = remembered(SegmentOptions.ALL, REMEMBERED, PRESET);
            options = SegmentDialog.ask(image, last);
            if (options == null) {
                return;
            }
            remember(options, REMEMBERED, "model");
        }
        SegmentOptions.checkTogether(options);
        new Segmenting(engine(), monitor(), image, options).run();
    }
}
