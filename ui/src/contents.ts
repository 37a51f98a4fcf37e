// The list of contents beside a text: the section that is being read is marked in it.
import type { Mount } from './islands.js';

const LINE = 0.3; // what stands above this part of the window has been reached

/** The last of the sections that begin above the line, -1: none. Tops in the order of the page. */
export function reached(tops: readonly number[], line: number): number {
  let last = -1;
  tops.forEach((top, i) => { if (top <= line) last = i; });
  return last;
}

export const contents: Mount = place => {
  const links = [...place.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')];
  const goals = links.map(link => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  let isAsked = false;

  const mark = (): void => {
    isAsked = false;
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const now = atEnd && scrollY > 0 ? links.length - 1 : reached(goals.map(goal => goal?.getBoundingClientRect().top ?? Infinity), innerHeight * LINE);
    links.forEach((link, i) => {
      if (i === now) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    });
  };
  const ask = (): void => {
    if (!isAsked) requestAnimationFrame(mark);
    isAsked = true;
  };
  addEventListener('scroll', ask, { passive: true });
  addEventListener('resize', ask, { passive: true });
  ask();
};
