// CodeMirror's styles under the pages' policy: no style elements are allowed there (style-src 'self'), constructed
// sheets are. style-mod uses them in shadow roots only, so build.js puts this in its place for documents, too.
import { StyleModule as Original } from '../../node_modules/style-mod/src/style-mod.js';

interface Mounted {
  readonly sheet: CSSStyleSheet;
  modules: Original[];
}

const mounted = new WeakMap<Document | ShadowRoot, Mounted>();

function mountedAt(root: Document | ShadowRoot): Mounted {
  let known = mounted.get(root);
  if (!known) {
    known = { sheet: new CSSStyleSheet(), modules: [] };
    mounted.set(root, known);
    root.adoptedStyleSheets = [known.sheet, ...root.adoptedStyleSheets];
  }
  return known;
}

export class StyleModule extends Original {
  /** As the original: modules keep the order of the latest mount, and later ones win. */
  static override mount(root: Document | ShadowRoot, given: StyleModule | readonly StyleModule[]): void {
    const at = mountedAt(root);
    const modules: readonly Original[] = given instanceof Original ? [given] : given;
    const others = at.modules.filter(module => !modules.includes(module));
    const next = [...others, ...modules];

    if (next.length === at.modules.length && next.every((module, i) => module === at.modules[i])) return;
    at.modules = next;
    at.sheet.replaceSync(next.map(module => module.getRules()).join('\n'));
  }
}
