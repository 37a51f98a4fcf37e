// Following one submission: from the button to the verdict, over reloads and broken connections.
import { useEffect, useRef, useState } from 'preact/hooks';
import * as api from '../api.js';
import type { Submission } from '../types.js';
import { NO_PROGRESS, after, type Progress } from './progress.js';
import { recall, remember } from './settings.js';

export interface Judging {
  readonly submission: Submission | null;
  readonly progress: Progress;
  readonly isAway: boolean; // the connection is gone just now
  readonly error: string; // why it could not be handed in or followed; "" if all is well
  readonly isSending: boolean;
}

const NOTHING: Judging = { submission: null, progress: NO_PROGRESS, isAway: false, error: '', isSending: false };

export function isOver(submission: Submission): boolean {
  return submission.state !== 'queued' && submission.state !== 'running';
}

export interface Judge {
  readonly now: Judging;
  readonly list: readonly Submission[]; // the newest first
  start(what: api.HandIn): void;
  show(id: number): void;
  cancel(): void;
}

export function useJudge(track: string, task: string, over: (submission: Submission) => void): Judge {
  const [now, setNow] = useState(NOTHING);
  const [list, setList] = useState<readonly Submission[]>([]);
  const stop = useRef<AbortController | null>(null);
  const isSending = useRef(false);
  const key = `eddy:shown:${track}/${task}`;

  async function reload(): Promise<readonly Submission[]> {
    const all = await api.submissions(track, task).catch(() => null);
    if (all) setList(all);
    return all ?? [];
  }

  async function show(id: number): Promise<void> {
    stop.current?.abort();
    const control = new AbortController();
    stop.current = control;
    remember(key, String(id));
    const change = (next: (before: Judging) => Judging) => { if (!control.signal.aborted) setNow(next); };
    try {
      const submission = await api.submission(id);
      change(() => ({ ...NOTHING, submission }));
      if (isOver(submission) || control.signal.aborted) return;
      await api.watch<Submission>('submissions', id, {
        state: is => change(before => ({ ...before, submission: { ...is, files: submission.files ?? [] } })),
        step: event => change(before => ({ ...before, progress: after(before.progress, event) })),
        over: is => {
          change(before => ({ ...before, submission: is, isAway: false }));
          over(is);
          void reload();
        },
        away: isAway => change(before => ({ ...before, isAway })),
      }, control.signal);
    } catch (error) {
      if (error instanceof api.Away && !control.signal.aborted) {
        change(before => ({ ...before, isAway: true }));
        setTimeout(() => { if (!control.signal.aborted) void show(id); }, 3000);
      } else {
        change(before => ({ ...before, error: api.sentenceOf(error), isSending: false }));
      }
    }
  }

  async function start(what: api.HandIn): Promise<void> {
    if (isSending.current) return;
    isSending.current = true;
    stop.current?.abort();
    setNow({ ...NOTHING, isSending: true });
    try {
      const { id } = await api.submit(what);
      isSending.current = false;
      void reload();
      await show(id);
    } catch (error) {
      isSending.current = false;
      const why = error instanceof api.Away ? 'The server is not reached just now, so nothing was handed in. Your text is kept; please try again.' : api.sentenceOf(error);
      setNow({ ...NOTHING, error: why });
    }
  }

  async function cancel(): Promise<void> {
    const id = now.submission?.id;
    if (id === undefined) return;
    // The stream tells how it ended; a submission that was over already has its verdict.
    await api.cancel('submissions', id).catch((error: unknown) => setNow(before => ({ ...before, error: api.sentenceOf(error) })));
  }

  // After a reload: what goes on, or what was looked at last.
  useEffect(() => {
    void reload().then(all => {
      const going = all.find(one => !isOver(one));
      const looked = all.find(one => String(one.id) === recall(key));
      const one = going ?? looked;
      if (one && !isSending.current && !stop.current) void show(Number(one.id));
    });
    return () => stop.current?.abort();
  }, [track, task]);

  return { now, list, start: what => void start(what), show: id => void show(id), cancel: () => void cancel() };
}
