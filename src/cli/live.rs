//! A live thread: the article's page, then every further request its site asks for. Where the pages come from, the web or an
//! archive of an earlier run, is all the same: what was done once can be done again.

use std::collections::{HashSet, VecDeque};
use std::future::Future;

use super::road::parse_page;
use crate::fetch::{self, Fresh};
use crate::input::Captures;
use crate::model::{Comment, Failure, Limits, Page, Refused, Request};
use crate::site::{self, Fragment, Next};

/// Reason of the failure of a host that wants to be left alone.
pub(super) const RATE_LIMITED: &str = "rate_limited";

/// Where pages come from.
pub(super) trait Source: Sync {
    /// The page a request brings, or why there is none.
    fn get(&self, request: &Request) -> impl Future<Output = Result<Page, Refused>> + Send;
}

/// A capture of an archive, done again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replay<'a> {
    pub(super) archive: &'a Captures,
    pub(super) capture: usize,
    pub(super) max_page_size: u64,
}

impl Source for Replay<'_> {
    async fn get(&self, request: &Request) -> Result<Page, Refused> {
        let outcome = self.archive.outcome(self.capture, request, true, self.max_page_size);
        outcome.unwrap_or_else(|| Err(Captures::not_fetched(request).into()))
    }
}

/// A capture that was broken off, gone on with: what it has is not asked again, the rest is had as `then` has it.
pub(super) struct Resumed<'a, S> {
    pub(super) had: Replay<'a>,
    pub(super) then: S,
}

impl<S: Source> Source for Resumed<'_, S> {
    async fn get(&self, request: &Request) -> Result<Page, Refused> {
        let Replay { archive, capture, max_page_size } = self.had;
        match archive.outcome(capture, request, false, max_page_size) {
            Some(outcome) => outcome,
            None => self.then.get(request).await,
        }
    }
}

/// The web, where an archive has an earlier snapshot or not: servers are asked whether what they gave before still holds.
pub(super) struct Renewed<'a> {
    pub(super) had: Option<Replay<'a>>,
    pub(super) live: &'a fetch::Capture<'a>,
}

impl Source for Renewed<'_> {
    async fn get(&self, request: &Request) -> Result<Page, Refused> {
        let Some(Replay { archive, capture, max_page_size }) = self.had else { return self.live.get(request).await };
        let Some(earlier) = archive.earlier(capture, request) else { return self.live.get(request).await };
        match self.live.get_again(request, &earlier).await? {
            Fresh::Changed(page) => Ok(page),
            Fresh::Same(answer) => archive.page(request, &answer, max_page_size).map_err(Refused::from),
        }
    }
}

/// What following one address brought.
#[derive(Debug, Default)]
pub(super) struct Followed {
    pub(super) fragments: Vec<Fragment>,
    pub(super) failures: Vec<Failure>,
    /// How many requests it took.
    pub(super) requests: usize,
}

impl Followed {
    /// Whether the host asked to be left alone for a while.
    pub(super) fn is_rate_limited(&self) -> bool {
        self.failures.iter().any(|failure| failure.reason == RATE_LIMITED)
    }

    /// What failed: requests, and parts of answers; where comments came, a page that lacks them lacks nothing.
    pub(super) fn all_failures(&self) -> Vec<Failure> {
        let some = self.comments() > 0;
        let parts = self.fragments.iter().flat_map(|fragment| &fragment.failures);
        let missed = parts.filter(|failure| !(some && site::is_void_with_comments(failure)));
        self.failures.iter().chain(missed).cloned().collect()
    }

    fn comments(&self) -> usize {
        self.fragments.iter().map(|fragment| fragment.comments.len()).sum()
    }
}

