// Kafka's dump tool over every file that a broker wrote, in one virtual machine: what it complains of.
//   java -cp 'LIB/*' DumpAll.java LOG-DIRECTORY
import java.io.*;
import java.nio.file.*;
import java.util.*;
import java.util.stream.*;
import org.apache.kafka.tools.DumpLogSegments;

public class DumpAll {
    /** What the tool says, on both of its streams. */
    static String dump(String... arguments) {
        PrintStream out = System.out, err = System.err;
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(text, true);
        System.setOut(both);
        System.setErr(both);
        try {
            DumpLogSegments.main(arguments);
        } catch (Throwable problem) {
            both.println("thrown: " + problem);
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        return text.toString();
    }

    /** The lines about something wrong. Of a log that does not begin at 0 the tool always says that -1 is followed by it. */
    static String complaints(String text) {
        String lines = text.lines().filter(line -> !line.startsWith("| ")).map(line -> line.replaceFirst("payload: .*", ""))
            .filter(line -> line.matches("(?i).*(thrown|isvalid: false|mismatch|is followed by|not found|corrupt|exception|could not|invalid bytes|out of order).*"))
            .filter(line -> !line.matches(" +-1 is followed by \\d+")).limit(3).collect(Collectors.joining(" | "));
        return lines;
    }

    static List<String[]> ways(String file) {
        if (file.endsWith(".log")) return List.<String[]>of(file.contains("__cluster_metadata") ? new String[] {"--cluster-metadata-decoder"} : new String[] {"--deep-iteration"});
        if (file.endsWith("index") && !file.endsWith(".txnindex")) return List.of(new String[] {"--index-sanity-check"}, new String[] {"--verify-index-only"});
        return List.of(new String[][] {{}});
    }

    public static void main(String[] arguments) throws Exception {
        List<String> files;
        try (Stream<Path> all = Files.walk(Path.of(arguments[0]))) {
            files = all.map(Path::toString).filter(name -> name.matches(".*\\.(log|index|timeindex|txnindex|snapshot)")).sorted().toList();
        }
        boolean failed = false;
        Map<String, Integer> done = new TreeMap<>();
        for (String file : files) {
            for (String[] way : ways(file)) {
                if (!Files.exists(Path.of(file))) continue;  // Rolled away or deleted meanwhile.
                List<String> all = new ArrayList<>(List.of(way));
                all.addAll(List.of("--files", file));
                String text = dump(all.toArray(String[]::new)), what = complaints(text);
                if (way.length > 0 && way[0].equals("--index-sanity-check") && !text.matches("(?s).*(passed sanity check|is empty).*")) what += text;
                if (file.contains("__cluster_metadata") && file.endsWith(".log") && !text.contains("TOPIC_RECORD")) what += "no topics";
                done.merge(file.substring(file.lastIndexOf('.')), 1, Integer::sum);
                if (what.isEmpty()) continue;
                failed = true;
                System.out.println("FAILED kafka-tools kafka-dump-log " + String.join(" ", all) + ": " + what.replace('\n', '|'));
            }
        }
        if (!failed) System.out.println("ok kafka-tools kafka-dump-log finds nothing wrong in our files: " + done);
        boolean everything = done.keySet().containsAll(List.of(".log", ".index", ".timeindex", ".snapshot"));
        if (!everything) System.out.println("FAILED kafka-tools not every kind of file is there: " + done);
        System.exit(failed || !everything ? 1 : 0);
    }
}
