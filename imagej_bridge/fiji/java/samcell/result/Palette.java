package samcell.result;

import ij.process.LUT;
import java.awt.Color;

/** The colours of labels: black outside cells, neighbouring numbers far apart. */
public final class Palette {
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;
    private static final double[] SATURATIONS = {0.60, 1.00, 0.80};
    private static final double[] BRIGHTNESSES = {1.00, 0.75};
    private static final byte[][] TABLE = new byte[3][256];

    static {
        for (int number = 0; number < 255; number++) {
            double hue = number * GOLDEN % 1;
            double saturation = SATURATIONS[number % SATURATIONS.length];
            if (hue > 0.6 && hue < 0.75) { // pure blue is nearly black to the eye
                saturation = Math.min(saturation, 0.7);
            }
            double[] colour = rgb(hue, saturation, BRIGHTNESSES[number % BRIGHTNESSES.length]);
            for (int i = 0; i < 3; i++) {
                TABLE[i][number + 1] = (byte) Math.rint(colour[i] * 255);
            }
        }
    }

    private Palette() {}

    public static LUT lut() {
        return new LUT(TABLE[0], TABLE[1], TABLE[2]);
    }

    /** The colour of a label above 0: that of the table, over and over. */
    public static Color colourOf(int label) {
        int i = (label - 1) % 255 + 1;
        return new Color(TABLE[0][i] & 0xff, TABLE[1][i] & 0xff, TABLE[2][i] & 0xff);
    }

    private static double[] rgb(double hue, double saturation, double value) {
        int sector = (int) (hue * 6);
        double rest = hue * 6 - sector;
        double p = value * (1 - saturation);
        double q = value * (1 - saturation * rest);
        double t = value * (1 - saturation * (1 - rest));
        double[][] sectors = {
            {value, t, p}, {q, value, p}, {p, value, t}, {p, q, value}, {t, p, value}, {value, p, q}
        };
        return sectors[sector % 6];
    }
}
