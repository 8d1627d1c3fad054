use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{Timestamp, Unit};
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use tokio::time::sleep;
use url::Url;

use super::host::Host;
use super::robots::Verdict;
use super::{FetchError, FetchOptions, Robots, failure, retry};
use crate::input::{Origin, decode};
use crate::model::{Failure, Moment, Page, PageKind, Precision, Request, Stage};

/// As many redirects as browsers' forerunners allowed, and more than any sound site needs.
const MAX_REDIRECTS: usize = 10;

const ACCEPT_PAGE: &str = "text/html,application/xhtml+xml,application/json;q=0.9,text/plain;q=0.8,*/*;q=0.1";
const ACCEPT_JSON: &str = "application/json,*/*;q=0.1";

/// The client. Share one: politeness holds among the requests of one `Fetcher`.
#[derive(Debug)]
pub struct Fetcher {
    client: Client,
    options: FetchOptions,
    /// By scheme, name and port.
    hosts: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Host>>>>,
}

/// What a request brought in the end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Only of a 2xx answer.
    pub(super) body: Vec<u8>,
    /// How often it was repeated.
    pub(super) repeats: u32,
    /// What a further repeat would have waited for.
    pub(super) wait: Option<Duration>,
}

/// What becomes of a body that is too long.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cap {
    /// It is refused.
    Refuse(u64),
    /// Its beginning is kept.
    Cut(u64),
}

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

impl Fetcher {
    /// A client that behaves as `options` say.
    ///
    /// # Errors
    ///
    /// A contact that cannot be sent, or TLS that cannot be set up.
    pub fn new(options: FetchOptions) -> Result<Self, FetchError> {
        let name = options.user_agent();
        if let Some(contact) = &options.contact
            && (!contact.is_ascii() || HeaderValue::from_str(&name).is_err())
        {
            return Err(FetchError::Contact(contact.clone()));
        }
        let client = Client::builder()
            .user_agent(name)
            .redirect(Policy::none())
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.read_timeout)
            .timeout(options.total_timeout)
            .build()
            .map_err(FetchError::Client)?;
        Ok(Self { client, options, hosts: Mutex::default() })
    }

    /// Fetches one page: redirects followed, repeated where the server asks for patience or stumbles, decoded as
    /// [`decode`] does. `url` of the page is the address after redirects. Where JSON is expected, the server is asked
    /// for it, and an answer of another kind is a failure; other expectations change nothing.
    ///
    /// # Errors
    ///
    /// A [`Failure`] with one of the reasons `bad_url`, `unsupported_scheme`, `robots`, `unreachable`, `tls`,
    /// `timeout`, `broken_answer`, `redirect_loop`, `not_found` (404, 410), `forbidden` (401, 403, 451),
    /// `rate_limited` (429), `server_error` (5xx), `http_NNN` (other statuses), `not_json`, and those of
    /// [`decode`].
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use causerie::fetch::{FetchOptions, Fetcher};
    /// use causerie::model::Request;
    ///
    /// let fetcher = Fetcher::new(FetchOptions::default())?;
    /// let failure = fetcher.get(&Request::get("ftp://example.org/page")).await.unwrap_err();
    /// assert_eq!(failure.reason, "unsupported_scheme");
    /// # Ok::<(), causerie::fetch::FetchError>(())
    /// # }).unwrap();
    /// ```
    pub async fn get(&self, request: &Request) -> Result<Page, Failure> {
        let Request { url, expect, .. } = request;
        let mut origin = Origin {
            source: without_login(url),
            url: Some(without_login(url)),
            fetched_at: None,
            frame_of: None,
            headers: BTreeMap::new(),
            stage: Stage::Fetch,
        };
        let mut at = Url::parse(url)
            .map_err(|e| origin.fail("bad_url", format!("not an address ({e}); it should begin with https://")))?;
        let accept = if *expect == Some(PageKind::Json) { ACCEPT_JSON } else { ACCEPT_PAGE };
        let mut visited: Vec<Url> = Vec::new();
        let answer = loop {
            at.set_fragment(None);
            origin.url = Some(shown(&at));
            permit(&at, &origin)?;
            let answer = self.polite(&at, accept, &origin).await?;
            let next = target(&at, &answer);
            visited.push(at);
            match next {
                None => break answer,
                Some(next) if visited.contains(&next) => return Err(failure::redirect_circle(&origin, &next)),
                Some(_) if visited.len() > MAX_REDIRECTS => {
                    return Err(failure::too_many_redirects(&origin, MAX_REDIRECTS));
                }
                Some(next) => at = next,
            }
        };
        if !answer.status.is_success() {
            return Err(failure::status(&origin, &answer));
        }
        origin.headers = lower_case(&answer.headers);
        origin.fetched_at = Some(now());
        let page = decode(answer.body, origin.clone(), self.options.max_page_size)?;
        if *expect == Some(PageKind::Json) && page.kind != PageKind::Json {
            return Err(failure::not_json(&origin, &page));
        }
        Ok(page)
    }

    /// One answer, when it is the host's turn and its robots.txt lets us.
    async fn polite(&self, url: &Url, accept: &'static str, origin: &Origin) -> Result<Answer, Failure> {
        let host = self.host(url);
        let mut host = host.lock().await;
        if self.options.robots == Robots::Obey {
            match host.rules(self, origin).await?.check(url) {
                Verdict::Allowed => {}
                Verdict::Forbidden(rule) => return Err(failure::robots(origin, &host.robots_url(), rule.as_deref())),
                Verdict::Unknown(status) => return Err(failure::robots_unknown(origin, &host.robots_url(), status)),
            }
        }
        self.patient(&mut host, url, accept, Cap::Refuse(self.options.max_page_size), origin).await
    }

    /// One answer, after repeats if need be.
    pub(super) async fn patient(
        &self,
        host: &mut Host,
        url: &Url,
        accept: &'static str,
        cap: Cap,
        origin: &Origin,
    ) -> Result<Answer, Failure> {
        let mut attempt = 0;
        loop {
            host.turn(self.options.interval).await;
            let outcome = self.once(url, accept, cap).await;
            host.done();
            let wait = match &outcome {
                Ok(answer) => retry::after_answer(answer, attempt, &self.options),
                Err(Trouble::Network(error)) if failure::may_pass(error) => {
                    Some(retry::backoff(attempt, &self.options))
                }
                Err(_) => None,
            };
            match wait {
                Some(wait) if attempt < self.options.retries && wait <= self.options.max_wait => {
                    attempt += 1;
                    sleep(wait).await;
                }
                _ => {
                    return match outcome {
                        Ok(answer) => Ok(Answer { repeats: attempt, wait, ..answer }),
                        Err(trouble) => Err(failure::trouble(origin, &trouble, &self.options)),
                    };
                }
            }
        }
    }

    async fn once(&self, url: &Url, accept: &'static str, cap: Cap) -> Result<Answer, Trouble> {
        let mut response = self.client.get(url.clone()).header(ACCEPT, accept).send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        if status.is_success() {
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
        }
        Ok(Answer { status, headers, body, repeats: 0, wait: None })
    }

    fn host(&self, url: &Url) -> Arc<tokio::sync::Mutex<Host>> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = url.origin().ascii_serialization();
        let host = hosts.entry(origin).or_insert_with(|| Arc::new(tokio::sync::Mutex::new(Host::of(url))));
        Arc::clone(host)
    }

    pub(super) fn max_crawl_delay(&self) -> Duration {
        self.options.max_crawl_delay
    }
}

