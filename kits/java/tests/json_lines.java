// json_lines.java - checks of what is built; then each line of the input as parser and printer have it, or "refused"
// (tests/kits/json_cases.py asks).
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import kit.Json;

class Main {
    private static void check(boolean good, String what) {
        if (!good) {
            System.err.println(what);
            System.exit(1);
        }
    }

    private static void checkBuilding() throws Json.Refused {
        Object built = Json.object("a", List.of(1, 2L, 0.5), "b", null, "c", Json.object(), "d", Set.of("x"));
        check(Json.print(built).equals("{\"a\":[1,2,0.5],\"b\":null,\"c\":{},\"d\":[\"x\"]}"), Json.print(built));
        check(Json.parse("[1,true]").equals(List.of(1L, true)), "a list");
        check(Json.parse("1e3") instanceof Json.Real real && real.doubleValue() == 1000 && real.exact().intValue() == 1000, "a Real");
        for (Object bad : new Object[] {Double.NaN, Double.POSITIVE_INFINITY, new Object()}) {
            try {
                Json.print(bad);
                check(false, bad + " was printed");
            } catch (IllegalArgumentException e) {
                continue;
            }
        }
    }

    private static String again(byte[] line) {
        try {
            return Json.print(Json.parse(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString()));
        } catch (CharacterCodingException | Json.Refused e) {
            return "refused";
        }
    }

    public static void main(String[] args) throws IOException, Json.Refused {
        checkBuilding();
        InputStream in = new BufferedInputStream(System.in);
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c; (c = in.read()) >= 0;) {
            if (c != '\n') {
                line.write(c);
                continue;
            }
            out.print(again(line.toByteArray()) + "\n");
            line.reset();
        }
        out.flush();
    }
}
