// screenshots.js OUT [CHROMIUM] - every page, light and dark, at three widths, as OUT/NAME-WIDTH-light.png: to be looked at.
// docs/screenshots.md says what to look for. OUT/index.html shows them side by side. Those that README.md shows are OUT/readme-*.png.
// ONLY=alone leaves out the pages of accounts, ONLY=accounts all others.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { Browser } = require('./chromium.js');
const { Learner, program } = require('./learner.js');
const { behind, kinds } = require('./pages.js');
const { Person, school, MISTAKE } = require('./school.js');
const { Server } = require('./server.js');

const WIDTHS = [360, 768, 1280];
const HEIGHT_MAX = 3000; // the top of a long text tells how the rest looks
const LOOKS = [false, true].flatMap(dark => WIDTHS.map(width => ({ width, dark, height: 800 })));

// The class as a teacher has it in the third week: most have passed something, some are stuck at the same place.
const CLASS = {
  ann: 'Ann Lovelace', ben: 'Benedikt Amsel', chidi: 'Chidi Okonkwo', dora: 'Dora Maar', emre: 'Emre Yıldız',
  fenja: 'Fenja Brandt-Rasmussen', goran: '', hana: 'Hana Nováková',
};

class Album {
  constructor(out, page) { Object.assign(this, { out, page, rows: [] }); }
  // show() brings the page into the look; without it the page stays as it is and takes on the look.
  async pictures(name, show) {
    const files = [];
    for (const look of LOOKS) {
      await (show ? show(look) : this.page.look(look));
      await this.page.settled();
      files.push(`${name}-${look.width}-${look.dark ? 'dark' : 'light'}.png`);
      await this.page.picture(path.join(this.out, files.at(-1)), HEIGHT_MAX);
    }
    this.rows.push(`<h2>${name}</h2>${files.map(file => `<a href="${file}"><img src="${file}" width="200" alt="${file}"></a>`).join('')}`);
    console.log(`${name}: ${files.length} pictures`);
  }
  // For README.md: what is on the screen, from this element on.
  async readme(name, from, look) {
    await this.page.look(look);
    await this.page.eval(`document.querySelector(${JSON.stringify(from)}).scrollIntoView({ block: 'start', behavior: 'instant' })`);
    await this.page.settled();
    await this.page.picture(path.join(this.out, `readme-${name}.png`));
  }
}

async function alone(album) {
  const { page } = album, server = await new Server({ args: ['--languages', 'python'] }).start();
  for (const kind of await kinds(server)) await album.pictures(kind.name, look => page.open(new URL(kind.place, server.url).href, look));

  const learner = new Learner(page, server);
  await learner.open('/tracks/messenger/lines', { width: 1280, height: 800 });
  await learner.language('python');
  await learner.writeAll(program('python', MISTAKE));
  await learner.run();
  await learner.verdict();
  const diagram = () => page.wait(() => page.evalInFrame('/report', `document.getElementById('diagram')?.dataset.detail`), 'the diagram');
  await page.eval(`document.querySelector('.drawn').scrollIntoView()`); // it is drawn where it is seen
  await diagram();
  await album.pictures('task-failed');
  await album.readme('task', 'main', { width: 1280, height: 860 });
  const { submissions } = await server.json('/api/v1/submissions?track=messenger&task=lines');
  await album.pictures('submission', look => page.open(new URL(`/submissions/${submissions[0].id}`, server.url).href, look));
  await page.open(new URL(`/api/v1/submissions/${submissions[0].id}/report`, server.url).href, { width: 1280, height: 860 });
  await page.picture(path.join(album.out, 'readme-diagram.png'));
  await page.open(server.url, { width: 1280, height: 760 });
  await album.readme('map', '#map', { width: 1280, height: 860 });

  await learner.open('/tracks/messenger/lines', { width: 1280, height: 800 });
  await learner.writeAll(program('python'));
  await learner.submit();
  await learner.verdict();
  await album.pictures('task-passed');
  await album.pictures('progress-begun', look => page.open(new URL('/progress', server.url).href, look));
  await server.remove();
}

async function accounts(album) {
  const { page } = album, server = await new Server({ args: ['--accounts', '--languages', 'python', '--allow-level', 'off'] }).start();
  const s = await school(server, CLASS), who = new Person(page, server);
  const work = [[s.ann, 'lines'], [s.ann, 'init'], [s.ben, 'lines', MISTAKE], [s.ben, 'lines', MISTAKE], [s.chidi, 'lines', MISTAKE], [s.dora, 'lines'], [s.emre, 'lines', MISTAKE], [s.emre, 'lines'], [s.fenja, 'lines'], [s.fenja, 'echo']];
  for (const [learner, task, mistake] of work) await learner.judged(await learner.handIn(task, mistake));
  await s.tea.ask('POST', `/classes/${s.class}/assignments`, { title: 'Reading for the holidays', tasks: [{ track: 'messenger', task: 'errors' }] });
  await s.root.ask('POST', '/admin/backups');
  for (const kind of await behind(s)) {
    await page.send('Network.clearBrowserCookies');
    if (kind.who !== 'nobody') await who.has(s[kind.who]);
    await album.pictures(kind.name, look => who.open(kind.place, look));
    if (!await page.eval(`!!document.querySelector('main details')`)) continue;
    await album.pictures(`${kind.name}-open`, async look => {
      await who.open(kind.place, look);
      await page.eval(`document.querySelectorAll('main details').forEach(e => { e.open = true; })`);
    });
  }
  await server.remove();
}

async function main() {
  const [out, chromium = 'chromium'] = process.argv.slice(2);
  if (!out) throw new Error('where to? node tests/browser/screenshots.js OUT');
  fs.mkdirSync(out, { recursive: true });
  const browser = new Browser(chromium), album = new Album(out, await browser.page());
  for (const part of [alone, accounts]) if (!process.env.ONLY || process.env.ONLY === part.name) await part(album);
  fs.writeFileSync(path.join(out, 'index.html'), `<!DOCTYPE html><meta charset="utf-8"><title>Pages</title>${album.rows.join('\n')}`);
  await browser.close();
}
main().catch(error => { console.error(error); process.exit(1); });
