// The island `form`: a form of the server's (src/web/form.h) is sent to the API as JSON. What comes back is a
// sentence beside the button, another page, or something that is shown once, with a button that copies it.
import { ask, Refusal, sentenceOf } from './api.js';
import { textOf, type Mount, type Props } from './islands.js';

type Task = { readonly track: string; readonly task: string };
type Value = string | number | boolean | Task[];

/** What a control says, or undefined if nothing is to be sent of it. */
function valueOf(control: HTMLInputElement | HTMLSelectElement): Value | undefined {
  switch (control.dataset['as']) {
    case 'box':
      return control instanceof HTMLInputElement && control.checked;
    case 'truth':
      return control.value === 'true';
    case 'number':
      return control.value === '' ? undefined : Number(control.value);
    case 'time':
      return control.value === '' ? undefined : new Date(control.value).getTime();
    case 'text':
      return control.value;
    default:
      return undefined;
  }
}

/** The tasks of the course that are ticked. */
function tasksOf(form: HTMLFormElement): Task[] {
  return [...form.querySelectorAll<HTMLInputElement>('[data-as="task"]:checked')].map(box => {
    const [track = '', task = ''] = box.value.split('/');
    return { track, task };
  });
}

function bodyOf(form: HTMLFormElement): { [name: string]: Value } {
  const body: { [name: string]: Value } = {};
  for (const control of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select')) {
    const value = valueOf(control);
    if (control.name !== '' && value !== undefined) body[control.name] = value;
  }
  if (form.querySelector('[data-as="task"]')) body['tasks'] = tasksOf(form);
  return body;
}

/** "/teach/classes/{id}" with the answer's id put in. Only paths of this server: "//x" would be another one. */
function addressOf(template: string, answer: Props): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(answer[name] ?? '')));
  return /^\/(?![/\\])/.test(filled) ? filled : '/';
}

function say(told: Element, words: string, kind: 'good' | 'bad'): void {
  const note = document.createElement('p');
  note.className = `note ${kind}`;
  note.textContent = words;
  told.replaceChildren(note);
}

/** Something that is shown once: a link to hand on. Paths become whole addresses. */
function show(told: Element, words: string, value: string): void {
  say(told, words, 'good');
  const field = document.createElement('input');
  const copy = document.createElement('button');
  field.readOnly = true;
  field.value = value.startsWith('/') ? location.origin + value : value;
  field.setAttribute('aria-label', words);
  copy.type = 'button';
  copy.className = 'button small';
  copy.textContent = 'Copy';
  copy.addEventListener('click', () => {
    field.select();
    navigator.clipboard.writeText(field.value).then(() => { copy.textContent = 'Copied'; }, () => undefined);
  });
  const row = document.createElement('div');
  row.className = 'cluster';
  row.append(field, copy);
  told.append(row);
  field.focus();
  field.select();
}

/** The control that the refusal names, if it names one. */
function mark(form: HTMLFormElement, error: unknown): void {
  const name = error instanceof Refusal && error.problem ? (error.problem as unknown as Props)['field'] : undefined;
  for (const control of form.querySelectorAll<HTMLInputElement>('input')) {
    if (control.type === 'hidden') continue;
    if (control.name === name) {
      control.setAttribute('aria-invalid', 'true');
      control.focus();
    } else {
      control.removeAttribute('aria-invalid');
    }
  }
}

async function send(form: HTMLFormElement, props: Props, told: Element): Promise<void> {
  const method = textOf(props, 'method');
  const body = bodyOf(form);
  const answer = await ask<Props | undefined>(textOf(props, 'path'), Object.keys(body).length === 0 ? { method } : { method, body }) ?? {};
  const words = textOf(props, 'told');
  mark(form, null);
  if (textOf(props, 'show')) {
    show(told, words, String(answer[textOf(props, 'show')] ?? ''));
  } else if (textOf(props, 'next')) {
    location.assign(addressOf(textOf(props, 'next'), answer));
  } else if (words) {
    say(told, words, 'good');
    form.reset();
  } else {
    location.reload();
  }
}

export const form: Mount = (place, props) => {
  const told = place.querySelector('.told');
  if (!(place instanceof HTMLFormElement) || !told) return;
  let busy = false;
  place.addEventListener('submit', event => {
    event.preventDefault();
    if (busy || (textOf(props, 'ask') && !window.confirm(textOf(props, 'ask')))) return;
    busy = true;
    place.setAttribute('aria-busy', 'true');
    told.replaceChildren();
    send(place, props, told)
      .catch((error: unknown) => {
        say(told, sentenceOf(error), 'bad');
        mark(place, error);
      })
      .finally(() => {
        busy = false;
        place.removeAttribute('aria-busy');
      });
  });
};
