export interface Line {
  readonly from: string;
  readonly to: string; // builds on from
}

/** All that a track builds on and all that builds on it, with the lines between. */
export function reach(lines: readonly Line[], track: string): { tracks: Set<string>; lines: Set<Line> } {
  const tracks = new Set([track]), on = new Set<Line>();
  const walk = (at: string, near: 'from' | 'to', far: 'from' | 'to'): void => {
    for (const line of lines) {
      if (line[near] !== at || on.has(line)) continue;
      on.add(line);
      tracks.add(line[far]);
      walk(line[far], near, far);
    }
  };
  walk(track, 'to', 'from');
  walk(track, 'from', 'to');
  return { tracks, lines: on };
}

export type Direction = 'left' | 'right' | 'up' | 'down';

export interface Spot {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

const ASIDE = 2.5; // what lies aside counts as so much farther away

/** The next one that lies in this direction; null: there is none. */
export function nearest(spots: readonly Spot[], from: string, direction: Direction): string | null {
  const here = spots.find(spot => spot.name === from);
  let best: string | null = null, least = Infinity;
  if (!here) return null;
  for (const spot of spots) {
    const dx = spot.x - here.x, dy = spot.y - here.y;
    const ahead = direction === 'left' ? -dx : direction === 'right' ? dx : direction === 'up' ? -dy : dy;
    const aside = Math.abs(direction === 'left' || direction === 'right' ? dy : dx);
    const far = ahead + ASIDE * aside;
    if (ahead <= 1 || far >= least) continue;
    best = spot.name;
    least = far;
  }
  return best;
}
