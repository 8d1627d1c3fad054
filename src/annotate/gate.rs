use std::collections::{HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, Method, Uri};

/// Links that are out at most: whoever asks for more gives up the oldest.
const LINKS: usize = 16;

/// Who is let in.
#[derive(Debug)]
pub(super) struct Gate {
    address: SocketAddr,
    keys: Mutex<Keys>,
}

#[derive(Debug, Default)]
struct Keys {
    /// Tokens of links nobody has opened yet.
    tokens: VecDeque<String>,
    /// Cookies of the browsers that are in.
    cookies: HashSet<String>,
}

/// What a request gets at the gate.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// It has a cookie.
    Known,
    /// Its link was good: the browser is given this cookie.
    New(String),
    /// Neither.
    No(&'static str),
}

impl Gate {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { address, keys: Mutex::default() }
    }

    /// A link that lets one browser in, once.
    pub(super) fn link(&self) -> Result<String, getrandom::Error> {
        let token = secret()?;
        let mut keys = self.keys();
        if keys.tokens.len() == LINKS {
            keys.tokens.pop_front();
        }
        keys.tokens.push_back(token.clone());
        Ok(format!("http://{}/?token={token}", self.address))
    }

    /// Looks at a request before anything else does.
    pub(super) fn admit(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Pass {
        // Another name for this address is a page elsewhere that wants to talk to us as one of its own.
        let host = text(headers, &HOST).unwrap_or_default();
        if !self.hosts().any(|own| own == host) {
            return Pass::No("this address is not served here");
        }
        let entrance = uri.path() == "/" && method == Method::GET;
        let site = text(headers, &HeaderName::from_static("sec-fetch-site"));
        if !entrance && !matches!(site, None | Some("same-origin" | "none")) {
            return Pass::No("the request comes from another page");
        }
        let origin = text(headers, &ORIGIN);
        let writes = method != Method::GET && method != Method::HEAD;
        if (writes || origin.is_some()) && origin.and_then(|origin| origin.strip_prefix("http://")) != Some(host) {
            return Pass::No("the request comes from another page");
        }
        if self.knows(headers) {
            return Pass::Known;
        }
        let token = uri.query().and_then(|query| query.strip_prefix("token=")).filter(|_| entrance);
        match token {
            Some(token) if self.spend(token) => match secret() {
                Ok(cookie) => Pass::New(self.let_in(cookie)),
                Err(_) => Pass::No("the system gives no random bytes"),
            },
            Some(_) => Pass::No("this link has been used: ask for a new one in the page that is open, or start again"),
            None => Pass::No("this page is open only to who comes by its link"),
        }
    }

    /// What the address is called by itself and its visitors.
    fn hosts(&self) -> impl Iterator<Item = String> {
        let port = self.address.port();
        let local = self.address.ip().is_loopback().then(|| format!("localhost:{port}"));
        // Browsers leave the web's own port out.
        let short = (port == 80).then(|| self.address.to_string().trim_end_matches(":80").to_owned());
        [Some(self.address.to_string()), local, short].into_iter().flatten()
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let name = self.cookie_name();
        let keys = self.keys();
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.any(|(known, value)| known == name && keys.cookies.contains(value))
    }

    fn spend(&self, token: &str) -> bool {
        let mut keys = self.keys();
        let at = keys.tokens.iter().position(|known| known == token);
        at.and_then(|at| keys.tokens.remove(at)).is_some()
    }

    fn let_in(&self, cookie: String) -> String {
        let line = format!("{}={cookie}; HttpOnly; SameSite=Strict; Path=/", self.cookie_name());
        self.keys().cookies.insert(cookie);
        line
    }

    /// Browsers keep cookies by host, whatever the port: two pages at once would put each other out.
    fn cookie_name(&self) -> String {
        format!("causerie-{}", self.address.port())
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// 256 random bits, as letters and digits that stay as they are in a link.
fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(data_encoding::BASE64URL_NOPAD.encode(&bytes))
}
