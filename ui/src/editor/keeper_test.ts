// The keeper among a scripted server, storage and clock. Nothing that was typed may be missing from the union of: what is
// shown, what is set aside, what the server has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Away, Refusal } from '../api.js';
import type { Draft } from '../types.js';
import { sameFiles, type Files } from './drafts.js';
import { Keeper, type World } from './keeper.js';

const text = (content: string): Files => [{ name: 'main.py', text: content }];
const STARTER = text('starter');
const KEY = 'messenger/echo/python';

class Fake {
  draft: Draft | null = null;
  storage = new Map<string, string>();
  isAway = false;
  losesAnswers = false; // what is put arrives, and the answer does not
  isFull = false;
  puts: Draft[] = [];
  timers: { ms: number; then: () => void }[] = [];
  time = 0;

  readonly world: World = {
    read: key => this.storage.get(key) ?? null,
    write: (key, value) => {
      if (this.isFull) return false;
      this.storage.set(key, value);
      return true;
    },
    get: async () => {
      if (this.isAway) throw new Away('');
      return this.draft;
    },
    put: async draft => {
      if (this.isAway) throw new Away('');
      this.puts.push(draft);
      if (draft.version !== (this.draft?.version ?? 0)) {
        const problem = { title: '', status: 409, detail: 'newer', draft: this.draft ?? { files: [], version: 0 } };
        throw new Refusal(409, 'newer', problem);
      }
      this.draft = { files: draft.files, version: draft.version + 1 };
      if (this.losesAnswers) throw new Away('');
      return this.draft.version;
    },
    after: (ms, then) => {
      const timer = { ms, then };
      this.timers.push(timer);
      return () => { this.timers = this.timers.filter(one => one !== timer); };
    },
    now: () => ++this.time,
  };

  keeper(): Keeper { return new Keeper(KEY, this.world, STARTER); }
  /** Lets all timers ring until none is left, or so many times. */
  async ring(times = 20): Promise<void> {
    for (; times > 0 && this.timers.length > 0; times--) {
      this.timers.shift()?.then();
      await new Promise<void>(done => setTimeout(done, 0));
    }
  }
}

async function opened(fake: Fake): Promise<Keeper> {
  const keeper = fake.keeper();
  await keeper.open();
  return keeper;
}

test('what is typed is in storage at once, and at the server a little later', async () => {
  const fake = new Fake();
  const keeper = await opened(fake);
  assert.equal(fake.storage.size, 0);
  for (const letters of ['a', 'ab', 'abc']) {
    keeper.change(text(letters));
    assert.match(fake.storage.get(keeper.draftKey) ?? '', new RegExp(`"${letters}"`));
  }
  assert.equal(keeper.saving, 'waiting');
  await fake.ring();
  assert.equal(fake.puts.length, 1);
  assert.deepEqual(fake.draft, { files: text('abc'), version: 1 });
  assert.equal(keeper.saving, 'saved');
  keeper.change(text('abcd'));
  await fake.ring();
  assert.equal(fake.draft?.version, 2);
});

test('a reload finds it, also where the server never heard of it', async () => {
  const fake = new Fake();
  fake.isAway = true;
  (await opened(fake)).change(text('typed'));
  fake.timers = [];
  const again = await opened(fake);
  assert.ok(sameFiles(again.files, text('typed')));
  fake.isAway = false;
  await fake.ring();
  assert.deepEqual(fake.draft?.files, text('typed'));
  assert.equal(again.saving, 'saved');
});

test('a connection that is gone is tried again, each time later, with the newest text', async () => {
  const fake = new Fake();
  const keeper = await opened(fake);
  fake.isAway = true;
  keeper.change(text('1'));
  const waits: number[] = [];
  for (let i = 0; i < 4; i++) {
    await fake.ring(1);
    waits.push(fake.timers[0]?.ms ?? 0);
    assert.equal(keeper.saving, 'away');
  }
  assert.deepEqual(waits, [2000, 4000, 8000, 15000]);
  keeper.change(text('2'));
  fake.isAway = false;
  await fake.ring();
  assert.deepEqual(fake.draft?.files, text('2'));
  assert.equal(keeper.saving, 'saved');
});

test('an answer that is lost is no conflict with oneself', async () => {
  const fake = new Fake();
  const keeper = await opened(fake);
  fake.losesAnswers = true;
  keeper.change(text('1'));
  await fake.ring(1);
  fake.losesAnswers = false;
  keeper.change(text('12'));
  await fake.ring();
  assert.equal(keeper.choice, null);
  assert.deepEqual(fake.draft?.files, text('12'));
});

test('another machine wrote meanwhile: a choice, and whichever is taken, the other is set aside', async () => {
  for (const takes of ['mine', 'theirs', 'both'] as const) {
    const fake = new Fake();
    fake.draft = { files: text('old'), version: 1 };
    const keeper = await opened(fake);
    fake.draft = { files: text('theirs'), version: 2 };
    keeper.change(text('mine'));
    await fake.ring();
    assert.deepEqual(keeper.choice?.theirs, { files: text('theirs'), version: 2 });
    assert.deepEqual(keeper.files, text('mine'));
    keeper.change(text('mine, and more')); // one may go on typing; nothing is sent meanwhile
    await fake.ring();
    assert.deepEqual(fake.draft.files, text('theirs'));
    keeper.choose(takes === 'mine' ? keeper.files : takes === 'theirs' ? text('theirs') : text('of both'));
    await fake.ring();
    assert.equal(keeper.choice, null);
    assert.ok(sameFiles(fake.draft.files, keeper.files));
    const aside = keeper.asides.map(one => one.files[0]?.text);
    for (const words of ['mine, and more', 'theirs']) assert.ok(keeper.files[0]?.text === words || aside.includes(words), `${words} is lost`);
  }
});

