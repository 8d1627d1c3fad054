//! What went wrong on the way to a page → [`Failure`]: one stable reason a cause, and what to do next.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use reqwest::StatusCode;
use url::Url;

use super::FetchOptions;
use super::client::Answer;
use super::exchange::Trouble;
use super::guard::PrivateAddress;
use crate::input::Origin;
use crate::model::Failure;

/// A wait that is no stumbling any more.
const LONG: Duration = Duration::from_mins(1);

const SAVE_IT: &str = "open it in a browser, save it and give the file";

/// Whether the same request may succeed a moment later: a connection that broke, not one that never was.
pub(super) fn may_pass(error: &reqwest::Error) -> bool {
    !error.is_timeout() && !error.is_connect() && !error.is_builder()
}

/// What is no address.
pub(super) fn no_address(origin: &Origin, given: &str, error: url::ParseError) -> Failure {
    let host = given.split(['/', '?', '#']).next().unwrap_or_default();
    let looks_like_one = host.contains('.') && Url::parse(&format!("https://{given}")).is_ok();
    let hint = if Path::new(given).is_file() {
        format!("; a file of addresses is given with -i: causerie fetch -i {given} -o archive/")
    } else if looks_like_one {
        format!("; is https://{given} meant?")
    } else {
        "; it should begin with https://".to_owned()
    };
    origin.fail("bad_url", format!("not a web address ({error}){hint}"))
}

/// No answer at all.
pub(super) fn trouble(origin: &Origin, trouble: &Trouble, options: &FetchOptions) -> Failure {
    let error = match trouble {
        Trouble::TooLarge => return origin.too_large(options.max_page_size),
        Trouble::Network(error) => error,
    };
    let cause = innermost(error);
    if error.is_timeout() {
        let message = if error.is_connect() {
            format!("no connection within {:?}; try again later", options.connect_timeout)
        } else {
            format!(
                "the server did not finish its answer in time (at most {:?} of silence, {:?} in all); try again later",
                options.read_timeout, options.total_timeout
            )
        };
        return origin.fail("timeout", message);
    }
    if is_tls(error) {
        let message = format!("no secure connection: {cause}; check the address and this computer's clock");
        return origin.fail("tls", message);
    }
    if let Some(refused) = source_of::<PrivateAddress>(error) {
        return private(origin, &refused.0);
    }
    if error.is_connect() && causes(error).any(|cause| cause.starts_with("dns error")) {
        let message = format!(
            "there is no such host, or names cannot be looked up here ({cause}); check the address's spelling and the network"
        );
        return origin.fail("dns", message);
    }
    if error.is_connect() {
        let proxy = proxy().map(|name| format!(", and the proxy that {name} names")).unwrap_or_default();
        let message = format!("the host cannot be reached: {cause}; check the address{proxy} and the network");
        return origin.fail("unreachable", message);
    }
    origin.fail("broken_answer", format!("the connection broke or the answer is damaged: {cause}; try again later"))
}

/// The environment's variable that puts a proxy in between, if one does.
fn proxy() -> Option<&'static str> {
    const NAMES: [&str; 6] = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
    NAMES.into_iter().find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// The last word of an error that wraps others.
fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().unwrap_or_else(|| error.to_string())
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = String> {
    std::iter::successors(error.source(), |cause| (*cause).source()).map(ToString::to_string)
}

/// The TLS library is not ours to name types of; its words are stable enough.
fn is_tls(error: &reqwest::Error) -> bool {
    const WORDS: [&str; 5] = ["certificate", "handshake", "tls", "corrupt message", "peer misbehaved"];
    error.is_connect()
        && causes(error).any(|cause| {
            let cause = cause.to_lowercase();
            WORDS.iter().any(|word| cause.contains(word))
        })
}

/// Whether a server wants to be left alone: by the status for that, or by naming a time far off.
pub(super) fn is_rate_limit(status: StatusCode, wait: Option<Duration>) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::SERVICE_UNAVAILABLE && wait.is_some_and(|wait| wait > LONG)
}

/// A host that said so a while ago.
pub(super) fn left_alone(origin: &Origin) -> Failure {
    origin.fail("rate_limited", "not asked: the host wants to be left alone; run again later, or raise --interval")
}

/// A final answer that is not the page.
pub(super) fn status(origin: &Origin, answer: &Answer) -> Failure {
    let status = answer.status;
    let times = if answer.repeats == 0 { String::new() } else { format!(", {} times in a row", answer.repeats + 1) };
    match status.as_u16() {
        404 | 410 => origin.fail("not_found", format!("no such page ({status}); check the address")),
        401 | 403 | 451 => {
            origin.fail("forbidden", format!("the server does not give this page out ({status}); {SAVE_IT}"))
        }
        429 | 503 if is_rate_limit(status, answer.wait) => {
            let wait = answer.wait.map_or(0, |wait| wait.as_secs());
            let wait = match wait {
                0..=1 => "a second".to_owned(),
                2..=120 => format!("{wait} seconds"),
                _ => format!("{} minutes", wait.div_ceil(60)),
            };
            let message = if status == StatusCode::TOO_MANY_REQUESTS {
                format!(
                    "too many requests: the server refuses{times} ({status}); run again in {wait} or later, or raise --interval"
                )
            } else {
                format!("the server is closed for now{times} ({status}); run again in {wait} or later")
            };
            origin.fail("rate_limited", message)
        }
        500.. => origin.fail("server_error", format!("the server failed{times} ({status}); try again later")),
        code => origin.fail(format!("http_{code}"), format!("the server answered {status}; {SAVE_IT}")),
    }
}

/// A redirect to where we have been.
pub(super) fn redirect_circle(origin: &Origin, next: &Url) -> Failure {
    let message = format!("the server redirects in a circle, back to {}; {SAVE_IT}", next.path());
    origin.fail("redirect_loop", message)
}

/// Redirects that do not end.
pub(super) fn too_many_redirects(origin: &Origin, most: usize) -> Failure {
    origin.fail("redirect_loop", format!("more than {most} redirects, one after the other; {SAVE_IT}"))
}

/// A page robots.txt keeps us from.
pub(super) fn robots(origin: &Origin, robots_url: &str, rule: Option<&str>) -> Failure {
    let rule = rule.map(|rule| format!(" by \"{rule}\"")).unwrap_or_default();
    let message =
        format!("{robots_url} forbids this address{rule}; {SAVE_IT}, or with the site's leave --robots ignore");
    origin.fail("robots", message)
}

/// A robots.txt that cannot be had.
pub(super) fn robots_unknown(origin: &Origin, robots_url: &str, status: u16) -> Failure {
    let message = format!(
        "{robots_url} answers {status}, which forbids every address until it is repaired; try again later, \
         or with the site's leave --robots ignore"
    );
    origin.fail("robots_unknown", message)
}

/// An interface that answers keys only.
pub(super) fn needs_key(origin: &Origin, name: &str) -> Failure {
    let message = format!(
        "{name} gives this to keys of your own only: make one in your account there and give --key {name}=KEY (the archive will not \
         hold it)"
    );
    origin.fail("needs_key", message)
}

/// A host of a private network that nobody named.
pub(super) fn private(origin: &Origin, host: &str) -> Failure {
    let message = format!(
        "a page or redirect leads to {host}, in a network of this computer's own; it was not asked. If that is meant, give \
         --allow-private"
    );
    origin.fail("private_address", message)
}

/// The error of a kind among what an error wraps.
fn source_of<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    std::iter::successors(error.source(), |cause| (*cause).source()).find_map(|cause| {
        let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause.downcast_ref().or_else(|| inner?.downcast_ref())
    })
}
