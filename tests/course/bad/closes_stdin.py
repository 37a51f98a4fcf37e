import os
import time

os.close(0)
time.sleep(10**9)
