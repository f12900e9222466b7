package samcell.image;

import ij.ImagePlus;
import ij.measure.Calibration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Height and width of a pixel in micrometres, as the calibration of an image says. */
public final class PixelSize {
    private static final Map<String, Double> MICROMETRES = new HashMap<>();

    static {
        for (String name : new String[] {"um", "\u00b5m", "\u03bcm", "micron", "microns", "micrometer", "micrometre"}) {
            MICROMETRES.put(name, 1.0);
        }
        MICROMETRES.put("nm", 1e-3);
        MICROMETRES.put("mm", 1e3);
        MICROMETRES.put("cm", 1e4);
        MICROMETRES.put("m", 1e6);
        MICROMETRES.put("inch", 25400.0);
        MICROMETRES.put("in", 25400.0);
    }

    private PixelSize() {}

    /** Height and width, or null where the image is not calibrated in a unit of length. */
    public static List<Double> of(ImagePlus image) {
        Calibration calibration = image.getCalibration();
        Double height = MICROMETRES.get(calibration.getYUnit().toLowerCase(Locale.ROOT));
        Double width = MICROMETRES.get(calibration.getXUnit().toLowerCase(Locale.ROOT));
        if (height == null || width == null) {
            return null;
        }
        return Arrays.asList(
                Math.abs(height * calibration.pixelHeight), Math.abs(width * calibration.pixelWidth));
    }
}
