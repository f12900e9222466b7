// Cells per image for each treatment, as a plot: a dot for each image, a line at the mean.
//
// The treatment is what comes before the last underscore of the file's name: control_1.tif,
// control_2.tif, drug_1.tif...

argument = getArgument();
if (argument == "") {
    images = getDirectory("Folder of images");
    results = images;
} else {
    folders = split(argument, "|");
    images = folders[0];
    results = folders[1];
}

setBatchMode(true);
files = getFileList(images);
counts = newArray(0);
of = newArray(0);
names = newArray(0);
for (i = 0; i < files.length; i++) {
    end = lastIndexOf(files[i], "_");
    if (!endsWith(files[i], ".tif") || end < 0) continue;
    name = substring(files[i], 0, end);
    open(images + files[i]);
    run("SAMCell...", "min=30 labels");
    getStatistics(area, mean, low, highest); // labels are numbered from 1
    close("*");
    counts = Array.concat(counts, highest);
    of = Array.concat(of, name);
    if (names.length == 0 || names[names.length - 1] != name) names = Array.concat(names, name);
}

most = 1;
for (i = 0; i < counts.length; i++) most = maxOf(most, counts[i]);
Plot.create("Cells per treatment", "", "Cells per image");
Plot.setFrameSize(120 + 120 * names.length, 300);
Plot.setLimits(0.5, names.length + 0.5, 0, 1.2 * most);
Plot.setXYLabels(String.join(names, "      "), "Cells per image");
for (k = 0; k < names.length; k++) {
    x = newArray(0);
    y = newArray(0);
    for (i = 0; i < counts.length; i++) {
        if (of[i] == names[k]) {
            x = Array.concat(x, k + 1);
            y = Array.concat(y, counts[i]);
        }
    }
    Array.getStatistics(y, least, largest, mean);
    Plot.setColor("#3060a0");
    Plot.add("circle", x, y);
    Plot.setLineWidth(2);
    Plot.drawLine(k + 0.75, mean, k + 1.25, mean);
    print(names[k] + ": " + d2s(mean, 1) + " cells per image, " + y.length + " images");
}
Plot.show();
saveAs("png", results + "cells_per_treatment.png");
