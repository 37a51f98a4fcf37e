import os

from answers import *

serve(lambda message: os.kill(os.getpid(), 11))
