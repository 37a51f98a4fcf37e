// kafka.java - the first node keeps all logs; the others pass on what they are asked.
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import kit.Message;
import kit.Node;

class Main {
    private static final Node node = new Node();
    private static final Map<String, List<Object>> logs = new HashMap<>(); // the offset is the place
    private static final Map<String, Long> committed = new HashMap<>();

    private static List<Object> log(Object key) {
        return logs.computeIfAbsent((String) key, k -> new ArrayList<>());
    }

    private static Map<String, Object> send(Message m) {
        List<Object> log = log(m.needString("key"));
        log.add(m.need("msg"));
        return Map.of("offset", log.size() - 1L);
    }

    private static Map<String, Object> poll(Message m) {
        Map<String, Object> msgs = new LinkedHashMap<>();
        ((Map<?, ?>) m.need("offsets")).forEach((key, first) -> {
            List<Object> log = log(key), some = new ArrayList<>();
            for (long offset = (Long) first; offset < log.size() && some.size() < 20; offset++) {
                some.add(List.of(offset, log.get((int) offset)));
            }
            msgs.put((String) key, some);
        });
        return Map.of("msgs", msgs);
    }

    private static Map<String, Object> commit(Message m) {
        ((Map<?, ?>) m.need("offsets")).forEach((key, offset) -> committed.merge((String) key, (Long) offset, Math::max));
        return Map.of();
    }

    private static Map<String, Object> listCommitted(Message m) {
        Map<String, Object> offsets = new LinkedHashMap<>();
        for (Object key : (List<?>) m.need("keys")) {
            if (committed.containsKey(key)) {
                offsets.put((String) key, committed.get(key));
            }
        }
        return Map.of("offsets", offsets);
    }

    private static Map<String, Object> withoutIds(Map<String, Object> body) {
        Map<String, Object> fields = new LinkedHashMap<>(body);
        fields.keySet().removeAll(List.of("type", "msg_id", "in_reply_to"));
        return fields;
    }

    private static void serve(String type, Function<Message, Map<String, Object>> work) {
        node.on(type, m -> {
            String first = node.ids().get(0);
            if (node.id().equals(first)) {
                node.reply(m, type + "_ok", work.apply(m));
                return;
            }
            node.call(first, type, withoutIds(m.body()), 1000, (answer, error) -> {
                if (error == null) {
                    node.reply(m, type + "_ok", withoutIds(answer.body()));
                } else {
                    node.error(m, error.code, error.getMessage());
                }
            });
        });
    }

    public static void main(String[] args) {
        serve("send", Main::send);
        serve("poll", Main::poll);
        serve("commit_offsets", Main::commit);
        serve("list_committed_offsets", Main::listCommitted);
        node.run();
    }
}
