use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Moment;

/// What a page holds, recognised by its content and never by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PageKind {
    /// An HTML document or fragment.
    Html,
    /// A JSON value: an API answer.
    Json,
    /// Plain text: pasted or printed from a page.
    Text,
}

/// A snapshot of one response or file, decoded to UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Where it came from, for messages and the `errors` table: a path, a URL, `-`,
    /// `archive.warc.gz#3` for the third response of an archive, `saved.zip#folder/page.html` for a file in a zip.
    pub source: String,
    /// The address it was served under, after redirects; empty for pasted text and for saved files that do not
    /// say it.
    pub url: Option<String>,
    /// When it was fetched or saved, if that is known (never guessed from a file's date).
    pub fetched_at: Option<Moment>,
    /// What it holds.
    pub kind: PageKind,
    /// `source` of the page in which this one stands as a frame; empty for pages of their own.
    #[serde(default)]
    pub frame_of: Option<String>,
    /// HTTP response headers, names in lower case; empty for files.
    pub headers: BTreeMap<String, String>,
    /// What was posted for it; empty for pages that were got, and for files.
    #[serde(default)]
    pub posted: Option<String>,
    /// The content.
    pub body: String,
}
