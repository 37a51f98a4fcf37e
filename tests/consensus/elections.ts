// Leader election by Raft, sections 5.1 and 5.2: typed messages, one timer, stdin as an async
// iterator of lines. README.md has the messages.
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as readline from 'node:readline';

const HEARTBEAT_MS = Number(process.env.HEARTBEAT_MS ?? 50);
const ELECTION_MS = 150;

type Role = 'follower' | 'candidate' | 'leader';

// What comes in, by its type.
type Body =
  | { type: 'init'; msg_id: number; node_id: string; node_ids: string[] }
  | { type: 'request_vote' | 'append' | 'append_ok'; term: number }
  | { type: 'vote'; term: number; granted: boolean }
  | { type: 'role'; msg_id: number }
  | { type: 'echo'; msg_id: number; echo: unknown }
  | { type: 'work'; msg_id: number; rounds: number };

interface Message {
  src: string;
  dest: string;
  body: Body;
}

interface Vote {
  term: number;
  vote: string | null;
}

// Term and vote, a line each time they change, on disk before anything is sent.
class Disk {
  private readonly fd: number | null;

  constructor(folder: string | undefined) {
    this.fd = folder === undefined ? null : fs.openSync(path.join(folder, 'votes'), 'a+');
  }

  load(): Vote {
    if (this.fd === null) return { term: 0, vote: null };
    const text = fs.readFileSync(this.fd, 'utf8');
    // What follows the last newline was cut off by a kill: nobody has been told of it.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    fs.ftruncateSync(this.fd, whole.length);
    const last = whole.trimEnd().split('\n').at(-1);
    return last ? (JSON.parse(last) as Vote) : { term: 0, vote: null };
  }

  save(state: Vote): void {
    if (this.fd === null) return;
    fs.writeSync(this.fd, JSON.stringify(state) + '\n');
    fs.fsyncSync(this.fd);
  }
}

function work(rounds: number): number {
  let x = 1;
  for (; rounds > 0; rounds--) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  return x >>> 0;
}

class Node {
  private readonly disk = new Disk(process.env['EDDY_DATA']);
  private name: string | null = null;
  private others: string[] = [];
  private role: Role = 'follower';
  private term = 0;
  private vote: string | null = null;
  private leader = '';
  private votes = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  private send(dest: string, body: object): void {
    process.stdout.write(JSON.stringify({ src: this.name, dest, body }) + '\n');
  }

  private reply(dest: string, request: { msg_id: number }, type: string, fields: object = {}): void {
    this.send(dest, { type, in_reply_to: request.msg_id, ...fields });
  }

  private remember(term: number, vote: string | null): void {
    this.term = term;
    this.vote = vote;
    this.disk.save({ term, vote });
  }

  private restartTimer(ms: number, action: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(action, ms);
  }

  private restartElectionTimer(): void {
    this.restartTimer(ELECTION_MS * (1 + Math.random()), () => this.stand());
  }

  private follow(leader: string): void {
    this.role = 'follower';
    this.leader = leader;
    this.restartElectionTimer();
  }

  private tellOthers(type: string): void {
    for (const other of this.others) this.send(other, { type, term: this.term });
  }

  private heartbeat(): void {
    this.tellOthers('append');
    this.restartTimer(HEARTBEAT_MS, () => this.heartbeat());
  }

  private stand(): void {
    this.remember(this.term + 1, this.name);
    this.role = 'candidate';
    this.leader = '';
    this.votes = new Set();
    this.restartElectionTimer();
    this.tellOthers('request_vote');
    this.countVotes();
  }

  // Our own vote is not in the set.
  private countVotes(): void {
    if (2 * (this.votes.size + 1) <= this.others.length + 1 || this.name === null) return;
    this.role = 'leader';
    this.leader = this.name;
    console.error(`leader of term ${this.term}`);
    this.heartbeat();
  }

  private onRequestVote(candidate: string, term: number): void {
    const granted = term === this.term && (this.vote === null || this.vote === candidate);
    if (granted) {
      if (this.vote === null) this.remember(this.term, candidate);
      this.restartElectionTimer();
    }
    this.send(candidate, { type: 'vote', term: this.term, granted });
  }

  private onVote(voter: string, term: number, granted: boolean): void {
    if (this.role === 'candidate' && term === this.term && granted) {
      this.votes.add(voter);
      this.countVotes();
    }
  }

  private onAppend(leader: string, term: number): void {
    if (term === this.term) this.follow(leader);
    this.send(leader, { type: 'append_ok', term: this.term });
  }

  handle({ src, body }: Message): void {
    if (this.name === null && body.type !== 'init') return; // the others may be faster than we are
    if ('term' in body && body.term > this.term) { // 5.1
      this.remember(body.term, null);
      this.follow('');
    }
    switch (body.type) {
      case 'init':
        this.name = body.node_id;
        this.others = body.node_ids.filter((other) => other !== body.node_id);
        ({ term: this.term, vote: this.vote } = this.disk.load());
        this.restartElectionTimer();
        return this.reply(src, body, 'init_ok');
      case 'request_vote':
        return this.onRequestVote(src, body.term);
      case 'vote':
        return this.onVote(src, body.term, body.granted);
      case 'append':
        return this.onAppend(src, body.term);
      case 'append_ok':
        return;
      case 'role':
        return this.reply(src, body, 'role_ok',
          { role: this.role, term: this.term, leader: this.leader });
      case 'echo':
        return this.reply(src, body, 'echo_ok', { echo: body.echo });
      case 'work':
        return this.reply(src, body, 'work_ok', { value: work(body.rounds) });
    }
  }
}

async function main(): Promise<void> {
  const node = new Node();
  for await (const line of readline.createInterface({ input: process.stdin })) {
    node.handle(JSON.parse(line) as Message);
  }
  process.exit(0);
}

void main();
