// The place to work: text above, what comes of it below. State lives here and in the keeper; the rest is drawn from it.
import { useEffect, useState } from 'preact/hooks';
import type { Language, Submission } from '../types.js';
import { handOver, takeUpload } from './transfer.js';
import { workspace } from './archive.js';
import { Conflict } from './conflict.js';
import { AskName, Confirm, KeysHelp, MOD } from './dialogs.js';
import { differingNames, textOfFile, type Files } from './drafts.js';
import { Earlier } from './earlier.js';
import { FilesBar } from './files_bar.js';
import { isOver, useJudge } from './judging.js';
import { Kit } from './kit.js';
import { whatIsTooMuch, whatIsWrong } from './names.js';
import { Outcome, spoken } from './outcome.js';
import { Pane } from './pane.js';
import type { Spot } from './progress.js';
import { Saved } from './saved.js';
import { readSettings, recall, remember, writeSettings, type Settings } from './settings.js';
import { SolutionView } from './solution.js';
import { Tools, type Act } from './tools.js';
import { useKeeper, type Work } from './use_keeper.js';

export interface Place {
  readonly person: string;
  readonly track: string;
  readonly task: string;
  readonly number: number;
  readonly languages: readonly Language[];
  readonly next: string;
}

type Asked = null | { readonly what: 'add' | 'rename' | 'remove' | 'over' | 'help' };
type View = 'result' | 'earlier' | 'solution';

const LANGUAGE_KEY = 'eddy:language';

function firstLanguage(place: Place): string {
  const wanted = [recall(`${LANGUAGE_KEY}:${place.track}`), recall(LANGUAGE_KEY), 'python'];
  return wanted.find(name => place.languages.some(one => one.name === name)) ?? place.languages[0]?.name ?? '';
}

/** The page says so at once, not only after a reload. */
function markPassed(submission: Submission): void {
  const facts = document.querySelector('.facts');
  if (submission.verdict !== 'passed' || submission.kind !== 'submit' || !facts || facts.querySelector('.badge.passed')) return;
  facts.querySelector('.badge')?.remove();
  const badge = document.createElement('span');
  badge.className = 'badge passed';
  badge.textContent = 'passed';
  facts.querySelector('.level')?.after(' ', badge);
}

/** The file to begin with first, the others by name; the server gives them back by name. */
function inOrder(files: Files, main: string): Files {
  const rank = (name: string) => (name === main ? '' : name);
  return [...files].sort((a, b) => (rank(a.name) < rank(b.name) ? -1 : 1));
}

/** Where the bench stands below the text, what comes out is further down than the window. */
function showBelow(): void {
  if (matchMedia('(max-width: 74.99rem)').matches) requestAnimationFrame(() => document.querySelector('.bench .act')?.scrollIntoView());
}

export function Bench({ place }: { place: Place }) {
  const { track, task, languages } = place;
  const [language, setLanguageState] = useState(() => firstLanguage(place));
  const { work, error } = useKeeper(place.person, track, task, language);
  const setLanguage = (name: string) => {
    remember(LANGUAGE_KEY, name);
    remember(`${LANGUAGE_KEY}:${track}`, name);
    setLanguageState(name);
  };
  if (!work || work.language !== language) {
    const title = languages.find(one => one.name === language)?.title ?? language;
    return <p class="opening" role="status">{error ? `${error} The editor opens as soon as it can.` : `Opening the editor for ${title}.`}</p>;
  }
  return <Worked key={language} place={place} work={work} setLanguage={setLanguage} />;
}

