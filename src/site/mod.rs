//! From a page to its thread: one file a platform, a generic miner behind them.
//!
//! A site reads one page and returns a [`Fragment`]: what the page says of its thread, and the requests ([`Next`]) that would
//! bring the rest. It never fetches. [`Assembly`] joins fragments of one thread, whether they came live or from files.
//!
//! To add a site: one file that implements [`Site`], one line in [`SITES`].

mod address;
mod answer;
mod article;
mod body;
mod declared;
mod deep;
mod document;
mod embeds;
mod fragment;
mod generic;
mod graphql;
mod guard;
mod hints;
mod join;
mod miner;
mod naming;
mod nest;
mod paging;
mod pasted;
mod platforms;
mod quoted;
mod rows;
mod salvage;
mod scripts;
mod shown;
mod state;
mod stated;
mod structured;
mod tdm;
mod traces;
#[cfg(test)]
mod trial;
mod view;
mod votes;
mod walls;
mod words;

use declared::declared;
pub use document::Document;
pub use fragment::{Fragment, Next, Origin};
pub use join::{Assembly, join};
pub use shown::{is_html, read_html, read_html_line};
pub use view::{Broken, Content, View};
pub use walls::wall;

use crate::model::{Certainty, Failure, FoundBy, Page, PageKind, Stage};

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

    /// Whether further pages are found by the links between pages, beside those that [`Self::parse`] asks for.
    fn is_paged_by_links(&self) -> bool {
        false
    }

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
pub static SITES: &[&dyn Site] = &[
    // Comment systems in a page of any site.
    &platforms::Artalk,
    &platforms::Commento,
    &platforms::Coral,
    &platforms::DerStandard,
    &platforms::Disqus,
    &platforms::GitHub,
    &platforms::Guardian,
    &platforms::Isso,
    &platforms::OpenWeb,
    &platforms::Remark42,
    &platforms::Twikoo,
    &platforms::Viafoura,
    &platforms::Waline,
    &platforms::Webedia,
    &platforms::NextInk,
    // Networks.
    &platforms::Bluesky,
    &platforms::Discourse,
    &platforms::HackerNews,
    &platforms::Lemmy,
    &platforms::Lobsters,
    &platforms::Mastodon,
    &platforms::Reddit,
    &platforms::StackExchange,
    &platforms::YouTube,
    declared!("hacker-news"),
    declared!("lobsters"),
    declared!("old-reddit"),
    // Forums come before WordPress: they live on the same hosts, within its header, or are its plugins.
    declared!("bbpress"),
    &platforms::Flarum,
    declared!("flarum"),
    declared!("fluxbb"),
    declared!("fora"),
    declared!("invision"),
    declared!("mybb"),
    declared!("nodebb"),
    declared!("phpbb"),
    declared!("simplepress"),
    declared!("smf"),
    declared!("vanilla"),
    declared!("vbulletin"),
    declared!("woltlab"),
    declared!("xenforo"),
    // Blogs.
    &platforms::WordPress,
    &platforms::WordPressRest,
    &platforms::Blogger,
    &platforms::Drupal,
    &platforms::MovableType,
    &platforms::NextInpact,
    &platforms::Serendipity,
    &pasted::Pasted,
    &state::AnyAnswer,
    &generic::Generic,
];

/// Why a page gave no thread.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// Recognised as JSON, but broken.
    #[error("not valid JSON: {0}; was the file saved completely?")]
    BrokenJson(#[from] serde_json::Error),
    /// JSON of no platform we know.
    #[error("JSON that no site adapter knows; `causerie sites` lists what can be read")]
    UnknownJson,
    /// A table of an earlier run.
    #[error("a table that causerie wrote, not a discussion; give the pages it was made from")]
    OwnTable,
    /// Addresses, not what they lead to.
    #[error(
        "a list of web addresses, not a discussion; fetch them first: causerie fetch -i FILE -o archive/, then causerie analyze \
         archive/"
    )]
    Addresses,
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
            Self::OwnTable => "own_table",
            Self::Addresses => "addresses",
            Self::NoThread => "no_thread",
            Self::Refused { .. } => "refused",
        }
    }
}

/// A failure of a page that is being read; [`read`] says which page.
fn failing(reason: &str, message: String) -> Failure {
    Failure { source: String::new(), url: None, stage: Stage::Parse, reason: reason.to_owned(), message }
}

