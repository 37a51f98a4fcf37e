// The search field of every page: "/" goes there, what is typed is looked up at once, arrows choose, Enter goes. Without a choice
// Enter sends the form, as without scripts: the page /search then looks through all texts.
import { ask } from './api.js';
import { find, type Entry } from './find.js';
import type { Mount } from './islands.js';

const SHOWN_MAX = 9;
const LIST = 'found-now';

let index: Promise<readonly Entry[]> | null = null;

function entries(): Promise<readonly Entry[]> {
  index ??= ask<{ entries: readonly Entry[] }>('/search-index').then(
    got => got.entries,
    (error: unknown) => {
      index = null; // the next key tries again
      throw error;
    },
  );
  return index;
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function optionOf(i: number, title: string, place: string): HTMLElement {
  const option = document.createElement('li');
  option.id = `${LIST}-${i}`;
  option.dataset['number'] = String(i);
  option.setAttribute('role', 'option');
  option.setAttribute('aria-selected', 'false');
  option.append(title);
  if (place !== '') {
    const small = document.createElement('small');
    small.textContent = place;
    option.append(small);
  }
  return option;
}

/** Where it stands, without saying a title twice. */
function placeOf(entry: Entry): string {
  const words = entry.heading === '' ? [entry.place] : [entry.title, entry.place];
  return [...new Set(words)].filter(word => word !== entry.heading && (entry.heading !== '' || word !== entry.title)).join(' · ');
}

class Search {
  private readonly list = document.createElement('ul');
  private readonly status = document.createElement('p');
  private urls: string[] = [];
  private chosen = -1;

  constructor(form: HTMLElement, private readonly input: HTMLInputElement) {
    this.list.id = LIST;
    this.list.className = 'found-now';
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', 'Pages and sections');
    this.list.hidden = true;
    this.status.className = 'visually-hidden';
    this.status.setAttribute('role', 'status');
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-expanded', 'false');
    input.setAttribute('aria-controls', LIST);
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-keyshortcuts', '/');
    input.placeholder = 'Search (press /)';
    form.append(this.list, this.status);
    input.addEventListener('focus', () => void entries().catch(() => undefined));
    input.addEventListener('input', () => void this.look());
    input.addEventListener('keydown', event => this.key(event));
    this.list.addEventListener('mousedown', event => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener('click', event => this.click(event));
    form.addEventListener('focusout', event => {
      if (!(event.relatedTarget instanceof Node && form.contains(event.relatedTarget))) this.close();
    });
  }

  private async look(): Promise<void> {
    const query = this.input.value;
    try {
      const found = find(await entries(), query, SHOWN_MAX);
      if (query === this.input.value) this.show(found, query.trim());
    } catch {
      this.close(); // the form works all the same
    }
  }

  private show(found: readonly Entry[], query: string): void {
    const all = optionOf(found.length, `Look for “${query}” in all texts`, '');
    all.className = 'all';
    this.chosen = -1;
    this.urls = [...found.map(entry => entry.url), '/search?q=' + encodeURIComponent(query)];
    this.list.replaceChildren(
      ...found.map((entry, i) => optionOf(i, entry.heading || entry.title, placeOf(entry))), all);
    this.open(query !== '');
    this.status.textContent =
      query === '' ? '' : found.length === 0 ? 'No title has these words. Enter looks through all texts.' : `${found.length} found; arrow down chooses.`;
  }

  private open(isOpen: boolean): void {
    this.list.hidden = !isOpen;
    this.input.setAttribute('aria-expanded', String(isOpen));
    this.input.removeAttribute('aria-activedescendant');
  }

  /** i: from -1, nothing, to the last one; one more or less than these goes round. */
  private choose(i: number): void {
    const count = this.urls.length;
    this.list.children[this.chosen]?.setAttribute('aria-selected', 'false');
    this.chosen = i >= count ? -1 : i < -1 ? count - 1 : i;
    const option = this.list.children[this.chosen];
    option?.setAttribute('aria-selected', 'true');
    option?.scrollIntoView({ block: 'nearest' });
    if (option) this.input.setAttribute('aria-activedescendant', option.id);
    else this.input.removeAttribute('aria-activedescendant');
  }

  private key(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      if (this.list.hidden) this.input.blur();
      this.open(false);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (this.list.hidden) void this.look();
      else this.choose(this.chosen + (event.key === 'ArrowDown' ? 1 : -1));
    } else if (event.key === 'Enter' && !this.list.hidden && this.chosen >= 0) {
      event.preventDefault();
      this.go(this.chosen);
    }
  }

  private click(event: MouseEvent): void {
    const option = event.target instanceof Element ? event.target.closest('li') : null;
    if (option) this.go(Number(option.dataset['number']));
  }

  private go(i: number): void {
    const url = this.urls[i];
    this.close();
    if (url) location.assign(url);
  }

  private close(): void {
    this.open(false);
  }
}

export const search: Mount = place => {
  const input = place.querySelector('input');
  if (!input) return;
  new Search(place, input);
  document.addEventListener('keydown', event => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isWriting(event.target)) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
};
