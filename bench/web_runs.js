// web_runs.js URL PEOPLE STOP ROUNDS FOLDER... - each of PEOPLE (a file of web_people.js) has one submission waiting or running at a time,
// watches it over a stream that is open to its end, and then hands in the next one; until there is the file STOP, or ROUNDS times
// (0: no end but that). Then waits for what is still under way. FOLDERs are LANGUAGE=DIR with a right program for the track messenger.
// Says on stderr what went wrong, and "judging" when the second one was over. Prints a line of figures, as NAMES below.
// Exit status 1 unless each submission is there and passed, and each stream told every step once, in order, and the end.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { open, ask, sure, later } = require('./web_client.js');

const [url, people, stop, rounds, ...folders] = process.argv.slice(2);
const NAMES = ['put', 'passed', 'wrong', 'lost', 'whole', 'broken', 'resumed', 'events', 'first_50', 'over_50', 'over_99'];
const TASKS = ['lines', 'init', 'echo', 'errors', 'loop'];
const counts = Object.fromEntries(NAMES.map(name => [name, 0]));
const first_ms = [], over_ms = [];
const programs = folders.map(text => {
  const [language, folder] = text.split('=');
  return { language, files: fs.readdirSync(folder).map(name => ({ name, text: fs.readFileSync(path.join(folder, name), 'utf8') })) };
});

function complain(sentence) {
  console.error(sentence);
}

// An event as {id, event, data}; comments have none of these.
function eventOf(block) {
  const lines = block.split('\n').filter(line => !line.startsWith(':'));
  return Object.fromEntries(lines.map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}

async function* eventsOf(answer) {
  let text = '';
  answer.setEncoding('utf8');
  for await (const piece of answer) {
    text += piece;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) yield eventOf(text.slice(0, end));
  }
}

// The last event's data. Steps are numbered from 1 without gaps, and the end has the number behind them. A stream that is cut off is
// taken up again where it was, as a browser does.
async function watch(place, who, began) {
  let last = 0, right = true, cut = 0;
  for (;;) {
    const answer = await open(url, 'GET', place, { who, headers: { 'Last-Event-ID': String(last) } });
    if (answer.statusCode !== 200) throw new Error(`${place}: ${answer.statusCode}`);
    try {
      for await (const e of eventsOf(answer)) {
        if (last === 0 && e.event === 'step') first_ms.push(performance.now() - began);
        if (e.id !== undefined) {
          if (Number(e.id) !== last + 1) complain(`${place}: event ${e.id} after ${last}`);
          right &&= Number(e.id) === last + 1;
          last = Number(e.id);
          counts.events++;
        }
        if (e.event !== 'over') continue;
        if (right && last > 1) counts.whole++;
        else counts.broken++;
        return JSON.parse(e.data);
      }
    } catch (error) {
      complain(`${place}: ${error.message}`);
    }
    counts.resumed++;
    if (++cut > 100) throw new Error(`${place}: no end after ${cut} streams`);
    await later(100);
  }
}

// Who submits all the time is held back (429): he comes back when he is told to.
async function handIn(body, who) {
  for (;;) {
    const answer = await ask(url, 'POST', '/api/v1/submissions', { who, body });
    if (answer.status === 202) return answer.body.id;
    if (answer.status !== 429) throw new Error(`handing in: ${answer.status} ${answer.body && answer.body.detail}`);
    await later(1000 * (Number(answer.headers['retry-after']) || 1));
  }
}

async function one(who, n) {
  const { language, files } = programs[n % programs.length];
  const mark = { name: 'mark.txt', text: `${process.pid} ${n}` }; // or the program comes out of the cache
  const began = performance.now();
  const id = await handIn({ track: 'messenger', task: TASKS[n % TASKS.length], language, kind: 'submit', files: [...files, mark] }, who);
  counts.put++;
  const over = await watch(`/api/v1/submissions/${id}/events`, who, began);
  over_ms.push(performance.now() - began);
  const kept = (await sure(url, 'GET', `/api/v1/submissions/${id}`, { who })).body;
  if (over.verdict === 'passed' && kept.verdict === 'passed') counts.passed++;
  else {
    counts.wrong++;
    complain(`submission ${id}: ${over.verdict}, ${kept.verdict}: ${kept.sentence}`);
  }
  if (over_ms.length === 2) complain('judging');
}

// His list must have as many as he handed in.
async function lead(who, number, all) {
  let put = 0;
  for (let n = number; (rounds === '0' || put < Number(rounds)) && !fs.existsSync(stop); n += all, put++)
    await one(who, n).catch(error => { counts.lost++; complain(error.message); });
  const { submissions } = (await sure(url, 'GET', '/api/v1/submissions', { who })).body;
  if (submissions.length !== Math.min(put, 200) || submissions.some(s => s.verdict !== 'passed')) {
    counts.lost++;
    complain(`${who.address} handed in ${put} and has ${submissions.length}: ${submissions.map(s => s.verdict)}`);
  }
}

const who = fs.readFileSync(people, 'utf8').trim().split('\n').map(line => ({ cookie: line.split(' ')[0], address: line.split(' ')[1] }));
Promise.all(who.map((one, n) => lead(one, n, who.length))).then(() => {
  const at = (list, share) => Math.round(list.sort((a, b) => a - b)[Math.floor((list.length - 1) * share)]);
  Object.assign(counts, { first_50: at(first_ms, 0.5), over_50: at(over_ms, 0.5), over_99: at(over_ms, 0.99) });
  console.log(NAMES.map(name => counts[name]).join(' '));
  process.exit(counts.put > 0 && counts.passed === counts.put && counts.whole === counts.put && counts.lost === 0 ? 0 : 1);
}, error => { complain(error.message); process.exit(1); });
