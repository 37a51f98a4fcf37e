//! The node's name and a number that this process has not given before.
mod kit;
use kit::Node;

fn main() {
    let mut node = Node::new(0);
    node.on("generate", |node, m| {
        node.state += 1;
        let id = format!("{}-{}", node.id, node.state);
        node.reply(m, "generate_ok", [("id", id.into())]);
        Ok(())
    });
    node.run();
}
