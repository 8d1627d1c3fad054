//! The live web → [`Page`]s: a polite client.
//!
//! ```text
//! Fetcher::get ─► Host (one at a time: robots.txt, interval, last request) ─► request, retries ─► redirect? again
//!                                                                         └─► input::decode ─► Page
//! ```
//!
//! One request at a time goes to a host, at least [`FetchOptions::interval`] apart, under an honest name, and only
//! where the host's robots.txt lets it. Every redirect is a request of its own, with its own host and its own
//! robots.txt. What goes wrong becomes a [`Failure`], a row of the errors table; nothing ends a run.
//!
//! robots.txt is read as RFC 9309 has it: an answer 4xx means that all is allowed, 5xx (and 429) that nothing is;
//! where the host cannot be reached at all, the failure is that one. Rules are kept for 24 hours. `Crawl-delay`,
//! which the RFC does not know, is honoured up to [`FetchOptions::max_crawl_delay`].
//!
//! [`Page`]: crate::model::Page
//! [`Failure`]: crate::model::Failure

mod archive;
mod capture;
mod client;
mod cookies;
mod exchange;
mod failure;
mod guard;
mod host;
mod retry;
mod robots;
mod tdm;

use std::collections::BTreeMap;
use std::time::Duration;

pub use archive::{Archive, ArchiveError};
pub use capture::{Capture, Fresh};
pub use client::Fetcher;
pub use cookies::{Cookie, CookieError, read_cookies};

use url::{Url, form_urlencoded};

use crate::input::InputOptions;

/// Whether robots.txt is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Robots {
    /// Fetch what it allows.
    #[default]
    Obey,
    /// Do not ask for hosts named by hand: for people who run the site or have its leave. What pages lead to is asked.
    IgnoreNamed,
    /// Do not ask.
    Ignore,
}

/// A key of the user's own.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// The host it is for, and those below it: it goes to no other.
    pub host: String,
    /// It.
    pub value: String,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key for {}", self.host)
    }
}

impl Key {
    /// Whether it may go to an address.
    fn is_for(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else { return false };
        let host = url.host_str().unwrap_or_default();
        let below = host.strip_suffix(&self.host).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        // In the clear it goes nowhere but to this machine.
        below && !self.host.is_empty() && (url.scheme() == "https" || guard::is_private_literal(&url))
    }

    fn encoded(&self) -> String {
        form_urlencoded::byte_serialize(self.value.as_bytes()).collect()
    }
}

/// How the client behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchOptions {
    /// Whether robots.txt is asked.
    pub robots: Robots,
    /// Mean time between two requests to one host (1 s unless told), up to a quarter less or more at random.
    pub interval: Duration,
    /// An address or page the site's owner can write to; part of the User-Agent.
    pub contact: Option<String>,
    /// Cookies of the user's own subscriptions.
    pub cookies: Vec<Cookie>,
    /// Keys of the user's own to interfaces that want one, by name; see [`crate::model::KEY`].
    pub keys: BTreeMap<String, Key>,
    /// Whether pages and redirects may lead to addresses of private networks, too (no, unless told).
    pub allow_private: bool,
    /// The most bytes a page may have after decompression (as [`InputOptions`] unless told).
    pub max_page_size: u64,
    /// Time to connect (10 s unless told).
    pub connect_timeout: Duration,
    /// Longest silence while an answer comes (20 s unless told).
    pub read_timeout: Duration,
    /// Time for one request with its whole answer (60 s unless told).
    pub total_timeout: Duration,
    /// How often a request is repeated after 429, 5xx or a broken answer (3 unless told).
    pub retries: u32,
    /// Wait before the first repeat where the server names none (1 s unless told); doubles each time.
    pub backoff: Duration,
    /// Longest wait before a repeat (60 s unless told); a server that asks for more is not waited for.
    pub max_wait: Duration,
    /// Longest `Crawl-delay` honoured (30 s unless told).
    pub max_crawl_delay: Duration,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            robots: Robots::Obey,
            interval: Duration::from_secs(1),
            contact: None,
            cookies: Vec::new(),
            keys: BTreeMap::new(),
            allow_private: false,
            max_page_size: InputOptions::default().max_page_size,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(20),
            total_timeout: Duration::from_mins(1),
            retries: 3,
            backoff: Duration::from_secs(1),
            max_wait: Duration::from_mins(1),
            max_crawl_delay: Duration::from_secs(30),
        }
    }
}

impl FetchOptions {
    /// The name the client goes by: `causerie/VERSION (+https://crates.io/crates/causerie; CONTACT)`.
    pub fn user_agent(&self) -> String {
        let contact = self.contact.as_ref().map(|contact| format!("; {contact}")).unwrap_or_default();
        format!(
            "{}/{} (+https://crates.io/crates/causerie{contact})",
            env!("CARGO_PKG_NAME"),
            env!("CARGO_PKG_VERSION")
        )
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The contact cannot stand in a header.
    #[error("the contact {0:?} cannot be sent: give an e-mail or web address in plain letters")]
    Contact(String),
    /// TLS or the system's proxy settings cannot be set up.
    #[error("the web client cannot be set up: {0}; check the system's certificates and proxy settings")]
    Client(#[source] reqwest::Error),
}
