// Waits in the ways that Node.js programs wait, and says how long each took.
const { Worker, isMainThread, parentPort } = require('worker_threads');
const { execFile, execFileSync, spawn } = require('child_process');
const timers = require('timers/promises');
const crypto = require('crypto');

async function took(name, wait) {
  const start = process.hrtime.bigint();
  await wait();
  console.log(name, Number((process.hrtime.bigint() - start) / 1000000n), 'ms');
}

async function main() {
  await took('setTimeout', () => new Promise((done) => setTimeout(done, 25)));
  await took('promise', () => timers.setTimeout(40));
  await took('three intervals', async () => {
    let n = 0;
    for await (const _ of timers.setInterval(30)) if (++n === 3) break;
  });
  await took('immediate', () => timers.setImmediate());
  await took('race', () => Promise.race([timers.setTimeout(900), timers.setTimeout(55)]));
  await took('Atomics.wait', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 65));
  await took('worker', () => new Promise((done) => {
    const worker = new Worker(__filename);
    worker.on('message', () => worker.terminate().then(done));
  }));
  await took('execFile', () => new Promise((done) => execFile('sleep', ['0.2'], done)));
  await took('execFileSync', () => execFileSync('sleep', ['0.3']));
  const child = spawn('cat');
  await took('cat', () => new Promise((done) => {
    child.stdout.on('data', done);
    setTimeout(() => child.stdin.write('x'), 75);
  }));
  child.kill();
  console.log('clocks', Math.abs(Date.now() - performance.timeOrigin - performance.now()) < 2);
  console.log('~', Math.random(), crypto.randomUUID(), Date.now(), process.hrtime.bigint());
}

if (isMainThread) main();
else setTimeout(() => parentPort.postMessage('x'), 100);
