// build.js FOLDER [tests | FILE...] - bundles src/app.ts and src/editor.ts into FOLDER; with "tests" all src/**/*_test.ts instead, with
// files those: both as modules for node.
import { readdirSync } from 'node:fs';
import { build } from 'esbuild';

const [folder, ...what] = process.argv.slice(2);
const forNode = what.length > 0;
const entries = !forNode ? ['src/app.ts', 'src/editor.ts']
  : what[0] !== 'tests' ? what
  : readdirSync('src', { recursive: true }).filter(name => name.endsWith('_test.ts')).map(name => 'src/' + name);

await build({
  entryPoints: entries,
  outdir: folder,
  outbase: 'src',
  outExtension: forNode ? { '.js': '.mjs' } : {},
  bundle: true,
  format: 'esm',
  target: 'es2022',
  platform: forNode ? 'node' : 'browser',
  minify: !forNode,
  legalComments: 'none',
  charset: 'utf8',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  // The pages' policy forbids style elements; see the file.
  alias: { 'style-mod': './src/editor/style_sheets.ts' },
  logLevel: 'warning',
});
