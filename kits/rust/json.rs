//! JSON values: look into them, build them, print them, parse them.
//!
//!     let body = Json::object([("type", "vote".into()), ("term", 7.into())]);
//!     body.get("term").as_i64()      // Some(7)
//!     body.get("none").is_null()     // true: what is not there is null
//!
//! Numbers that are no 64-bit integers keep their text and go out as they came.

use std::collections::BTreeMap;
use std::fmt;

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Int(i64),
    Real(String), // any other number
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

/// The text is no JSON.
#[derive(Debug)]
pub struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub const DEPTH_MAX: usize = 100; // deeper texts are refused

// Build

impl Json {
    pub fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
        Json::Object(members.into_iter().map(|(key, value)| (key.to_string(), value)).collect())
    }

    pub fn list<T: Into<Json>>(items: impl IntoIterator<Item = T>) -> Json {
        Json::List(items.into_iter().map(Into::into).collect())
    }

    /// What was no object becomes one.
    pub fn set(&mut self, key: &str, value: impl Into<Json>) {
        if !matches!(self, Json::Object(_)) {
            *self = Json::object([]);
        }
        if let Json::Object(members) = self {
            members.insert(key.to_string(), value.into());
        }
    }
}

impl From<bool> for Json {
    fn from(b: bool) -> Json {
        Json::Bool(b)
    }
}
impl From<i32> for Json {
    fn from(i: i32) -> Json {
        Json::Int(i.into())
    }
}
impl From<i64> for Json {
    fn from(i: i64) -> Json {
        Json::Int(i)
    }
}
impl From<usize> for Json {
    fn from(n: usize) -> Json {
        Json::Int(n as i64)
    }
}
impl From<f64> for Json {
    /// What is no number becomes null.
    fn from(d: f64) -> Json {
        if d.is_finite() {
            Json::Real(format!("{d:?}"))
        } else {
            Json::Null
        }
    }
}
impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_string())
    }
}
impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::Text(text)
    }
}
impl From<&String> for Json {
    fn from(text: &String) -> Json {
        Json::Text(text.clone())
    }
}
impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Json {
        Json::list(items)
    }
}

// Look

impl Json {
    /// The member of an object; null if there is none.
    pub fn get(&self, key: &str) -> &Json {
        match self {
            Json::Object(members) => members.get(key).unwrap_or(&Json::Null),
            _ => &Json::Null,
        }
    }

    pub fn has(&self, key: &str) -> bool {
        matches!(self, Json::Object(members) if members.contains_key(key))
    }

    /// The item of a list; null if there is none.
    pub fn at(&self, index: usize) -> &Json {
        self.items().get(index).unwrap_or(&Json::Null)
    }

    /// All items; none if this is no list.
    pub fn items(&self) -> &[Json] {
        match self {
            Json::List(items) => items,
            _ => &[],
        }
    }

    /// Items or members; 0 for all other values.
    pub fn len(&self) -> usize {
        match self {
            Json::Object(members) => members.len(),
            _ => self.items().len(),
        }
    }

    pub fn is_null(&self) -> bool {
        *self == Json::Null
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(b) => Some(*b),
            _ => None,
        }
    }

    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Json::Int(i) => Some(*i),
            _ => None,
        }
    }

    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Json::Int(i) => Some(*i as f64),
            Json::Real(text) => text.parse().ok(),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }
}

// Print: format!("{value}") or value.to_string().

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(b) => write!(f, "{b}"),
            Json::Int(i) => write!(f, "{i}"),
            Json::Real(text) => f.write_str(text),
            Json::Text(text) => print_text(f, text),
            Json::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    f.write_str(if i > 0 { "," } else { "" })?;
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            Json::Object(members) => {
                f.write_str("{")?;
                for (i, (key, value)) in members.iter().enumerate() {
                    f.write_str(if i > 0 { "," } else { "" })?;
                    print_text(f, key)?;
                    f.write_str(":")?;
                    value.fmt(f)?;
                }
                f.write_str("}")
            }
        }
    }
}

fn print_text(f: &mut fmt::Formatter, text: &str) -> fmt::Result {
    let mut from = 0;
    f.write_str("\"")?;
    for (i, byte) in text.bytes().enumerate() {
        let name = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            8 => "\\b",
            12 => "\\f",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=31 => "",
            _ => continue,
        };
        f.write_str(&text[from..i])?;
        from = i + 1;
        if name.is_empty() {
            write!(f, "\\u{byte:04x}")?;
        } else {
            f.write_str(name)?;
        }
    }
    f.write_str(&text[from..])?;
    f.write_str("\"")
}

// Parse: down by recursion, byte by byte; text is UTF-8 already.

