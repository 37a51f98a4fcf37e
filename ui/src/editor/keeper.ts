// Keeps one draft (of a task in a language): writes it to the browser's storage at each change and to the server a little
// later, hears what other tabs write, and says how it stands.
//
//     change() --> waiting --timer--> saving --> saved
//                     ^                 |--> away: again after a while, with the newest text
//                     |                 |--> 409: meet() the server's draft; a choice stops saving until choose()
//                     '--- change() ----'--> refused: the server will not have it; it is kept here
//
// Laws: 1. Text is in storage before change() returns. 2. What gives way to another text is set aside first, unless the
// other text was made from it. 3. One request at a time.
import { Refusal, mayPass } from '../api.js';
import type { Draft } from '../types.js';
import { asidesFromText, fresh, keptFromText, keptToText, meet, sameFiles, withAside, type Aside, type Files, type Kept } from './drafts.js';

export type Saving = 'saved' | 'waiting' | 'saving' | 'away' | 'refused';

export interface Choice {
  readonly theirs: Draft;
  readonly names: readonly string[];
}

/** What the keeper needs of the world; tests have another one. */
export interface World {
  read(key: string): string | null;
  write(key: string, text: string): boolean; // false: the browser keeps nothing, or no more
  get(): Promise<Draft | null>;
  put(draft: Draft, isLast: boolean): Promise<number>;
  after(ms: number, then: () => void): () => void; // gives what cancels it
  now(): number;
}

export const SAVE_AFTER_MS = 1200;
const ADOPTED_AFTER_MS = 10000;
const SENT_MAX = 5;
const AGAIN_MS = [2000, 4000, 8000, 15000, 30000] as const;

