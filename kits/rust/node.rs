//! A node of a simulated cluster: messages in, messages out, requests, timers, logs.
//!
//!     fn main() {
//!         let mut node = Node::new(());
//!         node.on("echo", |node, m| {
//!             node.reply(m, "echo_ok", [("echo", m.need("echo")?.clone())]);
//!             Ok(())
//!         });
//!         node.run();
//!     }
//!
//! The messages are those of docs/protocol.md: lines of JSON on stdin and stdout. The kit answers init itself.
//!
//! Handlers, timers and answers run one after the other on one thread (another only reads) and must not
//! block. Each gets the node, and with it the program's own state: `Node::new(State { .. })`, then
//! `node.state`. What happens later is a closure given to call(), after() or every(); it may own a clone
//! of the message that it answers.

use super::Json;
use std::cmp::Reverse;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::hash::{BuildHasher, Hasher};
use std::io::{BufRead, Write};
use std::rc::Rc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Error codes (docs/protocol.md). After TIMEOUT, CRASH or an unknown code the request may or may not have
/// been carried out; after the others it certainly was not.
pub mod code {
    pub const TIMEOUT: i64 = 0;
    pub const NODE_NOT_FOUND: i64 = 1;
    pub const NOT_SUPPORTED: i64 = 10;
    pub const UNAVAILABLE: i64 = 11;
    pub const MALFORMED: i64 = 12;
    pub const CRASH: i64 = 13;
    pub const ABORT: i64 = 14;
    pub const NO_KEY: i64 = 20;
    pub const KEY_EXISTS: i64 = 21;
    pub const PRECONDITION: i64 = 22;
    pub const CONFLICT: i64 = 30;
}

/// An error as a message: how a call ended, or what a handler has for an answer.
#[derive(Clone, Debug)]
pub struct RpcError {
    pub code: i64,
    pub text: String,
}

impl RpcError {
    pub fn new(code: i64, text: &str) -> RpcError {
        RpcError { code, text: text.to_string() }
    }
}

/// A message that came in. kind is its type, "" if the body has none; without msg_id it cannot be answered.
#[derive(Clone, Debug)]
pub struct Message {
    pub src: String,
    pub dest: String,
    pub kind: String,
    pub msg_id: Option<i64>,
    pub body: Json, // always an object
}

impl Message {
    /// The field of the body; the error, if a handler returns it, tells the sender that it is missing.
    pub fn need(&self, field: &str) -> Result<&Json, RpcError> {
        if !self.body.has(field) {
            return Err(RpcError::new(code::MALFORMED, &format!("{} needs a field {field}", self.kind)));
        }
        Ok(self.body.get(field))
    }

    pub fn need_i64(&self, field: &str) -> Result<i64, RpcError> {
        let wrong = || RpcError::new(code::MALFORMED, &format!("{field} must be a whole number"));
        self.need(field)?.as_i64().ok_or_else(wrong)
    }

    pub fn need_str(&self, field: &str) -> Result<&str, RpcError> {
        let wrong = || RpcError::new(code::MALFORMED, &format!("{field} must be a string"));
        self.need(field)?.as_str().ok_or_else(wrong)
    }
}

/// What a handler returns: an error is sent as the answer.
pub type Handled = Result<(), RpcError>;
/// How a call ended.
pub type Answer = Result<Message, RpcError>;
pub type TimerId = u64;

type Handler<S> = Rc<dyn Fn(&mut Node<S>, &Message) -> Handled>;
type Answered<S> = Box<dyn FnOnce(&mut Node<S>, Answer)>;

struct Call<S> {
    dest: String,
    timeout: TimerId,
    answered: Answered<S>,
}

enum Action<S> {
    Once(Box<dyn FnOnce(&mut Node<S>)>),
    Again(Duration, Rc<dyn Fn(&mut Node<S>)>),
}

struct Timer<S> {
    action: Action<S>,
    held: bool, // the node does not end before it has fired
}

pub struct Node<S> {
    pub state: S,
    pub id: String,       // our name; empty before init
    pub ids: Vec<String>, // all names in the order of init, the same on all nodes
    handlers: HashMap<String, Handler<S>>,
    start: Option<Box<dyn FnOnce(&mut Node<S>)>>,
    calls: BTreeMap<i64, Call<S>>,
    timers: HashMap<TimerId, Timer<S>>,
    due: BinaryHeap<Reverse<(Instant, TimerId)>>, // of cancelled timers too
    last_timer: TimerId,
    last_msg_id: i64,
    ended: bool, // the input
    held: usize,
}