impl Json {
    pub fn parse(text: &str) -> Result<Json, Refused> {
        let mut parser = Parser { text, at: 0, depth: 0 };
        let value = parser.value()?;
        parser.peek();
        if parser.at < text.len() {
            return parser.fail();
        }
        Ok(value)
    }
}

const END: u8 = 0; // what stands past the end; in the text it is refused as well

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

type Parsed<T> = Result<T, Refused>;

impl Parser<'_> {
    fn fail<T>(&self) -> Parsed<T> {
        Err(Refused(format!("not JSON at byte {}", self.at)))
    }

    fn here(&self) -> u8 {
        *self.text.as_bytes().get(self.at).unwrap_or(&END)
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> u8 {
        while matches!(self.here(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
        self.here()
    }

    fn expect(&mut self, byte: u8) -> Parsed<()> {
        if self.peek() != byte {
            return self.fail();
        }
        self.at += 1;
        Ok(())
    }

    fn value(&mut self) -> Parsed<Json> {
        match self.peek() {
            open @ (b'{' | b'[') => {
                if self.depth == DEPTH_MAX {
                    return self.fail();
                }
                self.depth += 1;
                self.at += 1;
                let value = if open == b'{' { self.object() } else { self.list() };
                self.depth -= 1;
                value
            }
            b'"' => Ok(Json::Text(self.string()?)),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'n' => self.word("null", Json::Null),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str, value: Json) -> Parsed<Json> {
        if !self.text[self.at..].starts_with(word) {
            return self.fail();
        }
        self.at += word.len();
        Ok(value)
    }

    /// After an item or a member: is this the end?
    fn ends(&mut self, end: u8) -> Parsed<bool> {
        let next = self.peek();
        if next != end && next != b',' {
            return self.fail();
        }
        self.at += 1;
        Ok(next == end)
    }

    fn list(&mut self) -> Parsed<Json> {
        let mut items = Vec::new();
        if self.peek() == b']' {
            self.at += 1;
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value()?);
            if self.ends(b']')? {
                return Ok(Json::List(items));
            }
        }
    }

    fn object(&mut self) -> Parsed<Json> {
        let mut members = BTreeMap::new();
        if self.peek() == b'}' {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        loop {
            if self.peek() != b'"' {
                return self.fail();
            }
            let key = self.string()?;
            self.expect(b':')?;
            members.insert(key, self.value()?); // of equal keys the last one counts
            if self.ends(b'}')? {
                return Ok(Json::Object(members));
            }
        }
    }

    /// At the opening quote.
    fn string(&mut self) -> Parsed<String> {
        let mut out = String::new();
        self.at += 1;
        loop {
            let from = self.at;
            while self.here() >= 0x20 && self.here() != b'"' && self.here() != b'\\' {
                self.at += 1;
            }
            out.push_str(&self.text[from..self.at]);
            match self.here() {
                b'"' => break,
                b'\\' => out.push(self.escape()?),
                _ => return self.fail(),
            }
        }
        self.at += 1;
        Ok(out)
    }

    fn escape(&mut self) -> Parsed<char> {
        self.at += 2;
        Ok(match *self.text.as_bytes().get(self.at - 1).unwrap_or(&END) {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut code = self.hex4()?;
                let back = self.at;
                if (0xD800..0xDC00).contains(&code) && self.text.as_bytes()[self.at..].starts_with(b"\\u") {
                    self.at += 2;
                    let low = self.hex4()?;
                    if (0xDC00..0xE000).contains(&low) {
                        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                    } else {
                        self.at = back;
                    }
                }
                char::from_u32(code).unwrap_or('\u{FFFD}') // half of a pair means nothing
            }
            _ => return self.fail(),
        })
    }

    fn hex4(&mut self) -> Parsed<u32> {
        let mut code = 0;
        for _ in 0..4 {
            match (self.here() as char).to_digit(16) {
                Some(digit) => code = 16 * code + digit,
                None => return self.fail(),
            }
            self.at += 1;
        }
        Ok(code)
    }

    fn digits(&mut self) -> Parsed<()> {
        if !self.here().is_ascii_digit() {
            return self.fail();
        }
        while self.here().is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Parsed<Json> {
        let from = self.at;
        self.at += usize::from(self.here() == b'-');
        let first = self.at;
        self.digits()?;
        if self.text.as_bytes()[first] == b'0' && self.at > first + 1 {
            return self.fail();
        }
        if self.here() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.here(), b'e' | b'E') {
            self.at += 1;
            self.at += usize::from(matches!(self.here(), b'+' | b'-'));
            self.digits()?;
        }
        let text = &self.text[from..self.at];
        Ok(match text.parse() {
            Ok(i) if text != "-0" => Json::Int(i),
            _ => Json::Real(text.to_string()),
        })
    }
}
