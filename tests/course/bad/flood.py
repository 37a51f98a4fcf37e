from answers import *


def flood(message):
    while True:
        say("n0", {"type": "noise", "text": "x" * 1000})


serve(flood)
