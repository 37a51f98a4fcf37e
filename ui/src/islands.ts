// Islands: elements of a page that a script takes over. The server writes
//
//     <div data-island="search" data-props='{"query":""}'>what is to be read without a script</div>
//
// and each bundle (app.ts, editor.ts) says which names are its own. An island that fails leaves the page as it
// came: whoever reads loses nothing.
export type Props = { readonly [name: string]: unknown };
export type Mount = (place: HTMLElement, props: Props) => void;

function isProps(value: unknown): value is Props {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function propsOf(place: HTMLElement): Props {
  const value: unknown = JSON.parse(place.dataset['props'] || '{}');
  return isProps(value) ? value : {};
}

function takeOver(place: HTMLElement, mount: Mount): void {
  try {
    mount(place, propsOf(place));
    place.dataset['live'] = 'yes'; // for styles and for tests
  } catch (error) {
    console.error(error);
  }
}

/** Takes over all islands of the page that the table has. Scripts are modules, so the page is parsed by now. */
export function startIslands(table: { readonly [name: string]: Mount }): void {
  for (const place of document.querySelectorAll<HTMLElement>('[data-island]')) {
    const mount = table[place.dataset['island'] ?? ''];
    if (mount && !place.dataset['live']) takeOver(place, mount);
  }
}

/** A property that must be a text; "" if it is none. */
export function textOf(props: Props, name: string): string {
  const value = props[name];
  return typeof value === 'string' ? value : '';
}

export function textsOf(props: Props, name: string): string[] {
  const value = props[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
