// g-counter.java - a total for each node, which only that node changes; the counter is their sum.
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kit.Node;

class Main {
    private static final Node node = new Node();
    private static final Map<String, List<Long>> totals = new HashMap<>(); // how many additions, and their sum

    private static List<Long> total(String name) {
        return totals.getOrDefault(name, List.of(0L, 0L));
    }

    private static void tell() {
        for (String peer : node.peers()) {
            node.send(peer, "merge", "totals", totals);
        }
    }

    private static void merge(Map<?, ?> theirs) {
        theirs.forEach((name, pair) -> {
            long count = (Long) ((List<?>) pair).get(0);
            long sum = (Long) ((List<?>) pair).get(1);
            if (count > total((String) name).get(0)) {
                totals.put((String) name, List.of(count, sum));
            }
        });
    }

    public static void main(String[] args) {
        node.onStart(() -> node.every(200, Main::tell));
        node.on("add", m -> {
            List<Long> own = total(node.id());
            totals.put(node.id(), List.of(own.get(0) + 1, own.get(1) + m.needLong("delta")));
            node.reply(m, "add_ok");
        });
        node.on("merge", m -> merge((Map<?, ?>) m.need("totals")));
        node.on("read", m -> {
            long sum = totals.values().stream().mapToLong(pair -> pair.get(1)).sum();
            node.reply(m, "read_ok", "value", sum);
        });
        node.run();
    }
}
