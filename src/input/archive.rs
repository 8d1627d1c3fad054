//! The pages of a WARC archive.
//!
//! Read are the records `response` and `resource` whose target is an http(s) address and whose content can be a
//! page. Redirects, `robots.txt`, style, script and pictures are passed over without a word; an answer with another
//! status than 2xx is a failure (`http_404` …). A `revisit` says "the same as fetched before": where that page
//! came earlier in the archive nothing is missing, else it is a failure. So is an archive without any such record.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io::BufRead;

use super::http::{Response, media_type};
use super::inflate::ReadError;
use super::media::{Promise, can_be_page, is_unstated, promise_of_url};
use super::warc::{Header, Records, WarcError, bare};
use super::{Origin, decode, kind};
use crate::model::{Failure, Moment, Page, Precision};

/// Room for the headers of an HTTP message beside its body.
const MESSAGE_HEAD: u64 = 256 * 1024;

/// Iterator over the pages of one archive.
pub(super) struct Archive<R> {
    path: String,
    records: Records<R>,
    max_page_size: u64,
    /// Records that hold an answer, read so far: the number behind `#`.
    answers: usize,
    /// Hashes of the addresses whose content was seen, for revisits.
    seen: HashSet<u64>,
    ended: bool,
}

impl<R: BufRead> Archive<R> {
    pub(super) fn new(path: String, reader: R, max_page_size: u64) -> Self {
        let records = Records::new(reader);
        Self { path, records, max_page_size, answers: 0, seen: HashSet::new(), ended: false }
    }

    fn ended_early(&self, error: &WarcError) -> Failure {
        let kept = match self.answers {
            0 => "nothing was read before it".to_owned(),
            n => format!("the answers up to #{n} are kept"),
        };
        let (reason, what) = match error {
            WarcError::Truncated => ("truncated", "the archive ends in the middle of a record".to_owned()),
            WarcError::Malformed(what) => ("corrupt", format!("the archive is damaged: {what}")),
            WarcError::Read(error) => ("corrupt", format!("the archive cannot be read further: {error}")),
        };
        Origin::file(&self.path).fail(reason, format!("{what}; {kept}, copy or record the archive again for the rest"))
    }

    fn holds_nothing(&self) -> Failure {
        let message = "the archive holds no answer of a server, only notes on how it was made; record the pages again";
        Origin::file(&self.path).fail("no_pages", message)
    }

    /// The page of one record, if it holds one.
    fn page(&mut self, header: &Header) -> Option<Result<Page, Failure>> {
        let record_type = header.record_type();
        if !matches!(record_type.as_str(), "response" | "resource" | "revisit") {
            return None;
        }
        self.answers += 1;
        let url = header.target()?;
        if !super::is_url(url) || promise_of_url(url) == Promise::Asset {
            return None;
        }
        let origin = Origin {
            url: Some(url.to_owned()),
            fetched_at: header.get("WARC-Date").and_then(moment),
            ..Origin::file(format!("{}#{}", self.path, self.answers))
        };
        let message = header.get("Content-Type").is_none_or(|value| media_type(value) == "application/http");
        let stated = header.get("Content-Type").unwrap_or_default();
        if record_type == "resource" && !can_be_page(&media_type(stated)) {
            return None;
        }
        let block = match self.records.block(self.max_page_size.saturating_add(MESSAGE_HEAD)) {
            Ok(block) => block,
            Err(ReadError::TooLarge) => return Some(Err(origin.too_large(self.max_page_size))),
            Err(ReadError::Truncated) => return Some(Err(self.stop(&WarcError::Truncated))),
            Err(ReadError::Other(error)) => return Some(Err(self.stop(&WarcError::Read(error)))),
        };
        match record_type.as_str() {
            "revisit" => self.revisit(header, url, block, &origin),
            "response" if message => self.response(url, block, origin),
            _ => {
                self.seen.insert(hash(url));
                let unstated = is_unstated(&media_type(stated));
                if unstated && !kind::promises_a_page(&block) {
                    return None;
                }
                let headers = [("content-type".to_owned(), stated.to_owned())].into();
                Some(decode(block, Origin { headers, ..origin }, self.max_page_size))
            }
        }
    }

    fn stop(&mut self, error: &WarcError) -> Failure {
        self.ended = true;
        self.answers -= 1;
        self.ended_early(error)
    }

    fn response(&mut self, url: &str, block: Vec<u8>, origin: Origin) -> Option<Result<Page, Failure>> {
        let Some(response) = Response::parse(block) else {
            return Some(Err(origin.fail("corrupt", "no HTTP answer in the record; record the page again")));
        };
        let (status, media) = (response.status, response.media_type());
        if !can_be_page(&media) || (300..400).contains(&status) {
            return None;
        }
        if !(200..300).contains(&status) {
            let message = format!("the archive holds the server's answer {status} instead of the page; fetch it again");
            return Some(Err(origin.fail(format!("http_{status}"), message)));
        }
        self.seen.insert(hash(url));
        let (body, headers) = match response.into_body(self.max_page_size) {
            Ok(parts) => parts,
            Err(ReadError::TooLarge) => return Some(Err(origin.too_large(self.max_page_size))),
            Err(ReadError::Truncated) => {
                return Some(Err(origin.fail("truncated", "the answer was cut while recording; record it again")));
            }
            Err(ReadError::Other(error)) => {
                let message = format!("the answer's compression is damaged ({error}); record it again");
                return Some(Err(origin.fail("corrupt", message)));
            }
        };
        let skipped = body.is_empty() && status != 200;
        if skipped || (is_unstated(&media) && !kind::promises_a_page(&body)) {
            return None;
        }
        Some(decode(body, Origin { headers, ..origin }, self.max_page_size))
    }

