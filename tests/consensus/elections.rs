//! Leader election by Raft, sections 5.1 and 5.2: a thread reads lines into a channel, the main thread
//! receives with a time-out. README.md has the messages.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeSet, HashMap};
use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

const ELECTION: Duration = Duration::from_millis(150);

/// As much of JSON as messages need: where values begin and end. A value stays the text it was, so
/// that an echo is the same bytes.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Scanner { text, at: 0 }
    }

    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += found as usize;
        found
    }

    fn expect(&mut self, wanted: u8) {
        assert!(self.skip(wanted), "no {:?} at byte {} of {}", wanted as char, self.at, self.text);
    }

    /// One value of any kind: brackets are counted, those in strings are not brackets.
    fn value(&mut self) -> &'a str {
        self.peek();
        let bytes = self.text.as_bytes();
        let begin = self.at;
        let (mut depth, mut quoted) = (0, false);
        while self.at < bytes.len() {
            match (quoted, bytes[self.at]) {
                (true, b'\\') => self.at += 1,
                (_, b'"') => quoted = !quoted,
                (false, b'{' | b'[') => depth += 1,
                (false, b'}' | b']' | b',' | b':') if depth == 0 => break,
                (false, b'}' | b']') => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        self.text[begin..self.at].trim_end()
    }

    /// Names and types, all of them plain; an escape may stand in values only.
    fn string(&mut self) -> &'a str {
        let value = self.value();
        let plain = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        plain.filter(|text| !text.contains('\\')).expect("a plain string")
    }

    fn object(&mut self) -> HashMap<&'a str, &'a str> {
        let mut members = HashMap::new();
        self.expect(b'{');
        while !self.skip(b'}') {
            let key = self.string();
            self.expect(b':');
            members.insert(key, self.value());
            self.skip(b',');
        }
        members
    }

    fn strings(&mut self) -> Vec<String> {
        let mut list = Vec::new();
        self.expect(b'[');
        while !self.skip(b']') {
            list.push(self.string().to_owned());
            self.skip(b',');
        }
        list
    }
}

struct Message<'a> {
    src: &'a str,
    kind: &'a str,
    body: HashMap<&'a str, &'a str>,
}

impl<'a> Message<'a> {
    fn parse(line: &'a str) -> Self {
        let envelope = Scanner::new(line).object();
        let body = Scanner::new(envelope["body"]).object();
        Message {
            src: Scanner::new(envelope["src"]).string(),
            kind: Scanner::new(body["type"]).string(),
            body,
        }
    }

    fn number(&self, key: &str) -> u64 {
        self.body.get(key).map_or(0, |text| text.parse().expect("a number"))
    }
}

/// Term and vote, a line each time they change, on disk before anything is sent.
struct Disk(Option<File>);

impl Disk {
    fn open() -> io::Result<Disk> {
        match std::env::var("EDDY_DATA") {
            Err(_) => Ok(Disk(None)),
            Ok(folder) => {
                let path = folder + "/votes";
                Ok(Disk(Some(OpenOptions::new().read(true).append(true).create(true).open(path)?)))
            }
        }
    }

    fn load(&mut self) -> io::Result<(u64, Option<String>)> {
        let mut text = String::new();
        if let Some(file) = &mut self.0 {
            file.read_to_string(&mut text)?;
            // What follows the last newline was cut off by a kill: nobody has been told of it.
            text.truncate(text.rfind('\n').map_or(0, |end| end + 1));
            file.set_len(text.len() as u64)?;
        }
        let mut words = text.lines().last().unwrap_or("0").split(' ');
        let term = words.next().and_then(|word| word.parse().ok()).expect("a term");
        Ok((term, words.next().map(str::to_owned)))
    }

    fn save(&mut self, term: u64, vote: Option<&str>) -> io::Result<()> {
        if let Some(file) = &mut self.0 {
            let line = match vote {
                Some(name) => format!("{term} {name}\n"),
                None => format!("{term}\n"),
            };
            file.write_all(line.as_bytes())?;
            file.sync_data()?;
        }
        Ok(())
    }
}

#[derive(PartialEq)]
enum Role {
    Follower,
    Candidate,
    Leader,
}

struct Node {
    disk: Disk,
    name: String,
    others: Vec<String>,
    role: Role,
    term: u64,
    vote: Option<String>,
    leader: String, // empty: none known
    votes: BTreeSet<String>,
    due: Instant,
    heartbeat_every: Duration, // 50 ms, or HEARTBEAT_MS of the environment
}

impl Node {
    fn send(&self, dest: &str, kind: &str, fields: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(
            out,
            r#"{{"src":"{}","dest":"{}","body":{{"type":"{}"{}}}}}"#,
            self.name, dest, kind, fields
        )?;
        out.flush()
    }

