// People with accounts: a class from its first invitation to the grades, what each sees of the others, coming in and leaving, and every page
// behind sign-in by keyboard, on a phone, in the dark and for a screen reader.
'use strict';
const { Browser } = require('./chromium.js');
const { Learner, program } = require('./learner.js');
const { axe, focused, inPage, tooWide } = require('./measure.js');
const { behind } = require('./pages.js');
const { Account, Person, school, firstInvitation, MISTAKE } = require('./school.js');
const { Server } = require('./server.js');
const { Suite, check, equal } = require('./suite.js');

const TASK = '/tracks/messenger/lines';
const DAY_MS = 86400000;
// What is to be judged is judged whatever the sandbox of this machine is worth: nobody here is a stranger.
const JUDGING = ['--accounts', '--languages', 'python', '--allow-level', 'off'];
const UNJUDGED = ['--accounts', '--workers', '0', '--languages', 'python'];

// "a","b",1 as [['a', 'b', '1'], ...]; no cell of these tests has a quote in it.
const cells = csv => csv.trimEnd().split('\r\n').map(line => line.split(',').map(cell => cell.replace(/^"|"$/g, '')));

async function main() {
  const browser = new Browser(process.argv[2]);
  let server = null, pages = [], expected = null;
  const calm = () => {
    for (const page of pages) equal(page.errors.filter(text => !expected?.test(text)).join('; '), '', 'the list of errors');
  };
  const suite = new Suite('browser', calm);
  const person = async options => {
    const page = await browser.page(options || { apart: true });
    await page.look();
    pages.push(page);
    return new Person(page, server);
  };
  // Each test has a server of its own. errors: what the console may say, such as that an answer was 401.
  const test = (name, { args = UNJUDGED, errors = null } = {}, run) => suite.test(name, async () => {
    expected = errors;
    pages = [];
    server = await new Server({ args }).start();
    try {
      await run();
      calm();
    } finally {
      pages = [];
      await server.remove();
    }
  });

  // Writes, submits by keyboard, and waits for the verdict.
  const handIn = async (who, files) => {
    const learner = new Learner(who.page, who);
    await learner.open(TASK);
    await learner.writeAll(files);
    await learner.saved(TASK, 'python', files);
    await who.page.key('Enter', { ctrl: true, shift: true });
    await who.page.until(`document.querySelector('.going') || document.querySelector('.verdict')`, 'that it is handed in');
    return (await learner.verdict()).title;
  };

  await test('a class from the first invitation to the grades: two learners, a deadline, attempts that count', { args: JUDGING, errors: /404/ }, async () => {
    const root = await person(), tea = await person(), ann = await person(), ben = await person();
    const joining = /^[/]classes[/]\d+$/, task = 'One line, one message Messenger: a node that talks';

    await root.signUp(firstInvitation(server), 'root', 'Rita Reiter');
    await root.press('Server', '.menu');
    await root.press('People and invitations');
    await root.press('Invite');
    await root.reach(root.control('Role'), 'the choice of a role');
    await root.page.key('t');
    await root.press('Make a link');
    await tea.signUp(await root.shown(), 'tea', 'Thea Achterberg');
    equal(await tea.menu(), 'Tracks Playground Progress Manual Classes Account', 'the menu of a teacher');

    await tea.press('Classes', '.menu');
    await tea.fill('Title', 'Autumn');
    await tea.press('Make it');
    await tea.arrived(/^[/]teach[/]classes[/]\d+$/);
    const place = await tea.page.eval('location.pathname');
    for (const [title, due_ms, attempts] of [['Week 0', Date.now() - DAY_MS, ''], ['Week 1', Date.now() + DAY_MS, '1'], ['Practice', 0, '']]) {
      await tea.press('New assignment');
      await tea.fill('Title', title);
      if (due_ms) await tea.setTime('Deadline', due_ms);
      if (attempts) await tea.fill('Attempts of a task that count', attempts);
      await tea.press('Messenger: a node that talks');
      await tea.tick('One line, one message');
      await tea.press('Make it');
      await tea.page.until(`[...document.querySelectorAll('.listing a')].some(e => e.textContent === ${JSON.stringify(title)})`, `the assignment ${title}`);
    }

    // One has no account yet; the other has one, and is asked to sign in on his way.
    await tea.press('Invitation');
    await tea.press('Make an invitation');
    const invitation = await tea.shown();
    await tea.says('it is shown once');
    await ann.signUp(invitation, 'ann', 'Ann Lovelace');
    await ann.arrived(joining);
    await root.reach(root.control('Role'), 'the choice of a role');
    await root.page.key('l');
    await root.press('Make a link');
    await ben.signUp(await root.shown(), 'ben', 'Benedikt Amsel');
    await ben.press('Account', '.menu');
    await ben.press('Sign out');
    await ben.arrived(/^[/]$/);
    await tea.open(place);
    await tea.press('Link to join');
    await tea.press('Make a link');
    await ben.open(await tea.shown());
    await ben.press('Sign in');
    await ben.signIn('ben');
    await ben.arrived(/^[/]join/);
    await ben.press('Join');
    await ben.arrived(joining);
    await ben.says('Week 1');

    equal(await handIn(ann, program('python')), 'Passed', "ann's verdict");
    equal(await handIn(ben, program('python', MISTAKE)), 'Not yet', "ben's verdict");

    await tea.open(place);
    equal(await tea.page.eval(`[...document.querySelectorAll('[aria-label="Who is where"] tbody tr')].map(row => [...row.cells].slice(0, 4).map(cell => cell.innerText).join(' ')).join('; ')`),
      `Ann Lovelace ann 1 ${task} passed; Benedikt Amsel ben 0 ${task} failed`, 'who is where');
    equal(await tea.page.eval(`[...document.querySelectorAll('[aria-label="Where people are stuck"] tbody tr')].map(row => [...row.cells].slice(0, 3).map(cell => cell.innerText).join(' ')).join('; ')`),
      `${task} 1 of 2 1`, 'where people are stuck');
    await tea.press('failed');
    await tea.arrived(/^[/]submissions[/]/);
    const work = await tea.page.eval('location.pathname');
    await tea.says('by Benedikt Amsel');
    await tea.press('measure.py');
    await tea.says('len(value.encode())');

    const titles = ['name', 'full name', ...['Week 0', 'Week 1', 'Practice'].flatMap(title => [`${title}: messenger/lines`, `${title}: passed of 1`])].join();
    const sheet = async () => {
      await tea.open(place);
      const { name, text } = await tea.download('All grades as CSV');
      check(/^grades-\d+[.]csv$/.test(name), `the file is called ${name}`);
      return cells(text).map(line => line.join()).join(' ');
    };
    equal(await sheet(), [titles, 'ann,Ann Lovelace,late,0,passed,1,passed,1', 'ben,Benedikt Amsel,,0,failed 1,0,failed 1,0'].join(' '), 'the table of grades');
    equal(await handIn(ben, program('python')), 'Passed', "ben's second verdict");
    equal(await sheet(), [titles, 'ann,Ann Lovelace,late,0,passed,1,passed,1', 'ben,Benedikt Amsel,late,0,late,0,passed,1'].join(' '), 'the table of grades, after the attempt that came too late');
    await tea.press('Week 1');
    await tea.arrived(/[/]assignments[/]/);
    check(/the first attempt of a task counts/.test(await tea.text()), 'the assignment does not say how many attempts count');

    await ann.open(work);
    await ann.says('You have no submission of this number.');
    check(!(await ann.text()).includes('encode'), "ann reads ben's program");
  });

  await test('nobody reads what another learner handed in', { errors: /40[34]/ }, async () => {
    const s = await school(server), id = await s.ann.handIn('lines');
    const stranger = await new Account(server, 'stranger').signUp('Sten Stranger', (await s.root.ask('POST', '/invitations', { role: 'teacher' })).path);
    const all = { ann: [s.ann, 200], ben: [s.ben, 404], tea: [s.tea, 200], stranger: [stranger, 404], root: [s.root, 200] };
    for (const [name, [account, status]] of Object.entries(all)) {
      const who = await (await person()).has(account);
      await who.open(`/submissions/${id}`);
      equal((await who.text()).includes('measure.py'), status === 200, `whether ${name} sees the program`);
      equal(await who.menu().then(words => /Account/.test(words) && !/Sign in/.test(words)), true, `whether the page knows ${name}`);
      for (const way of ['', '/archive']) equal(await who.status(`/api/v1/submissions/${id}${way}`), status, `what ${name} is told of ${id}${way}`);
      equal((await who.json('/api/v1/submissions?track=messenger&task=lines')).submissions.length, name === 'ann' ? 1 : 0, `the number of submissions in ${name}'s own list`);
      equal(await who.status(`/teach/classes/${s.class}/people/${s.ann.id}`), { ann: 403, ben: 403, stranger: 404 }[name] || 200, `what ${name} is told of ann's page`);
    }
    const nobody = await person();
    await nobody.open(`/submissions/${id}`);
    await nobody.arrived(/^[/]sign-in[?]next=/);
  });

  await test('a wrong password is said, the right one leads to where one wanted to go, signing out ends it', { errors: /401/ }, async () => {
    const s = await school(server), ann = await person();
    await ann.open(`/classes/${s.class}`);
    await ann.arrived(/^[/]sign-in/);
    await ann.signIn('ann', 'wrong horse battery');
    await ann.says('wrong');
    const wrong = await ann.page.eval(`document.querySelector('.told').innerText`);
    await ann.signIn('nobody-of-this-name', 'wrong horse battery');
    await ann.says('wrong');
    equal(await ann.page.eval(`document.querySelector('.told').innerText`), wrong, 'what is said of a name that nobody has');
    await ann.signIn('ann');
    await ann.arrived(new RegExp(`^[/]classes[/]${s.class}$`));
    await ann.says('Week 1');
    await ann.open('/sign-in?next=//evil.example/');
    await ann.arrived(/^[/]$/);

    await ann.press('Account', '.menu');
    await ann.press('Sign out');
    await ann.arrived(/^[/]$/);
    equal(await ann.menu(), 'Tracks Playground Progress Manual Sign in', 'the menu of nobody');
    await ann.open(`/classes/${s.class}`);
    await ann.arrived(/^[/]sign-in/);
    await ann.signIn('ann');
    await ann.arrived(/^[/]classes/);
  });

  await test('who signs out takes his text along: the next one at this browser begins anew', {}, async () => {
    const s = await school(server), who = await (await person()).has(s.ann);
    const first = new Learner(who.page, who);
    await first.open(TASK);
    await first.write('main.py', '# what ann has found out\n');
    await first.saved(TASK, 'python', [{ name: 'main.py', text: '# what ann has found out\n' }]);
    await who.has(s.ben);
    await first.open(TASK);
    check(!(await who.page.eval(`document.querySelector('.cm-content').innerText`)).includes('ann has'), "ben finds ann's text");
    await first.write('main.py', '# by ben\n');
    await first.saved(TASK, 'python', [{ name: 'main.py', text: '# by ben\n' }]);
    await who.has(s.ann);
    await first.open(TASK);
    check((await who.page.eval(`document.querySelector('.cm-content').innerText`)).includes('ann has'), "ann's text is gone");
  });

  await test('an old window of who has left does nothing for who came after, and keeps its text', { errors: /412/ }, async () => {
    const s = await school(server), old = await (await person()).has(s.ann), text = line => [{ name: 'main.py', text: line }];
    const ann = new Learner(old.page, old), context = old.page.context;
    await ann.open(TASK);
    await ann.write('main.py', '# of ann');
    await old.page.wait(async () => (await s.ann.ask('GET', '/drafts/messenger/lines/python')).version > 0, "ann's draft");
    const next = await (await person({ context })).has(s.ben), ben = new Learner(next.page, next);
    await ben.open(TASK);
    await old.page.send('Page.bringToFront');
    await old.page.eval(`document.querySelector('.pane .cm-content').focus()`);
    await old.page.key('End', { ctrl: true });
    await old.page.type(', and more');
    const draft = () => s.ben.ask('GET', '/drafts/messenger/lines/python');
    const says = (place, words) => old.page.eval(`document.querySelector('${place}')?.textContent.includes('${words}')`);
    await old.page.wait(async () => await says('.saved', 'only: Somebody else') || (await draft()).version > 0, 'that somebody else is here');
    equal(JSON.stringify(await draft()), '{"files":[],"version":0}', "ben's draft");
    await old.page.key('Enter', { ctrl: true, shift: true });
    await old.page.wait(async () => await says('.below', 'Somebody else') || (await s.ben.ask('GET', '/submissions')).submissions.length > 0, 'that nothing was handed in');
    equal((await s.ben.ask('GET', '/submissions')).submissions.length, 0, 'the number of what ben handed in');
    check(!(await next.page.eval(`document.querySelector('.cm-content').innerText`)).includes('ann'), "ben sees ann's text");

    await old.has(s.ann); // she signs in again, in another window, and comes back to this one
    await old.page.eval(`document.dispatchEvent(new Event('visibilitychange'))`);
    await ann.saved(TASK, 'python', text('# of ann, and more'));
  });

  await test('what one writes in the playground is found by nobody else at this browser', {}, async () => {
    const s = await school(server), who = await person(), learner = new Learner(who.page, who);
    const shown = () => who.page.eval(`document.querySelector('.cm-content').innerText`);
    const open = async account => {
      if (account) await who.has(account);
      await who.open('/playground?workload=echo&language=python');
      await who.page.until(`document.querySelector('[data-island=playground] .cm-content')`, 'the editor');
    };
    await open(null);
    await learner.write('main.py', '# before signing in');
    await open(s.ann);
    check((await shown()).includes('before signing in'), 'what was written before signing in is gone');
    await learner.write('main.py', '# by ann');
    await open(s.ben);
    check(!/by ann|before/.test(await shown()), "ben finds ann's program");
    await open(s.ann);
    check((await shown()).includes('by ann'), "ann's program is gone");
  });

  await test('back after signing out shows nothing of who has left', {}, async () => {
    const s = await school(server), who = await (await person()).has(s.ann), learner = new Learner(who.page, who);
    await learner.open(TASK);
    await learner.write('main.py', '# by ann');
    await learner.saved(TASK, 'python', [{ name: 'main.py', text: '# by ann' }]);
    await who.page.go(who.at('/account'));
    await who.press('Sign out');
    await who.arrived(/^[/]$/);
    for (const place of [/^[/]sign-in/, new RegExp(`^${TASK}$`)]) {
      await who.page.eval('void setTimeout(() => history.back())');
      await who.arrived(place);
      equal(await who.menu(), 'Tracks Playground Progress Manual Sign in', `the menu of ${place} after signing out`);
    }
    check(!(await who.text()).includes('by ann'), "ann's text is shown");
  });

  await test('a session that ends in mid-typing: the page says so, leads to the door, and the text is there afterwards', { errors: /401/ }, async () => {
    const s = await school(server), who = await (await person()).has(s.ann), learner = new Learner(who.page, who);
    await learner.open(TASK);
    await s.ann.ask('DELETE', '/sessions'); // at another machine
    await learner.write('main.py', '# typed on');
    await who.page.until(`/until you sign in again/.test(document.querySelector('.saved')?.textContent)`, 'that it is kept here only');
    await who.page.press(`document.querySelector('.saved a')`);
    await who.arrived(/^[/]sign-in/);
    await who.signIn('ann');
    await who.arrived(new RegExp(`^${TASK}$`));
    await learner.ready();
    await learner.saved(TASK, 'python', [{ name: 'main.py', text: '# typed on' }]);
  });

  await test('an account: its data in a file, a new password, then it is deleted', { errors: /40[0-9]/ }, async () => {
    const s = await school(server), ben = await (await person()).has(s.ben), id = await s.ben.handIn('lines');
    await ben.open('/account');
    const file = JSON.parse((await ben.download('Download')).text);
    check(JSON.stringify(file).includes('Benedikt Amsel') && JSON.stringify(file).includes('measure.py') && !JSON.stringify(file).includes('Lovelace'), 'the file does not hold his own, and only that');

    await ben.fill('Password so far', 'wrong horse battery');
    await ben.fill('New password', 'another horse battery');
    await ben.press('Set the password');
    await ben.says('The old password is wrong.');
    await ben.fill('Password so far', 'correct horse battery');
    await ben.press('Set the password');
    await ben.says('The password is set.');

    await ben.press('Delete the account');
    await ben.fill('Your name, to be sure', 'ben');
    await ben.fill('Password', 'correct horse battery'); // the one that was
    await ben.press('Delete my account');
    await ben.says('nothing was deleted');
    await ben.fill('Password', 'another horse battery');
    await ben.press('Delete my account');
    await ben.arrived(/^[/]$/);
    equal(await ben.menu(), 'Tracks Playground Progress Manual Sign in', 'the menu of nobody');
    await ben.open('/sign-in');
    await ben.signIn('ben', 'another horse battery');
    await ben.says('wrong');

    const tea = await (await person()).has(s.tea);
    await tea.open(`/teach/classes/${s.class}`);
    check(!(await tea.text()).includes('Amsel') && (await tea.text()).includes('Lovelace'), 'he is still in the class');
    equal(await tea.status(`/submissions/${id}`), 404, 'what is told of his work');
  });

  await test('the queue says what waits, and a phone shows it without moving the page', {}, async () => {
    const s = await school(server), id = await s.ann.handIn('lines'), root = await (await person()).has(s.root);
    await root.open('/admin', { width: 360, height: 800 });
    await root.says('messenger/lines, python');
    equal(await root.page.eval(inPage(tooWide)), '', 'the width of the page');
    await root.press('messenger/lines');
    await root.arrived(new RegExp(`^[/]submissions[/]${id}$`));
    await root.says('by Ann Lovelace');
  });

  // Every page that somebody who has signed in may see, with people and work in it.
  await test('pages behind sign-in: wide and narrow, light and dark, by Tab, for a screen reader', { args: JUDGING, errors: /403/ }, async () => {
    const s = await school(server);
    equal((await Promise.all([s.ann.handIn('lines').then(id => s.ann.judged(id)), s.ben.handIn('lines', MISTAKE).then(id => s.ben.judged(id))])).join(), 'passed,failed', 'the verdicts');
    const readers = { root: await (await person()).has(s.root), tea: await (await person()).has(s.tea), ann: await (await person()).has(s.ann), nobody: await person() };
    for (const kind of await behind(s)) {
      const who = readers[kind.who];
      for (const look of [{ width: 1280 }, { width: 1280, dark: true }, { width: 360 }, { width: 360, dark: true }]) {
        const where = `${kind.name} (${look.width} px, ${look.dark ? 'dark' : 'light'})`;
        await who.open(kind.place, { ...look, height: 800 });
        await who.page.eval(`document.querySelectorAll('main details').forEach(e => { e.open = true; })`);
        check((await who.text()).includes(kind.mark), `${where} does not say "${kind.mark}"`);
        equal(await who.page.eval('document.querySelectorAll("h1").length'), 1, `the number of h1 on ${where}`);
        equal(await who.page.eval(inPage(tooWide)), '', `the width of ${where}`);
        equal(await axe(who.page), '', `what axe finds on ${where}`);
        equal(await who.page.eval(`(ids => ids.filter((id, i) => ids.indexOf(id) !== i).join())([...document.querySelectorAll('[id]')].map(e => e.id))`), '', `what has an id twice on ${where}`);
        equal((await who.menu()).includes('Sign in'), kind.who === 'nobody', `whether the menu offers to sign in on ${where}`);
      }
      await who.open(kind.place, { width: 1280, height: 800 });
      const ends = [];
      for (let i = 0; i < 25; i++) {
        await who.tab();
        const now = await who.page.eval(inPage(focused));
        if (now.tag === 'BODY') break;
        check(now.shown && now.marked, `on ${kind.name} one does not see the focus on ${JSON.stringify(now)}`);
        ends.push(now.name);
      }
      check(ends.length > 5, `on ${kind.name} Tab leads to ${ends.join()} only`);
    }
  });

  await browser.close();
  suite.end();
}

main().catch(error => { console.log('FAIL browser: ' + error.stack.split('\n').slice(0, 3).join(' | ')); process.exit(1); });
