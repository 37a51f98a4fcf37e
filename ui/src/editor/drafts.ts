// A learner's text in several places at once: this tab, another tab, the browser's storage, the server, another machine.
//
// What is kept knows which version of the server's it was made from (base, baseFiles), so that a meeting with the
// server's draft is a merge of three. It is done by whole files: a file that only one side has changed is taken from
// that side; one that both have changed is for the learner to choose, who sees both. Merging lines was dropped: half a
// function of each side is text that nobody wrote.
import type { Draft, SourceFile } from '../types.js';

export type Files = readonly SourceFile[];

export interface Kept {
  readonly files: Files;
  readonly base: number; // version at the server; 0: none
  readonly baseFiles: Files | null; // its text, if known
  readonly changed: boolean; // files are not what the server has as base
  readonly turn: number; // counts the writings of all tabs
}

export type Meeting =
  | { readonly kind: 'agreed'; readonly kept: Kept }
  | { readonly kind: 'choice'; readonly theirs: Draft; readonly files: Files; readonly names: readonly string[] };

export function textOfFile(files: Files, name: string): string | undefined {
  return files.find(file => file.name === name)?.text;
}

export function sameFiles(a: Files, b: Files): boolean {
  return a.length === b.length && a.every(file => textOfFile(b, file.name) === file.text);
}

/** Names in which two sets differ, in order. */
export function differingNames(a: Files, b: Files): string[] {
  const names = [...new Set([...a, ...b].map(file => file.name))].sort();
  return names.filter(name => textOfFile(a, name) !== textOfFile(b, name));
}

/** By whole files; where both sides changed one differently, ours stands in files and its name in conflicts. */
export function mergeFiles(base: Files | null, ours: Files, theirs: Files): { files: Files; conflicts: string[] } {
  const files: SourceFile[] = [];
  const conflicts: string[] = [];
  const names = [...new Set([...ours, ...theirs].map(file => file.name))];

  for (const name of names) {
    const our = textOfFile(ours, name);
    const their = textOfFile(theirs, name);
    const old = base ? textOfFile(base, name) : undefined;
    const isTheirs = our !== their && base !== null && our === old;
    const isOurs = our === their || (base !== null && their === old);
    const text = isTheirs ? their : our;
    if (!isTheirs && !isOurs) conflicts.push(name);
    if (text !== undefined) files.push({ name, text });
    else if (!isTheirs && !isOurs && their !== undefined) files.push({ name, text: their }); // deleted here, changed there
  }
  return { files, conflicts: conflicts.sort() };
}

export function fresh(files: Files): Kept {
  return { files, base: 0, baseFiles: null, changed: false, turn: 0 };
}

function fromServer(kept: Kept | null, server: Draft): Kept {
  return { files: server.files, base: server.version, baseFiles: server.files, changed: false, turn: (kept?.turn ?? 0) + 1 };
}

/**
 * What holds after the server's draft (null: it has none) is known. sent: what was sent without an answer, and may have
 * arrived all the same. A kept text that differs is never dropped here.
 */
export function meet(kept: Kept | null, server: Draft | null, starter: Files, sent: readonly Files[] = []): Meeting {
  if (!server) return { kind: 'agreed', kept: kept ? { ...kept, base: 0, baseFiles: null, changed: !sameFiles(kept.files, starter) } : fresh(starter) };
  if (!kept || sameFiles(kept.files, server.files)) return { kind: 'agreed', kept: fromServer(kept, server) };
  const turn = kept.turn + 1;
  const onTop = { base: server.version, baseFiles: server.files, turn };
  if (kept.base === server.version || sent.some(files => sameFiles(files, server.files)))
    return { kind: 'agreed', kept: { ...onTop, files: kept.files, changed: true } };
  if (!kept.changed) return { kind: 'agreed', kept: fromServer(kept, server) };
  const merged = mergeFiles(kept.baseFiles, kept.files, server.files);
  if (merged.conflicts.length > 0) return { kind: 'choice', theirs: server, files: merged.files, names: merged.conflicts };
  return { kind: 'agreed', kept: { ...onTop, files: merged.files, changed: !sameFiles(merged.files, server.files) } };
}

// ---- as text, for the browser's storage; whatever else stands there is taken for nothing ----

function isFiles(value: unknown): value is Files {
  return (
    Array.isArray(value) &&
    value.every((one: unknown) => typeof one === 'object' && one !== null && 'name' in one && 'text' in one && typeof one.name === 'string' && typeof one.text === 'string')
  );
}

export function keptToText(kept: Kept): string {
  return JSON.stringify(kept);
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

export function keptFromText(text: string | null): Kept | null {
  const value = parse(text);
  if (typeof value !== 'object' || value === null || !('files' in value) || !isFiles(value.files)) return null;
  const base = 'base' in value && typeof value.base === 'number' ? value.base : 0;
  const baseFiles = 'baseFiles' in value && isFiles(value.baseFiles) ? value.baseFiles : null;
  const turn = 'turn' in value && typeof value.turn === 'number' ? value.turn : 0;
  return { files: value.files, base, baseFiles, changed: !('changed' in value) || value.changed !== false, turn };
}

/** A text that gave way to another one, kept to be had again. */
export interface Aside {
  readonly at: number; // ms since 1970
  readonly why: string;
  readonly files: Files;
}

export const ASIDES_MAX = 10;

export function asidesFromText(text: string | null): Aside[] {
  const value = parse(text);
  return Array.isArray(value)
    ? value.filter((one: unknown): one is Aside => typeof one === 'object' && one !== null && 'at' in one && typeof one.at === 'number' && 'why' in one && typeof one.why === 'string' && 'files' in one && isFiles(one.files))
    : [];
}

/** The newest first; a text that stands there already moves to the front. */
export function withAside(asides: readonly Aside[], fresh: Aside): Aside[] {
  return [fresh, ...asides.filter(one => !sameFiles(one.files, fresh.files))].slice(0, ASIDES_MAX);
}
