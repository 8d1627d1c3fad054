use uuid::Uuid;

use super::Fetcher;
use super::archive::now;
use crate::input::without_login;
use crate::model::{Entry, Failure, Limits, Outcome, Page, Refused, Request, Visit};

/// One following of one address, entered in the client's archive if it has one.
#[derive(Debug)]
pub struct Capture<'f> {
    fetcher: &'f Fetcher,
    name: String,
}

impl Fetcher {
    /// Begins to follow an address given by hand, the `number`th of its archive.
    pub fn capture(&self, run: &str, seed: &str, number: u64, limits: &Limits) -> Capture<'_> {
        let capture = self.capture_again(seed, Uuid::new_v4().urn().to_string());
        capture.enter(&Entry::Begun {
            capture: capture.name.clone(),
            run: run.to_owned(),
            seed: without_login(seed),
            number,
            at: now(),
            limits: limits.clone(),
        });
        capture
    }

    /// Goes on with a capture that was broken off.
    pub fn capture_again(&self, seed: &str, name: String) -> Capture<'_> {
        self.name(seed);
        Capture { fetcher: self, name }
    }
}

impl Capture<'_> {
    /// Fetches one page, as [`Fetcher::get`] does.
    ///
    /// # Errors
    /// Why there is no page, with what the server said instead where that is one.
    pub async fn get(&self, request: &Request) -> Result<Page, Refused> {
        let (page, answer) = self.fetcher.answer(request).await;
        let outcome = match (&page, answer) {
            (Ok(_), Some(answer)) => Outcome::Answer(answer),
            (Err(refused), answer) => {
                Outcome::Refused { failure: refused.failure.clone(), answer: answer.filter(|_| refused.page.is_some()) }
            }
            (Ok(_), None) => unreachable!("a page comes with its answer"),
        };
        self.enter(&Entry::Asked { capture: self.name.clone(), request: request.clone(), outcome });
        page
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
