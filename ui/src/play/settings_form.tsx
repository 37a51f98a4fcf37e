// The settings of a run: a field each, made of what the API says of it.
import { optionsOf, valueOf, whatIsWrong, withChoice, type Offer, type Option, type Values } from './offer.js';

/** Those that most runs need; the others stand behind a door. */
const FIRST = ['node-count', 'time-limit', 'rate', 'latency', 'topology', 'nemesis', 'seed'];

interface FieldProps {
  readonly option: Option;
  readonly value: string;
  readonly set: (value: string) => void;
}

function Choices({ option, value, set }: FieldProps) {
  const chosen = value.split(',');
  return (
    <fieldset class="choices" aria-describedby={`about-${option.name}`}>
      <legend>{option.label}</legend>
      <div class="boxes">
        {option.choices.map(choice => (
          <label class="choice" key={choice}>
            <input type="checkbox" checked={chosen.includes(choice)} onChange={event => set(withChoice(option, value, choice, event.currentTarget.checked))} /> {choice}
          </label>
        ))}
      </div>
      <p class="help" id={`about-${option.name}`}>{option.sentence}</p>
    </fieldset>
  );
}

function Control({ option, value, set, wrong }: FieldProps & { readonly wrong: string }) {
  const choices = option.kind === 'switch' ? ['off', 'on'] : option.choices;
  const about = `about-${option.name}${wrong ? ` wrong-${option.name}` : ''}`;
  if (option.kind === 'choice' || option.kind === 'switch') {
    return <select id={option.name} value={value} aria-describedby={about} onChange={event => set(event.currentTarget.value)}>{choices.map(choice => <option key={choice}>{choice}</option>)}</select>;
  }
  return (
    <span class="with-unit">
      <input id={option.name} value={value} inputMode={option.kind === 'clients' ? 'text' : 'decimal'} maxLength={20} autocomplete="off" spellcheck={false}
        aria-invalid={wrong !== ''} aria-describedby={about} onInput={event => set(event.currentTarget.value)} />
      {option.unit && <span class="unit">{option.unit}</span>}
    </span>
  );
}

function Field(props: FieldProps) {
  const { option, value } = props;
  const wrong = whatIsWrong(option, value);
  if (option.kind === 'choices') return <Choices {...props} />;
  return (
    <div class="field">
      <label for={option.name}>{option.label}</label>
      <Control {...props} wrong={wrong} />
      {wrong && <p class="error" id={`wrong-${option.name}`}>{wrong}</p>}
      <p class="help" id={`about-${option.name}`}>{option.sentence}</p>
    </div>
  );
}

interface Props {
  readonly offer: Offer;
  readonly workload: string;
  readonly values: Values;
  readonly set: (name: string, value: string) => void;
}

export function SettingsForm({ offer, workload, values, set }: Props) {
  const all = optionsOf(offer, workload);
  const field = (option: Option) => <Field key={option.name} option={option} value={valueOf(option, values)} set={value => set(option.name, value)} />;
  const rest = all.filter(option => !FIRST.includes(option.name));
  return (
    <>
      <div class="options">{FIRST.flatMap(name => all.filter(option => option.name === name)).map(field)}</div>
      {rest.length > 0 && <details class="fold"><summary>More settings</summary><div class="options">{rest.map(field)}</div></details>}
    </>
  );
}
