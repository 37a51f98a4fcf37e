// g-set.java - every node tells all others its whole set, again and again.
import java.util.List;
import java.util.TreeSet;
import kit.Node;

class Main {
    private static final Node node = new Node();
    private static final TreeSet<Long> elements = new TreeSet<>();

    private static void tell() {
        for (String peer : node.peers()) {
            node.send(peer, "merge", "elements", elements);
        }
    }

    public static void main(String[] args) {
        node.onStart(() -> node.every(200, Main::tell));
        node.on("add", m -> {
            elements.add(m.needLong("element"));
            node.reply(m, "add_ok");
        });
        node.on("merge", m -> {
            for (Object element : (List<?>) m.need("elements")) {
                elements.add((Long) element);
            }
        });
        node.on("read", m -> node.reply(m, "read_ok", "value", elements));
        node.run();
    }
}
