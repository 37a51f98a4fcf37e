// What learners do: write, run, see it fail and why, mend it, pass; while connections break, pages are loaded again and servers die.
'use strict';
const { spawn } = require('node:child_process');
const path = require('node:path');
const { Browser } = require('./chromium.js');
const { Learner, button, program } = require('./learner.js');
const { Server, Wire, TOP } = require('./server.js');
const { Suite, check, equal } = require('./suite.js');

const TASK = '/tracks/messenger/lines';
const STEP = '"event":"step"'; // as the judge says it

// The same mistake three times: a string's length is not that of its bytes, or of halves of pairs.
const MISTAKES = [
  { language: 'python', spoil: ['measure.py', 'len(value)  # Python', 'len(value.encode())  # Python'] },
  { language: 'c', spoil: ['measure.c', "(v->string[i] & 0xC0) != 0x80", '1'] },
  { language: 'javascript', spoil: ['measure.js', 'length: codePoints(value)', 'length: value.length'] },
];

// A worker of its own beside a server that has none: nothing is judged before it starts.
function startWorker(server) {
  const child = spawn(process.env.EDDY || path.join(TOP, 'build/eddy'), ['worker', '--db', path.join(server.folder, 'state/progress.db'), '--folder', path.join(server.folder, 'worker'), '--jobs', '1', '--languages', 'python'],
    { env: server.env, stdio: ['ignore', server.log, server.log] });
  const ended = new Promise(resolve => child.on('exit', resolve));
  return { stop: async () => { child.kill('SIGTERM'); await ended; } };
}

