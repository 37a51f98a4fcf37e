// `eddy serve` on a free port and a database of its own, and a line to it that can be cut.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { spoil } = require('./spoil.js');

const TOP = path.resolve(__dirname, '../..');

class Server {
  // The folder with the database is kept until remove(), so that what was stopped can be started again.
  constructor({ args = [] } = {}) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'eddy-browser-'));
    this.args = args;
    this.listen = '127.0.0.1:0';
  }
  async start() {
    const env = this.env = { ...process.env, EDDY_STATE: path.join(this.folder, 'state'), EDDY_HOME: process.env.EDDY_HOME || TOP };
    for (const name of ['EDDY_DB', 'DISPLAY', 'WAYLAND_DISPLAY']) delete env[name];
    this.log = fs.openSync(path.join(this.folder, 'log'), 'a');
    this.process = spawn(process.env.EDDY || path.join(TOP, 'build/eddy'), ['serve', '--listen', this.listen, ...this.args], { env, stdio: ['ignore', 'pipe', this.log] });
    this.ended = new Promise(resolve => this.process.on('exit', (status, signal) => resolve(signal || status)));
    this.url = await new Promise((resolve, reject) => {
      readline.createInterface({ input: this.process.stdout }).once('line', resolve);
      this.process.on('error', reject);
      this.ended.then(how => reject(new Error(`eddy serve ended (${how}): ${this.said()}`)));
    });
    this.listen = new URL(this.url).host; // the same again after a restart
    if (process.env.SPOIL) this.url = await spoil(this.url, JSON.parse(process.env.SPOIL));
    return this;
  }
  said() { return fs.readFileSync(path.join(this.folder, 'log'), 'utf8').split('\n').slice(-8).join(' | '); }
  async stop(signal = 'SIGTERM') {
    if (!this.process) return undefined;
    this.process.kill(signal);
    const how = await this.ended;
    fs.closeSync(this.log);
    this.process = null;
    return how;
  }
  async remove() {
    await this.stop();
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
  async json(place) {
    const answer = await fetch(new URL(place, this.url));
    if (!answer.ok) throw new Error(`${place}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}

// A wire between browser and server: cut() breaks what is connected and lets nothing through, mend() ends that. let(count, words):
// of each answer from then on so many events with these words come through, and the rest waits; release() ends that.
class Wire {
  constructor(server) { Object.assign(this, { server, sockets: new Set(), isCut: false, refused: 0, limit: null, held: [] }); }
  start() {
    this.proxy = net.createServer(near => {
      if (this.isCut) { this.refused++; near.on('error', () => {}); near.destroy(); return; }
      const { hostname, port } = new URL(this.server.url);
      const far = net.connect(Number(port), hostname);
      for (const [a, b] of [[near, far], [far, near]]) {
        this.sockets.add(a);
        if (a === near || !this.limit) a.pipe(b); else this.pass(a, b, { ...this.limit });
        a.on('error', () => {});
        a.on('close', () => { this.sockets.delete(a); b.destroy(); });
      }
    });
    return new Promise(resolve => this.proxy.listen(0, '127.0.0.1', () => { this.url = `http://127.0.0.1:${this.proxy.address().port}/`; resolve(this); }));
  }
  let(count, words) { this.limit = { count, words }; }
  release() {
    this.limit = null;
    for (const go of this.held.splice(0)) go();
  }
  // What a piece brings goes on up to the end (an empty line) of the last event that may.
  pass(from, to, { count, words }) {
    let recent = '', isIn = false, rest = null;
    from.on('data', piece => {
      for (let i = 0; i < piece.length && !rest; i++) {
        recent = (recent + String.fromCharCode(piece[i])).slice(-words.length);
        if (recent === words) isIn = true;
        if (!isIn || !recent.endsWith('\n\n')) continue;
        isIn = false;
        if (--count > 0) continue;
        to.write(piece.subarray(0, i + 1));
        rest = [piece.subarray(i + 1)];
        this.held.push(() => { for (const one of rest) to.write(one); from.removeAllListeners('data'); from.pipe(to); });
        return;
      }
      if (rest) rest.push(piece); else to.write(piece);
    });
  }
  cut() { this.isCut = true; this.held = []; for (const socket of this.sockets) socket.destroy(); }
  mend() { this.isCut = false; }
  close() { this.cut(); this.proxy.close(); }
}

module.exports = { Server, Wire, TOP };