export class Keeper {
  kept: Kept;
  saving: Saving = 'saved';
  sentence = ''; // why it was refused
  isSignedOut = false; // that is why
  choice: Choice | null = null;
  isStored = true;
  /** Counts texts that came from elsewhere, so that an editor knows when to show them. */
  arrivals = 0;
  private isOurs: boolean; // somebody has written here: it is more than the starter
  private sent: Files[] = []; // without an answer so far
  private isBusy = false;
  private failures = 0;
  private cancelTimer: () => void = () => undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly key: string,
    private readonly world: World,
    private readonly starter: Files,
  ) {
    const stored = keptFromText(world.read(this.draftKey));
    this.kept = stored ?? fresh(starter);
    this.isOurs = stored !== null;
  }

  get draftKey(): string { return 'eddy:draft:' + this.key; }
  private get asideKey(): string { return 'eddy:aside:' + this.key; }
  get files(): Files { return this.kept.files; }
  get asides(): Aside[] { return asidesFromText(this.world.read(this.asideKey)); }

  listen(heard: () => void): () => void {
    this.listeners.add(heard);
    return () => this.listeners.delete(heard);
  }
  private tell(): void {
    for (const heard of this.listeners) heard();
  }

  /** Asks the server; until it answers, what the browser had is there to be worked on. */
  async open(): Promise<void> {
    try {
      const server = await this.world.get();
      if (server || this.isOurs) this.meetServer(server, this.isOurs ? this.kept : null); // the starter alone is not kept
      else this.settle();
    } catch (error) {
      this.failed(error, () => void this.open());
    }
    this.tell();
  }

  /** Somebody comes back to this page: what was written elsewhere meanwhile is shown before he types on top of old text. */
  async refresh(): Promise<void> {
    if (this.saving === 'refused') await this.flush(); // he may have signed in again, in another window
    if (this.isBusy || this.choice || this.kept.changed) return;
    const server = await this.world.get().catch(() => null); // away: the next change will find out
    if (!server || this.isBusy || this.choice) return;
    this.meetServer(server, this.isOurs ? this.kept : null);
    this.tell();
  }

  change(files: Files): void {
    if (sameFiles(files, this.kept.files) && files.length === this.kept.files.length) return;
    this.keep({ ...this.kept, files, changed: true, turn: this.kept.turn + 1 });
    if (!this.choice) this.plan(this.saving === 'away' ? (AGAIN_MS[0] as number) : SAVE_AFTER_MS, this.saving === 'away' ? 'away' : 'waiting');
    this.tell();
  }

  /** Another text takes the place of the present one, which is set aside. */
  replace(files: Files, why: string): void {
    if (sameFiles(files, this.kept.files)) return;
    this.setAside(why, this.kept.files);
    this.arrivals++;
    this.change(files);
  }

  /** Both sides are kept in any case: the one that is not taken is set aside. */
  choose(files: Files): void {
    const { choice } = this;
    if (!choice) return;
    if (!sameFiles(files, this.kept.files)) this.setAside('The text of this browser', this.kept.files);
    if (!sameFiles(files, choice.theirs.files)) this.setAside('The text of the other place', choice.theirs.files);
    this.choice = null;
    this.arrivals++;
    this.keep({ files, base: choice.theirs.version, baseFiles: choice.theirs.files, changed: !sameFiles(files, choice.theirs.files), turn: this.kept.turn + 1 });
    if (this.kept.changed) this.plan(0, 'waiting');
    else this.saving = 'saved';
    this.tell();
  }

  /** Another tab has written this to the storage. */
  heard(text: string | null): void {
    const other = keptFromText(text);
    if (!other || (other.turn === this.kept.turn && sameFiles(other.files, this.kept.files) && other.base === this.kept.base)) return;
    const isNew = !sameFiles(other.files, this.kept.files);
    if (isNew && this.kept.changed && other.turn <= this.kept.turn) {
      // Neither has seen the other's. Both windows decide alike, so that they do not swap their texts.
      const isOursFirst = other.turn < this.kept.turn || keptToText(other) < keptToText({ ...this.kept, turn: other.turn });
      this.setAside('From another window', isOursFirst ? other.files : this.kept.files);
      if (isOursFirst) {
        const { base, baseFiles } = other.base > this.kept.base ? other : this.kept;
        this.keep({ ...this.kept, base, baseFiles, turn: this.kept.turn + 1 });
        return this.tell();
      }
    }
    if (isNew) this.arrivals++;
    this.isOurs = true;
    this.kept = { ...other, turn: Math.max(other.turn, this.kept.turn) };
    if (this.choice && other.base >= this.choice.theirs.version) this.choice = null;
    if (!this.choice && other.changed) this.plan(ADOPTED_AFTER_MS, 'waiting'); // that tab will do it, unless it is closed
    else if (!this.choice) this.settle();
    this.tell();
  }

  /** Now, since the page goes away or the network came back. */
  async flush(isLast = false): Promise<void> {
    if (this.kept.changed && !this.choice) await this.save(isLast);
  }

  close(): void {
    this.cancelTimer();
    this.listeners.clear();
  }

  setAside(why: string, files: Files): void {
    let asides = withAside(this.asides, { at: this.world.now(), why, files });
    while (asides.length > 0 && !this.world.write(this.asideKey, JSON.stringify(asides))) asides = asides.slice(0, -1);
  }

  private keep(kept: Kept): void {
    this.kept = kept;
    this.isOurs = true;
    this.isStored = this.world.write(this.draftKey, keptToText(kept));
  }

  private plan(ms: number, saving: Saving): void {
    this.saving = saving;
    this.cancelTimer();
    this.cancelTimer = this.world.after(ms, () => void this.save(false));
  }

  private settle(): void {
    this.cancelTimer();
    this.saving = 'saved';
    this.failures = 0;
  }

  private meetServer(server: Draft | null, kept: Kept | null): void {
    const meeting = meet(kept, server, this.starter, this.sent);
    if (meeting.kind === 'choice') {
      this.cancelTimer();
      this.saving = 'waiting';
      this.choice = { theirs: meeting.theirs, names: meeting.names };
      return;
    }
    if (!sameFiles(meeting.kept.files, this.kept.files)) this.arrivals++;
    this.keep(meeting.kept);
    if (meeting.kept.changed) this.plan(0, 'waiting');
    else this.settle();
  }

  private async save(isLast: boolean): Promise<void> {
    if (this.isBusy || this.choice || !this.kept.changed) return;
    const { files, base } = this.kept;
    this.cancelTimer();
    this.isBusy = true;
    this.sent = [files, ...this.sent].slice(0, SENT_MAX);
    if (this.saving !== 'away') this.saving = 'saving';
    this.tell();
    try {
      const version = await this.world.put({ files, version: base }, isLast);
      this.arrived(files, version);
    } catch (error) {
      this.isBusy = false;
      const theirs = error instanceof Refusal && error.status === 409 ? error.problem?.draft : undefined;
      if (theirs) this.meetServer(theirs.version > 0 ? theirs : null, this.kept);
      else this.failed(error, () => void this.save(false));
    }
    this.isBusy = false;
    this.tell();
  }

  private arrived(files: Files, version: number): void {
    const changed = !sameFiles(files, this.kept.files);
    this.keep({ ...this.kept, base: version, baseFiles: files, changed });
    this.sent = [];
    this.failures = 0;
    if (changed) this.plan(SAVE_AFTER_MS, 'waiting');
    else this.settle();
  }

  private failed(error: unknown, again: () => void): void {
    if (!mayPass(error)) {
      this.saving = 'refused';
      this.isSignedOut = error instanceof Refusal && error.status === 401;
      this.sentence = error instanceof Error ? error.message : String(error);
      return;
    }
    this.saving = 'away';
    this.cancelTimer();
    this.cancelTimer = this.world.after(AGAIN_MS[Math.min(this.failures++, AGAIN_MS.length - 1)] as number, again);
  }
}
