from answers import *

serve(lambda message: reply(message, {"type": "echo_ok", "echo": "x" * (3 << 20)}))
