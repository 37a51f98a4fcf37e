//! What kind of JSON value this is, and how long.
use crate::kit::Json;

pub fn measure(value: &Json) -> (&'static str, usize) {
    match value {
        Json::Null => ("null", 0),
        Json::Bool(_) => ("bool", 0),
        Json::Int(_) | Json::Real(_) => ("number", 0),
        Json::Text(text) => ("string", text.chars().count()),
        Json::List(items) => ("list", items.len()),
        Json::Object(members) => ("object", members.len()),
    }
}
