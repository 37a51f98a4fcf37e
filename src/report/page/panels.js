// Everything around the diagram: verdict, facts, filters, evidence, figures, notes, table, files.

const FILTER_INLINE_MAX = 9, TABLE_ROWS = 200;

function showHead() {
  const { run } = state, r = run.results || {}, valid = r['valid?'], word = valid === true ? 'valid' : valid === false ? 'invalid' : 'unknown';
  $('title').textContent = visible(run.title);
  $('verdict').textContent = { valid: '✓ valid', invalid: '✗ invalid', unknown: '? unknown' }[word];
  $('verdict').className = word;
  $('sentence').textContent = visible(r.sentence || (valid === true ? 'Every check of this run was passed.' : ''));
  $('command').textContent = visible(run.command || '');
  $('repeat').hidden = !run.command;
  const facts = [['nodes', countText(run.node_count)], ['operations', countText(run.ops.length + run.ops_left_out)], ['messages', countText(run.messages.all)], ['lasted', timeText(run.end)], ['seed', r.run?.seed], ['clock', r.run?.clock]];
  $('facts').replaceChildren(...facts.filter(f => f[1] !== undefined).map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, String(value)))));
  $('runs').hidden = runs.length < 2;
  $('runs').replaceChildren(...runs.map((other, i) => el('button', { type: 'button', role: 'tab', 'aria-selected': String(i === state.index), onclick: () => showRun(i) }, visible(other.label || 'Run ' + (i + 1)))));
  $('to-window').hidden = !run.window;
  const out = run.journal_left_out, said = [];
  if (out.messages) said.push(`The diagram shows ${countText(run.count)} of ${countText(run.messages.all)} messages${run.messages.first ? ', around the failure' : ', from the start of the run'}; all are in journal.jsonl.zst.`);
  if (out.records) said.push(`${countText(out.records)} log lines and notes did not fit; see node-logs.`);
  if (run.ops_left_out) said.push(`${countText(run.ops_left_out)} operations did not fit; see history.jsonl.`);
  if (run.faults_left_out) said.push(`${countText(run.faults_left_out)} faults did not fit; see journal.jsonl.zst.`);
  if (out.bad_lines) said.push(`${countText(out.bad_lines)} lines of the journal could not be read.`);
  $('cut').hidden = !said.length;
  $('cut').textContent = said.join(' ');
}

// ---- filters: a toggle each while there are few, else a list to tick ----

function filterGroup(title, items, hidden) {
  const toggle = (item, node) => {
    hidden.has(item.key) ? hidden.delete(item.key) : hidden.add(item.key);
    node.setAttribute('aria-pressed', String(!hidden.has(item.key)));
    tell('filter');
  };
  const chip = item => el('button.chip', { type: 'button', 'aria-pressed': String(!hidden.has(item.key)), title: item.title || null, onclick: event => toggle(item, event.currentTarget) },
    item.colour ? el(item.answer ? 'span.swatch.answer' : 'span.swatch', { style: 'color:' + item.colour }) : null, item.name, item.count === undefined ? null : el('small', {}, countText(item.count)));
  const group = el('div.filter', { role: 'group', 'aria-label': title }, el('span.dim', {}, title));
  if (items.length <= FILTER_INLINE_MAX) group.append(...items.map(chip));
  else {
    const chips = items.map(chip), all = on => { for (const item of items) on ? hidden.delete(item.key) : hidden.add(item.key); chips.forEach(c => c.setAttribute('aria-pressed', String(on))); tell('filter'); };
    const search = el('input', { type: 'search', placeholder: 'name', 'aria-label': 'Search ' + title.toLowerCase(), oninput: () => chips.forEach((c, i) => { c.hidden = !items[i].name.includes(search.value); }) });
    const summary = el('summary', {}, '');
    listeners.filter.push(() => { summary.textContent = `${countText(items.filter(i => !hidden.has(i.key)).length)} of ${countText(items.length)}`; });
    summary.textContent = `${countText(items.filter(i => !hidden.has(i.key)).length)} of ${countText(items.length)}`;
    group.append(el('details.pick', {}, summary, el('div', {}, search, el('button', { type: 'button', onclick: () => all(true) }, 'All'), el('button', { type: 'button', onclick: () => all(false) }, 'None'), el('div.chips', {}, ...chips))));
  }
  return items.length ? group : null;
}

