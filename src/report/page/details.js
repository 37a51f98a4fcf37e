// The panel beside the diagram: the chosen message or operation in full, and the logs around it.

// el('p.note', {title: '…'}, child, 'text'): elements only ever get text, never markup.
function el(what, attributes, ...children) {
  const [tag, ...classes] = what.split('.'), node = document.createElement(tag);
  if (classes.length) node.className = classes.join(' ');
  for (const [name, value] of Object.entries(attributes || {}))
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value); else if (value !== false && value !== null) node.setAttribute(name, value === true ? '' : value);
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

const PRETTY_MAX = 200000;
function pretty(body) {
  if (body.whole) return body.text;
  if (body.text.length > PRETTY_MAX) return body.text.slice(0, PRETTY_MAX) + '…';
  try { return stretched(JSON.parse(body.text), ''); } catch { return body.text; }
}
// Like JSON.stringify with an indent, but what fits on a line stays on one.
function stretched(value, indent) {
  const flat = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || flat.length + indent.length <= 46) return flat.replace(/,(?=["[{\d-])/g, ', ').replace(/":(?=\S)/g, '": ');
  const inner = indent + '  ', list = Array.isArray(value);
  const parts = list ? value.map(v => inner + stretched(v, inner)) : Object.entries(value).map(([key, v]) => inner + JSON.stringify(key) + ': ' + stretched(v, inner));
  if (list && value.every(v => typeof v !== 'object' || v === null)) return '[' + value.map(v => JSON.stringify(v)).join(', ') + ']';
  return (list ? '[\n' : '{\n') + parts.join(',\n') + '\n' + indent + (list ? ']' : '}');
}

const nameOf = e => visible(state.run.names[e]);
function messageLink(k) {
  const { run } = state, { messages: m, ev } = run;
  return el('button.link', { type: 'button', onclick: () => choose(k) },
    el('span.dot', { style: 'background:' + colourOf(run.typeInfo[m.type[k]]) }),
    `${nameOf(m.src[k])} → ${nameOf(m.dest[k])} ${visible(run.types[m.type[k]])}`, el('small', {}, momentText(ev.t[m.sent[k]])));
}
function linkList(title, list, limit = 6) {
  if (!list.length) return null;
  return el('div.links', {}, el('h4', {}, title), ...list.slice(0, limit).map(messageLink),
    list.length > limit ? el('small', {}, `and ${countText(list.length - limit)} more`) : null);
}

function fateOf(k) {
  const { messages: m, ev, reasons, again } = state.run, sent = ev.t[m.sent[k]];
  if (m.end[k] < 0) return 'still on its way when the run ended';
  const end = ev.t[m.end[k]];
  if (m.lost[k] >= 0) return `lost at ${momentText(end)}: ${visible(reasons[m.lost[k]])}`;
  const more = again.filter(e => ev.of[e] === k).length;
  return `arrived at ${momentText(end)}` + (end > sent ? `, after ${timeText(end - sent)}` : ', at once') + (more ? `, and ${more === 1 ? 'once' : more + ' times'} again` : '');
}

function logsAround(ends, t) {
  const { run } = state, own = run.records.filter(r => 'ln'.includes(r[2]) && ends.includes(r[3]));
  if (!own.length) return el('p.dim', {}, `${ends.map(nameOf).join(' and ')} logged nothing.`);
  let at = 0;
  while (at < own.length && own[at][1] <= t) at++;
  const near = own.slice(Math.max(0, at - 6), at + 2);
  return el('ol.logs', {}, ...near.map(r => el(r[1] <= t ? 'li' : 'li.later', {},
    el('small', {}, momentText(r[1]) + ' ' + nameOf(r[3])), el('code', {}, r[2] === 'n' ? '(' + visible(r[4]) + ')' : visible(r[4])))));
}

function opSummary(o) {
  const { ops, names } = state.run, outcome = ['ok', 'fail', 'info'][ops.outcome[o]];
  return el('button.op.' + outcome, { type: 'button', onclick: () => chooseOp(o) }, el('span.key.' + outcome), opText(o),
    el('small', {}, `process ${ops.process[o]}${ops.node[o] >= 0 && names[ops.node[o]] ? ', ' + nameOf(ops.node[o]) : ''}, ${momentText(ops.start[o])}`));
}

function showMessage(panel, k) {
  const { run } = state, { messages: m, ev } = run, body = bodyOf(run, k), o = operationOf(run, k), request = requestOf(run, k);
  const type = run.typeInfo[m.type[k]];
  panel.append(
    el('h3', {}, el('span.dot', { style: 'background:' + colourOf(type) }), visible(type.name || 'message')),
    el('p.route', {}, el('b', {}, nameOf(m.src[k])), ' → ', el('b', {}, nameOf(m.dest[k]))),
    el('p', {}, `Sent at ${momentText(ev.t[m.sent[k]])}, ${fateOf(k)}.`),
    el('pre', { tabindex: 0, 'aria-label': 'Body of the message' }, visible(pretty(body))));
  if (body.whole) panel.append(el('p.note', {}, `Only its first ${countText(body.text.length)} of ${countText(body.whole)} bytes are in this page; the whole of it is in journal.jsonl.zst.`));
  if (o >= 0) panel.append(el('h4', {}, run.opOf[k] === o ? 'Part of the operation' : 'Led to by the operation'), opSummary(o));
  panel.append(...[
    linkList('Answers', request >= 0 ? [request] : []), linkList('Answered by', answersOf(run, k)),
    run.cause[k] >= 0 && run.cause[k] !== request ? linkList(`${visible(run.names[m.src[k]])} had just heard`, [run.cause[k]]) : null,
    linkList(`${visible(run.names[m.dest[k]])} at once sent`, run.effects.get(k) || []),
    el('h4', {}, 'Logs around this time'), logsAround([...new Set([m.src[k], m.dest[k]])].filter(e => run.roles[e] === NODE), ev.t[m.sent[k]])].filter(Boolean));
}

function showOperation(panel, o) {
  const { run } = state, { ops } = run, own = [];
  for (let k = 0; k < run.count; k++) if (run.opOf[k] === o) own.push(k);
  const outcome = ['succeeded (ok)', 'was refused (fail): it certainly did not happen', 'is unknown (info): it may have happened'][ops.outcome[o]];
  panel.append(...[
    el('h3', {}, el('span.key.' + ['ok', 'fail', 'info'][ops.outcome[o]]), visible(run.fs[ops.f[o]])),
    el('p', {}, `Asked by process ${ops.process[o]}` + (ops.node[o] >= 0 && run.names[ops.node[o]] ? ` of ${nameOf(ops.node[o])}` : '') + ` at ${momentText(ops.start[o])}; it ${outcome}` + (ops.dt[o] < 0 ? ', and never completed.' : `, after ${timeText(ops.dt[o])}.`)),
    ops.value[o] !== 'null' ? el('h4', {}, 'Asked') : null, ops.value[o] !== 'null' ? el('pre', { tabindex: 0 }, visible(ops.value[o])) : null,
    ops.result[o] ? el('h4', {}, 'Got') : null, ops.result[o] ? el('pre', { tabindex: 0 }, visible(ops.result[o])) : null,
    ops.error[o] ? el('h4', {}, 'Error') : null, ops.error[o] ? el('pre', { tabindex: 0 }, visible(ops.error[o])) : null,
    linkList('Its messages', own, 12)].filter(Boolean));
}

function showDetails() {
  const panel = $('details'), { run } = state;
  panel.replaceChildren();
  if (state.chosen >= 0) {
    showMessage(panel, state.chosen);
    const m = run.messages, k = state.chosen;
    say(`${nameOf(m.src[k])} to ${nameOf(m.dest[k])}, ${visible(run.types[m.type[k]])}, sent at ${momentText(run.ev.t[m.sent[k]])}, ${fateOf(k)}`);
  } else if (state.op >= 0) showOperation(panel, state.op);
  else {
    panel.append($('legend').content.cloneNode(true), nearbyRecords());
    panel.querySelector('.legend-window').hidden = !run.window;
  }
}

// With nothing chosen: steps, notes and what happened to the nodes, as the story of the run.
function nearbyRecords() {
  const told = state.run.records.filter(r => r[2] !== 'l' && !(r[2] === 'n' && r[4] === 'start' && r[1] === 0));
  if (!told.length) return '';
  const kinds = { n: r => `${nameOf(r[3])}: ${visible(r[4])}`, s: r => visible(r[4]), x: r => visible(r[4]), b: r => (r[3] >= 0 ? nameOf(r[3]) + ': ' : '') + visible(r[4]) };
  return el('div', {}, el('h4', {}, 'Along the way'), el('ol.logs', {}, ...told.slice(0, 60).map(r => el('li', {},
    el('button.link', { type: 'button', onclick: () => { const d = placeOf(state.run, r[1]), half = (state.to - state.from) / 2; glide(d - half, d + half); } }, el('small', {}, momentText(r[1])), kinds[r[2]](r)))),
    told.length > 60 ? el('li.dim', {}, `and ${countText(told.length - 60)} more, see journal.jsonl.zst`) : null));
}
