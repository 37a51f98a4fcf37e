// app.js: what every page has. It must stay small; what only some pages need goes to editor.ts.
import { contents } from './contents.js';
import { form } from './form.js';
import { startIslands } from './islands.js';
import { map } from './map.js';
import { progress } from './progress.js';
import { run } from './run.js';
import { search } from './search.js';
import { theme } from './theme.js';

startIslands({ theme, contents, search, map, progress, run, form });
