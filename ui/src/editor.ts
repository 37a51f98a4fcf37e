// editor.js: what the pages have where one writes: CodeMirror and all that needs it. It loads after the page can be read.
import { editor } from './editor/island.js';
import { startIslands } from './islands.js';
import { playground } from './play/island.js';

startIslands({ editor, playground });
