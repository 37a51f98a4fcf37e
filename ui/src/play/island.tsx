// The playground: any workload, any program, any trouble. The form is made of GET /workloads, the program begins as the starter of the workload and
// is kept in this browser, and the address of the page always has the settings, so that it can be passed on.
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import * as api from '../api.js';
import { AskName, Confirm, MOD } from '../editor/dialogs.js';
import { sameFiles, textOfFile, type Files } from '../editor/drafts.js';
import { FilesBar } from '../editor/files_bar.js';
import { Kit } from '../editor/kit.js';
import { whatIsTooMuch, whatIsWrong as whatIsWrongName } from '../editor/names.js';
import { Pane } from '../editor/pane.js';
import { readSettings } from '../editor/settings.js';
import { textOf, type Mount, type Props } from '../islands.js';
import { person } from '../person.js';
import type { Starter } from '../types.js';
import { keepFiles, keptFiles } from './files.js';
import { addressOf, chosen, optionsOf, valueOf, whatIsWrong, type Offer, type Values } from './offer.js';
import { Outcome } from './result.js';
import { SettingsForm } from './settings_form.js';
import { useRun } from './use_run.js';

type Asked = null | 'add' | 'rename' | 'remove' | 'over';

interface Program {
  readonly workload: string;
  readonly language: string;
  readonly starter: Starter;
  readonly files: Files;
  readonly arrivals: number;
}

function useProgram(workload: string, language: string): { readonly program: Program | null; readonly error: string; set(files: Files, isTyped?: boolean): void } {
  const [program, setProgram] = useState<Program | null>(null);
  const [error, setError] = useState('');
  useEffect(() => {
    let isGone = false;
    setError('');
    api.ask<Starter>(`/workloads${api.path(workload)}/starter?language=${encodeURIComponent(language)}`).then(
      starter => { if (!isGone) setProgram({ workload, language, starter, files: keptFiles(person(), workload, language) ?? starter.files, arrivals: 0 }); },
      (why: unknown) => { if (!isGone) setError(api.sentenceOf(why)); },
    );
    return () => { isGone = true; };
  }, [workload, language]);
  const set = (files: Files, isTyped = false): void => {
    if (!program) return;
    keepFiles(person(), program.workload, program.language, files);
    setProgram({ ...program, files, arrivals: program.arrivals + (isTyped ? 0 : 1) });
  };
  return { program: program?.workload === workload && program.language === language ? program : null, error, set };
}

interface BenchProps {
  readonly program: Program;
  readonly set: (files: Files, isTyped?: boolean) => void;
  readonly run: () => void;
  readonly isGoing: boolean;
  readonly isOpen: boolean; // programs can be run here
}

function Bench({ program, set, run, isGoing, isOpen }: BenchProps) {
  const { files, starter } = program;
  const [wanted, setOpen] = useState(starter.main);
  const [asked, ask] = useState<Asked>(null);
  const [hasKit, setKit] = useState(false);
  const [settings] = useState(readSettings);
  const open = textOfFile(files, wanted) === undefined ? (files[0]?.name ?? '') : wanted;
  const close = (): void => ask(null);
  return (
    <section class="bench" aria-label="Your program">
      <div class="worked">
        <div class="bar">
          <FilesBar files={files} kit={[]} open={open} panel="pane" show={setOpen} add={() => ask('add')} rename={name => { setOpen(name); ask('rename'); }} remove={name => { setOpen(name); if (files.length > 1) ask('remove'); }} />
        </div>
        <div class={hasKit ? 'desk with-kit' : 'desk'}>
          <Pane id="pane" files={files} open={open} arrivals={program.arrivals} settings={settings} spot={null} changed={(name, text) => set(files.map(file => (file.name === name ? { name, text } : file)), true)} run={run} submit={run} save={() => undefined} help={() => undefined} />
          {hasKit && <Kit files={starter.kit} close={() => setKit(false)} />}
        </div>
        <div class="act">
          <button type="button" class="strong" disabled={isGoing || !isOpen} onClick={run} title={`${MOD} Enter`}>Run</button>
          <button type="button" aria-pressed={hasKit} onClick={() => setKit(!hasKit)}>Kit</button>
          {!sameFiles(files, starter.files) && <button type="button" onClick={() => ask('over')}>Start over</button>}
          <span class="saved">{isGoing ? 'Running' : 'Kept in this browser'}</span>
        </div>
      </div>
      {asked === 'add' && <AskName title="Add a file" first="" verb="Add" whatIsWrong={name => whatIsWrongName(name, files)} close={close} done={name => { set([...files, { name, text: '' }]); setOpen(name); close(); }} />}
      {asked === 'rename' && <AskName title={`Rename ${open}`} first={open} verb="Rename" whatIsWrong={name => (name === open ? '' : whatIsWrongName(name, files.filter(file => file.name !== open)))} close={close}
        done={name => { set(files.map(file => (file.name === open ? { name, text: file.text } : file))); setOpen(name); close(); }} />}
      {asked === 'remove' && <Confirm title={`Remove ${open}?`} verb="Remove" close={close} done={() => { set(files.filter(file => file.name !== open)); close(); }}><p>It cannot be had back.</p></Confirm>}
      {asked === 'over' && <Confirm title="Start over?" verb="Start over" close={close} done={() => { set(starter.files); close(); }}><p>Your program for this workload and language is replaced by the one to begin with, and cannot be had back.</p></Confirm>}
    </section>
  );
}

