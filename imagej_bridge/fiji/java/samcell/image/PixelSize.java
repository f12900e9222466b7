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
    // Dots per inch or centimetre say how large to print. A pixel of 10 micrometres is 2540 dpi.
    private static final List<String> PRINTED = Arrays.asList("cm", "centimeter", "inch", "in");
    private static final double LOWEST = 0.001;
    private static final double HIGHEST = 10;

    static {
        name(1e-6, "pm");
        name(1e-4, "\u00e5"); // angstrom
        name(1e-3, "nm", "nanometer");
        name(1.0, "um", "\u00b5m", "\u03bcm", "micron", "microns", "micrometer", "micrometre");
        name(1e3, "mm", "millimeter");
        name(1e4, "cm", "centimeter");
        name(1e6, "m", "meter");
        name(25400.0, "inch", "in");
    }

    private PixelSize() {}

    /** Height and width, or null where the image does not say them in a believable way. */
    public static List<Double> of(ImagePlus image) {
        Calibration calibration = image.getCalibration();
        String rowUnit = calibration.getYUnit().trim().toLowerCase(Locale.ROOT);
        String columnUnit = calibration.getXUnit().trim().toLowerCase(Locale.ROOT);
        double height = length(calibration.pixelHeight, rowUnit);
        double width = length(calibration.pixelWidth, columnUnit);
        boolean printed = PRINTED.contains(rowUnit) || PRINTED.contains(columnUnit);
        if (!isBelievable(height, printed) || !isBelievable(width, printed)) {
            return null;
        }
        return Arrays.asList(height, width);
    }

    /** NaN where the unit is none of length. */
    private static double length(double step, String unit) {
        return Math.abs(step) * MICROMETRES.getOrDefault(unit, Double.NaN);
    }

    private static boolean isBelievable(double length, boolean printed) {
        if (printed) {
            return LOWEST <= length && length <= HIGHEST;
        }
        return length > 0 && !Double.isInfinite(length);
    }

    private static void name(double micrometres, String... names) {
        for (String name : names) {
            MICROMETRES.put(name, micrometres);
        }
    }
}
