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
last = "";
for (i = 0; i < files.length; i++) {
    end = lastIndexOf(files[i], "_");
    if (!endsWith(files[i], ".tif") || end < 0) continue;
    name = substring(files[i], 0, end);
    open(images + files[i]);
    run("SAMCell...", "min=30 labels");
    getStatistics(area, mean, low, highest); // labels are numbered from 1
    close("*");
    if (name != last) names = Array.concat(names, name);
    last = name;
    counts = Array.concat(counts, highest);
    treatment = names.length;
    of = Array.concat(of, treatment);
}

most = 1;
for (i = 0; i < counts.length; i++) most = maxOf(most, counts[i]);
Plot.create("Cells per treatment", "", "Cells per image");
Plot.setFrameSize(120 + 120 * names.length, 300);
Plot.setLimits(0, names.length, 0, 1.2 * most);
Plot.setFormatFlags("1000101010"); // numbers, ticks and lines at the left axis alone
Plot.setJustification("center");
Plot.setLineWidth(2);
for (k = 0; k < names.length; k++) {
    x = newArray(0);
    y = newArray(0);
    for (i = 0; i < counts.length; i++) {
        if (of[i] == k + 1) {
            position = k + 0.5;
            count = counts[i];
            x = Array.concat(x, position);
            y = Array.concat(y, count);
        }
    }
    Array.getStatistics(y, least, largest, mean);
    Plot.setColor("black");
    Plot.addText(names[k], (k + 0.5) / names.length, 1.07);
    Plot.setColor("#3060a0");
    Plot.add("circle", x, y);
    Plot.drawLine(k + 0.25, mean, k + 0.75, mean);
    print(names[k] + ": " + d2s(mean, 1) + " cells per image, " + y.length + " images");
}
Plot.show();
saveAs("png", results + "cells_per_treatment.png");
