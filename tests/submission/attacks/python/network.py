# Somebody listens on this machine; who gets through to him has left the sandbox. Status 7: got through.
import socket
import sys

try:
    socket.create_connection(("127.0.0.1", int("@PORT@")), 5).close()
except OSError:
    sys.exit(5)
sys.exit(7)
