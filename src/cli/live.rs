//! A live thread: the article's page, then every further request its site asks for. Where the pages come from, the web or an
//! archive of an earlier run, is all the same: what was done once can be done again.

use std::collections::{HashSet, VecDeque};
use std::future::Future;

use super::road::parse_page;
use super::summary::plural;
use crate::fetch::{self, Fresh};
use crate::input::{Capture, Captures};
use crate::model::{Comment, Failure, Limits, Page, PageKind, Refused, Request, Stage};
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
    /// Whether a limit ended it before its end.
    pub(super) stopped: bool,
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

    /// How many different comments came; those that have only places are different on every page.
    fn comments(&self) -> usize {
        let (placed, named): (Vec<&Fragment>, Vec<&Fragment>) =
            self.fragments.iter().partition(|fragment| fragment.origin == site::Origin::Structure);
        let ids: HashSet<&str> = named.iter().flat_map(|fragment| &fragment.comments).map(|c| c.id.as_str()).collect();
        ids.len() + placed.iter().map(|fragment| fragment.comments.len()).sum::<usize>()
    }

    /// Tells of an earlier snapshot that has more of the thread than came now, where something failed or nothing came.
    pub(super) fn remember<'a>(&mut self, before: impl FnOnce() -> Option<&'a Capture>) {
        let came = self.comments() as u64;
        if came > 0 && self.failures.is_empty() {
            return;
        }
        let Some(before) = before() else { return };
        let had = before.visit.as_ref().map_or(0, |visit| visit.parsed_count);
        if had <= came {
            return;
        }
        let told = format!("an earlier snapshot has {had} comments of it: causerie analyze … --as-of {}", before.at);
        match self.fragments.first_mut() {
            Some(first) => first.notes.push(told),
            None => {
                for failure in &mut self.failures {
                    failure.message += "; ";
                    failure.message += &told;
                }
            }
        }
    }

    /// Whether clearly fewer comments came than the site says there are: counts take in what is no comment, such as links from
    /// other sites.
    fn lacks_many(&self) -> bool {
        let stated = self.fragments.iter().filter_map(|fragment| fragment.stated_count).max().unwrap_or_default();
        let came = self.comments() as u64;
        stated.saturating_sub(came).saturating_mul(10) > stated
    }
}

/// Fetches a page and what its thread needs, one request after the other, within the limits.
pub(super) async fn follow(source: &impl Source, url: &str, limits: &Limits) -> Followed {
    let mut walk = Walk::of(url);
    let first = Request::get(url);
    match read(source.get(&first).await) {
        Ok(fragment) => {
            walk.asked.insert(first);
            walk.begin(url, fragment);
        }
        Err(failure) => {
            // What is no address is never asked.
            walk.followed.requests -= usize::from(matches!(failure.reason.as_str(), "bad_url" | "unsupported_scheme"));
            walk.followed.failures.push(failure);
            return walk.followed;
        }
    }
    while let Some(next) = walk.next() {
        if let Some(stop) = enough(&walk.followed, limits) {
            walk.followed.stopped = stop.by_limit;
            walk.notes.push(stop.note);
            break;
        }
        walk.followed.requests += 1;
        match read(source.get(&next.request).await) {
            Ok(fragment) => walk.came(next, fragment),
            // What else there is to ask would only make it worse.
            Err(failure) if failure.reason == RATE_LIMITED => {
                walk.notes.push(format!("{} is missing ({}), and what follows it", next.request.url, failure.reason));
                walk.followed.failures.push(failure);
                break;
            }
            Err(failure) => walk.failed(next, failure),
        }
    }
    if let Some(first) = walk.followed.fragments.first_mut() {
        first.notes.extend(walk.notes);
    }
    walk.followed
}

/// A thread on its way: what came, and what is still to be asked.
struct Walk {
    followed: Followed,
    notes: Vec<String>,
    asked: HashSet<Request>,
    failed: HashSet<Request>,
    waiting: VecDeque<Next>,
    /// Other ways to what came already, for the case that it turns out to be too little.
    spare: Vec<Next>,
    /// All that following an address brings is of one thread, whatever the answers call it.
    key: String,
}

impl Walk {
    fn of(url: &str) -> Self {
        Self {
            followed: Followed { requests: 1, ..Followed::default() },
            notes: Vec::new(),
            asked: HashSet::new(),
            failed: HashSet::new(),
            waiting: VecDeque::new(),
            spare: Vec::new(),
            key: format!("followed:{url}"),
        }
    }

    /// What is asked next, if anything: what failed or was asked before is not, but what stands in for it is.
    fn next(&mut self) -> Option<Next> {
        loop {
            if self.waiting.is_empty() && !self.spare.is_empty() && self.followed.lacks_many() {
                self.waiting.extend(self.spare.drain(..));
            }
            let next = self.waiting.pop_front()?;
            if self.asked.insert(next.request.clone()) {
                return Some(next);
            }
            if self.failed.contains(&next.request) {
                self.waiting.extend(next.otherwise);
            }
        }
    }

