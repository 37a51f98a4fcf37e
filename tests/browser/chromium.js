// A headless Chromium driven over its DevTools protocol: messages of JSON, each ended by a NUL,
// through the pipes 3 and 4 (--remote-debugging-pipe). No packages and no port. What a test waits for is
// a condition (until); the deadlines only tell a hung browser from a slow one.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const REPLY_MS = 600000; // far beyond what any step takes: only a hung browser gets there
const PATIENCE_MS = Number(process.env.PATIENCE_MS) || 600000; // for a condition
const LOOK_AGAIN_MS = 25;

// How Chromium names keys that are no letters.
const KEYS = { Enter: 13, Tab: 9, Escape: 27, Backspace: 8, Home: 36, End: 35, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40 };
const MODIFIERS = { alt: 1, ctrl: 2, meta: 4, shift: 8 };

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

  // apart: with cookies and a memory of its own, as somebody else's browser has them; context: those of another page.
  async page({ apart = false, context } = {}) {
    const own = apart ? (await this.send('Target.createBrowserContext')).browserContextId : context;
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank', ...(own && { browserContextId: own }) });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    return new Page(this, sessionId, targetId, own).begin();
  }

  async close() {
    const ended = new Promise(resolve => this.process.on('exit', resolve));
    this.send('Browser.close').catch(() => {});
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 5000);
    if (!this.isGone) await ended;
    clearTimeout(timer);
    fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 30 }); // its helpers may still be writing there
  }
}

class Page {
  constructor(browser, session, target, context) {
    Object.assign(this, { browser, session, target, context, errors: [], requests: [], bytes: new Map(), scripts: true, frames: new Map() });
  }
  send(method, params) { return this.browser.send(method, params, this.session); }

