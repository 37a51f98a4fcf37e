// The programs of the playground: one for each workload and language, kept in this browser.
import { recall, remember } from '../editor/settings.js';
import type { Files } from '../editor/drafts.js';

const keyOf = (workload: string, language: string): string => `eddy:play:${workload}/${language}`;

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

export const keptFiles = (workload: string, language: string): Files | null => filesFromText(recall(keyOf(workload, language)));
export const keepFiles = (workload: string, language: string, files: Files): boolean => remember(keyOf(workload, language), JSON.stringify(files));
