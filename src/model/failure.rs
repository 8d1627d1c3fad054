use serde::{Deserialize, Serialize};

/// Where on the road something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Reading a file, folder, archive or standard input.
    Input,
    /// Fetching from the web.
    Fetch,
    /// Finding the thread in a page.
    Parse,
}

impl Stage {
    /// The word tables show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Fetch => "fetch",
            Self::Parse => "parse",
        }
    }
}

words!(Stage: Input, Fetch, Parse);

/// A page that could not be read: a row of the `errors` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The path, URL or archive record it concerns, as in [`super::Page::source`].
    pub source: String,
    /// The address, where one is known.
    pub url: Option<String>,
    /// Where it failed.
    pub stage: Stage,
    /// A stable word for the cause (`not_found`, `binary`, `too_large` …), one a cause, to group by.
    pub reason: String,
    /// What happened and what to do next, for a person.
    pub message: String,
}
