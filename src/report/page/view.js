// What is being looked at: which run, which stretch of it, which message, what is hidden. Every
// change goes through here, redraws once per frame, and is kept in the address.

const $ = id => document.getElementById(id);
const runs = [];
const state = { run: null, index: 0, from: 0, to: 1, chosen: -1, op: -1, hover: null, marks: null, hiddenTypes: new Set(), hiddenEnds: new Set(), find: '', found: null };
const painters = []; // draw all; called once per frame when something changed
const listeners = { choose: [], filter: [], run: [] };
const SPAN_MIN_NS = 50;

let due = 0;
function redraw() {
  if (!due) due = requestAnimationFrame(() => { due = 0; for (const paint of painters) paint(); });
}
const tell = what => { for (const listen of listeners[what]) listen(); redraw(); keepSoon(); };

function setView(from, to) {
  const { run } = state, margin = run.span * 0.02;
  let span = Math.min(Math.max(to - from, SPAN_MIN_NS), run.span + 2 * margin);
  from = Math.min(Math.max(from, -margin), run.span + margin - span);
  state.from = from; state.to = from + span;
  redraw(); keepSoon();
}

// Moves there smoothly, unless the reader asked for less motion.
let gliding = 0;
function glide(from, to) {
  cancelAnimationFrame(gliding);
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return setView(from, to);
  const begin = performance.now(), a = state.from, b = state.to;
  const step = now => {
    const share = Math.min(1, (now - begin) / 180), s = 1 - (1 - share) ** 3;
    // Widths change by factors, not by steps, so that zooming looks even.
    const width = Math.exp(Math.log(b - a) * (1 - s) + Math.log(Math.max(to - from, SPAN_MIN_NS)) * s);
    const centre = ((a + b) / 2) * (1 - s) + ((from + to) / 2) * s;
    setView(share < 1 ? centre - width / 2 : from, share < 1 ? centre + width / 2 : to);
    if (share < 1) gliding = requestAnimationFrame(step);
  };
  gliding = requestAnimationFrame(step);
}
function zoom(factor, at = (state.from + state.to) / 2, smooth = true) {
  (smooth ? glide : setView)(at - (at - state.from) * factor, at + (state.to - at) * factor);
}
const viewAll = () => glide(-state.run.span * 0.02, state.run.span * 1.02);
function viewWindow(move = glide) {
  const w = state.run.window;
  if (!w) return;
  const from = placeOf(state.run, w[0]), to = Math.max(placeOf(state.run, w[1]), from);
  const margin = Math.max((to - from) * 0.4, state.run.span * 0.004);
  move(from - margin, to + margin);
}

function isShown(k) {
  const { src, dest, type } = state.run.messages, { run } = state;
  return run.laneOf[src[k]] >= 0 && run.laneOf[dest[k]] >= 0 && !state.hiddenTypes.has(type[k]) &&
    !state.hiddenEnds.has(src[k]) && !state.hiddenEnds.has(dest[k]) && (!state.found || state.found[k] === 1);
}

function choose(k, follow = true) {
  state.chosen = k; state.op = -1;
  state.marks = k < 0 ? null : conesOf(state.run, k);
  if (k >= 0 && follow) bringIntoView(k);
  tell('choose');
}
function chooseOp(i) {
  state.chosen = -1; state.marks = null; state.op = i;
  tell('choose');
}
function bringIntoView(k) {
  const { ev, messages: m } = state.run, span = state.to - state.from;
  const a = ev.d[m.sent[k]], b = m.end[k] < 0 ? a : ev.d[m.end[k]];
  if (a >= state.from + span * 0.05 && b <= state.to - span * 0.05) return;
  if (b - a > span * 0.9) return glide(a - (b - a) * 0.2, b + (b - a) * 0.2);
  glide((a + b) / 2 - span / 2, (a + b) / 2 + span / 2);
}

// The next message that is shown, by order of sending; with none chosen, the first one in view.
function step(by) {
  const { run } = state;
  let k = state.chosen;
  if (k < 0) {
    const e = eventAt(run, state.from);
    k = lowerBound(run.messages.sent, e) - (by > 0 ? 1 : 0);
  }
  for (k += by; k >= 0 && k < run.count; k += by) if (isShown(k)) return choose(k);
  say(by > 0 ? 'This is the last message shown.' : 'This is the first message shown.');
}
function follow(by) {
  if (state.chosen < 0) return step(1);
  const next = by > 0 ? (state.run.effects.get(state.chosen) || []).find(isShown) : state.run.cause[state.chosen];
  if (next === undefined || next < 0) say(by > 0 ? 'Nothing was sent at once because of it.' : 'Nothing its sender had just heard led to it.');
  else choose(next);
}
const say = text => { $('said').textContent = text; };

// ---- the address ----

let keeping = 0;
function keepSoon() {
  clearTimeout(keeping);
  keeping = setTimeout(() => history.replaceState(null, '', '#' + hashOfView()), 250);
}
function hashOfView() {
  const parts = ['t=' + Math.round(state.from) + '-' + Math.round(state.to)], { run } = state;
  if (state.index) parts.push('run=' + state.index);
  if (state.chosen >= 0) parts.push('m=' + state.chosen);
  if (state.hiddenTypes.size) parts.push('notype=' + [...state.hiddenTypes].join('.'));
  if (state.hiddenEnds.size) parts.push('noend=' + [...state.hiddenEnds].join('.'));
  if (state.find) parts.push('find=' + encodeURIComponent(state.find));
  return parts.join('&').replace(/t=--?0-/, 't=0-');
}
function readHash() {
  const given = new URLSearchParams(location.hash.slice(1)), { run } = state;
  const list = (name, max) => new Set((given.get(name) || '').split('.').filter(x => /^\d+$/.test(x) && +x < max).map(Number));
  state.hiddenTypes = list('notype', run.types.length);
  state.hiddenEnds = list('noend', run.names.length);
  find(given.get('find') || '');
  const t = /^(-?\d+)-(-?\d+)$/.exec(given.get('t') || '');
  if (t) setView(+t[1], +t[2]);
  const k = parseInt(given.get('m'), 10);
  if (k >= 0 && k < run.count) choose(k, false);
  return t !== null;
}

function find(text) {
  const { run } = state;
  state.find = text; state.found = null;
  if (text) {
    bodyOf(run, 0);
    state.found = Uint8Array.from({ length: run.count }, (_, k) => (run.bodies[k] || '').includes(text) ? 1 : 0);
  }
}

function showRun(index) {
  const { run: before } = state;
  state.index = index; state.run = runs[index];
  Object.assign(state, { chosen: -1, op: -1, marks: null, hover: null, hiddenTypes: new Set(), hiddenEnds: new Set() });
  find('');
  setView(-state.run.span * 0.02, state.run.span * 1.02);
  if (!before && readHash()) { tell('run'); return tell('choose'); }
  const w = state.run.window;
  if (w && (w[1] - w[0]) * 2 < state.run.span && state.run.count > 400) viewWindow(setView);
  tell('run'); tell('choose');
}
