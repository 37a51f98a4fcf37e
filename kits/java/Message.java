// Message.java - a message that came in.
package kit;

import java.util.Map;

/** type is null if the body has none; msgId is null if it has none: then it cannot be answered. */
public record Message(String src, String dest, String type, Long msgId, Map<String, Object> body) {

    /** The field of the body. RpcError, which tells the sender so: it is not there. */
    public Object need(String field) {
        if (!body.containsKey(field)) {
            throw new RpcError(RpcError.MALFORMED, type + " needs a field " + field);
        }
        return body.get(field);
    }

    /** A field that must be a whole number. */
    public long needLong(String field) {
        if (need(field) instanceof Long number) {
            return number;
        }
        throw new RpcError(RpcError.MALFORMED, field + " must be a whole number");
    }

    /** A field that must be a string. */
    public String needString(String field) {
        if (need(field) instanceof String text) {
            return text;
        }
        throw new RpcError(RpcError.MALFORMED, field + " must be a string");
    }
}
