// One CodeMirror that shows one of several files. Each file keeps its own state (what can be undone, where the cursor is)
// while another is shown. Texts that come from elsewhere go in as the smallest change, so that the cursor stays where it is.
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view';
import { emacs } from '@replit/codemirror-emacs';
import { Vim, vim } from '@replit/codemirror-vim';
import { highlight, look } from './code_look.js';
import { grammarOf } from './grammar.js';
import type { Settings } from './settings.js';

export interface DeskEvents {
  changed(name: string, text: string): void;
  run(): void;
  submit(): void;
  save(): void; // it is saved anyway; fingers are used to it
  help(): void;
}


function keysOf(settings: Settings): Extension {
  return settings.keys === 'vim' ? vim({ status: true }) : settings.keys === 'emacs' ? emacs() : [];
}

/** The one piece in which two texts differ. */
export function changeBetween(before: string, after: string): { from: number; to: number; insert: string } {
  const least = Math.min(before.length, after.length);
  let from = 0;
  while (from < least && before[from] === after[from]) from++;
  let tail = 0;
  while (tail < least - from && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return { from, to: before.length - tail, insert: after.slice(from, after.length - tail) };
}

/** What an editor of any kind has here; also those that can only be read. */
export function common(settings: Settings): Extension {
  return [
    lineNumbers(), highlightSpecialChars(), drawSelection(), bracketMatching(), syntaxHighlighting(highlight), look,
    search({ top: false }), highlightSelectionMatches(), EditorState.tabSize.of(4),
    settings.wraps ? EditorView.lineWrapping : [],
  ];
}

export class Desk {
  readonly view: EditorView;
  private readonly states = new Map<string, EditorState>();
  private readonly tunable = new Compartment();
  private settings: Settings;
  private isSilent = false;
  name = '';

  constructor(place: HTMLElement, settings: Settings, private readonly events: DeskEvents) {
    this.settings = settings;
    this.view = new EditorView({ parent: place });
    this.view.scrollDOM.tabIndex = -1; // the text itself takes the focus
    Vim.defineEx('write', 'w', () => this.events.save()); // of the page's one editor
  }

  private extensions(name: string): Extension {
    const act = (what: () => void) => () => { what(); return true; };
    return [
      this.tunable.of(this.tuned()),
      keymap.of([
        { key: 'Mod-Enter', run: act(() => this.events.run()) },
        { key: 'Mod-Shift-Enter', run: act(() => this.events.submit()) },
        { key: 'Mod-s', run: act(() => this.events.save()) },
        { key: 'F1', run: act(() => this.events.help()) },
      ]),
      history(), indentOnInput(), closeBrackets(), highlightActiveLine(), highlightActiveLineGutter(),
      keymap.of([...closeBracketsKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
      grammarOf(name),
      EditorView.contentAttributes.of({ 'aria-label': `Text of ${name}`, tabindex: '0', spellcheck: 'false', autocapitalize: 'off', autocorrect: 'off' }),
      EditorView.updateListener.of(update => {
        if (update.docChanged && !this.isSilent) this.events.changed(this.name, update.state.doc.toString());
      }),
    ];
  }

  private tuned(): Extension {
    return [keysOf(this.settings), common(this.settings)]; // the keys of vim come before all others
  }

  show(name: string, text: string): void {
    if (name === this.name) return this.setText(name, text);
    if (this.name !== '') this.states.set(this.name, this.view.state);
    this.name = name;
    const known = this.states.get(name);
    this.view.setState(known ?? EditorState.create({ doc: text, extensions: this.extensions(name) }));
    this.view.dispatch({ effects: this.tunable.reconfigure(this.tuned()) });
    this.setText(name, text);
  }

  /** A text that was not typed here; it can be undone like what was. */
  setText(name: string, text: string): void {
    if (name !== this.name) {
      if (this.states.get(name)?.doc.toString() !== text) this.states.delete(name);
      return;
    }
    const now = this.view.state.doc.toString();
    if (now === text) return;
    this.isSilent = true;
    this.view.dispatch({ changes: changeBetween(now, text) });
    this.isSilent = false;
  }

  /** Forgets the states of files that are no more. */
  keepOnly(names: readonly string[]): void {
    for (const name of this.states.keys()) if (!names.includes(name)) this.states.delete(name);
    if (!names.includes(this.name)) this.name = '';
  }

  tune(settings: Settings): void {
    this.settings = settings;
    this.view.dispatch({ effects: this.tunable.reconfigure(this.tuned()) });
  }

  goTo(line: number): void {
    const { doc } = this.view.state;
    const at = doc.line(Math.max(1, Math.min(line, doc.lines)));
    this.view.dispatch({ selection: { anchor: at.from }, effects: EditorView.scrollIntoView(at.from, { y: 'center' }) });
    this.view.focus();
  }

  destroy(): void {
    this.view.destroy();
  }
}
