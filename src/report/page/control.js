// Pointer, wheel and keys; and the start of it all.

function nearest(x, y, within = 7) {
  let best = null, least = within;
  for (const a of arrows) {
    const dx = a.x2 - a.x1, dy = a.y2 - a.y1, length = dx * dx + dy * dy;
    const share = length ? Math.max(0, Math.min(1, ((x - a.x1) * dx + (y - a.y1) * dy) / length)) : 0;
    const bow = Math.abs(dy) < 1 ? 26 * 2 * share * (1 - share) : 0; // a message to itself
    const away = Math.hypot(x - a.x1 - share * dx, y - a.y1 - share * dy + bow) - (state.marks && state.marks[a.k] ? 1.5 : 0);
    if (away < least) { least = away; best = a.k; }
  }
  return best;
}
function barAt(x, y) {
  const { run } = state, lane = run.lanes[Math.floor((y + $('scroller').scrollTop - TOP) / geometry.gap)];
  if (!lane || Math.abs(y - laneY(run.lanes.indexOf(lane))) > 9) return -1;
  const canvas = $('diagram'), d = timeAt(canvas, x), slack = (state.to - state.from) / canvas.clientWidth * 4;
  for (let at = Math.min(lane.ops.length, lowerBound(lane.froms, d + slack)) - 1; at >= 0 && at > lane.ops.length - 1e6; at--) {
    const o = lane.ops[at];
    if (run.ops.to[o] >= d - slack) return o;
    break;
  }
  return -1;
}

function hoverText(x, y) {
  const { run } = state, { messages: m, ev } = run, k = state.hover;
  if (k !== null) return [`${nameOf(m.src[k])} → ${nameOf(m.dest[k])}  ${visible(run.types[m.type[k]])}`, `sent at ${momentText(ev.t[m.sent[k]])}, ${fateOf(k)}`, visible(pretty(bodyOf(run, k)).slice(0, 900))];
  const o = barAt(x, y);
  if (o >= 0) return [opText(o), `process ${run.ops.process[o]}, ${['ok', 'fail', 'info: unknown whether it happened'][run.ops.outcome[o]]}`, `${momentText(run.ops.start[o])}` + (run.ops.dt[o] < 0 ? ', never completed' : `, took ${timeText(run.ops.dt[o])}`)];
  const near = (state.to - state.from) / $('diagram').clientWidth * 4, d = timeAt($('diagram'), x);
  const lane = run.lanes[Math.floor((y + $('scroller').scrollTop - TOP) / geometry.gap)];
  const log = lane && run.logs.slice(lowerBound(run.logTimes, d - near - run.span * 0.26)).find(r => r[3] === lane.end && Math.abs(placeOf(run, r[1]) - d) < near);
  if (log) return [`log of ${nameOf(log[3])} at ${momentText(log[1])}`, visible(log[4])];
  const fault = y < TOP && run.faults.find(f => placeOf(run, f[0]) <= d && placeOf(run, f[1]) >= d);
  if (fault) return [visible(fault[2]), visible(fault[3]), `from ${momentText(fault[0])} to ${momentText(fault[1])}`];
  return null;
}
function showTip(event, x, y) {
  const tip = $('tip'), lines = hoverText(x, y);
  tip.hidden = !lines;
  if (!lines) return;
  tip.replaceChildren(...lines.map((line, i) => el(i ? (line.includes('\n') || line.startsWith('{') ? 'pre' : 'p') : 'b', {}, line)));
  const wide = tip.offsetWidth, high = tip.offsetHeight;
  tip.style.left = Math.max(4, Math.min(innerWidth - wide - 8, event.clientX + 14)) + 'px';
  tip.style.top = (event.clientY + 18 + high > innerHeight ? Math.max(4, event.clientY - high - 12) : event.clientY + 18) + 'px';
}

function watchDiagram() {
  const canvas = $('diagram'), touches = new Map();
  let drag = null, pinch = null;
  const place = event => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  canvas.addEventListener('pointerdown', event => {
    touches.set(event.pointerId, place(event));
    canvas.setPointerCapture(event.pointerId);
    drag = { x: event.clientX, y: event.clientY, from: state.from, to: state.to, scroll: $('scroller').scrollTop, moved: false };
    if (touches.size === 2) { const [a, b] = [...touches.values()]; pinch = { wide: Math.max(10, Math.abs(a[0] - b[0])), at: timeAt(canvas, (a[0] + b[0]) / 2), from: state.from, to: state.to }; }
  });
  canvas.addEventListener('pointermove', event => {
    const [x, y] = place(event);
    if (touches.has(event.pointerId)) touches.set(event.pointerId, [x, y]);
    if (pinch && touches.size === 2) {
      const [a, b] = [...touches.values()], factor = pinch.wide / Math.max(10, Math.abs(a[0] - b[0]));
      drag.moved = true;
      setView(pinch.at - (pinch.at - pinch.from) * factor, pinch.at + (pinch.to - pinch.at) * factor);
    } else if (drag && touches.size) {
      const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
      if (Math.hypot(dx, dy) > 4) drag.moved = true;
      if (!drag.moved) return;
      canvas.classList.add('grabbing');
      const shift = dx / (canvas.clientWidth - GUTTER) * (drag.to - drag.from);
      setView(drag.from - shift, drag.to - shift);
      $('scroller').scrollTop = drag.scroll - dy;
    } else {
      const before = state.hover;
      state.hover = nearest(x, y);
      canvas.style.cursor = state.hover !== null || barAt(x, y) >= 0 ? 'pointer' : '';
      if (before !== state.hover) redraw();
      showTip(event, x, y);
    }
  });
  const up = event => {
    const [x, y] = place(event);
    if (event.type === 'pointerup' && drag && !drag.moved && touches.size === 1) {
      const k = nearest(x, y, event.pointerType === 'touch' ? 16 : 7), o = k === null ? barAt(x, y) : -1;
      o >= 0 ? chooseOp(o) : choose(k === null ? -1 : k, false);
    }
    touches.delete(event.pointerId);
    if (touches.size < 2) pinch = null;
    if (!touches.size) { drag = null; canvas.classList.remove('grabbing'); }
  };
  canvas.addEventListener('pointerup', up);
  canvas.addEventListener('pointercancel', up);
  canvas.addEventListener('pointerleave', () => { $('tip').hidden = true; if (state.hover !== null) { state.hover = null; redraw(); } });
  canvas.addEventListener('dblclick', event => zoom(0.4, timeAt(canvas, place(event)[0])));
  // A plain wheel scrolls the page, as everywhere, until the diagram has been clicked.
  canvas.addEventListener('wheel', event => {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
    if (sideways) {
      const shift = (event.deltaX || event.deltaY) / canvas.clientWidth * (state.to - state.from);
      setView(state.from + shift, state.to + shift);
    } else if (event.ctrlKey || event.metaKey || document.activeElement === canvas)
      zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY * (event.deltaMode ? 20 : 1))) * (event.ctrlKey ? 0.01 : 0.004)), timeAt(canvas, place(event)[0]), false);
    else return;
    event.preventDefault();
  }, { passive: false });
  $('scroller').addEventListener('scroll', redraw);
}

