# Reaches below Python: system calls that a node has no use for. Status 7: one of them did its work.
import ctypes
import sys

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER = 0x10000000
got = [
    name
    for name, call in {
        "unshare": lambda: libc.unshare(CLONE_NEWUSER),
        "mount": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
        "ptrace": lambda: libc.ptrace(16, 1, 0, 0),
        "bpf": lambda: libc.syscall(321, 0, 0, 0),
        "setuid": lambda: libc.setuid(0),
    }.items()
    if call() >= 0
]
print(got, file=sys.stderr)
sys.exit(7 if got else 5)
