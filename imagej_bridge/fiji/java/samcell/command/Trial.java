package samcell.command;

import ij.ImagePlus;
import ij.process.ByteProcessor;
import java.awt.Rectangle;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import samcell.engine.Engine;
import samcell.engine.EngineException;
import samcell.engine.EngineLocation;
import samcell.engine.Json;
import samcell.engine.Monitor;
import samcell.engine.Reply;
import samcell.image.ImagePixels;
import samcell.image.Planes;

/** For {@code samcell-cli fiji check}: an image through this jar to the engine, without windows. */
public final class Trial {
    private static final int SIZE = 256;

    private Trial() {}

    /** Says as a line of JSON what came of it; the exit code is 1 where it failed. */
    public static void main(String[] arguments) {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("java", System.getProperty("java.version"));
        try {
            EngineLocation location = EngineLocation.find("");
            told.put("python", location.path());
            told.put("found_by", location.foundBy());
            Engine engine = Engine.shared(location);
            told.put("engine", engine.hello(new Patience()).get("engine"));
            Planes planes = new Planes(new ImagePlus("drawn", drawn()), "all");
            ImagePixels pixels = new ImagePixels(planes, new Rectangle(SIZE, SIZE));
            Reply reply =
                    engine.request(
                            "segment",
                            new LinkedHashMap<>(),
                            Collections.singletonMap("image", pixels),
                            new Patience());
            told.put("model", reply.object("model").get("name"));
            told.put("count", reply.header().get("count"));
        } catch (EngineException error) {
            told.put("error", error.getMessage());
        }
        System.out.println(Json.write(told));
        Engine.stop();
        System.exit(told.containsKey("error") ? 1 : 0);
    }

    /** Bright discs on grey ground. */
    private static ByteProcessor drawn() {
        ByteProcessor image = new ByteProcessor(SIZE, SIZE);
        image.setValue(90);
        image.fill();
        for (int i = 0; i < 16; i++) {
            image.setValue(200);
            image.fillOval(18 + i % 4 * 60, 18 + i / 4 * 60, 36, 36);
        }
        return image;
    }

    private static final class Patience implements Monitor {
        @Override
        public void progress(String what, long done, long total) {}

        @Override
        public boolean isCancelled() {
            return false;
        }
    }
}
