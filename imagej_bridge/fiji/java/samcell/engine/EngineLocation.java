package samcell.engine;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where the engine is: the Python, or the command, that SAMCell is installed in. */
public final class EngineLocation {
    /** The file beside the jar that {@code samcell-cli fiji install} writes. */
    public static final String RECORD = "SAMCell_engine.json";

    private static final String COMMAND = "samcell-cli";
    private static final String[] INSIDE = {"bin/python", "python.exe", "Scripts/python.exe"};
    private static final String HOW =
            "in a terminal in which samcell-cli works, type: samcell-cli fiji install \"folder of"
                    + " Fiji\", or give the Python that SAMCell is installed in at Plugins >"
                    + " SAMCell > SAMCell Setup...";
    // As `-m` does, but nothing is imported from the folder that happens to be the current one.
    private static final String WITH_USER_PACKAGES =
            "import sys; sys.path.remove(''); from ";

    private final String path;
    private final String foundBy;

    private EngineLocation(String path, String foundBy) {
        this.path = path;
        this.foundBy = foundBy;
    }

    /** Path of the Python, or of samcell-cli. */
    public String path() {
        return path;
    }

    /** What named it. */
    public String foundBy() {
        return foundBy;
    }

    /**
     * Finds it: as chosen in the setup, as installed, as the environment says, or on the PATH.
     *
     * @param chosen what the user chose; empty where nothing
     */
    public static EngineLocation find(String chosen) throws EngineException {
        List<String> gone = new ArrayList<>();
        String[][] places = {
            {"SAMCell Setup", chosen},
            {RECORD, recorded()},
            {"SAMCELL_PYTHON", System.getenv("SAMCELL_PYTHON")},
        };
        for (String[] place : places) {
            String text = place[1] == null ? "" : place[1].trim();
            if (!text.isEmpty()) {
                File program = program(text);
                if (program != null) {
                    return new EngineLocation(program.getPath(), place[0]);
                }
                gone.add(text + ", which " + place[0] + " names, is not there");
            }
        }
        File command = onThePath(COMMAND);
        if (command != null) {
            return new EngineLocation(command.getPath(), "PATH");
        }
        String because = gone.isEmpty() ? "" : " (" + String.join("; ", gone) + ")";
        throw new EngineException("missing", "The SAMCell engine was not found" + because + ": " + HOW + ".");
    }

    /** Where a text leads, or an error that says that it leads nowhere. */
    public static String check(String text) throws EngineException {
        File program = program(text.trim());
        if (program == null) {
            throw new EngineException(
                    "missing",
                    "There is no program " + text.trim() + ": give the Python that SAMCell is"
                            + " installed in, or the folder of its environment.");
        }
        return program.getPath();
    }

    /** Ways to start the engine, to be tried in turn while it is not found. */
    List<List<String>> commands() {
        if (isCommand()) {
            return Arrays.asList(Arrays.asList(path, "worker", "--parent", processId()));
        }
        // First without what `pip install --user` installed, for that often does not fit.
        return Arrays.asList(
                Arrays.asList(path, "-I", "-m", "samcell_core.worker", "--parent", processId()),
                Arrays.asList(
                        path,
                        "-E",
                        "-c",
                        WITH_USER_PACKAGES + "samcell_core.worker import main; sys.exit(main())",
                        "--parent",
                        processId()));
    }

    /** Ways to begin a call of samcell-cli, to be tried in turn while it is not found. */
    public List<List<String>> commandLines() {
        if (isCommand()) {
            return Arrays.asList(Arrays.asList(path));
        }
        return Arrays.asList(
                Arrays.asList(path, "-I", "-m", "samcell_cli"),
                Arrays.asList(
                        path,
                        "-E",
                        "-c",
                        WITH_USER_PACKAGES + "samcell_cli.main import main; main()"));
    }

    /** A process of the engine's Python, without what other Pythons have left in the environment. */
    public static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .keySet()
                .removeIf(
                        name ->
                                name.startsWith("PYTHON")
                                        || name.equals("VIRTUAL_ENV")
                                        || name.equals("__PYVENV_LAUNCHER__"));
        return builder;
    }

    private boolean isCommand() {
        String name = new File(path).getName().toLowerCase(Locale.ROOT);
        return name.equals(COMMAND) || name.equals(COMMAND + ".exe");
    }

    private static File program(String text) {
        File given = new File(text.startsWith("~/") ? home(text) : text);
        List<File> candidates = new ArrayList<>(Arrays.asList(given, new File(text + ".exe")));
        for (String inside : INSIDE) {
            candidates.add(new File(given, inside));
        }
        for (File candidate : candidates) {
            if (candidate.isFile()) {
                // Not resolved: the Python of an environment is a link, and only as such its own.
                return candidate.getAbsoluteFile();
            }
        }
        return given.getName().equals(text) ? onThePath(text) : null;
    }

    private static String home(String text) {
        return System.getProperty("user.home") + text.substring(1);
    }

    private static File onThePath(String name) {
        String path = System.getenv("PATH");
        for (String folder : (path == null ? "" : path).split(File.pathSeparator)) {
            for (String ending : new String[] {"", ".exe"}) {
                File file = new File(folder, name + ending);
                if (!folder.isEmpty() && file.isFile()) {
                    return file.getAbsoluteFile();
                }
            }
        }
        return null;
    }

    private static String recorded() {
        File folder = folder();
        if (folder == null) {
            return "";
        }
        File file = new File(folder, RECORD);
        try {
            byte[] bytes = Files.readAllBytes(file.toPath());
            Map<String, Object> record = Json.parseObject(new String(bytes, StandardCharsets.UTF_8));
            return (String) record.get("python");
        } catch (IOException error) {
            return "";
        } catch (IllegalArgumentException | ClassCastException error) {
            return "the program of the damaged file " + file;
        }
    }

    /** The folder that the jar lies in. */
    private static File folder() {
        CodeSource source = EngineLocation.class.getProtectionDomain().getCodeSource();
        try {
            return source == null ? null : new File(source.getLocation().toURI()).getParentFile();
        } catch (URISyntaxException | IllegalArgumentException error) {
            return null;
        }
    }

    private static String processId() {
        // Java 8 has no other way.
        return java.lang.management.ManagementFactory.getRuntimeMXBean().getName().split("@")[0];
    }
}
