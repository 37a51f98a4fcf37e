// node.js - a node of a simulated cluster: messages in, messages out, requests, timers, logs.
//
//     const { Node } = require("./kit/node.js");
//     const node = new Node();
//
//     node.on("echo", (m) => {
//       node.reply(m, "echo_ok", { echo: m.body.echo });
//     });
//     node.run();
//
// The messages are those of docs/protocol.md: lines of JSON on stdin and stdout. The kit answers init
// itself. Handlers are plain functions, or async if they wait:
//
//     node.on("write", async (m) => {
//       await node.call("lin-kv", "write", { key: m.body.key, value: m.body.value });
//       node.reply(m, "write_ok");
//     });
//
// Only at an await may others run. An RpcError that leaves a handler is sent as its answer.
"use strict";

const { randomInt } = require("node:crypto");
const json = require("./json.js");

// Error codes (docs/protocol.md). After TIMEOUT, CRASH or an unknown code the request may or may not have
// been carried out; after the others it certainly was not.
const codes = {
  TIMEOUT: 0,
  NODE_NOT_FOUND: 1,
  NOT_SUPPORTED: 10,
  UNAVAILABLE: 11,
  MALFORMED: 12,
  CRASH: 13,
  ABORT: 14,
  NO_KEY: 20,
  KEY_EXISTS: 21,
  PRECONDITION: 22,
  CONFLICT: 30,
};

// An error as a message: thrown by call() for one that came, or by a handler to send one.
class RpcError extends Error {
  constructor(code, text = "") {
    super(`error ${code}: ${text}`);
    this.code = code;
    this.text = text;
  }
}

// A message that came in. msgId is undefined if it has none: then it cannot be answered.
class Message {
  constructor(src, dest, body) {
    this.src = src;
    this.dest = dest;
    this.body = body;
    this.type = typeof body.type === "string" ? body.type : undefined;
    this.msgId = Number.isInteger(body.msg_id) ? body.msg_id : undefined;
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// The message in a line (bytes), or an exception that says why it is none.
function parse(line) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
  const envelope = json.parse(text);
  if (!isObject(envelope)) throw new TypeError("not an object");
  const { src, dest, body } = envelope;
  if (typeof src !== "string" || typeof dest !== "string") throw new TypeError("src or dest is not a string");
  if (!isObject(body) || body instanceof json.Real) throw new TypeError("the body is not an object");
  return new Message(src, dest, body);
}

class Node {
  id = undefined; // our name; undefined before init
  ids = []; // all names in the order of init, the same on all nodes

  #handlers = new Map();
  #start = () => {};
  #calls = new Map(); // msg_id -> { dest, end }
  #lastMsgId = randomInt(1000000) * 1000000; // an answer to what we asked before a kill must not fit
  #rest = []; // pieces of a line whose end is still to come
  #open = 0; // handlers and timers that must end before the node does
  #ended = false; // the input

  // Set-up, before run().

  on(type, handler) {
    this.#handlers.set(type, handler);
  }

  // start runs when the names are known, before init is answered.
  onStart(start) {
    this.#start = start;
  }

  // Reads messages until the end of the input and of everything that is open then.
  run() {
    process.stdin.on("data", (data) => this.#read(data));
    process.stdin.on("end", () => {
      this.#ended = true;
      this.#endIfDone();
    });
  }

  get peers() {
    return this.ids.filter((name) => name !== this.id);
  }

  // Messages. fields are those of the body; type, msg_id and in_reply_to are put in.

  reply(m, type, fields = {}) {
    if (m.msgId === undefined) return; // it asked for no answer
    this.#write(m.src, { ...fields, type, msg_id: ++this.#lastMsgId, in_reply_to: m.msgId });
  }

  error(m, code, text) {
    this.reply(m, "error", { code, text });
  }

  send(dest, type, fields = {}) {
    this.#write(dest, { ...fields, type });
  }

  // A promise of the answer, a Message. RpcError: it was an error, or none came (code 0). Nothing is sent again.
  call(dest, type, fields = {}, timeoutMs = 1000) {
    const msgId = ++this.#lastMsgId;
    this.#write(dest, { ...fields, type, msg_id: msgId });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => end(), timeoutMs);
      const end = (m) => {
        clearTimeout(timer);
        this.#calls.delete(msgId);
        if (m === undefined) reject(new RpcError(codes.TIMEOUT, `${dest} did not answer in time`));
        else if (m.type === "error") reject(new RpcError(m.body.code ?? codes.CRASH, m.body.text));
        else resolve(m);
      };
      this.#calls.set(msgId, { dest, end });
    });
  }

