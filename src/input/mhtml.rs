//! The pages of an MHTML file (RFC 2557: `multipart/related`), as browsers, old Internet Explorer and Word save it.
//!
//! The file is read part by part: only HTML parts are held in memory, pictures and style are passed over. The first HTML
//! part is the page; those after it are frames in it, which is where hosted comment systems live. Headers and transfer
//! codings are read by the crate `mailparse`; cutting a file into parts is done here, because that crate wants all of it
//! in memory.

use std::io::{self, BufRead, Read};

use jiff::fmt::rfc2822;
use mailparse::{MailHeaderMap, ParsedContentType, parse_content_type, parse_headers, parse_mail};

use super::http::media_type;
use super::{Origin, decode, is_url};
use crate::model::{Failure, Moment, Page, PageKind, Precision};

/// The most bytes the headers of one part may have.
const MAX_HEADER: usize = 256 * 1024;
/// How deep multipart parts may stand in each other.
const MAX_DEPTH: usize = 8;

/// Iterator over the pages of one MHTML file.
pub(super) struct Mhtml<R> {
    source: String,
    lines: Lines<R>,
    max_page_size: u64,
    boundaries: Vec<Vec<u8>>,
    /// What the head of the file says of the page.
    said: Said,
    /// HTML parts met so far.
    pages: usize,
    step: Step,
}

#[derive(Debug, Default)]
struct Said {
    url: Option<String>,
    saved_at: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Head,
    Parts,
    /// The file ended too early; to be said still.
    Cut,
    Ended,
}

/// How a part ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Another part follows.
    Next,
    /// The last part of the file, properly closed.
    Closed,
    /// The file ends within it.
    Cut,
}

struct Part {
    bytes: Vec<u8>,
    /// Whether `bytes` is all of it.
    whole: bool,
    end: End,
}

impl<R: BufRead> Mhtml<R> {
    pub(super) fn new(source: String, reader: R, max_page_size: u64) -> Self {
        Self {
            source,
            lines: Lines { reader },
            max_page_size,
            boundaries: Vec::new(),
            said: Said::default(),
            pages: 0,
            step: Step::Head,
        }
    }

