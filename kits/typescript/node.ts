// node.ts - a node of a simulated cluster: messages in, messages out, requests, timers, logs.
//
//     import { Node } from "./kit/node";
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

import { randomInt } from "node:crypto";
import { isObject, Json, parse, Printable, stringify } from "./json";

/** Error codes (docs/protocol.md). After TIMEOUT, CRASH or an unknown code the request may or may not have
 * been carried out; after the others it certainly was not. */
export const enum Code {
  TIMEOUT = 0,
  NODE_NOT_FOUND = 1,
  NOT_SUPPORTED = 10,
  UNAVAILABLE = 11,
  MALFORMED = 12,
  CRASH = 13,
  ABORT = 14,
  NO_KEY = 20,
  KEY_EXISTS = 21,
  PRECONDITION = 22,
  CONFLICT = 30,
}

/** An error as a message: thrown by call() for one that came, or by a handler to send one. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    readonly text = "",
  ) {
    super(`error ${code}: ${text}`);
  }
}

/** A message that came in. type is undefined if the body has none; msgId is undefined if it has none: then it cannot be answered. */
export interface Message {
  readonly src: string;
  readonly dest: string;
  readonly type: string | undefined;
  readonly msgId: number | undefined;
  readonly body: { readonly [key: string]: Json };
}

export type Fields = { readonly [key: string]: Printable };
export type Handler = (m: Message) => unknown;

export interface Timer {
  handle?: NodeJS.Timeout;
  held: boolean; // the node does not end before it has fired
  cancelled: boolean;
}

interface Call {
  dest: string;
  end: (m?: Message) => void;
}

/** The message in a line, or an exception that says why it is none. */
function messageOf(line: Buffer): Message {
  const envelope = parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line));
  if (!isObject(envelope)) throw new TypeError("not an object");
  const { src, dest, body } = envelope;
  if (typeof src !== "string" || typeof dest !== "string") throw new TypeError("src or dest is not a string");
  if (!isObject(body)) throw new TypeError("the body is not an object");
  const type = typeof body.type === "string" ? body.type : undefined;
  const msgId = typeof body.msg_id === "number" && Number.isInteger(body.msg_id) ? body.msg_id : undefined;
  return { src, dest, type, msgId, body };
}

export class Node {
  id = ""; // our name; empty before init
  ids: readonly string[] = []; // all names in the order of init, the same on all nodes

  private readonly handlers = new Map<string | undefined, Handler>();
  private readonly calls = new Map<Json | undefined, Call>(); // by msg_id
  private start: () => unknown = () => {};
  private lastMsgId = randomInt(1000000) * 1000000; // an answer to what we asked before a kill must not fit
  private rest: Buffer[] = []; // pieces of a line whose end is still to come
  private open = 0; // handlers and timers that must end before the node does
  private ended = false; // the input

  // Set-up, before run().

  on(type: string, handler: Handler): void {
    this.handlers.set(type, handler);
  }

  /** start runs when the names are known, before init is answered. */
  onStart(start: () => unknown): void {
    this.start = start;
  }

  /** Reads messages until the end of the input and of everything that is open then. */
  run(): void {
    process.stdin.on("data", (data: Buffer) => this.read(data));
    process.stdin.on("end", () => {
      this.ended = true;
      this.endIfDone();
    });
  }

  get peers(): string[] {
    return this.ids.filter((name) => name !== this.id);
  }

  // Messages. fields are those of the body; type, msg_id and in_reply_to are put in.

  reply(m: Message, type: string, fields: Fields = {}): void {
    if (m.msgId === undefined) return; // it asked for no answer
    this.write(m.src, { ...fields, type, msg_id: ++this.lastMsgId, in_reply_to: m.msgId });
  }

  error(m: Message, code: number, text: string): void {
    this.reply(m, "error", { code, text });
  }

  send(dest: string, type: string, fields: Fields = {}): void {
    this.write(dest, { ...fields, type });
  }

