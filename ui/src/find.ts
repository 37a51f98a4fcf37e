// Finds sections by their titles, as one types. The server's page /search looks through the texts; here it is titles only, since
// the index must be small and the answer must come before the next key.

/** As GET /search-index has them. */
export interface Entry {
  readonly place: string; // the track, or "Manual"
  readonly title: string; // of the page
  readonly heading: string; // of the section; "" for the page's beginning
  readonly url: string;
}

const POINTS = { wholeTitle: 40, begins: 30, beginsWord: 12, inside: 4, page: 2 };

function wordsOf(query: string): string[] {
  return query.toLowerCase().split(/\s+/).filter(word => word !== '');
}

/** How well a word fits a text; 0: not at all. */
function fit(word: string, text: string): number {
  const at = text.indexOf(word);
  if (at < 0) return 0;
  if (at === 0) return POINTS.begins;
  return /[\p{L}\p{N}]/u.test(text.charAt(at - 1)) ? POINTS.inside : POINTS.beginsWord;
}

function points(entry: Entry, words: readonly string[]): number {
  const own = (entry.heading || entry.title).toLowerCase();
  const around = `${entry.title} ${entry.place}`.toLowerCase();
  let sum = entry.heading === '' ? POINTS.page : 0;
  for (const word of words) {
    const inOwn = fit(word, own), inAround = fit(word, around);
    if (inOwn === 0 && inAround === 0) return 0;
    sum += inOwn * 2 + inAround / 2;
  }
  return own === words.join(' ') ? sum + POINTS.wholeTitle : sum;
}

/** The best first; all words must be in the section's title, its page's, or its place's. */
export function find(entries: readonly Entry[], query: string, max: number): Entry[] {
  const words = wordsOf(query);
  if (words.length === 0) return [];
  const found: { readonly entry: Entry; readonly sum: number }[] = [];
  for (const entry of entries) {
    const sum = points(entry, words);
    if (sum > 0) found.push({ entry, sum });
  }
  found.sort((a, b) => b.sum - a.sum); // stable: of equals, the course's order
  return found.slice(0, max).map(one => one.entry);
}
