# Memory without end, touched so that it counts.
hold = []
while True:
    hold.append(bytearray(b"x") * (1 << 20))
