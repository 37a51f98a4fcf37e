// Small files without end, in the one folder that is not in memory.
const fs = require("node:fs");
const path = require("node:path");

const block = Buffer.alloc(1 << 20, "x");
for (let i = 0; ; i++) fs.writeFileSync(path.join(process.env.EDDY_DATA, "file-" + i), block);
