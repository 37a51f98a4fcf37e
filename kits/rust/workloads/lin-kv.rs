//! Passes every request on to the service lin-kv, and its answer back.
mod kit;
use kit::{Answer, Json, Message, Node, RpcError};

fn answered(m: Message) -> impl FnOnce(&mut Node<()>, Answer) {
    move |node, answer| match answer {
        Err(e) => node.error(&m, e.code, &e.text),
        Ok(a) if m.kind == "read" => node.reply(&m, "read_ok", [("value", a.body.get("value").clone())]),
        Ok(_) => node.reply(&m, &format!("{}_ok", m.kind), []),
    }
}

fn field(m: &Message, name: &'static str) -> Result<(&'static str, Json), RpcError> {
    Ok((name, m.need(name)?.clone()))
}

fn main() {
    let mut node = Node::new(());
    node.on("read", |node, m| {
        node.call("lin-kv", "read", [field(m, "key")?], 1000, answered(m.clone()));
        Ok(())
    });
    node.on("write", |node, m| {
        let fields = [field(m, "key")?, field(m, "value")?];
        node.call("lin-kv", "write", fields, 1000, answered(m.clone()));
        Ok(())
    });
    node.on("cas", |node, m| {
        let fields = [field(m, "key")?, field(m, "from")?, field(m, "to")?];
        node.call("lin-kv", "cas", fields, 1000, answered(m.clone()));
        Ok(())
    });
    node.run();
}
