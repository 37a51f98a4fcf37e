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

/** What names somebody's thing in the browser's storage: "7/echo/c"; "echo/c" without accounts. */
export function keyOf(owner: string, ...words: string[]): string {
  return [owner, ...words].filter(word => word !== '').join('/');
}