function Worked({ place, work, setLanguage }: { place: Place; work: Work; setLanguage: (name: string) => void }) {
  const { track, task } = place;
  const { keeper, starter, language } = work;
  const files = inOrder(keeper.files, starter.main);
  const [settings, setSettingsState] = useState(readSettings);
  const [wanted, setOpen] = useState(starter.main);
  const [spot, setSpot] = useState<Spot | null>(null);
  const [asked, ask] = useState<Asked>(null);
  const [hasKit, setKit] = useState(false);
  const [isWide, setWide] = useState(false);
  const [view, setView] = useState<View>('result');
  const [said, say] = useState('');
  const judge = useJudge(track, task, markPassed);
  const open = textOfFile(files, wanted) === undefined ? (files[0]?.name ?? '') : wanted;
  const submission = judge.now.submission;
  const isGoing = judge.now.isSending || (submission !== null && !isOver(submission));
  const hasBelow = keeper.choice !== null || view !== 'result' || submission !== null || judge.now.isSending || judge.now.error !== '';

  const setSettings = (next: Settings) => { writeSettings(next); setSettingsState(next); };
  const set = (next: Files) => { keeper.arrivals++; keeper.change(next); };
  const handIn = (kind: 'run' | 'submit') => {
    const wrong = files.length === 0 ? 'There is no file to hand in.' : whatIsTooMuch(files);
    say(wrong);
    setView('result');
    if (wrong || isGoing) return;
    judge.start({ track, task, language, kind, files });
    showBelow();
  };
  const goTo = (to: Spot) => { setOpen(to.file); setSpot({ ...to }); };
  const take = (taken: Files, of: string) => {
    if (of !== language) return say(`That one is in ${of}; choose that language first, then take it up.`);
    keeper.replace(taken, 'Before an earlier text was taken up');
    say('Taken up. What was here is set aside, under Earlier.');
  };
  const upload = async (chosen: readonly File[]) => {
    if (chosen.length === 0) return;
    try {
      const { files: found, left } = await takeUpload(chosen);
      const kept = files.filter(file => textOfFile(found, file.name) === undefined);
      keeper.replace([...kept, ...found], 'Before an upload');
      say(`Taken: ${found.map(file => file.name).join(', ')}.${left.length > 0 ? ` Not taken: ${left.join(', ')}.` : ''}`);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  };
  const act = (what: Act, chosen: readonly File[] = []) => {
    if (what === 'kit') setKit(!hasKit);
    else if (what === 'wide') setWide(!isWide);
    else if (what === 'download') void handOver(`${track}-${language}`, workspace(track, place.number, language, files, starter.kit));
    else if (what === 'upload') void upload(chosen);
    else ask({ what });
  };

  useEffect(() => { document.body.classList.toggle('wide-bench', isWide); }, [isWide]);
  useEffect(() => {
    // The editor has its own; these are for the rest of the page.
    const key = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      handIn(event.shiftKey ? 'submit' : 'run');
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  });

  const close = () => ask(null);
  const tab = (name: View, words: string) => <button type="button" role="tab" id={`tab-${name}`} aria-controls={hasBelow ? 'below' : undefined} aria-selected={view === name} class={view === name ? 'on' : ''} onClick={() => setView(name)}>{words}</button>;
  return (
    <div class={hasBelow ? 'worked has-below' : 'worked'}>
      <div class="bar">
        <FilesBar files={files} kit={[]} open={open} panel="pane" show={setOpen} add={() => ask({ what: 'add' })} rename={name => { setOpen(name); ask({ what: 'rename' }); }} remove={name => { setOpen(name); if (files.length > 1) ask({ what: 'remove' }); }} />
        <Tools languages={place.languages} language={language} setLanguage={setLanguage} settings={settings} setSettings={setSettings} open={open} canRemove={files.length > 1} isWide={isWide} act={act} />
      </div>
      <div class={hasKit ? 'desk with-kit' : 'desk'}>
        <Pane id="pane" files={files} open={open} arrivals={keeper.arrivals} settings={settings} spot={spot}
          changed={(name, text) => keeper.change(keeper.files.map(file => (file.name === name ? { name, text } : file)))}
          run={() => handIn('run')} submit={() => handIn('submit')} save={() => void keeper.flush()} help={() => ask({ what: 'help' })} />
        {hasKit && <Kit files={starter.kit} close={() => setKit(false)} />}
      </div>
      <div class="act">
        <button type="button" class="strong" disabled={isGoing} onClick={() => handIn('run')} title={`On the first seed; counts for nothing. ${MOD} Enter`}>Run</button>
        <button type="button" disabled={isGoing} onClick={() => handIn('submit')} title={`On all seeds, and it counts. ${MOD} Shift Enter`}>Submit</button>
        <Saved keeper={keeper} />
        <div class="views" role="tablist" aria-label="What is shown below">{tab('result', 'Result')}{tab('earlier', 'Earlier')}{tab('solution', 'Solution')}</div>
      </div>
      {said && <p class="said" role="status">{said} <button type="button" class="quiet" aria-label="Close" onClick={() => say('')}>×</button></p>}
      <div class="visually-hidden" role="status" aria-live="polite">{spoken(judge.now)}</div>
      <div class="below" id="below" role="tabpanel" aria-labelledby={`tab-${view}`} hidden={!hasBelow}>
        {keeper.choice && <Conflict choice={keeper.choice} base={keeper.kept.baseFiles} mine={files} choose={chosen => keeper.choose(chosen)} />}
        {view === 'result' && !keeper.choice && <Outcome judging={judge.now} names={files.map(file => file.name)} goTo={goTo} next={place.next} submit={() => handIn('submit')} cancel={judge.cancel} />}
        {view === 'earlier' && !keeper.choice && <Earlier list={judge.list} asides={keeper.asides} language={language} now={files} show={id => { setView('result'); judge.show(id); }} take={take} />}
        {view === 'solution' && !keeper.choice && <SolutionView track={track} task={task} />}
      </div>
      {asked?.what === 'add' && <AskName title="Add a file" first="" verb="Add" whatIsWrong={name => whatIsWrong(name, files)} close={close}
        done={name => { set([...files, { name, text: '' }]); setOpen(name); close(); }} />}
      {asked?.what === 'rename' && <AskName title={`Rename ${open}`} first={open} verb="Rename" whatIsWrong={name => (name === open ? '' : whatIsWrong(name, files.filter(file => file.name !== open)))} close={close}
        done={name => { set(files.map(file => (file.name === open ? { name, text: file.text } : file))); setOpen(name); close(); }} />}
      {asked?.what === 'remove' && <Confirm title={`Remove ${open}?`} verb="Remove" close={close} done={() => { keeper.replace(files.filter(file => file.name !== open), `Before ${open} was removed`); close(); }}>
        <p>It is set aside under Earlier, and can be had back from there.</p></Confirm>}
      {asked?.what === 'over' && <Confirm title="Start over?" verb="Start over" close={close} done={() => { keeper.replace(starter.files, 'Before starting over'); close(); }}>
        <p>{differingNames(files, starter.files).length > 0 ? 'The text becomes what the course gives to begin with. Yours is set aside under Earlier, and can be had back from there.' : 'The text is what the course gives to begin with.'}</p></Confirm>}
      {asked?.what === 'help' && <KeysHelp close={close} />}
    </div>
  );
}
