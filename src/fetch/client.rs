use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use reqwest::header::{HeaderMap, HeaderValue, LOCATION, SET_COOKIE, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Method, StatusCode};
use tokio::time::sleep;
use url::Url;

use super::archive::{Archive, now};
use super::exchange::{Cap, Exchange, REFUSAL, Sent, Trouble, receive};
use super::host::{Host, UNREACHABLE};
use super::robots::Verdict;
use super::{FetchError, FetchOptions, Robots, failure, guard, retry};
use crate::input::{Origin, decode_answer};
use crate::model::{self, Earlier, Failure, KEY, Moment, Page, Precision, Refused, Request};

/// As many redirects as browsers' forerunners allowed, and more than any sound site needs.
const MAX_REDIRECTS: usize = 10;

/// The client. Share one: politeness holds among the requests of one `Fetcher`.
#[derive(Debug)]
pub struct Fetcher {
    /// For hosts named by hand.
    free: Client,
    /// For hosts that pages and redirects lead to: it connects to public addresses only.
    guarded: Client,
    options: FetchOptions,
    /// By scheme, name and port.
    hosts: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Host>>>>,
    /// By scheme, name and port the hosts named by hand, with user name and password where the address had them.
    named: Mutex<HashMap<String, Option<Login>>>,
    archive: Option<Arc<Archive>>,
}

/// User name and password.
#[derive(Clone)]
struct Login(String, Option<String>);

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login")
    }
}

/// What a request brought in the end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// As it came, compressed or not; of a 2xx answer, or the beginning of another.
    pub(super) body: Vec<u8>,
    /// Name of the record in the archive.
    record: String,
    /// How often it was repeated.
    pub(super) repeats: u32,
    /// What a further repeat would have waited for.
    pub(super) wait: Option<Duration>,
}