function showFilters() {
  const { run } = state;
  listeners.filter.length = 0;
  listeners.filter.push(showTable);
  const types = run.typeInfo.map((type, key) => ({ key, name: visible(type.name || 'no type'), count: type.count, colour: colourOf(type), answer: type.answer })).filter(t => t.count > 0).sort((a, b) => b.count - a.count);
  const ends = role => run.names.map((name, key) => ({ key, name: visible(name) })).filter(e => run.roles[e.key] === role && run.laneOf[e.key] >= 0);
  const search = el('input', { type: 'search', id: 'find', placeholder: 'text in messages', 'aria-label': 'Find text in messages', value: state.find, onchange: () => { find(search.value); tell('filter'); say(state.found ? countText(state.found.reduce((a, b) => a + b, 0)) + ' messages have this text.' : 'All messages are shown.'); } });
  $('filters').replaceChildren(...[
    filterGroup('Types', types, state.hiddenTypes), filterGroup('Nodes', ends(NODE), state.hiddenEnds),
    filterGroup('Clients', ends(CLIENT), state.hiddenEnds), filterGroup('Services', ends(SERVICE), state.hiddenEnds),
    el('div.filter', {}, el('span.dim', {}, 'Find'), search)].filter(Boolean));
}

// ---- the checker's evidence: a JSON value in words, tables where it is a list of like objects ----

const isPlain = value => typeof value !== 'object' || value === null;
const words = key => visible(key).replace(/[-_]/g, ' ').replace(/\?$/, '');
const TIMES = new Set(['time', 'invoked', 'completed', 'time-ns', 'at-ns']);
function readable(value, key = '') {
  if (TIMES.has(key) && Number.isFinite(value)) return momentLink(value);
  if (key === 'node' && Number.isInteger(value) && value >= 0 && value < state.run.node_count) return nameOf(value);
  if (value === null) return el('span.dim', {}, 'none');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return Number.isInteger(value) ? countText(value) : String(+value.toPrecision(6));
  if (typeof value === 'string') return value.includes('\n') ? el('pre', { tabindex: 0 }, visible(value)) : visible(value);
  if (Array.isArray(value)) return readableList(value);
  const members = Object.entries(value);
  if (!members.length) return el('span.dim', {}, 'none');
  return el('dl.facts', {}, ...members.filter(([name]) => name !== 'valid?' && name !== 'sentence').map(([name, v]) => el(isPlain(v) ? 'div' : 'div.wide', {}, el('dt', {}, words(name)), el('dd', {}, readable(v, name)))));
}
function readableList(list) {
  if (!list.length) return el('span.dim', {}, 'none');
  if (list.every(isPlain)) return list.some(v => typeof v === 'string' && v.length > 30) ? el('ul', {}, ...list.map(v => el('li', {}, readable(v)))) : el('code', {}, list.map(v => visible(typeof v === 'string' ? v : JSON.stringify(v))).join(', '));
  if (list.every(v => !isPlain(v) && !Array.isArray(v))) {
    const keys = [...new Set(list.flatMap(Object.keys))];
    return el('div.scroll', { tabindex: 0 }, el('table', {}, el('thead', {}, el('tr', {}, ...keys.map(key => el('th', { scope: 'col' }, words(key))))),
      el('tbody', {}, ...list.map(row => el('tr', {}, ...keys.map(key => el('td', {}, row[key] === undefined ? '' : compact(row[key], key))))))));
  }
  return el('ul', {}, ...list.map(v => el('li', {}, isPlain(v) ? readable(v) : el('code', {}, visible(JSON.stringify(v))))));
}
const compact = (value, key) => isPlain(value) ? readable(value, key) : Number.isFinite(value.time) ? el('span', {}, momentLink(value.time), value.node !== undefined ? ' ' + visible(value.node) : '') : el('code', {}, visible(JSON.stringify(value)));
const momentLink = t => el('button.link', { type: 'button', title: 'Show in the diagram', onclick: () => { const d = placeOf(state.run, t), half = Math.min((state.to - state.from) / 2, state.run.span / 40); glide(d - half, d + half); $('story').scrollIntoView(); } }, momentText(t));

