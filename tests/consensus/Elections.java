import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Leader election by Raft, sections 5.1 and 5.2: the main thread reads, a scheduled executor runs the
 * timers, one lock guards the state. README.md has the messages.
 */
public final class Elections {
    private static final long HEARTBEAT_MS =
            Long.parseLong(System.getenv().getOrDefault("HEARTBEAT_MS", "50"));
    private static final long ELECTION_MS = 150;

    /**
     * As much of JSON as messages need: where values begin and end. A value stays the text it was, so
     * that an echo is the same text.
     */
    private static final class Scanner {
        private final String text;
        private int at;

        Scanner(String text) {
            this.text = text;
        }

        private char peek() {
            while (Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return text.charAt(at);
        }

        private boolean skip(char wanted) {
            boolean found = peek() == wanted;
            if (found) {
                at++;
            }
            return found;
        }

        private void expect(char wanted) {
            if (!skip(wanted)) {
                throw new IllegalArgumentException("no " + wanted + " at " + at + " of " + text);
            }
        }

        /** One value of any kind: brackets are counted, those in strings are not brackets. */
        private String value() {
            peek();
            int begin = at;
            int depth = 0;
            boolean quoted = false;
            for (; at < text.length(); at++) {
                char c = text.charAt(at);
                if (quoted && c == '\\') {
                    at++;
                } else if (c == '"') {
                    quoted = !quoted;
                } else if (!quoted && (c == '{' || c == '[')) {
                    depth++;
                } else if (!quoted && depth == 0 && "}],:".indexOf(c) >= 0) {
                    break;
                } else if (!quoted && (c == '}' || c == ']')) {
                    depth--;
                }
            }
            return text.substring(begin, at).strip();
        }

        /** Names and types, all of them plain; an escape may stand in values only. */
        String string() {
            String value = value();
            if (value.length() < 2 || value.charAt(0) != '"' || value.indexOf('\\') >= 0) {
                throw new IllegalArgumentException("not a plain string: " + value);
            }
            return value.substring(1, value.length() - 1);
        }

        Map<String, String> object() {
            Map<String, String> members = new HashMap<>();
            expect('{');
            while (!skip('}')) {
                String key = string();
                expect(':');
                members.put(key, value());
                skip(',');
            }
            return members;
        }

        List<String> strings() {
            List<String> list = new ArrayList<>();
            expect('[');
            while (!skip(']')) {
                list.add(string());
                skip(',');
            }
            return list;
        }
    }

    private record Message(String src, String type, Map<String, String> body) {
        static Message parse(String line) {
            Map<String, String> envelope = new Scanner(line).object();
            Map<String, String> body = new Scanner(envelope.get("body")).object();
            return new Message(new Scanner(envelope.get("src")).string(),
                new Scanner(body.get("type")).string(), body);
        }

        long number(String key) {
            return Long.parseLong(body.getOrDefault(key, "0"));
        }
    }

    /** Term and vote, a line each time they change, on disk before anything is sent. */
    private static final class Disk {
        private final RandomAccessFile file;

        Disk(String folder) throws IOException {
            file = folder == null ? null
                : new RandomAccessFile(Path.of(folder, "votes").toFile(), "rw");
        }

        String[] load() throws IOException {
            if (file == null) {
                return new String[] {"0"};
            }
            byte[] bytes = new byte[(int) file.length()];
            file.readFully(bytes);
            String text = new String(bytes, StandardCharsets.US_ASCII);
            // What follows the last newline was cut off by a kill: nobody has been told of it.
            int end = text.lastIndexOf('\n') + 1;
            file.setLength(end);
            file.seek(end);
            String[] lines = text.substring(0, end).split("\n");
            String last = lines[lines.length - 1];
            return last.isEmpty() ? new String[] {"0"} : last.split(" ");
        }

        void save(long term, String vote) throws IOException {
            if (file != null) {
                String line = vote == null ? term + "\n" : term + " " + vote + "\n";
                file.write(line.getBytes(StandardCharsets.US_ASCII));
                file.getFD().sync();
            }
        }
    }

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final PrintStream out = new PrintStream(new java.io.FileOutputStream(
        java.io.FileDescriptor.out), false, StandardCharsets.UTF_8);
    private final Disk disk;
    private String name;
    private List<String> others;
    private String role = "follower";
    private long term;
    private String vote; // null: none yet in this term
    private String leader = ""; // empty: none known
    private Set<String> votes;
    private Future<?> timer;
    private long timerNumber; // a timer that fires while it is being replaced is known by its number

    private Elections() throws IOException {
        disk = new Disk(System.getenv("EDDY_DATA"));
    }

