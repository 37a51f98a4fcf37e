// An echo node that uses time, timers and chance: all of it the seed's.
const crypto = require("crypto");
let me;

function send(dest, body) {
  process.stdout.write(JSON.stringify({ src: me, dest, body }) + "\n");
}

require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const m = JSON.parse(line);
  if (m.body.type === "init") {
    me = m.body.node_id;
    send(m.src, { type: "init_ok", in_reply_to: m.body.msg_id });
    return;
  }
  setTimeout(() => {
    console.error(Date.now(), process.hrtime.bigint(), Math.random(), crypto.randomUUID());
    send(m.src, { type: "echo_ok", in_reply_to: m.body.msg_id, echo: m.body.echo });
  }, Math.random() * 10);
});
