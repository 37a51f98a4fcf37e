// app.js: what every page has. It must stay small; what only some pages need goes to editor.ts.
import { startIslands } from './islands.js';

startIslands({});
