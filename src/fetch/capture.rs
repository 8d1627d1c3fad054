use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use super::Fetcher;
use super::archive::now;
use super::client::Answered;
use crate::model::{Answer, Earlier, Entry, Failure, Limits, Outcome, Page, Refused, Request, Visit};

/// One following of one address, entered in the client's archive if it has one.
#[derive(Debug)]
pub struct Capture<'f> {
    fetcher: &'f Fetcher,
    name: String,
    /// Requests for pages that went out, redirects and repeats counted, and how many pages they were for.
    sent: AtomicU64,
    asked: AtomicU64,
}

/// What a server says of a page it gave before.
#[derive(Debug)]
pub enum Fresh {
    /// It changed: the page as it is now.
    Changed(Page),
    /// It is the same: where the archive has it, and that it was asked for now.
    Same(Answer),
}

impl Fetcher {
    /// Begins to follow an address given by hand, the `number`th of its archive.
    pub fn capture(&self, run: &str, seed: &str, number: u64, limits: &Limits) -> Capture<'_> {
        let capture = self.capture_again(seed, Uuid::new_v4().urn().to_string());
        capture.enter(&Entry::Begun {
            capture: capture.name.clone(),
            run: run.to_owned(),
            seed: seed.to_owned(),
            number,
            at: now(),
            limits: limits.clone(),
        });
        capture
    }

    /// Goes on with a capture that was broken off.
    pub fn capture_again(&self, seed: &str, name: String) -> Capture<'_> {
        self.name(seed);
        Capture { fetcher: self, name, sent: AtomicU64::new(0), asked: AtomicU64::new(0) }
    }
}

impl Capture<'_> {
    /// How many requests went out for pages, redirects and repeats counted, and how many pages were asked for: some may not have
    /// been sent, as to a host that wants to be left alone.
    pub fn requests(&self) -> (u64, u64) {
        (self.sent.load(Ordering::Relaxed), self.asked.load(Ordering::Relaxed))
    }

    /// Fetches one page, as [`Fetcher::get`] does.
    ///
    /// # Errors
    /// Why there is no page, with what the server said instead where that is one.
    pub async fn get(&self, request: &Request) -> Result<Page, Refused> {
        let answered = self.fetcher.answer(request, None).await;
        self.count(&answered);
        self.enter_asked(request, answered)
    }

    /// The same, where an answer of an earlier time is at hand: that answer as of now, if the server says that it still holds.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn get_again(&self, request: &Request, earlier: &Earlier) -> Result<Fresh, Refused> {
        let answered = self.fetcher.answer(request, Some(earlier)).await;
        self.count(&answered);
        match &answered.answer {
            Some(now) if answered.holds => {
                let answer = Answer { record: earlier.answer.record.clone(), ..now.clone() };
                self.enter_outcome(request, Outcome::Answer(answer.clone()));
                Ok(Fresh::Same(answer))
            }
            _ => self.enter_asked(request, answered).map(Fresh::Changed),
        }
    }

    fn count(&self, answered: &Answered) {
        self.sent.fetch_add(answered.requests, Ordering::Relaxed);
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

    fn enter_asked(&self, request: &Request, answered: Answered) -> Result<Page, Refused> {
        let Answered { page, answer, .. } = answered;
        let outcome = match (&page, answer) {
            (Ok(_), Some(answer)) => Outcome::Answer(answer),
            (Err(refused), answer) => {
                let answer = answer.filter(|_| refused.page.is_some());
                Outcome::Refused { failure: refused.failure.clone(), answer }
            }
            (Ok(_), None) => unreachable!("a page comes with its answer"),
        };
        self.enter_outcome(request, outcome);
        page
    }

    fn enter_outcome(&self, request: &Request, outcome: Outcome) {
        self.enter(&Entry::Asked { capture: self.name.clone(), request: request.clone(), outcome });
    }

    /// Says that the address was followed to the end, what it came to, and what failed on the way.
    pub fn end(self, visit: Visit, failures: Vec<Failure>) {
        self.enter(&Entry::Ended { capture: self.name.clone(), visit, failures });
    }

    fn enter(&self, entry: &Entry) {
        if let Some(archive) = self.fetcher.archive() {
            archive.entry(entry);
        }
    }
}
