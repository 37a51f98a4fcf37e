// Somebody listens on this machine; who gets through to him has left the sandbox. Status 7: got through.
import java.net.InetSocketAddress;
import java.net.Socket;

public class Main {
    public static void main(String[] args) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", Integer.parseInt("@PORT@")), 5000);
        } catch (Exception e) {
            System.exit(5);
        }
        System.exit(7);
    }
}