    /// Headers of the file: its boundary, the page's address, when it was saved.
    fn head(&mut self) -> io::Result<Result<(), &'static str>> {
        let head = self.header()?;
        let Ok((headers, _)) = parse_headers(&head) else { return Ok(Err("its headers cannot be read")) };
        let content_type = headers.get_first_value("Content-Type").map(|value| parse_content_type(&value));
        let Some(boundary) = content_type.as_ref().and_then(boundary) else {
            return Ok(Err("it does not say where its parts begin"));
        };
        self.boundaries.push(boundary);
        let url = ["Snapshot-Content-Location", "Content-Location"]
            .iter()
            .find_map(|name| headers.get_first_value(name).and_then(|value| address(&value)));
        let saved_at = headers.get_first_value("Date").and_then(|date| moment(&date));
        self.said = Said { url, saved_at };
        let preamble = self.part(0)?;
        Ok(if preamble.end == End::Next { Ok(()) } else { Err("none of its parts is there") })
    }

    /// The lines of a header block, as far as they go.
    fn header(&mut self) -> io::Result<Vec<u8>> {
        let mut block = Vec::new();
        while let Some(line) = self.lines.next(MAX_HEADER)? {
            let blank = line.trim_ascii().is_empty();
            if blank && block.is_empty() {
                continue;
            }
            block.extend_from_slice(&line);
            if blank || block.len() > MAX_HEADER {
                break;
            }
        }
        Ok(block)
    }

    /// What stands before the next boundary, `keep` bytes of it.
    fn part(&mut self, keep: usize) -> io::Result<Part> {
        let mut part = Part { bytes: Vec::new(), whole: true, end: End::Cut };
        let mut fresh_line = true;
        while let Some(line) = self.lines.next(MAX_HEADER)? {
            if fresh_line && let Some(end) = self.boundary(&line) {
                part.end = end;
                return Ok(part);
            }
            fresh_line = line.ends_with(b"\n");
            if part.bytes.len() + line.len() > keep {
                part.whole = false;
            } else if part.whole {
                part.bytes.extend_from_slice(&line);
            }
        }
        Ok(part)
    }

    /// Whether a line separates parts; the end of an inner multipart leads back to the outer one.
    fn boundary(&mut self, line: &[u8]) -> Option<End> {
        let rest = line.strip_prefix(b"--")?.trim_ascii_end();
        let depth = self.boundaries.iter().rposition(|boundary| {
            rest.strip_prefix(boundary.as_slice()).is_some_and(|rest| rest.is_empty() || rest == b"--")
        })?;
        let closes = rest.len() > self.boundaries[depth].len();
        self.boundaries.truncate(depth + usize::from(!closes));
        Some(if self.boundaries.is_empty() { End::Closed } else { End::Next })
    }

    /// Reads one part; `None` for one that is no page.
    fn next_part(&mut self) -> io::Result<Option<Result<Page, Failure>>> {
        let header = self.header()?;
        if header.is_empty() {
            self.step = Step::Cut;
            return Ok(None);
        }
        let Ok((headers, _)) = parse_headers(&header) else {
            let end = self.part(0)?.end;
            self.after(end);
            return Ok(Some(Err(self.broken("the headers of one of its parts cannot be read"))));
        };
        let content_type = headers.get_first_value("Content-Type").unwrap_or_default();
        let parsed = parse_content_type(&content_type);
        let inner = boundary(&parsed).filter(|_| self.boundaries.len() < MAX_DEPTH);
        if let Some(inner) = inner {
            self.boundaries.push(inner);
            let end = self.part(0)?.end;
            self.after(end);
            return Ok(None);
        }
        if !matches!(media_type(&content_type).as_str(), "text/html" | "application/xhtml+xml") {
            let end = self.part(0)?.end;
            self.after(end);
            return Ok(None);
        }
        // A transfer coding makes at most three bytes of one.
        let keep = usize::try_from(self.max_page_size.saturating_mul(3)).unwrap_or(usize::MAX);
        let mut part = self.part(keep)?;
        self.pages += 1;
        let coding = headers.get_first_value("Content-Transfer-Encoding").unwrap_or_default();
        if part.end == End::Cut && coding.trim().eq_ignore_ascii_case("base64") {
            // Half a line is no base64.
            let lines = memchr::memrchr(b'\n', &part.bytes).map_or(0, |end| end + 1);
            part.bytes.truncate(lines);
        }
        self.after(part.end);
        let url = headers.get_first_value("Content-Location").and_then(|value| address(&value));
        let mut origin = Origin {
            url: if self.pages == 1 { url.or_else(|| self.said.url.clone()) } else { url },
            fetched_at: self.said.saved_at.clone(),
            headers: [("content-type".to_owned(), content_type)].into(),
            ..Origin::file(&self.source)
        };
        if self.pages > 1 {
            origin.source = format!("{}#{}", self.source, self.pages);
            origin.frame_of = Some(self.source.clone());
        }
        if !part.whole {
            return Ok(Some(Err(origin.too_large(self.max_page_size))));
        }
        let body = parse_mail(&[header, part.bytes].concat()).and_then(|mail| mail.get_body_raw());
        Ok(match body {
            Ok(body) if self.pages > 1 && body.trim_ascii().is_empty() => None,
            Ok(body) => {
                let page = decode(body, origin, self.max_page_size);
                // A frame that is no document holds nobody's comments.
                let idle = self.pages > 1 && page.as_ref().is_ok_and(|page| page.kind != PageKind::Html);
                (!idle).then_some(page)
            }
            Err(error) => {
                let message = format!("this part of the MHTML file is damaged ({error}); save the page again");
                Some(Err(origin.fail("corrupt", message)))
            }
        })
    }

    fn after(&mut self, end: End) {
        self.step = match end {
            End::Next => Step::Parts,
            End::Closed => Step::Ended,
            End::Cut => Step::Cut,
        };
    }

    fn broken(&self, what: &str) -> Failure {
        let message = format!("this MHTML file is damaged: {what}; save the page again");
        Origin::file(&self.source).fail("corrupt", message)
    }

    fn cut(&self) -> Failure {
        let kept = if self.pages == 0 { "nothing of the page was read" } else { "what stands before is kept" };
        let message = format!("the MHTML file ends in the middle; {kept}, save the page again for the rest");
        Origin::file(&self.source).fail("truncated", message)
    }

    fn unreadable(&mut self, error: &io::Error) -> Failure {
        self.step = Step::Ended;
        let message = format!("the MHTML file cannot be read further: {error}; copy or save it again");
        Origin::file(&self.source).fail("corrupt", message)
    }
}

impl<R: BufRead> Iterator for Mhtml<R> {
    type Item = Result<Page, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.step {
                Step::Head => {
                    self.step = Step::Parts;
                    match self.head() {
                        Ok(Ok(())) => {}
                        Ok(Err(what)) => {
                            self.step = Step::Ended;
                            return Some(Err(self.broken(what)));
                        }
                        Err(error) => return Some(Err(self.unreadable(&error))),
                    }
                }
                Step::Parts => match self.next_part() {
                    Ok(Some(page)) => return Some(page),
                    Ok(None) if self.step == Step::Ended && self.pages == 0 => {
                        return Some(Err(Origin::file(&self.source).fail(
                            "no_pages",
                            "no HTML in this MHTML file; save the page again as \"Webpage, single file\" or \"complete\"",
                        )));
                    }
                    Ok(None) => {}
                    Err(error) => return Some(Err(self.unreadable(&error))),
                },
                Step::Cut => {
                    self.step = Step::Ended;
                    return Some(Err(self.cut()));
                }
                Step::Ended => return None,
            }
        }
    }
}

struct Lines<R> {
    reader: R,
}

impl<R: BufRead> Lines<R> {
    /// The next line with its end, or `most` bytes of a longer one; `None` at the end of the file.
    fn next(&mut self, most: usize) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        (&mut self.reader).take(most as u64).read_until(b'\n', &mut line)?;
        Ok((!line.is_empty()).then_some(line))
    }
}

