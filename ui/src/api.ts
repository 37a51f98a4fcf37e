// The only place that talks to the server. Paths are below /api/v1; texts that stand in a path are words of the
// course (letters, digits, dashes) or ids, and are encoded all the same.
import { personToTell } from './person.js';
import { follow, type Chunks } from './sse.js';
import type { Draft, Judged, JudgeEvent, Language, Problem, Solution, SourceFile, Starter, Submission } from './types.js';

const BASE = '/api/v1';
const KEEPALIVE_MAX = 60000; // browsers allow 64 KiB for all that goes on

/** The server has understood and says no; the message is a sentence for people. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly problem: Problem | null,
  ) {
    super(detail);
  }
}

/** The server was not reached, or was in no state to answer. Trying again may help. */
export class Away extends Error {}

/** Trying again later may help: the server is out of reach, its database is, or it has too much to do. */
export function mayPass(error: unknown): boolean {
  return error instanceof Away || (error instanceof Refusal && (error.status === 429 || error.status === 503));
}

export function sentenceOf(error: unknown): string {
  if (error instanceof Away) return 'The server is not reached just now.';
  return error instanceof Error ? error.message : String(error);
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'detail' in value && typeof value.detail === 'string';
}

async function refusalOf(answer: Response): Promise<Error> {
  const value: unknown = await answer.json().catch(() => null);
  const problem = isProblem(value) ? value : null;
  // Of a proxy whose server is away; eddy itself gives its reason.
  if (!problem && answer.status >= 502 && answer.status <= 504) return new Away(answer.statusText);
  return new Refusal(answer.status, problem?.detail ?? `The server answered ${answer.status} ${answer.statusText}.`, problem);
}

interface Options {
  readonly method?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly keepalive?: boolean; // outlives the page, where the body is small enough for that
  readonly accept?: string;
  readonly lastEventId?: string;
}

async function request(path: string, o: Options): Promise<Response> {
  const headers: Record<string, string> = { Accept: o.accept ?? 'application/json' };
  if (o.method && o.method !== 'GET') headers['X-Eddy'] = '1';
  if (personToTell() !== '') headers['X-Eddy-Person'] = personToTell();
  if (o.body !== undefined) headers['Content-Type'] = 'application/json';
  const body = o.body === undefined ? undefined : JSON.stringify(o.body);
  if (o.lastEventId) headers['Last-Event-ID'] = o.lastEventId;
  const answer = await fetch(BASE + path, {
    method: o.method ?? 'GET',
    headers,
    cache: 'no-store',
    ...(body !== undefined ? { body } : {}),
    ...(o.signal ? { signal: o.signal } : {}),
    ...(o.keepalive && (body ?? '').length < KEEPALIVE_MAX ? { keepalive: true } : {}),
  }).catch((error: unknown) => {
    throw o.signal?.aborted ? error : new Away(String(error));
  });
  if (!answer.ok) throw await refusalOf(answer);
  return answer;
}

/** Asks and gives the JSON of the answer, undefined if it has no body. Throws Refusal or Away. */
export async function ask<T>(path: string, options: Options = {}): Promise<T> {
  const answer = await request(path, options);
  const text = await answer.text().catch((error: unknown) => {
    throw new Away(String(error));
  });
  return (text === '' ? undefined : JSON.parse(text)) as T; // openapi.json is the word for its shape
}

export function path(...words: readonly (string | number)[]): string {
  return words.map(word => '/' + encodeURIComponent(word)).join('');
}

// ---- the course ----

export const languages = async (): Promise<readonly Language[]> =>
  (await ask<{ languages: readonly Language[] }>('/languages')).languages;

export const starter = (track: string, task: string, language: string): Promise<Starter> =>
  ask(`/tracks${path(track)}/tasks${path(task)}/starter?language=${encodeURIComponent(language)}`);

/** Status 403: it was not passed yet, and nobody has confirmed. */
export const solution = (track: string, task: string, confirmed: boolean): Promise<Solution> =>
  ask(`/tracks${path(track)}/tasks${path(task)}/solution${confirmed ? '?confirm=1' : ''}`);

// ---- drafts ----

/** null: there is none yet. */
export async function draft(track: string, task: string, language: string): Promise<Draft | null> {
  const found = await ask<Draft>('/drafts' + path(track, task, language));
  return found.version > 0 ? found : null;
}

/** The new version. A Refusal with status 409 has the server's draft in problem.draft. */
export async function putDraft(track: string, task: string, language: string, mine: Draft, keepalive = false): Promise<number> {
  const o = { method: 'PUT', body: mine, keepalive };
  return (await ask<{ version: number }>('/drafts' + path(track, task, language), o)).version;
}

// ---- submissions ----

export interface HandIn {
  readonly track: string;
  readonly task: string;
  readonly language: string;
  readonly kind: 'run' | 'submit';
  readonly files: readonly SourceFile[];
}

export const submit = (what: HandIn): Promise<{ id: number; place: number; url: string }> =>
  ask('/submissions', { method: 'POST', body: what });

export const submission = (id: number | string): Promise<Submission> => ask('/submissions' + path(id));

export const submissions = async (track: string, task: string): Promise<readonly Submission[]> =>
  (await ask<{ submissions: readonly Submission[] }>(`/submissions?track=${encodeURIComponent(track)}&task=${encodeURIComponent(task)}`)).submissions;

export const cancel = (kind: 'submissions' | 'runs', id: number | string): Promise<void> =>
  ask(`/${kind}${path(id)}`, { method: 'DELETE' });

export const reportUrl = (kind: 'submissions' | 'runs', id: number | string): string => `${BASE}/${kind}${path(id)}/report`;
export const archiveUrl = (id: number | string): string => `${BASE}/submissions${path(id)}/archive`;

// ---- what the judge says, live ----

export interface Listener<T extends Judged> {
  state(now: T): void;
  step(event: JudgeEvent): void;
  over(now: T): void;
  away(isAway: boolean): void;
}

async function* chunksOf(answer: Response): Chunks {
  const reader = answer.body?.getReader();
  try {
    for (;;) {
      const piece = await reader?.read();
      if (!piece || piece.done) return;
      yield piece.value;
    }
  } finally {
    reader?.cancel().catch(() => undefined);
  }
}

/** Ends when it is over, when the signal says so, or with a Refusal. Breaks of the connection are bridged. */
export function watch<T extends Judged>(kind: 'submissions' | 'runs', id: number | string, hear: Listener<T>, signal: AbortSignal): Promise<void> {
  return follow({
    signal,
    open: async lastEventId => chunksOf(await request(`/${kind}${path(id)}/events`, { accept: 'text/event-stream', lastEventId, signal })),
    tell(event) {
      const data: unknown = JSON.parse(event.data);
      if (event.name === 'state') hear.state(data as T);
      else if (event.name === 'step') hear.step(data as JudgeEvent);
      else if (event.name === 'over') hear.over(data as T);
    },
    away: isAway => hear.away(isAway),
    isFinal: error => error instanceof Refusal && !mayPass(error),
    wait: ms => new Promise(done => {
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', () => { clearTimeout(timer); done(); }, { once: true });
    }),
  });
}
