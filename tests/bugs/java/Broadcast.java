import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Broadcast: what a neighbour has not confirmed is told to it again.
 *
 * <p>one-is-enough: a value is told until one neighbour has confirmed it; the others must have been
 * reached by then.
 */
public final class Broadcast extends Node {
    private final boolean oneIsEnough;
    private final Set<String> seen = new TreeSet<>();
    private final Map<String, Set<String>> missing = new HashMap<>();

    private Broadcast(String bug) {
        oneIsEnough = bug.equals("one-is-enough");
    }

    private void learn(List<String> values, String source) {
        for (String value : values) {
            if (!seen.add(value)) {
                continue;
            }
            for (Map.Entry<String, Set<String>> e : missing.entrySet()) {
                if (!e.getKey().equals(source)) {
                    e.getValue().add(value);
                }
            }
        }
    }

    private void confirmed(String peer, Set<String> values) {
        for (Map.Entry<String, Set<String>> e : missing.entrySet()) {
            if (oneIsEnough || e.getKey().equals(peer)) {
                e.getValue().removeAll(values);
            }
        }
    }

    private void tell(String peer) {
        Set<String> values = new TreeSet<>(missing.get(peer));
        if (!values.isEmpty()) {
            call(peer, "gossip", ",\"values\":" + values, 300, line -> {
                if (line != null) {
                    confirmed(peer, values);
                }
            });
        }
    }

    private void tellAll() {
        for (String peer : ids) {
            if (missing.containsKey(peer)) {
                tell(peer);
            }
        }
    }

    private void topology(String line) {
        for (String peer : list(field(line.substring(line.indexOf("\"topology\":") + 11), id))) {
            missing.computeIfAbsent(peer, p -> new HashSet<>(seen));
        }
        reply(line, "topology_ok", "");
    }

    @Override
    protected void start() {
        every(250, this::tellAll);
    }

    @Override
    protected void handle(String type, String line) {
        switch (type) {
            case "topology":
                topology(line);
                break;
            case "broadcast":
                learn(List.of(field(line, "message")), text(line, "src"));
                tellAll();
                reply(line, "broadcast_ok", "");
                break;
            case "gossip":
                learn(list(field(line, "values")), text(line, "src"));
                reply(line, "gossip_ok", "");
                break;
            case "read":
                reply(line, "read_ok", ",\"messages\":" + seen);
                break;
            default:
                error(line, 10, "unknown type");
        }
    }

    public static void main(String[] args) throws java.io.IOException {
        new Broadcast(args.length > 0 ? args[0] : "right").run();
    }
}
