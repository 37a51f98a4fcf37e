//! A total for each node, which only that node changes; the counter is their sum.
mod kit;
use kit::{Json, Node};
use std::collections::BTreeMap;

/// Of each node: how many additions, and their sum.
type Totals = BTreeMap<String, (i64, i64)>;

fn tell(node: &mut Node<Totals>) {
    let mut totals = Json::object([]);
    for (name, (count, sum)) in &node.state {
        totals.set(name, vec![*count, *sum]);
    }
    for peer in node.peers() {
        node.send(&peer, "merge", [("totals", totals.clone())]);
    }
}

fn main() {
    let mut node = Node::new(Totals::new());
    node.on_start(|node| {
        for name in node.ids.clone() {
            node.state.insert(name, (0, 0));
        }
        node.every(200, tell);
    });
    node.on("add", |node, m| {
        let delta = m.need_i64("delta")?;
        let own = node.state.entry(node.id.clone()).or_default();
        *own = (own.0 + 1, own.1 + delta);
        node.reply(m, "add_ok", []);
        Ok(())
    });
    node.on("merge", |node, m| {
        let theirs = m.need("totals")?;
        for (name, total) in &mut node.state {
            let pair = theirs.get(name);
            if let (Some(count), Some(sum)) = (pair.at(0).as_i64(), pair.at(1).as_i64()) {
                if count > total.0 {
                    *total = (count, sum);
                }
            }
        }
        Ok(())
    });
    node.on("read", |node, m| {
        let sum: i64 = node.state.values().map(|(_, sum)| sum).sum();
        node.reply(m, "read_ok", [("value", sum.into())]);
        Ok(())
    });
    node.run();
}
