// A line without end.
public class Main {
    public static void main(String[] args) {
        String piece = "x".repeat(65536);
        for (;;) {
            System.out.print(piece);
        }
    }
}
