// What stands above the text: the language, and a menu of everything that is rarely wanted.
import { useRef } from 'preact/hooks';
import type { Language } from '../types.js';
import { Menu } from './menu.js';
import { SIZES, type Keys, type Settings } from './settings.js';

export interface ToolsProps {
  readonly languages: readonly Language[];
  readonly language: string;
  readonly setLanguage: (name: string) => void;
  readonly settings: Settings;
  readonly setSettings: (settings: Settings) => void;
  readonly open: string;
  readonly canRemove: boolean;
  readonly isWide: boolean;
  readonly act: (what: Act, files?: readonly File[]) => void;
}

export type Act = 'kit' | 'wide' | 'rename' | 'remove' | 'download' | 'upload' | 'over' | 'help';

export function Tools(props: ToolsProps) {
  const { languages, language, setLanguage, settings, setSettings, open, canRemove, isWide, act } = props;
  const files = useRef<HTMLInputElement>(null), folder = useRef<HTMLInputElement>(null);
  const taken = (input: HTMLInputElement) => {
    act('upload', [...(input.files ?? [])]);
    input.value = '';
  };
  return (
    <div class="tools">
      <select aria-label="Language" value={language} onChange={event => setLanguage(event.currentTarget.value)}>
        {languages.map(one => <option key={one.name} value={one.name}>{one.title}</option>)}
      </select>
      <button type="button" class="quiet" onClick={() => act('kit')}>Kit</button>
      <button type="button" class="quiet wide-button" aria-pressed={isWide} onClick={() => act('wide')}>{isWide ? 'Beside the text' : 'Wider'}</button>
      <Menu label="⋯" title="More">
        <button type="button" onClick={() => act('rename')}>Rename {open} …</button>
        <button type="button" disabled={!canRemove} onClick={() => act('remove')}>Remove {open} …</button>
        <hr />
        <button type="button" onClick={() => act('download')}>Download as a folder</button>
        <button type="button" onClick={() => files.current?.click()}>Upload files or an archive …</button>
        <button type="button" onClick={() => folder.current?.click()}>Upload a folder …</button>
        <button type="button" onClick={() => act('over')}>Start over …</button>
        <hr />
        <label>Keys <select value={settings.keys} onChange={event => setSettings({ ...settings, keys: event.currentTarget.value as Keys })}>
          <option value="plain">plain</option><option value="vim">Vim</option><option value="emacs">Emacs</option>
        </select></label>
        <label>Letters <select value={settings.size} onChange={event => setSettings({ ...settings, size: Number(event.currentTarget.value) })}>
          {SIZES.map(size => <option key={size} value={size}>{size} px</option>)}
        </select></label>
        <label><input type="checkbox" checked={settings.wraps} onChange={event => setSettings({ ...settings, wraps: event.currentTarget.checked })} /> Wrap long lines</label>
        <hr />
        <button type="button" onClick={() => act('help')}>Help with keys</button>
      </Menu>
      <input ref={files} type="file" hidden multiple onChange={event => taken(event.currentTarget)} />
      <input ref={folder} type="file" hidden multiple {...{ webkitdirectory: true }} onChange={event => taken(event.currentTarget)} />
    </div>
  );
}
