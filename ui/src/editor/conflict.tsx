// The same text was changed here and elsewhere: the learner sees both and chooses. Neither is lost by it.
import { useState } from 'preact/hooks';
import type { Choice } from './keeper.js';
import { mergeFiles, textOfFile, type Files } from './drafts.js';
import { Differences } from './earlier.js';

export function Conflict({ choice, base, mine, choose }: { choice: Choice; base: Files | null; mine: Files; choose: (files: Files) => void }) {
  const { theirs, names } = choice;
  const [takes, setTakes] = useState<{ readonly [name: string]: 'mine' | 'theirs' }>({});
  const finish = () => {
    const merged = mergeFiles(base, mine, theirs.files).files.filter(file => !names.includes(file.name));
    const chosen = names.flatMap(name => {
      const text = textOfFile(takes[name] === 'theirs' ? theirs.files : mine, name);
      return text === undefined ? [] : [{ name, text }];
    });
    choose([...merged, ...chosen]);
  };
  return (
    <section class="conflict" aria-label="Two versions of your text">
      <h4>Your text was also changed somewhere else</h4>
      <p>{names.length === 1 ? `${names[0]} was` : `${names.join(', ')} were`} written to in another browser or window since this one last heard of it. Both are kept: the one that you do not take is set aside under Earlier.</p>
      {names.map(name => (
        <fieldset key={name}>
          <legend>{name}</legend>
          <label><input type="radio" name={'take-' + name} checked={takes[name] !== 'theirs'} onChange={() => setTakes({ ...takes, [name]: 'mine' })} /> what is here</label>
          <label><input type="radio" name={'take-' + name} checked={takes[name] === 'theirs'} onChange={() => setTakes({ ...takes, [name]: 'theirs' })} /> what is there</label>
        </fieldset>
      ))}
      <p><button type="button" class="strong" onClick={finish}>Go on with this</button></p>
      <Differences pair={{ titles: ['There', 'Here'], before: theirs.files.filter(file => names.includes(file.name)), after: mine.filter(file => names.includes(file.name)) }} />
    </section>
  );
}
