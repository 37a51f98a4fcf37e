import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As much of a node as the programs here need: lines in, lines out, requests with a time-out, timers.
 * The main thread reads, one executor runs the timers, one lock makes all callbacks take turns.
 *
 * <p>Bodies are flat objects of texts, numbers and lists of them, except init's and topology's, so a
 * field is found by a pattern; values stay the text that they were.
 */
abstract class Node {
    private final PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final Map<Long, Consumer<String>> calls = new HashMap<>();
    private long lastId = System.nanoTime() / 1000 * 1000;

    protected String id;
    protected List<String> ids = List.of();

    /** A request or message of this type came; requests are answered with reply or error. */
    protected abstract void handle(String type, String line);

    /** The names are known. */
    protected void start() {}

    /** The text of a field's value, or null. */
    protected static String field(String line, String name) {
        Matcher m = Pattern.compile("\"" + name + "\"\\s*:\\s*(\\[[^\\]]*\\]|\"[^\"]*\"|[^,}\\s]+)").matcher(line);
        return m.find() ? m.group(1) : null;
    }

    protected static String text(String line, String name) {
        String value = field(line, name);
        return value == null ? null : value.replace("\"", "");
    }

    /** The elements of a list of numbers or texts. */
    protected static List<String> list(String value) {
        List<String> all = new ArrayList<>();
        if (value != null) {
            for (String part : value.replaceAll("[\\[\\]\"\\s]", "").split(",")) {
                if (!part.isEmpty()) {
                    all.add(part);
                }
            }
        }
        return all;
    }

    private void write(String dest, String body) {
        out.print("{\"src\":\"" + id + "\",\"dest\":\"" + dest + "\",\"body\":{" + body + "}}\n");
        out.flush();
    }

    protected void send(String dest, String type, String fields) {
        write(dest, "\"type\":\"" + type + "\"" + fields);
    }

    /** fields: empty, or text that begins with a comma. */
    protected void reply(String request, String type, String fields) {
        write(text(request, "src"), "\"type\":\"" + type + "\",\"in_reply_to\":" + field(request, "msg_id") + fields);
    }

    protected void error(String request, int code, String text) {
        reply(request, "error", ",\"code\":" + code + ",\"text\":\"" + text + "\"");
    }

    /** answer gets the line, or null after the time-out. */
    protected void call(String dest, String type, String fields, long ms, Consumer<String> answer) {
        long number = ++lastId;
        calls.put(number, answer);
        write(dest, "\"type\":\"" + type + "\",\"msg_id\":" + number + fields);
        after(ms, () -> finish(number, null));
    }

    private void finish(long number, String line) {
        Consumer<String> answer = calls.remove(number);
        if (answer != null) {
            answer.accept(line);
        }
    }

    protected Future<?> after(long ms, Runnable body) {
        return timers.schedule(() -> locked(body), ms, TimeUnit.MILLISECONDS);
    }

    protected void every(long ms, Runnable body) {
        timers.scheduleAtFixedRate(() -> locked(body), ms, ms, TimeUnit.MILLISECONDS);
    }

    private synchronized void locked(Runnable body) {
        try {
            body.run();
        } catch (RuntimeException e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private void hear(String line) {
        String type = text(line, "type");
        String to = field(line, "in_reply_to");
        if (to != null) {
            finish(Long.parseLong(to), line);
        } else if (type.equals("init")) {
            id = text(line, "node_id");
            ids = list(field(line, "node_ids"));
            start();
            reply(line, "init_ok", "");
        } else {
            handle(type, line);
        }
    }

    protected void run() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String heard = line;
            locked(() -> hear(heard));
        }
        timers.shutdownNow();
    }
}
