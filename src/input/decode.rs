use std::collections::BTreeMap;

use url::Url;

use super::inflate::{ReadError, undo_content_encoding};
use super::{charset, kind, saved, size};
use crate::model::{Answer, Failure, Moment, Page, PageKind, Request, Stage};

/// Where the bytes of a page came from, and what was said about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// As [`Page::source`].
    pub source: String,
    /// As [`Page::url`].
    pub url: Option<String>,
    /// As [`Page::fetched_at`].
    pub fetched_at: Option<Moment>,
    /// Response headers, names in lower case; `content-type` takes part in finding the charset.
    pub headers: BTreeMap<String, String>,
    /// As [`Page::frame_of`].
    pub frame_of: Option<String>,
    /// The stage a failure is counted under.
    pub stage: Stage,
}

impl Origin {
    /// A file or standard input: nothing known but its name.
    pub fn file(source: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            url: None,
            fetched_at: None,
            headers: BTreeMap::new(),
            frame_of: None,
            stage: Stage::Input,
        }
    }

    /// An address, as typed but for a user name and password in it: those go into no message and no table.
    pub fn fetched(url: &str) -> Self {
        let shown = without_login(url);
        Self { url: Some(shown.clone()), stage: Stage::Fetch, ..Self::file(shown) }
    }

    /// A failure of this page.
    pub fn fail(&self, reason: impl Into<String>, message: impl Into<String>) -> Failure {
        Failure {
            source: self.source.clone(),
            url: self.url.clone(),
            stage: self.stage,
            reason: reason.into(),
            message: message.into(),
        }
    }

    /// The failure of a page larger than allowed.
    pub(crate) fn too_large(&self, max_page_size: u64) -> Failure {
        self.fail(
            "too_large",
            format!("larger than {} after decompression; raise --max-page-size to read it", size(max_page_size)),
        )
    }
}

