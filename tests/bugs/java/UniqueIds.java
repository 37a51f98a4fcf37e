import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Unique ids: the node's name and a number. Blocks of BLOCK numbers are reserved on disk before the
 * first of them is given away.
 *
 * <p>reserves-late: a block is written down once it has been used up, so a start after a kill gives
 * the numbers of the last one again.
 */
public final class UniqueIds extends Node {
    private static final long BLOCK = 20;
    private final Path file = Path.of(System.getenv().getOrDefault("EDDY_DATA", "."), "reserved");
    private final boolean late;
    private long next;
    private long reserved; /* numbers below are on disk */

    private UniqueIds(String bug) {
        late = bug.equals("reserves-late");
    }

    /* A file of so many blocks: a kill in the middle of a write cannot leave half a number. */
    private void reserve() {
        try {
            Files.write(file, new byte[] {'.'}, StandardOpenOption.CREATE, StandardOpenOption.APPEND,
                    StandardOpenOption.DSYNC);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reserved += BLOCK;
    }

    @Override
    protected void start() {
        try {
            reserved = Files.exists(file) ? Files.size(file) * BLOCK : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        next = reserved;
    }

    @Override
    protected void handle(String type, String line) {
        if (!late && next == reserved) {
            reserve();
        }
        reply(line, "generate_ok", ",\"id\":\"" + id + "-" + next++ + "\"");
        if (late && next == reserved + BLOCK) {
            reserve();
        }
    }

    public static void main(String[] args) throws IOException {
        new UniqueIds(args.length > 0 ? args[0] : "right").run();
    }
}
