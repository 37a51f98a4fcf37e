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

// The pages of accounts, of a school (school.js) whose people have handed something in: who looks, and at what.
async function behind({ root, tea, ann, class: id, assignment }) {
  const failed = (await tea.ask('GET', `/classes/${id}/progress`)).people.find(one => one.verdict === 'failed');
  const { path: invitation } = await tea.ask('POST', '/invitations', { class: id, uses: 5 });
  const { path: link } = await tea.ask('POST', `/classes/${id}/links`, { uses: 5 });
  const { path: forgotten } = await root.ask('POST', `/admin/users/${ann.id}/password`);
  return [
    { name: 'sign-in', who: 'nobody', place: `/sign-in?next=/classes/${id}`, mark: 'Password' },
    { name: 'sign-up', who: 'nobody', place: invitation, mark: 'Full name' },
    { name: 'join', who: 'nobody', place: link, mark: 'need an account' },
    { name: 'joining', who: 'ann', place: link, mark: 'Join' },
    { name: 'new-password', who: 'nobody', place: forgotten, mark: 'New password' },
    { name: 'account', who: 'ann', place: '/account', mark: 'Your data' },
    { name: 'own-class', who: 'ann', place: `/classes/${id}`, mark: 'Week 1' },
    { name: 'teach', who: 'tea', place: '/teach', mark: 'New class' },
    { name: 'class', who: 'tea', place: `/teach/classes/${id}`, mark: 'Where people are stuck' },
    { name: 'assignment', who: 'tea', place: `/teach/classes/${id}/assignments/${assignment}`, mark: 'As CSV' },
    { name: 'learner', who: 'tea', place: `/teach/classes/${id}/people/${failed.member.id}`, mark: 'Handed in' },
    { name: 'others-submission', who: 'tea', place: `/submissions/${failed.submission}`, mark: `by ${failed.member.full_name}` },
    { name: 'server', who: 'root', place: '/admin', mark: 'Queue' },
    { name: 'people', who: 'root', place: '/admin/people', mark: 'Invite' },
    { name: 'refused', who: 'ann', place: '/admin', mark: 'You may not do this', status: 403 },
  ];
}

module.exports = { kinds, all, behind };
