"""unique_ids.py [right|wall-clock] - ids of the node's name, a time and a counter within that time.

right: the time never goes back, and is on disk (an empty file's name) before the first id of it.
wall-clock: the time is the clock's, the counter begins anew whenever it has changed.
"""

import os
import sys
import time

from kit.node import Node

WALL_CLOCK = sys.argv[1:] == ["wall-clock"]
FOLDER = os.environ.get("EDDY_DATA", ".")

node = Node()
last = 0
count = 0


def moment():
    return time.time_ns() // 100_000_000


@node.on_start
def start():
    global last
    last = max((int(name) for name in os.listdir(FOLDER) if name.isdigit()), default=0)


def advance(now):
    global last, count
    count = 0
    if not WALL_CLOCK:
        now = max(now, last + 1)
        os.close(os.open(os.path.join(FOLDER, str(now)), os.O_CREAT | os.O_WRONLY, 0o600))
        fd = os.open(FOLDER, os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)
    last = now


fresh = True  # since the start no id was given


@node.on("generate")
def generate(m):
    global count, fresh
    now = moment()
    if fresh or now > last or (WALL_CLOCK and now != last):
        advance(now)
    fresh = False
    count += 1
    node.reply(m, "generate_ok", {"id": f"{node.id}-{last}-{count}"})


node.run()