impl Broken {
    /// The row of the errors table for an answer of which so many comments were read.
    fn failure(&self, comments: usize) -> Failure {
        failing(
            "broken_json",
            format!(
                "the JSON breaks off at line {}, character {} (byte {}): {} read up to there, the last of which may lack a part, \
                 and the rest is missing; save the whole answer again",
                self.line,
                self.column,
                self.byte,
                if comments == 1 { "1 comment was".to_owned() } else { format!("{comments} comments were") }
            ),
        )
    }
}

/// Reason of the failure of a page whose comments a script loads: void where another page of the thread has them.
const NEEDS_SCRIPT: &str = "needs_script";

/// What the note of such a page begins with.
const LOADED_BY_SCRIPT: &str = "the comments are loaded by script";

/// What the note of a page begins with that was given out, or is shown, behind a wall.
const NOT_IN_PAGE: &str = "the comments are not in the page";

/// Whether a failure says no more than that a page lacks its comments: it is void where another page of the thread has them.
pub fn is_void_with_comments(failure: &Failure) -> bool {
    failure.reason == NEEDS_SCRIPT || walls::REASONS.contains(&failure.reason.as_str())
}

/// Whether a note says why a page has no comments.
pub fn explains_no_comments(note: &str) -> bool {
    note.starts_with(LOADED_BY_SCRIPT) || note.starts_with(NOT_IN_PAGE)
}

/// What addresses of one thread share, whichever way they were come by: without scheme, `www.`, fragment, page of comments, and what
/// tracks readers. None for what is no web address.
pub fn thread_key(address: &str) -> Option<String> {
    address::key(address)
}

/// Whether an address that was asked for led to another page: not only to `https`, `www.` or without what tracks readers.
pub fn is_elsewhere(asked: &str, came: &str) -> bool {
    thread_key(asked) != thread_key(came)
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
    let read = |page: &Page| match read_view(page) {
        Err(SiteError::NoThread) if is_list_of_addresses(&page.body) => Err(SiteError::Addresses),
        read => read,
    };
    deep::with_room(page, read).map_err(|error| match wall(page) {
        Some(wall) => Failure { stage: Stage::Parse, ..wall },
        None => Failure {
            source: page.source.clone(),
            url: page.url.clone(),
            stage: Stage::Parse,
            reason: error.reason().to_owned(),
            message: error.to_string(),
        },
    })
}

/// Whether a text is one address a line.
fn is_list_of_addresses(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).peekable();
    lines.peek().is_some() && lines.all(|line| line.starts_with("http://") || line.starts_with("https://"))
}

fn read_view(page: &Page) -> Result<Fragment, SiteError> {
    let mut view = View::new(page)?;
    let broken = view.broken.take();
    let hinted = hints::found(&view);
    let Some((_, site)) = SITES.iter().enumerate().find(|(at, site)| hinted[*at] && site.claims(&view)) else {
        return Err(broken.map_or(SiteError::UnknownJson, |broken| SiteError::BrokenJson(broken.error)));
    };
    let mut fragment = site.parse(&view)?;
    if fragment.comments.is_empty() && fragment.stated_count != Some(0) && view.html().is_some() {
        // A theme or plugin with markup of its own.
        fragment = generic::instead_of(fragment, &view);
    }
    fragment.comments.iter_mut().for_each(pasted::mark_removed);
    article::leave_out(&fragment.comments, &mut fragment.article);
    site.name().clone_into(&mut fragment.site);
    if fragment.comments.is_empty() {
        (fragment.found_by, fragment.certainty) = (FoundBy::Nothing, Certainty::Low);
    } else if fragment.found_by == FoundBy::Nothing {
        (fragment.found_by, fragment.certainty) = (FoundBy::Adapter, Certainty::High);
    }
    if let Some(html) = view.html() {
        cross_check(&mut fragment, html);
    }
    fragment.failures.extend(broken.map(|broken| broken.failure(fragment.comments.len())));
    let look = walls::look(&fragment, &view);
    if !look.as_ref().is_some_and(|look| look.note(&mut fragment)) {
        embeds::note(&mut fragment, &view, site.name());
        if let Some(look) = look {
            look.note_doubtful(&mut fragment);
        }
    }
    tdm::note(&mut fragment, &view);
    for failure in &mut fragment.failures {
        failure.source.clone_from(&page.source);
        failure.url.clone_from(&page.url);
    }
    let base = page.url.as_deref().or(fragment.article.url.as_deref());
    for link in fragment.comments.iter_mut().flat_map(|comment| &mut comment.links) {
        if !link.url.contains("://")
            && let Some(absolute) = address::absolute(base, &link.url)
        {
            link.url = absolute;
        }
    }
    fragment.stated_count = fragment.stated_count.filter(|count| believable(*count));
    fragment.source.clone_from(&page.source);
    fragment.page_url.clone_from(&page.url);
    fragment.fetched_at.clone_from(&page.fetched_at);
    fragment.is_frame = page.frame_of.is_some();
    let links = name_thread(&mut fragment, &view);
    if site.is_paged_by_links() {
        follow_pages(&mut fragment, page, links);
    }
    fragment.notes.extend(view.notes);
    if page.kind == PageKind::Html && is_cut(&page.body) {
        fragment.notes.push(
            "the page ends without its closing tags: it may have been saved or sent in part, and comments may be missing".to_owned(),
        );
    }
    Ok(fragment)
}

