//! What can be read of a JSON text that breaks: a download cut short, a file damaged on the way.
//!
//! All complete elements before the break are kept and what is open is closed, but for the element the break stands in:
//! half a comment is none. Comments around it stay with what they hold before the break: it may be all but their answers, or
//! lack a part. A raw control
//! character in a string, a comma too many and an escape nobody knows break nothing here. Time is linear, without
//! recursion; containers deeper than [`MAX_DEPTH`] are passed over.

use serde_json::{Map, Number, Value};

/// Levels kept; what is nested deeper becomes `null`.
pub(super) const MAX_DEPTH: usize = 400;

/// A text read as far as it goes.
#[derive(Debug)]
pub(super) struct Salvaged {
    /// What was read.
    pub(super) value: Value,
    /// Where the text breaks, in bytes; empty where it was read to its end.
    pub(super) broke_at: Option<usize>,
    /// Whether something was nested deeper than [`MAX_DEPTH`].
    pub(super) too_deep: bool,
}

/// Reads `text`; nothing where not even a first element is complete.
pub(super) fn read(text: &str) -> Option<Salvaged> {
    let mut reader = Reader { text, at: 0, open: Vec::new(), ignored: 0, too_deep: false };
    let (value, whole) = match reader.run() {
        Some(value) => (value, true),
        None => (reader.close()?, false),
    };
    reader.skip_space();
    let broken = !whole || reader.at < text.len();
    let held = match &value {
        Value::Object(object) => !object.is_empty(),
        Value::Array(values) => !values.is_empty(),
        _ => false,
    };
    held.then(|| Salvaged { value, broke_at: broken.then_some(reader.at), too_deep: reader.too_deep })
}

/// Line and column (in characters, both from 1) of a byte.
pub(super) fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(byte)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.bytes().filter(|b| *b == b'\n').count() + 1, before[line_start..].chars().count() + 1)
}

enum Open {
    Array(Vec<Value>),
    /// With the key whose value is being read.
    Object(Map<String, Value>, Option<String>),
    /// Too deep to keep.
    Ignored,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Open>,
    /// Containers open beyond [`MAX_DEPTH`].
    ignored: usize,
    too_deep: bool,
}

impl Reader<'_> {
    /// The whole value, or nothing at the first break.
    fn run(&mut self) -> Option<Value> {
        loop {
            self.skip_space();
            let next = self.peek()?;
            // Where a key is due, nothing but a key or the end can come.
            if let Some(Open::Object(_, key)) = self.open.last_mut()
                && key.is_none()
                && next != b'}'
            {
                if next == b',' {
                    self.at += 1;
                    continue;
                }
                let start = self.at;
                let name = self.string()?;
                self.skip_space();
                if self.peek() != Some(b':') {
                    self.at = start;
                    return None;
                }
                self.at += 1;
                if let Some(Open::Object(_, key)) = self.open.last_mut() {
                    *key = Some(name);
                }
                continue;
            }
            match next {
                b'{' => self.push(Open::Object(Map::new(), None)),
                b'[' => self.push(Open::Array(Vec::new())),
                b',' if matches!(self.open.last(), Some(Open::Array(_) | Open::Ignored)) => self.at += 1,
                b':' if matches!(self.open.last(), Some(Open::Ignored)) => self.at += 1,
                b']' | b'}' => {
                    let value = self.pop(next)?;
                    if let Some(value) = self.place(value) {
                        return Some(value);
                    }
                }
                _ => {
                    let value = self.scalar(next)?;
                    if let Some(value) = self.place(value) {
                        return Some(value);
                    }
                }
            }
        }
    }

    fn push(&mut self, open: Open) {
        self.at += 1;
        let deep = self.open.len() >= MAX_DEPTH || matches!(self.open.last(), Some(Open::Ignored));
        if deep {
            self.ignored += 1;
            self.too_deep = true;
            if self.ignored == 1 {
                self.open.push(Open::Ignored);
            }
        } else {
            self.open.push(open);
        }
    }

    /// Ends the innermost container; nothing where `end` does not match it.
    fn pop(&mut self, end: u8) -> Option<Value> {
        if self.ignored > 0 {
            self.at += 1;
            self.ignored -= 1;
            if self.ignored == 0 {
                self.open.pop();
            }
            return Some(Value::Null);
        }
        match (self.open.last()?, end) {
            (Open::Array(_), b']') | (Open::Object(_, None), b'}') => {}
            // A key without its value.
            _ => return None,
        }
        self.at += 1;
        match self.open.pop()? {
            Open::Array(values) => Some(Value::Array(values)),
            Open::Object(object, _) => Some(Value::Object(object)),
            Open::Ignored => None,
        }
    }

    /// Puts a value where it belongs; gives it back when it is the whole text's.
    fn place(&mut self, value: Value) -> Option<Value> {
        match self.open.last_mut() {
            None => return Some(value),
            Some(Open::Array(values)) => values.push(value),
            Some(Open::Object(object, key)) => {
                if let Some(key) = key.take() {
                    object.insert(key, value);
                }
            }
            Some(Open::Ignored) => {}
        }
        None
    }

    /// Closes what is open at a break. The innermost element of a list of objects is given up.
    fn close(&mut self) -> Option<Value> {
        let element = (1..self.open.len())
            .rev()
            .find(|at| matches!((&self.open[at - 1], &self.open[*at]), (Open::Array(_), Open::Object(..))));
        if let Some(element) = element {
            self.open.truncate(element);
        }
        let mut value: Option<Value> = None;
        while let Some(open) = self.open.pop() {
            value = Some(match open {
                Open::Array(mut values) => {
                    values.extend(value);
                    Value::Array(values)
                }
                Open::Object(mut object, key) => {
                    if let (Some(key), Some(value)) = (key, value) {
                        object.insert(key, value);
                    }
                    Value::Object(object)
                }
                Open::Ignored => Value::Null,
            });
        }
        value
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
    }

    fn scalar(&mut self, first: u8) -> Option<Value> {
        if first == b'"' {
            return self.string().map(Value::String);
        }
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.')))?;
        let word = &rest[..end];
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" | "NaN" | "undefined" | "Infinity" | "-Infinity" => Value::Null,
            _ => Value::Number(word.parse::<Number>().ok()?),
        };
        self.at += end;
        Some(value)
    }

    /// The string that starts here; nothing where it never ends.
    fn string(&mut self) -> Option<String> {
        let bytes = self.text.as_bytes();
        if self.peek() != Some(b'"') {
            return None;
        }
        let start = self.at + 1;
        let mut end = start;
        loop {
            end += memchr::memchr2(b'"', b'\\', bytes.get(end..)?)?;
            if bytes[end] == b'"' {
                break;
            }
            end += 2;
        }
        let raw = &self.text[start..end];
        self.at = end + 1;
        Some(if raw.contains('\\') { unescape(raw) } else { raw.to_owned() })
    }
}

fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(slash) = rest.find('\\') {
        text.push_str(&rest[..slash]);
        let mut tail = rest[slash + 1..].chars();
        let Some(escape) = tail.next() else { break };
        rest = tail.as_str();
        match escape {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'u' => rest = unescape_unit(rest, &mut text),
            other => text.push(other),
        }
    }
    text.push_str(rest);
    text
}

/// Reads what follows `\u`; two halves of one letter are put together.
fn unescape_unit<'a>(rest: &'a str, text: &mut String) -> &'a str {
    let unit = |rest: &str| rest.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    let Some(first) = unit(rest) else {
        text.push(char::REPLACEMENT_CHARACTER);
        return rest;
    };
    let after = &rest[4..];
    if (0xd800..0xdc00).contains(&first)
        && let Some(second) = after.strip_prefix("\\u").and_then(unit).filter(|unit| (0xdc00..0xe000).contains(unit))
    {
        text.extend(char::decode_utf16([first, second]).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
        return &after[6..];
    }
    text.push(char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER));
    after
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn value(text: &str) -> Value {
        read(text).map_or(Value::Null, |salvaged| salvaged.value)
    }

    #[test]
    fn half_an_element_is_none_and_what_is_around_it_stays() {
        let cut =
            r#"{"count": 3, "data": [{"id": 1, "user": {"n": "a"}}, {"id": 2, "below": [{"id": 3}, {"id": 4, "te"#;
        assert_eq!(
            value(cut),
            json!({"count": 3, "data": [{"id": 1, "user": {"n": "a"}}, {"id": 2, "below": [{"id": 3}]}]})
        );
        assert_eq!(value(r#"[{"id": 1}, {"id": 2, "user": {"n": "b"}, "text": "half a"#), json!([{"id": 1}]));
        assert_eq!(value(r#"[{"id": 1}, {"id": 12"#), json!([{"id": 1}]));
        assert_eq!(value(r#"{"a": 1, "b": "#), json!({"a": 1}));
        for nothing in ["", "{", "[", "[{", r#"{"a"#, r#"[{"a": 1"#, "x"] {
            assert_eq!(value(nothing), Value::Null, "{nothing}");
        }
    }

    #[test]
    fn the_break_is_where_it_was_found() {
        let text = "[{\"id\": 1},\n {\"id\": zwei}, {\"id\": 3}]";
        let salvaged = read(text).unwrap();
        assert_eq!((salvaged.value, salvaged.broke_at), (json!([{"id": 1}]), Some(20)));
        assert_eq!(place(text, 20), (2, 9));
        assert_eq!(read("{\"a\": 1}\n<!-- 3 ms -->").unwrap().broke_at, Some(9));
    }

    #[test]
    fn careless_writing_breaks_nothing() {
        let salvaged =
            read("{\"a\": \"x\ny\\q\", \"b\": [1, 2,], \"c\": NaN, \"d\": \"\\ud83d\\ude00\\ud83d \\u00e9\",}")
                .unwrap();
        assert_eq!(salvaged.value, json!({"a": "x\nyq", "b": [1, 2], "c": null, "d": "😀\u{fffd} é"}));
        assert_eq!(salvaged.broke_at, None);
    }

    #[test]
    fn depth_has_a_bound_and_costs_only_itself() {
        let deep = format!("[{{\"id\": 1}}, {}7{}, {{\"id\": 2}}]", "[".repeat(100_000), "]".repeat(100_000));
        let salvaged = read(&deep).unwrap();
        assert_eq!((&salvaged.value[0], &salvaged.value[2]), (&json!({"id": 1}), &json!({"id": 2})));
        let objects = format!("[{{\"id\": 1}}, {}", "{\"a\":".repeat(100_000));
        assert_eq!(value(&objects), json!([{"id": 1}]));
    }
}
