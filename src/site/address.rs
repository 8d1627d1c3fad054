//! Addresses that name a thread, whatever page of it they lead to.

use sha2::{Digest, Sha256};
use url::Url;

/// Query parameters that say how a page was reached, not which thread it is of.
const IRRELEVANT: &[&str] = &["replytocom", "fbclid", "gclid", "share", "amp", "ref"];
/// Query parameters that say which page of the thread it is, if their value is a number.
const PAGES: &[&str] = &["cpage", "page", "paged"];

/// The thread's address behind a page's address: without fragment, comment page and tracking parameters, the
/// host in lower case. `None` for what is no web address.
pub(super) fn canonical(address: &str) -> Option<String> {
    let mut url = Url::parse(address.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    url.set_fragment(None);
    let query: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !IRRELEVANT.contains(&name.as_ref()) && !name.starts_with("utm_"))
        .filter(|(name, value)| !(PAGES.contains(&name.as_ref()) && value.bytes().all(|b| b.is_ascii_digit())))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.set_query(None);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let path = url.path().to_owned();
    let closed = path.ends_with('/');
    if let Some((head, last)) = path.trim_end_matches('/').rsplit_once('/')
        && last.strip_prefix("comment-page-").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    {
        url.set_path(&format!("{head}{}", if closed { "/" } else { "" }));
    }
    Some(url.to_string())
}

/// The same, to compare: `http` and `https`, with and without `www.` and a closing slash, are one thread.
pub(super) fn key(address: &str) -> Option<String> {
    let canonical = canonical(address)?;
    let bare = canonical.split_once("://")?.1;
    let bare = bare.strip_prefix("www.").unwrap_or(bare);
    let (path, query) = bare.split_once('?').map_or((bare, None), |(path, query)| (path, Some(query)));
    let path = path.trim_end_matches('/');
    Some(query.map_or_else(|| format!("url:{path}"), |query| format!("url:{path}?{query}")))
}

/// Host and port of an address.
pub(super) fn host(address: &str) -> Option<String> {
    let url = Url::parse(address.trim()).ok()?;
    let host = url.host_str()?.to_owned();
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    })
}

/// An address as written in a page, made absolute.
pub(super) fn absolute(base: Option<&str>, address: &str) -> Option<String> {
    let address = address.trim();
    match Url::parse(address) {
        Ok(url) => Some(url.to_string()),
        Err(_) => Some(Url::parse(base?).ok()?.join(address).ok()?.to_string()),
    }
}

/// A key for what has no address: the same content is the same thread.
pub(super) fn content_key(content: &str) -> String {
    format!("content:{}", thread_id(content))
}

/// A name for a thread that is the same in every run: `t` and 12 hexadecimal digits.
pub(super) fn thread_id(key: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(key.as_bytes());
    digest.iter().take(6).fold("t".to_owned(), |mut id, byte| {
        // Writing to a String cannot fail.
        let _ = write!(id, "{byte:02x}");
        id
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_a_thread_share_one_address() {
        for address in [
            "https://www.example.org/2026/a/",
            "http://example.org/2026/a/comment-page-2/#comment-57",
            "https://Example.org/2026/a?utm_source=x",
        ] {
            assert_eq!(key(address).as_deref(), Some("url:example.org/2026/a"), "{address}");
        }
        assert_eq!(key("http://example.org/?p=4&cpage=2#c"), key("http://example.org/?p=4"));
        assert_ne!(key("http://example.org/?p=4"), key("http://example.org/?p=5"));
        assert_ne!(key("http://example.org/?page=news&n=1"), key("http://example.org/?page=sport&n=1"));
        assert_eq!(key("metadata://gnu.org/x"), None);
        assert_eq!(thread_id("url:example.org/2026/a").len(), 13);
    }
}
