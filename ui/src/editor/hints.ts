// Hints one at a time: the next one appears when the one before it was opened. Without this script all doors are there.
import { recall, remember } from './settings.js';

export function guardHints(track: string, task: string): void {
  const hints = [...document.querySelectorAll<HTMLDetailsElement>('details.hint')];
  const key = `eddy:hints:${track}/${task}`;
  let opened = Number(recall(key) ?? '0') || 0;

  const show = () => hints.forEach((hint, i) => { hint.hidden = i > opened; });
  hints.forEach((hint, i) => {
    hint.addEventListener('toggle', () => {
      if (!hint.open || i < opened) return;
      opened = i + 1;
      remember(key, String(opened));
      show();
    });
  });
  show();
}
