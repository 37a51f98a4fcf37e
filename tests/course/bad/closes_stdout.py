import os
import time

from answers import *

serve(lambda message: (os.close(1), time.sleep(10**9)))
