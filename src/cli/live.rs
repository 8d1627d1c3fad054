//! A live thread: the article's page, then every further request its site asks for.

use std::collections::{HashSet, VecDeque};

use url::Url;

use crate::fetch::Fetcher;
use crate::model::{Failure, Page, Request};
use crate::site::{self, Fragment, Next};

/// What following one address brought.
#[derive(Debug, Default)]
pub(super) struct Followed {
    pub(super) fragments: Vec<Fragment>,
    pub(super) failures: Vec<Failure>,
}

/// Fetches a page and what its thread needs, one request after the other, at most `max_requests`.
pub(super) async fn follow(fetcher: &Fetcher, url: &str, max_requests: usize) -> Followed {
    let mut followed = Followed::default();
    let mut notes = Vec::new();
    let mut asked: HashSet<Request> = HashSet::new();
    let mut failed: HashSet<Request> = HashSet::new();
    let mut waiting: VecDeque<Next> = VecDeque::new();

    let first = Request::get(url);
    let home = match fetcher.get(&first).await.and_then(|page| Ok((site::read(&page)?, page.url))) {
        Ok((fragment, served)) => {
            asked.insert(first);
            waiting.extend(fragment.next.iter().cloned());
            followed.fragments.push(fragment);
            served.as_deref().and_then(host)
        }
        Err(failure) => {
            followed.failures.push(failure);
            return followed;
        }
    };
    while let Some(Next { request, optional, otherwise }) = waiting.pop_front() {
        if !asked.insert(request.clone()) {
            if failed.contains(&request) {
                waiting.extend(otherwise);
            }
            continue;
        }
        // A page must not steer the reader's machine to other hosts, such as those of its own network.
        if host(&request.url) != home {
            notes.push(format!("{} is on another host than the article and was not asked", request.url));
            waiting.extend(otherwise);
            continue;
        }
        if asked.len() > max_requests {
            notes.push(format!("stopped after {max_requests} requests; raise --max-requests for the rest"));
            break;
        }
        match read(fetcher.get(&request).await) {
            Ok(fragment) => {
                let hidden = fragment.comments.is_empty()
                    && followed.fragments.iter().any(|shown| shown.stated_count.is_some_and(|count| count > 0));
                if hidden && !otherwise.is_empty() {
                    failed.insert(request);
                    waiting.extend(otherwise);
                }
                waiting.extend(fragment.next.iter().cloned());
                followed.fragments.push(fragment);
            }
            Err(failure) if optional => {
                notes.push(format!(
                    "{} did not answer with comments ({}); read from the article's pages, which may lack answers to \
                     deleted comments",
                    request.url, failure.reason
                ));
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

/// Host, without `www.`, and port of an address.
fn host(address: &str) -> Option<(String, Option<u16>)> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    Some((host.strip_prefix("www.").unwrap_or(host).to_owned(), url.port()))
}

fn read(page: Result<Page, Failure>) -> Result<Fragment, Failure> {
    site::read(&page?)
}
