// What came of a run, in short: the verdict, why, and the run drawn. Everything else stands on its own page, which the server writes.
import { reportUrl } from '../api.js';
import type { Run } from '../types.js';
import type { RunState } from './use_run.js';

function wordsOf(run: Run): { readonly words: string; readonly look: string } {
  if (run.state === 'cancelled') return { words: 'cancelled', look: 'cancelled' };
  if (run.verdict === 'passed') return { words: 'valid', look: 'passed' };
  if (run.verdict === 'failed') return { words: run.result?.build?.built === false ? 'does not build' : 'not valid', look: 'failed' };
  return { words: 'not judged', look: 'warn' };
}

function evidenceOf(run: Run): string {
  const result: object = run.result ?? {};
  const lines: unknown = 'evidence' in result ? result.evidence : [];
  return Array.isArray(lines) ? lines.filter(line => typeof line === 'string').join('\n') : '';
}

function Over({ run, url }: { readonly run: Run; readonly url: string }) {
  const { words, look } = wordsOf(run);
  const build = run.result?.build;
  const evidence = evidenceOf(run);
  return (
    <>
      <p class="verdict"><span class={`badge ${look}`}>{words}</span> <a href={url}>The page of this run</a> <span class="soft small">can be passed on: whoever has the address may see it.</span></p>
      {run.sentence && build?.built !== false && <p class="sentence">{run.sentence}</p>}
      {build?.built === false && <pre tabIndex={0}><samp>{build.text}</samp></pre>}
      {evidence && <pre class="evidence" tabIndex={0} aria-label="Evidence"><samp>{evidence}</samp></pre>}
      {run.report && <iframe class="report" src={reportUrl('runs', run.id)} sandbox="allow-scripts" title="The run as a space-time diagram" />}
    </>
  );
}

export function Outcome({ now, cancel }: { readonly now: RunState; readonly cancel: () => void }) {
  const { run, going, isGoing, isAway, error, url } = now;
  if (error) return <p class="note bad" role="alert">{error}</p>;
  if (isGoing) {
    return (
      <div class="stack">
        <p class="cluster"><span class="spinner" aria-hidden="true" /> <span role="status">{isAway ? 'The connection is gone just now; the run goes on without it.' : going.sentence}</span>
          <button type="button" class="button quiet small" onClick={cancel}>Cancel</button></p>
        {going.of > 0 && <progress class="long" max={going.of} value={going.done} aria-label="virtual time gone by" />}
      </div>
    );
  }
  return run ? <Over run={run} url={url} /> : <p class="soft">What comes of a run is shown here.</p>;
}
