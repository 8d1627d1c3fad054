//! XML of networks: attributes that no name can break.

use std::borrow::Cow;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

pub(super) type Xml = Writer<Vec<u8>>;

/// Text that XML 1.0 can hold: characters it has no way to write become U+FFFD, line breaks and tabs a blank.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    let fits = |c: char| c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}');
    if text.chars().all(fits) {
        return Cow::Borrowed(text);
    }
    let replaced = |c| match c {
        '\t' | '\n' | '\r' => ' ',
        c if fits(c) => c,
        _ => char::REPLACEMENT_CHARACTER,
    };
    Cow::Owned(text.chars().map(replaced).collect())
}

/// A document with one element, and what `inside` writes into it.
pub(super) fn document(
    name: &str,
    attributes: &[(&str, &str)],
    inside: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<Vec<u8>> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    element(&mut xml, name, attributes, inside)?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

/// An element, and what `inside` writes into it.
pub(super) fn element(
    xml: &mut Xml,
    name: &str,
    attributes: &[(&str, &str)],
    inside: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    let attributes: Vec<(&str, Cow<'_, str>)> = attributes.iter().map(|(key, value)| (*key, clean(value))).collect();
    let pairs = attributes.iter().map(|(key, value)| (*key, &**value));
    xml.create_element(name).with_attributes(pairs).write_inner_content(inside)?;
    Ok(())
}

/// An element without content.
pub(super) fn empty(xml: &mut Xml, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
    let attributes: Vec<(&str, Cow<'_, str>)> = attributes.iter().map(|(key, value)| (*key, clean(value))).collect();
    xml.create_element(name).with_attributes(attributes.iter().map(|(key, value)| (*key, &**value))).write_empty()?;
    Ok(())
}

/// An element that holds text.
pub(super) fn text(xml: &mut Xml, name: &str, attributes: &[(&str, &str)], content: &str) -> io::Result<()> {
    xml.create_element(name)
        .with_attributes(attributes.iter().copied())
        .write_text_content(BytesText::new(&clean(content)))?;
    Ok(())
}
