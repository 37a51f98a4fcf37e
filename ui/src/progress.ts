// The page of progress, left open while one works elsewhere: whoever comes back to it sees what has changed meanwhile.
import { ask } from './api.js';
import type { Mount } from './islands.js';

export const progress: Mount = () => {
  const now = async (): Promise<string | null> => JSON.stringify(await ask<unknown>('/progress').catch(() => null));
  const before = now();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    void Promise.all([before, now()]).then(([was, is]) => {
      if (is !== 'null' && was !== is) location.reload();
    });
  });
};
