//! The script elements of a page's source. The document tree has none: [`super::guard`] drops them, and with them what
//! says where a thread is loaded from, and sometimes the thread itself.

use memchr::memchr;
use serde_json::Value;

use super::guard::{comment_end, find_end_tag, tag_end};
use super::structured::plain;

/// One script element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Script<'a> {
    /// What stands in its tag after the name.
    attributes: &'a str,
    /// Its text.
    pub(super) body: &'a str,
    /// The whole of it: the tag and the text.
    pub(super) source: &'a str,
}

impl Script<'_> {
    /// An attribute's value, entities decoded.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '='));
            let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
            let (found, tail) = rest.split_at(end);
            if found.is_empty() {
                return None;
            }
            let (value, after) = match tail.trim_start().strip_prefix('=') {
                None => ("", tail),
                Some(value) => unquote(value.trim_start()),
            };
            if found.eq_ignore_ascii_case(name) {
                return Some(plain(value));
            }
            rest = after;
        }
    }
}

/// A value in quotes, or up to white space, and what follows.
fn unquote(text: &str) -> (&str, &str) {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\''))
        && let Some(end) = text[1..].find(quote)
    {
        return (&text[1..=end], &text[end + 2..]);
    }
    text.split_at(text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len()))
}

/// All script elements, but for those in comments; one pass.
pub(super) fn scripts(source: &str) -> impl Iterator<Item = Script<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            at += memchr(b'<', source.as_bytes().get(at..)?)?;
            let rest = &source[at..];
            if let Some(comment) = rest.strip_prefix("<!--") {
                at += 4 + comment_end(comment);
                continue;
            }
            let is_script = rest.get(1..7).is_some_and(|name| name.eq_ignore_ascii_case("script"))
                && rest.as_bytes().get(7).is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'));
            if !is_script {
                at += 1;
                continue;
            }
            let (start, attributes_end) = tag_end(rest, 7);
            let length = find_end_tag(&rest[start..], "script").unwrap_or(rest.len() - start);
            at += start + length;
            return Some(Script {
                attributes: rest.get(7..attributes_end).unwrap_or_default(),
                body: &rest[start..start + length],
                source: &rest[..start + length],
            });
        }
    })
}

/// The JSON value a script of the page assigns after `marker`, as `marker = {…}` or `marker = JSON.parse("…")`, or that
/// stands in an element with this id.
pub(super) fn state(source: &str, marker: &str) -> Option<Value> {
    scripts(source).find_map(|script| {
        if script.attribute("id").as_deref() == Some(marker) {
            return serde_json::from_str(script.body.trim()).ok();
        }
        let (_, after) = script.body.split_once(marker)?;
        assigned(after)
    })
}

/// The value after `=` at the beginning of a piece of script.
pub(super) fn assigned(script: &str) -> Option<Value> {
    let value = script.trim_start().strip_prefix('=')?.trim_start();
    match value.strip_prefix("JSON.parse(") {
        Some(text) => serde_json::from_str(first(text.trim_start())?.as_str()?).ok(),
        None => first(value),
    }
}

/// How long a setting may be.
const LONGEST_SETTING: usize = 4_000;

/// The text a script gives a setting: `name: '…'`, `"name": "…"`, `page.name = '…'`; a whole number, too. None where it is
/// computed or commented out.
pub(super) fn setting(script: &str, name: &str) -> Option<String> {
    script.match_indices(name).take(100).find_map(|(at, _)| {
        let before = &script[..at];
        let is_other = before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-'));
        let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
        if is_other || line.starts_with("//") {
            return None;
        }
        let after = &script[at + name.len()..];
        let after = &after[..after.floor_char_boundary(LONGEST_SETTING)];
        let value = after.trim_start_matches(['"', '\'']).trim_start().strip_prefix([':', '='])?;
        literal(value.trim_start())
    })
}

/// A text in quotes or a number; none where it is but a part of what is computed.
fn literal(text: &str) -> Option<String> {
    let quote = text.chars().next()?;
    if quote.is_ascii_digit() {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        return Some(text[..end].to_owned());
    }
    if !matches!(quote, '"' | '\'' | '`') {
        return None;
    }
    let mut escaped = false;
    let length = text[1..].find(|c: char| {
        let ends = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    let (raw, rest) = (&text[1..=length], text[length + 2..].trim_start());
    let computed = rest.starts_with(['+', '.']) || (quote == '`' && raw.contains("${"));
    (!raw.is_empty() && !computed).then(|| unescaped(raw))
}

/// What a text in a script says: JSON that a server wrote escapes its slashes.
fn unescaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('u') => {
                    let digits: String = rest.by_ref().take(4).collect();
                    text.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
                }
                other => text.extend(other),
            },
            _ => text.push(c),
        }
    }
    text
}

/// The first value of a text that goes on behind it.
fn first(text: &str) -> Option<Value> {
    serde_json::Deserializer::from_str(text).into_iter().next()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scripts_and_their_attributes() {
        let source = "<!-- <script data-x=0></script> --><SCRIPT async data-x='a &amp; b' src=x.js></SCRIPT>\
                      <p>&lt;script></p><scripts><script>if (a < b) {}</script>";
        let found: Vec<_> = scripts(source).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].attribute("data-x").as_deref(), Some("a & b"));
        assert_eq!(found[0].attribute("src").as_deref(), Some("x.js"));
        assert_eq!(found[0].attribute("async").as_deref(), Some(""));
        assert_eq!((found[0].attribute("x"), found[1].body), (None, "if (a < b) {}"));
    }

    #[test]
    fn settings_are_literals() {
        let script = "// site: 'old'\nvar a = {siteName: 'x', site: 'it\\'s', \"url\":\"https:\\/\\/x.example\\/\\u00e9\", id: 705,
            path: location.pathname, key: 'a' + b, page: `${c}`}; this.page.url = `d`; if (site == 'y') {}";
        let read = |name| setting(script, name);
        assert_eq!(read("site").as_deref(), Some("it's"));
        assert_eq!(read("url").as_deref(), Some("https://x.example/é"));
        assert_eq!((read("id").as_deref(), read("page.url").as_deref()), (Some("705"), Some("d")));
        assert_eq!([read("path"), read("key"), read("page"), read("nothing")], [None, None, None, None]);
    }

    #[test]
    fn state_is_what_is_assigned() {
        let page = |script: &str| format!("<p>a.b = 1</p><script>{script}</script>");
        assert_eq!(state(&page("var x; a.b = {\"c\": [1]}; f();"), "a.b"), Some(json!({"c": [1]})));
        assert_eq!(state(&page("a.b=JSON.parse(\"{\\\"c\\\":2}\");"), "a.b"), Some(json!({"c": 2})));
        assert_eq!(state(&page("a.b = {c: 1}"), "a.b"), None);
        assert_eq!(state("<script id=data type='application/json'>{\"c\":3}</script>", "data"), Some(json!({"c": 3})));
    }
}
