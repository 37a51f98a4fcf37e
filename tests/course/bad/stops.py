import os
import signal

from answers import *

os.kill(os.getpid(), signal.SIGSTOP)
serve(echo)
