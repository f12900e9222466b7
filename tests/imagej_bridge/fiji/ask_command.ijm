// Runs the command on every image of a folder, and writes down what ImageJ then holds.
var folder = getArgument();
var told = "";
setBatchMode(true);
run("Line Width...", "line=1");
run("SAMCell Folder...", "input=[" + folder + "images] output=[" + folder
    + "out] METHOD channel=1 save=labels");
names = newArray("grey8", "grey16", "float32", "colour", "signed", "slices", "film",
    "inverted8", "inverted16", "inverted_float", "inverted_signed");
newImage("empty", "8-bit black", 50, 50, 1);
makeRectangle(1, 1, 5, 5);
Roi.setName("mine");
roiManager("add");
close();
for (n = 0; n < names.length; n++) askImage(names[n]);
askSelections();
askStacks();
askEvaluation();
run("SAMCell Setup...", "test models");
File.saveString(told, folder + "told.txt");

function tell(name, value) {
    told = told + name + "\t" + value + "\n";
}

function askImage(name) {
    open(folder + "images/" + name + ".tif");
    image = getTitle();
    before = roiManager("count");
    options = "METHOD labels rois overlay table clear";
    // Of a file of RGB the folder was told to take the first channel.
    if (name == "colour" || name == "film") options = options + " channel=1";
    run("SAMCell...", options);
    getDimensions(width, height, channels, slices, frames);
    tell(name + " size", "" + channels + " " + slices + " " + frames);
    if (name == "grey8") {
        getPixelSize(unit, pixelWidth, pixelHeight);
        tell("grey8 scale", unit + " " + pixelWidth + " " + pixelHeight);
        getLut(reds, greens, blues);
        tell("lut", "" + joined(reds) + " " + joined(greens) + " " + joined(blues));
        tell("first load", "" + load());
        tell("info", replace(getMetadata("Info"), "\n", "|"));
    }
    if (name == "grey16") tell("second load", "" + load());
    saveAs("tiff", folder + name + "-labels.tif");
    close();
    selectImage(image);
    tell(name + " counts", "" + (roiManager("count") - before) + " " + Overlay.size + " " + nResults);
    writeTable(name);
    writeRois(name, before);
    if (name == "grey8") {
        roiManager("select", 0);
        tell("first roi", "" + Roi.getName);
        // The cells alone, measured again.
        roiManager("delete");
        areas = "";
        for (i = 0; i < nResults; i++) areas = areas + getResult("area", i) + " ";
        tell("areas", areas);
        run("SAMCell Measure...", "image=[" + image + "] clear");
        areas = "";
        for (i = 0; i < nResults; i++) areas = areas + getResult("area", i) + " ";
        tell("again", areas);
        makeRectangle(1, 1, 5, 5);
        Roi.setName("mine");
        roiManager("add");
    }
    close("*");
}

function load() {
    text = getMetadata("Info");
    start = indexOf(text, "seconds: load ") + 14;
    return substring(text, start, indexOf(text, ",", start));
}

function writeTable(name) {
    headings = split(String.getResultsHeadings, "\t");
    lines = "";
    for (h = 0; h < headings.length; h++) {
        if (headings[h] != " " && headings[h] != "Label") {
            line = headings[h] + "\t";
            for (i = 0; i < nResults; i++) line = line + d2s(getResult(headings[h], i), -9) + " ";
            lines = lines + line + "\n";
        }
    }
    File.saveString(lines, folder + name + "-table.txt");
}

// Fills the ROIs with 1, 2, 3... in their order, each on its plane.
function writeRois(name, before) {
    getDimensions(width, height, channels, slices, frames);
    newImage("filled", "16-bit black grayscale-mode", width, height, channels, slices, frames);
    labels = "";
    zs = "";
    ts = "";
    for (i = before; i < roiManager("count"); i++) {
        roiManager("select", i);
        Stack.getPosition(c, z, t);
        zs = zs + z + " ";
        ts = ts + t + " ";
        labels = labels + Roi.getProperty("label") + " ";
        setColor(i - before + 1);
        fill();
    }
    tell(name + " roi labels", labels);
    tell(name + " roi slices", zs);
    tell(name + " roi frames", ts);
    run("Select None");
    saveAs("tiff", folder + name + "-filled.tif");
    close();
}

function askSelections() {
    open(folder + "images/grey8.tif");
    rename("whole");
    makeOval(14, 8, 100, 80);
    run("SAMCell...", "METHOD labels");
    saveAs("tiff", folder + "inside.tif");
    close();
    selectImage("whole");
    makeRectangle(20, 10, 90, 70);
    run("SAMCell...", "METHOD labels table clear selection=box");
    saveAs("tiff", folder + "box.tif");
    close();
    tell("box centre", "" + d2s(getResult("centroid_y", 0), -9) + " " + d2s(getResult("centroid_x", 0), -9));
    selectImage("whole");
    run("SAMCell...", "METHOD labels distance selection=ignore");
    saveAs("tiff", folder + "ignore.tif");
    close();
    selectImage("whole-distance");
    saveAs("tiff", folder + "distance.tif");
    close();
    selectImage("whole");
    run("Crop");
    run("SAMCell...", "METHOD labels");
    saveAs("tiff", folder + "crop.tif");
    close("*");
}

function askStacks() {
    choices = newArray("current", "slices", "frames");
    for (i = 0; i < choices.length; i++) {
        open(folder + "images/film.tif");
        Stack.setPosition(1, 1, 2);
        run("SAMCell...", "METHOD labels stack=" + choices[i]);
        getDimensions(width, height, channels, slices, frames);
        tell("film " + choices[i], "" + slices + " " + frames);
        close("*");
    }
}

function askEvaluation() {
    open(folder + "grey8-labels.tif");
    run("Duplicate...", "title=copy");
    run("SAMCell Evaluate...", "predicted=copy truth=grey8-labels.tif clear");
    tell("same", "" + getResult("seg", 0) + " " + getResult("det", 0) + " " + getResult("op_csb", 0));
    drawMine("grey8-labels.tif");
    drawMine("copy");
    selectImage("copy");
    changeValues(1, 1, 0);
    for (i = 0; i < 2; i++)
        run("SAMCell Evaluate...", "predicted=copy truth=grey8-labels.tif overlay");
    tell("missed", "" + getResult("missed", nResults - 1));
    tell("drawn on the truth", drawn("grey8-labels.tif"));
    tell("drawn on the prediction", drawn("copy"));
    run("SAMCell Evaluate...", "predicted=grey8-labels.tif truth=copy overlay");
    tell("drawn where it is spurious", drawn("grey8-labels.tif"));
    close("*");
}

function drawMine(image) {
    selectImage(image);
    makeRectangle(1, 1, 5, 5);
    Roi.setName("mine");
    Overlay.addSelection("blue");
    run("Select None");
}

// Names and colours of what lies in the overlay.
function drawn(image) {
    selectImage(image);
    text = "";
    for (n = 0; n < Overlay.size; n++) {
        Overlay.activateSelection(n);
        text = text + Roi.getName + " " + Roi.getStrokeColor + " ";
    }
    run("Select None");
    return text;
}

function joined(numbers) {
    text = "" + numbers[0];
    for (i = 1; i < numbers.length; i++) text = text + " " + numbers[i];
    return text;
}
