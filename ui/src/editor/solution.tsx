// The course's own solution: after passing, or when somebody says that he wants to see it before.
import { useEffect, useState } from 'preact/hooks';
import * as api from '../api.js';
import type { Solution, SourceFile } from '../types.js';
import { Reader } from './reader.js';

type Shown = { readonly kind: 'loading' } | { readonly kind: 'closed' } | { readonly kind: 'there'; readonly solution: Solution } | { readonly kind: 'error'; readonly sentence: string };

/** An editor is made for what is looked at only: a track's program may have thirty files. */
function SolutionFile({ file, isOpen }: { file: SourceFile; isOpen: boolean }) {
  const [wasOpened, setOpened] = useState(isOpen);
  return (
    <details class="solution-file" open={isOpen} onToggle={event => { if (event.currentTarget.open) setOpened(true); }}>
      <summary>{file.name} <small>{file.text.split('\n').length - 1} lines</small></summary>
      {wasOpened && <Reader name={file.name} text={file.text} label={`Solution: ${file.name}`} />}
    </details>
  );
}

export function SolutionView({ track, task }: { track: string; task: string }) {
  const [shown, setShown] = useState<Shown>({ kind: 'loading' });
  const load = (confirmed: boolean) => {
    setShown({ kind: 'loading' });
    api.solution(track, task, confirmed).then(
      solution => setShown({ kind: 'there', solution }),
      (error: unknown) => setShown(error instanceof api.Refusal && error.status === 403 && !confirmed ? { kind: 'closed' } : { kind: 'error', sentence: api.sentenceOf(error) }),
    );
  };
  useEffect(() => load(false), [track, task]);

  switch (shown.kind) {
    case 'loading':
      return <p class="note">Fetching it.</p>;
    case 'error':
      return <p class="refused" role="alert">{shown.sentence} <button type="button" onClick={() => load(false)}>Try again</button></p>;
    case 'closed':
      return (
        <div>
          <p>You have not passed this task yet. One learns most from one’s own way; the hints are there for when you are stuck. If you want to see a solution all the same, here it is.</p>
          <p><button type="button" onClick={() => load(true)}>Show me the solution</button></p>
        </div>
      );
    case 'there':
      return (
        <div class="solution">
          <p>The course’s own program for the whole track, in {shown.solution.language === 'c' ? 'C' : shown.solution.language}: one way to do it, and yours may be as good.</p>
          {shown.solution.files.map(file => <SolutionFile key={file.name} file={file} isOpen={shown.solution.files.length === 1} />)}
        </div>
      );
  }
}
