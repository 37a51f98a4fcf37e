// Main.java - the smallest node: it sends back what it is sent.
import kit.Node;

public class Main {
    public static void main(String[] args) {
        Node node = new Node();
        node.on("echo", m -> node.reply(m, "echo_ok", "echo", m.need("echo")));
        node.run();
    }
}
