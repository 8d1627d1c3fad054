use serde::{Deserialize, Serialize};

use super::{Failure, Moment, Page, Request};

/// How far a thread is followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Most requests for one thread.
    pub max_requests: usize,
    /// No further request once so many comments are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_comments: Option<usize>,
    /// Where a site gives the newest comments first: no further request once they are older than this day, `2026-11-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_requests: 500, max_comments: None, since: None }
    }
}

/// What an archive of ours says beside the answers it holds, so that what was done can be done again without the web.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "causerie", rename_all = "lowercase")]
pub enum Entry {
    /// Addresses that a run is to follow.
    Listed {
        /// Name of the run.
        run: String,
        /// The addresses, in order; a long list comes in several parts.
        urls: Vec<String>,
    },
    /// An address begins to be followed.
    Begun {
        /// Name of the capture, different for each.
        capture: String,
        /// Name of the run it is of, the same for all its captures.
        run: String,
        /// The address.
        seed: String,
        /// Its place among the addresses of the archive.
        number: u64,
        /// When, ISO 8601 in UTC.
        at: String,
        /// How far.
        limits: Limits,
    },
    /// One request of a capture came to its end.
    Asked {
        /// The capture.
        capture: String,
        /// What was asked.
        request: Request,
        /// What came of it.
        outcome: Outcome,
    },
    /// An address was followed to the end.
    Ended {
        /// The capture.
        capture: String,
        /// What it came to.
        visit: Visit,
        /// What failed on the way.
        failures: Vec<Failure>,
    },
}

/// What following an address came to: a row of the table `addresses`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The address.
    pub url: String,
    /// Whether it is done.
    pub state: VisitState,
    /// In one word what first failed, as in the table of errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Name of the adapter that read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// How many comments the site says there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_count: Option<u64>,
    /// How many came in all answers, those that came twice counted twice.
    pub fetched_count: u64,
    /// How many are in the thread.
    pub parsed_count: u64,
    /// Requests it took, with redirects and repeats, without those for robots.txt.
    pub requests: u64,
    /// What a reader of the data should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// How far an address is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VisitState {
    /// Followed to the end.
    Done,
    /// Followed, but a part is missing.
    Partial,
    /// No page, or none with a thread.
    Failed,
    /// Not asked yet.
    #[default]
    Waiting,
}

impl VisitState {
    /// The word tables show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
        }
    }
}

/// What came of a request, redirects and repeats over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// An answer.
    Answer(Answer),
    /// None, or none of use.
    Refused {
        /// Why.
        failure: Failure,
        /// What the server said instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<Answer>,
    },
}

impl Outcome {
    /// The answer, of use or not.
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Answer(answer) => Some(answer),
            Self::Refused { answer, .. } => answer.as_ref(),
        }
    }
}

/// An answer of an earlier capture, and by what its server tells whether it still holds (RFC 9110 §8.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The answer.
    pub answer: Answer,
    /// `ETag`.
    pub tag: Option<String>,
    /// `Last-Modified`.
    pub modified: Option<String>,
}

/// A request that brought nothing of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub failure: Failure,
    /// What the server said instead, where that is a page: it may tell more.
    pub page: Option<Box<Page>>,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { failure, page: None }
    }
}

/// Where an archive holds an answer, and what of its page does not stand in the answer itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// `WARC-Record-ID` of the answer, without angle brackets.
    pub record: String,
    /// The address after redirects.
    pub url: String,
    /// When it was asked for.
    pub fetched_at: Moment,
    /// What the host's `/.well-known/tdmrep.json` says of the address, where it reserves it: the policy's address, or nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<String>,
}