impl<S: 'static> Node<S> {
    // Set-up, before run().

    pub fn new(state: S) -> Node<S> {
        // Each start begins at another million: an answer to what was asked before a kill must not fit.
        let million = RandomState::new().build_hasher().finish() % 1_000_000;
        Node {
            state,
            id: String::new(),
            ids: Vec::new(),
            handlers: HashMap::new(),
            start: None,
            calls: BTreeMap::new(),
            timers: HashMap::new(),
            due: BinaryHeap::new(),
            last_timer: 0,
            last_msg_id: million as i64 * 1_000_000,
            ended: false,
            held: 0,
        }
    }

    pub fn on(&mut self, kind: &str, handler: impl Fn(&mut Node<S>, &Message) -> Handled + 'static) {
        self.handlers.insert(kind.to_string(), Rc::new(handler));
    }

    /// What runs when the names are known, before init is answered.
    pub fn on_start(&mut self, start: impl FnOnce(&mut Node<S>) + 'static) {
        self.start = Some(Box::new(start));
    }

    /// Reads messages until the end of the input and of everything that is open then.
    pub fn run(mut self) {
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || read_lines(sender));
        while !self.ended || self.held > 0 {
            let line = match self.due.peek() {
                Some(Reverse((due, _))) => lines.recv_timeout(due.saturating_duration_since(Instant::now())),
                None => lines.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
            };
            self.run_timers();
            match line {
                Ok(line) => self.line(&line),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => self.at_end(),
            }
        }
    }

    /// All names but our own.
    pub fn peers(&self) -> Vec<String> {
        self.ids.iter().filter(|name| **name != self.id).cloned().collect()
    }

    // Messages. Fields are those of the body; type, msg_id and in_reply_to are put in.

    pub fn reply<const N: usize>(&mut self, m: &Message, kind: &str, fields: [(&str, Json); N]) {
        if let Some(msg_id) = m.msg_id {
            let mut body = Json::object(fields);
            body.set("in_reply_to", msg_id);
            body.set("msg_id", self.next_id());
            self.write(&m.src, kind, body);
        } // else it asked for no answer
    }

    pub fn error(&mut self, m: &Message, code: i64, text: &str) {
        self.reply(m, "error", [("code", code.into()), ("text", text.into())]);
    }

    pub fn send<const N: usize>(&mut self, dest: &str, kind: &str, fields: [(&str, Json); N]) {
        self.write(dest, kind, Json::object(fields));
    }

    /// A request: answered runs exactly once, with the answer or an error (code TIMEOUT: none came in time).
    /// Nothing is sent again.
    pub fn call<const N: usize>(
        &mut self,
        dest: &str,
        kind: &str,
        fields: [(&str, Json); N],
        timeout_ms: u64,
        answered: impl FnOnce(&mut Node<S>, Answer) + 'static,
    ) {
        let msg_id = self.next_id();
        let timeout = self.after(timeout_ms, move |node| node.timed_out(msg_id));
        let call = Call { dest: dest.to_string(), timeout, answered: Box::new(answered) };
        self.calls.insert(msg_id, call);
        let mut body = Json::object(fields);
        body.set("msg_id", msg_id);
        self.write(dest, kind, body);
    }

    // Timers.

    pub fn after(&mut self, ms: u64, f: impl FnOnce(&mut Node<S>) + 'static) -> TimerId {
        let held = !self.ended;
        self.held += usize::from(held);
        self.last_timer += 1;
        self.put_timer(self.last_timer, Duration::from_millis(ms), Timer { action: Action::Once(Box::new(f)), held })
    }

    /// Again and again. Late, as after a pause, it runs once and not once a missed time.
    pub fn every(&mut self, ms: u64, f: impl Fn(&mut Node<S>) + 'static) -> TimerId {
        let period = Duration::from_millis(ms.max(1));
        self.last_timer += 1;
        self.put_timer(self.last_timer, period, Timer { action: Action::Again(period, Rc::new(f)), held: false })
    }

    /// Fine if it has fired.
    pub fn cancel(&mut self, timer: TimerId) {
        if let Some(timer) = self.timers.remove(&timer) {
            self.held -= usize::from(timer.held);
        }
    }

    /// One line on stderr, which the harness keeps per node. stdout is for messages only.
    pub fn log(&self, line: &str) {
        eprintln!("{line}");
    }

    // Inside: timers.

    fn put_timer(&mut self, id: TimerId, wait: Duration, timer: Timer<S>) -> TimerId {
        self.timers.insert(id, timer);
        self.due.push(Reverse((Instant::now() + wait, id)));
        id
    }

    fn run_timers(&mut self) {
        let now = Instant::now();
        while let Some(Reverse((due, id))) = self.due.peek().copied() {
            if due > now {
                return;
            }
            self.due.pop();
            if let Some(timer) = self.timers.remove(&id) {
                self.fire(id, timer);
            } // else it was cancelled
        }
    }

    fn fire(&mut self, id: TimerId, timer: Timer<S>) {
        match timer.action {
            Action::Once(f) => f(self),
            Action::Again(period, f) => {
                self.put_timer(id, period, Timer { action: Action::Again(period, f.clone()), held: false });
                f(self);
            }
        }
        self.held -= usize::from(timer.held);
    }

    // Inside: output.

    fn next_id(&mut self) -> i64 {
        self.last_msg_id += 1;
        self.last_msg_id
    }

    fn write(&mut self, dest: &str, kind: &str, mut body: Json) {
        body.set("type", kind);
        let envelope = Json::object([("src", (&self.id).into()), ("dest", dest.into()), ("body", body)]);
        let mut out = std::io::stdout().lock();
        if out.write_all(format!("{envelope}\n").as_bytes()).and_then(|()| out.flush()).is_err() {
            std::process::exit(1); // the harness is gone
        }
    }

    // Inside: input.

    fn at_end(&mut self) {
        if self.ended {
            // The channel says so again at once: sleep until the next timer instead.
            if let Some(Reverse((due, _))) = self.due.peek() {
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        }
        self.ended = true;
    }

    fn line(&mut self, line: &[u8]) {
        match message(line) {
            Ok(m) => self.dispatch(&m),
            Err(why) => self.log(&format!("a line that is no message was left out: {why}")),
        }
    }

    fn dispatch(&mut self, m: &Message) {
        if m.body.has("in_reply_to") {
            self.answered(m);
        } else if m.kind == "error" {
            self.log("an error that answers nothing was left out");
        } else if m.kind == "init" && self.id.is_empty() {
            self.init(m);
        } else if self.id.is_empty() {
            // Another node was faster than our init; it will have to say it again.
        } else if m.dest != self.id {
            self.log(&format!("a message to {} was left out: this is {}", m.dest, self.id));
        } else if m.body.get("type").as_str().is_none() {
            self.error(m, code::MALFORMED, "the body has no type");
        } else if let Some(handler) = self.handlers.get(&m.kind).cloned() {
            if let Err(e) = handler(self, m) {
                self.error(m, e.code, &e.text);
            }
        } else {
            self.error(m, code::NOT_SUPPORTED, &format!("this node does not know requests of type {}", m.kind));
        }
    }

    fn init(&mut self, m: &Message) {
        let names = m.body.get("node_ids").items();
        self.ids = names.iter().filter_map(|name| name.as_str().map(str::to_string)).collect();
        self.id = m.body.get("node_id").as_str().unwrap_or_default().to_string();
        if let Some(start) = self.start.take() {
            start(self);
        }
        self.reply(m, "init_ok", []);
    }

    fn answered(&mut self, m: &Message) {
        let msg_id = m.body.get("in_reply_to").as_i64().unwrap_or(-1);
        let call = match self.calls.get(&msg_id) {
            Some(call) if call.dest == m.src => self.calls.remove(&msg_id),
            _ => None, // late, or a second one
        };
        if let Some(call) = call {
            self.cancel(call.timeout);
            (call.answered)(self, answer_of(m));
        }
    }

    fn timed_out(&mut self, msg_id: i64) {
        if let Some(call) = self.calls.remove(&msg_id) {
            let text = format!("{} did not answer in time", call.dest);
            (call.answered)(self, Err(RpcError::new(code::TIMEOUT, &text)));
        }
    }
}

