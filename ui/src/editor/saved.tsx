// One calm line: where the text is kept.
import type { Keeper } from './keeper.js';

export function Saved({ keeper }: { keeper: Keeper }) {
  const { saving, isStored, sentence, isSignedOut, choice } = keeper;
  if (saving === 'refused' && isSignedOut && isStored)
    return <span class="saved bad" role="status">Kept in this browser only, until you <a href={`/sign-in?next=${encodeURIComponent(location.pathname)}`}>sign in</a> again</span>;
  const [words, kind] =
    choice ? ['Kept here until you choose', 'note']
    : saving === 'away' ? [isStored ? 'The server is not reached; kept in this browser, tried again' : 'The server is not reached, and this browser keeps nothing: please leave this page open', isStored ? 'note' : 'bad']
    : saving === 'refused' ? [`Kept in this browser only: ${sentence}`, 'bad']
    : saving === 'saved' ? ['Saved', 'fine']
    : [isStored ? 'Kept here' : 'Saving', 'fine'];
  return <span class={'saved ' + kind} role={kind === 'fine' ? undefined : 'status'}>{words}</span>;
}
