//! All that is known of one host, and the turn-taking with it.

use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use tokio::time::sleep;
use url::{Position, Url};

use super::client::{Answer, Fetcher, target};
use super::exchange::{ACCEPT_JSON, Cap, Sent};
use super::retry;
use super::robots::{MAX_ROBOTS, Rules, Verdict};
use super::tdm;
use crate::input::Origin;
use crate::model::Failure;

/// RFC 9309: "SHOULD NOT use the cached version for more than 24 hours".
const RULES_KEPT: Duration = Duration::from_hours(24);
/// A host that could not be reached is not tried again for so long.
pub(super) const UNREACHABLE: Duration = Duration::from_mins(5);
/// A host that wants to be left alone is, for so long at least.
const SHUT_AT_LEAST: Duration = Duration::from_mins(1);
/// RFC 9309: at least five redirects of robots.txt are followed.
const MAX_ROBOTS_REDIRECTS: usize = 5;
const ACCEPT_ROBOTS: &str = "text/plain,*/*;q=0.1";

/// One host, at one port, under one scheme. Whoever holds it may send it a request; nobody else may.
#[derive(Debug)]
pub(super) struct Host {
    robots_url: Url,
    rules: Option<(Instant, Rules)>,
    /// Beginning of the last request.
    last: Option<Instant>,
    crawl_delay: Duration,
    /// Until when it is left alone, and why: it asked for that, or it cannot be reached.
    shut: Option<(Instant, Failure)>,
    /// Its tdmrep.json, once asked for; empty where there is none.
    reservations: Option<String>,
}

impl Host {
    pub(super) fn of(url: &Url) -> Self {
        let mut robots_url = url.clone();
        robots_url.set_path("/robots.txt");
        robots_url.set_query(None);
        robots_url.set_fragment(None);
        Self { robots_url, rules: None, last: None, crawl_delay: Duration::ZERO, shut: None, reservations: None }
    }

    pub(super) fn robots_url(&self) -> String {
        self.robots_url.origin().ascii_serialization() + "/robots.txt"
    }

    /// Waits until the host may be asked again: an interval from one beginning to the next, a quarter more or less at random so
    /// that clients do not come in step, its mean as asked for.
    pub(super) async fn turn(&mut self, interval: Duration) {
        if let Some(last) = self.last {
            let pause = retry::times(interval, 0.75 + retry::chance() / 2.0).max(self.crawl_delay);
            sleep(pause.saturating_sub(last.elapsed())).await;
        }
        self.last = Some(Instant::now());
    }

    /// Why it is left alone now, if it is: hundreds of addresses of a host that is gone need not be waited for one by one.
    pub(super) fn is_open(&self, origin: &Origin) -> Result<(), Failure> {
        match &self.shut {
            Some((until, why)) if *until > Instant::now() => {
                Err(origin.fail(why.reason.as_str(), why.message.as_str()))
            }
            _ => Ok(()),
        }
    }

    /// Leaves it alone for a while: a minute at least, a day at most.
    pub(super) fn shut(&mut self, wait: Duration, why: Failure) {
        self.shut = Some((Instant::now() + wait.clamp(SHUT_AT_LEAST, RULES_KEPT), why));
    }

    /// What robots.txt says, fetched if it is not known or too old.
    pub(super) async fn rules(&mut self, fetcher: &Fetcher, origin: &Origin) -> Result<&Rules, Failure> {
        let kept = |rules: &Rules| if matches!(rules, Rules::Unknown(_)) { UNREACHABLE } else { RULES_KEPT };
        let fresh = self.rules.take().filter(|(since, rules)| since.elapsed() < kept(rules));
        let (since, rules) = match fresh {
            Some(known) => known,
            None => match self.fetch_rules(fetcher, origin).await {
                Ok(rules) => (Instant::now(), rules),
                Err(failure) => {
                    // A host that has no answer to this has none to anything.
                    self.shut(UNREACHABLE, failure.clone());
                    return Err(failure);
                }
            },
        };
        self.crawl_delay = rules.crawl_delay().min(fetcher.max_crawl_delay());
        Ok(&self.rules.insert((since, rules)).1)
    }

    /// Where the host's tdmrep.json reserves mining of an address, its policy's address, or nothing. Fetched once; a host that
    /// has none reserves nothing.
    pub(super) async fn reservation(&mut self, fetcher: &Fetcher, url: &Url) -> Option<String> {
        if self.reservations.is_none() {
            self.reservations = Some(self.fetch_reservations(fetcher).await);
        }
        let file = self.reservations.as_ref().filter(|file| !file.is_empty())?;
        let (reserved, policy) = tdm::reservation(file, &url[Position::BeforePath..Position::AfterQuery])?;
        reserved.then(|| policy.unwrap_or_default())
    }

    async fn fetch_reservations(&self, fetcher: &Fetcher) -> String {
        let mut url = self.robots_url.clone();
        url.set_path("/.well-known/tdmrep.json");
        if !self.rules.as_ref().is_some_and(|(_, rules)| rules.check(&url) == Verdict::Allowed) {
            return String::new();
        }
        // Not worth a second try.
        match fetcher.once(&url, &Sent::get(ACCEPT_JSON), Cap::Cut(MAX_ROBOTS)).await {
            Ok(answer) if answer.status.is_success() => String::from_utf8_lossy(&answer.body).into_owned(),
            _ => String::new(),
        }
    }

    async fn fetch_rules(&mut self, fetcher: &Fetcher, origin: &Origin) -> Result<Rules, Failure> {
        let origin = Origin { url: Some(self.robots_url()), ..origin.clone() };
        let mut url = self.robots_url.clone();
        for _ in 0..=MAX_ROBOTS_REDIRECTS {
            let (sent, cap, not_counted) = (Sent::get(ACCEPT_ROBOTS), Cap::Cut(MAX_ROBOTS), AtomicU64::new(0));
            let answer = fetcher.patient(self, &url, &sent, cap, &origin, &not_counted).await.map_err(|failure| {
                let message = format!("robots.txt, which is asked first: {}", failure.message);
                Failure { message, ..failure }
            })?;
            // The interval counts from page to page.
            self.last = None;
            match target(&url, &answer) {
                Some(next) if matches!(next.scheme(), "http" | "https") => {
                    fetcher.may_connect(&next, &origin)?;
                    url = next;
                }
                _ => return Ok(rules_of(&answer)),
            }
        }
        // Redirected without end: RFC 9309 takes it as not there.
        Ok(Rules::all_allowed())
    }
}

fn rules_of(answer: &Answer) -> Rules {
    match answer.status.as_u16() {
        200..=299 => Rules::parse(&answer.body),
        status @ (429 | 500..) => Rules::unknown(status),
        _ => Rules::all_allowed(),
    }
}
