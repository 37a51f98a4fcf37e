// Memory without end, outside of the engine's own heap.
const hold = [];
for (;;) hold.push(Buffer.alloc(1 << 20, 1));
