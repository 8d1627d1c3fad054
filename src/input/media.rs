//! What names and media types say about whether something is worth reading as a page.

/// Parts of pages: style, script, pictures, fonts, sound, film, and tables of other programs.
const ASSETS: &[&str] = &[
    "css",
    "js",
    "mjs",
    "map",
    "wasm",
    "png",
    "jpg",
    "jpeg",
    "jfif",
    "gif",
    "webp",
    "avif",
    "heic",
    "svg",
    "ico",
    "bmp",
    "tif",
    "tiff",
    "woff",
    "woff2",
    "ttf",
    "otf",
    "eot",
    "mp3",
    "m4a",
    "ogg",
    "oga",
    "opus",
    "wav",
    "flac",
    "mp4",
    "m4v",
    "webm",
    "ogv",
    "mov",
    "avi",
    "mkv",
    "ts",
    "m3u8",
    "vtt",
    "srt",
    "swf",
    "csv",
    "tsv",
    "ndjson",
    "jsonl",
    "parquet",
    "arrow",
    "xlsx",
    "xls",
    "ods",
    "cdx",
    "cdxj",
    "webmanifest",
    "rss",
    "atom",
    "bak",
    "tmp",
    "part",
    "crdownload",
];

/// Names a saved page, an answer, a text or an archive of them goes by. A file named so that cannot be read is a
/// failure to report, not something to pass over.
const PAGES: &[&str] = &[
    "html",
    "htm",
    "xhtml",
    "xht",
    "shtml",
    "php",
    "asp",
    "aspx",
    "jsp",
    "cgi",
    "txt",
    "text",
    "json",
    "warc",
    "gz",
    "mhtml",
    "mht",
    "webarchive",
    "wacz",
    "zip",
    "pdf",
];

/// What the tables of an earlier run are called; `tables.csv` and the like are assets by extension already.
const OWN_OUTPUT: &[&str] = &["datapackage.json"];

/// What a file name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Promise {
    /// A page: read it, and report it if it cannot be read.
    Page,
    /// No page: pass over it.
    Asset,
    /// Nothing: look inside.
    Unknown,
}

/// Judges a file name or the last part of an address' path.
pub(super) fn promise(name: &str) -> Promise {
    let Some(extension) = extension(name) else { return Promise::Page };
    let listed = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(extension));
    if OWN_OUTPUT.contains(&name) || listed(ASSETS) {
        Promise::Asset
    } else if listed(PAGES) {
        Promise::Page
    } else {
        Promise::Unknown
    }
}

/// The letters and digits behind the last dot, as far as they go: mirrors append the query (`page.php?id=3`).
fn extension(name: &str) -> Option<&str> {
    let name = name.split(['?', '#']).next().unwrap_or(name);
    let (stem, extension) = name.rsplit_once('.')?;
    let end = extension.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(extension.len());
    (!stem.is_empty() && end > 0).then(|| &extension[..end])
}

/// What an address in an archive promises, by its path; what hosts tell robots is nobody's comments.
pub(super) fn promise_of_url(url: &str) -> Promise {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    match path.split_once('/') {
        None => Promise::Page,
        Some((_, "robots.txt")) => Promise::Asset,
        Some((_, path)) if path.starts_with(".well-known/") => Promise::Asset,
        Some((_, path)) => promise(path.rsplit('/').next().unwrap_or_default()),
    }
}

/// Whether a body of this media type can be a page; nothing stated means: look inside.
pub(super) fn can_be_page(media_type: &str) -> bool {
    match media_type {
        ""
        | "text/html"
        | "application/xhtml+xml"
        | "application/json"
        | "text/json"
        | "text/plain"
        | "application/octet-stream"
        | "unk" => true,
        other => other.ends_with("+json") && !other.contains("manifest"),
    }
}

/// Whether the media type says nothing about the content.
pub(super) fn is_unstated(media_type: &str) -> bool {
    matches!(media_type, "" | "application/octet-stream" | "unk")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged() {
        for (name, expected) in [
            ("article.HTML", Promise::Page),
            ("page.php?id=3.css", Promise::Page),
            ("index.html@p=2", Promise::Page),
            ("comments", Promise::Page),
            ("archive.warc.gz", Promise::Page),
            ("logo.PNG", Promise::Asset),
            ("style.css?ver=6.1", Promise::Asset),
            ("comments.csv", Promise::Asset),
            ("datapackage.json", Promise::Asset),
            ("fuite-de-donnees.-la-suite", Promise::Page),
            ("notes.md", Promise::Unknown),
            ("article.2024", Promise::Unknown),
        ] {
            assert_eq!(promise(name), expected, "{name}");
        }
    }

    #[test]
    fn addresses_are_judged_by_their_path() {
        assert_eq!(promise_of_url("https://a.example"), Promise::Page);
        assert_eq!(promise_of_url("https://a.example/"), Promise::Page);
        assert_eq!(promise_of_url("https://a.example/robots.txt"), Promise::Asset);
        assert_eq!(promise_of_url("https://a.example/.well-known/tdmrep.json"), Promise::Asset);
        assert_eq!(promise_of_url("https://a.example/x/style.min.css?ver=6.1"), Promise::Asset);
        assert_eq!(promise_of_url("https://a.example/wp-json/comments?post=4"), Promise::Page);
    }
}
