// One run as the page sees it: the columns that page_data.h describes, and what follows from them.
//
// Events that happen at one instant (in virtual time a node answers in no time at all) would all
// lie on one pixel, whatever the zoom. So each event has a place in "display time" besides its
// time: never less than its time, and always after the event before it. Texts show times; only
// positions use display time. Causes thus always stand to the left of their effects.

const SEND = 0, RECV = 1, DROP = 2;
const CLIENT = 0, NODE = 1, SERVICE = 2;
const PROMPT_NS = 1e6; // what a node sends this soon after hearing something counts as due to it

function readRun(dataText, bodiesText) {
  const run = JSON.parse(dataText);
  run.bodiesText = bodiesText;
  run.roles = run.names.map((name, i) =>
    i < run.node_count ? NODE : /^c\d+$/.test(name) ? CLIENT : SERVICE);
  readEvents(run);
  readCauses(run);
  readOperations(run);
  readLanes(run);
  readTypes(run);
  readOutages(run);
  return run;
}

function readEvents(run) {
  const { of, dt, why } = run.events, n = of.length, count = run.messages.src.length;
  const m = run.messages;
  run.count = count;
  m.src = Int32Array.from(m.src); m.dest = Int32Array.from(m.dest); m.type = Int32Array.from(m.type);
  const ev = run.ev = { kind: new Uint8Array(n), of: new Int32Array(n), t: new Float64Array(n), d: new Float64Array(n), length: n };
  m.sent = new Int32Array(count); m.end = new Int32Array(count).fill(-1); m.lost = new Int32Array(count).fill(-1);
  run.again = []; // arrivals of messages that had arrived before
  const least = 1e6; // a run that ended at once still has room to be drawn in
  const hair = Math.min(20000, Math.max(run.end, least) / (8 * n + 1));
  let t = 0, d = 0, next = 0, losses = 0;
  run.flight = 0; // the longest way of a message, in display time
  for (let i = 0; i < n; i++) {
    t += dt[i];
    d = Math.max(t, d + hair);
    ev.t[i] = t; ev.d[i] = d;
    const k = of[i] === 0 ? next++ : Math.abs(of[i]) - 1;
    ev.of[i] = k;
    if (of[i] === 0) { m.sent[k] = i; continue; }
    ev.kind[i] = of[i] > 0 ? RECV : DROP;
    if (of[i] < 0) m.lost[k] = why[losses++];
    if (m.end[k] < 0) m.end[k] = i; else run.again.push(i);
    run.flight = Math.max(run.flight, d - ev.d[m.sent[k]]);
  }
  run.events = null;
  run.span = Math.max(run.end, d, least);
}

// The first event at or after a place in display time, and the same for time.
const eventAt = (run, d) => lowerBound(run.ev.d, d);
function lowerBound(column, value) {
  let low = 0, high = column.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (column[mid] < value) low = mid + 1; else high = mid;
  }
  return low;
}

// Where a moment lies that is no event of a message: after the last event before it.
function placeOf(run, t) {
  const i = lowerBound(run.ev.t, t);
  return i > 0 ? Math.max(t, run.ev.d[i - 1]) : t;
}

function readCauses(run) {
  const { ev, messages: m } = run;
  const heard = new Int32Array(run.names.length).fill(-1); // event of each endpoint's last arrival
  run.cause = new Int32Array(run.count).fill(-1); // the message its sender had just heard
  run.effects = new Map();
  for (let i = 0; i < ev.length; i++) {
    const k = ev.of[i];
    if (ev.kind[i] === RECV) heard[m.dest[k]] = i;
    if (ev.kind[i] !== SEND || heard[m.src[k]] < 0 || run.roles[m.src[k]] === CLIENT) continue;
    const before = heard[m.src[k]];
    if (ev.t[i] - ev.t[before] > PROMPT_NS) continue;
    run.cause[k] = ev.of[before];
    const list = run.effects.get(ev.of[before]);
    if (list) list.push(k); else run.effects.set(ev.of[before], [k]);
  }
}

const isSetup = (run, k) => /^init(_ok)?$/.test(run.types[run.messages.type[k]]) &&
  (run.roles[run.messages.src[k]] === CLIENT || run.roles[run.messages.dest[k]] === CLIENT);