  /** The answer. RpcError: it was an error, or none came (code TIMEOUT). Nothing is sent again. */
  call(dest: string, type: string, fields: Fields = {}, timeoutMs = 1000): Promise<Message> {
    const msgId = ++this.lastMsgId;
    this.write(dest, { ...fields, type, msg_id: msgId });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => end(), timeoutMs);
      const end = (m?: Message): void => {
        clearTimeout(timer);
        this.calls.delete(msgId);
        if (m === undefined) reject(new RpcError(Code.TIMEOUT, `${dest} did not answer in time`));
        else if (m.type === "error") reject(new RpcError(Number(m.body.code ?? Code.CRASH), String(m.body.text ?? "")));
        else resolve(m);
      };
      this.calls.set(msgId, { dest, end });
    });
  }

  // Timers. What these return is for cancel().

  after(ms: number, f: () => unknown): Timer {
    const timer: Timer = { held: !this.ended, cancelled: false };
    if (timer.held) this.open++;
    timer.handle = setTimeout(async () => {
      await this.guard(f);
      this.release(timer);
    }, ms);
    return timer;
  }

  /** Again and again, counted from the end of the last time. */
  every(ms: number, f: () => unknown): Timer {
    const timer: Timer = { held: false, cancelled: false };
    const again = async (): Promise<void> => {
      await this.guard(f);
      if (!timer.cancelled) timer.handle = setTimeout(again, ms);
    };
    timer.handle = setTimeout(again, ms);
    return timer;
  }

  /** Fine if it has fired. */
  cancel(timer: Timer): void {
    timer.cancelled = true;
    clearTimeout(timer.handle);
    this.release(timer);
  }

  /** For async functions: await node.sleep(100). */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** One line on stderr, which the harness keeps per node. stdout is for messages only. */
  log(...words: unknown[]): void {
    console.error(...words);
  }

  // Inside: output. Writes to a pipe are complete when write() returns.

  private write(dest: string, body: Fields): void {
    process.stdout.write(stringify({ src: this.id, dest, body }) + "\n");
  }

  // Inside: handlers.

  /** Runs a function of the program's; an error in it is m's answer, or goes to the log. */
  private async guard(f: () => unknown, m?: Message): Promise<void> {
    try {
      await f();
    } catch (e) {
      if (m !== undefined && e instanceof RpcError) {
        this.error(m, e.code, e.text);
        return;
      }
      this.log(e);
      if (m !== undefined) this.error(m, Code.CRASH, String(e));
    }
  }

  private async handle(handler: Handler, m: Message): Promise<void> {
    this.open++;
    await this.guard(() => handler(m), m);
    this.open--;
    this.endIfDone();
  }

  private release(timer: Timer): void {
    if (timer.held) this.open--;
    timer.held = false;
    this.endIfDone();
  }

  private endIfDone(): void {
    if (this.ended && this.open === 0) process.exit(0);
  }

  private async init(m: Message): Promise<void> {
    this.id = String(m.body.node_id);
    this.ids = m.body.node_ids as string[];
    await this.start();
    this.reply(m, "init_ok");
  }

  private dispatch(m: Message): void {
    const handler = this.handlers.get(m.type);
    if ("in_reply_to" in m.body) {
      const call = this.calls.get(m.body.in_reply_to);
      if (call !== undefined && call.dest === m.src) call.end(m);
    } else if (m.type === "error") {
      this.log("an error that answers nothing was left out");
    } else if (m.type === "init" && this.id === "") {
      void this.handle((m) => this.init(m), m);
    } else if (this.id === "") {
      // Another node was faster than our init; it will have to say it again.
    } else if (m.dest !== this.id) {
      this.log(`a message to ${m.dest} was left out: this is ${this.id}`);
    } else if (m.type === undefined) {
      this.error(m, Code.MALFORMED, "the body has no type");
    } else if (handler === undefined) {
      this.error(m, Code.NOT_SUPPORTED, `this node does not know requests of type ${m.type}`);
    } else {
      void this.handle(handler, m);
    }
  }

  // Inside: input.

  private line(line: Buffer): void {
    let m: Message;
    try {
      m = messageOf(line);
    } catch (e) {
      this.log(`a line that is no message was left out: ${String(e)}`);
      return;
    }
    this.dispatch(m);
  }

  private read(data: Buffer): void {
    let from = 0;
    for (let end; (end = data.indexOf(10, from)) >= 0; from = end + 1) {
      this.rest.push(data.subarray(from, end));
      const line = Buffer.concat(this.rest);
      this.rest = [];
      this.line(line);
    }
    this.rest.push(data.subarray(from));
  }
}
