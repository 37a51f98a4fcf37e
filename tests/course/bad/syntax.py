from answers import *

serve(echo
print("never closed"
