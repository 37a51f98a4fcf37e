import signal

from answers import *

for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
    signal.signal(number, signal.SIG_IGN)
serve(lambda message: reply(message, {"type": "echo_ok", "echo": "wrong"}))
signal.pause()