function showEvidence() {
  const r = state.run.results, workload = r?.workload;
  $('evidence').hidden = !workload || !Object.keys(workload).some(key => key !== 'valid?');
  if (!workload) return;
  const parts = Object.values(workload).some(v => v && typeof v === 'object' && 'valid?' in v) ? Object.entries(workload).filter(([, v]) => v && typeof v === 'object' && 'valid?' in v) : [['', workload]];
  $('evidence').lastElementChild.replaceChildren(...parts.map(([name, details]) => el('div.check', {},
    el('h3', {}, words(name || state.run.title) + ' ', el('span.verdict.' + (details['valid?'] === true ? 'valid' : details['valid?'] === false ? 'invalid' : 'unknown'), {}, details['valid?'] === true ? 'passed' : details['valid?'] === false ? 'failed' : 'unknown')),
    details.sentence ? el('p', {}, visible(details.sentence)) : null, readable(details))));
}

// ---- a run that was shrunk: its story, and what it takes ----

const OUTCOMES = { valid: 'it passes', unknown: 'it does not fail', other: 'it fails in another way', same: 'it fails all the same', broken: 'it cannot be run', untested: 'not tried' };
function showTold() {
  const told = state.run.results?.shrink;
  $('told').hidden = !told;
  if (!told) return;
  const size = s => `${countText(s.operations + s.final)} operations, ${countText(s.faults)} faults, ${countText(s.messages)} messages, ${countText(s.nodes)} nodes`;
  const rows = told.without.map(w => el('tr', {}, el('th', { scope: 'row' }, 'without ' + visible(w.what)), el('td', {}, OUTCOMES[w.outcome])));
  $('told').lastElementChild.replaceChildren(
    el('p', {}, `The smallest run that was found to fail in this way, in ${countText(told.runs_tried)} tries: ${size(told.after)}; at first there were ${size(told.before)}. It failed in ${told.reproduced.times} of ${told.reproduced.of} repetitions.`),
    el('ol.story', {}, ...told.story.map(step => el('li', {}, momentLink(step.time), ' ', el(step.calm ? 'span' : 'span.odd', {}, visible(step.text))))),
    rows.length ? el('h3', {}, 'What it takes') : '', rows.length ? el('div.scroll', { tabindex: 0 }, el('table', {}, el('tbody', {}, ...rows))) : '');
}

function showFigures() {
  const r = state.run.results || {}, box = $('figures').lastElementChild, latencies = r.perf?.latencies || {};
  const ms = v => v === undefined ? '–' : timeText(v * 1e6, 3);
  const rows = Object.entries(r.stats?.['by-f'] || {}).map(([f, s]) => el('tr', {}, el('th', { scope: 'row' }, visible(f)), ...['count', 'ok-count', 'fail-count', 'info-count'].map(k => el('td', {}, countText(s[k] ?? 0))), ...['0.5', '0.95', '1'].map(q => el('td', {}, ms(latencies[f]?.ok?.latencies?.[q])))));
  const head = ['operation', 'count', 'ok', 'fail', 'info', 'median', '95 %', 'slowest'], net = r.net || {};
  const parts = [['all', 'all'], ['clients', 'with clients'], ['servers', 'among nodes']].filter(([key]) => net[key]).map(([key, name]) => el('div', {}, el('dt', {}, 'messages, ' + name), el('dd', {}, countText(net[key]['msg-count']) + (net[key]['msgs-per-op'] ? ` (${+net[key]['msgs-per-op'].toPrecision(3)} for each operation)` : ''))));
  for (const [why, n] of Object.entries(net.dropped || {})) parts.push(el('div', {}, el('dt', {}, 'lost: ' + visible(why)), el('dd', {}, countText(n))));
  if (r.availability?.['ok-fraction'] !== undefined && r.availability['ok-fraction'] !== null) parts.push(el('div', {}, el('dt', {}, 'availability'), el('dd', {}, (r.availability['ok-fraction'] * 100).toPrecision(4) + ' % ok')));
  box.replaceChildren(rows.length ? el('div.scroll', { tabindex: 0 }, el('table.numbers', {}, el('thead', {}, el('tr', {}, ...head.map(h => el('th', { scope: 'col' }, h)))), el('tbody', {}, ...rows))) : '', parts.length ? el('dl.facts', {}, ...parts) : '');
  $('figures').hidden = !rows.length && !parts.length;
  const notes = r.run?.notes || [];
  $('notes').hidden = !notes.length;
  $('notes').lastElementChild.replaceChildren(el('ul', {}, ...notes.map(note => el('li', {}, visible(note)))), r.run?.['note-count'] > notes.length ? el('p.dim', {}, `and ${countText(r.run['note-count'] - notes.length)} more, in journal.jsonl.zst`) : '');
}

