//! Every node tells all others its whole set, again and again.
mod kit;
use kit::{Json, Node};
use std::collections::BTreeSet;

fn main() {
    let mut node = Node::new(BTreeSet::new());
    node.on_start(|node| {
        node.every(200, |node| {
            let elements = Json::list(node.state.iter().copied());
            for peer in node.peers() {
                node.send(&peer, "merge", [("elements", elements.clone())]);
            }
        });
    });
    node.on("add", |node, m| {
        node.state.insert(m.need_i64("element")?);
        node.reply(m, "add_ok", []);
        Ok(())
    });
    node.on("merge", |node, m| {
        node.state.extend(m.need("elements")?.items().iter().filter_map(Json::as_i64));
        Ok(())
    });
    node.on("read", |node, m| {
        let elements = Json::list(node.state.iter().copied());
        node.reply(m, "read_ok", [("value", elements)]);
        Ok(())
    });
    node.run();
}
