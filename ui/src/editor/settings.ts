// How the editor behaves, of this browser: keys, size of letters, lines that wrap.
export type Keys = 'plain' | 'vim' | 'emacs';

export interface Settings {
  readonly keys: Keys;
  readonly size: number; // px
  readonly wraps: boolean;
}

export const SIZES = [12, 13, 14, 15, 16, 18, 20, 24] as const;
export const PLAIN: Settings = { keys: 'plain', size: 14, wraps: false };
const KEY = 'eddy:editor';

export function settingsFromText(text: string | null): Settings {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    if (typeof value !== 'object' || value === null) return PLAIN;
    const keys = 'keys' in value && (value.keys === 'vim' || value.keys === 'emacs') ? value.keys : PLAIN.keys;
    const size = 'size' in value && SIZES.some(one => one === value.size) ? Number(value.size) : PLAIN.size;
    return { keys, size, wraps: 'wraps' in value && value.wraps === true };
  } catch {
    return PLAIN;
  }
}

export function readSettings(): Settings {
  return settingsFromText(recall(KEY));
}

export function writeSettings(settings: Settings): void {
  remember(KEY, JSON.stringify(settings));
}

// ---- the browser's storage, which may be switched off or full ----

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, text: string): boolean {
  try {
    localStorage.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // there is nothing to forget
  }
}