/// Which addresses may be fetched at all.
fn permit(url: &Url, origin: &Origin) -> Result<(), Failure> {
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        let message = format!("only http and https addresses can be fetched, not {}:", url.scheme());
        return Err(origin.fail("unsupported_scheme", message));
    }
    Ok(())
}

/// Where a redirect leads.
pub(super) fn target(at: &Url, answer: &Answer) -> Option<Url> {
    if !matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = String::from_utf8_lossy(answer.headers.get(LOCATION)?.as_bytes()).into_owned();
    let mut next = at.join(&location).ok()?;
    next.set_fragment(None);
    Some(next)
}

/// An address as typed, without the user name and password it may hold: it goes into messages and tables.
pub(crate) fn without_login(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

/// An address for tables and messages: a password in it is nobody's business.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for addresses without a host, which hold no password.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

fn lower_case(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut all = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        all.entry(name.as_str().to_owned())
            .and_modify(|values| {
                values.push_str(", ");
                values.push_str(&value);
            })
            .or_insert_with(|| value.clone().into_owned());
    }
    all
}

fn now() -> Moment {
    let now = Timestamp::now();
    Moment { iso: now.round(Unit::Second).unwrap_or(now).to_string(), precision: Precision::Second }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_are_sent_or_refused() {
        let with =
            |contact: &str| Fetcher::new(FetchOptions { contact: Some(contact.into()), ..FetchOptions::default() });
        let fetcher = with("me@example.org").unwrap();
        assert!(fetcher.options.user_agent().ends_with("(+https://crates.io/crates/causerie; me@example.org)"));
        for wrong in ["a\nb", "moi@éléphant.fr"] {
            assert!(matches!(with(wrong), Err(FetchError::Contact(_))), "{wrong}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(shown(&Url::parse("https://me:secret@a.example/x").unwrap()), "https://a.example/x");
    }
}
