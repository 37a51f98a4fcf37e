// txn-list-append.java - the first node carries out every transaction; the others pass theirs on. Knows
// appends to lists and writes to registers, so it does for both workloads of transactions.
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kit.Json;
import kit.Node;

class Main {
    private static final Node node = new Node();
    private static final Map<Object, Object> store = new HashMap<>();

    private static Object carryOut(List<?> operation) {
        Object kind = operation.get(0), key = operation.get(1), value = operation.get(2);
        if (kind.equals("append")) {
            List<Object> list = new ArrayList<>();
            if (store.get(key) instanceof List<?> before) {
                list.addAll(before);
            }
            list.add(value);
            store.put(key, list);
        } else if (kind.equals("w")) {
            store.put(key, value);
        } else {
            value = store.get(key);
        }
        return Arrays.asList(kind, key, value);
    }

    private static List<Object> carryOutAll(Object operations) {
        List<Object> done = new ArrayList<>();
        for (Object operation : (List<?>) operations) {
            done.add(carryOut((List<?>) operation));
        }
        return done;
    }

    public static void main(String[] args) {
        node.on("txn", m -> {
            String first = node.ids().get(0);
            if (node.id().equals(first)) {
                node.reply(m, "txn_ok", "txn", carryOutAll(m.need("txn")));
                return;
            }
            node.call(first, "txn", Json.object("txn", m.need("txn")), 1000, (answer, error) -> {
                if (error == null) {
                    node.reply(m, "txn_ok", "txn", answer.body().get("txn"));
                } else {
                    node.error(m, error.code, error.getMessage());
                }
            });
        });
        node.run();
    }
}