fn answer_of(m: &Message) -> Answer {
    if m.kind != "error" {
        return Ok(m.clone());
    }
    let code = m.body.get("code").as_i64().unwrap_or(code::CRASH);
    Err(RpcError::new(code, m.body.get("text").as_str().unwrap_or_default()))
}

fn message(line: &[u8]) -> Result<Message, String> {
    let text = std::str::from_utf8(line).map_err(|e| e.to_string())?;
    let mut envelope = Json::parse(text).map_err(|e| e.to_string())?;
    let (src, dest) = match (envelope.get("src").as_str(), envelope.get("dest").as_str()) {
        (Some(src), Some(dest)) => (src.to_string(), dest.to_string()),
        _ => return Err("src or dest is not a string".to_string()),
    };
    let body = match &mut envelope {
        Json::Object(members) => members.remove("body").unwrap_or(Json::Null),
        _ => Json::Null,
    };
    if !matches!(body, Json::Object(_)) {
        return Err("the body is not an object".to_string());
    }
    let kind = body.get("type").as_str().unwrap_or_default().to_string();
    Ok(Message { src, dest, kind, msg_id: body.get("msg_id").as_i64(), body })
}

fn read_lines(lines: mpsc::Sender<Vec<u8>>) {
    let mut input = std::io::stdin().lock();
    loop {
        let mut line = Vec::new();
        match input.read_until(b'\n', &mut line) {
            Ok(_) if line.last() == Some(&b'\n') => {}
            _ => return, // what follows the last newline is no line
        }
        line.pop();
        if lines.send(line).is_err() {
            return;
        }
    }
}