// Which client carried out a process: the one that most often sent something to the operation's
// node at just the moment at which the operation began.
function clientsOfProcesses(run, starts) {
  const { ev, messages: m, ops } = run, votes = new Map();
  for (let i = 0; i < starts.length; i++) {
    for (let e = lowerBound(ev.t, starts[i]); e < ev.length && ev.t[e] === starts[i]; e++) {
      const k = ev.of[e];
      if (ev.kind[e] !== SEND || run.roles[m.src[k]] !== CLIENT || m.dest[k] !== ops.node[i]) continue;
      if (!votes.has(ops.process[i])) votes.set(ops.process[i], new Map());
      const of = votes.get(ops.process[i]);
      of.set(m.src[k], (of.get(m.src[k]) || 0) + 1);
    }
  }
  const clients = new Map();
  for (const [process, of] of votes)
    clients.set(process, [...of].reduce((best, vote) => vote[1] > best[1] ? vote : best)[0]);
  return clients;
}

function readOperations(run) {
  const { ops, ev, messages: m } = run, n = ops.t.length;
  let t = 0;
  ops.start = Float64Array.from(ops.t, dt => t += dt);
  ops.end = Float64Array.from(ops.dt, (dt, i) => dt < 0 ? run.end : ops.start[i] + dt);
  ops.length = n;
  const clients = clientsOfProcesses(run, ops.start);
  ops.client = ops.process.map(p => clients.has(p) ? clients.get(p) : -1);
  ops.from = new Float64Array(n); ops.to = new Float64Array(n);
  run.opOf = new Int32Array(run.count).fill(-1);
  const byClient = new Map();
  for (let i = 0; i < ev.length; i++) {
    const k = ev.of[i], at = ev.kind[i] === SEND ? m.src[k] : m.dest[k];
    if (run.roles[at] !== CLIENT || ev.kind[i] === DROP) continue;
    if (!byClient.has(at)) byClient.set(at, []);
    byClient.get(at).push(i);
  }
  const next = new Map();
  for (let i = 0; i < n; i++) {
    const own = byClient.get(ops.client[i]) || [];
    let at = next.get(ops.client[i]) || 0, first = -1, last = -1;
    while (at < own.length && ev.t[own[at]] < ops.start[i]) at++;
    for (; at < own.length && ev.t[own[at]] <= ops.end[i]; at++) {
      const e = own[at];
      // The next operation may begin at the very moment at which this one ends.
      if (last >= 0 && ev.kind[e] === SEND && ev.t[e] === ops.end[i] && ev.kind[last] === RECV && ops.outcome[i] !== 2) break;
      if (first < 0) first = e;
      last = e;
      if (run.opOf[ev.of[e]] < 0) run.opOf[ev.of[e]] = i;
    }
    next.set(ops.client[i], at);
    ops.from[i] = first < 0 ? placeOf(run, ops.start[i]) : ev.d[first];
    ops.to[i] = last < 0 || ops.dt[i] < 0 || ev.t[last] < ops.end[i] ? placeOf(run, ops.end[i]) : ev.d[last];
  }
}

// The operations that checkers gave as evidence: objects in their details with a process and a time.
function evidenceOf(run) {
  const { ops } = run, wanted = new Set(), found = new Set();
  const collect = value => {
    if (value === null || typeof value !== 'object' || value['valid?'] === true) return;
    if (Number.isInteger(value.process)) wanted.add(value.process + ' ' + (value.invoked ?? value.time));
    Object.values(value).forEach(collect);
  };
  if (run.results?.['valid?'] === false) collect(run.results.workload);
  if (wanted.size) for (let i = 0; i < ops.length; i++)
    if (wanted.has(ops.process[i] + ' ' + ops.start[i]) || wanted.has(ops.process[i] + ' ' + ops.end[i])) found.add(i);
  return found;
}

