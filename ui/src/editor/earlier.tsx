// Earlier submissions, and texts that were set aside: any two can be compared, any one taken up again.
import { useEffect, useRef, useState } from 'preact/hooks';
import * as api from '../api.js';
import type { Submission } from '../types.js';
import { differingNames, textOfFile, type Aside, type Files } from './drafts.js';
import { Compare } from './reader.js';

/** A version of the program. */
interface Version {
  readonly key: string;
  readonly title: string;
  readonly load: () => Promise<Files>;
}

function when(ms: number): string {
  const then = new Date(ms);
  const isToday = then.toDateString() === new Date().toDateString();
  return then.toLocaleString(undefined, isToday ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' });
}

function wordsOf(submission: Submission): string {
  if (submission.state === 'queued' || submission.state === 'running') return 'under way';
  return submission.state === 'cancelled' ? 'cancelled' : submission.verdict ?? 'not judged';
}

function versionsOf(now: Files, list: readonly Submission[], asides: readonly Aside[]): Version[] {
  return [
    { key: 'now', title: 'What is in the editor', load: async () => now },
    ...list.map(one => ({ key: 's' + one.id, title: `${when(one.put_ms)}, ${one.language}: ${wordsOf(one)}`, load: async () => (await api.submission(one.id)).files ?? [] })),
    ...asides.map(one => ({ key: 'a' + one.at, title: `${when(one.at)}, set aside: ${one.why}`, load: async () => one.files })),
  ];
}

interface Pair {
  readonly titles: readonly [string, string];
  readonly before: Files;
  readonly after: Files;
}

export function Differences({ pair }: { pair: Pair }) {
  const names = differingNames(pair.before, pair.after);
  if (names.length === 0) return <p>The two are the same, letter by letter.</p>;
  return (
    <>
      {names.map(name => (
        <section class="difference" key={name}>
          <h4 class="minor">{name}{textOfFile(pair.before, name) === undefined ? ' (only in the second)' : textOfFile(pair.after, name) === undefined ? ' (only in the first)' : ''}</h4>
          <Compare name={name} before={textOfFile(pair.before, name) ?? ''} after={textOfFile(pair.after, name) ?? ''} labels={pair.titles} />
        </section>
      ))}
    </>
  );
}

/** Up in its own scrolling part where it has one, so that the page stays where it is. */
function bringUp(element: HTMLElement): void {
  const part = element.closest('.below');
  if (part && part.scrollHeight > part.clientHeight) part.scrollTop += element.getBoundingClientRect().top - part.getBoundingClientRect().top - 12;
  else element.scrollIntoView();
}

interface Props {
  readonly list: readonly Submission[];
  readonly asides: readonly Aside[];
  readonly language: string;
  readonly now: Files;
  readonly show: (id: number) => void;
  readonly take: (files: Files, language: string) => void;
}

export function Earlier({ list, asides, language, now, show, take }: Props) {
  const versions = versionsOf(now, list, asides);
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('now');
  const [pair, setPair] = useState<Pair | null>(null);
  const [error, setError] = useState('');
  const chooser = useRef<HTMLDivElement>(null);
  useEffect(() => { if (pair && chooser.current) bringUp(chooser.current); }, [pair]);

  async function attempt(act: () => Promise<void>): Promise<void> {
    setError('');
    await act().catch((problem: unknown) => setError(api.sentenceOf(problem)));
  }
  const compare = (from: string, to: string) => attempt(async () => {
    const a = versions.find(one => one.key === from) ?? versions[1];
    const b = versions.find(one => one.key === to);
    if (a && b) setPair({ titles: [a.title, b.title], before: await a.load(), after: await b.load() });
  });
  const sinceThen = (key: string) => {
    setFirst(key);
    setSecond('now');
    void compare(key, 'now');
  };
  const choose = (label: string, value: string, set: (key: string) => void) => (
    <label>{label} <select value={value} onChange={event => set(event.currentTarget.value)}>{versions.map(one => <option key={one.key} value={one.key}>{one.title}</option>)}</select></label>
  );

  if (versions.length === 1) return <p class="note">Nothing was handed in so far. What you run or submit will be listed here, with what changed between any two.</p>;
  return (
    <div class="earlier">
      <ol>
        {list.map(one => (
          <li key={one.id}>
            <button type="button" class="link" onClick={() => show(Number(one.id))}>{when(one.put_ms)}</button>
            <span class={'badge ' + (one.verdict ?? '').replace(' ', '-')}>{wordsOf(one)}</span> <small>{one.kind === 'run' ? 'run' : 'submitted'}, {one.language}</small>
            <span class="acts"><button type="button" class="quiet" onClick={() => sinceThen('s' + one.id)}>Changes since</button>
            <button type="button" class="quiet" onClick={() => attempt(async () => take((await api.submission(one.id)).files ?? [], one.language))}>Take up again</button></span>
          </li>
        ))}
        {asides.map(one => (
          <li key={one.at}>
            {when(one.at)} <span class="badge">set aside</span> <small>{one.why}</small>
            <span class="acts"><button type="button" class="quiet" onClick={() => sinceThen('a' + one.at)}>Changes since</button>
            <button type="button" class="quiet" onClick={() => take(one.files, language)}>Take up again</button></span>
          </li>
        ))}
      </ol>
      <div class="pair" ref={chooser}>
        {choose('From', first || (versions[1]?.key ?? ''), setFirst)}
        {choose('to', second, setSecond)}
        <button type="button" onClick={() => compare(first, second)}>Compare</button>
      </div>
      {error && <p class="refused" role="alert">{error}</p>}
      {pair && <Differences pair={pair} />}
    </div>
  );
}
