// The page of a submission or a run that is not over: what the judge says, as it says it. When it is over the page is loaded anew, since the
// server's page says everything; so there is one way to show a result, and it needs no script.
import * as api from './api.js';
import { NO_PROGRESS, after, sentenceFor, type Progress } from './editor/progress.js';
import { textOf, type Mount } from './islands.js';
import { WAITING, goingAfter, waiting, type Going } from './play/running.js';
import type { Judged, JudgeEvent } from './types.js';

class Watching {
  private readonly sentence = document.createElement('p');
  private readonly bar = document.createElement('progress');
  private readonly list = document.createElement('ol');
  private progress: Progress = NO_PROGRESS; // of a submission
  private going: Going = WAITING; // of a run
  private place = 0;
  private isQueued = true;

  constructor(place: HTMLElement, private readonly isRun: boolean) {
    this.sentence.setAttribute('role', 'status');
    this.sentence.className = 'note info';
    this.bar.className = 'long';
    this.bar.setAttribute('aria-label', 'how far it is');
    this.bar.hidden = true;
    this.list.className = 'step-list';
    place.replaceChildren(this.sentence, this.bar, this.list);
    this.show();
  }

  state(now: Judged): void {
    this.isQueued = now.state === 'queued';
    this.place = now.place;
    if (this.isQueued) this.going = waiting(now.place);
    this.show();
  }

  step(event: JudgeEvent): void {
    this.progress = after(this.progress, event);
    this.going = goingAfter(this.going, event);
    this.show();
  }

  away(isAway: boolean): void {
    if (isAway) this.tell('The connection is gone just now. The judge goes on without it, and this page will catch up.');
    else this.show();
  }

  tell(sentence: string): void {
    if (this.sentence.textContent !== sentence) this.sentence.textContent = sentence; // or it would be read aloud again and again
  }

  private show(): void {
    const { done, of } = this.isRun ? this.going : this.progress;
    this.tell(this.isRun ? this.going.sentence : sentenceFor(this.isQueued ? { ...this.progress, phase: 'waiting' } : this.progress, this.place));
    this.bar.hidden = of === 0;
    this.bar.max = of || 1;
    this.bar.value = done;
    this.list.replaceChildren(...this.progress.steps.map(({ part, name, failed, passed }) => {
      const item = document.createElement('li'), dot = document.createElement('span'), words = document.createElement('span'), count = document.createElement('small');
      const look = failed ? 'failed' : 'passed';
      item.className = look;
      dot.className = `dot ${look}`;
      words.textContent = part === '' ? name : `${part}: ${name}`;
      count.textContent = failed ? 'failed' : passed > 1 ? `${passed} seeds` : 'passed';
      item.append(dot, words, count);
      return item;
    }));
  }
}

export const run: Mount = (place, props) => {
  const kind = textOf(props, 'kind') === 'runs' ? 'runs' : 'submissions';
  const id = props['id'];
  if (typeof id !== 'number' && typeof id !== 'string') return;
  const watching = new Watching(place, kind === 'runs');
  api.watch<Judged>(kind, id, {
    state: now => watching.state(now),
    step: event => watching.step(event),
    away: isAway => watching.away(isAway),
    over: () => location.reload(),
  }, new AbortController().signal).catch((error: unknown) => watching.tell(api.sentenceOf(error)));
};