    fn revisit(&self, header: &Header, url: &str, block: Vec<u8>, origin: &Origin) -> Option<Result<Page, Failure>> {
        let refers_to = header.get("WARC-Refers-To-Target-URI").map(bare);
        let known = |url: &str| self.seen.contains(&hash(url));
        let response = Response::parse(block);
        let asset = response
            .is_some_and(|response| !can_be_page(&response.media_type()) || !matches!(response.status, 200..300 | 304));
        if asset || known(url) || refers_to.is_some_and(known) {
            return None;
        }
        Some(Err(origin.fail(
            "revisit",
            "the archive only says that this page had not changed since an earlier recording; give that archive, too",
        )))
    }
}

impl<R: BufRead> Iterator for Archive<R> {
    type Item = Result<Page, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.records.next_header() {
                Ok(Some(header)) => {
                    if let Some(page) = self.page(&header) {
                        return Some(page);
                    }
                }
                Ok(None) => {
                    self.ended = true;
                    if self.answers == 0 {
                        return Some(Err(self.holds_nothing()));
                    }
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(self.ended_early(&error)));
                }
            }
        }
        None
    }
}

fn hash(url: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    url.hash(&mut hasher);
    hasher.finish()
}

/// `WARC-Date`: an instant, or in WARC 1.1 possibly only a day, month or year.
fn moment(date: &str) -> Option<Moment> {
    let precision = if date.parse::<jiff::Timestamp>().is_ok() {
        Precision::Second
    } else {
        match date.len() {
            10 if date.parse::<jiff::civil::Date>().is_ok() => Precision::Day,
            _ => return None,
        }
    };
    Some(Moment { iso: date.to_owned(), precision })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn archive(bytes: &[u8]) -> Vec<Result<Page, Failure>> {
        Archive::new("a.warc".into(), bytes, 1000).collect()
    }

    fn record(fields: &str, block: &str) -> String {
        format!("WARC/1.1\r\n{fields}\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n", block.len())
    }

    fn response(date: &str, url: &str, http: &str) -> String {
        let fields = format!("WARC-Type: response\r\nWARC-Date: {date}\r\nWARC-Target-URI: {url}");
        record(&format!("{fields}\r\nContent-Type: application/http; msgtype=response"), http)
    }

    #[test]
    fn dates_of_every_precision() {
        let http = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>x";
        for (date, iso) in [
            ("2026-11-23T16:45:05.123Z", Some("2026-11-23T16:45:05.123Z")),
            ("2026-11-23", Some("2026-11-23")),
            ("hier", None),
        ] {
            let page = archive(response(date, "https://a.example/", http).as_bytes()).remove(0).unwrap();
            assert_eq!(page.fetched_at.map(|moment| moment.iso).as_deref(), iso);
        }
    }

    #[test]
    fn answers_without_a_type_are_looked_into() {
        let answer = |body: &str| response("", "https://a.example/", &format!("HTTP/1.1 200 OK\r\n\r\n{body}"));
        assert_eq!(archive(answer("{\"a\": 1}").as_bytes()).len(), 1);
        assert_eq!(archive(answer("p { color: red }").as_bytes()).len(), 0);
        assert_eq!(
            archive(response("", "https://a.example/", "no http").as_bytes())[0].as_ref().unwrap_err().reason,
            "corrupt"
        );
    }

    #[test]
    fn an_archive_without_answers_is_told() {
        let info = record("WARC-Type: warcinfo", "software: x");
        assert_eq!(archive(info.as_bytes())[0].as_ref().unwrap_err().reason, "no_pages");
        let picture = response("", "https://a.example/logo.png", "HTTP/1.1 200 OK\r\n\r\nx");
        assert_eq!(archive([info, picture].concat().as_bytes()).len(), 0);
    }

    #[test]
    fn revisits_of_known_pages_are_silent() {
        let page = response("", "https://a.example/1", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>x");
        let revisit =
            |url: &str, more: &str| record(&format!("WARC-Type: revisit\r\nWARC-Target-URI: {url}{more}"), "");
        let refers = "\r\nWARC-Refers-To-Target-URI: <https://a.example/1>";
        let all = [page, revisit("https://a.example/1", ""), revisit("https://a.example/2", refers)].concat();
        assert_eq!(archive(all.as_bytes()).len(), 1);
        assert_eq!(archive(revisit("https://a.example/logo.png", "").as_bytes()).len(), 0);
        assert_eq!(
            archive(revisit("https://a.example/2", refers).as_bytes())[0].as_ref().unwrap_err().reason,
            "revisit"
        );
    }

    proptest! {
        #[test]
        fn damage_never_panics(at in 0_usize..600, by in any::<[u8; 3]>(), cut in 0_usize..600) {
            let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: br\r\n\r\n4\r\nabcd\r\n0\r\n\r\n";
            let good = response("2026-11-23T16:45:05Z", "<https://a.example/>", chunked).repeat(2);
            let mut bytes = good.into_bytes();
            let at = at.min(bytes.len() - 3);
            bytes[at..at + 3].copy_from_slice(&by);
            bytes.truncate(cut.max(at));
            prop_assert!(archive(&bytes).len() <= 3);
        }

        #[test]
        fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), head in 0_usize..6) {
            let head: &[u8] = [&b""[..], b"<html>", b"{", b"\xff\xfe", b"<?xml encoding=", b"MIME-Version: 1.0\n"][head];
            let outcome = decode([head, &bytes].concat(), Origin::file("x"), 1000);
            if let Ok(page) = outcome {
                prop_assert!(page.body.len() <= 3 * (head.len() + bytes.len()));
            }
        }
    }
}