  // Timers. What these return is for cancel().

  after(ms, f) {
    const timer = { held: !this.#ended };
    if (timer.held) this.#open++;
    timer.handle = setTimeout(async () => {
      await this.#guard(f);
      this.#release(timer);
    }, ms);
    return timer;
  }

  // Again and again, counted from the end of the last time.
  every(ms, f) {
    const timer = { held: false, cancelled: false };
    const again = async () => {
      await this.#guard(f);
      if (!timer.cancelled) timer.handle = setTimeout(again, ms);
    };
    timer.handle = setTimeout(again, ms);
    return timer;
  }

  // Fine if it has fired.
  cancel(timer) {
    timer.cancelled = true;
    clearTimeout(timer.handle);
    this.#release(timer);
  }

  // For async functions: await node.sleep(100).
  sleep(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  // One line on stderr, which the harness keeps per node. stdout is for messages only.
  log(...words) {
    console.error(...words);
  }

  // Inside: output. Writes to a pipe are complete when write() returns.

  #write(dest, body) {
    process.stdout.write(json.stringify({ src: this.id, dest, body }) + "\n");
  }

  // Inside: handlers.

  // Runs a function of the program's; an error in it is its message's answer, or goes to the log.
  async #guard(f, m) {
    try {
      await f(m);
    } catch (e) {
      if (!(e instanceof RpcError) || m === undefined) this.log(e);
      if (m !== undefined && e instanceof RpcError) this.error(m, e.code, e.text);
      else if (m !== undefined) this.error(m, codes.CRASH, String(e));
    }
  }

  async #handle(handler, m) {
    this.#open++;
    await this.#guard(handler, m);
    this.#open--;
    this.#endIfDone();
  }

  #release(timer) {
    if (timer.held) this.#open--;
    timer.held = false;
    this.#endIfDone();
  }

  #endIfDone() {
    if (this.#ended && this.#open === 0) process.exit(0);
  }

  async #init(m) {
    this.id = m.body.node_id;
    this.ids = m.body.node_ids;
    await this.#start();
    this.reply(m, "init_ok");
  }

  #dispatch(m) {
    const handler = this.#handlers.get(m.type);
    if ("in_reply_to" in m.body) {
      const call = this.#calls.get(m.body.in_reply_to);
      if (call !== undefined && call.dest === m.src) call.end(m);
    } else if (m.type === "error") {
      this.log("an error that answers nothing was left out");
    } else if (m.type === "init" && this.id === undefined) {
      this.#handle((m) => this.#init(m), m);
    } else if (this.id === undefined) {
      // Another node was faster than our init; it will have to say it again.
    } else if (m.dest !== this.id) {
      this.log(`a message to ${m.dest} was left out: this is ${this.id}`);
    } else if (m.type === undefined) {
      this.error(m, codes.MALFORMED, "the body has no type");
    } else if (handler === undefined) {
      this.error(m, codes.NOT_SUPPORTED, `this node does not know requests of type ${m.type}`);
    } else {
      this.#handle(handler, m);
    }
  }

  // Inside: input.

  #line(line) {
    let m;
    try {
      m = parse(line);
    } catch (e) {
      this.log(`a line that is no message was left out: ${e.message}`);
      return;
    }
    this.#dispatch(m);
  }

  #read(data) {
    let from = 0;
    for (let end; (end = data.indexOf(10, from)) >= 0; from = end + 1) {
      this.#rest.push(data.subarray(from, end));
      const line = Buffer.concat(this.#rest);
      this.#rest = [];
      this.#line(line);
    }
    this.#rest.push(data.subarray(from));
  }
}

module.exports = { Node, Message, RpcError, ...codes };
