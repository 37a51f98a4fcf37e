// build.js FOLDER [tests] - bundles src/app.ts and src/editor.ts into FOLDER; with "tests" all src/**/*_test.ts instead.
import { readdirSync } from 'node:fs';
import { build } from 'esbuild';

const [folder, what] = process.argv.slice(2);
const tests = what === 'tests';
const entries = tests
  ? readdirSync('src', { recursive: true }).filter(name => name.endsWith('_test.ts')).map(name => 'src/' + name)
  : ['src/app.ts', 'src/editor.ts'];

await build({
  entryPoints: entries,
  outdir: folder,
  outbase: 'src',
  outExtension: tests ? { '.js': '.mjs' } : {},
  bundle: true,
  format: 'esm',
  target: 'es2022',
  platform: tests ? 'node' : 'browser',
  minify: !tests,
  legalComments: 'none',
  charset: 'utf8',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  // The pages' policy forbids style elements; see the file.
  alias: { 'style-mod': './src/editor/style_sheets.ts' },
  logLevel: 'warning',
});
