// What a run says while it goes on (src/judge/playing.h), as a sentence and a bar.
import { duration } from '../editor/progress.js';

export interface Going {
  readonly sentence: string;
  readonly done: number;
  readonly of: number; // 0: not known
}

export const WAITING: Going = { sentence: 'Waiting for a worker.', done: 0, of: 0 };

function numberOf(event: object, name: string): number {
  const value: unknown = Object.entries(event).find(([key]) => key === name)?.[1];
  return typeof value === 'number' ? value : 0;
}

const count = (n: number, word: string): string => `${n.toLocaleString('en')} ${word}${n === 1 ? '' : 's'}`;

/** After one event more; what nobody knows here changes nothing. */
export function goingAfter(before: Going, event: object): Going {
  const name: unknown = 'event' in event ? event.event : '';
  if (name === 'building') return { sentence: 'Building your program.', done: 0, of: 0 };
  if (name === 'built') return { sentence: 'Built. Starting the nodes.', done: 0, of: 0 };
  if (name === 'verdict') return { ...before, sentence: 'It is over; the report is on its way.', done: before.of };
  if (name !== 'running') return before;
  const done = numberOf(event, 'virtual-ns'), of = numberOf(event, 'of-ns');
  return {
    sentence: `Running: ${duration(done)} of virtual time, ${count(numberOf(event, 'events'), 'event')}, ${count(numberOf(event, 'messages'), 'message')}.`,
    done: Math.min(done, of),
    of,
  };
}

export function waiting(place: number): Going {
  return place > 1 ? { ...WAITING, sentence: `Waiting: ${place - 1} ${place === 2 ? 'goes' : 'go'} before yours.` } : WAITING;
}
