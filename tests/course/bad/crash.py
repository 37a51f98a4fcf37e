from answers import *


def crash(message):
    sys.stderr.write("about to look up a key\n")
    reply(message, {"type": "echo_ok", "echo": {}["no such key"]})


serve(crash)