    fn reply(&self, m: &Message, kind: &str, fields: &str) -> io::Result<()> {
        self.send(m.src, kind, &format!(r#","in_reply_to":{}{}"#, m.number("msg_id"), fields))
    }

    fn term_field(&self) -> String {
        format!(r#","term":{}"#, self.term)
    }

    fn remember(&mut self, term: u64, vote: Option<&str>) -> io::Result<()> {
        self.term = term;
        self.vote = vote.map(str::to_owned);
        self.disk.save(term, vote)
    }

    /// The standard library's only chance is the key of its hash maps.
    fn restart_election_timer(&mut self) {
        let random = RandomState::new().build_hasher().finish();
        let extra = Duration::from_nanos(random % ELECTION.as_nanos() as u64);
        self.due = Instant::now() + ELECTION + extra;
    }

    fn follow(&mut self, leader: &str) {
        self.role = Role::Follower;
        self.leader = leader.to_owned();
        self.restart_election_timer();
    }

    fn tell_others(&self, kind: &str) -> io::Result<()> {
        self.others.iter().try_for_each(|other| self.send(other, kind, &self.term_field()))
    }

    fn heartbeat(&mut self) -> io::Result<()> {
        self.due = Instant::now() + self.heartbeat_every;
        self.tell_others("append")
    }

    fn stand(&mut self) -> io::Result<()> {
        let name = self.name.clone();
        self.remember(self.term + 1, Some(&name))?;
        self.role = Role::Candidate;
        self.leader.clear();
        self.votes = BTreeSet::from([name]);
        self.restart_election_timer();
        self.tell_others("request_vote")?;
        self.count_votes()
    }

    fn count_votes(&mut self) -> io::Result<()> {
        if 2 * self.votes.len() <= self.others.len() + 1 {
            return Ok(());
        }
        self.role = Role::Leader;
        self.leader = self.name.clone();
        eprintln!("leader of term {}", self.term);
        self.heartbeat()
    }

    fn on_timer(&mut self) -> io::Result<()> {
        match (self.name.is_empty(), &self.role) {
            (true, _) => {
                self.due = Instant::now() + Duration::from_secs(3600);
                Ok(())
            }
            (false, Role::Leader) => self.heartbeat(),
            (false, _) => self.stand(),
        }
    }

    fn on_init(&mut self, m: &Message) -> io::Result<()> {
        self.name = Scanner::new(m.body["node_id"]).string().to_owned();
        self.others = Scanner::new(m.body["node_ids"]).strings();
        self.others.retain(|other| *other != self.name);
        (self.term, self.vote) = self.disk.load()?;
        self.restart_election_timer();
        self.reply(m, "init_ok", "")
    }

    fn on_request_vote(&mut self, m: &Message) -> io::Result<()> {
        let is_free = self.vote.as_deref().map_or(true, |vote| vote == m.src);
        let granted = m.number("term") == self.term && is_free;
        if granted {
            if self.vote.is_none() {
                self.remember(self.term, Some(m.src))?;
            }
            self.restart_election_timer();
        }
        self.send(m.src, "vote", &format!(r#"{},"granted":{}"#, self.term_field(), granted))
    }

    fn on_vote(&mut self, m: &Message) -> io::Result<()> {
        let is_ours = m.number("term") == self.term && m.body["granted"] == "true";
        if self.role == Role::Candidate && is_ours {
            self.votes.insert(m.src.to_owned());
            self.count_votes()?;
        }
        Ok(())
    }

    fn on_append(&mut self, m: &Message) -> io::Result<()> {
        if m.number("term") == self.term {
            self.follow(m.src);
        }
        self.send(m.src, "append_ok", &self.term_field())
    }

    fn on_role(&self, m: &Message) -> io::Result<()> {
        let role = match self.role {
            Role::Follower => "follower",
            Role::Candidate => "candidate",
            Role::Leader => "leader",
        };
        let fields = format!(r#","role":"{}","leader":"{}"{}"#, role, self.leader, self.term_field());
        self.reply(m, "role_ok", &fields)
    }

    fn handle(&mut self, m: &Message) -> io::Result<()> {
        if self.name.is_empty() && m.kind != "init" {
            return Ok(()); // the others may be faster than we are
        }
        if m.number("term") > self.term {
            self.remember(m.number("term"), None)?; // 5.1
            self.follow("");
        }
        match m.kind {
            "init" => self.on_init(m),
            "request_vote" => self.on_request_vote(m),
            "vote" => self.on_vote(m),
            "append" => self.on_append(m),
            "role" => self.on_role(m),
            "echo" => self.reply(m, "echo_ok", &format!(r#","echo":{}"#, m.body["echo"])),
            "work" => self.reply(m, "work_ok", &format!(r#","value":{}"#, work(m.number("rounds")))),
            _ => Ok(()),
        }
    }
}

fn work(rounds: u64) -> u32 {
    let mut x: u32 = 1;
    for _ in 0..rounds {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
    }
    x
}

fn main() -> io::Result<()> {
    let (lines_in, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            lines_in.send(line).expect("the main thread lives");
        }
    });
    let mut node = Node {
        disk: Disk::open()?,
        name: String::new(),
        others: Vec::new(),
        role: Role::Follower,
        term: 0,
        vote: None,
        leader: String::new(),
        votes: BTreeSet::new(),
        due: Instant::now(),
        heartbeat_every: Duration::from_millis(
            std::env::var("HEARTBEAT_MS").ok().and_then(|ms| ms.parse().ok()).unwrap_or(50),
        ),
    };
    loop {
        match lines.recv_timeout(node.due.saturating_duration_since(Instant::now())) {
            Ok(line) => node.handle(&Message::parse(&line?))?,
            Err(RecvTimeoutError::Timeout) => node.on_timer()?,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}
