import os
import time

from answers import *


def breed():
    for _ in range(20):
        if os.fork() == 0:
            os.setsid()
            time.sleep(10**9)


serve(lambda message: reply(message, {"type": "echo_ok", "echo": "wrong"}), breed)
