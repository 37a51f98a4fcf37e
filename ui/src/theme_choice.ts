export type Theme = 'system' | 'light' | 'dark';

/** What was kept, whatever somebody else may have put there. */
export function themeFrom(kept: string | null): Theme {
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function nextTheme(theme: Theme): Theme {
  return theme === 'system' ? 'light' : theme === 'light' ? 'dark' : 'system';
}
