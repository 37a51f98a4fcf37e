// web_runs.js URL LIVE STOP-FILE FOLDER... - keeps LIVE submissions waiting or running at once, each watched over a stream of its own, until
// there is STOP-FILE; then it waits for what is still under way. FOLDERs are LANGUAGE=DIR with a right program for the track messenger.
// Prints a line of figures; exit status 1 if a submission had no verdict, another one than "passed", or a stream that did not say so.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const [url, live, stop, ...folders] = process.argv.slice(2);
const TASKS = ['lines', 'init', 'echo', 'errors', 'loop'];
const programs = folders.map(text => {
  const [language, folder] = text.split('=');
  return { language, files: fs.readdirSync(folder).map(name => ({ name, text: fs.readFileSync(path.join(folder, name), 'utf8') })) };
});

async function ask(place, more = {}) {
  const answer = await fetch(new URL(place, url), { ...more, headers: { 'X-Eddy': '1', 'Content-Type': 'application/json', ...more.headers } });
  if (!answer.ok) throw new Error(`${place}: ${answer.status} ${await answer.text()}`);
  return answer;
}

// The data of the last event of a stream, which must be "over"; a stream that breaks goes on where it was.
async function watch(place) {
  for (let last = '0'; ;) {
    const answer = await ask(place, { headers: { 'Last-Event-ID': last } });
    const decoder = new TextDecoder();
    let text = '';
    for await (const piece of answer.body) {
      text += decoder.decode(piece, { stream: true });
      for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
        const fields = Object.fromEntries(text.slice(0, end).split('\n').filter(line => !line.startsWith(':')).map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
        if (fields.id) last = fields.id;
        if (fields.event === 'over') return JSON.parse(fields.data);
      }
    }
    counts.resumed++;
  }
}

// Who submits all the time is held back (429): he comes back when he is told to.
async function patiently(place, more) {
  for (;;) {
    const answer = await fetch(new URL(place, url), { ...more, headers: { 'X-Eddy': '1', 'Content-Type': 'application/json' } });
    if (answer.status !== 429) {
      if (!answer.ok) throw new Error(`${place}: ${answer.status} ${await answer.text()}`);
      return answer;
    }
    await answer.text();
    await new Promise(done => setTimeout(done, 1000 * (Number(answer.headers.get('retry-after')) || 1)));
  }
}

const counts = { put: 0, passed: 0, wrong: 0, lost: 0, resumed: 0, wait_ms: [] };

async function one(n) {
  const { language, files } = programs[n % programs.length];
  const mark = { name: 'mark.txt', text: `${process.pid} ${n}` }; // or the program comes out of the cache
  const began = performance.now();
  const answer = await patiently('/api/v1/submissions', { method: 'POST', body: JSON.stringify({ track: 'messenger', task: TASKS[n % TASKS.length], language, kind: 'submit', files: [...files, mark] }) });
  const { id } = await answer.json();
  counts.put++;
  const over = await watch(`/api/v1/submissions/${id}/events`);
  const kept = await (await ask(`/api/v1/submissions/${id}`)).json();
  counts.wait_ms.push(performance.now() - began);
  if (over.verdict === 'passed' && kept.verdict === 'passed') counts.passed++;
  else {
    counts.wrong++;
    console.error(`submission ${id}: ${over.verdict}, ${kept.verdict}: ${kept.sentence}`);
  }
}

async function keepOne(first) {
  for (let n = first; !fs.existsSync(stop); n += Number(live))
    await one(n).catch(error => { counts.lost++; console.error(error.message); });
}

Promise.all(Array.from({ length: Number(live) }, (_, n) => keepOne(n))).then(() => {
  const sorted = counts.wait_ms.sort((a, b) => a - b), at = share => Math.round(sorted[Math.floor((sorted.length - 1) * share)]);
  console.log(`${counts.put} ${counts.passed} ${counts.wrong} ${counts.lost} ${counts.resumed} ${at(0.5)} ${at(0.99)}`);
  process.exit(counts.put > 0 && counts.passed === counts.put && counts.lost === 0 ? 0 : 1);
});
