import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An echo node that uses time, timers, chance and identity hashes: all of it the seed's. */
class Honest {
    static final Pattern SRC = Pattern.compile("\"src\":\"([^\"]*)\"");
    static final Pattern DEST = Pattern.compile("\"dest\":\"([^\"]*)\"");
    static final Pattern MSG_ID = Pattern.compile("\"msg_id\":(\\d+)");
    static final Pattern ECHO = Pattern.compile("\"echo\":(\"[^\"]*\")");

    static String find(Pattern pattern, String line) {
        Matcher m = pattern.matcher(line);
        return m.find() ? m.group(1) : "";
    }

    static synchronized void send(String line, String body) {
        System.out.println("{\"src\":\"" + find(DEST, line) + "\",\"dest\":\"" + find(SRC, line)
            + "\",\"body\":{\"in_reply_to\":" + find(MSG_ID, line) + "," + body + "}}");
        System.out.flush();
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        ScheduledExecutorService timers = Executors.newScheduledThreadPool(2);
        Random random = new Random();
        Set<Object> objects = new HashSet<>();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String request = line;
            if (request.contains("\"type\":\"init\"")) {
                send(request, "\"type\":\"init_ok\"");
                continue;
            }
            timers.schedule(() -> {
                Object fresh = new Object();
                objects.add(fresh);
                System.err.println(System.currentTimeMillis() + " " + System.nanoTime() + " "
                    + random.nextInt() + " " + fresh.hashCode());
                send(request, "\"type\":\"echo_ok\",\"echo\":" + find(ECHO, request));
            }, random.nextInt(10000), TimeUnit.MICROSECONDS);
        }
        timers.shutdown();
    }
}
