// A keeper for the language at hand, tied to the page: its storage, other windows, the network, the page's end.
import { useEffect, useReducer, useState } from 'preact/hooks';
import * as api from '../api.js';
import type { Starter } from '../types.js';
import { keyOf } from '../person.js';
import { Keeper, type World } from './keeper.js';
import { recall, remember } from './settings.js';

function worldOf(track: string, task: string, language: string): World {
  return {
    read: recall,
    write: remember,
    get: () => api.draft(track, task, language),
    put: (draft, isLast) => api.putDraft(track, task, language, draft, isLast),
    after(ms, then) {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    now: Date.now,
  };
}

/** Says when the page goes away, comes back, or the network does. */
function tie(keeper: Keeper): () => void {
  const storage = (event: StorageEvent) => { if (event.key === keeper.draftKey) keeper.heard(event.newValue); };
  const online = () => void keeper.flush();
  const hidden = () => void (document.visibilityState === 'hidden' ? keeper.flush(true) : keeper.refresh());
  // Only where nothing else has it: then the browser asks before the page goes.
  const leaving = (event: BeforeUnloadEvent) => { if (keeper.kept.changed && !keeper.isStored) event.preventDefault(); };
  addEventListener('beforeunload', leaving);
  addEventListener('storage', storage);
  addEventListener('online', online);
  addEventListener('pagehide', hidden);
  document.addEventListener('visibilitychange', hidden);
  return () => {
    removeEventListener('beforeunload', leaving);
    removeEventListener('storage', storage);
    removeEventListener('online', online);
    removeEventListener('pagehide', hidden);
    document.removeEventListener('visibilitychange', hidden);
  };
}

export interface Work {
  readonly keeper: Keeper;
  readonly starter: Starter;
  readonly language: string;
}

export interface Opening {
  readonly work: Work | null;
  readonly error: string; // why there is nothing to work on yet
}

const AGAIN_MS = 4000;

/** person: whose texts these are, where several use one browser. */
export function useKeeper(person: string, track: string, task: string, language: string): Opening {
  const [opening, setOpening] = useState<Opening>({ work: null, error: '' });
  const [, redraw] = useReducer((n: number) => n + 1, 0);

  useEffect(() => {
    let isGone = false;
    let timer = 0;
    let release = () => {};

    function begin(starter: Starter): void {
      const key = keyOf(person, track, task, language);
      const keeper = new Keeper(key, worldOf(track, task, language), starter.files);
      const untie = tie(keeper);
      const deaf = keeper.listen(() => redraw(0));
      release = () => { untie(); deaf(); void keeper.flush().finally(() => keeper.close()); };
      setOpening({ work: { keeper, starter, language }, error: '' });
      void keeper.open();
    }
    function load(): void {
      api.starter(track, task, language).then(
        starter => { if (!isGone) begin(starter); },
        (error: unknown) => {
          if (isGone) return;
          setOpening({ work: null, error: api.sentenceOf(error) });
          if (error instanceof api.Away) timer = window.setTimeout(load, AGAIN_MS);
        },
      );
    }
    load();
    return () => {
      isGone = true;
      clearTimeout(timer);
      release();
    };
  }, [person, track, task, language]);
  return opening;
}
