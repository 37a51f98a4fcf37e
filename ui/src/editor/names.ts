// Names of files, by the rules of the judge's (src/judge/submission.h), so that a name is refused where it is typed.
import type { Files } from './drafts.js';

export const FILES_MAX = 200;
export const FILE_BYTES_MAX = 256 * 1024;
export const BYTES_MAX = 640 * 1024;

const MADE: readonly string[] = ['node', 'node.d', 'node_modules', '__pycache__', 'eddy-report'];

/** What is wrong with a new name, as a sentence; "" if nothing is. */
export function whatIsWrong(name: string, files: Files): string {
  if (name === '') return 'A file needs a name.';
  if (!/^[A-Za-z0-9_+.-]+(\/[A-Za-z0-9_+.-]+)*$/.test(name)) return 'Letters, digits and _ - + . please, and / for folders.';
  const words = name.split('/');
  if (words.some(word => /^[.-]/.test(word))) return 'No part of a name begins with a dot or a dash.';
  if (words.some(word => MADE.includes(word))) return 'That is what a build makes; please call it something else.';
  if (name.length > 200 || words.some(word => word.length > 100) || words.length > 8) return 'That is too long: 200 characters and 8 folders at most.';
  if (name.startsWith('kit/')) return 'The folder kit/ is the library that comes with the task.';
  if (files.some(file => file.name === name)) return 'There is a file of this name already.';
  if (files.some(file => file.name.startsWith(name + '/') || name.startsWith(file.name + '/'))) return 'A file and a folder cannot have the same name.';
  if (files.length >= FILES_MAX) return `There can be ${FILES_MAX} files at most.`;
  return '';
}

const encoder = new TextEncoder();

/** What the judge would refuse in these files, or "". */
export function whatIsTooMuch(files: Files): string {
  let bytes = 0;
  for (const file of files) {
    const size = encoder.encode(file.text).length;
    bytes += size;
    if (size > FILE_BYTES_MAX) return `${file.name} has more than 256 KB, which the judge does not take.`;
    if (file.text.includes('\0')) return `${file.name} has a zero byte in it, which no source file may have.`;
  }
  return bytes > BYTES_MAX ? 'All files together have more than 640 KB, which the judge does not take.' : '';
}

export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > name.lastIndexOf('/') ? name.slice(dot + 1) : '';
}