    private void send(String dest, String type, String fields) {
        byte[] line = ("{\"src\":\"" + name + "\",\"dest\":\"" + dest + "\",\"body\":{\"type\":\"" + type
            + "\"" + fields + "}}\n").getBytes(StandardCharsets.UTF_8);
        out.write(line, 0, line.length);
        out.flush();
    }

    private void reply(Message m, String type, String fields) {
        send(m.src(), type, ",\"in_reply_to\":" + m.number("msg_id") + fields);
    }

    private String termField() {
        return ",\"term\":" + term;
    }

    private void remember(long newTerm, String newVote) throws IOException {
        term = newTerm;
        vote = newVote;
        disk.save(term, vote);
    }

    private void restartTimer(long nanoseconds) {
        if (timer != null) {
            timer.cancel(false);
        }
        long number = ++timerNumber;
        timer = timers.schedule(() -> onTimer(number), nanoseconds, TimeUnit.NANOSECONDS);
    }

    private void restartElectionTimer() {
        long least = TimeUnit.MILLISECONDS.toNanos(ELECTION_MS);
        restartTimer(ThreadLocalRandom.current().nextLong(least, 2 * least));
    }

    private synchronized void onTimer(long number) {
        if (number != timerNumber) {
            return;
        }
        try {
            if (role.equals("leader")) {
                heartbeat();
            } else {
                stand();
            }
        } catch (IOException e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private void follow(String newLeader) {
        role = "follower";
        leader = newLeader;
        restartElectionTimer();
    }

    private void tellOthers(String type) {
        for (String other : others) {
            send(other, type, termField());
        }
    }

    private void heartbeat() {
        tellOthers("append");
        restartTimer(TimeUnit.MILLISECONDS.toNanos(HEARTBEAT_MS));
    }

    private void stand() throws IOException {
        remember(term + 1, name);
        role = "candidate";
        leader = "";
        votes = new HashSet<>(Set.of(name));
        restartElectionTimer();
        tellOthers("request_vote");
        countVotes();
    }

    private void countVotes() {
        if (2 * votes.size() > others.size() + 1) {
            role = "leader";
            leader = name;
            System.err.println("leader of term " + term);
            heartbeat();
        }
    }

    private void onInit(Message m) throws IOException {
        name = new Scanner(m.body().get("node_id")).string();
        others = new Scanner(m.body().get("node_ids")).strings();
        others.remove(name);
        String[] words = disk.load();
        term = Long.parseLong(words[0]);
        vote = words.length < 2 ? null : words[1];
        restartElectionTimer();
        reply(m, "init_ok", "");
    }

    private void onRequestVote(Message m) throws IOException {
        boolean granted = m.number("term") == term && (vote == null || vote.equals(m.src()));
        if (granted) {
            if (vote == null) {
                remember(term, m.src());
            }
            restartElectionTimer();
        }
        send(m.src(), "vote", termField() + ",\"granted\":" + granted);
    }

    private void onVote(Message m) {
        boolean ours = m.number("term") == term && m.body().get("granted").equals("true");
        if (role.equals("candidate") && ours) {
            votes.add(m.src());
            countVotes();
        }
    }

    private void onAppend(Message m) {
        if (m.number("term") == term) {
            follow(m.src());
        }
        send(m.src(), "append_ok", termField());
    }

    private static long work(long rounds) {
        int x = 1;
        for (; rounds > 0; rounds--) {
            x ^= x << 13;
            x ^= x >>> 17;
            x ^= x << 5;
        }
        return Integer.toUnsignedLong(x);
    }

    private synchronized void handle(Message m) throws IOException {
        if (name == null && !m.type().equals("init")) {
            return; // the others may be faster than we are
        }
        if (m.number("term") > term) { // 5.1
            remember(m.number("term"), null);
            follow("");
        }
        switch (m.type()) {
            case "init" -> onInit(m);
            case "request_vote" -> onRequestVote(m);
            case "vote" -> onVote(m);
            case "append" -> onAppend(m);
            case "role" -> reply(m, "role_ok",
                ",\"role\":\"" + role + "\",\"leader\":\"" + leader + "\"" + termField());
            case "echo" -> reply(m, "echo_ok", ",\"echo\":" + m.body().get("echo"));
            case "work" -> reply(m, "work_ok", ",\"value\":" + work(m.number("rounds")));
            default -> { }
        }
    }

    public static void main(String[] arguments) throws IOException {
        Elections node = new Elections();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            node.handle(Message.parse(line));
        }
        Runtime.getRuntime().halt(0);
    }
}
