# Each process makes two more, and none of them ends.
import os
import time

for _ in range(1000):
    try:
        os.fork()
    except OSError:
        time.sleep(1)
