import java.util.HashMap;
import java.util.Map;

/**
 * lin-kv by the service of that name.
 *
 * <p>answers-from-memory: a read that the service does not answer in time is answered with the value
 * that this node saw last.
 */
public final class Kv extends Node {
    private static final long PATIENCE_MS = 400;
    private static final String[] FIELDS = {"key", "value", "from", "to"};
    private final boolean fromMemory;
    private final Map<String, String> seen = new HashMap<>();

    private Kv(String bug) {
        fromMemory = bug.equals("answers-from-memory");
    }

    private void answered(String request, String type, String answer) {
        String key = field(request, "key");
        if (answer == null && fromMemory && type.equals("read") && seen.containsKey(key)) {
            reply(request, "read_ok", ",\"value\":" + seen.get(key));
        } else if (answer == null) {
            error(request, 0, "lin-kv did not answer");
        } else if (text(answer, "type").equals("error")) {
            error(request, Integer.parseInt(field(answer, "code")), "lin-kv refused");
        } else if (type.equals("read")) {
            seen.put(key, field(answer, "value"));
            reply(request, "read_ok", ",\"value\":" + field(answer, "value"));
        } else {
            seen.put(key, field(request, type.equals("cas") ? "to" : "value"));
            reply(request, type + "_ok", "");
        }
    }

    @Override
    protected void handle(String type, String line) {
        StringBuilder fields = new StringBuilder();
        for (String name : FIELDS) {
            if (field(line, name) != null) {
                fields.append(",\"").append(name).append("\":").append(field(line, name));
            }
        }
        call("lin-kv", type, fields.toString(), PATIENCE_MS, answer -> answered(line, type, answer));
    }

    public static void main(String[] args) throws java.io.IOException {
        new Kv(args.length > 0 ? args[0] : "right").run();
    }
}
