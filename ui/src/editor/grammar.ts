// Which grammar a file has, by its name. What is none of ours is plain text.
import { cpp } from '@codemirror/lang-cpp';
import { go } from '@codemirror/lang-go';
import { java } from '@codemirror/lang-java';
import { javascript } from '@codemirror/lang-javascript';
import { python } from '@codemirror/lang-python';
import { rust } from '@codemirror/lang-rust';
import { indentUnit } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { extensionOf } from './names.js';

const grammars: { readonly [extension: string]: () => Extension } = {
  c: cpp, h: cpp, cpp, hpp: cpp, cc: cpp, hh: cpp,
  go, java, python, py: python, rs: rust,
  js: () => javascript(), mjs: () => javascript(), cjs: () => javascript(),
  ts: () => javascript({ typescript: true }),
};

const TABS = ['go', 'mod'];
const TWO = ['js', 'mjs', 'cjs', 'ts', 'json'];

function unitOf(name: string): string {
  const extension = extensionOf(name);
  if (TABS.includes(extension) || name === 'Makefile' || name.endsWith('/Makefile')) return '\t';
  return TWO.includes(extension) ? '  ' : '    ';
}

export function grammarOf(name: string): Extension {
  return [grammars[extensionOf(name)]?.() ?? [], indentUnit.of(unitOf(name))];
}
