//! An HTTP response as an archive stores it: the raw bytes of the connection.

use std::collections::BTreeMap;

use super::inflate::{ReadError, undo_content_encoding};

/// More header lines than any server sends.
const MAX_HEADERS: usize = 256;

/// A stored response; its body still as it went over the wire.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    /// Names in lower case; repeated ones joined with a comma.
    pub(super) headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Response {
    /// Reads status line and headers; `None` where there are none.
    pub(super) fn parse(mut message: Vec<u8>) -> Option<Self> {
        let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut lines);
        let mut config = httparse::ParserConfig::default();
        config
            .allow_spaces_after_header_name_in_responses(true)
            .allow_obsolete_multiline_headers_in_responses(true)
            .ignore_invalid_headers_in_responses(true);
        // `HTTP/2 200`, as some tools write it, is unknown to the parser.
        let head = if message.starts_with(b"HTTP/2") { rewrite_version(&message) } else { None };
        let head = head.as_deref().unwrap_or(&message);
        let Ok(httparse::Status::Complete(length)) = config.parse_response(&mut response, head) else { return None };
        let status = response.code?;
        let mut headers = BTreeMap::<String, String>::new();
        for header in response.headers.iter() {
            let value = String::from_utf8_lossy(header.value);
            headers
                .entry(header.name.to_ascii_lowercase())
                .and_modify(|all| {
                    all.push_str(", ");
                    all.push_str(&value);
                })
                .or_insert_with(|| value.clone().into_owned());
        }
        let start = message.len() - (head.len() - length);
        message.drain(..start);
        Some(Self { status, headers, body: message })
    }

    /// The media type, in lower case, without parameters; empty where none was sent.
    pub(super) fn media_type(&self) -> String {
        media_type(self.headers.get("content-type").map_or("", String::as_str))
    }

    /// Headers and body as they are stored.
    pub(super) fn into_raw(self) -> (BTreeMap<String, String>, Vec<u8>) {
        (self.headers, self.body)
    }

    /// The body with its transfer and content codings undone, at most `cap` bytes.
    pub(super) fn into_body(self, cap: u64) -> Result<(Vec<u8>, BTreeMap<String, String>), ReadError> {
        let Self { headers, mut body, .. } = self;
        if headers.get("transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked")) {
            // Some tools store the joined body and keep the header.
            body = match joined(&body) {
                Chunked::Whole(joined) => joined,
                Chunked::Cut => return Err(ReadError::Truncated),
                Chunked::Not => body,
            };
        }
        if let Some(encodings) = headers.get("content-encoding") {
            body = undo_content_encoding(body, encodings, cap)?;
        }
        if body.len() as u64 > cap { Err(ReadError::TooLarge) } else { Ok((body, headers)) }
    }
}

/// `text/html; charset=…` → `text/html`.
pub(super) fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn rewrite_version(message: &[u8]) -> Option<Vec<u8>> {
    let space = memchr::memchr(b' ', &message[..message.len().min(16)])?;
    Some([b"HTTP/1.1", &message[space..]].concat())
}

enum Chunked {
    Whole(Vec<u8>),
    /// The end is missing.
    Cut,
    /// The body is not in chunks at all.
    Not,
}

fn joined(body: &[u8]) -> Chunked {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        let started = !out.is_empty();
        match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete((_, 0))) => return Chunked::Whole(out),
            Ok(httparse::Status::Complete((line, size))) => {
                let Some(chunk) = usize::try_from(size).ok().and_then(|size| rest.get(line..line.checked_add(size)?))
                else {
                    return if started || size < 1 << 32 { Chunked::Cut } else { Chunked::Not };
                };
                out.extend_from_slice(chunk);
                rest = &rest[line + chunk.len()..];
                match rest.strip_prefix(b"\r\n") {
                    Some(next) => rest = next,
                    None if rest.is_empty() => return Chunked::Cut,
                    None => return Chunked::Not,
                }
            }
            Ok(httparse::Status::Partial) if started => return Chunked::Cut,
            Ok(httparse::Status::Partial) | Err(_) => return Chunked::Not,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(message: &str) -> Result<String, ReadError> {
        let response = Response::parse(message.as_bytes().to_vec()).unwrap();
        response.into_body(1000).map(|(body, _)| String::from_utf8(body).unwrap())
    }

    #[test]
    fn head_is_read() {
        let message = "HTTP/2 404 Not Found\r\nContent-Type: Text/HTML; charset=x\r\nVary: a\r\nvary: b\r\n\r\nrest";
        let response = Response::parse(message.into()).unwrap();
        assert_eq!((response.status, response.media_type().as_str()), (404, "text/html"));
        assert_eq!(response.headers["vary"], "a, b");
        assert_eq!(response.body, b"rest");
        assert!(Response::parse(b"<html>".to_vec()).is_none());
        assert!(Response::parse(b"HTTP/1.1 200 OK\r\nA: b\r\n".to_vec()).is_none());
    }

    #[test]
    fn chunks_are_joined() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(body(&format!("{head}4\r\nbonj\r\n3;x=y\r\nour\r\n0\r\n\r\n")).unwrap(), "bonjour");
        assert_eq!(body(&format!("{head}<p>bonjour</p>")).unwrap(), "<p>bonjour</p>");
        assert!(matches!(body(&format!("{head}4\r\nbonj\r\n9\r\nour")), Err(ReadError::Truncated)));
    }
}
