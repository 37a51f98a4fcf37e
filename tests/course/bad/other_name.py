import answers
from answers import *


def rename(message):
    answers.me = "n99"
    echo(message)


serve(rename)
