// Latencies and rates, on the time axis of the diagram.

const DOTS_MAX = 6000;

function opsInView() {
  const { ops } = state.run, found = [];
  for (let o = lowerBound(ops.start, state.from - state.run.span); o < ops.length; o++)
    if (ops.from[o] > state.to) break; else if (ops.from[o] >= state.from) found.push(o);
  return found;
}

// Marks differ in shape by outcome: a dot is ok, a cross fail, a ring info.
function drawLatency() {
  const canvas = $('latency'), g = prepare(canvas, 128), { run } = state, { ops } = run;
  if (!g) return;
  const { c, width, height, x } = g, top = 8, bottom = height - 12, shown = opsInView();
  let low = Infinity, high = 0;
  for (let o = 0; o < ops.length; o++) { const took = ops.end[o] - ops.start[o]; if (took > 0) low = Math.min(low, took); high = Math.max(high, took); }
  low = Math.floor(Math.log10(Math.max(1e3, Math.min(low, 1e9)))); high = Math.max(low + 2, Math.ceil(Math.log10(Math.max(1, high))));
  const y = took => bottom - Math.max(0, (Math.log10(Math.max(took, 1)) - low) / (high - low)) * (bottom - top);
  drawFaults(g, 0, false);
  drawAxis(g, 0, height, false);
  c.textAlign = 'right'; c.strokeStyle = ink.line; c.fillStyle = ink.dim; c.font = '11px ' + ink.font;
  for (let decade = low; decade <= high; decade++) {
    const at = Math.round(y(10 ** decade)) + 0.5;
    c.beginPath(); c.moveTo(GUTTER, at); c.lineTo(width, at); c.stroke();
    if ((high - low) <= 4 || (decade - low) % 2 === 0) c.fillText(decade === low ? '≤ ' + timeText(10 ** decade) : timeText(10 ** decade), GUTTER - 10, at);
  }
  const taken = shown.length > DOTS_MAX ? new Set() : null;
  for (const o of shown) {
    const px = x(ops.from[o]), py = y(ops.end[o] - ops.start[o]), outcome = ops.outcome[o];
    if (taken) { const cell = (Math.round(px / 2) * 512 + Math.round(py / 2)) * 3 + outcome; if (taken.has(cell)) continue; taken.add(cell); }
    c.beginPath();
    if (outcome === 0) { c.fillStyle = ink.type[ops.f[o] % 7]; c.globalAlpha = 0.75; c.arc(px, py, 2.4, 0, 7); c.fill(); }
    else if (outcome === 1) { c.strokeStyle = ink.bad; c.moveTo(px - 3, py - 3); c.lineTo(px + 3, py + 3); c.moveTo(px + 3, py - 3); c.lineTo(px - 3, py + 3); c.stroke(); }
    else { c.strokeStyle = ink.info; c.arc(px, py, 3, 0, 7); c.stroke(); }
    c.globalAlpha = 1;
  }
  if (!ops.length) emptyPlot(g);
}

function emptyPlot({ c, width, height }) {
  c.fillStyle = ink.dim; c.textAlign = 'center';
  c.fillText('No client operations in this run.', (GUTTER + width) / 2, height / 2);
}

function drawRate() {
  const canvas = $('rate'), g = prepare(canvas, 96), { run } = state, { ops } = run;
  if (!g) return;
  const { c, width, height, x } = g, top = 8, bottom = height - 10;
  const bin = Math.max(1, niceStep(state.to - state.from, 90)), first = Math.floor(Math.max(0, state.from) / bin);
  const bins = Array.from({ length: Math.max(1, Math.ceil(state.to / bin) - first) }, () => [0, 0, 0]);
  for (let o = 0; o < ops.length; o++) {
    const at = Math.floor(ops.end[o] / bin) - first;
    if (ops.dt[o] >= 0 && at >= 0 && at < bins.length) bins[at][ops.outcome[o]]++;
  }
  const most = Math.max(1, ...bins.map(b => b[0] + b[1] + b[2])), perSecond = n => n / (bin / 1e9);
  drawFaults(g, 0, false);
  drawAxis(g, 0, height, false);
  c.textAlign = 'right'; c.fillStyle = ink.dim; c.font = '11px ' + ink.font;
  c.fillText(ops.length ? countText(+perSecond(most).toPrecision(3)) + '/s' : '', GUTTER - 10, top + 4);
  c.fillText('0', GUTTER - 10, bottom);
  bins.forEach((b, i) => {
    const a = Math.max(GUTTER, x((first + i) * bin)), end = Math.min(width, x((first + i + 1) * bin));
    let y = bottom;
    b.forEach((n, outcome) => {
      const h = n / most * (bottom - top);
      if (!n || end <= a) return;
      c.fillStyle = [ink.ok, ink.bad, ink.info][outcome];
      c.fillRect(a, y - h, Math.max(1, end - a - 1), h);
      y -= h;
    });
  });
  if (!ops.length) emptyPlot(g);
}
