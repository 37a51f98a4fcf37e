// The island of the task page; props come from src/web/page_task.c.
import { render } from 'preact';
import { textOf, type Mount, type Props } from '../islands.js';
import { person } from '../person.js';
import type { Language } from '../types.js';
import { Bench, type Place } from './bench.js';
import { guardHints } from './hints.js';
import { fitRoom } from './room.js';

function isLanguage(value: unknown): value is Language {
  return typeof value === 'object' && value !== null && 'name' in value && 'title' in value && typeof value.name === 'string' && typeof value.title === 'string';
}

function placeOf(props: Props): Place {
  const { languages, number } = props;
  return {
    person: person(),
    track: textOf(props, 'track'),
    task: textOf(props, 'task'),
    number: typeof number === 'number' ? number : 0,
    languages: Array.isArray(languages) ? languages.filter(isLanguage) : [],
    next: document.querySelector<HTMLAnchorElement>('a[rel=next]')?.href ?? '',
  };
}

export const editor: Mount = (element, props) => {
  const place = placeOf(props);
  guardHints(place.track, place.task);
  fitRoom(element);
  element.replaceChildren();
  render(<Bench place={place} />, element);
};
