//! Pages that went through an XML serialiser: all tags are closed, `<i class="icon"/>` as well.

use memchr::memchr;

use super::names::is_void;
use super::tags::{comment_end, find_end_tag, tag_end, tag_name};

/// Whether a page went through an XML serialiser: void tags are all closed, and some that are not void are, too.
pub(super) fn is_xml(source: &str) -> bool {
    let bytes = source.as_bytes();
    let (mut at, mut void, mut empty) = (0, 0, 0);
    while let Some(offset) = memchr(b'<', &bytes[at..]) {
        at += offset + 1;
        if let Some(comment) = source[at..].strip_prefix("!--") {
            at += 3 + comment_end(comment);
            continue;
        }
        if !bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let name = tag_name(&source[at..]);
        let (length, attributes_end) = tag_end(&source[at..], name.len());
        let closed = source[at..at + attributes_end].ends_with('/');
        // Serialisers may not know the younger void elements.
        if matches!(name, "meta" | "link" | "br" | "img" | "input" | "hr") {
            if !closed {
                return false;
            }
            void += 1;
        } else if is_void(name) {
        } else if closed && !matches!(name, "svg" | "path" | "use" | "circle" | "rect" | "g" | "line" | "polygon") {
            empty += 1;
        } else if matches!(name, "script" | "style") {
            // What looks like a tag in a script is none.
            match find_end_tag(&source[at + length..], name) {
                Some(end) => at += length + end,
                None => break,
            }
        }
    }
    void >= 4 && empty > 0
}

#[cfg(test)]
mod tests {
    use crate::site::guard::guard;

    #[test]
    fn empty_tags_of_xml_are_closed() {
        let page = "<meta a=''/><!--<br>--><link/><br/><img/><p><i class=\"icon\"/>a</p><script src=\"x\"/><td/>b";
        assert_eq!(guard(page).html, "<meta a=''><link><br><img><p><i class=\"icon\"></i>a</p><td></td>b");
        // In HTML the tag stays open, here to the end of its block.
        let html = "<meta a=''/><link/><br/><img/><br><p><i/>a</p>";
        assert_eq!(guard(html).html, "<meta a=''><link><br><img><br><p><i>a</i></p>");
    }

    #[test]
    fn careful_html_is_not_taken_for_xml() {
        // All void tags closed, as many people write them, but no other tag.
        let html = "<meta a=''/><link/><br/><img/><hr/><svg><path d=''/></svg><p>a</p>";
        assert!(!super::is_xml(html));
        assert!(super::is_xml("<meta/><link/><br/><img/><script>document.write('<br>')</script><i/>"));
        // Too little to tell.
        assert!(!super::is_xml("<br/><i/>"));
    }

    #[test]
    fn hidden_empty_tags_are_dropped_and_open_ones_stay() {
        let page = "<meta/><link/><br/><img/><style/><textarea/>a<p><b>c</b></p><div/>d";
        assert_eq!(guard(page).html, "<meta><link><br><img><textarea></textarea>a<p><b>c</b></p><div></div>d");
    }
}
