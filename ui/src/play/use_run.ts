// One run, from the button to its result, over broken connections.
import { useEffect, useRef, useState } from 'preact/hooks';
import * as api from '../api.js';
import type { Files } from '../editor/drafts.js';
import type { Run } from '../types.js';
import type { Values } from './offer.js';
import { WAITING, goingAfter, waiting, type Going } from './running.js';

export interface Spec {
  readonly workload: string;
  readonly options: Values;
  readonly language: string;
  readonly files: Files;
}

export interface RunState {
  readonly run: Run | null; // as it was told last
  readonly url: string; // of its own page
  readonly going: Going;
  readonly isGoing: boolean;
  readonly isAway: boolean;
  readonly error: string;
}

const NOTHING: RunState = { run: null, url: '', going: WAITING, isGoing: false, isAway: false, error: '' };

export function useRun(): { readonly now: RunState; start(spec: Spec): void; cancel(): void } {
  const [now, setNow] = useState(NOTHING);
  const stop = useRef<AbortController | null>(null);

  async function start(spec: Spec): Promise<void> {
    stop.current?.abort();
    const control = new AbortController();
    const change = (next: Partial<RunState> | ((before: RunState) => Partial<RunState>)): void => {
      if (!control.signal.aborted) setNow(before => ({ ...before, ...(typeof next === 'function' ? next(before) : next) }));
    };
    stop.current = control;
    setNow({ ...NOTHING, isGoing: true });
    try {
      const { id, url } = await api.ask<{ id: string; url: string }>('/runs', { method: 'POST', body: spec });
      change({ url });
      await api.watch<Run>('runs', id, {
        state: run => change(before => ({ run, going: run.state === 'queued' ? waiting(run.place) : before.going })),
        step: event => change(before => ({ going: goingAfter(before.going, event) })),
        over: run => change({ run, isGoing: false, isAway: false }),
        away: isAway => change({ isAway }),
      }, control.signal);
    } catch (error) {
      change({ error: api.sentenceOf(error), isGoing: false });
    }
  }

  async function cancel(): Promise<void> {
    const id = now.run?.id;
    // The stream tells how it ended.
    if (id !== undefined) await api.cancel('runs', id).catch((error: unknown) => setNow(before => ({ ...before, error: api.sentenceOf(error) })));
  }

  useEffect(() => () => stop.current?.abort(), []);
  return { now, start: spec => void start(spec), cancel: () => void cancel() };
}
