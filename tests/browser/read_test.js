// What readers do: without scripts, on a phone, in the dark, with the keyboard alone, with a screen reader, on paper.
'use strict';
const { Browser } = require('./chromium.js');
const { axe, focused, inPage, tooWide } = require('./measure.js');
const { Server } = require('./server.js');
const { Suite, check, equal } = require('./suite.js');
const { kinds, all } = require('./pages.js');

const WIDTHS = [360, 768, 1280];
const FIRST_PAGE_MAX = 100 * 1000; // bytes on the wire, gzipped, without the editor

// Buttons that a reader sees and that do nothing: without scripts only forms and <summary> work.
function deadButtons() {
  const dead = e => e.checkVisibility({ visibilityProperty: true }) && !(e.form && e.form.action && e.type === 'submit') && !e.disabled;
  return [...document.querySelectorAll('button, [role=button], select, textarea, input')]
    .filter(e => dead(e) && !(e.matches('input, select, textarea') && e.form)).map(e => e.outerHTML.slice(0, 80)).join(' ');
}

function luminance() {
  const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
  return Math.round((0.2126 * r + 0.7152 * g + 0.0722 * b) / 2.55);
}

async function main() {
  const server = await new Server({ args: ['--workers', '0'] }).start();
  const browser = new Browser(process.argv[2]);
  const page = await browser.page();
  const at = place => new URL(place, server.url).href;
  const pages = await kinds(server);
  const expected = new Set(pages.filter(p => p.status).map(p => at(p.place)));

  const calm = () => {
    const errors = page.errors.filter(text => !(text.includes('404') && expected.size > 0 && page.requests.some(url => expected.has(url))));
    equal(errors.join('; '), '', 'the list of errors');
    equal(page.requests.filter(url => !url.startsWith(server.url) && !/^(about|data|blob):/.test(url)).join(' '), '', 'what it asked of others');
  };
  const suite = new Suite('browser', calm);
  // Each page in turn; the first that is wrong is named.
  const each = async (list, look, run) => {
    for (const kind of list) {
      await page.open(at(kind.place), look);
      await run(kind);
      calm();
    }
  };
  const on = (kind, look) => `${kind.place}${look ? ` (${look})` : ''}`;

  await suite.test('every page can be read with scripts switched off', async () => {
    await each(pages, { scripts: false }, async kind => {
      equal(await page.eval('document.querySelectorAll("h1").length'), 1, `the number of h1 on ${on(kind)}`);
      check((await page.eval('document.querySelector("main").innerText')).includes(kind.mark), `${on(kind)} does not say "${kind.mark}"`);
      equal(await page.eval(inPage(deadButtons)), '', `what does nothing without scripts on ${on(kind)}`);
    });
  });
  await suite.test('a task without scripts has its statement, its protocol, its theory, and hints to open one by one', async () => {
    await page.open(at('/tracks/messenger/echo'), { scripts: false });
    for (const title of ['What you build', 'Protocol', 'What the grader does', 'Hints', 'Theory'])
      check((await page.eval('[...document.querySelectorAll("main h2")].map(e => e.textContent).join("; ")')).includes(title), `there is no section ${title}`);
    equal(await page.eval('document.querySelectorAll(".hint").length'), 3, 'the number of hints');
    const before = await page.eval('document.querySelector("main").innerText.length');
    await page.press('document.querySelector(".hint summary")');
    check(await page.eval('document.querySelector("main").innerText.length') > before + 40, 'the hint does not open');
  });
  await suite.test('searching without scripts', async () => {
    await page.open(at('/'), { scripts: false });
    await page.press('document.querySelector("input[type=search]")');
    await page.type('echo');
    await page.key('Enter');
    await page.until('location.pathname === "/search" && document.readyState === "complete"');
    check(await page.eval('document.querySelectorAll("main a[href^=\\"/tracks/messenger\\"]").length') > 0, 'it finds no task');
  });
  await suite.test('the first page names every track there is', async () => {
    await page.open(at('/'), { scripts: false });
    const { tracks } = await server.json('/api/v1/tracks');
    check(tracks.length >= 28, `there are ${tracks.length} tracks`);
    const text = await page.eval('document.querySelector("main").innerText');
    for (const track of tracks) check(text.includes(track.title), `${track.title} is not there`);
  });
  const narrow = async kind => equal(await page.eval(inPage(tooWide)), '', `the width of ${on(kind)}`);
  for (const width of WIDTHS)
    await suite.test(`no page is wider than ${width} px`, () => each(pages, { width, height: 800 }, narrow));
  await suite.test('no text of the course is wider than 360 px', async () =>
    each((await all(server)).map(place => ({ place })), { width: 360, height: 800, scripts: false }, narrow));
  await suite.test('light and dark as the machine is', async () => {
    for (const dark of [false, true])
      await each(pages, { dark }, async kind => {
        const light = await page.eval(inPage(luminance));
        check(dark ? light < 20 : light > 80, `the ground of ${on(kind, dark ? 'dark' : 'light')} has a luminance of ${light} %`);
      });
  });
  await suite.test('the skip link, the menu and the search by keyboard alone', async () => {
    await page.open(at('/tracks/messenger'));
    await page.key('Tab');
    const skip = await page.eval(inPage(focused));
    check(skip.href === '#content' && skip.shown && skip.marked, `the first Tab leads to ${JSON.stringify(skip)}`);
    await page.key('Enter');
    await page.until('location.hash === "#content"');
    await page.key('Tab');
    check((await page.eval(inPage(focused))).inMain, 'behind the skip link one is not in the content');

    await page.open(at('/'));
    for (let i = 0; i < 20 && (await page.eval(inPage(focused))).href !== '/progress'; i++) await page.key('Tab');
    await page.key('Enter');
    await page.until('location.pathname === "/progress" && document.readyState === "complete"', 'the progress by the menu');

    for (let i = 0; i < 30 && (await page.eval(inPage(focused))).tag !== 'INPUT'; i++) await page.key('Tab');
    await page.type('heartbeat');
    await page.key('Enter');
    await page.until('location.pathname === "/search" && document.querySelectorAll("main a").length > 0', 'the results of the search');
  });
  await suite.test('Tab leads through every page, shows where it is, and is caught nowhere', async () => {
    await each(pages, {}, async kind => {
      const order = [];
      await page.eval('document.activeElement.blur()');
      for (let i = 0; i < 25; i++) {
        await page.key('Tab');
        const now = await page.eval(inPage(focused));
        if (now.tag === 'BODY') break; // behind the last one
        check(now.shown && now.marked, `on ${on(kind)} one does not see the focus on ${JSON.stringify(now)}`);
        order.push(now.name);
      }
      check(order.length > 5 && order.slice(-3).some(name => name !== order.at(-1)), `on ${on(kind)} Tab stops at ${order.at(-1)}`);
    });
  });
  for (const look of [{ width: 1280 }, { width: 1280, dark: true }, { width: 360 }])
    await suite.test(`axe finds nothing serious (${look.width} px, ${look.dark ? 'dark' : 'light'})`, async () => {
      await each(pages, look, async kind => equal(await axe(page), '', `what axe finds on ${on(kind)}`));
    });
  await suite.test('on paper: black on white, without menus, nothing cut off', async () => {
    for (const place of ['/tracks/messenger', '/tracks/messenger/lines', '/docs/protocol']) {
      await page.open(at(place), { media: 'print', dark: true, width: 720 });
      check(await page.eval(inPage(luminance)) > 95, `${place} has a dark ground`);
      equal(await page.eval('[...document.querySelectorAll("nav:not(.trail), form, button, .cm-editor")].filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 60)).join(" ")'), '', `what one cannot use on paper of ${place}`);
      equal(await page.eval('[...document.querySelectorAll("pre")].filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).length'), 0, `the number of texts cut off on ${place}`);
      equal(await page.eval(`(() => { const l = e => getComputedStyle(e).color.match(/[\\d.]+/g).map(Number); return [...document.querySelectorAll('main p, main li, main h2, main pre')].filter(e => Math.max(...l(e).slice(0, 3)) > 140).length; })()`), 0, `the number of pale texts on ${place}`);
    }
  });
  await suite.test('the first page is small, and does not bring the editor', async () => {
    for (const place of ['/', '/tracks/messenger', '/progress']) {
      await page.send('Network.clearBrowserCache');
      const ms = await page.open(at(place));
      const files = [...page.bytes.values()].filter(f => f.url.startsWith(server.url));
      const sum = files.reduce((n, f) => n + f.count, 0);
      console.log(`(${place}: ${files.length} files, ${sum} bytes on the wire, drawn after ${Math.round(ms)} ms)`);
      check(sum > 3000 && sum < FIRST_PAGE_MAX, `${place} has ${sum} bytes: ${files.map(f => `${f.url.replace(server.url, '')} ${f.count}`).join(', ')}`);
      equal(files.filter(f => f.url.includes('/editor')).length, 0, 'the number of files of the editor');
    }
  });

  await browser.close();
  equal(await server.stop(), 0, 'the status of the server');
  await server.remove();
  suite.end();
}
main().catch(error => { console.log('FAIL browser: ' + error.stack.split('\n').slice(0, 3).join(' | ')); process.exit(1); });
