// Memory without end, outside of the machine's own heap where that can be had.
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

public class Main {
    public static void main(String[] args) {
        List<ByteBuffer> hold = new ArrayList<>();
        for (;;) {
            hold.add(ByteBuffer.allocateDirect(1 << 20));
        }
    }
}
