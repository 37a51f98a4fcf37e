// web_people.js URL COUNT INVITATION - the first admin of a new server, by his INVITATION, and COUNT learners whom he invites, each from an
// address of his own. Prints a line each: cookie and address. Passwords cost a server 64 MB and a tenth of a second each by design
// (argon2id), so this is done before anything is measured.
'use strict';
const { ask, sure, later } = require('./web_client.js');

const [url, count, invitation] = process.argv.slice(2);

// So many passwords at once and no more: who is told to come again (503) does.
async function signUp(name, invitation, address) {
  for (;;) {
    const answer = await ask(url, 'POST', '/api/v1/users', { who: { address }, body: { name, password: 'correct horse battery', invitation } });
    if (answer.status === 201) return { cookie: answer.headers['set-cookie'][0].split(';')[0], address };
    if (answer.status !== 503) throw new Error(`${name} cannot sign up: ${answer.status} ${answer.body.detail}`);
    await later(100);
  }
}

async function main() {
  const admin = await signUp('root', invitation, '10.1.0.1');
  const made = await sure(url, 'POST', '/api/v1/invitations', { who: admin, body: { uses: Number(count) } });
  const link = new URL(made.body.url).searchParams.get('invitation');
  for (let n = 0; n < Number(count); n += 2) {
    const two = [n, n + 1].filter(m => m < Number(count)).map(m => signUp(`learner-${m + 1}`, link, `10.2.${m >> 8}.${m & 255}`));
    for (const { cookie, address } of await Promise.all(two)) console.log(`${cookie} ${address}`);
  }
}

main().then(() => process.exit(0), error => { console.error(error.message); process.exit(1); });
