package samcell.options;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The options of the smaller commands. */
public final class OtherOptions {
    /** Of {@code SAMCell Evaluate...}. */
    public static final List<Option> EVALUATE =
            Collections.unmodifiableList(
                    Arrays.asList(
                            Option.text(
                                    "predicted", "", "", "Title of the label image to be judged."),
                            Option.text(
                                    "truth", "", "", "Title of the label image that is right."),
                            Option.flag(
                                    "overlay",
                                    "",
                                    "Outlines of missed cells, red, on the true labels, and of"
                                            + " spurious ones, yellow, on the predicted."),
                            Option.flag(
                                    "clear",
                                    "",
                                    "Empty the Results table first; else a row is added.")));

    /** Of {@code SAMCell Measure...}. */
    public static final List<Option> MEASURE =
            Collections.unmodifiableList(
                    Arrays.asList(
                            Option.text(
                                    "image",
                                    "",
                                    "",
                                    "Title of the image; the active one where not given."),
                            Option.text(
                                    "labels",
                                    "",
                                    "",
                                    "Title of a label image; the cells of the ROI Manager where"
                                            + " not given."),
                            Option.flag(
                                    "show", "", "A label image of the ROIs, numbered as the rows."),
                            Option.flag(
                                    "clear",
                                    "",
                                    "Empty the Results table first; else rows are added.")));

    /** Of {@code SAMCell Setup...}. */
    public static final List<Option> SETUP =
            Collections.unmodifiableList(
                    Arrays.asList(
                            Option.text(
                                    "python",
                                    "",
                                    "",
                                    "The Python that SAMCell is installed in, or the folder of its"
                                            + " environment; auto: as it was installed."),
                            Option.flag("test", "", "Start the engine, and ask who it is."),
                            Option.flag("models", "", "List the models, with their licences."),
                            Option.flag("stop", "", "End the engine, and free its memory.")));

    private OtherOptions() {}
}
