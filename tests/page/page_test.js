// What a reader does with report.html, in a browser: prints "ok NAME" or "FAIL NAME: why".
'use strict';
const path = require('node:path');
const { Browser } = require('../browser/chromium.js');
const { Suite, check, equal } = require('../browser/suite.js');
const [program, pages] = process.argv.slice(2);

const OPEN_MS_MAX = 15000; // it takes well under a second; this only tells hanging from working

async function main() {
  const browser = new Browser(program);
  const page = await browser.page();
  const open = (name, options) => page.open(path.join(pages, name + '.html'), options);
  const state = expression => page.eval('state.' + expression);
  const calm = () => {
    equal(page.errors.join('; '), '', 'the list of errors');
    equal(page.requests.filter(url => !/^(file|about|data):/.test(url)).join(' '), '', 'what it asked of the network');
  };
  const suite = new Suite('page', calm), test = suite.test.bind(suite);
  // Where a message is drawn, on the screen.
  const placeOf = k => page.eval(`(() => { const a = arrows.find(a => a.k === ${k}), b = $('diagram').getBoundingClientRect(); return a && [b.left + (a.x1 + a.x2) / 2, b.top + (a.y1 + a.y2) / 2]; })()`);
  const inked = id => page.eval(`(() => { const c = $('${id}'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) n++; return n; })()`);

  await test('100,000 messages open soon and are drawn', async () => {
    const ms = await open('big');
    console.log(`(100,000 messages: open and drawn after ${Math.round(ms)} ms)`);
    equal(await state('run.count'), 100000, 'the number of messages');
    equal(await page.eval('$("diagram").dataset.detail'), 'columns', 'the level of detail');
    for (const id of ['overview', 'diagram', 'latency', 'rate']) check(await inked(id) > 500, id + ' is empty');
    check(ms < OPEN_MS_MAX, `it took ${ms} ms`);
    const frame = await page.eval('(() => { const t = performance.now(); for (const paint of painters) paint(); return performance.now() - t; })()');
    console.log(`(a frame of all of them: ${Math.round(frame)} ms)`);
  });
  await test('keys zoom, pan and show all again', async () => {
    const wide = await state('to - state.from');
    for (let i = 0; i < 10; i++) await page.key('+');
    check(await state('to - state.from') < wide / 900, 'ten times + has not zoomed a thousandfold');
    equal(await page.eval('$("diagram").dataset.detail'), 'arrows', 'the level of detail');
    const from = await state('from');
    await page.key('ArrowRight');
    check(await state('from') > from, 'the view has not moved to the right');
    await page.key('-');
    await page.key('Home');
    equal(await state('to - state.from'), wide, 'the width of the view');
  });
  await test('the wheel zooms where the pointer is', async () => {
    const box = await page.eval('(() => { const b = $("diagram").getBoundingClientRect(); return [b.left, b.top, b.width]; })()');
    const at = box[0] + box[2] * 0.7, before = await page.eval(`timeAt($('diagram'), ${at - box[0]})`);
    await page.mouse('mouseWheel', at, box[1] + 80, { deltaX: 0, deltaY: -200, modifiers: 2 });
    await page.frame();
    const after = await page.eval(`timeAt($('diagram'), ${at - box[0]})`), wide = await state('to - state.from');
    check(wide < await state('run.span * 0.9'), 'it has not zoomed');
    check(Math.abs(after - before) < wide / 500, 'what was under the pointer has moved');
    await page.key('Home');
  });
  await test('j and k step from message to message', async () => {
    await open('failed');
    await page.key('j');
    equal(await state('chosen'), 0, 'the chosen message');
    await page.key('j');
    await page.key('j');
    equal(await state('chosen'), 2, 'the chosen message');
    await page.key('k');
    equal(await state('chosen'), 1, 'the chosen message');
    check((await page.eval('$("details").textContent')).includes('fetch'), 'the panel does not show the message');
    check((await page.eval('$("said").textContent')).includes('n0 to n1'), 'screen readers are not told');
  });
  await test('a click chooses, its cone stays and the rest fades', async () => {
    await page.key('Escape');
    await page.key('Home');
    await page.click(...await placeOf(9)); // the first fetch of the second round, to n1
    equal(await state('chosen'), 9, 'the chosen message');
    const marks = await page.eval('[...state.marks].slice(0, 24)');
    equal(marks[9], 3, 'the chosen one');
    equal(marks[8], 2, 'the request that led to it');
    equal(marks[12], 2, 'the answer it led to');
    equal(marks[10], 0, 'what went to another node at the same time');
    equal(marks[7], 1, 'what came before it at the client');
    equal(marks[16], 1, 'what came after its answer');
  });
  await test('Enter follows the effects, Shift+Enter the causes, Esc ends it', async () => {
    await page.key('Enter');
    equal(await state('chosen'), 12, 'the effect');
    await page.key('Enter', { shift: true });
    equal(await state('chosen'), 9, 'the cause');
    await page.key('Escape');
    equal(await state('chosen'), -1, 'the chosen message');
    equal(await state('marks'), null, 'the cone');
  });
  await test('operations know their messages', async () => {
    equal(await page.eval('operationOf(state.run, 12)'), 1, 'the operation behind an answer between nodes');
    await page.eval('chooseOp(1)');
    await page.frame();
    check((await page.eval('$("details").textContent')).includes('succeeded'), 'the panel does not show the operation');
  });
  await test('filters hide and show', async () => {
    await page.key('Home');
    const all = await state('shown');
    await page.eval('[...document.querySelectorAll(".chip")].find(c => c.textContent.startsWith("fetch_ok")).click()');
    await page.frame();
    const fewer = await state('shown');
    equal(fewer, all - 18, 'the number of messages without fetch_ok');
    await page.eval('[...document.querySelectorAll(".chip")].find(c => c.textContent === "n3").click()');
    await page.frame();
    equal(await state('shown'), fewer - 6, 'the number of messages without n3');
    await page.eval('find(\'"epoch":0\'); tell("filter")');
    await page.frame();
    equal(await state('shown'), 12, 'the number of messages with a text');
  });
  await test('the address keeps the view', async () => {
    const hash = '#' + await page.eval('hashOfView()'), from = await state('from');
    await open('failed', { hash });
    equal(await state('shown'), 12, 'the number of messages shown');
    check(Math.abs(await state('from') - from) <= 1, 'the view is another');
  });
  await test('a failure: the sentence, the frame, both runs, the evidence', async () => {
    await open('failed');
    check((await page.eval('$("sentence").textContent')).startsWith('process 0 read 5'), 'the sentence is missing');
    equal(await page.eval('$("verdict").className'), 'invalid', 'the verdict');
    equal(await page.eval('document.querySelectorAll("#runs button").length'), 2, 'the number of runs');
    equal(JSON.stringify(await state('run.window')), '[30000000,34000000]', 'the window');
    await page.key('f');
    check(await state('from') < 30e6 && await state('from') > 20e6, 'f does not show the window');
    check((await page.eval('$("evidence").textContent')).includes('cas-register'), 'the evidence is missing');
    await page.eval('document.querySelectorAll("#runs button")[1].click()');
    await page.frame();
    equal(await state('run.count'), 1601, 'the number of messages of the whole run');
    equal(await state('run.faults.length'), 1, 'the number of faults');
  });
  await test('hovering tells the whole message', async () => {
    await open('failed');
    const at = await placeOf(9);
    await page.mouse('mouseMoved', ...at);
    await page.frame();
    equal(await page.eval('$("tip").hidden'), false, 'the tip is hidden');
    check((await page.eval('$("tip").textContent')).includes('"keys"'), 'the tip does not show the body');
  });
  await test('texts of programs stay texts', async () => {
    await open('hostile');
    equal(await page.eval('typeof window.broken'), 'undefined', 'a script of a message');
    await page.key('j');
    check((await page.eval('$("details").textContent')).includes('\\u202e'), 'what turns text around is not shown as its code');
    await page.key('j');
    check((await page.eval('$("details").textContent')).includes('of 1,048,600 bytes') || (await page.eval('$("details").textContent')).includes('bytes are in this page'), 'the cut of a giant is not said');
    equal(await page.eval('document.querySelectorAll("img").length'), 0, 'images');
  });
  await test('1,000 nodes can be scrolled through', async () => {
    await open('wide');
    const sizes = await page.eval('[$("scroller").scrollHeight, $("scroller").clientHeight, $("diagram").width]');
    check(sizes[0] > 20000 && sizes[1] < 700, 'the diagram is not scrolled within its frame: ' + sizes);
    await page.eval('$("scroller").scrollTop = 9000');
    await page.frame();
    check(await inked('diagram') > 500, 'nothing is drawn there');
  });
  await test('a run without anything', async () => {
    await open('empty');
    equal(await state('run.count'), 0, 'the number of messages');
    for (const key of ['j', '+', 'f', 'Enter', 'Home']) await page.key(key);
  });
  await test('dark, narrow, and as a table', async () => {
    await open('failed', { dark: true, width: 400, height: 800 });
    const ground = await page.eval('getComputedStyle(document.body).backgroundColor');
    check(/rgb\((\d|1\d|2\d|3\d), /.test(ground), 'the ground is not dark: ' + ground);
    check(await page.eval('document.documentElement.scrollWidth <= innerWidth'), 'the page is wider than the screen');
    await page.eval('$("table").querySelector("details").open = true');
    await page.frame();
    check(await page.eval('$("table").querySelectorAll("tbody tr").length') > 50, 'the table has no rows');
  });
  await test('every control has a name and can be reached by keyboard', async () => {
    await open('failed');
    const nameless = await page.eval('[...document.querySelectorAll("button, input, canvas:not([aria-hidden])")].filter(e => !(e.getAttribute("aria-label") || e.textContent.trim())).length');
    equal(nameless, 0, 'the number of controls without a name');
    equal(await page.eval('$("diagram").focus(), document.activeElement.id'), 'diagram', 'the focus');
    await page.key('ArrowDown');
    equal(await state('chosen'), 0, 'the chosen message');
    await page.key('?');
    equal(await page.eval('$("help").open'), true, 'the help');
  });

  await browser.close();
  suite.end();
}
main().catch(error => { console.log('FAIL page: ' + error.message.split('\n')[0]); process.exit(1); });
