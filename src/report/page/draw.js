// The space-time diagram and the strip above it.
//
// Level of detail: as long as the arrows in view can be told apart they are drawn, with heads and
// labels while there is room. Beyond ARROWS_MAX, or two for each pixel, each lane shows columns
// instead, which count what that participant sent, stacked by type. Either way a frame costs one
// pass over what is in view.

const GUTTER = 84, TOP = 46, ARROWS_MAX = 2600, HEADS_MAX = 900, LABELS_MAX = 90, COLUMN_PX = 3;
const LANE_MIN = 24, LANE_MAX = 58;
let ink = {};

function readInk() {
  const style = getComputedStyle(document.documentElement), get = name => style.getPropertyValue('--' + name).trim();
  ink = { text: get('ink'), dim: get('dim'), faint: get('faint'), line: get('line'), ground: get('ground'), bad: get('bad'), ok: get('ok'), okInk: get('ok-ink'), info: get('info'), fault: get('fault'), faultInk: get('fault-ink'), accent: get('accent'), type: [] };
  for (let i = 0; i < 8; i++) ink.type.push(get('type' + i));
  ink.font = getComputedStyle(document.body).fontFamily;
}
const colourOf = type => type.colour === 'error' ? ink.bad : ink.type[type.colour];

// Sizes a canvas to its box in device pixels; false while it has none.
function prepare(canvas, height) {
  const width = canvas.clientWidth, ratio = devicePixelRatio || 1;
  if (!width) return null;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
    canvas.style.height = height + 'px';
  }
  const c = canvas.getContext('2d');
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, width, height);
  c.font = '12px ' + ink.font; c.textBaseline = 'middle'; c.lineWidth = 1; c.globalAlpha = 1; c.setLineDash([]);
  return { c, width, height, x: d => GUTTER + (d - state.from) / (state.to - state.from) * (width - GUTTER) };
}
const timeAt = (canvas, x) => state.from + (x - GUTTER) / (canvas.clientWidth - GUTTER) * (state.to - state.from);

const geometry = { gap: LANE_MAX, height: 300, content: 300 };
function layOut() {
  const { lanes } = state.run, room = Math.max(220, Math.min(innerHeight * 0.62, 620));
  geometry.gap = Math.max(LANE_MIN, Math.min(LANE_MAX, (room - TOP - 10) / Math.max(1, lanes.length)));
  geometry.content = TOP + lanes.length * geometry.gap + 10;
  geometry.height = Math.round(Math.min(geometry.content, room));
  $('scroller').style.height = geometry.height + 'px';
  $('spacer').style.height = Math.max(0, geometry.content - geometry.height) + 'px';
}
const laneY = i => TOP + (i + 0.5) * geometry.gap - $('scroller').scrollTop;

function niceStep(span, most) {
  const raw = span / most, ten = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map(f => f * ten).find(s => s >= raw);
}
function drawAxis(g, top, bottom, labels) {
  const { c, width, x } = g, step = Math.max(1, niceStep(state.to - state.from, (width - GUTTER) / 110));
  const decimals = Math.max(0, Math.min(9, 9 - Math.floor(Math.log10(step))));
  c.strokeStyle = ink.line; c.fillStyle = ink.dim; c.textAlign = 'center';
  c.beginPath();
  for (let t = Math.max(0, Math.ceil(state.from / step) * step); t <= Math.min(state.to, state.run.span); t += step) {
    const at = Math.round(x(t)) + 0.5;
    c.moveTo(at, top); c.lineTo(at, bottom);
    if (labels) c.fillText((t / 1e9).toFixed(decimals) + ' s', Math.max(at, GUTTER + 18), 12);
  }
  c.stroke();
}

const shortened = (c, text, room) => {
  if (c.measureText(text).width <= room) return text;
  while (text.length > 1 && c.measureText(text + '…').width > room) text = text.slice(0, Math.floor(text.length * 0.85));
  return text.length > 1 ? text + '…' : '';
};

