print("Server starting ...", flush=True)

from answers import *

serve(echo)
