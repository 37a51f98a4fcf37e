// Server-sent events with resume, over a reader of bytes; the browser's EventSource gives up at the first answer
// that is no stream, and a learner whose train is in a tunnel should not have to reload.
//
// Laws: 1. Each event is told once, in order: after a break the server is asked for what comes after the last id.
// 2. It goes on until the event `over`, an answer that says no (Refusal), or the caller's signal.
// 3. Breaks are told (away), so that a page can say so calmly; between attempts it waits longer each time.

export interface ServerEvent {
  readonly id: string;
  readonly name: string;
  readonly data: string;
}

/** Takes pieces of text as they come and tells the events that are whole. */
export class EventParser {
  private rest = '';
  private id = '';
  private name = '';
  private data: string[] = [];

  constructor(private readonly tell: (event: ServerEvent) => void) {}

  add(piece: string): void {
    this.rest += piece;
    for (;;) {
      const end = this.rest.search(/[\r\n]/);
      // A CR at the very end may be half of a CR LF: wait for what follows.
      if (end < 0 || (this.rest[end] === '\r' && end === this.rest.length - 1)) return;
      const line = this.rest.slice(0, end);
      this.rest = this.rest.slice(end + (this.rest.startsWith('\r\n', end) ? 2 : 1));
      this.line(line);
    }
  }

  private line(line: string): void {
    if (line === '') {
      if (this.data.length > 0) this.tell({ id: this.id, name: this.name || 'message', data: this.data.join('\n') });
      this.name = '';
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return; // a comment, which keeps the connection alive
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id' && !value.includes('\0')) this.id = value;
    else if (field === 'event') this.name = value;
    else if (field === 'data') this.data.push(value);
  }
}

export type Chunks = AsyncIterable<Uint8Array>;

export interface Following {
  /** Opens the stream behind the event of this id ("" is the beginning). Throws a final error, or one with retry. */
  open(lastId: string): Promise<Chunks>;
  tell(event: ServerEvent): void;
  /** Whether the server is out of reach just now. */
  away(isAway: boolean): void;
  /** True: there is no use in trying again. */
  isFinal(error: unknown): boolean;
  wait(ms: number): Promise<void>;
  readonly signal: AbortSignal;
}

const WAITS_MS = [500, 1000, 2000, 4000, 8000] as const;

/** Resolves when the event `over` has come or the signal says stop; rejects with a final error. */
export async function follow(f: Following): Promise<void> {
  let lastId = '';
  let failures = 0;
  let isOver = false;

  while (!isOver && !f.signal.aborted) {
    // A stream that breaks in the middle of an event has a parser of its own: halves never meet.
    const parser = new EventParser(event => {
      if (isOver || f.signal.aborted) return;
      if (event.id !== '') lastId = event.id;
      failures = 0;
      isOver = event.name === 'over';
      f.tell(event);
    });
    const decoder = new TextDecoder();
    try {
      const chunks = await f.open(lastId);
      f.away(false);
      for await (const chunk of chunks) {
        parser.add(decoder.decode(chunk, { stream: true }));
        if (isOver || f.signal.aborted) break;
      }
    } catch (error) {
      if (f.signal.aborted) return;
      if (f.isFinal(error)) throw error;
    }
    if (isOver || f.signal.aborted) return;
    f.away(failures > 0); // one break alone is nothing to speak of
    await f.wait(WAITS_MS[Math.min(failures, WAITS_MS.length - 1)] ?? 8000);
    failures++;
  }
}
