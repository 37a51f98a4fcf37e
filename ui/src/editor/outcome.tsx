// What comes of a submission: where it stands, steps as they come, the verdict and its evidence, the run drawn.
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { reportUrl } from '../api.js';
import type { Result, Step, Submission } from '../types.js';
import { LimitNote, Log, Why } from './evidence.js';
import { isOver, type Judging } from './judging.js';
import { duration, failingFirst, sentenceFor, spotIn, type LiveStep, type Progress, type Spot } from './progress.js';

function Mark({ is }: { is: 'ok' | 'bad' | 'open' }) {
  const words = { ok: 'passed', bad: 'failed', open: 'not yet' };
  return <span class={'mark ' + is} role="img" aria-label={words[is]} />;
}

// ---- while it goes on ----

function LiveSteps({ steps }: { steps: readonly LiveStep[] }) {
  return (
    <ol class="judged">
      {steps.map(step => (
        <li key={step.part + '/' + step.name} class={step.failed ? 'bad' : 'ok'}>
          <Mark is={step.failed ? 'bad' : 'ok'} />
          <span>{step.part && <small>{step.part}: </small>}{step.name}</span>
          <small class="count">{step.failed ? 'failed' : step.passed > 1 ? `${step.passed} seeds` : ''}</small>
        </li>
      ))}
    </ol>
  );
}

function Going({ submission, progress, isAway, cancel }: { submission: Submission; progress: Progress; isAway: boolean; cancel: () => void }) {
  return (
    <div class="going">
      <div class="head">
        <span class="spinner" aria-hidden="true" />
        <p>{sentenceFor(submission.state === 'queued' ? { ...progress, phase: 'waiting' } : progress, submission.place)}</p>
        <button type="button" class="quiet" onClick={cancel}>Cancel</button>
      </div>
      {progress.of > 0 && <progress max={progress.of} value={progress.done} aria-label="runs that are over" />}
      {isAway && <p class="note">The connection is gone just now. The judge goes on without it, and this page will catch up.</p>}
      <LiveSteps steps={progress.steps} />
    </div>
  );
}

// ---- when it is over ----

function Steps({ steps, seeds }: { steps: readonly Step[]; seeds: number }) {
  return (
    <ol class="judged">
      {failingFirst(steps).map(step => (
        <li key={step.name} class={step.failure ? 'bad' : step.passed ? 'ok' : 'open'}>
          <Mark is={step.failure ? 'bad' : step.passed ? 'ok' : 'open'} />
          <span>{step.name}</span>
          <small class="count">{seeds > 1 && step['seeds-passed'] !== undefined ? `${step['seeds-passed']} of ${seeds} seeds` : step.passed || step.failure ? '' : 'not reached'}</small>
          {step.failure && <Why failure={step.failure} />}
        </li>
      ))}
    </ol>
  );
}

function BuildText({ text, names, goTo }: { text: string; names: readonly string[]; goTo: (spot: Spot) => void }) {
  return (
    <pre class="build" tabIndex={0} aria-label="What the compiler said">
      {text.trimEnd().split('\n').map((line, i) => {
        const spot = spotIn(line, names);
        return <span key={i}>{spot ? <button type="button" class="spot" title={`Go to line ${spot.line} of ${spot.file}`} onClick={() => goTo(spot)}>{line}</button> : line}{'\n'}</span>;
      })}
    </pre>
  );
}

/** Full screen is the browser's; where it is refused, the whole window. */
function useLarge(place: RefObject<HTMLElement>): readonly [boolean, () => void] {
  const [isLarge, setLarge] = useState(false);
  useEffect(() => {
    const changed = () => setLarge(document.fullscreenElement === place.current);
    const key = (event: KeyboardEvent) => { if (event.key === 'Escape') setLarge(false); };
    document.addEventListener('fullscreenchange', changed);
    document.addEventListener('keydown', key);
    return () => {
      document.removeEventListener('fullscreenchange', changed);
      document.removeEventListener('keydown', key);
    };
  }, []);
  const toggle = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (isLarge) setLarge(false);
    else place.current?.requestFullscreen().catch(() => setLarge(true));
  };
  return [isLarge, toggle];
}