async function main() {
  const browser = new Browser(process.argv[2]);
  let server = null, wire = null, worker = null, pages = [], expected = null;
  const calm = () => {
    for (const page of pages) equal(page.errors.filter(text => !expected?.test(text)).join('; '), '', 'the list of errors');
  };
  const suite = new Suite('browser', calm);
  const newPage = async options => {
    const page = await browser.page(options);
    pages.push(page);
    return page;
  };
  // Each test has a server of its own with nothing on it. errors: what the console may say.
  const test = (name, { args = [], errors = null } = {}, run) => suite.test(name, async () => {
    expected = errors;
    pages = [];
    server = await new Server({ args }).start();
    try {
      await run(new Learner(await newPage({ apart: true }), server));
      calm();
    } finally {
      pages = [];
      await worker?.stop();
      wire?.close();
      worker = wire = null;
      await server.remove();
    }
  });

  for (const { language, spoil } of MISTAKES)
    await test(`write, run, fail, see why, mend it, pass: ${language}`, { args: ['--languages', language] }, async learner => {
      const { page } = learner;
      await learner.open(TASK);
      await learner.language(language);
      await learner.writeAll(program(language, spoil));
      await learner.saved(TASK, language, program(language, spoil));
      await learner.run();
      const failed = await learner.verdict();
      equal(failed.title, 'Not yet', 'the title of the verdict');
      check(failed.sentence.length > 20, `the sentence is "${failed.sentence}"`);
      check(await page.eval(`document.querySelectorAll('.judged .bad .why, .judged .bad').length`) > 0, 'no step is shown as failed');

      await page.until(`document.querySelector('.drawn iframe')`, 'the run, drawn');
      await page.eval(`document.querySelector('.drawn').scrollIntoView()`);
      const count = await page.wait(() => page.evalInFrame('/report', `typeof document === 'object' && document.getElementById('diagram')?.dataset.detail && document.querySelectorAll('#table, #diagram').length`), 'the diagram');
      check(count >= 1, 'the diagram is empty');
      check((await page.evalInFrame('/report', `document.getElementById('sentence').textContent`)).length > 20, 'the report says nothing');

      await learner.writeAll(program(language));
      await learner.submit();
      equal((await learner.verdict()).title, 'Passed', 'the title of the verdict');
      check(await page.eval(`!!document.querySelector('.facts .badge.passed')`), 'the page does not say that the task is passed');
      await page.open(new URL('/progress', server.url).href);
      check((await page.eval(`document.querySelector('main').innerText`)).match(/1 of \d+|passed/), 'the progress does not say so');
    });

  await test('what does not build says where, and leads there', { args: ['--languages', 'c'] }, async learner => {
    const { page } = learner;
    await learner.open(TASK);
    await learner.language('c');
    await learner.writeAll(program('c', ['measure.c', 'return kinds[v->type];', 'return kinds[v->type]']));
    await learner.openFile('main.c');
    await learner.run();
    equal((await learner.verdict()).title, 'It does not build', 'the title of the verdict');
    await page.press(`document.querySelector('.build .spot')`);
    await page.until(`document.querySelector('[role=tab][aria-selected=true]')?.dataset.name === 'measure.c'`, 'the file with the mistake');
  });

  const judged = id => async () => (await server.json(`/api/v1/submissions/${id}`)).state === 'done';
  const newest = () => pages[0].wait(async () => (await server.json('/api/v1/submissions?track=messenger&task=lines')).submissions[0]?.id, 'a submission on the server');

  await test('the connection is lost in mid-run: the page says so and catches up', { args: ['--workers', '0'], errors: /ERR_|Failed to fetch|network/ }, async first => {
    wire = await new Wire(server).start();
    const learner = new Learner(first.page, server, () => wire.url), { page } = learner;
    await learner.open(TASK);
    await learner.language('python');
    await learner.writeAll(program('python'));
    await learner.saved(TASK, 'python', program('python'));
    await learner.submit();
    await learner.waiting();
    const id = await newest();
    wire.cut();
    await page.until(`/connection is gone/.test(document.querySelector('.going')?.textContent)`, 'that the connection is gone');
    worker = startWorker(server);
    await page.wait(judged(id), 'the verdict on the server');
    check(await page.eval(`!!document.querySelector('.going')`), 'it knows what it cannot know');
    wire.mend();
    equal((await learner.verdict()).title, 'Passed', 'the title of the verdict');
  });

  await test('the connection is lost between two steps: each is shown once', { args: ['--languages', 'python'], errors: /ERR_|Failed to fetch|network/ }, async first => {
    wire = await new Wire(server).start();
    wire.let(1, STEP);
    const learner = new Learner(first.page, server, () => wire.url), { page } = learner;
    const shown = `[...document.querySelectorAll('.going .judged li')].map(e => e.innerText.trim().replace(/\\s+/g, ' ')).join('; ')`;
    await learner.open(TASK);
    await learner.language('python');
    await learner.writeAll(program('python'));
    await learner.saved(TASK, 'python', program('python'));
    await learner.run();
    const one = await page.until(shown, 'a step');
    wire.cut();
    wire.mend();
    await page.until(`(${shown}) !== ${JSON.stringify(one)}`, 'another step');
    const two = await page.eval(shown);
    check(two.startsWith(one + '; ') && two.split('; ').length === 2 && !/seeds/.test(two), `after "${one}" came "${two}"`);
    wire.release();
    equal((await learner.verdict()).title, 'Passed on the first seed', 'the title of the verdict');
  });

  await test('what is written without a connection is there after it, and after a reload', { args: ['--workers', '0'], errors: /ERR_|Failed to fetch|network/ }, async first => {
    wire = await new Wire(server).start();
    const learner = new Learner(first.page, server, () => wire.url), { page } = learner;
    await learner.open(TASK);
    await learner.language('python');
    wire.cut();
    await learner.write('main.py', '# written in a tunnel\n');
    await page.until(`/not reached/.test(document.querySelector('.saved')?.textContent)`, 'that the server is not reached');
    // Before the server is there again: a page that goes away may still save it there.
    check(await page.eval(`Object.values(localStorage).join().includes('written in a tunnel')`), 'the text is gone, were the page closed now');
    wire.mend();
    await learner.reload();
    check((await page.eval(`document.querySelector('.cm-content').innerText`)).includes('written in a tunnel'), 'the text is gone');
    await learner.saved(TASK, 'python', [{ name: 'main.py', text: '# written in a tunnel\n' }]);
  });

  await test('a reload in mid-run goes on watching', { args: ['--workers', '0'] }, async learner => {
    await learner.open(TASK);
    await learner.language('python');
    await learner.writeAll(program('python'));
    await learner.submit();
    await learner.waiting();
    await learner.reload();
    await learner.waiting();
    worker = startWorker(server);
    equal((await learner.verdict()).title, 'Passed', 'the title of the verdict');
  });

  await test('the server is killed in mid-run and comes back: nothing is lost', { args: ['--workers', '0'], errors: /ERR_|Failed to fetch|network/ }, async learner => {
    const { page } = learner;
    await learner.open(TASK);
    await learner.language('python');
    await learner.writeAll(program('python'));
    await learner.submit();
    await learner.waiting();
    const id = await newest();
    await server.stop('SIGKILL');
    await page.until(`/connection is gone/.test(document.querySelector('.going')?.textContent)`, 'that the connection is gone');
    await server.start();
    worker = startWorker(server);
    equal((await learner.verdict()).title, 'Passed', 'the title of the verdict');
    equal(await newest(), id, 'the newest submission');
    await learner.saved(TASK, 'python', program('python'));
  });

  // 409: where the first tab is slow, the other one takes it for closed and saves its text, too (ADOPTED_AFTER_MS).
  await test('two tabs show the same text', { args: ['--workers', '0'], errors: /409/ }, async learner => {
    await learner.open(TASK);
    await learner.language('python');
    const other = new Learner(await newPage({ context: learner.page.context }), server);
    await other.open(TASK);
    await learner.write('main.py', '# from the first tab\n');
    await other.page.until(`document.querySelector('.cm-content').innerText.includes('from the first tab')`, 'the text in the other tab');
    await other.write('main.py', '# from the second tab\n');
    await learner.page.until(`document.querySelector('.cm-content').innerText.includes('from the second tab')`, 'the text in the first tab');
    await learner.saved(TASK, 'python', [{ name: 'main.py', text: '# from the second tab\n' }]);
  });

  await test('two browsers write the same file: one sees both, chooses, and nothing is lost', { args: ['--workers', '0'], errors: /409/ }, async learner => {
    const other = new Learner(await newPage({ apart: true }), server);
    await learner.open(TASK);
    await learner.language('python');
    await other.open(TASK);
    await other.language('python');
    await learner.write('main.py', '# from the first browser\n');
    await learner.saved(TASK, 'python', [{ name: 'main.py', text: '# from the first browser\n' }]);
    await other.write('main.py', '# from the second browser\n');
    await other.page.until(`document.querySelector('.conflict')?.innerText.includes('from the first browser')`, 'the question which one to take, with the other text');
    await other.page.press(button('Go on with this'));
    await learner.saved(TASK, 'python', [{ name: 'main.py', text: '# from the second browser\n' }]);
    await other.page.press(button('Earlier'));
    check((await other.page.until(`document.querySelector('.earlier')?.innerText`)).includes('The text of the other place'), 'the other text is not set aside');
  });

  await browser.close();
  suite.end();
}
main().catch(error => { console.log('FAIL browser: ' + error.stack.split('\n').slice(0, 3).join(' | ')); process.exit(1); });
