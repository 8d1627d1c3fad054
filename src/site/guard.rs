//! What stands between a hostile or careless page and the HTML parser.
//!
//! html5ever's time grows with the square of the nesting depth (16,000 × `<ul><li>`, 128 KB, take seconds), with
//! the square of the attributes of one tag, and leaked formatting elements multiply nodes. One linear pass over the
//! source keeps all three small, and drops what no reader sees (scripts, styles, comments, drawings): most of
//! a page's bytes. Browsers cut nesting too, at 512 levels.
//!
//! `<noscript>` becomes a `<div data-noscript>`: with scripting on, the parser would leave it raw text, and some
//! platforms (Discourse's crawler view) keep all posts in there.

use memchr::memchr;

/// Levels kept; deeper tags are dropped, their text stays.
pub(super) const MAX_DEPTH: usize = 512;
/// Attributes kept a tag.
const MAX_ATTRIBUTES: usize = 256;
/// How far up the open elements an end tag looks for its start.
const MAX_LOOK_UP: usize = 600;
/// How far up a start tag looks for an element it closes without saying so.
const MAX_IMPLIED_LOOK_UP: usize = 32;

/// A page ready to parse.
#[derive(Debug)]
pub(super) struct Guarded {
    /// The source, without what no reader sees and without what would stall the parser.
    pub(super) html: String,
    /// Whether tags nested deeper than [`MAX_DEPTH`] were dropped.
    pub(super) cut: bool,
}

/// Passes over the source once.
pub(super) fn guard(source: &str) -> Guarded {
    let out = String::with_capacity(source.len() / 2);
    let mut pass = Pass { source, out, open: Vec::new(), endless: Vec::new(), cut: false };
    let mut at = 0;
    while at < source.len() {
        let Some(offset) = memchr(b'<', &source.as_bytes()[at..]) else {
            pass.out.push_str(&source[at..]);
            break;
        };
        pass.out.push_str(&source[at..at + offset]);
        at = pass.markup(at + offset);
    }
    Guarded { html: pass.out, cut: pass.cut }
}

struct Pass<'a> {
    source: &'a str,
    out: String,
    open: Vec<Open<'a>>,
    /// Hidden elements for which no end tag is left in the source: looking again would take the page's length each time.
    endless: Vec<&'static str>,
    cut: bool,
}

#[derive(Clone, Copy)]
struct Open<'a> {
    name: &'a str,
    dropped: bool,
}

