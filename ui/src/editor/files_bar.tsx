// The names of files, as tabs, and what can be done with them.
import { useRef } from 'preact/hooks';
import type { Files } from './drafts.js';

interface Props {
  readonly files: Files;
  readonly kit: Files; // read only, behind the others
  readonly open: string;
  readonly panel: string; // id of what the tabs show
  readonly show: (name: string) => void;
  readonly add: () => void;
  readonly rename: (name: string) => void;
  readonly remove: (name: string) => void;
}

export function FilesBar({ files, kit, open, panel, show, add, rename, remove }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const names = [...files.map(file => file.name), ...kit.map(file => file.name)];

  function go(name: string | undefined): void {
    if (name === undefined) return;
    show(name);
    place.current?.querySelector<HTMLElement>(`[data-name="${CSS.escape(name)}"]`)?.focus();
  }
  function key(event: KeyboardEvent, name: string): void {
    const at = names.indexOf(name);
    const own = files.some(file => file.name === name);
    const acts: { readonly [key: string]: () => void } = {
      ArrowRight: () => go(names[(at + 1) % names.length]),
      ArrowLeft: () => go(names[(at + names.length - 1) % names.length]),
      Home: () => go(names[0]),
      End: () => go(names[names.length - 1]),
      F2: () => own && rename(name),
      Delete: () => own && remove(name),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
  const tab = (name: string, isKit: boolean) => (
    <button type="button" role="tab" key={name} data-name={name} class={isKit ? 'kit' : ''} aria-selected={name === open} aria-controls={panel} tabIndex={name === open ? 0 : -1}
      title={isKit ? 'Of the kit; to be read' : 'F2: rename. Delete: remove'} onClick={() => show(name)} onDblClick={() => !isKit && rename(name)} onKeyDown={event => key(event, name)}>{name}</button>
  );
  return (
    <div class="files">
      <div role="tablist" aria-label="Files" ref={place}>{files.map(file => tab(file.name, false))}{kit.map(file => tab(file.name, true))}</div>
      <button type="button" class="add" aria-label="Add a file" title="Add a file" onClick={add}>+</button>
    </div>
  );
}
