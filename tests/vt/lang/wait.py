# Waits in the ways that Python programs wait, and says how long each took.
import asyncio, multiprocessing, queue, random, select, signal, subprocess, sys, threading, time, uuid


def took(name, wait, *args, **kwargs):
    start = time.monotonic_ns()
    try:
        wait(*args, **kwargs)
    except (queue.Empty, asyncio.TimeoutError, subprocess.TimeoutExpired, multiprocessing.TimeoutError):
        name += " (timeout)"
    print(name, (time.monotonic_ns() - start) // 1000000, "ms", flush=True)


def later(ms, what, *args):
    threading.Timer(ms / 1000, what, args).start()


async def both():
    await asyncio.gather(asyncio.sleep(0.07), asyncio.sleep(0.12))


async def process():
    p = await asyncio.create_subprocess_exec("sleep", "0.4")
    await p.wait()


def double(x):
    time.sleep(0.05)
    return 2 * x


def main():
    took("sleep", time.sleep, 0.025)
    took("select", select.select, [], [], [], 0.035)
    q, event, cond = queue.Queue(), threading.Event(), threading.Condition()
    took("queue.get", q.get, timeout=0.045)
    later(55, q.put, 1)
    took("queue.get with an item", q.get, timeout=5)
    later(65, event.set)
    took("event.wait", event.wait)
    with cond:
        took("condition.wait", cond.wait, 0.075)
    t = threading.Thread(target=time.sleep, args=(0.085,))
    t.start()
    took("join", t.join)
    took("asyncio.sleep", asyncio.run, asyncio.sleep(0.095))
    took("asyncio.gather", asyncio.run, both())
    took("asyncio.wait_for", asyncio.run, asyncio.wait_for(asyncio.sleep(9), 0.105))
    took("asyncio process", asyncio.run, process())
    took("subprocess.run", subprocess.run, ["sleep", "0.3"])
    took("subprocess.run shorter", subprocess.run, ["sleep", "5"], timeout=0.2)
    signal.signal(signal.SIGALRM, lambda s, f: print("SIGALRM", flush=True))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    took("sleep through a signal", time.sleep, 0.115)
    with multiprocessing.Pool(2) as pool:
        print(pool.map(double, range(4)), flush=True)
    p = multiprocessing.Process(target=time.sleep, args=(0.5,))
    p.start()
    took("process.join", p.join)
    print("clocks", abs(time.time() - time.clock_gettime(time.CLOCK_REALTIME)) < 1e-9)
    print("~", random.random(), uuid.uuid4(), hash("x"), list({"a", "b", "c"}), time.time(), id(object()))


if __name__ == "__main__":
    main()