  async begin() {
    this.browser.handlers.push(message => {
      if (message.sessionId !== this.session) return;
      const { method, params } = message;
      if (method === 'Runtime.exceptionThrown') this.errors.push(params.exceptionDetails.exception?.description || params.exceptionDetails.text);
      if (method === 'Runtime.consoleAPICalled' && params.type === 'error') this.errors.push(JSON.stringify(params.args));
      if (method === 'Log.entryAdded' && params.entry.level === 'error') this.errors.push(params.entry.text);
      if (method === 'Network.requestWillBeSent') this.sent(params.requestId, params.request.url);
      if (method === 'Network.loadingFinished') this.bytes.set(params.requestId, { ...this.bytes.get(params.requestId), count: params.encodedDataLength });
      if (method === 'Page.javascriptDialogOpening') this.send('Page.handleJavaScriptDialog', { accept: true }).catch(() => {});
      if (method === 'Page.loadEventFired') this.loaded?.();
      if (method === 'Target.attachedToTarget') this.frames.set(params.sessionId, params.targetInfo.targetId);
      if (method === 'Target.detachedFromTarget') this.frames.delete(params.sessionId);
    });
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.send(domain + '.enable');
    await this.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true });
    return this;
  }
  sent(id, url) {
    this.requests.push(url);
    this.bytes.set(id, { url, count: 0 });
  }
  async look({ width = 1400, height = 900, dark = false, scale = 1, still = true, media = 'screen', scripts = true } = {}) {
    await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: scale, mobile: false });
    await this.send('Emulation.setEmulatedMedia', { media, features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }, { name: 'prefers-reduced-motion', value: still ? 'reduce' : 'no-preference' }] });
    await this.send('Emulation.setScriptExecutionDisabled', { value: !scripts });
    this.scripts = scripts;
  }
  // An address, or a file's name; options as look() has them. The time until it is drawn, in ms.
  async open(target, { hash = '', ...look } = {}) {
    await this.look(look);
    await this.go('about:blank'); // or a new hash alone would not load the page again
    this.errors.length = this.requests.length = 0;
    this.bytes.clear();
    const begin = process.hrtime.bigint();
    await this.go((/^https?:/.test(target) ? target : 'file://' + path.resolve(target)) + hash);
    await this.settled();
    return Number(process.hrtime.bigint() - begin) / 1e6;
  }
  async go(url) {
    const loaded = new Promise(resolve => { this.loaded = resolve; });
    const { errorText } = await this.send('Page.navigate', { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await loaded;
  }
  // Asks again until the expression holds; between two pages nothing holds.
  until(expression, what = expression) { return this.wait(() => this.eval(`(found => found instanceof Node || found)(${expression})`), what); }
  async wait(ask, what, patience_ms = PATIENCE_MS) {
    for (const end = Date.now() + patience_ms; ;) {
      const value = await ask().catch(error => { if (this.browser.isGone || /SyntaxError/.test(error.message)) throw error; });
      if (value) return value;
      if (Date.now() > end) throw new Error(`this never came: ${what}; at the end there was: ${await this.eval('(document.querySelector(".worked") || document.querySelector("main") || document.body).innerText.slice(-500)').catch(e => e.message)}`);
      await new Promise(done => setTimeout(done, LOOK_AGAIN_MS));
    }
  }
  // The value of an expression in the page; promises are waited for.
  async eval(expression) {
    return this.valueOf(await this.send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true }));
  }
  // The same in the page of an <iframe>, which has a process of its own if it is sandboxed; its address has these words.
  async evalInFrame(words, expression) {
    const { frameTree } = await this.send('Page.getFrameTree');
    const own = (frameTree.childFrames || []).map(child => child.frame).find(frame => frame.url.includes(words));
    if (own) {
      const { executionContextId } = await this.send('Page.createIsolatedWorld', { frameId: own.id });
      return this.valueOf(await this.send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true, contextId: executionContextId }));
    }
    for (const session of this.frames.keys()) {
      const ask = code => this.browser.send('Runtime.evaluate', { expression: code, returnByValue: true, awaitPromise: true }, session);
      if (this.valueOf(await ask('location.href')).includes(words)) return this.valueOf(await ask(expression));
    }
    throw new Error(`there is no frame of ${words}`);
  }
  valueOf({ result, exceptionDetails }) {
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description || exceptionDetails.text);
    return result.value;
  }
  // Two frames later all that was asked for is drawn.
  frame() { return this.eval('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))'); }
  async key(key, modifiers = {}) {
    const code = KEYS[key], text = key === 'Enter' ? '\r' : key.length === 1 ? key : undefined;
    const common = { key, modifiers: Object.keys(modifiers).reduce((sum, name) => sum + (modifiers[name] ? MODIFIERS[name] : 0), 0),
      ...(code && { code: key, windowsVirtualKeyCode: code }), ...(/^[a-z0-9 ]$/i.test(key) && { windowsVirtualKeyCode: key.toUpperCase().charCodeAt(0) }) };
    await this.send('Input.dispatchKeyEvent', { type: text && !modifiers.ctrl ? 'keyDown' : 'rawKeyDown', ...common, ...(modifiers.ctrl ? {} : { text }) });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...common });
    await this.settled();
  }
  // A key may lead to another page; then there is no frame of this one to wait for.
  async settled() { if (this.scripts) await this.frame().catch(error => { if (this.browser.isGone) throw error; }); }
  type(text) { return this.send('Input.insertText', { text }); }
  async mouse(type, x, y, more = {}) { await this.send('Input.dispatchMouseEvent', { type, x, y, ...more }); }
  async click(x, y) {
    await this.mouse('mouseMoved', x, y);
    await this.mouse('mousePressed', x, y, { button: 'left', clickCount: 1 });
    await this.mouse('mouseReleased', x, y, { button: 'left', clickCount: 1 });
    await this.settled();
  }
  // Clicks what an expression finds, where a reader would: when it is there, to be seen, not disabled, and stands still.
  async press(expression, what = expression) {
    let last = '';
    const place = await this.wait(async () => {
      const at = await this.eval(`(() => {
        const e = ${expression};
        if (!e || e.disabled || !e.checkVisibility({ visibilityProperty: true })) return null;
        e.scrollIntoView({ block: 'nearest', behavior: 'instant' });
        const b = e.getBoundingClientRect(), x = b.left + b.width / 2, y = b.top + b.height / 2, top = document.elementFromPoint(x, y);
        return top && (e.contains(top) || top.contains(e)) ? [x, y] : null;
      })()`), was = last;
      last = JSON.stringify(at);
      return at && was === last && at;
    }, what + ' to click');
    await this.click(...place);
  }
  // What is on the screen; with height_max the page from its top to there or to its end.
  async picture(file, height_max = 0) {
    const clip = height_max && { x: 0, y: 0, scale: 1, ...await this.eval(`({ width: innerWidth, height: Math.min(${height_max}, document.documentElement.scrollHeight) })`) };
    const { data } = await this.send('Page.captureScreenshot', { format: 'png', ...(clip && { clip, captureBeyondViewport: true }) });
    fs.writeFileSync(file, Buffer.from(data, 'base64'));
  }
}

module.exports = { Browser };