// Lanes from top to bottom: nodes, services, clients; of these first the ones with evidence. Endpoints
// that only took part in setting the nodes up have none, clients that carried out no operation share
// one, and a process whose client is unknown has one of its own.
function readLanes(run) {
  const { messages: m, ops } = run, busy = new Set();
  for (let k = 0; k < run.count; k++)
    if (!isSetup(run, k)) { busy.add(m.src[k]); busy.add(m.dest[k]); }
  for (const c of ops.client) busy.add(c);
  run.lanes = [];
  run.laneOf = new Int32Array(run.names.length).fill(-1);
  const number = e => +run.names[e].slice(1);
  const ends = role => run.names.map((_, e) => e).filter(e => run.roles[e] === role && (role === NODE || busy.has(e)));
  for (const role of [NODE, SERVICE])
    for (const e of ends(role)) run.lanes.push({ name: run.names[e], end: e, role, ops: [] });
  const working = new Set(ops.client), ofProcess = new Map(), lanes = [];
  run.evidence = evidenceOf(run);
  const telling = new Set([...run.evidence].map(i => ops.client[i] < 0 ? 'p' + ops.process[i] : ops.client[i]));
  for (const e of ends(CLIENT).sort((a, b) => number(a) - number(b)))
    if (working.has(e)) lanes.push({ name: run.names[e], key: e, end: e, role: CLIENT, ops: [] });
  for (let i = 0; i < ops.length; i++)
    if (ops.client[i] < 0 && !ofProcess.has(ops.process[i])) {
      const lane = { name: 'process ' + ops.process[i], key: 'p' + ops.process[i], end: -1, role: CLIENT, ops: [] };
      ofProcess.set(ops.process[i], lane);
      lanes.push(lane);
    }
  run.lanes.push(...lanes.filter(l => telling.has(l.key)), ...lanes.filter(l => !telling.has(l.key)));
  const others = ends(CLIENT).filter(e => !working.has(e));
  for (const e of others) run.laneOf[e] = run.lanes.length;
  if (others.length) run.lanes.push({ name: others.length > 1 ? others.length + ' others' : run.names[others[0]], end: others.length > 1 ? -1 : others[0], role: CLIENT, ops: [] });
  run.lanes.forEach((lane, i) => { if (lane.end >= 0) run.laneOf[lane.end] = i; });
  for (let i = 0; i < ops.length; i++) {
    const lane = ops.client[i] < 0 ? ofProcess.get(ops.process[i]) : run.lanes[run.laneOf[ops.client[i]]];
    lane.ops.push(i);
  }
  for (const lane of run.lanes) lane.froms = Float64Array.from(lane.ops, i => ops.from[i]);
}

// A request and its answers share a colour; the commonest families get the clearest ones.
function readTypes(run) {
  const counts = new Array(run.types.length).fill(0), families = new Map();
  for (let k = 0; k < run.count; k++) if (!isSetup(run, k)) counts[run.messages.type[k]]++;
  run.typeInfo = run.types.map((name, i) => {
    const base = name.replace(/_(ok|reply|response)$/, '');
    families.set(base, (families.get(base) || 0) + counts[i]);
    return { name, base, count: counts[i], answer: base !== name };
  });
  const order = [...families].filter(([base]) => base !== 'error').sort((a, b) => b[1] - a[1]).map(([base]) => base);
  for (const type of run.typeInfo)
    type.colour = type.base === 'error' ? 'error' : order.indexOf(type.base) < 7 ? order.indexOf(type.base) : 7;
}

// When a node was down or stopped, from the records of its process.
function readOutages(run) {
  const open = new Map();
  run.outages = [];
  run.logs = run.records.filter(r => r[2] === 'l');
  run.logTimes = run.logs.map(r => r[1]);
  for (const [, t, kind, of, text] of run.records) {
    if (kind !== 'n') continue;
    const before = open.get(of);
    if (/^(kill|exit|pause)$/.test(text)) {
      if (!before) open.set(of, { of, from: placeOf(run, t), to: run.span, t, paused: text === 'pause' });
    } else if (before) {
      before.to = placeOf(run, t);
      open.delete(of);
      run.outages.push(before);
    }
  }
  run.outages.push(...open.values());
}

// The body of a message: its text, and how long it was if this is not all of it.
function bodyOf(run, k) {
  if (!run.bodies) run.bodies = run.bodiesText.split('\n');
  const line = run.bodies[k] || '';
  const cut = /^~(\d+) /.exec(line);
  return cut ? { text: line.slice(cut[0].length), whole: +cut[1] } : { text: line, whole: 0 };
}
function parsedBody(run, k) {
  try { return JSON.parse(bodyOf(run, k).text); } catch { return null; }
}

// Texts of programs under test: what could hide or turn text around is shown as its code.
const visible = text => String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g,
  c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));

function timeText(ns, digits = 4) {
  if (ns === 0) return '0 s';
  const [unit, name] = Math.abs(ns) >= 1e9 ? [1e9, 's'] : Math.abs(ns) >= 1e6 ? [1e6, 'ms'] : Math.abs(ns) >= 1e3 ? [1e3, 'µs'] : [1, 'ns'];
  return String(+(ns / unit).toPrecision(Math.max(digits, String(Math.trunc(Math.abs(ns / unit))).length))) + ' ' + name;
}
// A moment of the run: always in seconds, so that two can be compared; ms from six digits on.
const momentText = ns => (ns / 1e9).toFixed(6).replace(/(\d{3})$/, ' $1').replace(/ 000$/, '') + ' s';
const countText = n => n.toLocaleString('en');
