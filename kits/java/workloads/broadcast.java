// broadcast.java - gossip: whatever a neighbour has not confirmed is told to it again.
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import kit.Node;

class Main {
    private final Node node = new Node();
    private final TreeSet<Long> seen = new TreeSet<>();
    private final Map<String, TreeSet<Long>> missing = new HashMap<>(); // of each other node: what it has not confirmed

    private void learn(Object value, String source) {
        if (!seen.add((Long) value)) {
            return;
        }
        missing.forEach((peer, lacks) -> {
            if (!peer.equals(source)) {
                lacks.add((Long) value);
            }
        });
    }

    private void tell(String peer) {
        List<Long> values = List.copyOf(missing.get(peer));
        if (values.isEmpty()) {
            return;
        }
        node.call(peer, "gossip", Map.of("values", values), 500, (answer, error) -> {
            if (error == null) { // else the next round says it again
                missing.get(peer).removeAll(values);
            }
        });
    }

    private void run() {
        node.onStart(() -> {
            for (String peer : node.peers()) {
                missing.put(peer, new TreeSet<>());
                node.every(100, () -> tell(peer));
            }
        });
        node.on("topology", m -> node.reply(m, "topology_ok"));
        node.on("broadcast", m -> {
            learn(m.needLong("message"), m.src());
            node.reply(m, "broadcast_ok");
        });
        node.on("gossip", m -> {
            for (Object value : (List<?>) m.need("values")) {
                learn(value, m.src());
            }
            node.reply(m, "gossip_ok");
        });
        node.on("read", m -> node.reply(m, "read_ok", "messages", seen));
        node.run();
    }

    public static void main(String[] args) {
        new Main().run();
    }
}
