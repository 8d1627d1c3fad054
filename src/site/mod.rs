//! From a page to its thread: one file a platform, a generic miner behind them.
//!
//! A site reads one page and returns a [`Fragment`]: what the page says of its thread, and the [`Request`]s that would
//! bring the rest. It never fetches. [`Assembly`] joins fragments of one thread, whether they came live or from files.
//!
//! To add a site: one file that implements [`Site`], one line in [`SITES`].

mod address;
mod answer;
mod article;
mod body;
mod generic;
mod guard;
mod hints;
mod join;
mod naming;
mod pasted;
mod platforms;
mod records;
mod structured;
mod view;
mod words;

use serde::{Deserialize, Serialize};

pub use join::{Assembly, join};
pub use view::{Content, View};

use crate::model::{Article, Certainty, Comment, Failure, FoundBy, Moment, Page, PageKind, Stage};

/// A platform whose pages causerie can read.
pub trait Site: Sync {
    /// Short name, shown in the tables' column `site`.
    fn name(&self) -> &str;

    /// What pages and answers it reads, for people.
    fn reads(&self) -> &str;

    /// What it gives of each comment beside the text, for people: `ids, parents, authors, dates, votes, states`.
    fn gives(&self) -> &str {
        ""
    }

    /// How it was confirmed.
    fn verified(&self) -> Verified;

    /// Strings of which every page of the platform holds at least one, in its source; [`Self::claims`] is asked only then.
    /// Empty: always asked.
    fn hints(&self) -> &[&str] {
        &[]
    }

    /// Whether the page is one of this platform.
    fn claims(&self, view: &View<'_>) -> bool;

    /// Reads the page.
    ///
    /// # Errors
    /// When the page is of this platform but holds no thread: a refusal, an unknown shape.
    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError>;
}

/// How an adapter was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verified {
    /// From documentation and public source code only.
    Source,
    /// On pages of real sites.
    RealPages,
    /// On a real server of the software, against its database.
    RealServer,
}

impl Verified {
    /// The words `causerie sites` shows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "from source only",
            Self::RealPages => "real pages",
            Self::RealServer => "real server",
        }
    }
}

/// All sites, the first that claims a page reads it. The generic ones come last.
pub const SITES: &[&dyn Site] =
    &[&platforms::NextInk, &platforms::WordPress, &platforms::WordPressRest, &pasted::Pasted, &generic::Generic];

/// How a fragment's comments were found; of two fragments with the same comment, the later in this order is believed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Origin {
    /// Guessed from repeated structure or from plain text: ids are positions.
    #[default]
    Structure,
    /// Read from markup that names what it holds.
    Markup,
    /// An answer of the platform's interface for programs.
    Api,
}

/// What one page says of its thread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fragment {
    /// Name of the site that read it.
    pub site: String,
    /// What identifies the thread; fragments that share a key belong together.
    pub keys: Vec<String>,
    /// The article, as far as the page shows it.
    pub article: Article,
    /// The comments of this page, in its order.
    pub comments: Vec<Comment>,
    /// How many comments the page says the thread has.
    pub stated_count: Option<u64>,
    /// Where ids and fields come from: which of two fragments is believed.
    pub origin: Origin,
    /// How the comments were found.
    #[serde(default)]
    pub found_by: FoundBy,
    /// How sure that is.
    #[serde(default)]
    pub certainty: Certainty,
    /// Parts of the page that could not be read, for the `errors` table; `source` and `url` are filled by [`read`].
    #[serde(default)]
    pub failures: Vec<Failure>,
    /// Requests that would bring the rest of the thread.
    pub next: Vec<Request>,
    /// What a reader of the data should know.
    pub notes: Vec<String>,
    /// [`Page::source`].
    pub source: String,
    /// [`Page::url`].
    #[serde(default)]
    pub page_url: Option<String>,
    /// [`Page::fetched_at`].
    pub fetched_at: Option<Moment>,
}

/// A request a thread still needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What to get.
    pub url: String,
    /// What must come back.
    pub expect: PageKind,
    /// Whether the thread is whole without it, as far as readers are shown it: a failure is then a remark, no error.
    pub optional: bool,
    /// What to get instead when this fails: the same comments by another way.
    pub otherwise: Vec<Request>,
}