function drawFaults(g, top, named) {
  const { c, width, height, x } = g, ends = [];
  for (const [from, to, kind, text] of state.run.faults) {
    const a = Math.max(GUTTER, x(placeOf(state.run, from))), b = Math.min(width, x(placeOf(state.run, to)));
    if (b < GUTTER || a > width) continue;
    c.fillStyle = ink.fault; c.globalAlpha = 0.13;
    c.fillRect(a, top, Math.max(b - a, 1.5), height - top);
    c.globalAlpha = 1;
    if (!named) continue;
    c.fillRect(a, top, Math.max(b - a, 1.5), 2);
    let row = ends.findIndex(end => end < a);
    if (row < 0) row = ends.length < 2 ? ends.length : -1;
    if (row < 0 || b - a < 24) continue;
    ends[row] = b;
    c.fillStyle = ink.faultInk; c.textAlign = 'left'; c.font = '11px ' + ink.font;
    c.fillText(shortened(c, visible(text ? kind + ': ' + text : kind), b - a - 8), a + 4, top + 9 + row * 13);
  }
  c.font = '12px ' + ink.font;
}
function drawWindow(g, top, named) {
  const { c, width, height, x } = g, w = state.run.window;
  if (!w) return;
  const a = x(placeOf(state.run, w[0])) - 4, b = x(placeOf(state.run, w[1])) + 4;
  if (b < GUTTER || a > width) return;
  c.save();
  c.beginPath(); c.rect(GUTTER, 0, width - GUTTER, height); c.clip();
  c.strokeStyle = ink.bad; c.lineWidth = 1.5; c.setLineDash([6, 4]);
  c.strokeRect(a, top + 1, b - a, height - top - 2);
  c.restore();
  if (!named) return;
  c.fillStyle = ink.bad; c.textAlign = 'left'; c.font = '600 11px ' + ink.font;
  c.fillText('where it went wrong', Math.max(a, GUTTER) + 6, height - 9);
}

function drawLanes(g) {
  const { c, width, height, x } = g, { run } = state;
  run.lanes.forEach((lane, i) => {
    const y = Math.round(laneY(i)) + 0.5;
    if (y < TOP - 20 || y > height + 20) return;
    c.strokeStyle = lane.role === NODE ? ink.dim : ink.faint;
    c.globalAlpha = state.hiddenEnds.has(lane.end) ? 0.25 : 1;
    c.beginPath(); c.moveTo(GUTTER, y); c.lineTo(width, y); c.stroke();
  });
  c.globalAlpha = 1;
  for (const o of run.outages) {
    const y = laneY(run.laneOf[o.of]), a = Math.max(GUTTER, x(o.from)), b = Math.min(width, x(o.to));
    if (b <= a || y < TOP) continue;
    c.fillStyle = ink.ground; c.fillRect(a, y - 2, b - a, 5);
    c.strokeStyle = ink.bad; c.setLineDash([2, 4]); c.beginPath(); c.moveTo(a, y + 0.5); c.lineTo(b, y + 0.5); c.stroke(); c.setLineDash([]);
    c.fillStyle = ink.bad; c.textAlign = 'left'; c.font = '11px ' + ink.font;
    if (b - a > 30) c.fillText(o.paused ? 'paused' : 'down', a + 3, y - 8);
  }
  c.font = '12px ' + ink.font;
}
function drawNames(g) {
  const { c, height } = g;
  c.fillStyle = ink.ground; c.fillRect(0, 0, GUTTER - 1, height);
  c.textAlign = 'right';
  state.run.lanes.forEach((lane, i) => {
    const y = laneY(i);
    if (y < TOP - 4 || y > height + 10) return;
    c.fillStyle = lane.role === NODE ? ink.text : ink.dim;
    c.font = (lane.role === NODE ? '600 ' : '') + '12px ' + ink.font;
    c.fillText(shortened(c, visible(lane.name), GUTTER - 14), GUTTER - 10, y);
  });
  c.font = '12px ' + ink.font;
}

