// unique-ids.java - the node's name and a number that this process has not given before.
import kit.Node;

class Main {
    private static final Node node = new Node();
    private static long count;

    public static void main(String[] args) {
        node.on("generate", m -> node.reply(m, "generate_ok", "id", node.id() + "-" + ++count));
        node.run();
    }
}