fn boundary(content_type: &ParsedContentType) -> Option<Vec<u8>> {
    let multipart = content_type.mimetype.starts_with("multipart/");
    let boundary = content_type.params.get("boundary").filter(|boundary| multipart && !boundary.is_empty())?;
    Some(boundary.trim_end().as_bytes().to_vec())
}

fn address(text: &str) -> Option<String> {
    let text = text.trim();
    (is_url(text) && url::Url::parse(text).is_ok()).then(|| text.to_owned())
}

fn moment(date: &str) -> Option<Moment> {
    let instant = rfc2822::parse(date.trim()).ok()?.timestamp();
    Some(Moment { iso: instant.to_string(), precision: Precision::Second })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pages(file: &str) -> Vec<Result<Page, Failure>> {
        Mhtml::new("a.mhtml".into(), file.as_bytes(), 1000).collect()
    }

    fn outcome(file: &str) -> Vec<String> {
        let said = |page: Result<Page, Failure>| page.map_or_else(|failure| failure.reason, |page| page.source);
        pages(file).into_iter().map(said).collect()
    }

    const HEAD: &str = "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://a.example/x\r\n\
                        Date: Wed, 3 Apr 2024 08:55:00 +0200\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\
                        \ttype=\"text/html\";\r\n\tboundary=\"--B=_1\"\r\n\r\n\r\n----B=_1\r\n";
    const MAIN: &str = "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
                        <p>d=C3=A9=\r\nj=C3=A0 vu</p>\r\n----B=_1\r\n";
    const FRAME: &str = "Content-Type: text/html; charset=\"windows-1252\"\r\nContent-Transfer-Encoding: base64\r\n\
                         Content-Location: https://c.example/frame\r\n\r\nPHA+6XTp\r\nPC9wPg==\r\n----B=_1--\r\n";

    #[test]
    fn page_and_frame() {
        let style = "Content-Type: text/css\r\n\r\np { color: red }\r\n----B=_1\r\n";
        let blank = "Content-Type: text/html\r\nContent-Location: about:blank\r\n\r\n\r\n----B=_1\r\n";
        let all = pages(&[HEAD, MAIN, style, blank, FRAME].concat());
        let all: Vec<Page> = all.into_iter().map(Result::unwrap).collect();
        let said = |page: &Page| (page.source.clone(), page.url.clone().unwrap(), page.body.trim().to_owned());
        assert_eq!(said(&all[0]), ("a.mhtml".into(), "https://a.example/x".into(), "<p>déjà vu</p>".into()));
        assert_eq!(said(&all[1]), ("a.mhtml#3".into(), "https://c.example/frame".into(), "<p>été</p>".into()));
        assert_eq!((all[0].frame_of.as_deref(), all[1].frame_of.as_deref()), (None, Some("a.mhtml")));
        assert_eq!(all[1].fetched_at.as_ref().unwrap().iso, "2024-04-03T06:55:00Z");
    }

    #[test]
    fn parts_may_stand_in_parts() {
        let inner = "Content-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\nContent-Type: text/plain\r\n\r\n\
                     d=C3=A9\r\n--in\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--in--\r\n\r\n----B=_1\r\n";
        assert_eq!(outcome(&[HEAD, inner, FRAME].concat()), ["a.mhtml", "a.mhtml#2"]);
        let endless = "Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n".repeat(1000);
        assert_eq!(outcome(&[HEAD, &endless].concat()), ["truncated"]);
    }

    #[test]
    fn what_is_damaged_is_said_and_the_rest_read() {
        let whole = [HEAD, MAIN, FRAME].concat();
        assert_eq!(outcome(&[HEAD, MAIN].concat()), ["a.mhtml", "truncated"]);
        assert_eq!(outcome(&whole[..whole.len() - 20]), ["a.mhtml", "a.mhtml#2", "truncated"]);
        assert_eq!(outcome(&whole.replace("PHA+6XTp", "P*")), ["a.mhtml", "corrupt"]);
        assert_eq!(outcome(&whole.replace("text/html", "image/png")), ["no_pages"]);
        assert_eq!(outcome(&whole.replace("boundary=", "limit=")), ["corrupt"]);
        assert_eq!(outcome(HEAD), ["truncated"]);
        assert_eq!(outcome(&HEAD[..60]), ["corrupt"]);
        let large = MAIN.replace("vu", &"=C3=A9".repeat(2000));
        assert_eq!(outcome(&[HEAD, &large, FRAME].concat()), ["too_large", "a.mhtml#2"]);
    }

    proptest! {
        #[test]
        fn damage_never_panics(at in 0_usize..700, by in any::<[u8; 3]>(), cut in 0_usize..900) {
            let mut bytes = [HEAD, MAIN, FRAME].concat().into_bytes();
            let at = at.min(bytes.len() - 3);
            bytes[at..at + 3].copy_from_slice(&by);
            bytes.truncate(cut.max(at));
            prop_assert!(Mhtml::new("a".into(), &bytes[..], 1000).count() <= 4);
        }
    }
}
