// Json.java - JSON as texts and as the values of java.util.
//
// JSON        Java
// object      Map<String, Object>, in the order of the text
// list        List<Object>
// string      String
// number      Long if it is a whole number of 64 bits, else Json.Real
// true, null  Boolean, null
//
// Numbers go out as they came in: a Real keeps its text. What is printed may also be any
// Number, any Collection, and other Maps with String keys.
package kit;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

public final class Json {
    public static final int DEPTH_MAX = 100; // deeper texts are refused

    /** The text is no JSON. */
    public static class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String why) {
            super(why);
        }
    }

    /** Map.of in the order written, and with nulls: Json.object("key", 1, "value", null). */
    public static Map<String, Object> object(Object... keysAndValues) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            members.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return members;
    }

    public static Object parse(String text) throws Refused {
        Json parser = new Json(text);
        Object value = parser.value();
        if (parser.peek() != END) {
            throw parser.refused();
        }
        return value;
    }

    public static String print(Object value) {
        StringBuilder out = new StringBuilder();
        print(out, value);
        return out.toString();
    }

    // Printing

    private static void print(StringBuilder out, Object value) {
        if (value instanceof String text) {
            printString(out, text);
        } else if (value instanceof Map<?, ?> members) {
            String between = "{";
            for (Map.Entry<?, ?> member : members.entrySet()) {
                out.append(between);
                printString(out, (String) member.getKey());
                print(out.append(':'), member.getValue());
                between = ",";
            }
            out.append(members.isEmpty() ? "{}" : "}");
        } else if (value instanceof Collection<?> items) {
            String between = "[";
            for (Object item : items) {
                print(out.append(between), item);
                between = ",";
            }
            out.append(items.isEmpty() ? "[]" : "]");
        } else if (value instanceof Double d && (d.isNaN() || d.isInfinite())) {
            throw new IllegalArgumentException("JSON has no " + d);
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            throw new IllegalArgumentException("JSON has no " + value.getClass());
        }
    }

    private static void printString(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int name = "\"\\\b\f\n\r\t".indexOf(c);
            if (name >= 0) {
                out.append('\\').append("\"\\bfnrt".charAt(name));
            } else if (c < 0x20 || (Character.isSurrogate(c) && !inPair(text, i))) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    // Half a pair has no UTF-8.
    private static boolean inPair(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
            ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
            : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }

    // Parsing

    private static final int END = -1;

    private final String text;
    private int at;
    private int depth;

    private Json(String text) {
        this.text = text;
    }

    private Refused refused() {
        return new Refused("not JSON at character " + at);
    }

    private int here() {
        return at < text.length() ? text.charAt(at) : END;
    }

    // The next character that is no blank.
    private int peek() {
        while (here() == ' ' || here() == '\t' || here() == '\r' || here() == '\n') {
            at++;
        }
        return here();
    }

    private Object value() throws Refused {
        switch (peek()) {
            case '{':
            case '[':
                if (++depth > DEPTH_MAX) {
                    throw refused();
                }
                Object value = here() == '{' ? members() : items();
                depth--;
                return value;
            case '"':
                return string();
            case 't':
                return word("true", true);
            case 'f':
                return word("false", false);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Object word(String word, Object value) throws Refused {
        if (!text.startsWith(word, at)) {
            throw refused();
        }
        at += word.length();
        return value;
    }

    private Map<String, Object> members() throws Refused {
        Map<String, Object> members = new LinkedHashMap<>();
        at++;
        if (peek() == '}') {
            at++;
            return members;
        }
        for (;;) {
            if (peek() != '"') {
                throw refused();
            }
            String key = string();
            if (peek() != ':') {
                throw refused();
            }
            at++;
            members.put(key, value());
            if (ends('}')) {
                return members;
            }
        }
    }

    private List<Object> items() throws Refused {
        List<Object> items = new ArrayList<>();
        at++;
        if (peek() == ']') {
            at++;
            return items;
        }
        for (;;) {
            items.add(value());
            if (ends(']')) {
                return items;
            }
        }
    }

    // After a member or an item: is this the end?
    private boolean ends(char end) throws Refused {
        int next = peek();
        if (next != end && next != ',') {
            throw refused();
        }
        at++;
        return next == end;
    }

    private String string() throws Refused {
        StringBuilder out = new StringBuilder();
        at++;
        for (;;) {
            int from = at;
            while (here() >= 0x20 && here() != '"' && here() != '\\') {
                at++;
            }
            out.append(text, from, at);
            int end = here();
            at++;
            if (end == '"') {
                return out.toString();
            }
            if (end != '\\') {
                throw refused();
            }
            out.append(escape());
        }
    }

    private char escape() throws Refused {
        int name = here();
        int index = "\"\\/bfnrt".indexOf(name);
        if (index < 0 && name != 'u') {
            throw refused();
        }
        at++;
        return name == 'u' ? hex4() : "\"\\/\b\f\n\r\t".charAt(index);
    }

    private char hex4() throws Refused {
        int code = 0;
        for (int i = 0; i < 4; i++, at++) {
            int digit = here() < 128 ? Character.digit(here(), 16) : -1;
            if (digit < 0) {
                throw refused();
            }
            code = 16 * code + digit;
        }
        return (char) code;
    }

    private void digits() throws Refused {
        if (here() < '0' || here() > '9') {
            throw refused();
        }
        while (here() >= '0' && here() <= '9') {
            at++;
        }
    }

    private Object number() throws Refused {
        int from = at;
        if (here() == '-') {
            at++;
        }
        int first = at;
        digits();
        if (text.charAt(first) == '0' && at > first + 1) {
            throw refused();
        }
        boolean whole = true;
        if (here() == '.') {
            whole = false;
            at++;
            digits();
        }
        if (here() == 'e' || here() == 'E') {
            whole = false;
            at++;
            if (here() == '+' || here() == '-') {
                at++;
            }
            digits();
        }
        return valueOf(text.substring(from, at), whole);
    }

    private static Object valueOf(String digits, boolean whole) {
        if (whole && digits.length() <= 20 && !digits.equals("-0")) {
            try {
                return Long.valueOf(digits);
            } catch (NumberFormatException e) {
                // More than 64 bits.
            }
        }
        return new Real(digits);
    }

    /** A number that is no Long: its own text when it is printed, and what it means. */
    public static final class Real extends Number {
        private static final long serialVersionUID = 1;
        private final String text;

        Real(String text) {
            this.text = text;
        }

        public BigDecimal exact() {
            return new BigDecimal(text);
        }

        @Override
        public double doubleValue() {
            return Double.parseDouble(text);
        }

        @Override
        public float floatValue() {
            return (float) doubleValue();
        }

        @Override
        public long longValue() {
            return (long) doubleValue();
        }

        @Override
        public int intValue() {
            return (int) doubleValue();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Real real && real.text.equals(text);
        }

        @Override
        public int hashCode() {
            return text.hashCode();
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