function drawOperations(g) {
  const { c, width, height, x } = g, { run } = state, { ops } = run, high = Math.min(16, geometry.gap - 8);
  state.run.lanes.forEach((lane, i) => {
    const y = laneY(i);
    if (!lane.ops.length || y < TOP - 10 || y > height + 10) return;
    let drawnTo = -1;
    for (let at = Math.max(0, lowerBound(lane.froms, state.from) - 1); at < lane.ops.length; at++) {
      const o = lane.ops[at], a = Math.max(GUTTER - 4, x(ops.from[o])), b = Math.min(width + 4, Math.max(x(ops.to[o]), x(ops.from[o]) + 3));
      if (a > width) break;
      if (b < GUTTER || (b <= drawnTo + 0.5 && !run.evidence.has(o))) continue;
      drawnTo = b;
      drawBar(c, o, a, b, y - high / 2, high);
    }
  });
}
function drawBar(c, o, a, b, y, high) {
  const { ops } = state.run, outcome = ops.outcome[o], wide = b - a;
  c.globalAlpha = state.marks ? (operationOf(state.run, state.chosen) === o ? 1 : 0.5) : 1;
  c.beginPath(); c.roundRect(a, y, wide, high, Math.min(4, wide / 2));
  c.fillStyle = ink.ground; c.fill();
  if (outcome === 0) { c.fillStyle = ink.ok; c.fill(); }
  else {
    c.strokeStyle = outcome === 1 ? ink.bad : ink.info; c.lineWidth = 1.3;
    if (outcome === 2) c.setLineDash([3, 2]);
    c.stroke(); c.setLineDash([]);
  }
  if (state.run.evidence.has(o)) { c.strokeStyle = ink.bad; c.lineWidth = 2.5; c.setLineDash([]); c.stroke(); }
  if (state.op === o) { c.strokeStyle = ink.accent; c.lineWidth = 2.5; c.stroke(); }
  c.lineWidth = 1;
  if (wide > 34) {
    c.fillStyle = outcome === 0 ? ink.okInk : outcome === 1 ? ink.bad : ink.info; c.textAlign = 'left'; c.font = '11px ' + ink.font;
    c.fillText(shortened(c, opText(o), wide - 10), a + 5, y + high / 2 + 0.5);
  }
  c.globalAlpha = 1;
}
function opText(o) {
  const { ops, fs } = state.run;
  const value = ops.value[o] === 'null' ? '' : ' ' + ops.value[o];
  return visible(fs[ops.f[o]] + value + (ops.result[o] ? ' → ' + ops.result[o] : ''));
}

// Messages that cross the view and are not hidden, and how many more than limit there are.
function inView(limit) {
  const { run } = state, { ev, messages: m } = run, found = [];
  let count = 0;
  for (let k = lowerBound(m.sent, eventAt(run, state.from - run.flight)); k < run.count && ev.d[m.sent[k]] <= state.to; k++) {
    if (m.end[k] >= 0 && ev.d[m.end[k]] < state.from) continue;
    if (!isShown(k)) continue;
    if (++count <= limit) found.push(k);
  }
  return { found, count };
}

function threadInView() {
  const { run, marks } = state, found = [];
  if (marks) for (let k = 0; k < run.count && found.length < 300; k++) if (marks[k] >= THREAD && isShown(k)) found.push(k);
  return found;
}

function arrowOf(g, k, e) {
  const { ev, messages: m, laneOf, span } = state.run;
  const x1 = g.x(ev.d[m.sent[k]]), x2 = e < 0 ? g.x(span) : g.x(ev.d[e]);
  const y1 = laneY(laneOf[m.src[k]]), y2 = laneY(laneOf[m.dest[k]]);
  const lost = e >= 0 && ev.kind[e] === DROP;
  return lost ? { x1, y1, x2: x1 + (x2 - x1) * 0.6, y2: y1 + (y2 - y1) * 0.6, lost } : { x1, y1, x2, y2, lost };
}
let arrows = []; // what was drawn last: hover and click look here

