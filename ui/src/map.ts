// The map of the tracks: what one points at or goes to with the keyboard shows what it builds on and what builds on it. Arrows go
// along the map; Tab and Enter work as for any link, also without this.
import type { Mount } from './islands.js';
import { nearest, reach, type Direction, type Line, type Spot } from './map_ways.js';

const directions: { readonly [key: string]: Direction } = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };

class TrackMap {
  private readonly boxes = new Map<string, SVGGraphicsElement>();
  private readonly paths: { readonly line: Line; readonly path: Element }[] = [];
  private held: string | null = null; // that the keyboard is at

  constructor(private readonly svg: SVGSVGElement) {
    for (const box of svg.querySelectorAll<SVGGraphicsElement>('[data-track]')) {
      const name = box.dataset['track'] ?? '';
      this.boxes.set(name, box);
      if (!box.hasAttribute('href')) box.setAttribute('tabindex', '-1'); // planned: to be reached by arrows
      box.addEventListener('pointerenter', () => this.follow(name));
      box.addEventListener('pointerleave', () => this.follow(this.held));
      box.addEventListener('focus', () => this.follow((this.held = name)));
      box.addEventListener('blur', () => this.follow((this.held = null)));
      box.addEventListener('keydown', event => this.key(event, name));
    }
    for (const path of svg.querySelectorAll<SVGElement>('.lines path'))
      this.paths.push({ line: { from: path.dataset['from'] ?? '', to: path.dataset['to'] ?? '' }, path });
  }

  private follow(name: string | null): void {
    const on = name === null ? null : reach(this.paths.map(one => one.line), name);
    this.svg.classList.toggle('follows', on !== null);
    for (const [other, box] of this.boxes) box.classList.toggle('on', on?.tracks.has(other) ?? false);
    for (const { line, path } of this.paths) path.classList.toggle('on', on?.lines.has(line) ?? false);
  }

  private spots(): Spot[] {
    return [...this.boxes].map(([name, box]) => {
      const { x, y, width, height } = box.getBBox();
      return { name, x: x + width / 2, y: y + height / 2 };
    });
  }

  private key(event: KeyboardEvent, name: string): void {
    const direction = directions[event.key];
    if (!direction || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault(); // at the edge, too: the page must not scroll away
    const next = nearest(this.spots(), name, direction);
    if (next) this.boxes.get(next)?.focus();
  }
}

export const map: Mount = place => {
  const svg = place.querySelector('svg');
  if (svg) new TrackMap(svg);
};
