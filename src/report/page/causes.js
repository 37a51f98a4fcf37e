// Happens-before: what may have led to a message, and what it may have led to (Lamport 1978).
// One pass over the events each way, with a frontier for each endpoint.

const APART = 0, CONE = 1, THREAD = 2, CHOSEN = 3;

// For each message: CHOSEN itself, THREAD where one message at once led to the next, CONE where it
// may have mattered, APART where it cannot have.
function conesOf(run, chosen) {
  const { ev, messages: m } = run, mark = new Uint8Array(run.count);
  const arrival = m.end[chosen] >= 0 && m.lost[chosen] < 0 ? m.end[chosen] : -1;
  const past = new Int32Array(run.names.length).fill(-1);
  past[m.src[chosen]] = m.sent[chosen];
  for (let i = m.sent[chosen]; i >= 0; i--) {
    const k = ev.of[i];
    if (ev.kind[i] === RECV && i <= past[m.dest[k]]) {
      mark[k] = CONE;
      past[m.src[k]] = Math.max(past[m.src[k]], m.sent[k]);
    }
  }
  if (arrival >= 0) {
    const future = new Int32Array(run.names.length).fill(ev.length);
    future[m.dest[chosen]] = arrival;
    for (let i = arrival; i < ev.length; i++) {
      const k = ev.of[i];
      if (ev.kind[i] === SEND && i >= future[m.src[k]]) mark[k] = CONE;
      if (ev.kind[i] === RECV && mark[k] && m.sent[k] >= future[m.src[k]]) future[m.dest[k]] = Math.min(future[m.dest[k]], i);
    }
  }
  for (let k = run.cause[chosen]; k >= 0; k = run.cause[k]) mark[k] = THREAD;
  const todo = [chosen];
  while (todo.length > 0)
    for (const k of run.effects.get(todo.pop()) || [])
      if (mark[k] !== THREAD) { mark[k] = THREAD; todo.push(k); }
  mark[chosen] = CHOSEN;
  return mark;
}

// The operation at the root of a message: its own, or that of what led to it.
function operationOf(run, k) {
  for (; k >= 0; k = run.cause[k]) if (run.opOf[k] >= 0) return run.opOf[k];
  return -1;
}

// The request that a message answers, and the answers to a message, by msg_id and in_reply_to.
const SEARCH_MAX = 20000;
function requestOf(run, k) {
  const id = parsedBody(run, k)?.in_reply_to, { src, dest } = run.messages;
  if (id === undefined || id === null) return -1;
  for (let i = k - 1; i >= 0 && i > k - SEARCH_MAX; i--)
    if (src[i] === dest[k] && dest[i] === src[k] && parsedBody(run, i)?.msg_id === id) return i;
  return -1;
}
function answersOf(run, k) {
  const id = parsedBody(run, k)?.msg_id, { src, dest } = run.messages, found = [];
  if (id === undefined || id === null) return found;
  for (let i = k + 1; i < run.count && i < k + SEARCH_MAX && found.length < 3; i++)
    if (src[i] === dest[k] && dest[i] === src[k] && parsedBody(run, i)?.in_reply_to === id) found.push(i);
  return found;
}
