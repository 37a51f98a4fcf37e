// Code that can be read only: the kit beside the editor, solutions, earlier submissions; and two versions of it, compared.
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'preact/hooks';
import { common } from './desk.js';
import { grammarOf } from './grammar.js';
import { readSettings } from './settings.js';

function fixed(name: string, label: string): Extension {
  return [common(readSettings()), grammarOf(name), EditorState.readOnly.of(true), EditorView.editable.of(false),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' })]; // keys scroll it
}

export function Reader({ name, text, label }: { name: string; text: string; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.current) return undefined;
    const view = new EditorView({ parent: place.current, state: EditorState.create({ doc: text, extensions: fixed(name, label) }) });
    return () => view.destroy();
  }, [name, text, label]);
  return <div class="code" ref={place} />;
}

const WIDE_PX = 760;
const collapse = { margin: 3, minSize: 6 };

/** Side by side where there is room, else one below the other with what was taken away in between. */
export function Compare({ name, before, after, labels }: { name: string; before: string; after: string; labels: readonly [string, string] }) {
  const place = useRef<HTMLDivElement>(null);
  const [first, second] = labels;
  useEffect(() => {
    const at = place.current;
    if (!at) return undefined;
    if (at.clientWidth >= WIDE_PX) {
      const view = new MergeView({ parent: at, collapseUnchanged: collapse, a: { doc: before, extensions: fixed(name, first) }, b: { doc: after, extensions: fixed(name, second) } });
      return () => view.destroy();
    }
    const view = new EditorView({
      parent: at,
      state: EditorState.create({ doc: after, extensions: [fixed(name, `${second}, compared with ${first}`), unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged: collapse })] }),
    });
    return () => view.destroy();
  }, [name, before, after, first, second]);
  return <div class="code compare" ref={place} />;
}