/// What came of a request.
pub(super) struct Answered {
    pub(super) page: Result<Page, Refused>,
    /// Where the archive has what the server said.
    pub(super) answer: Option<model::Answer>,
    /// Whether an earlier answer still holds.
    pub(super) holds: bool,
    /// How many requests went to servers for it, redirects and repeats counted, those for robots.txt not.
    pub(super) requests: u64,
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
        let jar = super::cookies::jar(&options.cookies);
        let builder = || -> ClientBuilder {
            Client::builder()
                .redirect(Policy::none())
                .cookie_provider(Arc::clone(&jar))
                .pool_max_idle_per_host(1)
                .connect_timeout(options.connect_timeout)
                .read_timeout(options.read_timeout)
                .timeout(options.total_timeout)
        };
        let free = builder().build().map_err(FetchError::Client)?;
        let guarded = if options.allow_private {
            free.clone()
        } else {
            builder().dns_resolver(Arc::new(guard::PublicOnly::new())).build().map_err(FetchError::Client)?
        };
        let (hosts, named) = (Mutex::default(), Mutex::default());
        Ok(Self { free, guarded, options, hosts, named, archive: None })
    }

    /// The same, with every exchange written to an archive.
    #[must_use]
    pub fn with_archive(self, archive: Arc<Archive>) -> Self {
        Self { archive: Some(archive), ..self }
    }

    /// The archive exchanges are written to.
    pub fn archive(&self) -> Option<&Archive> {
        self.archive.as_deref()
    }

    /// Says that an address was given by hand: its host may be one of a private network. A login it holds is kept for that host, and
    /// stands in no archive, table or message.
    pub fn name(&self, url: &str) {
        let Ok(url) = Url::parse(url) else { return };
        let login = (!url.username().is_empty() || url.password().is_some()).then(|| {
            let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            Login(plain(url.username()), url.password().map(plain))
        });
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        let known = named.entry(url.origin().ascii_serialization()).or_default();
        *known = login.or_else(|| known.take());
    }

    /// Fetches one page: redirects followed, repeated where the server asks for patience or stumbles, decoded as
    /// [`decode_answer`] does. `url` of the page is the address after redirects. Where JSON is expected, the server is asked
    /// for it, and an answer of another kind is a failure; other expectations change nothing.
    ///
    /// # Errors
    ///
    /// A [`Failure`] with one of the reasons `bad_url`, `unsupported_scheme`, `private_address` (where the host was not
    /// [named](Self::name) by hand), `needs_key`, `robots`, `robots_unknown` (where it cannot be had), `unreachable`, `dns`,
    /// `tls`, `timeout`, `broken_answer`, `redirect_loop`, `not_found` (404, 410), `forbidden` (401, 403, 451), `rate_limited`
    /// (429, and 503 with a wait of more than a minute), `server_error` (other 5xx), `http_NNN` (other statuses), and those of
    /// [`decode_answer`]. A host that wants to be left alone, or cannot be reached, is not asked again for a while.
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
        let Answered { page, .. } = self.answer(request, None).await;
        page.map_err(|refused| refused.failure)
    }

    /// The page, and where the archive has what the server said. With an answer of an earlier time it is asked whether that still
    /// holds.
    pub(super) async fn answer(&self, request: &Request, earlier: Option<&Earlier>) -> Answered {
        let mut sent = Sent::of(request);
        if let Some(earlier) = earlier {
            sent.unless(earlier);
        }
        let tally = AtomicU64::new(0);
        let followed = self.follow_redirects(request, sent, &tally).await;
        let requests = tally.into_inner();
        match followed {
            Err(failure) => Answered { page: Err(failure.into()), answer: None, holds: false, requests },
            Ok((origin, answer, reserved)) => {
                let record = model::Answer {
                    record: answer.record.clone(),
                    url: origin.url.clone().unwrap_or_default(),
                    fetched_at: Moment { iso: now(), precision: Precision::Second },
                    reserved,
                };
                let headers = lower_case(&answer.headers);
                let holds = earlier.is_some() && answer.status == StatusCode::NOT_MODIFIED;
                let refusal = (!answer.status.is_success()).then(|| failure::status(&origin, &answer));
                let page = decode_answer(request, answer.body, headers, &record, self.options.max_page_size);
                let page = match refusal {
                    None => page.map_err(Refused::from),
                    Some(failure) => Err(Refused { failure, page: page.ok().map(Box::new) }),
                };
                Answered { page, answer: Some(record), holds, requests }
            }
        }
    }

    /// The last answer, with where it came from and what the host's tdmrep.json says.
    async fn follow_redirects(
        &self,
        request: &Request,
        mut sent: Sent,
        tally: &AtomicU64,
    ) -> Result<(Origin, Answer, Option<String>), Failure> {
        let mut origin = Origin::fetched(&request.url);
        let address = self.with_keys(&request.url, &origin)?;
        let mut at = Url::parse(&address).map_err(|error| failure::no_address(&origin, &request.url, error))?;
        // A login belongs to those who typed it ([`Self::name`]), not to whatever page names it.
        at = without_user(at);
        let mut visited: Vec<Url> = Vec::new();
        // A page may lead elsewhere for a cookie, and be led back to.
        let (mut has_cookie, mut came_back) = (false, false);
        loop {
            at.set_fragment(None);
            origin.url = Some(self.without_keys(at.as_str()));
            permit(&at, &origin)?;
            let (answer, reserved) = self.polite(&at, &sent, &origin, tally).await?;
            let next = target(&at, &answer);
            has_cookie |= answer.headers.contains_key(SET_COOKIE);
            visited.push(at);
            match next {
                None => return Ok((origin, answer, reserved)),
                Some(next) if visited.contains(&next) && (came_back || !has_cookie) => {
                    return Err(failure::redirect_circle(&origin, &next));
                }
                Some(_) if visited.len() > MAX_REDIRECTS => {
                    return Err(failure::too_many_redirects(&origin, MAX_REDIRECTS));
                }
                Some(next) => {
                    came_back |= visited.contains(&next);
                    sent.redirected(answer.status);
                    at = next;
                }
            }
        }
    }

    /// An address with the key it stands for, where it is one of the host the key is for.
    fn with_keys(&self, url: &str, origin: &Origin) -> Result<String, Failure> {
        let Some((before, rest)) = url.split_once(KEY) else { return Ok(url.to_owned()) };
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let known = self.options.keys.get(name).filter(|key| key.is_for(url));
        let Some(key) = known else { return Err(failure::needs_key(origin, name)) };
        Ok(format!("{before}{}{after}", key.encoded()))
    }

    fn without_keys(&self, url: &str) -> String {
        let mut hidden = url.to_owned();
        for (name, key) in &self.options.keys {
            hidden = hidden.replace(&key.encoded(), &format!("{KEY}{name}"));
        }
        hidden
    }

    /// One answer, when it is the host's turn and its robots.txt lets us; and what its tdmrep.json says.
    async fn polite(
        &self,
        url: &Url,
        sent: &Sent,
        origin: &Origin,
        tally: &AtomicU64,
    ) -> Result<(Answer, Option<String>), Failure> {
        self.may_connect(url, origin)?;
        let host = self.host(url);
        let mut host = host.lock().await;
        host.is_open(origin)?;
        let mut reserved = None;
        let asks = match self.options.robots {
            Robots::Obey => true,
            Robots::IgnoreNamed => !self.is_named(url),
            Robots::Ignore => false,
        };
        if asks {
            match host.rules(self, origin).await?.check(url) {
                Verdict::Allowed => {}
                Verdict::Forbidden(rule) => return Err(failure::robots(origin, &host.robots_url(), rule.as_deref())),
                Verdict::Unknown(status) => return Err(failure::robots_unknown(origin, &host.robots_url(), status)),
            }
            reserved = host.reservation(self, url).await;
        }
        let cap = Cap::Refuse(self.options.max_page_size);
        let answer = self.patient(&mut host, url, sent, cap, origin, tally).await?;
        Ok((answer, reserved))
    }

    /// Whether the host may be asked at all: a page must not steer the reader's machine into a network of its own.
    pub(super) fn may_connect(&self, url: &Url, origin: &Origin) -> Result<(), Failure> {
        if self.options.allow_private || self.is_named(url) || !guard::is_private_literal(url) {
            return Ok(());
        }
        Err(failure::private(origin, url.host_str().unwrap_or_default()))
    }

    fn is_named(&self, url: &Url) -> bool {
        let named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        named.contains_key(&url.origin().ascii_serialization())
    }

    fn login(&self, url: &Url) -> Option<Login> {
        let named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        named.get(&url.origin().ascii_serialization())?.clone()
    }

    /// One answer, after repeats if need be; each adds to the tally.
    pub(super) async fn patient(
        &self,
        host: &mut Host,
        url: &Url,
        sent: &Sent,
        cap: Cap,
        origin: &Origin,
        tally: &AtomicU64,
    ) -> Result<Answer, Failure> {
        let mut attempt = 0;
        loop {
            host.turn(self.options.interval).await;
            tally.fetch_add(1, Ordering::Relaxed);
            let outcome = self.once(url, sent, cap).await;
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
                        Ok(answer) => {
                            if failure::is_rate_limit(answer.status, wait) {
                                host.shut(wait.unwrap_or_default(), failure::left_alone(origin));
                            }
                            Ok(Answer { repeats: attempt, wait, ..answer })
                        }
                        Err(trouble) => {
                            let failure = failure::trouble(origin, &trouble, &self.options);
                            if matches!(&trouble, Trouble::Network(error) if error.is_connect()) {
                                host.shut(UNREACHABLE, failure.clone());
                            }
                            Err(failure)
                        }
                    };
                }
            }
        }
    }

    pub(super) async fn once(&self, url: &Url, sent: &Sent, cap: Cap) -> Result<Answer, Trouble> {
        let mut sent = sent.clone();
        let name = self.options.user_agent();
        // Checked when the client was made.
        sent.headers.extend(HeaderValue::from_str(&name).ok().map(|name| (USER_AGENT, name)));
        let client = if self.is_named(url) { &self.free } else { &self.guarded };
        let mut asking = client.request(sent.method.clone(), url.clone()).headers(sent.headers.clone());
        if sent.method == Method::POST {
            asking = asking.body(sent.body.clone());
        }
        if let Some(Login(user, password)) = self.login(url) {
            asking = asking.basic_auth(user, password);
        }
        let at = now();
        let mut response = asking.send().await?;
        let (status, headers, address) = (response.status(), response.headers().clone(), response.remote_addr());
        let cap = if status.is_success() { cap } else { Cap::Cut(REFUSAL) };
        let mut body = Vec::new();
        let trouble = receive(&mut response, cap, &mut body).await.err();
        let cut = trouble.as_ref().map(|trouble| match trouble {
            Trouble::TooLarge => "length",
            Trouble::Network(error) if error.is_timeout() => "time",
            Trouble::Network(_) => "disconnect",
        });
        let seen = Url::parse(&self.without_keys(url.as_str())).unwrap_or_else(|_| url.clone());
        let exchange = Exchange { url: &seen, sent: &sent, at, address, status, headers: &headers, body: &body, cut };
        let record = self.archive.as_ref().map(|archive| archive.exchange(&exchange)).unwrap_or_default();
        match trouble {
            // Of a refusal what says why is welcome, not needed.
            Some(trouble) if status.is_success() => Err(trouble),
            _ => Ok(Answer { status, headers, body, record, repeats: 0, wait: None }),
        }
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
    // A login that a page hands out is not ours.
    Some(without_user(next))
}

/// An address without user name and password.
fn without_user(mut url: Url) -> Url {
    // Both fail only for addresses without a host, which hold no password.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
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
        assert_eq!(without_user(Url::parse("https://me:secret@a.example/x").unwrap()).as_str(), "https://a.example/x");
    }
}