// For readers of the screen: the same events as rows, made when asked for.
function showTable() {
  const box = $('table').querySelector('div'), { run } = state, { ev, messages: m } = run;
  if (!$('table').querySelector('details').open) return;
  const rows = [];
  for (let i = eventAt(run, state.from); i < ev.length && ev.d[i] <= state.to && rows.length < TABLE_ROWS; i++) {
    const k = ev.of[i];
    if (!isShown(k)) continue;
    const what = [`${nameOf(m.src[k])} sends to ${nameOf(m.dest[k])}`, `${nameOf(m.dest[k])} receives from ${nameOf(m.src[k])}`, `lost between ${nameOf(m.src[k])} and ${nameOf(m.dest[k])}: ${m.lost[k] >= 0 ? visible(run.reasons[m.lost[k]]) : ''}`][ev.kind[i]];
    rows.push(el('tr', {}, el('td', {}, momentText(ev.t[i])), el('td', {}, what), el('td', {}, visible(run.types[m.type[k]])), el('td', {}, el('code', {}, visible(bodyOf(run, k).text.slice(0, 200))))));
  }
  box.replaceChildren(rows.length ? el('div.scroll', { tabindex: 0 }, el('table', {}, el('caption', {}, `Up to ${TABLE_ROWS} events from ${momentText(Math.max(0, state.from))} on; zoom in the diagram to see others.`), el('thead', {}, el('tr', {}, ...['time', 'what', 'type', 'message'].map(h => el('th', { scope: 'col' }, h)))), el('tbody', {}, ...rows))) : el('p.dim', {}, 'No messages in view.'));
}

function showFiles() {
  const { run } = state, files = [['results.json', 'the verdict and its evidence, for programs'], ['history.jsonl', 'what clients asked and got'], ['journal.jsonl.zst', 'every message, fault and log line'], ['run.json', 'all that a replay needs'], ['messages.svg', 'the messages as one picture'], ['timeline.html', 'operations of each process'], ['latency.svg', ''], ['rate.svg', '']];
  const nodes = run.names.slice(0, run.node_count), link = (path, text) => el('a', { href: path.split('/').map(encodeURIComponent).join('/') }, text);
  $('files').lastElementChild.replaceChildren(...files.map(([name, about]) => el('li', {}, link(name, name), about ? ', ' + about : '')),
    el('li', {}, 'what nodes wrote to stderr: ', ...nodes.slice(0, 20).flatMap((name, i) => [i ? ', ' : '', link(`node-logs/${name}.log`, visible(name))]), nodes.length > 20 ? ', … ' : '', nodes.length > 20 ? link('node-logs/', 'all') : ''));
}

listeners.run.push(showHead, showFilters, showTold, showEvidence, showFigures, showTable, showFiles, () => { strip = null; $('scroller').scrollTop = 0; layOut(); });
listeners.choose.push(showDetails);
