// Cells of the active image as ROIs, corrected by hand, and measured again as they then are.
// Called with a file and a folder, it makes some corrections by itself, as an example of how.

argument = getArgument();
if (argument != "") {
    parts = split(argument, "|");
    setBatchMode(true);
    open(parts[0]);
}
image = getTitle();
if (roiManager("count") > 0) exit("Save and empty the ROI Manager first: all of its ROIs would be measured.");
run("SAMCell...", "min=30 rois");

if (argument == "") {
    roiManager("show all with labels");
    waitForUser("Correct the cells",
        "In the ROI Manager: Delete takes a cell out.\n" +
        "Two parts of a cell: select both, More > OR (Combine), Add, then delete the parts.\n" +
        "A cell that is missing: draw around it, then Add.\n" +
        "A wrong outline: select it, change it, then Update.\n \nOK when all cells are right.");
} else {
    // The first two cells are one.
    roiManager("select", newArray(0, 1));
    roiManager("combine");
    roiManager("add");
    roiManager("select", newArray(0, 1));
    roiManager("delete");
    // A cell was missing.
    makeOval(20, 50, 20, 14);
    Roi.setName("drawn");
    roiManager("add");
    roiManager("deselect");
}

selectWindow(image);
run("Select None");
run("SAMCell Measure...", "image=[" + image + "] show clear");
print(nResults + " cells after correction");
if (argument != "") {
    saveAs("tiff", parts[1] + "corrected_labels.tif");
    saveAs("Results", parts[1] + "corrected_cells.csv");
    roiManager("save", parts[1] + "corrected_RoiSet.zip");
}
