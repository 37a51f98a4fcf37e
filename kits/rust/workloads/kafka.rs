//! The first node keeps all logs; the others pass on what they are asked.
mod kit;
use kit::{Handled, Json, Message, Node, RpcError};
use std::collections::BTreeMap;

#[derive(Default)]
struct State {
    logs: BTreeMap<String, Vec<Json>>, // of each key: its messages; the offset is the place
    committed: BTreeMap<String, i64>,
}

fn pairs(of: &Json) -> Vec<(String, i64)> {
    match of {
        Json::Object(members) => members.iter().filter_map(|(key, n)| Some((key.clone(), n.as_i64()?))).collect(),
        _ => Vec::new(),
    }
}

fn send(state: &mut State, m: &Message) -> Result<Json, RpcError> {
    let log = state.logs.entry(m.need_str("key")?.to_string()).or_default();
    log.push(m.need("msg")?.clone());
    Ok((log.len() - 1).into())
}

fn poll(state: &mut State, m: &Message) -> Result<Json, RpcError> {
    let mut msgs = Json::object([]);
    for (key, first) in pairs(m.need("offsets")?) {
        let log = state.logs.entry(key.clone()).or_default().iter().enumerate();
        let some = log.skip(first as usize).take(20);
        msgs.set(&key, Json::list(some.map(|(offset, msg)| vec![offset.into(), msg.clone()])));
    }
    Ok(msgs)
}

fn commit(state: &mut State, m: &Message) -> Result<Json, RpcError> {
    for (key, offset) in pairs(m.need("offsets")?) {
        let kept = state.committed.entry(key).or_default();
        *kept = offset.max(*kept);
    }
    Ok(Json::Null)
}

fn list_committed(state: &mut State, m: &Message) -> Result<Json, RpcError> {
    let mut offsets = Json::object([]);
    for key in m.need("keys")?.items().iter().filter_map(Json::as_str) {
        if let Some(offset) = state.committed.get(key) {
            offsets.set(key, *offset);
        }
    }
    Ok(offsets)
}

type Work = fn(&mut State, &Message) -> Result<Json, RpcError>;

fn reply(node: &mut Node<State>, m: &Message, field: &str, value: Json) {
    let kind = format!("{}_ok", m.kind);
    match field {
        "" => node.reply(m, &kind, []),
        _ => node.reply(m, &kind, [(field, value)]),
    }
}

/// How a type of request is answered: with one field, or none, here or by the first node.
fn answer(node: &mut Node<State>, m: &Message, work: Work, field: &'static str) -> Handled {
    if node.id == node.ids[0] {
        let value = work(&mut node.state, m)?;
        reply(node, m, field, value);
        return Ok(());
    }
    let fields = ["key", "msg", "offsets", "keys"].map(|name| (name, m.body.get(name).clone()));
    let (first, m) = (node.ids[0].clone(), m.clone());
    node.call(&first, &m.kind.clone(), fields, 1000, move |node, answer| match answer {
        Ok(a) => reply(node, &m, field, a.body.get(field).clone()),
        Err(e) => node.error(&m, e.code, &e.text),
    });
    Ok(())
}

fn main() {
    let mut node = Node::new(State::default());
    node.on("send", |node, m| answer(node, m, send, "offset"));
    node.on("poll", |node, m| answer(node, m, poll, "msgs"));
    node.on("commit_offsets", |node, m| answer(node, m, commit, ""));
    node.on("list_committed_offsets", |node, m| answer(node, m, list_committed, "offsets"));
    node.run();
}
