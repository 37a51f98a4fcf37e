// Node.java - a node of a simulated cluster: messages in, messages out, requests, timers, logs.
//
//     public static void main(String[] args) {
//         Node node = new Node();
//         node.on("echo", m -> node.reply(m, "echo_ok", "echo", m.need("echo")));
//         node.run();
//     }
//
// The messages are those of docs/protocol.md: lines of JSON on stdin and stdout. The kit answers init itself.
//
// Two threads: one reads lines, the other runs everything of yours, one thing after the other: handlers, timers,
// and what is done with answers. So a node's state needs no lock, and nothing may block. What happens later is
// given to call(), after() or every(); a lambda may use the message that it answers.
package kit;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

public final class Node {
    private record Call(String dest, Timer timeout, BiConsumer<Message, RpcError> answered) {}

    private final PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false);
    private final ScheduledThreadPoolExecutor loop = new ScheduledThreadPoolExecutor(1);
    private final Map<String, Consumer<Message>> handlers = new HashMap<>();
    private final Map<Long, Call> calls = new HashMap<>();
    private Runnable start = () -> {};
    private String id; // null before init
    private List<String> ids = List.of();
    private long lastMsgId = 1_000_000L * new SecureRandom().nextInt(1_000_000); // an answer to an earlier life must not fit
    private boolean ended; // the input
    private int open; // calls and timers that must end before the node does

    // Set-up, before run().

    public void on(String type, Consumer<Message> handler) {
        handlers.put(type, handler);
    }

    /** What runs when the names are known, before init is answered. */
    public void onStart(Runnable start) {
        this.start = start;
    }

    /** Reads messages until the end of the input and of everything that is open then; ends the program. */
    public void run() {
        loop.setRemoveOnCancelPolicy(true);
        try {
            readLines(System.in);
        } catch (IOException e) {
            log("reading failed: " + e);
        }
        loop.execute(() -> {
            ended = true;
            endIfDone();
        });
    }

    // Who is who; known from start on. Names are in the order of init, the same on all nodes.

    public String id() {
        return id;
    }

    public List<String> ids() {
        return ids;
    }

    /** All names but our own. */
    public List<String> peers() {
        return ids.stream().filter(name -> !name.equals(id)).toList();
    }

    // Messages. Fields are those of the body, as a Map or as keys and values in turn; type, msg_id and
    // in_reply_to are put in.

    public void reply(Message m, String type, Map<String, Object> fields) {
        if (m.msgId() == null) {
            return; // it asked for no answer
        }
        Map<String, Object> body = new LinkedHashMap<>(fields);
        body.put("msg_id", ++lastMsgId);
        body.put("in_reply_to", m.msgId());
        write(m.src(), type, body);
    }

    public void reply(Message m, String type, Object... keysAndValues) {
        reply(m, type, Json.object(keysAndValues));
    }

    public void error(Message m, int code, String text) {
        reply(m, "error", "code", code, "text", text);
    }

    public void send(String dest, String type, Map<String, Object> fields) {
        write(dest, type, new LinkedHashMap<>(fields));
    }

    public void send(String dest, String type, Object... keysAndValues) {
        send(dest, type, Json.object(keysAndValues));
    }

    /**
     * A request. answered runs exactly once: with the answer and null, or with null and an error, whose code is
     * TIMEOUT if none came in time. Nothing is sent again.
     */
    public void call(String dest, String type, Map<String, Object> fields, int timeoutMs, BiConsumer<Message, RpcError> answered) {
        long msgId = ++lastMsgId;
        Timer timeout = after(timeoutMs, () -> {
            calls.remove(msgId);
            answered.accept(null, new RpcError(RpcError.TIMEOUT, dest + " did not answer in time"));
        });
        calls.put(msgId, new Call(dest, timeout, answered));
        Map<String, Object> body = new LinkedHashMap<>(fields);
        body.put("msg_id", msgId);
        write(dest, type, body);
    }

    // Timers.

    public static final class Timer {
        private Future<?> future;
        private boolean held; // the node does not end before it has fired
    }

    public Timer after(int ms, Runnable f) {
        Timer timer = new Timer();
        timer.held = !ended;
        open += timer.held ? 1 : 0;
        timer.future = loop.schedule(() -> {
            guard(f, null);
            release(timer);
        }, ms, TimeUnit.MILLISECONDS);
        return timer;
    }

    /** Again and again. Late, as after a pause, it runs once and not once a missed time. */
    public Timer every(int ms, Runnable f) {
        Timer timer = new Timer();
        timer.future = loop.scheduleWithFixedDelay(() -> guard(f, null), ms, ms, TimeUnit.MILLISECONDS);
        return timer;
    }

    /** Fine if it has fired. */
    public void cancel(Timer timer) {
        timer.future.cancel(false);
        release(timer);
    }

    /** One line on stderr, which the harness keeps per node. stdout is for messages only. */
    public void log(String line) {
        System.err.println(line);
    }

    // Inside: what runs on the loop.

    private void write(String dest, String type, Map<String, Object> body) {
        body.put("type", type);
        byte[] line = (Json.print(Json.object("src", id, "dest", dest, "body", body)) + "\n").getBytes(StandardCharsets.UTF_8);
        out.write(line, 0, line.length);
        out.flush();
        if (out.checkError()) {
            System.exit(1); // the harness is gone
        }
    }

    private void release(Timer timer) {
        open -= timer.held ? 1 : 0;
        timer.held = false;
        endIfDone();
    }

    private void endIfDone() {
        if (ended && open == 0) {
            System.exit(0);
        }
    }

    /** Runs a function of the program's; an exception in it is m's answer, or goes to the log. */
    private void guard(Runnable f, Message m) {
        try {
            f.run();
        } catch (RpcError e) {
            if (m != null) {
                error(m, e.code, e.getMessage());
            } else {
                e.printStackTrace();
            }
        } catch (RuntimeException | StackOverflowError e) {
            e.printStackTrace();
            if (m != null) {
                error(m, RpcError.CRASH, e.toString());
            }
        }
    }

    private void init(Message m) {
        List<String> names = new ArrayList<>();
        for (Object name : (List<?>) m.need("node_ids")) {
            names.add((String) name);
        }
        ids = List.copyOf(names);
        id = m.needString("node_id");
        start.run();
        reply(m, "init_ok");
    }

    private void answered(Message m) {
        Call call = m.body().get("in_reply_to") instanceof Long msgId ? calls.get(msgId) : null;
        if (call == null || !call.dest.equals(m.src())) {
            return; // late, or a second one
        }
        calls.remove(m.body().get("in_reply_to"));
        boolean ok = !"error".equals(m.type());
        int code = m.body().get("code") instanceof Long number ? number.intValue() : RpcError.CRASH;
        RpcError error = new RpcError(code, String.valueOf(m.body().get("text")));
        guard(() -> call.answered.accept(ok ? m : null, ok ? null : error), null);
        cancel(call.timeout); // last: it may be what the end waits for
    }

    private void dispatch(Message m) {
        Consumer<Message> handler = handlers.get(m.type());
        if (m.body().containsKey("in_reply_to")) {
            answered(m);
        } else if ("error".equals(m.type())) {
            log("an error that answers nothing was left out");
        } else if ("init".equals(m.type()) && id == null) {
            guard(() -> init(m), m);
        } else if (id == null) {
            return; // another node was faster than our init; it will have to say it again
        } else if (!m.dest().equals(id)) {
            log("a message to " + m.dest() + " was left out: this is " + id);
        } else if (m.type() == null) {
            error(m, RpcError.MALFORMED, "the body has no type");
        } else if (handler == null) {
            error(m, RpcError.NOT_SUPPORTED, "this node does not know requests of type " + m.type());
        } else {
            guard(() -> handler.accept(m), m);
        }
    }

    // Inside: what runs on the thread that reads.

    private void readLines(InputStream in) throws IOException {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 16];
        for (int n; (n = in.read(buffer)) >= 0;) {
            int from = 0;
            for (int i = 0; i < n; i++) {
                if (buffer[i] == '\n') {
                    rest.write(buffer, from, i - from);
                    line(rest.toByteArray());
                    rest.reset();
                    from = i + 1;
                }
            }
            rest.write(buffer, from, n - from);
        }
    }

    private void line(byte[] line) {
        try {
            Message m = parse(line);
            loop.execute(() -> dispatch(m));
        } catch (CharacterCodingException | Json.Refused e) {
            log("a line that is no message was left out: " + e);
        }
    }

    @SuppressWarnings("unchecked") // the keys of a parsed object are strings
    private static Message parse(byte[] line) throws CharacterCodingException, Json.Refused {
        String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
        if (Json.parse(text) instanceof Map<?, ?> envelope
            && envelope.get("src") instanceof String src
            && envelope.get("dest") instanceof String dest
            && envelope.get("body") instanceof Map<?, ?> body) {
            String type = body.get("type") instanceof String word ? word : null;
            Long msgId = body.get("msg_id") instanceof Long number ? number : null;
            return new Message(src, dest, type, msgId, (Map<String, Object>) body);
        }
        throw new Json.Refused("src, dest or body is missing or of another type");
    }
}