/// Fetches a page and what its thread needs, one request after the other, within the limits.
pub(super) async fn follow(source: &impl Source, url: &str, limits: &Limits) -> Followed {
    let mut followed = Followed { requests: 1, ..Followed::default() };
    let mut notes = Vec::new();
    let mut asked: HashSet<Request> = HashSet::new();
    let mut failed: HashSet<Request> = HashSet::new();
    let mut waiting: VecDeque<Next> = VecDeque::new();

    let first = Request::get(url);
    // All that following an address brings is of one thread, whatever the answers call it.
    let key = format!("followed:{url}");
    match read(source.get(&first).await) {
        Ok(mut fragment) => {
            asked.insert(first);
            waiting.extend(fragment.next.iter().cloned());
            fragment.keys.push(key.clone());
            followed.fragments.push(fragment);
        }
        Err(failure) => {
            // What is no address is never asked.
            followed.requests -= usize::from(matches!(failure.reason.as_str(), "bad_url" | "unsupported_scheme"));
            followed.failures.push(failure);
            return followed;
        }
    }
    while let Some(Next { request, optional, otherwise }) = waiting.pop_front() {
        if !asked.insert(request.clone()) {
            if failed.contains(&request) {
                waiting.extend(otherwise);
            }
            continue;
        }
        if let Some(note) = enough(&followed, limits) {
            notes.push(note);
            break;
        }
        followed.requests += 1;
        match read(source.get(&request).await) {
            Ok(mut fragment) => {
                let hidden = fragment.comments.is_empty()
                    && followed.fragments.iter().any(|shown| shown.stated_count.is_some_and(|count| count > 0));
                if hidden && !otherwise.is_empty() {
                    failed.insert(request);
                    waiting.extend(otherwise);
                }
                let mut next = fragment.next.clone();
                next.retain(|next| {
                    failed.contains(&next.request) || !asked.contains(&next.request) && !waiting.contains(next)
                });
                // A server that gives the same page under ever new addresses would never end.
                if !next.is_empty() && followed.fragments.iter().any(|shown| says_the_same(shown, &fragment)) {
                    notes.push(format!("{} repeats what was there already and was not followed", fragment.source));
                    next.clear();
                }
                waiting.extend(next);
                fragment.keys.push(key.clone());
                followed.fragments.push(fragment);
            }
            // What else there is to ask would only make it worse.
            Err(failure) if failure.reason == RATE_LIMITED => {
                notes.push(format!("{} is missing ({}), and what follows it", request.url, failure.reason));
                followed.failures.push(failure);
                break;
            }
            Err(failure) if optional || !otherwise.is_empty() => {
                let instead = if otherwise.is_empty() {
                    "what the page shows is kept"
                } else {
                    "read another way, which may lack some"
                };
                notes.push(format!("{} did not answer with comments ({}); {instead}", request.url, failure.reason));
                failed.insert(request);
                waiting.extend(otherwise);
            }
            Err(failure) => {
                notes.push(format!("{} is missing ({})", request.url, failure.reason));
                followed.failures.push(failure);
            }
        }
    }
    if let Some(first) = followed.fragments.first_mut() {
        first.notes.extend(notes);
    }
    followed
}

/// Why no more is asked for, where a limit is reached.
fn enough(followed: &Followed, limits: &Limits) -> Option<String> {
    if followed.requests >= limits.max_requests {
        return Some(format!("stopped after {} requests; raise --max-requests for the rest", followed.requests));
    }
    let comments = followed.comments();
    if limits.max_comments.is_some_and(|most| comments >= most) {
        return Some(format!("stopped after {comments} comments; raise --max-comments for the rest"));
    }
    let since = limits.since.as_deref()?;
    is_past(&followed.fragments, since).then(|| format!("stopped at comments older than {since} (--since)"))
}

/// Whether the site gives the newest comments first, and the last answer's are all older than a day: what follows is older still.
/// Where the oldest come first, all must be read to reach the newest.
fn is_past(fragments: &[Fragment], since: &str) -> bool {
    let with_comments = |fragment: &&Fragment| !fragment.comments.is_empty();
    let Some(last) = fragments.iter().rev().find(with_comments) else { return false };
    let days = |fragment: &Fragment| -> Vec<String> {
        let day = |iso: &str| iso.get(..since.len()).map(str::to_owned);
        fragment.comments.iter().filter_map(|comment| day(&comment.posted_at.as_ref()?.iso)).collect()
    };
    let first = fragments.iter().filter(|fragment| fragment.origin == last.origin).find(with_comments).unwrap_or(last);
    let (last, first) = (days(last), days(first));
    let falls = last.iter().max() < first.iter().max() || last.first() > last.last();
    falls && last.iter().all(|day| day.as_str() < since)
}

/// Whether an answer holds the very comments of another.
fn says_the_same(one: &Fragment, other: &Fragment) -> bool {
    let said = |fragment: &'_ Fragment| fragment.comments.len() > 1 && fragment.origin == one.origin;
    let same = |(one, other): (&Comment, &Comment)| one.id == other.id && one.text == other.text;
    said(one)
        && said(other)
        && one.comments.len() == other.comments.len()
        && one.comments.iter().zip(&other.comments).all(same)
}

fn read(page: Result<Page, Refused>) -> Result<Fragment, Failure> {
    match page {
        Ok(page) => parse_page(&page),
        // What the server said instead may tell more than its status.
        Err(Refused { failure, .. }) if failure.reason == RATE_LIMITED => Err(failure),
        Err(Refused { failure, page }) => Err(page
            .and_then(|page| site::wall(&page))
            .map_or(failure.clone(), |wall| Failure { stage: failure.stage, ..wall })),
    }
}