/// Why a page gave no thread.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// Recognised as JSON, but broken.
    #[error("not valid JSON: {0}; was the file saved completely?")]
    BrokenJson(#[from] serde_json::Error),
    /// JSON of no platform we know.
    #[error("JSON that no site adapter knows; `causerie sites` lists what can be read")]
    UnknownJson,
    /// A text in which no discussion could be made out.
    #[error(
        "no comments found in this text. They are found by a line such as \"Commentaires (19)\" or \"59 comments\" and by what \
         stands above each comment: a name and a date, or the words copied for the profile picture. Copy the page from \
         its title to the last comment; docs/pasted.md shows the forms"
    )]
    NoThread,
    /// The platform refused to answer.
    #[error("the site refused: {message} ({code}); save the article's HTML pages instead")]
    Refused {
        /// The platform's own error code.
        code: String,
        /// The platform's own words.
        message: String,
    },
}

impl SiteError {
    /// The stable word for the `errors` table.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::BrokenJson(_) => "broken_json",
            Self::UnknownJson => "unknown_json",
            Self::NoThread => "no_thread",
            Self::Refused { .. } => "refused",
        }
    }
}

/// Whether a count can be one of comments; what is larger is a telephone number or an attack.
fn believable(count: u64) -> bool {
    count <= 10_000_000
}

/// Reads a page with the first site that claims it.
///
/// # Errors
/// A [`Failure`] for the `errors` table when no thread could be read from the page.
pub fn read(page: &Page) -> Result<Fragment, Failure> {
    read_view(page).map_err(|error| Failure {
        source: page.source.clone(),
        url: page.url.clone(),
        stage: Stage::Parse,
        reason: error.reason().to_owned(),
        message: error.to_string(),
    })
}

fn read_view(page: &Page) -> Result<Fragment, SiteError> {
    let view = View::new(page)?;
    let hinted = hints::found(&view);
    let site = SITES
        .iter()
        .enumerate()
        .find(|(at, site)| hinted[*at] && site.claims(&view))
        .map(|(_, site)| site)
        .ok_or(SiteError::UnknownJson)?;
    let mut fragment = site.parse(&view)?;
    if fragment.comments.is_empty() && fragment.stated_count != Some(0) && view.html().is_some() {
        // A theme or plugin with markup of its own.
        fragment = generic::instead_of(fragment, &view);
    }
    site.name().clone_into(&mut fragment.site);
    if fragment.comments.is_empty() {
        (fragment.found_by, fragment.certainty) = (FoundBy::Nothing, Certainty::Low);
    } else if fragment.found_by == FoundBy::Nothing {
        (fragment.found_by, fragment.certainty) = (FoundBy::Adapter, Certainty::High);
    }
    for failure in &mut fragment.failures {
        failure.source.clone_from(&page.source);
        failure.url.clone_from(&page.url);
    }
    fragment.stated_count = fragment.stated_count.filter(|count| believable(*count));
    fragment.source.clone_from(&page.source);
    fragment.page_url.clone_from(&page.url);
    fragment.fetched_at.clone_from(&page.fetched_at);
    fragment.notes.extend(view.notes);
    for address in [fragment.article.url.as_deref(), page.url.as_deref()].into_iter().flatten() {
        let key = address::key(address);
        // The address of an API answer names the endpoint, not the thread.
        if let Some(key) = key.filter(|key| page.kind == PageKind::Html && !fragment.keys.contains(key)) {
            fragment.keys.push(key);
        }
    }
    if fragment.keys.is_empty() {
        fragment.keys.push(address::content_key(&page.body));
    }
    Ok(fragment)
}

/// A selector, parsed once.
macro_rules! css {
    ($css:literal) => {{
        static SELECTOR: std::sync::LazyLock<scraper::Selector> = std::sync::LazyLock::new(|| {
            scraper::Selector::parse($css).expect("a literal selector, used by a test of its site")
        });
        &*SELECTOR
    }};
}
use css;
