// The programs of the playground: one for each person, workload and language, kept in this browser.
import { forget, recall, remember } from '../editor/settings.js';
import type { Files } from '../editor/drafts.js';
import { NOBODY, keyOf } from '../person.js';

const keyOfProgram = (owner: string, workload: string, language: string): string => 'eddy:play:' + keyOf(owner, workload, language);

/** What was kept; null if it is nothing, or no list of files. */
export function filesFromText(text: string | null): Files | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    if (!Array.isArray(value) || value.length === 0) return null;
    return value.every(file => typeof file?.name === 'string' && typeof file?.text === 'string') ? value.map(({ name, text: content }) => ({ name, text: content })) : null;
  } catch {
    return null;
  }
}

/** What was written before one signed in goes on afterwards: it becomes his who signs in, unless he has a program there. */
function takeFromNobody(owner: string, workload: string, language: string): Files | null {
  const key = keyOfProgram(NOBODY, workload, language);
  const files = owner === '' || owner === NOBODY ? null : filesFromText(recall(key));
  if (files && keepFiles(owner, workload, language, files)) forget(key);
  return files;
}

/** owner: as person() in ../person.ts says. */
export function keptFiles(owner: string, workload: string, language: string): Files | null {
  return filesFromText(recall(keyOfProgram(owner, workload, language))) ?? takeFromNobody(owner, workload, language);
}

export function keepFiles(owner: string, workload: string, language: string, files: Files): boolean {
  return remember(keyOfProgram(owner, workload, language), JSON.stringify(files));
}
