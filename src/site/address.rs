//! Addresses that name a thread, whatever page of it they lead to.

use sha2::{Digest, Sha256};
use url::Url;

/// Query parameters that say how a page was reached, not which thread it is of.
const IRRELEVANT: &[&str] =
    &["replytocom", "fbclid", "gclid", "share", "amp", "ref", "srsltid", "mc_cid", "mc_eid", "yclid", "msclkid"];
/// Query parameters for a visit, where their value is the long number of one.
const VISITS: &[&str] = &["sid", "s", "phpsessid"];
/// Query parameter that says which page of a WordPress thread it is. Others (`page`, `paged`) name an article elsewhere.
const PAGE: &str = "cpage";

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
        .filter(|(name, value)| {
            let long = value.len() >= 26 && value.bytes().all(|b| b.is_ascii_alphanumeric());
            !(long && VISITS.iter().any(|visit| visit.eq_ignore_ascii_case(name)))
        })
        .filter(|(name, value)| !(name == PAGE && value.bytes().all(|b| b.is_ascii_digit())))
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
    let path = upper_escapes(path);
    Some(query.map_or_else(|| format!("url:{path}"), |query| format!("url:{path}?{query}")))
}

/// `%c3%a9` and `%C3%A9` are one letter; WordPress writes the first, browsers the second.
fn upper_escapes(path: &str) -> String {
    let mut left = 0;
    path.chars()
        .map(|c| {
            left = if c == '%' { 3 } else { left };
            let within = left > 0;
            left = usize::saturating_sub(left, 1);
            if within { c.to_ascii_uppercase() } else { c }
        })
        .collect()
}

/// Whether two addresses lead to the same path, closing slash and comment page aside.
pub(super) fn same_path(a: &str, b: &str) -> bool {
    let path = |address: &str| {
        let url = Url::parse(&canonical(address)?).ok()?;
        Some(upper_escapes(url.path().trim_end_matches('/')))
    };
    path(a) == path(b)
}

/// Where a WordPress site lives, from an address of its API: host and folder, without scheme and `www.`. Sites of one
/// network share the host and number their articles each from 1.
pub(super) fn wordpress_root(api: &str) -> Option<String> {
    let url = Url::parse(api.trim()).ok()?;
    let host = host(url.as_str())?;
    let path = url.path();
    let path = path.split_once("/wp/v2").map_or(path, |(root, _)| root).trim_end_matches('/');
    let path = path.strip_suffix("/wp-json").unwrap_or(path);
    let path = path.strip_suffix("/index.php").unwrap_or(path);
    Some(format!("{}{path}", host.strip_prefix("www.").unwrap_or(&host)))
}

/// Which comment page an address or a file name says it is.
pub(super) fn comment_page(address: &str) -> Option<u64> {
    ["comment-page-", "cpage=", "cpage-", "cpage_"].iter().find_map(|mark| {
        let (_, tail) = address.rsplit_once(mark)?;
        tail.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    })
}

/// A name cut into words and numbers, to sort `page-9` before `page-10`.
pub(super) fn natural(name: &str) -> Vec<(String, u64)> {
    let mut pieces = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(digits);
        let end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        let (number, tail) = tail.split_at(end);
        // Numbers too long to be one are sorted as the largest.
        pieces.push((word.to_owned(), if number.is_empty() { 0 } else { number.parse().unwrap_or(u64::MAX) }));
        rest = tail;
    }
    pieces
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

/// An address with one parameter of its query set: the following page of an answer.
pub(super) fn with_parameter(address: &str, name: &str, value: &str) -> Option<String> {
    let mut url = Url::parse(address).ok()?;
    let others: Vec<(String, String)> =
        url.query_pairs().filter(|(key, _)| key != name).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair(name, value);
    Some(url.to_string())
}

/// What an address says in one parameter of its query.
pub(super) fn parameter(address: &str, name: &str) -> Option<String> {
    Some(Url::parse(address).ok()?.query_pairs().find(|(key, _)| key == name)?.1.into_owned())
}

