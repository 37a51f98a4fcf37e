//! Tasks 1 to 5 of the track messenger: inspect, whoami, echo, errors, wait.
mod kit;
mod measure;
use kit::{code, Handled, Message, Node, RpcError};

fn inspect(node: &mut Node<()>, m: &Message) -> Handled {
    let payload = m.need("payload")?;
    let (kind, length) = measure::measure(payload);
    node.reply(m, "inspect_ok", [("kind", kind.into()), ("length", length.into()), ("payload", payload.clone())]);
    Ok(())
}

fn whoami(node: &mut Node<()>, m: &Message) -> Handled {
    let mut peers = node.peers();
    peers.sort(); // by bytes
    let majority = node.ids.len() / 2 + 1;
    let id = node.id.clone();
    node.reply(m, "whoami_ok", [("node_id", id.into()), ("peers", peers.into()), ("majority", majority.into())]);
    Ok(())
}

fn echo(node: &mut Node<()>, m: &Message) -> Handled {
    node.reply(m, "echo_ok", [("echo", m.need("echo")?.clone())]);
    Ok(())
}

fn wait(node: &mut Node<()>, m: &Message) -> Handled {
    let ms = m.need_i64("ms")?;
    if ms < 0 {
        return Err(RpcError::new(code::MALFORMED, "ms must not be below 0"));
    }
    let m = m.clone();
    node.after(ms as u64, move |node| node.reply(&m, "wait_ok", [("ms", ms.into())]));
    Ok(())
}

fn main() {
    let mut node = Node::new(());
    node.on("inspect", inspect);
    node.on("whoami", whoami);
    node.on("echo", echo);
    node.on("wait", wait);
    node.run();
}
