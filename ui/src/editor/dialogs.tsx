// Questions that stand above the page: a name, a yes, the keys.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = place.current;
    const before = document.activeElement;
    if (dialog && !dialog.open) dialog.showModal();
    return () => {
      dialog?.close(); // what lies behind an open one takes no focus
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={place} class="ask" aria-label={title} onCancel={event => { event.preventDefault(); close(); }}
      onClick={event => { if (event.target === place.current) close(); }}>
      <div class="inside"><h3>{title}</h3>{children}</div>
    </dialog>
  );
}

interface NameProps {
  readonly title: string;
  readonly first: string;
  readonly verb: string;
  readonly whatIsWrong: (name: string) => string;
  readonly done: (name: string) => void;
  readonly close: () => void;
}

export function AskName({ title, first, verb, whatIsWrong, done, close }: NameProps) {
  const [name, setName] = useState(first);
  const [wasTried, setTried] = useState(false);
  const wrong = whatIsWrong(name.trim());
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(0, first.lastIndexOf('.') > 0 ? first.lastIndexOf('.') : first.length);
  }, []);
  const finish = (event: Event) => {
    event.preventDefault();
    if (wrong) setTried(true); else done(name.trim());
  };
  return (
    <Dialog title={title} close={close}>
      <form onSubmit={finish}>
        <label>Name <input ref={field} value={name} maxLength={200} autocomplete="off" spellcheck={false} aria-describedby="name-wrong" onInput={event => setName(event.currentTarget.value)} /></label>
        <p id="name-wrong" class="wrong" role="alert">{wasTried ? wrong : ''}</p>
        <p class="buttons"><button type="submit" class="strong">{verb}</button> <button type="button" onClick={close}>Cancel</button></p>
      </form>
    </Dialog>
  );
}

export function Confirm({ title, verb, done, close, children }: { title: string; verb: string; done: () => void; close: () => void; children: ComponentChildren }) {
  return (
    <Dialog title={title} close={close}>
      {children}
      <p class="buttons"><button type="button" class="strong" onClick={done}>{verb}</button> <button type="button" onClick={close}>Cancel</button></p>
    </Dialog>
  );
}

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
export const MOD = isMac ? '⌘' : 'Ctrl';

const KEYS: readonly (readonly [string, string])[] = [
  [`${MOD} Enter`, 'run on the first seed'],
  [`${MOD} Shift Enter`, 'submit: judged on all seeds'],
  ['Escape, then Tab', 'leave the editor; Tab alone indents'],
  [`${MOD} F`, 'find and replace'],
  [`${MOD} Z, ${MOD} Shift Z`, 'undo, redo'],
  [`${MOD} /`, 'comment or uncomment lines'],
  ['Alt ↑, Alt ↓', 'move lines'],
  [`${MOD} D`, 'select the next place that is the same'],
  ['← →, on the names of files', 'another file'],
  ['F2, Delete, on the name of a file', 'rename, remove it'],
  ['F1', 'these keys'],
];

export function KeysHelp({ close }: { close: () => void }) {
  return (
    <Dialog title="Keys" close={close}>
      <table class="keys"><tbody>{KEYS.map(([key, what]) => <tr key={key}><th scope="row"><kbd>{key}</kbd></th><td>{what}</td></tr>)}</tbody></table>
      <p>With the keys of Vim, Escape leads to its normal mode first.</p>
      <p class="buttons"><button type="button" class="strong" onClick={close}>Close</button></p>
    </Dialog>
  );
}
