// Somebody at the task page: chooses a language, writes, runs, submits, and reads what came of it.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { TOP } = require('./server.js');

const button = words => `[...document.querySelectorAll('main button')].find(e => e.textContent.trim() === ${JSON.stringify(words)})`;

// A right program for the track messenger; spoil = [FILE, FROM, TO] makes it a wrong one.
function program(language, spoil) {
  const folder = path.join(TOP, 'tests/kits/messenger', language);
  return fs.readdirSync(folder).map(name => {
    const text = fs.readFileSync(path.join(folder, name), 'utf8');
    if (!spoil || spoil[0] !== name) return { name, text };
    if (!text.includes(spoil[1])) throw new Error(`${name} has no "${spoil[1]}"`);
    return { name, text: text.replace(spoil[1], spoil[2]) };
  });
}

class Learner {
  constructor(page, server, url = () => server.url) { Object.assign(this, { page, server, url }); }

  async open(place, look) {
    this.place = place;
    await this.page.open(new URL(place, this.url()).href, look);
    await this.ready();
  }
  async reload() {
    await this.page.go(new URL(this.place, this.url()).href);
    await this.ready();
  }
  ready() { return this.page.until(`document.querySelector('[data-island=editor] .cm-content') && !document.querySelector('.opening')`, 'the editor'); }

  async language(name) {
    await this.page.eval(`(() => { const e = document.querySelector('select[aria-label=Language]'); e.value = ${JSON.stringify(name)}; e.dispatchEvent(new Event('change', { bubbles: true })); })()`);
    await this.page.until(`document.querySelector('select[aria-label=Language]')?.value === ${JSON.stringify(name)} && document.querySelector('.cm-content')`, `the editor for ${name}`);
  }
  async openFile(name) {
    await this.page.send('Page.bringToFront'); // a tab behind another one draws nothing
    const tab = `document.querySelector('[role=tab][data-name=${JSON.stringify(name)}]')`;
    if (!await this.page.eval(`!!${tab}`)) {
      await this.page.press(`document.querySelector('button.add')`);
      await this.page.until(`document.querySelector('dialog[open] input')`);
      await this.page.type(name);
      await this.page.key('Enter');
    } else await this.page.press(tab);
    await this.page.until(`${tab}?.getAttribute('aria-selected') === 'true' && document.querySelector('.cm-content') && !document.querySelector('dialog[open]')`, `${name} in the editor`);
  }
  // Types over all that the file has.
  async write(name, text) {
    await this.openFile(name);
    await this.page.eval(`document.querySelector('.pane .cm-content').focus()`);
    await this.page.key('a', { ctrl: true });
    await this.page.key('Backspace');
    await this.page.type(text);
  }
  async writeAll(files) { for (const { name, text } of files) await this.write(name, text); }

  // What the server keeps of it; it is asked until it has these files.
  async saved(place, language, files) {
    const [, , track, task] = place.split('/');
    const same = draft => files.every(file => draft.files.find(kept => kept.name === file.name)?.text === file.text);
    let draft = null;
    await this.page.wait(async () => same(draft = await this.server.json(`/api/v1/drafts/${track}/${task}/${language}`)), `the draft on the server (${language})`)
      .catch(error => { throw new Error(`${error.message}; it has ${JSON.stringify(draft)?.slice(0, 300)}`); });
    return draft;
  }

  run() { return this.page.press(button('Run')); }
  submit() { return this.page.press(button('Submit')); }
  // Handed in, and the page knows.
  waiting() { return this.page.until(`/Waiting/.test(document.querySelector('.going .head p')?.textContent)`, 'that it waits'); }
  async verdict() {
    const title = await this.page.until(`!document.querySelector('.going') && document.querySelector('.verdict h3')?.textContent`, 'a verdict');
    return { title, sentence: await this.page.eval(`document.querySelector('.over .sentence')?.textContent || ''`) };
  }
}

module.exports = { Learner, program, button };
