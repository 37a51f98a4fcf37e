//! The first node carries out every transaction; the others pass theirs on. Knows appends to lists and
//! writes to registers, so it does for both workloads of transactions.
mod kit;
use kit::{Json, Node};
use std::collections::BTreeMap;

type Store = BTreeMap<i64, Json>;

fn carry_out(store: &mut Store, operations: &Json) -> Json {
    let mut done = Vec::new();
    for o in operations.items() {
        let (kind, key, value) = (o.at(0), o.at(1), o.at(2));
        let kept = store.entry(key.as_i64().unwrap_or_default()).or_insert(Json::Null);
        match kind.as_str() {
            Some("append") => {
                let mut list = kept.items().to_vec();
                list.push(value.clone());
                *kept = Json::List(list);
            }
            Some("w") => *kept = value.clone(),
            _ => {}
        }
        let shown = if kind.as_str() == Some("r") { kept } else { value };
        done.push(vec![kind.clone(), key.clone(), shown.clone()]);
    }
    done.into()
}

fn main() {
    let mut node = Node::new(Store::new());
    node.on("txn", |node, m| {
        let operations = m.need("txn")?;
        if node.id == node.ids[0] {
            let done = carry_out(&mut node.state, operations);
            node.reply(m, "txn_ok", [("txn", done)]);
            return Ok(());
        }
        let (first, fields, m) = (node.ids[0].clone(), [("txn", operations.clone())], m.clone());
        node.call(&first, "txn", fields, 1000, move |node, answer| match answer {
            Ok(a) => node.reply(&m, "txn_ok", [("txn", a.body.get("txn").clone())]),
            Err(e) => node.error(&m, e.code, &e.text),
        });
        Ok(())
    });
    node.run();
}
