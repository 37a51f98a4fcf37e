// The switch between light, dark and what the machine says. ui/theme.js has already set what was chosen before.
import type { Mount } from './islands.js';
import { nextTheme, themeFrom, type Theme } from './theme_choice.js';

const KEY = 'eddy-theme';
const SVG = 'http://www.w3.org/2000/svg';

const shapes: { readonly [theme in Theme]: string } = {
  system: 'M3.5 5h17v11.5h-17zM9 20.5h6M12 16.5v4',
  light: 'M12 7.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9M12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M5 5l1.8 1.8M17.2 17.2L19 19M5 19l1.8-1.8M17.2 6.8L19 5',
  dark: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z',
};
const words: { readonly [theme in Theme]: string } = { system: 'as the system', light: 'light', dark: 'dark' };

function kept(): Theme {
  try {
    return themeFrom(localStorage.getItem(KEY));
  } catch {
    return 'system';
  }
}

function keep(theme: Theme): void {
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // a browser that keeps nothing: the choice lasts as long as the page
  }
}

function show(theme: Theme): void {
  const root = document.documentElement;
  if (theme === 'system') root.removeAttribute('data-theme');
  else root.setAttribute('data-theme', theme);
}

export const theme: Mount = place => {
  const button = document.createElement('button');
  const picture = document.createElementNS(SVG, 'svg');
  const shape = document.createElementNS(SVG, 'path');
  let now = kept();
  const tell = (): void => {
    const text = `Theme: ${words[now]}. Change to ${words[nextTheme(now)]}.`;
    button.setAttribute('aria-label', text);
    button.title = text;
    shape.setAttribute('d', shapes[now]);
  };
  button.type = 'button';
  button.className = 'button quiet icon';
  picture.setAttribute('viewBox', '0 0 24 24');
  picture.setAttribute('aria-hidden', 'true');
  picture.append(shape);
  button.append(picture);
  button.addEventListener('click', () => {
    now = nextTheme(now);
    keep(now);
    show(now);
    tell();
  });
  addEventListener('storage', event => { // another tab has changed it
    if (event.key !== KEY) return;
    now = themeFrom(event.newValue);
    show(now);
    tell();
  });
  tell();
  place.replaceChildren(button);
};
