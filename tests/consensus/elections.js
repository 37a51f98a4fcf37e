#!/usr/bin/env node
// Leader election by Raft, sections 5.1 and 5.2, on the event loop: one timer, one handler a message.
// README.md has the messages.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

const HEARTBEAT_MS = Number(process.env.HEARTBEAT_MS ?? 50);
const ELECTION_MS = 150;

// Term and vote, a line each time they change, on disk before anything is sent.
class Disk {
  constructor(folder) {
    this.file = folder === undefined ? null : path.join(folder, 'votes');
    this.fd = this.file === null ? null : fs.openSync(this.file, 'a');
  }

  load() {
    if (this.file === null) return [0, null];
    const text = fs.readFileSync(this.file, 'utf8');
    // What follows the last newline was cut off by a kill: nobody has been told of it.
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    fs.ftruncateSync(this.fd, lines.join('\n').length);
    return lines.length < 2 ? [0, null] : JSON.parse(lines[lines.length - 2]);
  }

  save(term, vote) {
    if (this.fd === null) return;
    fs.writeSync(this.fd, JSON.stringify([term, vote]) + '\n');
    fs.fsyncSync(this.fd);
  }
}

const disk = new Disk(process.env.EDDY_DATA);
let name = null;
let others = [];
let role = 'follower';
let term = 0;
let vote = null;
let leader = '';
let votes = new Set();
let timer;

function send(dest, body) {
  process.stdout.write(JSON.stringify({ src: name, dest, body }) + '\n');
}

function reply(message, type, fields) {
  send(message.src, { type, in_reply_to: message.body.msg_id, ...fields });
}

function remember(newTerm, newVote) {
  term = newTerm;
  vote = newVote;
  disk.save(term, vote);
}

function restartTimer(ms, action) {
  clearTimeout(timer);
  timer = setTimeout(action, ms);
}

function restartElectionTimer() {
  restartTimer(ELECTION_MS * (1 + Math.random()), stand);
}

function follow(newLeader) {
  role = 'follower';
  leader = newLeader;
  restartElectionTimer();
}

function tellOthers(type) {
  for (const other of others) send(other, { type, term });
}

function heartbeat() {
  tellOthers('append');
  restartTimer(HEARTBEAT_MS, heartbeat);
}

function stand() {
  remember(term + 1, name);
  role = 'candidate';
  leader = '';
  votes = new Set([name]);
  restartElectionTimer();
  tellOthers('request_vote');
  countVotes();
}

function countVotes() {
  if (2 * votes.size <= others.length + 1) return;
  role = 'leader';
  leader = name;
  console.error(`leader of term ${term}`);
  heartbeat();
}

function work(rounds) {
  let x = 1;
  for (; rounds > 0; rounds--) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  return x >>> 0;
}

const handlers = {
  init(message) {
    name = message.body.node_id;
    others = message.body.node_ids.filter((other) => other !== name);
    [term, vote] = disk.load();
    restartElectionTimer();
    reply(message, 'init_ok');
  },
  request_vote(message) {
    const candidate = message.src;
    const granted = message.body.term === term && (vote === null || vote === candidate);
    if (granted) {
      if (vote === null) remember(term, candidate);
      restartElectionTimer();
    }
    send(candidate, { type: 'vote', term, granted });
  },
  vote(message) {
    if (role === 'candidate' && message.body.term === term && message.body.granted) {
      votes.add(message.src);
      countVotes();
    }
  },
  append(message) {
    if (message.body.term === term) follow(message.src);
    send(message.src, { type: 'append_ok', term });
  },
  append_ok() {},
  role(message) {
    reply(message, 'role_ok', { role, term, leader });
  },
  echo(message) {
    reply(message, 'echo_ok', { echo: message.body.echo });
  },
  work(message) {
    reply(message, 'work_ok', { value: work(message.body.rounds) });
  },
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (name === null && message.body.type !== 'init') return; // the others may be faster than we are
  if (message.body.term > term) { // 5.1
    remember(message.body.term, null);
    follow('');
  }
  handlers[message.body.type](message);
}).on('close', () => process.exit(0));