/// An address as typed, without the user name and password it may hold: it goes into messages and tables.
pub(crate) fn without_login(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        // `https:/me:secret@a.example/` is an address as well, to those who read them.
        let Ok(mut read) = Url::parse(url) else { return url.to_owned() };
        let logs_in = !read.username().is_empty() || read.password().is_some();
        let cleared = logs_in && read.set_username("").is_ok() && read.set_password(None).is_ok();
        return if cleared { read.into() } else { url.to_owned() };
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

/// Under this name the page's headers have the policy of what a host's file reserves.
const TDM_FILE: &str = "/.well-known/tdmrep.json";

/// Turns a server's answer into a page: its content codings undone, then as [`decode`] does. `headers` have names in lower case.
/// An answer read from an archive becomes the same page as when it was fetched.
///
/// # Errors
///
/// `not_json` where JSON was expected, `too_large` after decompression, `truncated` and `corrupt` for damaged compression, and
/// those of [`decode`].
pub fn decode_answer(
    request: &Request,
    body: Vec<u8>,
    mut headers: BTreeMap<String, String>,
    answer: &Answer,
    max_page_size: u64,
) -> Result<Page, Failure> {
    if let Some(policy) = &answer.reserved {
        // No header can be called so: it is what the host says for all its pages.
        headers.insert(TDM_FILE.to_owned(), policy.clone());
    }
    let origin = Origin {
        url: Some(answer.url.clone()),
        fetched_at: Some(answer.fetched_at.clone()),
        headers,
        ..Origin::fetched(&request.url)
    };
    let codings = origin.headers.get("content-encoding").map_or("", String::as_str);
    let body = undo_content_encoding(body, codings, max_page_size).map_err(|error| match error {
        ReadError::TooLarge => origin.too_large(max_page_size),
        ReadError::Truncated => origin.fail("truncated", "the answer was cut on its way; try again"),
        ReadError::Other(error) => {
            origin.fail("corrupt", format!("the answer's compression is damaged ({error}); try again"))
        }
    })?;
    let mut page = decode(body, origin.clone(), max_page_size)?;
    if request.expect == Some(PageKind::Json) && page.kind != PageKind::Json {
        return Err(not_json(&origin, &page));
    }
    page.posted = request.post.as_ref().map(|post| post.body.clone());
    Ok(page)
}

/// Something else where JSON was promised.
fn not_json(origin: &Origin, page: &Page) -> Failure {
    let what = match page.kind {
        PageKind::Html => "HTML",
        PageKind::Json => "JSON",
        PageKind::Text => "plain text or broken JSON",
    };
    let message = format!(
        "the server answered {what} where JSON was promised: its API is closed, moved or behind a check; \
         save the article's page and give the file"
    );
    origin.fail("not_json", message)
}

/// Turns the bytes of one page into text and says what kind it is.
///
/// The charset: a byte-order mark wins; then bytes that are valid UTF-8 are UTF-8 whatever any label says (text in
/// another charset is practically never valid UTF-8 by chance, while labels are often wrong); then the first label
/// of the `Content-Type` header, `<meta>` or XML declaration under which nothing is malformed; then detection.
/// Bytes that are UTF-8 but for a few damaged places stay UTF-8, each damaged place as U+FFFD.
///
/// The kind: JSON if it starts as an object or array and all of it is valid JSON, HTML if it shows a doctype or
/// tags, else text, whose line ends become `\n`. An HTML page saved by a browser, SingleFile or HTTrack says in a
/// comment where and when it was taken; that fills `url` and `fetched_at` where `origin` leaves them empty.
///
/// # Errors
///
/// `empty`, `too_large`, `binary`, `unsupported_…` (an MHTML file where a page should be, RTF), each saying what to do
/// instead.
pub fn decode(bytes: Vec<u8>, mut origin: Origin, max_page_size: u64) -> Result<Page, Failure> {
    if bytes.len() as u64 > max_page_size {
        return Err(origin.too_large(max_page_size));
    }
    if bytes.trim_ascii().is_empty() {
        return Err(origin.fail("empty", "it holds nothing; save or fetch the page again"));
    }
    if let Some(foreign) = kind::foreign(&bytes) {
        return Err(origin.fail(foreign.reason, foreign.message()));
    }
    if kind::is_binary(&bytes) {
        return Err(origin
            .fail("binary", "binary data, not a page; give saved HTML, a JSON answer, plain text or a WARC archive"));
    }
    let content_type = origin.headers.get("content-type").map(String::as_str);
    let mut body = charset::to_text(bytes, content_type, origin.url.as_deref());
    let kind = kind::recognise(&body);
    match kind {
        PageKind::Html => {
            let snapshot = saved::snapshot(&body);
            origin.url = origin.url.or(snapshot.url);
            origin.fetched_at = origin.fetched_at.or(snapshot.saved_at);
        }
        PageKind::Text if body.contains('\r') => body = body.replace("\r\n", "\n").replace('\r', "\n"),
        PageKind::Text | PageKind::Json => {}
    }
    let Origin { source, url, fetched_at, headers, frame_of, .. } = origin;
    Ok(Page { source, url, fetched_at, kind, frame_of, headers, posted: None, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Page, Failure> {
        decode(bytes.to_vec(), Origin::file("x"), 1000)
    }

    #[test]
    fn only_text_has_its_line_ends_changed() {
        assert_eq!(read(b"un\r\ndeux\rtrois\n").unwrap().body, "un\ndeux\ntrois\n");
        assert_eq!(read(b"<p>un\r\ndeux</p>").unwrap().body, "<p>un\r\ndeux</p>");
    }

    #[test]
    fn refusals_say_why() {
        assert_eq!(read(b" \r\n").unwrap_err().reason, "empty");
        assert_eq!(read(&[b'a'; 1001]).unwrap_err().reason, "too_large");
        let pdf = read(b"%PDF-1.7\n%\xe2\xe3").unwrap_err();
        assert_eq!(pdf.reason, "binary");
        assert!(pdf.message.contains("pdftotext"), "{}", pdf.message);
        assert_eq!(read(b"\x00\x01\x02\x03\x04abc\x00").unwrap_err().reason, "binary");
    }

    #[test]
    fn what_the_origin_knows_beats_the_saved_comment() {
        let html = b"<!-- saved from url=(0020)https://b.example/x -->\n<html></html>";
        assert_eq!(read(html).unwrap().url.as_deref(), Some("https://b.example/x"));
        let origin = Origin { url: Some("https://a.example/".into()), ..Origin::file("x") };
        assert_eq!(decode(html.to_vec(), origin, 1000).unwrap().url.as_deref(), Some("https://a.example/"));
    }
}
