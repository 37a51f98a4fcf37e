// Waits in the ways that Java programs wait, and says how long each took.
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.locks.*;

public class Wait {
    interface Waiting { void run() throws Exception; }

    static void took(String name, Waiting waiting) throws Exception {
        long start = System.nanoTime();
        try {
            waiting.run();
        } catch (TimeoutException | ExecutionException e) {
            name += " (timeout)";
        }
        System.out.println(name + " " + (System.nanoTime() - start) / 1000000 + " ms");
    }

    public static void main(String[] args) throws Exception {
        ScheduledExecutorService pool = Executors.newScheduledThreadPool(2);
        BlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
        CountDownLatch latch = new CountDownLatch(3);
        Object monitor = new Object();
        ReentrantLock lock = new ReentrantLock();
        Condition condition = lock.newCondition();

        took("Thread.sleep", () -> Thread.sleep(25));
        took("queue.poll", () -> queue.poll(35, TimeUnit.MILLISECONDS));
        pool.schedule(() -> queue.add(1), 45, TimeUnit.MILLISECONDS);
        took("queue.take", () -> queue.take());
        synchronized (monitor) { took("Object.wait", () -> monitor.wait(55)); }
        lock.lock();
        took("Condition.await", () -> condition.await(65, TimeUnit.MILLISECONDS));
        lock.unlock();
        ScheduledFuture<?> ticks =
            pool.scheduleAtFixedRate(latch::countDown, 30, 30, TimeUnit.MILLISECONDS);
        took("three ticks", () -> latch.await());
        ticks.cancel(false);
        took("parkNanos", () -> LockSupport.parkNanos(75_000_000));
        took("Future.get", () -> new CompletableFuture<Integer>().get(85, TimeUnit.MILLISECONDS));
        took("orTimeout", () ->
            new CompletableFuture<Integer>().orTimeout(95, TimeUnit.MILLISECONDS).get());
        took("process", () -> new ProcessBuilder("sleep", "0.2").start().waitFor());
        Thread thread = new Thread(() -> LockSupport.parkNanos(105_000_000));
        thread.start();
        took("join", () -> thread.join());
        new Timer(true).schedule(new TimerTask() { public void run() { queue.add(2); } }, 115);
        took("Timer", () -> queue.take());
        System.out.println("parallel " + java.util.stream.IntStream.range(0, 1000).parallel().sum());
        System.out.println("~ " + new Random().nextInt() + " " + UUID.randomUUID() + " "
            + System.currentTimeMillis() + " " + System.nanoTime() + " " + new Object().hashCode());
        pool.shutdown();
    }
}
