// Processes without end, none of which ends; each has a dozen threads.
const { spawn } = require("node:child_process");

function more() {
  try {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { stdio: "ignore" });
    child.on("error", () => process.exit(4));
    child.on("exit", () => process.exit(4));
  } catch {
    process.exit(4);
  }
}
setInterval(more, 50);
