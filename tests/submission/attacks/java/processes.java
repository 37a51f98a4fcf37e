// Threads without end, and a process from each.
public class Main {
    public static void main(String[] args) throws Exception {
        for (;;) {
            new Thread(() -> {
                try {
                    new ProcessBuilder("/bin/sleep", "1000").start();
                    Thread.sleep(1_000_000);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }).start();
        }
    }
}
