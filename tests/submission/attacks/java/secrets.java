// Looks for what is not a learner's: passwords, graders, references. Status 7: found.
import java.nio.file.Files;
import java.nio.file.Path;

public class Main {
    public static void main(String[] args) {
        String home = "@HOME@";
        String[] places = {"/etc/shadow", "/etc/gshadow", home + "/course/01-messenger/03-echo.lua",
            home + "/course/01-messenger/ref/main.c", "/proc/1/environ"};
        boolean found = false;
        for (String place : places) {
            try {
                Files.readAllBytes(Path.of(place));
                System.err.println(place);
                found = true;
            } catch (Exception e) {
                // as it should be
            }
        }
        for (String name : System.getenv().keySet()) {
            found = found || name.contains("SECRET");
        }
        System.exit(found ? 7 : 5);
    }
}
