// Main.java - tasks 1 to 5 of the track messenger: inspect, whoami, echo, errors, wait.
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import kit.Message;
import kit.Node;
import kit.RpcError;

public class Main {
    private static final Node node = new Node();

    private static void inspect(Message m) {
        Measure measure = Measure.of(m.need("payload"));
        node.reply(m, "inspect_ok", "kind", measure.kind(), "length", measure.length(), "payload", m.need("payload"));
    }

    private static void whoami(Message m) {
        // Strings compare by halves of pairs; the order of bytes is that of code points.
        Comparator<String> byBytes =
            Comparator.comparing(name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);
        List<String> peers = node.peers().stream().sorted(byBytes).toList();
        node.reply(m, "whoami_ok", "node_id", node.id(), "peers", peers, "majority", node.ids().size() / 2 + 1);
    }

    private static void waitFor(Message m) {
        long ms = m.needLong("ms");
        if (ms < 0 || ms > Integer.MAX_VALUE) {
            throw new RpcError(RpcError.MALFORMED, "ms must be a whole number from 0");
        }
        node.after((int) ms, () -> node.reply(m, "wait_ok", "ms", ms));
    }

    public static void main(String[] args) {
        node.on("inspect", Main::inspect);
        node.on("whoami", Main::whoami);
        node.on("echo", m -> node.reply(m, "echo_ok", "echo", m.need("echo")));
        node.on("wait", Main::waitFor);
        node.run();
    }
}
