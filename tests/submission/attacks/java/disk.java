// Small files without end, in the one folder that is not in memory.
import java.nio.file.Files;
import java.nio.file.Path;

public class Main {
    public static void main(String[] args) throws Exception {
        byte[] block = new byte[1 << 20];
        for (int i = 0;; i++) {
            Files.write(Path.of(System.getenv("EDDY_DATA"), "file-" + i), block);
        }
    }
}
