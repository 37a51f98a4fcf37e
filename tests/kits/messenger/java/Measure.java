// Measure.java - what kind of JSON value this is, and how long.
import java.util.List;
import java.util.Map;

record Measure(String kind, int length) {
    static Measure of(Object value) {
        if (value == null) {
            return new Measure("null", 0);
        } else if (value instanceof Boolean) {
            return new Measure("bool", 0);
        } else if (value instanceof String text) {
            return new Measure("string", text.codePointCount(0, text.length())); // length() counts halves of pairs
        } else if (value instanceof List<?> items) {
            return new Measure("list", items.size());
        } else if (value instanceof Map<?, ?> members) {
            return new Measure("object", members.size());
        }
        return new Measure("number", 0);
    }
}