/// Asks for the other pages of a thread that a page links to, as long as it does not show all there is.
fn follow_pages(fragment: &mut Fragment, page: &Page, links: Vec<String>) {
    let shown = fragment.comments.len() as u64;
    if page.frame_of.is_some() || shown == 0 || fragment.stated_count.is_some_and(|stated| stated <= shown) {
        return;
    }
    let known: Vec<String> = fragment.next.iter().map(|next| next.request.url.clone()).collect();
    let further = links.into_iter().filter(|link| !known.contains(link));
    fragment.next.extend(further.map(|link| Next::needed(link, PageKind::Html)));
}

/// Adds the keys that any page may share with others of its thread. Returns the addresses of those it links to.
fn name_thread(fragment: &mut Fragment, view: &View<'_>) -> Vec<String> {
    let page = view.page;
    if let Some(around) = &page.frame_of {
        // A frame is part of the page around it; what else it may be of (an advertisement, another article) is not asked.
        if fragment.comments.is_empty() {
            fragment.keys.clear();
        }
        fragment.keys.push(address::source_key(around));
        return Vec::new();
    }
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
    let Some(html) = view.html() else { return Vec::new() };
    if html.select(css!("iframe, frame")).next().is_some() {
        fragment.keys.push(address::source_key(&page.source));
    }
    let paging = paging::read(page, fragment.article.url.as_deref(), html);
    fragment.page_number = fragment.page_number.or(paging.number);
    let known: Vec<String> = paging.keys.into_iter().filter(|key| !fragment.keys.contains(key)).collect();
    fragment.keys.extend(known);
    paging.links
}

/// Whether a page that begins as a whole document does not end as one. HTML allows to leave the last tags out; few do.
fn is_cut(body: &str) -> bool {
    let head = &body[..body.floor_char_boundary(4_000)];
    let tail = &body[body.ceil_char_boundary(body.len().saturating_sub(8_000))..];
    let has =
        |text: &str, tag: &str| text.as_bytes().windows(tag.len()).any(|at| at.eq_ignore_ascii_case(tag.as_bytes()));
    has(head, "<html") && (has(head, "<body") || has(head, "<head")) && !has(tail, "</html") && !has(tail, "</body")
}

/// Compares what an adapter found with the page's data for machines: its count stands in where the markup states none, and
/// comments it has more of are noted.
fn cross_check(fragment: &mut Fragment, html: &Document) {
    if fragment.found_by != FoundBy::Adapter || structured::json_ld(html).is_empty() {
        return;
    }
    let data = structured::from_json_ld(html);
    fragment.stated_count = fragment.stated_count.or(data.stated_count);
    let (marked, shown) = (data.comments.len(), fragment.comments.len());
    if marked > shown {
        fragment.certainty = Certainty::Medium;
        fragment.notes.push(format!(
            "the page's data for machines has {marked} comments, its markup shows {shown}, which are in the table"
        ));
    }
}

/// A selector, parsed once.
macro_rules! css {
    ($css:literal) => {{
        static CSS: std::sync::LazyLock<crate::site::document::Css> =
            std::sync::LazyLock::new(|| crate::site::document::Css::new($css));
        &*CSS
    }};
}
use css;
