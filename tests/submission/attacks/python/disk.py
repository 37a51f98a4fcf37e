# Small files without end, in the one folder that is not in memory.
import itertools
import os

for i in itertools.count():
    with open(os.path.join(os.environ["EDDY_DATA"], "file-%d" % i), "wb") as out:
        out.write(b"x" * (1 << 20))
