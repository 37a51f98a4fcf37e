from answers import *


def forever(message):
    while True:
        sys.stderr.write("x" * 1000 + "\n")


serve(forever)
