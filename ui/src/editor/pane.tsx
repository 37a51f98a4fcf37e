// The editor itself: a desk in an element, told of what changes around it.
import { useEffect, useRef } from 'preact/hooks';
import { Desk, type DeskEvents } from './desk.js';
import { textOfFile, type Files } from './drafts.js';
import type { Spot } from './progress.js';
import type { Settings } from './settings.js';

interface Props extends DeskEvents {
  readonly id: string;
  readonly files: Files;
  readonly open: string;
  readonly arrivals: number; // changes when texts came from elsewhere
  readonly settings: Settings;
  readonly spot: Spot | null; // where to go; each a new object
}

export function Pane(props: Props) {
  const { id, files, open, arrivals, settings, spot } = props;
  const place = useRef<HTMLDivElement>(null);
  const desk = useRef<Desk | null>(null);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    if (!place.current) return undefined;
    const made = new Desk(place.current, latest.current.settings, {
      changed: (name, text) => latest.current.changed(name, text),
      run: () => latest.current.run(),
      submit: () => latest.current.submit(),
      save: () => latest.current.save(),
      help: () => latest.current.help(),
    });
    desk.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => {
    desk.current?.keepOnly(files.map(file => file.name));
    const text = textOfFile(files, open);
    if (text !== undefined) desk.current?.show(open, text);
  }, [open, arrivals]);
  useEffect(() => desk.current?.tune(settings), [settings]);
  useEffect(() => { if (spot && spot.file === open) desk.current?.goTo(spot.line); }, [spot, open]);
  return <div id={id} class="pane" role="tabpanel" aria-label={open} ref={place} style={{ '--code-size': `${settings.size}px` }} />;
}
