// People at a server with accounts: by its API, where a test only needs them to be there, or in a browser with the keyboard alone.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { program } = require('./learner.js');

const PASSWORD = 'correct horse battery';
const MISTAKE = ['measure.py', 'len(value)  # Python', 'len(value.encode())  # Python'];

// What the server told whoever started it: how the first admin gets in.
const firstInvitation = server => fs.readFileSync(path.join(server.folder, 'log'), 'utf8').match(/https?:\/\/[^/\s]+(\/sign-up\?invitation=\S+)/)[1];

class Account {
  constructor(server, name) { Object.assign(this, { server, name, session: '' }); }
  async ask(method, place, body) {
    const answer = await fetch(new URL('/api/v1' + place, this.server.url), {
      method, body: body && JSON.stringify(body),
      headers: { 'X-Eddy': '1', Cookie: `eddy_session=${this.session}`, ...(body && { 'Content-Type': 'application/json' }) },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${this.name}: ${method} ${place}: ${answer.status} ${text.slice(0, 300)}`);
    for (const cookie of answer.headers.getSetCookie()) this.session = /^eddy_session=([^;]*)/.exec(cookie)?.[1] ?? this.session;
    return text && JSON.parse(text);
  }
  async signUp(fullName, invitation) {
    const { id } = await this.ask('POST', '/users', { name: this.name, full_name: fullName, password: PASSWORD, invitation: new URL(invitation, this.server.url).searchParams.get('invitation') });
    return Object.assign(this, { id, fullName });
  }
  handIn(task, spoil = null, kind = 'submit') {
    return this.ask('POST', '/submissions', { track: 'messenger', task, language: 'python', kind, files: program('python', spoil) }).then(({ id }) => id);
  }
  async judged(id) {
    for (;;) {
      const { state, verdict } = await this.ask('GET', `/submissions/${id}`);
      if (!['queued', 'running'].includes(state)) return verdict;
      await new Promise(done => setTimeout(done, 50));
    }
  }
}

// An admin, a teacher with a class and an assignment, and its learners: {root, tea, class, assignment, NAME: learner...}.
async function school(server, learners = { ann: 'Ann Lovelace', ben: 'Benedikt Amsel' }) {
  const person = name => new Account(server, name);
  const root = await person('root').signUp('Rita Reiter', firstInvitation(server));
  const tea = await person('tea').signUp('Thea Achterberg', (await root.ask('POST', '/invitations', { role: 'teacher' })).path);
  const { id } = await tea.ask('POST', '/classes', { title: 'Distributed systems, autumn' });
  const { path: link } = await tea.ask('POST', '/invitations', { class: id, uses: 40 });
  const all = {};
  for (const [name, fullName] of Object.entries(learners)) all[name] = await person(name).signUp(fullName, link);
  const assignment = await tea.ask('POST', `/classes/${id}/assignments`, {
    title: 'Week 1', due_ms: Date.now() + 7 * 86400000, attempts_max: 3, tasks: ['lines', 'init', 'echo'].map(task => ({ track: 'messenger', task })),
  });
  return { root, tea, class: id, assignment: assignment.id, ...all };
}

const visible = 'e.checkVisibility({ visibilityProperty: true })';
const TEXT = `const words = e => (e?.textContent || '').replace(/ [(]optional[)]$/, '').trim()`;

// Somebody at a page, without a mouse: goes by Tab to what has these words, as they are read.
class Person {
  constructor(page, server) { Object.assign(this, { page, server }); }
  get url() { return this.server.url; }
  at(place) { return new URL(place, this.server.url).href; }
  open(place, look) { return this.page.open(this.at(place), look); }
  async has(account) { await this.page.send('Network.setCookie', { name: 'eddy_session', value: account.session, url: this.server.url, httpOnly: true }); return this; }
  text() { return this.page.eval(`document.querySelector('main').innerText`); }
  says(words) { return this.page.until(`document.querySelector('main')?.innerText.includes(${JSON.stringify(words)})`, `the words "${words}"`); }
  // On the page of this address, all there.
  arrived(pattern) { return this.page.until(`${pattern}.test(location.pathname + location.search) && document.readyState === 'complete' && document.querySelector('main')`, `the page ${pattern}`); }
  menu() { return this.page.eval(`[...document.querySelectorAll('.menu a')].map(e => e.textContent).join(' ')`); }
  // What the server says to this browser, whoever it is signed in as: a status, or what is JSON.
  status(place) { return this.page.eval(`fetch(${JSON.stringify(place)}, { redirect: 'manual' }).then(r => r.status)`); }
  json(place) { return this.page.eval(`fetch(${JSON.stringify(place)}).then(r => r.json())`); }

  async tab() {
    await this.page.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 });
    await this.page.send('Input.dispatchKeyEvent', { type: 'keyUp', key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 });
  }
  async reach(expression, what) {
    await this.page.send('Page.bringToFront');
    await this.page.until(`(() => { ${TEXT}; return ${expression}; })()`, what);
    for (let i = 0; i < 200; i++) {
      if (await this.page.eval(`(() => { ${TEXT}; return document.activeElement === ${expression}; })()`)) return;
      await this.tab();
    }
    throw new Error(`Tab does not lead to ${what} on ${await this.page.eval('location.pathname')}`);
  }
  control(label) { return `[...document.querySelectorAll('main label')].find(e => words(e) === ${JSON.stringify(label)} && ${visible})?.control`; }
  async fill(label, text) {
    await this.reach(this.control(label), `the field "${label}"`);
    await this.page.key('a', { ctrl: true });
    await this.page.type(text);
  }
  // The parts of a date are typed as the machine's language has them, so this field alone is filled in for the reader.
  async setTime(label, ms) {
    await this.reach(this.control(label), `the field "${label}"`);
    await this.page.eval(`(() => { const t = new Date(${ms}); document.activeElement.value = new Date(t - t.getTimezoneOffset() * 60000).toISOString().slice(0, 16); })()`);
  }
  // A button, a link or a fold, in main unless another place is said.
  async press(words, place = 'main') {
    await this.reach(`[...document.querySelectorAll(${JSON.stringify(`${place} :is(button, a, summary)`)})].find(e => words(e) === ${JSON.stringify(words)} && ${visible})`, `"${words}"`);
    await this.page.key('Enter');
  }
  async tick(label) {
    await this.reach(this.control(label), `the box "${label}"`);
    await this.page.key(' ');
  }
  // A link that is shown once; its path.
  async shown() { return new URL(await this.page.until(`document.querySelector('.told input')?.value`, 'a link to hand on')).href.replace(/^https?:\/\/[^/]+/, ''); }

  async signUp(place, name, fullName) {
    await this.open(place);
    await this.fill('Name', name);
    await this.fill('Full name', fullName);
    await this.fill('Password', PASSWORD);
    await this.press('Sign up');
    await this.page.until(`location.pathname !== '/sign-up' && document.readyState === 'complete' && [...document.querySelectorAll('.menu a')].some(e => e.textContent === 'Account')`, `${name} in the menu`);
  }
  async signIn(name, password = PASSWORD) {
    await this.fill('Name', name);
    await this.fill('Password', password);
    await this.press('Sign in');
  }
  // What a link with "download" brings: the file's text.
  async download(words) {
    const folder = fs.mkdtempSync(path.join(this.server.folder, 'download-'));
    await this.page.browser.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder, ...(this.page.context && { browserContextId: this.page.context }) });
    await this.press(words);
    const name = await this.page.wait(async () => fs.readdirSync(folder).find(file => !/[.]crdownload$|^[.]/.test(file)), `the file of "${words}"`);
    return { name, text: fs.readFileSync(path.join(folder, name), 'utf8') };
  }
}

module.exports = { Account, Person, school, firstInvitation, PASSWORD, MISTAKE };
