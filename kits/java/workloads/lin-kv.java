// lin-kv.java - passes every request on to the service lin-kv, and its answer back.
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kit.Message;
import kit.Node;

class Main {
    private static final Node node = new Node();

    private static void forward(Message m) {
        Map<String, Object> fields = new LinkedHashMap<>(m.body());
        fields.keySet().removeAll(List.of("type", "msg_id"));
        node.call("lin-kv", m.type(), fields, 1000, (answer, error) -> {
            if (error != null) {
                node.error(m, error.code, error.getMessage());
            } else if (m.type().equals("read")) {
                node.reply(m, "read_ok", "value", answer.body().get("value"));
            } else {
                node.reply(m, m.type() + "_ok");
            }
        });
    }

    public static void main(String[] args) {
        for (String type : new String[] {"read", "write", "cas"}) {
            node.on(type, Main::forward);
        }
        node.run();
    }
}
