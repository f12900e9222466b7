import ij.ImagePlus;
import ij.process.ByteProcessor;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import samcell.engine.ArraySource;
import samcell.engine.EngineException;
import samcell.engine.Frames;
import samcell.engine.Json;
import samcell.engine.NumberArray;
import samcell.engine.NumberType;
import samcell.engine.Reply;
import samcell.image.PixelSize;
import samcell.options.FolderOptions;
import samcell.options.Option;
import samcell.options.Options;
import samcell.options.OtherOptions;
import samcell.options.SegmentOptions;

/** Answers questions, a JSON array a line, about classes that need no window. */
public final class AskClasses {
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null) {
            List<Object> question = Json.array(Json.parse(line));
            Object answer;
            try {
                answer = answer((String) question.get(0), (String) question.get(1));
            } catch (EngineException | IllegalArgumentException | IOException error) {
                answer = Collections.singletonMap("error", error.getMessage());
            }
            out.println(Json.write(answer));
        }
    }

    private static Object answer(String what, String text) throws EngineException, IOException {
        switch (what) {
            case "json":
                return Json.write(Json.parse(text));
            case "options":
                return segment(text).text();
            case "settings":
                return SegmentOptions.settings(segment(text));
            case "folder":
                return FolderOptions.arguments(
                        Options.parse(FolderOptions.ALL, text, name -> null));
            case "declared":
                return declared(text);
            case "models":
                return SegmentOptions.MODELS;
            case "pixel size":
                return pixelSize(Json.array(Json.parse(text)));
            case "read":
                return read(Base64.getDecoder().decode(text));
            default:
                return write();
        }
    }

    private static Options segment(String text) throws EngineException {
        Options options =
                Options.parse(SegmentOptions.ALL, text, name -> name.equals("size") ? "40" : null);
        SegmentOptions.checkTogether(options);
        return options;
    }

    private static Object declared(String command) {
        Map<String, List<Option>> commands = new LinkedHashMap<>();
        commands.put("segment", SegmentOptions.ALL);
        commands.put("folder", FolderOptions.ALL);
        commands.put("evaluate", OtherOptions.EVALUATE);
        commands.put("measure", OtherOptions.MEASURE);
        commands.put("setup", OtherOptions.SETUP);
        List<Object> told = new ArrayList<>();
        for (Option option : commands.get(command)) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", option.name);
            one.put("kind", option.kind.name());
            one.put("preset", option.preset);
            one.put("low", option.low);
            one.put("high", option.high);
            one.put("choices", option.choices);
            one.put("setting", option.setting);
            told.add(one);
        }
        return told;
    }

    /** Of an image with these units and steps of rows and columns. */
    private static Object pixelSize(List<Object> calibration) {
        ImagePlus image = new ImagePlus("calibrated", new ByteProcessor(1, 1));
        image.getCalibration().setXUnit((String) calibration.get(2));
        image.getCalibration().setYUnit((String) calibration.get(0));
        image.getCalibration().pixelHeight = ((Number) calibration.get(1)).doubleValue();
        image.getCalibration().pixelWidth = ((Number) calibration.get(3)).doubleValue();
        return PixelSize.of(image);
    }

    private static Object read(byte[] bytes) throws IOException {
        Reply reply = Frames.read(new ByteArrayInputStream(bytes), true);
        Map<String, Object> told = new LinkedHashMap<>(reply.header());
        for (Map.Entry<String, NumberArray> entry : reply.arrays().entrySet()) {
            NumberArray array = entry.getValue();
            List<Object> numbers = new ArrayList<>();
            for (int plane = 0; plane < array.planeCount(); plane++) {
                for (int i = 0; i < array.planeSize(); i++) {
                    numbers.add(array.get(plane, i));
                }
            }
            told.put(entry.getKey(), numbers);
        }
        return told;
    }

    private static Object write() throws IOException {
        ArraySource array =
                new ArraySource() {
                    @Override
                    public NumberType type() {
                        return NumberType.UINT16;
                    }

                    @Override
                    public List<Integer> shape() {
                        return Arrays.asList(1, 2);
                    }

                    @Override
                    public void writeTo(OutputStream out) throws IOException {
                        out.write(new byte[] {1, 0, 0, 1});
                    }
                };
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("id", 1L);
        header.put("op", "h\u00e9llo");
        Frames.write(out, header, Collections.singletonMap("image", array));
        return Base64.getEncoder().encodeToString(out.toByteArray());
    }
}