function drawArrows(g, found) {
  const { c } = g, { run, marks } = state, { messages: m } = run, groups = new Map();
  arrows = found.map(k => ({ k, ...arrowOf(g, k, m.end[k]) }));
  for (const e of run.again) if (isShown(run.ev.of[e]) && run.ev.d[e] >= state.from && run.ev.d[m.sent[run.ev.of[e]]] <= state.to) arrows.push({ k: run.ev.of[e], ...arrowOf(g, run.ev.of[e], e) });
  for (const a of arrows) {
    const level = a.k === state.hover ? CHOSEN : marks ? marks[a.k] : THREAD - 1, key = m.type[a.k] * 8 + level + (a.lost ? 4 : 0);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(a);
  }
  const heads = arrows.length <= HEADS_MAX, crowd = arrows.length > 300 ? 0.6 : 0.9;
  for (const [key, list] of [...groups].sort((a, b) => a[0] % 4 - b[0] % 4)) {
    const type = run.typeInfo[key >> 3], level = key % 4;
    c.strokeStyle = c.fillStyle = (key & 4) ? ink.bad : colourOf(type);
    c.globalAlpha = !marks ? (level === CHOSEN ? 1 : crowd) : [0.1, 0.45, 1, 1][level];
    c.lineWidth = level === CHOSEN ? 3 : marks && level === THREAD ? 2 : 1.2;
    c.setLineDash(type.answer ? [5, 3] : []);
    c.beginPath();
    for (const a of list) strokeArrow(c, a);
    c.stroke(); c.setLineDash([]);
    c.beginPath();
    for (const a of list) if (a.lost) cross(c, a); else if (heads || level >= THREAD) head(c, a);
    if (key & 4) { c.lineWidth = 2; c.stroke(); } else c.fill();
  }
  c.globalAlpha = 1; c.lineWidth = 1;
  if (arrows.length <= LABELS_MAX) drawLabels(g);
}
function strokeArrow(c, a) {
  c.moveTo(a.x1, a.y1);
  if (Math.abs(a.y2 - a.y1) < 1) c.quadraticCurveTo((a.x1 + a.x2) / 2, a.y1 - 26, a.x2, a.y2); // to itself
  else c.lineTo(a.x2, a.y2);
}
function head(c, a) {
  const angle = Math.atan2(a.y2 - a.y1, a.x2 - a.x1), size = 7;
  c.moveTo(a.x2, a.y2);
  c.lineTo(a.x2 - size * Math.cos(angle - 0.4), a.y2 - size * Math.sin(angle - 0.4));
  c.lineTo(a.x2 - size * Math.cos(angle + 0.4), a.y2 - size * Math.sin(angle + 0.4));
  c.closePath();
}
function cross(c, a) {
  c.moveTo(a.x2 - 4, a.y2 - 4); c.lineTo(a.x2 + 4, a.y2 + 4);
  c.moveTo(a.x2 + 4, a.y2 - 4); c.lineTo(a.x2 - 4, a.y2 + 4);
}
// A label stands where it covers no other: the chosen ones first.
function drawLabels(g) {
  const { c } = g, { run, marks } = state, taken = [];
  c.font = '11px ' + ink.font; c.textAlign = 'left'; c.lineJoin = 'round';
  const order = marks ? [...arrows].sort((a, b) => marks[b.k] - marks[a.k]) : arrows;
  for (const a of order) {
    if (marks && marks[a.k] === APART) continue;
    const text = shortened(c, visible(run.types[run.messages.type[a.k]]), 110), w = c.measureText(text).width;
    for (const share of [0.5, 0.3, 0.7]) {
      const x = a.x1 + (a.x2 - a.x1) * share + 5, y = a.y1 + (a.y2 - a.y1) * share;
      if (x < GUTTER || taken.some(t => x < t.x + t.w + 4 && x + w + 4 > t.x && Math.abs(y - t.y) < 13)) continue;
      taken.push({ x, y, w });
      c.strokeStyle = ink.ground; c.lineWidth = 3; c.strokeText(text, x, y);
      c.fillStyle = colourOf(run.typeInfo[run.messages.type[a.k]]); c.fillText(text, x, y);
      break;
    }
  }
  c.lineWidth = 1; c.font = '12px ' + ink.font;
}

// Too many arrows to tell apart: for each lane, how many messages it sent in each few pixels.
function drawColumns(g) {
  const { c, width, x } = g, { run, marks } = state, { ev, messages: m } = run;
  const columns = Math.ceil((width - GUTTER) / COLUMN_PX), cells = new Map(), totals = new Map();
  let most = 1;
  for (let k = lowerBound(m.sent, eventAt(run, state.from)); k < run.count && ev.d[m.sent[k]] <= state.to; k++) {
    if (!isShown(k) || (marks && marks[k] === APART)) continue;
    const column = Math.floor((x(ev.d[m.sent[k]]) - GUTTER) / COLUMN_PX), place = run.laneOf[m.src[k]] * columns + column;
    const colour = m.lost[k] >= 0 ? 9 : run.typeInfo[m.type[k]].colour === 'error' ? 8 : run.typeInfo[m.type[k]].colour;
    cells.set(place * 10 + colour, (cells.get(place * 10 + colour) || 0) + 1);
    const total = (totals.get(place) || 0) + 1;
    totals.set(place, total); most = Math.max(most, total);
  }
  const high = geometry.gap * 0.8, scale = Math.sqrt(most), stacked = new Map();
  for (const key of [...cells.keys()].sort((a, b) => a - b)) {
    const place = Math.floor(key / 10), colour = key % 10, total = totals.get(place);
    const full = Math.max(1.5, Math.sqrt(total) / scale * high), part = full * cells.get(key) / total;
    const below = stacked.get(place) || 0, y = laneY(Math.floor(place / columns)) + high / 2;
    stacked.set(place, below + part);
    c.fillStyle = colour >= 8 ? ink.bad : ink.type[colour];
    c.fillRect(GUTTER + (place % columns) * COLUMN_PX, y - below - part, COLUMN_PX - 0.6, part);
  }
}

