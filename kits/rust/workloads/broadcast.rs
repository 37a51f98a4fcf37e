//! Gossip: whatever a neighbour has not confirmed is told to it again.
mod kit;
use kit::{Json, Node};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
struct State {
    seen: BTreeSet<i64>,
    missing: BTreeMap<String, BTreeSet<i64>>, // of each other node: what it has not confirmed
}

impl State {
    fn learn(&mut self, value: i64, source: &str) {
        if !self.seen.insert(value) {
            return;
        }
        for (peer, lacks) in &mut self.missing {
            if peer != source {
                lacks.insert(value);
            }
        }
    }
}

fn tell(node: &mut Node<State>, peer: &str) {
    let values: Vec<i64> = node.state.missing[peer].iter().copied().collect();
    if values.is_empty() {
        return;
    }
    let told = peer.to_string();
    node.call(peer, "gossip", [("values", values.clone().into())], 500, move |node, answer| {
        if answer.is_err() {
            return; // the next round says it again
        }
        let lacks = node.state.missing.entry(told).or_default();
        for value in &values {
            lacks.remove(value);
        }
    });
}

fn main() {
    let mut node = Node::new(State::default());
    node.on_start(|node| {
        for peer in node.peers() {
            node.state.missing.insert(peer.clone(), BTreeSet::new());
            node.every(100, move |node| tell(node, &peer));
        }
    });
    node.on("topology", |node, m| {
        node.reply(m, "topology_ok", []);
        Ok(())
    });
    node.on("broadcast", |node, m| {
        node.state.learn(m.need_i64("message")?, &m.src);
        node.reply(m, "broadcast_ok", []);
        Ok(())
    });
    node.on("gossip", |node, m| {
        for value in m.need("values")?.items() {
            node.state.learn(value.as_i64().unwrap_or_default(), &m.src);
        }
        node.reply(m, "gossip_ok", []);
        Ok(())
    });
    node.on("read", |node, m| {
        let seen = Json::list(node.state.seen.iter().copied());
        node.reply(m, "read_ok", [("messages", seen)]);
        Ok(())
    });
    node.run();
}
