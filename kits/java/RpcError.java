// RpcError.java - an error as a message.
package kit;

/** Thrown by a handler, it is sent as the answer; a call that was answered with an error, or not in time, fails with it. */
public class RpcError extends RuntimeException {
    private static final long serialVersionUID = 1;

    // Codes (docs/protocol.md). After TIMEOUT, CRASH or an unknown code the request may or may not have been
    // carried out; after the others it certainly was not.
    public static final int TIMEOUT = 0;
    public static final int NODE_NOT_FOUND = 1;
    public static final int NOT_SUPPORTED = 10;
    public static final int UNAVAILABLE = 11;
    public static final int MALFORMED = 12;
    public static final int CRASH = 13;
    public static final int ABORT = 14;
    public static final int NO_KEY = 20;
    public static final int KEY_EXISTS = 21;
    public static final int PRECONDITION = 22;
    public static final int CONFLICT = 30;

    public final int code;

    public RpcError(int code, String text) {
        super(text);
        this.code = code;
    }
}