test('whoever comes back sees what was written elsewhere, and loses nothing typed meanwhile', async () => {
  const fake = new Fake();
  fake.draft = { files: text('old'), version: 1 };
  const keeper = await opened(fake);
  fake.draft = { files: text('from elsewhere'), version: 2 };
  await keeper.refresh();
  assert.deepEqual(keeper.files, text('from elsewhere'));
  assert.equal(keeper.saving, 'saved');
  fake.draft = { files: text('newer'), version: 3 };
  const coming = keeper.refresh();
  keeper.change(text('typed'));
  await coming;
  await fake.ring();
  assert.deepEqual(keeper.files, text('typed'));
  assert.deepEqual(keeper.choice?.theirs.files, text('newer'));
  fake.isAway = true;
  await (await opened(fake)).refresh();
});

test('two windows: the other one shows what is typed in this one, and both go on from one version', async () => {
  const fake = new Fake();
  const here = await opened(fake), there = await opened(fake);
  here.change(text('typed here'));
  there.heard(fake.storage.get(there.draftKey) ?? null);
  assert.deepEqual(there.files, text('typed here'));
  assert.equal(there.arrivals, 1);
  await fake.ring(1);
  there.heard(fake.storage.get(there.draftKey) ?? null);
  assert.equal(there.saving, 'saved');
  there.change(text('typed there'));
  here.heard(fake.storage.get(here.draftKey) ?? null);
  await fake.ring();
  assert.deepEqual(here.files, text('typed there'));
  assert.deepEqual(fake.draft?.files, text('typed there'));
  assert.equal(here.choice ?? there.choice, null);
});

test('two windows that wrote without hearing of each other lose nothing', async () => {
  const fake = new Fake();
  const here = await opened(fake), there = await opened(fake);
  here.change(text('one'));
  const one = fake.storage.get(here.draftKey) ?? null;
  there.change(text('two'));
  const two = fake.storage.get(there.draftKey) ?? null;
  here.heard(two);
  there.heard(one);
  for (let i = 0; i < 3; i++) for (const window of [here, there]) window.heard(fake.storage.get(window.draftKey) ?? null);
  await fake.ring();
  assert.deepEqual(here.files, there.files);
  const all = [here.files, ...here.asides.map(aside => aside.files)].map(files => files[0]?.text);
  assert.ok(all.includes('one') && all.includes('two'), all.join());
  assert.ok(sameFiles(fake.draft?.files ?? [], here.files));
});

test('what gives way to another text can be had again', async () => {
  const fake = new Fake();
  const keeper = await opened(fake);
  keeper.change(text('long work'));
  keeper.replace(STARTER, 'Before starting over');
  assert.deepEqual(keeper.files, STARTER);
  assert.deepEqual(keeper.asides[0]?.files, text('long work'));
});

test('a browser that keeps nothing says so, and the server has it all the same', async () => {
  const fake = new Fake();
  fake.isFull = true;
  const keeper = await opened(fake);
  keeper.change(text('x'));
  assert.equal(keeper.isStored, false);
  await fake.ring();
  assert.deepEqual(fake.draft?.files, text('x'));
});

test('a server that refuses is not asked again until something changes', async () => {
  const fake = new Fake();
  const keeper = await opened(fake);
  const put = fake.world.put;
  let refusals = 0;
  Object.assign(fake.world, { put: async () => { refusals++; throw new Refusal(413, 'too long', null); } });
  keeper.change(text('long'));
  await fake.ring();
  assert.equal(keeper.saving, 'refused');
  assert.equal(keeper.sentence, 'too long');
  assert.equal(refusals, 1);
  Object.assign(fake.world, { put });
  keeper.change(text('short'));
  await fake.ring();
  assert.equal(keeper.saving, 'saved');
});

test('signed out, or somebody else signed in: the text stays here, and is saved when its writer is back', async () => {
  for (const status of [401, 412]) {
    const fake = new Fake();
    const keeper = await opened(fake);
    const { put, get } = fake.world;
    const refuse = async () => { throw new Refusal(status, 'not you', null); };
    Object.assign(fake.world, { put: refuse, get: refuse });
    keeper.change(text('typed'));
    await fake.ring();
    await keeper.refresh();
    assert.equal(keeper.saving, 'refused');
    assert.equal(keeper.isSignedOut, status === 401);
    assert.match(fake.storage.get(keeper.draftKey) ?? '', /"typed"/);
    assert.equal(fake.draft, null);
    Object.assign(fake.world, { put, get });
    await keeper.refresh(); // he comes back to this window, and types nothing
    assert.deepEqual(fake.draft, { files: text('typed'), version: 1 });
    assert.equal(keeper.saving, 'saved');
  }
});

test('who comes to a window leaves it to the other one to save what was typed there', async () => {
  const fake = new Fake(), here = await opened(fake), there = await opened(fake);
  here.change(text('typed'));
  there.heard(fake.storage.get(there.draftKey) ?? null);
  await there.refresh();
  assert.equal(fake.puts.length, 0);
  await fake.ring(1); // the first that is due is that of here
  assert.deepEqual(fake.puts.map(put => put.files), [text('typed')]);
});
