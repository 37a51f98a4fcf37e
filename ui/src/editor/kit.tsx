// The library that comes with the language, beside one's own text, to be read.
import { useState } from 'preact/hooks';
import { textOfFile, type Files } from './drafts.js';
import { Reader } from './reader.js';

export function Kit({ files, close }: { files: Files; close: () => void }) {
  const [name, setName] = useState(files[0]?.name ?? '');
  const open = textOfFile(files, name) === undefined ? (files[0]?.name ?? '') : name;
  return (
    <section class="kit-beside" aria-label="The kit, to be read">
      <div class="head">
        <label>kit/ <select aria-label="File of the kit" value={open} onChange={event => setName(event.currentTarget.value)}>{files.map(file => <option key={file.name}>{file.name}</option>)}</select></label>
        <button type="button" class="quiet" aria-label="Close the kit" onClick={close}>×</button>
      </div>
      <Reader name={open} text={textOfFile(files, open) ?? ''} label={`kit/${open}, to be read`} />
    </section>
  );
}
