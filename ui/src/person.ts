// For whom this page was made. A cookie belongs to the browser, not to one window of it: when another person has signed in
// meanwhile, this window is still the first one's. So each request says whose page it comes from, which the server
// compares (src/web/request.h), and what the browser keeps is kept by person.
export const NOBODY = 'nobody'; // there are accounts, and nobody has signed in

/** "" without accounts: one person uses this server. */
export function person(): string {
  return document.body.dataset['person'] ?? '';
}

/** The id to be told to the server; "" if there is none. */
export function personToTell(): string {
  return person() === NOBODY ? '' : person();
}

/** The key of something in the browser's storage that is one person's: "eddy:play:" and "echo/c" for person 7 is "eddy:play:7/echo/c". */
export function keyOf(owner: string, kind: string, name: string): string {
  return kind + (owner === '' ? '' : owner + '/') + name;
}
