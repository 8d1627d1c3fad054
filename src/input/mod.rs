//! Files, folders, globs, archives and standard input → [`Page`]s.
//!
//! ```text
//! arguments ──plan()──► Plan: Items, in order ──Item::pages()──► Result<Page, Failure>, one at a time
//!                                                   │
//!        gzip, zip, WARC, MHTML, web archives, HTTP ┴─► decode(): charset, kind ◄── the fetch room, too
//! ```
//!
//! What a thing *is* is told by its content, never by its name; names decide only which files of a folder are not
//! worth opening. Nothing here ends a run: whatever cannot be read becomes a [`Failure`], a row of the errors table.
//! Memory is bounded by one file or archive record at a time, and that by [`InputOptions::max_page_size`].
//!
//! [`Page`]: crate::model::Page
//! [`Failure`]: crate::model::Failure

mod archive;
mod captures;
mod charset;
mod decode;
mod folder;
mod frames;
mod http;
mod inflate;
mod item;
mod kind;
mod media;
mod members;
mod mhtml;
mod plan;
mod saved;
mod store;
mod warc;
mod webarchive;
mod zipped;

pub use captures::{Capture, Captures};
pub(crate) use charset::text_of;
pub(crate) use decode::without_login;
pub use decode::{Origin, decode, decode_answer};
pub use item::{Item, Pages};
pub(crate) use members::{Whole, whole_records};
pub use plan::{InputError, Plan, plan};

/// Limits of reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputOptions {
    /// The most bytes one page may have after decompression (32 MiB unless told).
    pub max_page_size: u64,
}

impl Default for InputOptions {
    fn default() -> Self {
        Self { max_page_size: 32 * 1024 * 1024 }
    }
}

/// Whether an argument is an address for the fetch room rather than something on this machine.
///
/// ```
/// use causerie::input::is_url;
/// assert!(is_url("https://example.org/article"));
/// assert!(!is_url("pages/https.html"));
/// ```
pub fn is_url(argument: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        argument.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme))
            && argument.len() > scheme.len()
    })
}

/// A size as messages print it.
fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..MIB => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / MIB),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_addresses_are_urls() {
        assert!(is_url("HTTPS://example.org/"));
        for other in ["https://", "httpsé//x", "ftp://example.org", "-", "http.html"] {
            assert!(!is_url(other), "{other}");
        }
    }
}
