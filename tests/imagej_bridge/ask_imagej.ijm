// Opens every file of a folder in ImageJ and writes down what ImageJ sees. ROIs of the test are
// filled with 1, 2, 3... in their order; shapes drawn here are filled on a plane each.
var folder = getArgument();
var rois = "";
var images = "";
var tables = "";
setBatchMode(true);
run("Line Width...", "line=1");
files = getFileList(folder);
for (f = 0; f < files.length; f++) {
    name = replace(files[f], "\\.[a-z]+$", "");
    if (endsWith(files[f], ".zip")) askSet(name);
    if (endsWith(files[f], ".tif")) askImage(name);
    if (endsWith(files[f], ".csv")) askTable(name);
}
File.saveString(rois, folder + "rois.txt");
File.saveString(images, folder + "images.txt");
File.saveString(tables, folder + "tables.txt");
drawAreas();
drawFlat();
File.saveString("done", folder + "done");

function askSet(name) {
    size = split(File.openAsString(folder + name + ".size"), " \n");
    newImage(name, "16-bit black grayscale-mode", size[0], size[1], size[2], size[3], size[4]);
    roiManager("reset");
    roiManager("open", folder + name + ".zip");
    for (i = 0; i < roiManager("count"); i++) {
        roiManager("select", i);
        Roi.getPosition(c, z, t);
        line = name + "\t" + Roi.getName + "\t" + RoiManager.getName(i) + "\t" + c + "\t" + z
            + "\t" + t + "\t" + Roi.getProperty("label") + "\t" + Roi.getProperty("confidence")
            + "\t" + Roi.getType + "\t" + Roi.getStrokeColor + "\t" + Roi.getStrokeWidth + "\n";
        rois = rois + line;
        setColor(i + 1);
        fill();
    }
    run("Select None");
    saveAs("tiff", folder + name + "-filled.tif");
    roiManager("save", folder + name + "-again.zip");
    close();
}

function askImage(name) {
    open(folder + name + ".tif");
    getDimensions(width, height, channels, slices, frames);
    getPixelSize(unit, pixelWidth, pixelHeight);
    getMinAndMax(low, high);
    getLut(reds, greens, blues);
    line = name + "\t" + width + " " + height + " " + channels + " " + slices + " " + frames
        + "\t" + bitDepth() + "\t" + unit + " " + d2s(pixelWidth, -15) + " "
        + d2s(pixelHeight, -15) + "\t" + low + " " + high + "\t" + joined(reds) + " "
        + joined(greens) + " " + joined(blues) + "\n";
    images = images + line;
    saveAs("tiff", folder + name + "-copy.tif");
    close();
}

// A line for each cell of a table: its column, what it says, and what number that is. The table is
// named each time, for the one in front may be another as soon as a window is activated late.
function askTable(name) {
    title = name + ".csv";
    Table.open(folder + title);
    headings = split(String.trim(Table.headings(title)), "\t");
    for (row = 0; row < Table.size(title); row++)
        for (h = 0; h < headings.length; h++)
            tables = tables + name + "\t" + row + "\t" + headings[h] + "\t"
                + Table.getString(headings[h], row, title) + "\t"
                + digits(Table.get(headings[h], row, title)) + "\n";
    run("Close");
}

// A number as the sum of two, because ImageJ shows nine digits of each at most.
function digits(number) {
    first = d2s(number, -9);
    return first + "\t" + d2s(number - parseFloat(first), -9);
}

function joined(numbers) {
    text = "" + numbers[0];
    for (i = 1; i < numbers.length; i++) text = text + " " + numbers[i];
    return text;
}

// A number from -8 to 68 in quarters, so that many centres of pixels lie exactly on lines.
function place() {
    return floor(random() * 304) / 4 - 8;
}

function drawAreas() {
    random("seed", 7);
    kinds = newArray("rectangle", "subpixel rectangle", "oval", "subpixel oval", "polygon",
        "subpixel polygon", "freehand", "ellipse", "rotated", "union", "hole", "inverse", "wand",
        "curves");
    count = kinds.length * 15;
    newImage("drawn", "8-bit black", 60, 50, count);
    roiManager("reset");
    list = "[";
    for (i = 0; i < count; i++) {
        setSlice(i + 1);
        kind = kinds[i % kinds.length];
        if (i > 0) list = list + ", ";
        list = list + "\"" + kind + " " + i + "\"";
        n = 3 + floor(random() * 9);
        x = newArray(n);
        y = newArray(n);
        for (k = 0; k < n; k++) {
            x[k] = place();
            y[k] = place();
            if (kind == "polygon") {
                x[k] = floor(x[k]);
                y[k] = floor(y[k]);
            }
        }
        w = 1 + random() * 30;
        h = 1 + random() * 30;
        if (kind == "rectangle") makeRectangle(floor(x[0]) - 5, floor(y[0]) - 5, floor(w) + 6, floor(h) + 6);
        if (kind == "subpixel rectangle") makeRectangle(x[0] - 5, y[0] - 5, w + 6, h + 6);
        if (kind == "oval") makeOval(floor(x[0]) - 5, floor(y[0]) - 5, floor(w) + 6, floor(h) + 6);
        if (kind == "subpixel oval") makeOval(x[0] - 5, y[0] - 5, w + 6, h + 6);
        if (kind == "polygon") makeSelection("polygon", x, y);
        if (kind == "subpixel polygon") makeSelection("polygon", x, y);
        if (kind == "freehand") makeSelection("freehand", x, y);
        if (kind == "ellipse") makeEllipse(x[0], y[0], x[1], y[1], random());
        if (kind == "rotated") makeRotatedRectangle(x[0], y[0], x[1], y[1], w);
        if (kind == "union" || kind == "hole" || kind == "inverse") {
            makeOval(floor(w), floor(h), 12 + floor(w), 10 + floor(h));
            if (kind == "hole") setKeyDown("alt"); else setKeyDown("shift");
            makeRectangle(floor(w) + 4, floor(h) + 3, 4 + floor(h), 5);
            setKeyDown("none");
            if (kind == "inverse") run("Make Inverse");
        }
        if (kind == "wand") {
            stack = getImageID();
            newImage("drawing", "8-bit black", 60, 50, 1);
            makeSelection("freehand", x, y);
            setColor(200);
            fill();
            run("Select None");
            doWand(30, 25);
            Roi.getCoordinates(x, y);
            close();
            selectImage(stack);
            makeSelection("traced", x, y);
        }
        if (kind == "curves") {
            makeRectangle(floor(w), floor(h), 14 + floor(w), 12 + floor(h), 9);
            setKeyDown("shift");
            makeRectangle(floor(w) + 3, floor(h) - 6, 4, 9);
            setKeyDown("none");
        }
        setSlice(i + 1);
        roiManager("add");
        setColor(255);
        fill();
    }
    run("Select None");
    saveAs("tiff", folder + "drawn-filled.tif");
    roiManager("save", folder + "drawn.zip");
    File.saveString(list + "]", folder + "drawn.json");
    close();
}

function drawFlat() {
    newImage("flat", "8-bit black", 60, 50, 1);
    roiManager("reset");
    makeLine(3, 4, 20, 30);
    add("line");
    makePoint(5, 6);
    add("point");
    makeSelection("angle", newArray(1, 20, 30), newArray(1, 2, 30));
    add("angle");
    makeSelection("polyline", newArray(1, 20, 30, 5), newArray(1, 2, 30, 8));
    add("polyline");
    roiManager("save", folder + "flat.zip");
    close();
}

function add(name) {
    Roi.setName(name);
    roiManager("add");
}