function drawLogs(g) {
  const { c, width, height, x } = g, { run } = state, marks = [];
  for (let i = lowerBound(run.logTimes, state.from - run.span * 0.26); i < run.logs.length && marks.length < 600; i++) {
    const at = x(placeOf(run, run.logs[i][1])), lane = run.laneOf[run.logs[i][3]];
    if (at > width) break;
    if (at >= GUTTER && lane >= 0) marks.push([at, laneY(lane)]);
  }
  c.fillStyle = ink.dim;
  c.beginPath();
  for (const [at, y] of marks) if (y > TOP && y < height) { c.moveTo(at, y + 3); c.lineTo(at + 3.5, y + 9); c.lineTo(at - 3.5, y + 9); }
  c.fill();
}

function drawDiagram() {
  const canvas = $('diagram'), g = prepare(canvas, geometry.height);
  if (!g) return;
  const { c, width, height } = g, most = Math.min(ARROWS_MAX, (width - GUTTER) * 2), view = inView(most);
  drawFaults(g, 22, true);
  drawAxis(g, 22, height, true);
  c.save();
  c.beginPath(); c.rect(GUTTER - 6, TOP - 6, width - GUTTER + 6, height - TOP + 6); c.clip();
  drawLanes(g);
  drawLogs(g);
  const dense = view.count > most;
  if (dense) drawColumns(g);
  drawOperations(g);
  // The thread of the chosen message is drawn whatever else is too much.
  drawArrows(g, dense ? threadInView() : view.found);
  c.restore();
  drawNames(g);
  drawWindow(g, 22, true);
  state.shown = view.count;
  canvas.dataset.detail = dense ? 'columns' : 'arrows';
  canvas.setAttribute('aria-label', `Space-time diagram, ${momentText(Math.max(0, state.from))} to ${momentText(Math.min(state.run.span, state.to))}, ${countText(view.count)} messages in view`);
}

// The whole run in one strip, with the part in view marked.
let strip = null;
function drawOverview() {
  const canvas = $('overview'), g = prepare(canvas, 46), { run } = state;
  if (!g) return;
  const { c, width, height } = g, room = width - GUTTER, x = d => GUTTER + (d / run.span) * room;
  if (!strip || strip.run !== run || strip.counts.length !== Math.ceil(room / 2)) {
    strip = { run, counts: new Uint32Array(Math.ceil(room / 2)) };
    for (let k = 0; k < run.count; k++) strip.counts[Math.min(strip.counts.length - 1, Math.floor(run.ev.d[run.messages.sent[k]] / run.span * room / 2))]++;
    strip.most = Math.max(1, ...strip.counts);
  }
  c.fillStyle = ink.fault; c.globalAlpha = 0.25;
  for (const [from, to] of run.faults) c.fillRect(x(from), 4, Math.max(1, x(to) - x(from)), height - 8);
  c.globalAlpha = 1; c.fillStyle = ink.dim;
  strip.counts.forEach((n, i) => { if (n) { const h = Math.max(1, Math.sqrt(n / strip.most) * (height - 16)); c.fillRect(GUTTER + i * 2, height - 8 - h, 1.5, h); } });
  c.fillStyle = ink.bad;
  for (let o = 0; o < run.ops.length; o++) if (run.ops.outcome[o]) c.fillRect(x(run.ops.from[o]), height - 7, 1.5, 4);
  if (run.window) { c.strokeStyle = ink.bad; c.setLineDash([4, 3]); c.strokeRect(x(run.window[0]) - 2, 3.5, Math.max(4, x(run.window[1]) - x(run.window[0]) + 4), height - 7); c.setLineDash([]); }
  const a = Math.max(GUTTER, x(state.from)), b = Math.min(width, x(state.to));
  c.fillStyle = ink.ground; c.globalAlpha = 0.6; c.fillRect(GUTTER, 0, a - GUTTER, height); c.fillRect(b, 0, width - b, height); c.globalAlpha = 1;
  c.strokeStyle = ink.accent; c.lineWidth = 1.5; c.strokeRect(a + 0.75, 1.5, Math.max(3, b - a - 1.5), height - 3);
  c.fillStyle = ink.dim; c.textAlign = 'right'; c.fillText('whole run', GUTTER - 10, height / 2);
}