interface Begin {
  readonly workload: string;
  readonly language: string;
  readonly values: Values;
  readonly isOpen: boolean;
}

function Playground({ offer, begin }: { readonly offer: Offer; readonly begin: Begin }) {
  const [workload, setWorkload] = useState(begin.workload);
  const [language, setLanguage] = useState(begin.language);
  const [values, setValues] = useState(begin.values);
  const { program, error, set } = useProgram(workload, language);
  const { now, start, cancel } = useRun();
  const [refused, refuse] = useState('');
  const outcome = useRef<HTMLElement>(null);
  const [isWide] = useState(() => matchMedia('(min-width: 75rem)').matches); // else the program comes first
  const isWrong = optionsOf(offer, workload).some(option => whatIsWrong(option, valueOf(option, values)) !== '');

  const run = (): void => {
    if (!program || now.isGoing || !begin.isOpen) return;
    const wrong = isWrong ? 'A setting is not as it must be; it says how.' : whatIsTooMuch(program.files);
    refuse(wrong);
    if (wrong === '') start({ workload, options: chosen(offer, workload, values), language, files: program.files });
  };
  // What has begun is to be seen, and so is what came of it; not when the page is only opened.
  useEffect(() => { if (now.isGoing || now.run) outcome.current?.scrollIntoView({ block: 'nearest' }); }, [now.isGoing]);
  useEffect(() => { history.replaceState(null, '', addressOf(offer, workload, language, values)); }, [workload, language, values]);
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      run();
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  });

  const summary = offer.workloads.find(one => one.name === workload)?.summary ?? '';
  return (
    <div class="play-ground">
      <form class="play-settings" aria-label="Settings of the run" onSubmit={event => { event.preventDefault(); run(); }}>
        <div class="options">
          <div class="field"><label for="workload">Workload</label><select id="workload" value={workload} onChange={event => setWorkload(event.currentTarget.value)}>{offer.workloads.map(one => <option key={one.name}>{one.name}</option>)}</select>
            <p class="help">{summary} <a href={`/docs/workloads#${workload}`}>More</a></p></div>
          <div class="field"><label for="language">Language</label><select id="language" value={language} onChange={event => setLanguage(event.currentTarget.value)}>{offer.languages.map(one => <option key={one.name} value={one.name}>{one.title}</option>)}</select></div>
        </div>
        <details class="settings" open={isWide}>
          <summary>Settings</summary>
          <SettingsForm offer={offer} workload={workload} values={values} set={(name, value) => setValues({ ...values, [name]: value })} />
        </details>
      </form>
      <div class="play-bench">
        {program ? <Bench key={`${workload}/${language}`} program={program} set={set} run={run} isGoing={now.isGoing} isOpen={begin.isOpen} /> : <p class="opening" role="status">{error || 'Opening the editor.'}</p>}
        {!begin.isOpen && <p class="note warn">This server runs no programs. The command that has the same run at home is on this page without its script, and in the manual.</p>}
        {refused && <p class="note bad" role="alert">{refused}</p>}
        <section class="play-outcome" aria-label="What comes of the run" ref={outcome}><Outcome now={now} cancel={cancel} /></section>
      </div>
    </div>
  );
}

function valuesOf(props: Props): Values {
  const { options } = props;
  if (typeof options !== 'object' || options === null) return {};
  return Object.fromEntries(Object.entries(options).filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}

export const playground: Mount = (place, props) => {
  const begin = { workload: textOf(props, 'workload') || 'echo', language: textOf(props, 'language') || 'python', values: valuesOf(props), isOpen: props['open'] !== false };
  api.ask<Offer>('/workloads').then(
    offer => {
      place.replaceChildren();
      render(<Playground offer={offer} begin={begin} />, place);
    },
    (error: unknown) => console.error(error), // the page stays as it came, and is of use as it is
  );
};
