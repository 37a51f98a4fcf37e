//! Checks of what is looked up and built; then each line of the input as parser and printer have it, or "refused"
//! (tests/kits/json_cases.py asks).
mod kit;
use kit::Json;
use std::io::{Read, Write};

fn check_values() {
    let v = Json::object([
        ("type", "vote".into()),
        ("term", 7.into()),
        ("log", Json::List(vec![1.into(), "two".into(), Json::Null])),
        ("half", 0.5.into()),
    ]);
    assert_eq!(v.to_string(), r#"{"half":0.5,"log":[1,"two",null],"term":7,"type":"vote"}"#);
    assert_eq!(Json::parse(&v.to_string()).unwrap(), v);
    assert_eq!(v.get("term").as_i64(), Some(7));
    assert_eq!(v.get("term").as_f64(), Some(7.0));
    assert_eq!(v.get("half").as_f64(), Some(0.5));
    assert_eq!(v.get("half").as_i64(), None);
    assert_eq!(v.get("log").at(1).as_str(), Some("two"));
    assert!(v.get("log").at(3).is_null() && v.get("none").get("x").at(0).is_null());
    assert!(v.has("half") && !v.has("none") && v.get("log").len() == 3 && v.len() == 4);
    assert_eq!(Json::from(1.0).to_string(), "1.0");
    assert_eq!(Json::from(1e300).as_f64(), Some(1e300));
    assert!(Json::from(f64::NAN).is_null());
    assert_eq!(Json::from(vec![vec![1], vec![]]).to_string(), "[[1],[]]");
    assert_eq!(Json::parse("true").unwrap().as_bool(), Some(true));
    let mut built = Json::Null;
    built.set("a", 1);
    built.set("a", String::from("new"));
    assert_eq!(built.to_string(), r#"{"a":"new"}"#);
}

fn main() {
    check_values();
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input).unwrap();
    let mut lines: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    lines.pop();
    let mut out = std::io::stdout().lock();
    for line in lines {
        let value = std::str::from_utf8(line).ok().and_then(|text| Json::parse(text).ok());
        let text = value.map_or("refused".to_string(), |v| v.to_string());
        writeln!(out, "{text}").unwrap();
    }
}
