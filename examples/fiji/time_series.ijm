// Cells of every frame of the active time series: ROIs with their frames, and cells over time.
// Called with a file and a folder, it opens the file, and saves ROIs and counts to the folder.

argument = getArgument();
if (argument != "") {
    parts = split(argument, "|");
    setBatchMode(true);
    open(parts[0]);
}
series = getImageID();
title = getTitle();
getDimensions(width, height, channels, slices, frames);
if (slices * frames == 1) exit("Open a time series first.");

before = roiManager("count");
run("Clear Results");
run("SAMCell...", "min=30 rois overlay table");

// Stacks from other programs often have their time as slices.
if (frames > 1) axis = "t"; else axis = "z";
count = newArray(slices * frames);
area = newArray(slices * frames);
frame = Array.getSequence(slices * frames);
for (i = 0; i < nResults; i++) {
    at = getResult(axis, i);
    count[at] = count[at] + 1;
    area[at] = area[at] + getResult("area", i);
}
Array.show("Cells over time (row numbers)", frame, count, area);
Plot.create("Cells over time: " + title, "Frame", "Cells", frame, count);
Plot.show();
print(title + ": " + (roiManager("count") - before) + " ROIs in " + count.length + " frames");

if (argument != "") {
    saveAs("png", parts[1] + "cells_over_time.png");
    roiManager("save", parts[1] + "cells_RoiSet.zip");
    for (i = 0; i < count.length; i++) print("frame " + (i + 1) + ": " + count[i]);
}