    /// The page that was asked for.
    fn begin(&mut self, url: &str, mut fragment: Fragment) {
        if let Some(came) = fragment.page_url.as_deref().filter(|came| site::is_elsewhere(url, came)) {
            self.notes.push(format!("{url} led to {came}, which is what was read"));
        }
        self.waiting.extend(fragment.next.iter().cloned());
        fragment.keys.push(self.key.clone());
        self.followed.fragments.push(fragment);
    }

    /// A further page or answer.
    fn came(&mut self, next: Next, mut fragment: Fragment) {
        let Next { request, optional, otherwise } = next;
        let shown = &self.followed.fragments;
        let hidden =
            fragment.comments.is_empty() && shown.iter().any(|shown| shown.stated_count.is_some_and(|count| count > 0));
        if hidden && !otherwise.is_empty() {
            self.failed.insert(request);
            self.waiting.extend(otherwise);
        } else {
            self.spare.extend(otherwise);
            if !optional && is_page_without_comments(&request, &fragment, shown) {
                self.lacks(&request, &mut fragment);
            }
        }
        let mut further = fragment.next.clone();
        further.retain(|next| {
            self.failed.contains(&next.request) || !self.asked.contains(&next.request) && !self.waiting.contains(next)
        });
        // A server that gives the same page under ever new addresses would never end.
        if !further.is_empty() && self.followed.fragments.iter().any(|shown| says_the_same(shown, &fragment)) {
            if self.followed.lacks_many() {
                self.notes.push(format!("{} repeats what was there already and was not followed", fragment.source));
            }
            further.clear();
        }
        self.waiting.extend(further);
        fragment.keys.push(self.key.clone());
        self.followed.fragments.push(fragment);
    }

    /// A further page of the thread came and holds none of it: a wall, a page for all that is gone.
    fn lacks(&mut self, request: &Request, fragment: &mut Fragment) {
        let wall = fragment.failures.iter().position(site::is_void_with_comments);
        let failure = match wall {
            Some(at) => fragment.failures.remove(at),
            None => Failure {
                source: fragment.source.clone(),
                url: Some(request.url.clone()),
                stage: Stage::Parse,
                reason: "no_comments".to_owned(),
                message: "a further page of the thread holds no comments, and what only it leads to is missing; look at it in a \
                          browser, and fetch the thread again"
                    .to_owned(),
            },
        };
        self.notes.push(format!("{} came without comments ({})", request.url, failure.reason));
        self.followed.failures.push(failure);
    }

    /// A request that brought nothing.
    fn failed(&mut self, next: Next, failure: Failure) {
        let Next { request, optional, otherwise } = next;
        if optional || !otherwise.is_empty() {
            let instead = if otherwise.is_empty() {
                "what the page shows is kept"
            } else {
                "read another way, which may lack some"
            };
            self.notes.push(format!("{} did not answer with comments ({}); {instead}", request.url, failure.reason));
            self.failed.insert(request);
            self.waiting.extend(otherwise);
        } else {
            self.notes.push(format!("{} is missing ({}), and what only it leads to", request.url, failure.reason));
            self.followed.failures.push(failure);
        }
    }
}

/// Whether a page that was to hold more of a thread, as those before it do, holds none, and leads to none.
fn is_page_without_comments(request: &Request, fragment: &Fragment, shown: &[Fragment]) -> bool {
    let host = |url: Option<&str>| Some(url::Url::parse(url?).ok()?.host_str()?.to_owned());
    let first = shown.first();
    request.expect == Some(PageKind::Html)
        && fragment.comments.is_empty()
        && fragment.next.is_empty()
        && fragment.stated_count != Some(0)
        && first.is_some_and(|first| !first.comments.is_empty())
        && host(Some(&request.url)) == host(first.and_then(|first| first.page_url.as_deref()))
}

/// Why no more is asked for.
struct Enough {
    note: String,
    /// Whether the thread has more that was wanted.
    by_limit: bool,
}

/// Why no more is asked for, where a limit is reached.
fn enough(followed: &Followed, limits: &Limits) -> Option<Enough> {
    let limit = |note: String| Some(Enough { note, by_limit: true });
    if followed.requests >= limits.max_requests {
        let asked = plural(followed.requests as u64, "request");
        return limit(format!("stopped after {asked}; raise --max-requests for the rest"));
    }
    if let Some(most) = limits.max_comments {
        let comments = followed.comments();
        if comments >= most {
            let came = plural(comments as u64, "comment");
            return limit(format!("stopped after {came}; raise --max-comments for the rest"));
        }
    }
    let since = limits.since.as_deref()?;
    is_past(&followed.fragments, since)
        .then(|| Enough { note: format!("stopped at comments older than {since} (--since)"), by_limit: false })
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
