//! What goes over the wire: a request as it is sent, an answer as it comes, both as the archive keeps them.

use std::net::SocketAddr;

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
};
use reqwest::{Method, StatusCode};
use url::Url;

use crate::model::{Earlier, PageKind, Post, Request};

const ACCEPT_PAGE: &str = "text/html,application/xhtml+xml,application/json;q=0.9,text/plain;q=0.8,*/*;q=0.1";
pub(super) const ACCEPT_JSON: &str = "application/json,*/*;q=0.1";
/// Content codings that `input` undoes.
const CODINGS: &str = "gzip, br, zstd";

/// Headers the archive does not keep: the body is joined again, so that one that says it is in chunks would be a lie; and a
/// session is the user's own.
const LEFT_OUT: [&str; 3] = ["transfer-encoding", "set-cookie", "set-cookie2"];

/// One request and its answer, for the archive.
#[derive(Debug)]
pub(super) struct Exchange<'a> {
    pub(super) url: &'a Url,
    pub(super) sent: &'a Sent,
    pub(super) at: String,
    pub(super) address: Option<SocketAddr>,
    pub(super) status: StatusCode,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    /// Why the body is not whole, in the words of WARC.
    pub(super) cut: Option<&'static str>,
}

impl Exchange<'_> {
    /// The answer as it went over the wire, its transfer coding undone.
    pub(super) fn answer(&self) -> Vec<u8> {
        let reason = self.status.canonical_reason().unwrap_or_default();
        let mut message = format!("HTTP/1.1 {} {reason}\r\n", self.status.as_str()).into_bytes();
        for (name, value) in self.headers.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())) {
            message.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        message.extend(b"\r\n");
        message.extend(self.body);
        message
    }

    /// The request; cookies, which are the user's own, stay out.
    pub(super) fn request(&self) -> Vec<u8> {
        let path = &self.url[url::Position::BeforePath..url::Position::AfterQuery];
        let authority = &self.url[url::Position::BeforeHost..url::Position::AfterPort];
        let mut message = format!("{} {path} HTTP/1.1\r\nhost: {authority}\r\n", self.sent.method).into_bytes();
        for (name, value) in &self.sent.headers {
            message.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        message.extend(b"\r\n");
        message.extend(self.sent.body.as_bytes());
        message
    }
}

/// What goes to a server.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Sent {
    pub(super) fn get(accept: &'static str) -> Self {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
        Self { method: Method::GET, headers, body: String::new() }
    }

    pub(super) fn of(request: &Request) -> Self {
        let accept = if request.expect == Some(PageKind::Json) { ACCEPT_JSON } else { ACCEPT_PAGE };
        let mut sent = Self::get(accept);
        sent.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(CODINGS));
        // What cannot stand in a header is not sent.
        for (name, value) in &request.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
                sent.headers.insert(name, value);
            }
        }
        if let Some(Post { media, body }) = &request.post {
            sent.method = Method::POST;
            sent.headers.extend(HeaderValue::from_str(media).ok().map(|media| (CONTENT_TYPE, media)));
            sent.body.clone_from(body);
        }
        sent
    }

    /// Asks only for what is not as it was: by its mark or its time (RFC 9110 §13.1).
    pub(super) fn unless(&mut self, Earlier { tag, modified, .. }: &Earlier) {
        for (name, value) in [(IF_NONE_MATCH, tag), (IF_MODIFIED_SINCE, modified)] {
            let value = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok());
            self.headers.extend(value.map(|value| (name, value)));
        }
    }

    /// What follows a redirect: a form is not sent on (RFC 9110 §15.4), unless the server asks for just that.
    pub(super) fn redirected(&mut self, status: StatusCode) {
        if !matches!(status.as_u16(), 307 | 308) {
            self.method = Method::GET;
            self.headers.remove(CONTENT_TYPE);
            self.body.clear();
        }
    }
}

/// What becomes of a body that is too long.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cap {
    /// It is refused.
    Refuse(u64),
    /// Its beginning is kept.
    Cut(u64),
}

/// Of an answer that is no success so much is kept: what says why.
pub(super) const REFUSAL: u64 = 256 * 1024;

/// Why one request brought no answer.
pub(super) enum Trouble {
    /// The body is longer than allowed.
    TooLarge,
    /// Connection, timeout, broken answer.
    Network(reqwest::Error),
}

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        Self::Network(error)
    }
}

/// Reads a body as it comes.
pub(super) async fn receive(response: &mut reqwest::Response, cap: Cap, body: &mut Vec<u8>) -> Result<(), Trouble> {
    if let Cap::Refuse(most) = cap
        && response.content_length().is_some_and(|length| length > most)
    {
        return Err(Trouble::TooLarge);
    }
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        match cap {
            Cap::Refuse(most) if body.len() as u64 > most => return Err(Trouble::TooLarge),
            Cap::Cut(most) if body.len() as u64 > most => {
                body.truncate(most as usize);
                break;
            }
            _ => {}
        }
    }
    Ok(())
}