/// A file a page was read from, as an address its relative links can be followed from; none for addresses of the web,
/// standard input and the answers in a WARC archive.
pub(super) fn file(source: &str) -> Option<Url> {
    let answer = source.rsplit_once('#').is_some_and(|(_, tail)| tail.bytes().all(|b| b.is_ascii_digit()));
    if answer || source == "-" || source.is_empty() || source.contains("://") {
        return None;
    }
    let mut url = Url::parse("file:///").ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().extend(source.split(['/', '\\', '#']));
    Some(url)
}

/// The file a relative link leads to. Mirrors keep the query in the file's name (`viewtopic.php?t=5.html`), or leave it
/// behind the link for information only.
pub(super) fn beside(file: &Url, link: &str) -> Option<Url> {
    let link = link.trim();
    if link.is_empty() || link.starts_with(['#', '?', '\\']) || link.starts_with("//") || Url::parse(link).is_ok() {
        return None;
    }
    let mut url = match link.strip_prefix('/') {
        None => file.join(link).ok()?,
        // From the site's root: the folder in which the link's own first folder lies, where this file is in it, too.
        Some(from_root) => {
            let folder = format!("/{}/", from_root.split_once('/')?.0);
            let root = file.path().find(&folder)?;
            file.join(&format!("{}{link}", &file.path()[..root])).ok()?
        }
    };
    url.set_fragment(None);
    let query = url.query().map(str::to_owned).filter(|_| file.path().contains("%3F"));
    url.set_query(None);
    if let Some(query) = query {
        let path = format!("{}%3F{query}", url.path());
        url.set_path(&path);
    }
    Some(url)
}

/// A file's key. wget writes `@` for `?` where that cannot stand in a name, and `.html` behind either.
pub(super) fn file_key(file: &Url) -> String {
    let path = file.path().trim_start_matches('/').replace("%3F", "?");
    let (folder, name) = path.rsplit_once('/').map_or(("", path.as_str()), |(folder, name)| (folder, name));
    let name = if name.contains('?') || !name.contains('=') { name.to_owned() } else { name.replacen('@', "?", 1) };
    let name = match name.split_once('?') {
        Some(_) => name.strip_suffix(".html").or(name.strip_suffix(".htm")).unwrap_or(&name),
        None => &name,
    };
    format!("file:{folder}/{name}")
}

/// A key of a page and its frames.
pub(super) fn source_key(source: &str) -> String {
    format!("source:{source}")
}

/// Whether a key tells where pages lie beside each other rather than what they are.
pub(super) fn is_place(key: &str) -> bool {
    ["source:", "file:", "pages:"].iter().any(|prefix| key.starts_with(prefix))
}

/// A key for what has no address: the same content is the same thread.
pub(super) fn content_key(content: &str) -> String {
    format!("content:{}", thread_id(content))
}

/// A name for a thread that is the same in every run: `t` and 12 hexadecimal digits.
pub(super) fn thread_id(key: &str) -> String {
    format!("t{}", short_hash(key))
}

/// 12 hexadecimal digits that say whether two contents are the same.
pub(super) fn short_hash(content: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(content.as_bytes());
    digest.iter().take(6).fold(String::new(), |mut id, byte| {
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
        assert_ne!(key("http://example.org/a?page=2"), key("http://example.org/a?page=3"));
        assert_eq!(key("http://example.org/%c3%a9t%c3%a9"), key("http://example.org/%C3%A9t%C3%A9/"));
        assert_eq!(key("metadata://gnu.org/x"), None);
        assert_eq!(thread_id("url:example.org/2026/a").len(), 13);
    }

    #[test]
    fn sites_of_one_network_are_told_apart() {
        for (api, root) in [
            ("https://www.example.org/wp-json/", "example.org"),
            ("https://example.org/blog/wp-json/wp/v2/comments?post=4", "example.org/blog"),
            ("http://example.org:81/blog/index.php?rest_route=/wp/v2/comments&post=4", "example.org:81/blog"),
            ("http://example.org/?rest_route=/", "example.org"),
        ] {
            assert_eq!(wordpress_root(api).as_deref(), Some(root), "{api}");
        }
    }

    #[test]
    fn pages_sort_by_their_number() {
        assert!(natural("a-9.html") < natural("a-10.html"));
        assert_eq!(comment_page("http://x.org/a/comment-page-12/"), Some(12));
        assert_eq!(comment_page("http://x.org/?p=1&cpage=3"), Some(3));
        assert_eq!(comment_page("http://x.org/a/"), None);
    }
}
