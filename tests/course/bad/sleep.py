import time

from answers import *

serve(lambda message: time.sleep(10**9))
