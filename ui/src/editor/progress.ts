// What a page knows of a judging while it goes on, from the judge's events. Pure: an event more, a picture more.
import type { JudgeEvent, Step } from '../types.js';

export interface LiveStep {
  readonly part: string;
  readonly name: string;
  readonly passed: number; // seeds on which it passed so far
  readonly failed: boolean; // on some seed
}

export interface Progress {
  readonly phase: 'waiting' | 'building' | 'built' | 'broken' | 'judging' | 'verdict';
  readonly steps: readonly LiveStep[];
  readonly done: number;
  readonly of: number; // 0: not known yet
}

export const NO_PROGRESS: Progress = { phase: 'waiting', steps: [], done: 0, of: 0 };

function withStep(steps: readonly LiveStep[], part: string, name: string, passed: boolean): LiveStep[] {
  const at = steps.findIndex(step => step.part === part && step.name === name);
  const known = steps[at] ?? { part, name, passed: 0, failed: false };
  const next = { ...known, passed: known.passed + (passed ? 1 : 0), failed: known.failed || !passed };
  return at < 0 ? [...steps, next] : steps.map((step, i) => (i === at ? next : step));
}

/** After one event more. `building` begins anew: another attempt of the judge's. */
export function after(progress: Progress, event: JudgeEvent): Progress {
  switch (event.event) {
    case 'building':
      return { ...NO_PROGRESS, phase: 'building' };
    case 'built':
      return { ...progress, phase: event.built ? 'built' : 'broken' };
    case 'step':
      return { ...progress, phase: 'judging', steps: event.name === undefined ? progress.steps : withStep(progress.steps, event.part, event.name, event.passed) };
    case 'progress':
      return { ...progress, phase: 'judging', done: event.done, of: event.of };
    case 'verdict':
      return { ...progress, phase: 'verdict' };
    default:
      return progress; // a newer judge may say more
  }
}

/** A sentence for where it stands; place counts from 1 while it is queued. */
export function sentenceFor(progress: Progress, place: number): string {
  switch (progress.phase) {
    case 'waiting':
      return place > 1 ? `Waiting: ${place - 1} ${place === 2 ? 'goes' : 'go'} before yours.` : 'Waiting for the judge.';
    case 'building':
      return 'Building your program.';
    case 'built':
      return 'Built. Starting your nodes.';
    case 'broken':
      return 'The program does not build.';
    case 'judging':
      return progress.of > 0 ? `Running: ${progress.done} of ${progress.of} runs are over.` : 'Running your nodes.';
    case 'verdict':
      return 'Judged.';
  }
}

/** Steps with the failing one first, the others in their order. */
export function failingFirst(steps: readonly Step[]): Step[] {
  return [...steps.filter(step => step.failure), ...steps.filter(step => !step.failure)];
}

/** 1500000000 is "1.5 s". */
export function duration(ns: number): string {
  if (ns <= 0) return '0 s';
  const units = [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs'], [1, 'ns']] as const;
  const [size, unit] = units.find(([least]) => ns >= least) ?? [1, 'ns'];
  return `${Number((ns / size).toPrecision(3))} ${unit}`;
}

/** Where a compiler points at: "main.go:12:5: ..." */
export interface Spot {
  readonly file: string;
  readonly line: number;
}

const SPOT = /(?:^|[\s"'(])(?:\.\/|node\.d\/)?([A-Za-z0-9_][A-Za-z0-9_./-]*\.[a-z]+)(?::|\(|"?, line )(\d+)/;

/** The spot in a line of compiler output, if it is in one of these files. */
export function spotIn(line: string, names: readonly string[]): Spot | null {
  const found = SPOT.exec(line);
  const name = found?.[1] ?? '';
  const file = names.find(one => one === name) ?? names.find(one => name.endsWith('/' + one));
  return found && file !== undefined ? { file, line: Number(found[2]) } : null;
}
