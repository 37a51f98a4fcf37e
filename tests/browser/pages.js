// The addresses that tests and screenshots look at.
'use strict';

// One of each kind; `mark` is a text that its reader must find, whether scripts run or not.
const KINDS = [
  { name: 'home', place: '/', mark: 'see why they break' },
  { name: 'track', place: '/tracks/messenger', mark: 'Prerequisites' },
  { name: 'planned', place: null, mark: 'not written yet' },
  { name: 'task', place: '/tracks/messenger/lines', mark: 'What you build' },
  { name: 'progress', place: '/progress', mark: 'Progress' },
  { name: 'search', place: '/search?q=partition', mark: 'partition' },
  { name: 'nothing-found', place: '/search?q=zyxwv', mark: 'zyxwv' },
  { name: 'manual', place: '/docs', mark: 'protocol' },
  { name: 'manual-page', place: '/docs/protocol', mark: 'in_reply_to' },
  { name: 'playground', place: '/playground', mark: 'broadcast' },
  { name: 'admin', place: '/admin', mark: 'orker' },
  { name: 'error', place: '/tracks/none', mark: 'no track of this name', status: 404 },
];

// KINDS with what only the server knows put in.
async function kinds(server) {
  const { tracks } = await server.json('/api/v1/tracks');
  const planned = tracks.find(track => track.state === 'planned');
  return KINDS.map(kind => kind.name === 'planned' ? { ...kind, place: planned && '/tracks/' + planned.slug } : kind).filter(kind => kind.place);
}

// Every page of the course: tracks and tasks.
async function all(server) {
  const { tracks } = await server.json('/api/v1/tracks');
  return tracks.flatMap(track => ['/tracks/' + track.slug, ...track.tasks.filter(() => track.state === 'written').map(task => `/tracks/${track.slug}/${task.slug}`)]);
}

module.exports = { kinds, all };
