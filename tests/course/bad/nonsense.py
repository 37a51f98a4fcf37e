print("Hello, I am a node!", flush=True)
from answers import *

serve(echo)