impl Pass<'_> {
    /// Handles the markup that starts at the `<` at `at`; returns where the text goes on.
    fn markup(&mut self, at: usize) -> usize {
        let rest = &self.source[at..];
        let bytes = rest.as_bytes();
        match bytes.get(1) {
            Some(b'!') => self.declaration(at),
            Some(b'/') if bytes.get(2).is_some_and(u8::is_ascii_alphabetic) => self.end_tag(at),
            Some(letter) if letter.is_ascii_alphabetic() => self.start_tag(at),
            Some(b'?' | b'/') => at + memchr(b'>', bytes).map_or(bytes.len(), |end| end + 1),
            _ => {
                self.out.push('<');
                at + 1
            }
        }
    }

    /// Drops comments, keeps the doctype.
    fn declaration(&mut self, at: usize) -> usize {
        let rest = &self.source[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            if comment.starts_with('>') || comment.starts_with("->") {
                return at + 4 + comment.find('>').map_or(0, |end| end + 1);
            }
            let end = comment_end(comment);
            return at + 4 + end;
        }
        let end = memchr(b'>', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
        self.out.push_str(&rest[..end]);
        at + end
    }

    fn end_tag(&mut self, at: usize) -> usize {
        let rest = &self.source[at..];
        let name = tag_name(&rest[2..]);
        let end = memchr(b'>', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
        let found = self.open.iter().rev().take(MAX_LOOK_UP).position(|open| open.name.eq_ignore_ascii_case(name));
        let mut dropped = false;
        if let Some(up) = found {
            let keep = self.open.len() - 1 - up;
            dropped = self.open[keep].dropped;
            // Formatting left open inside a closing element would be opened again after it, each time again.
            for index in (keep + 1..self.open.len()).rev() {
                let open = self.open[index];
                if !open.dropped && listed(FORMATTING, open.name) {
                    self.close(open.name);
                }
            }
            self.open.truncate(keep);
        }
        // A stray end tag opens an element in two cases (`</p>`, `</br>`); both are harmless.
        if !dropped && !name.eq_ignore_ascii_case("svg") {
            self.close(if name.eq_ignore_ascii_case("noscript") { "div" } else { name });
        }
        at + end
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    fn start_tag(&mut self, at: usize) -> usize {
        let rest = &self.source[at..];
        let name = tag_name(&rest[1..]);
        let (end, attributes_end) = tag_end(rest, 1 + name.len());
        let attributes = &rest[1 + name.len()..attributes_end];
        let after = at + end;

        if let Some(hidden) = HIDDEN.iter().find(|hidden| hidden.eq_ignore_ascii_case(name)) {
            return self.hidden(hidden, attributes, after);
        }
        self.imply_ends(name);
        let void = listed(VOID, name);
        let dropped = !void && self.open.len() >= MAX_DEPTH;
        if dropped {
            self.cut = true;
        } else {
            self.out.push('<');
            if name.eq_ignore_ascii_case("noscript") {
                self.out.push_str("div data-noscript");
            } else {
                self.out.push_str(name);
            }
            self.out.push_str(attributes.trim_end());
            self.out.push('>');
        }
        if listed(RAW, name) {
            let body = &self.source[after..];
            let length = find_end_tag(body, name).unwrap_or(body.len());
            self.out.push_str(&body[..length]);
            self.open.push(Open { name, dropped });
            return after + length;
        }
        if !void {
            self.open.push(Open { name, dropped });
        }
        after
    }

    /// Drops an element no reader sees; keeps scripts that hold data. One that never ends hides nothing, but for
    /// scripts and styles, whose text no browser shows either.
    fn hidden(&mut self, name: &'static str, attributes: &str, after: usize) -> usize {
        let body = &self.source[after..];
        if self.endless.contains(&name) || (attributes.ends_with('/') && matches!(name, "svg" | "math")) {
            return after;
        }
        let Some(length) = find_end_tag(body, name) else {
            self.endless.push(name);
            return if matches!(name, "script" | "style") { self.source.len() } else { after };
        };
        let tail = &body[length..];
        let end = after + length + memchr(b'>', tail.as_bytes()).map_or(tail.len(), |end| end + 1);
        if name == "script" && attributes.to_ascii_lowercase().contains("json") {
            self.out.push_str("<script");
            self.out.push_str(attributes);
            self.out.push('>');
            self.out.push_str(&body[..length]);
            self.out.push_str("</script>");
        }
        end
    }

    /// Closes what a start tag closes without saying so (`<li>` after `<li>`, a block after `<p>`).
    fn imply_ends(&mut self, name: &str) {
        let group = IMPLIED.iter().find(|group| listed(group, name));
        let closes_p = listed(CLOSES_P, name);
        if group.is_none() && !closes_p {
            return;
        }
        let mut keep = None;
        for (index, open) in self.open.iter().enumerate().rev().take(MAX_IMPLIED_LOOK_UP) {
            if group.is_some_and(|group| listed(group, open.name)) {
                keep = Some(index);
                break;
            }
            if closes_p && open.name.eq_ignore_ascii_case("p") {
                keep = Some(index);
                break;
            }
            if listed(BARRIERS, open.name) || (group.is_none() && !listed(FORMATTING, open.name)) {
                break;
            }
        }
        let Some(keep) = keep else { return };
        for index in (keep..self.open.len()).rev() {
            let open = self.open[index];
            if !open.dropped {
                self.close(open.name);
            }
        }
        self.open.truncate(keep);
    }
}

const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    "frame", "keygen", "image", "bgsound", "basefont",
];
/// Whether an element has no inside and no end tag.
pub(super) fn is_void(name: &str) -> bool {
    listed(VOID, name)
}

const HIDDEN: &[&str] = &["script", "style", "svg", "template", "math"];
const RAW: &[&str] = &["textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"];
const FORMATTING: &[&str] =
    &["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
const IMPLIED: &[&[&str]] = &[
    &["li"],
    &["dt", "dd"],
    &["option", "optgroup"],
    &["td", "th"],
    &["tr"],
    &["thead", "tbody", "tfoot"],
    &["rb", "rt", "rp", "rtc"],
];
/// Elements whose inside does not end an item outside of them.
const BARRIERS: &[&str] = &["ul", "ol", "dl", "menu", "table", "select", "section", "article", "blockquote", "details"];
const CLOSES_P: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "details",
    "dir",
    "div",
    "dl",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
];

fn listed(names: &[&str], name: &str) -> bool {
    names.iter().any(|listed| listed.eq_ignore_ascii_case(name))
}

/// The name at the head of a tag's inside.
fn tag_name(inside: &str) -> &str {
    let end = inside.bytes().position(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>')).unwrap_or(inside.len());
    &inside[..end]
}

/// Where a start tag ends (past its `>`) and where the attributes to keep end. Quotes count only after `=`.
fn tag_end(tag: &str, from: usize) -> (usize, usize) {
    let bytes = tag.as_bytes();
    let (mut at, mut attributes, mut keep) = (from, 0, None);
    while at < bytes.len() {
        match bytes[at] {
            b'>' => return (at + 1, keep.unwrap_or(at)),
            b'=' => {
                at += 1;
                while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                    at += 1;
                }
                match bytes.get(at) {
                    Some(&quote @ (b'"' | b'\'')) => {
                        let Some(length) = memchr(quote, &bytes[at + 1..]) else { break };
                        at += length + 2;
                    }
                    _ => {
                        while bytes.get(at).is_some_and(|b| !b.is_ascii_whitespace() && *b != b'>') {
                            at += 1;
                        }
                    }
                }
            }
            b if b.is_ascii_whitespace() => {
                at += 1;
                if bytes.get(at).is_some_and(|b| !b.is_ascii_whitespace() && !matches!(b, b'>' | b'/' | b'=')) {
                    attributes += 1;
                    if attributes > MAX_ATTRIBUTES && keep.is_none() {
                        keep = Some(at);
                    }
                }
            }
            _ => at += 1,
        }
    }
    // A tag that never ends (truncated page, or a quote left open): end it at the first `>` so that
    // what follows is not lost.
    match memchr(b'>', &bytes[from..]) {
        Some(length) => (from + length + 1, close_quote_before(tag, from, from + length)),
        None => (bytes.len(), from),
    }
}

/// Where the attributes can be cut so that no quote is left open.
fn close_quote_before(tag: &str, from: usize, end: usize) -> usize {
    let inside = &tag[from..end];
    match inside.rfind(['"', '\'']) {
        Some(quote) if inside.bytes().filter(|b| *b == inside.as_bytes()[quote]).count() % 2 == 1 => {
            from + inside[..quote].rfind(|c: char| c.is_ascii_whitespace()).unwrap_or(0)
        }
        _ => end,
    }
}

/// Where the text goes on after a comment's `-->` or `--!>`; its end where there is none.
fn comment_end(comment: &str) -> usize {
    let mut at = 0;
    while let Some(offset) = comment[at..].find("--") {
        at += offset;
        let tail = &comment[at + 2..];
        if let Some(rest) = tail.strip_prefix('>').or_else(|| tail.strip_prefix("!>")) {
            return comment.len() - rest.len();
        }
        at += 1;
    }
    comment.len()
}

/// Where `</name` stands, in any case.
fn find_end_tag(body: &str, name: &str) -> Option<usize> {
    let bytes = body.as_bytes();
    let mut at = 0;
    while let Some(offset) = memchr(b'<', &bytes[at..]) {
        at += offset;
        let tail = &bytes[at + 1..];
        if tail.first() == Some(&b'/')
            && tail.get(1..=name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
            && tail.get(1 + name.len()).is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))
        {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_what_no_reader_sees_and_keeps_data() {
        let html = "<p>a<script>if (a<b) {}</script><!-- no --><style>p{}</style>\
                    <script type=\"application/ld+json\">{\"a\":1}</script>b<svg><path/></svg></p>";
        assert_eq!(guard(html).html, "<p>a<script type=\"application/ld+json\">{\"a\":1}</script>b</p>");
    }

    #[test]
    fn cuts_nesting_and_keeps_the_text() {
        let html = format!("{}deep{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
        let guarded = guard(&html);
        assert!(guarded.cut);
        assert!(guarded.html.contains("deep"));
        assert_eq!(guarded.html.matches("<div>").count(), MAX_DEPTH);
        assert_eq!(guarded.html.matches("</div>").count(), MAX_DEPTH);
    }

    #[test]
    fn unclosed_items_are_not_depth() {
        let html = "<ul>".to_owned() + &"<li>one<p>two".repeat(5_000) + "</ul>";
        let guarded = guard(&html);
        assert!(!guarded.cut);
        assert_eq!(guarded.html.matches("<li>").count(), 5_000);
    }

    #[test]
    fn noscript_is_read_as_markup() {
        assert_eq!(guard("<noscript><p>x</p></noscript>").html, "<div data-noscript><p>x</p></div>");
    }

    #[test]
    fn tags_that_never_end_do_not_swallow_the_page() {
        assert_eq!(guard("<p class=\"a>one</p>two").html, "<p>one</p>two");
        assert_eq!(guard("a < b <3 c").html, "a < b <3 c");
        assert_eq!(guard("x<div").html, "x<div>");
    }

    #[test]
    fn hostile_repetition_takes_linear_time() {
        for piece in
            ["<svg>", "<!---->", "<!-- -- -->", "<p a='>", "</x>", "<script></script>", "<b a=1><p>", "<svg><p a=\">"]
        {
            let html = piece.repeat(2_000_000 / piece.len());
            let start = std::time::Instant::now();
            assert!(guard(&html).html.len() <= html.len() * 3);
            assert!(start.elapsed().as_secs() < 20, "{piece}");
        }
    }

    #[test]
    fn leaked_formatting_is_closed_with_its_block() {
        assert_eq!(guard("<p><b><i>x</p><p>y</p>").html, "<p><b><i>x</i></b></p><p>y</p>");
    }

    #[test]
    fn a_million_attributes_stay_few() {
        let html = format!("<p {}>x", "a=1 ".repeat(100_000));
        assert!(guard(&html).html.len() < 5_000);
    }
}
