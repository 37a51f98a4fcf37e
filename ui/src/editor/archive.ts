// A program as a folder in a .tar.gz, as `eddy learn` has it: the files, the library in kit/, and .eddy, which says what it is
// for. And back: such an archive, a folder or single files become the files of a draft.
import type { Files } from './drafts.js';
import { whatIsWrong } from './names.js';

const BLOCK = 512;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface Entry {
  readonly name: string;
  readonly data: Uint8Array;
}

// ---- writing ----

function put(block: Uint8Array, at: number, text: string): void {
  block.set(encoder.encode(text), at);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** The head of a file in a tar archive (POSIX ustar). A path above 100 bytes is split at a slash. */
function headOf(path: string, size: number, seconds: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const split = path.length <= 100 ? -1 : path.indexOf('/', path.length - 101);
  put(block, 0, path.slice(split + 1));
  put(block, 100, '0000644\0');
  put(block, 108, '0000000\0');
  put(block, 116, '0000000\0');
  put(block, 124, octal(size, 11) + '\0');
  put(block, 136, octal(seconds, 11) + '\0');
  put(block, 148, ' '.repeat(8)); // the sum is taken with blanks in its own place
  put(block, 156, '0');
  put(block, 257, 'ustar\0');
  put(block, 263, '00');
  if (split > 0) put(block, 345, path.slice(0, split));
  put(block, 148, octal(block.reduce((sum, byte) => sum + byte, 0), 6) + '\0 ');
  return block;
}

export function tarOf(folder: string, files: Files, seconds: number): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  for (const file of files) {
    const data = encoder.encode(file.text);
    const padded = new Uint8Array(Math.ceil(data.length / BLOCK) * BLOCK);
    padded.set(data);
    pieces.push(headOf(`${folder}/${file.name}`, data.length, seconds), padded);
  }
  pieces.push(new Uint8Array(2 * BLOCK));
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** What `eddy learn start` would have made, with these files in place of the starter's. */
export function workspace(track: string, number: number, language: string, files: Files, kit: Files): Files {
  const state = `# eddy keeps here what this folder is for; the files beside it are yours.\ntrack: ${track}\nlanguage: ${language}\ntask: ${number}\n`;
  return [{ name: '.eddy', text: state }, ...files, ...kit.map(file => ({ name: 'kit/' + file.name, text: file.text }))];
}

// ---- reading ----

function textAt(block: Uint8Array, at: number, size: number): string {
  const field = block.subarray(at, at + size);
  const end = field.indexOf(0);
  return decoder.decode(end < 0 ? field : field.subarray(0, end));
}

/** The ordinary files of a tar archive; throws a sentence if it is none. */
export function readTar(bytes: Uint8Array): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const head = bytes.subarray(at, at + BLOCK);
    if (head.every(byte => byte === 0)) break;
    const size = parseInt(textAt(head, 124, 12).trim() || '0', 8);
    if (textAt(head, 257, 5) !== 'ustar' || !(size >= 0) || at + BLOCK + size > bytes.length)
      throw new Error('This is no tar archive, or it is not whole.');
    const prefix = textAt(head, 345, 155);
    const kind = textAt(head, 156, 1);
    if (kind === '' || kind === '0')
      entries.push({ name: (prefix ? prefix + '/' : '') + textAt(head, 0, 100), data: bytes.subarray(at + BLOCK, at + BLOCK + size) });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return entries;
}

/** The folder that all names begin with, with its slash, or "". */
function commonFolder(names: readonly string[]): string {
  const first = names[0] ?? '';
  const folder = first.slice(0, first.indexOf('/') + 1);
  return folder !== '' && names.every(name => name.startsWith(folder)) ? folder : '';
}

export interface Taken {
  readonly files: Files;
  readonly left: readonly string[]; // names that were not taken
}

/** Files of a draft: without the folder around them, without the kit, hidden files and what no source file can be. */
export function takeEntries(entries: readonly Entry[]): Taken {
  const names = entries.map(entry => entry.name.replace(/^\.\//, ''));
  const folder = commonFolder(names);
  const files: { name: string; text: string }[] = [];
  const left: string[] = [];
  entries.forEach((entry, i) => {
    const name = (names[i] ?? '').slice(folder.length);
    if (name.startsWith('.') || name.startsWith('kit/')) return; // as expected, nothing to speak of
    const text = decoder.decode(entry.data);
    if (whatIsWrong(name, files) === '' && !text.includes('\uFFFD') && !text.includes('\0')) files.push({ name, text });
    else left.push(name);
  });
  return { files, left };
}
