//! The smallest node: it sends back what it is sent.
mod kit;
use kit::Node;

fn main() {
    let mut node = Node::new(());
    node.on("echo", |node, m| {
        node.reply(m, "echo_ok", [("echo", m.need("echo")?.clone())]);
        Ok(())
    });
    node.run();
}
