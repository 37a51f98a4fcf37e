from answers import *


def spin(message):
    while True:
        pass


serve(spin)