function Drawn({ submission }: { submission: Submission }) {
  const place = useRef<HTMLElement>(null);
  const [isLarge, toggle] = useLarge(place);
  return (
    <section ref={place} class={isLarge ? 'drawn large' : 'drawn'} aria-label="The run, drawn">
      <div class="head">
        <h4>{submission.verdict === 'passed' ? 'A run, drawn' : 'The run that failed, drawn'}</h4>
        <button type="button" class="quiet" aria-pressed={isLarge} onClick={toggle}>{isLarge ? 'Smaller' : 'Larger'}</button>
        <a href={`/submissions/${submission.id}`}>Its own page</a>
      </div>
      <iframe src={reportUrl('submissions', submission.id)} sandbox="allow-scripts" title="The run as a space-time diagram" />
    </section>
  );
}

function headline(submission: Submission): { words: string; kind: string } {
  if (submission.state === 'cancelled') return { words: 'Cancelled', kind: 'open' };
  if (submission.verdict === 'passed') return { words: submission.kind === 'run' ? 'Passed on the first seed' : 'Passed', kind: 'ok' };
  if (submission.verdict === 'failed') return { words: submission.result?.build?.built === false ? 'It does not build' : 'Not yet', kind: 'bad' };
  return { words: 'Not judged', kind: 'open' };
}

function Figures({ result }: { result: Result }) {
  if (result.messages === undefined) return null;
  const seeds = result.seeds ?? 1;
  return <p class="figures">{result.messages} {result.messages === 1 ? 'message' : 'messages'} in {duration(result['virtual-ns'] ?? 0)} of your nodes’ time, {seeds === 1 ? 'one seed' : `${seeds} seeds`}, judged in {duration(result['took-ns'] ?? 0)}.</p>;
}

interface OverProps {
  readonly submission: Submission;
  readonly names: readonly string[];
  readonly goTo: (spot: Spot) => void;
  readonly next: string; // the address of the next task, "" if this is the last
  readonly submit: () => void;
}

function Over({ submission, names, goTo, next, submit }: OverProps) {
  const { words, kind } = headline(submission);
  const result = submission.result ?? null;
  const parts = result?.parts ?? [];
  return (
    <div class="over">
      <div class={'verdict ' + kind}><Mark is={kind === 'ok' ? 'ok' : kind === 'bad' ? 'bad' : 'open'} /><h3>{words}</h3></div>
      {result?.build?.built !== false && submission.sentence && <p class="sentence">{submission.sentence}</p>}
      {submission.state === 'cancelled' && <p>It was cancelled before there was a verdict.</p>}
      {submission.verdict === 'passed' && submission.kind === 'run' && <p>Now on all seeds: <button type="button" onClick={submit}>Submit</button></p>}
      {submission.verdict === 'passed' && submission.kind === 'submit' && next && <p><a class="go-on" href={next}>On to the next task</a></p>}
      {result?.limit && <LimitNote limit={result.limit} />}
      {result?.build && result.build.text !== '' && (result.build.built
        ? <details><summary>What the compiler said</summary><BuildText text={result.build.text} names={names} goTo={goTo} /></details>
        : <BuildText text={result.build.text} names={names} goTo={goTo} />)}
      {parts.map(part => <div key={part.name}>{part.name && <h4>{part.name}</h4>}<Steps steps={part.steps} seeds={result?.seeds ?? 1} /></div>)}
      {result && <Log result={result} />}
      {result?.step && result.seed !== undefined && <p class="figures">The same run in a terminal: <code>eddy learn check {submission.task} --seed {result.seed} --seeds 1</code></p>}
      {result && <Figures result={result} />}
      {submission.report && <Drawn submission={submission} />}
    </div>
  );
}

export function Outcome(props: Omit<OverProps, 'submission'> & { judging: Judging; cancel: () => void }) {
  const { judging, cancel } = props;
  const { submission, progress, isAway, error, isSending } = judging;
  return (
    <>
      {error && <p class="refused" role="alert">{error}</p>}
      {isSending && <div class="going"><div class="head"><span class="spinner" aria-hidden="true" /><p>Handing in.</p></div></div>}
      {submission && (isOver(submission) ? <Over {...props} submission={submission} /> : <Going submission={submission} progress={progress} isAway={isAway} cancel={cancel} />)}
    </>
  );
}

/** What a screen reader is told as it goes: a sentence for each turn, not for each step. */
export function spoken(judging: Judging): string {
  const { submission, progress, isSending } = judging;
  if (isSending) return 'Handing in.';
  if (!submission) return '';
  if (!isOver(submission)) return sentenceFor(submission.state === 'queued' ? { ...progress, phase: 'waiting' } : progress, submission.place);
  return `${headline(submission).words}. ${submission.sentence}`;
}
