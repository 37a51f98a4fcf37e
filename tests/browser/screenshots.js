// screenshots.js OUT [CHROMIUM] - every page, light and dark, at three widths, as OUT/NAME-WIDTH-light.png: to be looked at.
// docs/screenshots.md says what to look for. OUT/index.html shows them side by side. Those that README.md shows are OUT/readme-*.png.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { Browser } = require('./chromium.js');
const { Learner, program } = require('./learner.js');
const { Server } = require('./server.js');
const { kinds } = require('./pages.js');

const WIDTHS = [360, 768, 1280];
const HEIGHT_MAX = 3000; // the top of a long text tells how the rest looks
const LOOKS = [false, true].flatMap(dark => WIDTHS.map(width => ({ width, dark, height: 800 })));

async function main() {
  const [out, chromium = 'chromium'] = process.argv.slice(2);
  if (!out) throw new Error('where to? node tests/browser/screenshots.js OUT');
  fs.mkdirSync(out, { recursive: true });
  const server = await new Server({ args: ['--languages', 'python'] }).start();
  const browser = new Browser(chromium);
  const page = await browser.page();
  const rows = [];

  // show() brings the page into the look; without it the page stays as it is and takes on the look.
  async function pictures(name, show) {
    const files = [];
    for (const look of LOOKS) {
      await (show ? show(look) : page.look(look));
      await page.settled();
      files.push(`${name}-${look.width}-${look.dark ? 'dark' : 'light'}.png`);
      await page.picture(path.join(out, files.at(-1)), HEIGHT_MAX);
    }
    rows.push(`<h2>${name}</h2>${files.map(file => `<a href="${file}"><img src="${file}" width="200" alt="${file}"></a>`).join('')}`);
    console.log(`${name}: ${files.length} pictures`);
  }
  const readme = async (name, into, look) => {
    await page.look(look);
    await page.eval(`document.querySelector(${JSON.stringify(into)}).scrollIntoView({ block: 'start', behavior: 'instant' })`);
    await page.settled();
    await page.picture(path.join(out, `readme-${name}.png`));
  };

  for (const kind of await kinds(server)) await pictures(kind.name, look => page.open(new URL(kind.place, server.url).href, look));

  const learner = new Learner(page, server);
  await learner.open('/tracks/messenger/lines', { width: 1280, height: 800 });
  await learner.language('python');
  await learner.writeAll(program('python', ['measure.py', 'len(value)  # Python', 'len(value.encode())  # Python']));
  await learner.run();
  await learner.verdict();
  const diagram = () => page.wait(() => page.evalInFrame('/report', `document.getElementById('diagram')?.dataset.detail`), 'the diagram');
  await page.eval(`document.querySelector('.drawn').scrollIntoView()`); // it is drawn where it is seen
  await diagram();
  await pictures('task-failed');
  await readme('task', 'main', { width: 1280, height: 860 });
  const { submissions } = await server.json('/api/v1/submissions?track=messenger&task=lines');
  await pictures('submission', look => page.open(new URL(`/submissions/${submissions[0].id}`, server.url).href, look));
  await page.open(new URL(`/api/v1/submissions/${submissions[0].id}/report`, server.url).href, { width: 1280, height: 860 });
  await page.picture(path.join(out, 'readme-diagram.png'));
  await page.open(server.url, { width: 1280, height: 760 });
  await readme('map', '#map', { width: 1280, height: 860 });

  await learner.open('/tracks/messenger/lines', { width: 1280, height: 800 });
  await learner.writeAll(program('python'));
  await learner.submit();
  await learner.verdict();
  await pictures('task-passed');
  await pictures('progress-begun', look => page.open(new URL('/progress', server.url).href, look));

  fs.writeFileSync(path.join(out, 'index.html'), `<!DOCTYPE html><meta charset="utf-8"><title>Pages</title>${rows.join('\n')}`);
  await browser.close();
  await server.remove();
}
main().catch(error => { console.error(error); process.exit(1); });
