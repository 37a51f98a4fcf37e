// Somebody listens on this machine; who gets through to him has left the sandbox. Status 7: got through.
const net = require("node:net");

const socket = net.connect(Number("@PORT@"), "127.0.0.1");
socket.on("connect", () => process.exit(7));
socket.on("error", () => process.exit(5));
setTimeout(() => process.exit(5), 5000);
