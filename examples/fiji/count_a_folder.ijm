// Counts the cells of every image of a folder, and saves the counts, the measures of all cells and
// an outline picture of each image.
//
// Plugins > Macros > Run..., or: imagej -batch count_a_folder.ijm "/images/|/results/"

argument = getArgument();
if (argument == "") {
    images = getDirectory("Folder of images");
    results = getDirectory("Folder for the results");
} else {
    folders = split(argument, "|");
    images = folders[0];
    results = folders[1];
}

setBatchMode(true);
run("Clear Results");
Table.create("Counts");
files = getFileList(images);
row = 0;
for (i = 0; i < files.length; i++) {
    if (!matches(toLowerCase(files[i]), ".*\\.(tif|tiff|png|jpg)")) continue;
    showProgress(i, files.length);
    open(images + files[i]);
    before = nResults;
    run("SAMCell...", "min=30 overlay table");
    Table.set("Image", row, files[i], "Counts");
    Table.set("Cells", row, nResults - before, "Counts");
    row++;
    run("Flatten");
    saveAs("png", results + File.getNameWithoutExtension(files[i]) + "_outlines.png");
    close("*");
}
Table.save(results + "counts.csv", "Counts");
saveAs("Results", results + "cells.csv");
print(row + " images, " + nResults + " cells: " + results);
