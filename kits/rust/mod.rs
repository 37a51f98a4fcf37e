//! The kit: `mod kit;` in main.rs, then `use kit::{Json, Node};`.
#![allow(dead_code)] // no program needs all of it

mod json;
mod node;

#[allow(unused_imports)]
pub use json::{Json, Refused};
#[allow(unused_imports)]
pub use node::{code, Answer, Handled, Message, Node, RpcError, TimerId};
