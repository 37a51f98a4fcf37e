# Looks for what is not a learner's: passwords, graders, references, other people's processes. Status 7: found.
import os
import sys

HOME = "@HOME@"
places = ["/etc/shadow", "/etc/gshadow", HOME + "/course/01-messenger/03-echo.lua", HOME + "/course/01-messenger/ref/main.c", "/proc/1/environ"]
found = []
for place in places:
    try:
        with open(place, "rb") as file:
            file.read(1)
        found.append(place)
    except OSError:
        pass
for name in os.listdir("/proc"):
    if name.isdigit() and int(name) != os.getpid():
        try:
            os.kill(int(name), 0)
            found.append("process " + name)
        except OSError:
            pass
found += [name for name in os.environ if "SECRET" in name]
print(found, file=sys.stderr)
sys.exit(7 if found else 5)
