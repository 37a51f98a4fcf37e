// A headless Chromium driven over its DevTools protocol: messages of JSON, each ended by a NUL,
// through the pipes 3 and 4 (--remote-debugging-pipe). No packages and no port.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const REPLY_MS = 60000; // far beyond what any step takes: only a hung browser gets there

class Browser {
  constructor(program) {
    this.profile = fs.mkdtempSync(path.join(os.tmpdir(), 'eddy-page-'));
    this.process = spawn(program, ['--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--no-first-run',
      '--disable-dev-shm-usage', '--remote-debugging-pipe', '--user-data-dir=' + this.profile, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.next = 1;
    this.waiting = new Map();
    this.handlers = [];
    let rest = Buffer.alloc(0);
    this.process.stdio[4].on('data', data => {
      rest = Buffer.concat([rest, data]);
      for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) this.take(JSON.parse(rest.subarray(0, end).toString()));
    });
    const gone = why => { for (const { reject } of this.waiting.values()) reject(new Error(why)); this.waiting.clear(); this.isGone = why; };
    this.process.on('error', error => gone('the browser cannot be started: ' + error.message));
    this.process.on('exit', code => gone('the browser ended with status ' + code));
    this.process.stdio[3].on('error', () => {});
  }

  take(message) {
    const waiting = this.waiting.get(message.id);
    if (waiting) {
      this.waiting.delete(message.id);
      clearTimeout(waiting.timer);
      if (message.error) waiting.reject(new Error(waiting.method + ': ' + message.error.message)); else waiting.resolve(message.result);
    } else if (message.method) for (const handle of this.handlers) handle(message);
  }

  send(method, params = {}, sessionId) {
    if (this.isGone) return Promise.reject(new Error(this.isGone));
    return new Promise((resolve, reject) => {
      const id = this.next++;
      const timer = setTimeout(() => { this.waiting.delete(id); reject(new Error(method + ': no reply')); }, REPLY_MS);
      this.waiting.set(id, { resolve, reject, method, timer });
      this.process.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + '\0');
    });
  }

  async page() {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    return new Page(this, sessionId, targetId).begin();
  }

  async close() {
    const ended = new Promise(resolve => this.process.on('exit', resolve));
    this.send('Browser.close').catch(() => {});
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 5000);
    if (!this.isGone) await ended;
    clearTimeout(timer);
    fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

class Page {
  constructor(browser, session, target) {
    Object.assign(this, { browser, session, target, errors: [], requests: [] });
  }
  send(method, params) { return this.browser.send(method, params, this.session); }

  async begin() {
    this.browser.handlers.push(message => {
      if (message.sessionId !== this.session) return;
      const { method, params } = message;
      if (method === 'Runtime.exceptionThrown') this.errors.push(params.exceptionDetails.exception?.description || params.exceptionDetails.text);
      if (method === 'Runtime.consoleAPICalled' && params.type === 'error') this.errors.push(JSON.stringify(params.args));
      if (method === 'Log.entryAdded' && params.entry.level === 'error') this.errors.push(params.entry.text);
      if (method === 'Network.requestWillBeSent') this.requests.push(params.request.url);
      if (method === 'Page.loadEventFired') this.loaded?.();
    });
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.send(domain + '.enable');
    return this;
  }
  async open(file, { width = 1400, height = 900, dark = false, hash = '', scale = 1, still = true } = {}) {
    this.errors.length = this.requests.length = 0;
    await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: scale, mobile: false });
    await this.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }, { name: 'prefers-reduced-motion', value: still ? 'reduce' : 'no-preference' }] });
    await this.go('about:blank'); // or a new hash alone would not load the page again
    const begin = process.hrtime.bigint();
    await this.go('file://' + path.resolve(file) + hash);
    await this.frame();
    return Number(process.hrtime.bigint() - begin) / 1e6;
  }
  async go(url) {
    const loaded = new Promise(resolve => { this.loaded = resolve; });
    await this.send('Page.navigate', { url });
    await loaded;
  }
  // The value of an expression in the page; promises are waited for.
  async eval(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description || exceptionDetails.text);
    return result.value;
  }
  // Two frames later all that was asked for is drawn.
  frame() { return this.eval('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))'); }
  async key(key, { shift = false } = {}) {
    const common = { key, modifiers: shift ? 8 : 0, ...(key === 'Enter' ? { code: 'Enter', windowsVirtualKeyCode: 13 } : {}) };
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...common, ...(key.length === 1 ? { text: key } : {}) });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...common });
    await this.frame();
  }
  async mouse(type, x, y, more = {}) { await this.send('Input.dispatchMouseEvent', { type, x, y, ...more }); }
  async click(x, y) {
    await this.mouse('mouseMoved', x, y);
    await this.mouse('mousePressed', x, y, { button: 'left', clickCount: 1 });
    await this.mouse('mouseReleased', x, y, { button: 'left', clickCount: 1 });
    await this.frame();
  }
  async picture(file, whole = false) {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: whole });
    fs.writeFileSync(file, Buffer.from(data, 'base64'));
  }
}

module.exports = { Browser };