// In the strip: drag the frame, an edge of it, or the ground for a new one.
function watchOverview() {
  const canvas = $('overview');
  let drag = null;
  const at = event => Math.max(0, (event.clientX - canvas.getBoundingClientRect().left - GUTTER) / (canvas.clientWidth - GUTTER) * state.run.span);
  canvas.addEventListener('pointerdown', event => {
    const d = at(event), edge = state.run.span / canvas.clientWidth * 6;
    canvas.setPointerCapture(event.pointerId);
    const what = Math.abs(d - state.from) < edge ? 'from' : Math.abs(d - state.to) < edge ? 'to' : d > state.from && d < state.to && state.to - state.from < state.run.span * 0.98 ? 'move' : 'new';
    drag = { what, d, from: state.from, to: state.to, moved: false };
  });
  canvas.addEventListener('pointermove', event => {
    if (!drag) return;
    const d = at(event), shift = d - drag.d;
    if (Math.abs(shift) > state.run.span / canvas.clientWidth * 3) drag.moved = true;
    if (!drag.moved) return;
    if (drag.what === 'move') setView(drag.from + shift, drag.to + shift);
    else if (drag.what === 'from') setView(Math.min(d, drag.to - SPAN_MIN_NS), drag.to);
    else if (drag.what === 'to') setView(drag.from, Math.max(d, drag.from + SPAN_MIN_NS));
    else setView(Math.min(d, drag.d), Math.max(d, drag.d));
  });
  canvas.addEventListener('pointerup', () => {
    if (drag && !drag.moved) { const half = (state.to - state.from) / 2; glide(drag.d - half, drag.d + half); }
    drag = null;
  });
}

const actions = {
  previous: () => step(-1), next: () => step(1), in: () => zoom(0.5), out: () => zoom(2), all: viewAll, window: () => viewWindow(),
  help: () => $('help').showModal(), left: () => pan(-0.25), right: () => pan(0.25), forward: () => follow(1), back: () => follow(-1),
  find: () => { $('find').focus(); $('find').select(); }, clear: () => choose(-1),
};
const pan = share => glide(state.from + share * (state.to - state.from), state.to + share * (state.to - state.from));
const keys = { j: 'next', k: 'previous', '+': 'in', '=': 'in', '-': 'out', _: 'out', Home: 'all', 0: 'all', f: 'window', '?': 'help', ArrowLeft: 'left', ArrowRight: 'right', '/': 'find', Escape: 'clear' };

function onKey(event) {
  const within = event.target, inDiagram = within === $('diagram');
  if (event.ctrlKey || event.altKey || event.metaKey || $('help').open || within.matches?.('input, textarea, select')) return;
  let action = keys[event.key];
  if (inDiagram && event.key === 'ArrowDown') action = 'next';
  if (inDiagram && event.key === 'ArrowUp') action = 'previous';
  if (event.key === 'Enter' && (inDiagram || within === document.body)) action = event.shiftKey ? 'back' : 'forward';
  if (event.key.startsWith('Arrow') && within.matches?.('.scroll, pre, code')) return;
  if (!action) return;
  event.preventDefault();
  actions[action]();
}

function start() {
  const texts = document.querySelectorAll('script.run'), bodies = document.querySelectorAll('script.bodies');
  texts.forEach((text, i) => runs.push(readRun(text.textContent, bodies[i].textContent)));
  readInk();
  painters.push(drawOverview, drawDiagram, drawLatency, drawRate);
  watchDiagram();
  watchOverview();
  document.addEventListener('keydown', onKey);
  document.querySelectorAll('[data-do]').forEach(button => button.addEventListener('click', () => actions[button.dataset.do]()));
  $('table').querySelector('details').addEventListener('toggle', showTable);
  $('copy').addEventListener('click', () => {
    navigator.clipboard?.writeText($('command').textContent).then(() => { $('copy').textContent = 'Copied'; }, () => getSelection().selectAllChildren($('command')));
  });
  addEventListener('resize', () => { strip = null; layOut(); redraw(); });
  addEventListener('hashchange', () => { readHash(); showFilters(); tell('choose'); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readInk(); showFilters(); showDetails(); redraw(); });
  showRun(0);
  document.documentElement.dataset.ready = Math.round(performance.now());
}
start();
