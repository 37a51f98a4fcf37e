// A line without end.
const fs = require("node:fs");

for (;;) fs.writeSync(1, "x".repeat(65536));
