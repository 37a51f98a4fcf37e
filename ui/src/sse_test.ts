import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventParser, follow, type Chunks, type Following, type ServerEvent } from './sse.js';

function parse(...pieces: string[]): ServerEvent[] {
  const events: ServerEvent[] = [];
  const parser = new EventParser(event => events.push(event));
  for (const piece of pieces) parser.add(piece);
  return events;
}

const STREAM = 'id: 1\nevent: state\ndata: {"a":1}\n\n: still here\n\nid: 2\r\nevent: step\r\ndata: x\r\ndata:  y\r\n\r\ndata\n\nid: 3\nevent: over\n\n';

test('events come whole, however the bytes are cut', () => {
  const whole = parse(STREAM);
  assert.deepEqual(whole, [
    { id: '1', name: 'state', data: '{"a":1}' },
    { id: '2', name: 'step', data: 'x\n y' },
    { id: '2', name: 'message', data: '' },
  ]);
  assert.deepEqual(parse(...STREAM), whole);
  for (let cut = 1; cut < STREAM.length; cut++) assert.deepEqual(parse(STREAM.slice(0, cut), STREAM.slice(cut)), whole);
});

test('half an event is no event', () => {
  assert.deepEqual(parse('data: x\n'), []);
  assert.deepEqual(parse('data: x\n', '\n').length, 1);
  assert.deepEqual(parse('id: 4\n\n', 'event: y\n\n'), []);
});

/** A server with a story of events 1 to n, whose connections end as `breaks` says: after so many events, or -1 for no connection. */
function scripted(count: number, breaks: number[], final?: { at: number; error: Error }) {
  const told: string[] = [], asked: string[] = [], waits: number[] = [], away: boolean[] = [];
  const stop = new AbortController();
  const f: Following = {
    signal: stop.signal,
    async open(lastId): Promise<Chunks> {
      asked.push(lastId);
      if (final && asked.length === final.at) throw final.error;
      const limit = breaks.shift() ?? count;
      if (limit < 0) throw new Error('no connection');
      const from = Number(lastId || '0');
      async function* chunks(): Chunks {
        const encoder = new TextEncoder();
        for (let id = from + 1; id <= count; id++) {
          const text = `id: ${id}\nevent: ${id === count ? 'over' : 'step'}\ndata: é${id}\n\n`;
          const bytes = encoder.encode(text);
          if (id - from > limit) {
            yield bytes.subarray(0, bytes.length - 5); // it broke within an event, and within a letter
            throw new Error('reset');
          }
          yield bytes.subarray(0, 20);
          yield bytes.subarray(20);
        }
      }
      return chunks();
    },
    tell: event => void told.push(event.data),
    away: isAway => void away.push(isAway),
    isFinal: error => error === final?.error,
    async wait(ms) { waits.push(ms); },
  };
  return { f, told, asked, waits, away, stop };
}

test('a stream without a break is told once', async () => {
  const s = scripted(5, []);
  await follow(s.f);
  assert.deepEqual(s.told, ['é1', 'é2', 'é3', 'é4', 'é5']);
  assert.deepEqual(s.asked, ['']);
});

test('after a break it goes on behind the last event, and nothing is told twice', async () => {
  const s = scripted(9, [3, 0, -1, -1, 2]);
  await follow(s.f);
  assert.deepEqual(s.told, ['é1', 'é2', 'é3', 'é4', 'é5', 'é6', 'é7', 'é8', 'é9']);
  assert.deepEqual(s.asked, ['', '3', '3', '3', '3', '5']);
  assert.deepEqual(s.waits, [500, 1000, 2000, 4000, 500]);
  assert.deepEqual(s.away.filter((is, i) => is !== s.away[i - 1]), [false, true, false]);
});

test('a final answer ends it', async () => {
  const s = scripted(9, [3], { at: 2, error: new Error('there is no such submission') });
  await assert.rejects(follow(s.f), /no such submission/);
  assert.equal(s.told.length, 3);
});

test('whoever stops it hears nothing more', async () => {
  const s = scripted(9, [3, -1, -1, -1]);
  const wait = s.f.wait;
  const f = { ...s.f, wait: async (ms: number) => { await wait(ms); if (s.waits.length === 2) s.stop.abort(); } };
  await follow(f);
  assert.equal(s.told.length, 3);
});
