//! What is given out instead of a page, or hides its comments: checks for robots, questions for consent, login forms, barriers
//! for subscribers, and pages that only a script fills (`data/text/walls.toml`).
//!
//! Only pages without comments are looked at. Most pages load a captcha for the comment form, a banner, a link to log in; what
//! makes a wall of them is that next to nothing else is there, or a sentence in the comments' place.

mod catalogue;
mod shown;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashSet;

use super::scripts::{Script, scripts};
use super::structured::json_ld;
use super::{Document, Fragment, LOADED_BY_SCRIPT, NEEDS_SCRIPT, NOT_IN_PAGE, View, css, failing};
use crate::model::{Article, Failure, Page, PageKind, Stage};
use catalogue::{CATALOGUE, Wall};
use shown::{Shown, Words};

const CAPTCHA: &str = "captcha";
const CONSENT_WALL: &str = "consent_wall";
const LOGIN_WALL: &str = "login_wall";
const PAYWALL: &str = "paywall";

/// Reasons of failures that say that a page lacks its comments: void where another page of the thread has them. A check for robots
/// is none of them: it may stand where a further page of comments was asked for.
pub(super) const REASONS: [&str; 3] = [CONSENT_WALL, LOGIN_WALL, PAYWALL];

/// The most bytes of an answer that is no HTML and names a wall.
const MAX_TEXT: usize = 4096;
/// The most bytes looked at of a page that a server refused.
const MAX_REFUSAL: usize = 256 * 1024;
/// The most bytes of a title.
const MAX_TITLE: usize = 300;

const SAVE_IT: &str = "save it as \"web page, complete\" or MHTML and give the file";
const COOKIES: &str = "or give your browser's cookies for the site with --cookies FILE";

/// What keeps the comments from us.
struct Barred<'a> {
    reason: &'a str,
    /// Whose wall it is, where it has a name.
    name: Option<&'a str>,
    /// Whether it stands in the page's place, not only in that of the comments.
    whole: bool,
}

impl<'a> Barred<'a> {
    fn by(wall: &'a Wall) -> Self {
        Self { reason: &wall.reason, name: wall.name.as_deref(), whole: true }
    }

    /// What it is, in a few words.
    fn what(&self) -> String {
        let by = self.name.map(|name| format!(" ({name})")).unwrap_or_default();
        let what = match self.reason {
            CAPTCHA => "a check for robots",
            CONSENT_WALL => "a question for consent",
            LOGIN_WALL => "a request to log in",
            _ => "a request to subscribe",
        };
        format!("{what}{by}")
    }

    fn message(&self) -> String {
        let what = self.what();
        let place = if self.whole { "the page" } else { "the comments" };
        match self.reason {
            CAPTCHA => format!(
                "the site gave out {what} instead of {place}; open the page in a browser, pass the check, {SAVE_IT}; \
                 causerie does not get round such checks"
            ),
            CONSENT_WALL => format!(
                "the site shows {what} instead of {place}; open the page in a browser, answer as you see fit, scroll to the \
                 comments, {SAVE_IT}"
            ),
            LOGIN_WALL => format!(
                "the site shows {what} instead of {place}; open the page in a browser, log in with an account of your own, scroll \
                 to the comments, {SAVE_IT}; {COOKIES}"
            ),
            _ => format!(
                "the site shows {what} instead of {place}; with a subscription of your own, open the page in a browser, log in, \
                 scroll to the comments, {SAVE_IT}; {COOKIES}"
            ),
        }
    }

    fn failure(&self) -> Failure {
        failing(self.reason, self.message())
    }
}

/// The wall that a server gave out instead of what was asked, whatever its status. Only the beginning of the page is looked at.
///
/// # Examples
///
/// ```
/// use causerie::model::{Page, PageKind};
///
/// let page = Page {
///     source: "https://a.example/".into(),
///     url: Some("https://a.example/".into()),
///     fetched_at: None,
///     kind: PageKind::Html,
///     frame_of: None,
///     headers: [("cf-mitigated".to_owned(), "challenge".to_owned())].into(),
///     posted: None,
///     body: String::new(),
/// };
/// assert_eq!(causerie::site::wall(&page).unwrap().reason, "captcha");
/// ```
pub fn wall(page: &Page) -> Option<Failure> {
    let page = if page.kind == PageKind::Html && page.body.len() > MAX_REFUSAL {
        let body = page.body[..page.body.floor_char_boundary(MAX_REFUSAL)].to_owned();
        let (source, url, headers) = (page.source.clone(), page.url.clone(), page.headers.clone());
        let Page { kind, .. } = *page;
        Cow::Owned(Page { source, url, fetched_at: None, kind, frame_of: None, headers, posted: None, body })
    } else {
        Cow::Borrowed(page)
    };
    let barred = told(&page).or_else(|| match page.kind {
        PageKind::Html => {
            let view = View::new(&page).ok()?;
            let html = view.html()?;
            instead_of_page(&page, html, &Shown::read(html, &HashSet::new()))
        }
        PageKind::Json | PageKind::Text => {
            CATALOGUE.walls.iter().find(|wall| page.body.len() <= MAX_TEXT && wall.has_text(&page.body)).map(Barred::by)
        }
    })?;
    Some(Failure { source: page.source.clone(), url: page.url.clone(), stage: Stage::Fetch, ..barred.failure() })
}

/// A page without comments, and what it shows instead.
pub(super) struct Look<'a> {
    page: &'a Page,
    html: Option<&'a Document>,
    shown: Shown,
}

/// A look at a page whose comments may be behind a wall.
pub(super) fn look<'a>(fragment: &Fragment, view: &'a View<'_>) -> Option<Look<'a>> {
    may_be_barred(fragment, view).then(|| {
        let html = view.html();
        let shown = html.map(|html| Shown::read(html, &HashSet::new())).unwrap_or_default();
        Look { page: view.page, html, shown }
    })
}

impl Look<'_> {
    /// Names the wall in the place of the page, or of its comments; returns whether there is one.
    pub(super) fn note(&self, fragment: &mut Fragment) -> bool {
        let barred = told(self.page)
            .or_else(|| instead_of_page(self.page, self.html?, &self.shown))
            .or_else(|| instead_of_comments(&self.shown));
        barred.map(|barred| name(fragment, &barred)).is_some()
    }

    /// Names what hides comments that a page states, and a page that a script has yet to fill: where nothing more exact is
    /// known.
    pub(super) fn note_doubtful(&self, fragment: &mut Fragment) {
        let Some(html) = self.html else { return };
        if fragment.failures.iter().any(|failure| failure.reason == NEEDS_SCRIPT) {
            return;
        }
        let stated = fragment.stated_count.is_some();
        let barred = if stated || is_not_free(self.page, html) { cut_short(&self.shown) } else { None };
        if let Some(barred) = barred.or_else(|| if stated { under_banner(html) } else { None }) {
            name(fragment, &barred);
        } else if is_shell(self.page, html, &self.shown) {
            fragment.notes.push(format!("{LOADED_BY_SCRIPT}, as is the whole page, and are not in it"));
            fragment.failures.push(failing(NEEDS_SCRIPT, format!(
                    "the page is empty until a script fills it; open it in a browser, scroll to the comments until they show, \
                     {SAVE_IT}"
                )));
        }
    }
}

/// Whether what a page lacks may be behind a wall: it shows no comments, does not say that there are none, and is no part of
/// another page.
fn may_be_barred(fragment: &Fragment, view: &View<'_>) -> bool {
    let address = view.page.url.as_deref().map_or("", without_scheme);
    fragment.comments.is_empty()
        && fragment.stated_count != Some(0)
        && view.page.frame_of.is_none()
        && !CATALOGUE
            .parts
            .iter()
            .any(|part| address.starts_with(part.as_str()) || address.contains(&format!(".{part}")))
}

fn name(fragment: &mut Fragment, barred: &Barred<'_>) {
    if barred.whole {
        // Its title is that of the wall.
        fragment.article = Article { url: fragment.article.url.take(), ..Article::default() };
        fragment.stated_count = None;
    }
    let place = if barred.whole { "the page" } else { "them" };
    fragment.notes.push(format!("{NOT_IN_PAGE}: the site shows {} instead of {place}", barred.what()));
    fragment.failures.push(barred.failure());
}

/// The wall that an answer's headers or address tell.
fn told(page: &Page) -> Option<Barred<'static>> {
    let address = page.url.as_deref().map_or("", without_scheme);
    let address = address.split(['?', '#']).next().unwrap_or_default();
    CATALOGUE.walls.iter().find(|wall| wall.is_told_by(&page.headers, address)).map(Barred::by)
}

fn without_scheme(address: &str) -> &str {
    address.split_once("://").map_or(address, |(_, rest)| rest)
}

/// The wall a page is.
fn instead_of_page(page: &Page, html: &Document, all: &Shown) -> Option<Barred<'static>> {
    if all.count > CATALOGUE.most || is_article(html) {
        return None;
    }
    let walls = &CATALOGUE.walls;
    let found = CATALOGUE.traces.find(&page.body);
    let marked = |at: usize| {
        let selects = || walls[at].css.as_ref().is_some_and(|css| html.select(css).next().is_some());
        found.in_scripts[at] || (found.in_source[at] && selects())
    };
    let (banners, banner) = CATALOGUE.banners(html);
    let apart = (!banners.is_empty()).then(|| Shown::read(html, &banners));
    let shown = apart.as_ref().unwrap_or(all);
    let titles = titles(html);
    let phrases = phrases(shown);
    let is_wall = |(at, wall): (usize, &'static Wall)| {
        let said = || wall.has_title(&titles) || phrases.contains(&at);
        let is_one = || if wall.together { said() && marked(at) } else { said() || marked(at) };
        (shown.count <= wall.words && is_one()).then(|| Barred::by(wall))
    };
    walls.iter().enumerate().find_map(is_wall).or_else(|| {
        let is_bare = shown.in_banners > 0 && shown.count <= CATALOGUE.bare;
        is_bare.then_some(Barred { reason: CONSENT_WALL, name: banner, whole: true })
    })
}

/// Places of the walls whose phrases a page shows, or says to those without scripts.
fn phrases(shown: &Shown) -> HashSet<usize> {
    let mut found = CATALOGUE.wall_phrases.find(&shown.text);
    if !shown.without_scripts.is_empty() {
        found.extend(CATALOGUE.wall_phrases.find(&shown.without_scripts));
    }
    found
}

/// The page's title, whole and in the parts sites make it of.
fn titles(html: &Document) -> Vec<Words> {
    let Some(title) = html.select(css!("title")).next().map(|title| title.text().collect::<String>()) else {
        return Vec::new();
    };
    let title = &title[..title.floor_char_boundary(MAX_TITLE)];
    let parts = title.split(['|', '•', '·', '—', '–', '»', '«', ':']).flat_map(|part| part.split(" - "));
    std::iter::once(title).chain(parts).map(Words::of).filter(|part| !part.is_empty()).collect()
}

/// Whether a page says that it is an article, as no wall does.
fn is_article(html: &Document) -> bool {
    html.select(css!("article, [itemprop='articleBody'], meta[property='article:published_time'], meta[property='og:type'][content='article']")).next().is_some()
        || json_ld(html).iter().any(|object| {
            object["@type"].as_str().is_some_and(|kind| kind.ends_with("Article") || kind.ends_with("Posting"))
        })
}

/// The wall in the comments' place, by a sentence that stands there.
fn instead_of_comments(shown: &Shown) -> Option<Barred<'static>> {
    let first = CATALOGUE.hidden_phrases.find(&shown.text).into_iter().min()?;
    Some(Barred { reason: &CATALOGUE.hidden[first], name: None, whole: false })
}

/// The barrier that cuts an article short.
fn cut_short(shown: &Shown) -> Option<Barred<'static>> {
    if shown.count > CATALOGUE.cut {
        return None;
    }
    let first = CATALOGUE.barrier_phrases.find(&shown.text).into_iter().min()?;
    Some(Barred { reason: &CATALOGUE.barriers[first], name: None, whole: false })
}

/// Whether the page's data for machines says that it is not free to read.
fn is_not_free(page: &Page, html: &Document) -> bool {
    const KEY: &str = "isAccessibleForFree";
    memchr::memmem::find(page.body.as_bytes(), KEY.as_bytes()).is_some()
        && (json_ld(html).iter().any(|object| {
            object[KEY] == false
                || object[KEY].as_str().is_some_and(|free| free.to_ascii_lowercase().ends_with("false"))
        }) || html.select(css!("meta[itemprop='isAccessibleForFree'][content='false' i]")).next().is_some())
}

/// The banner that lay over a page when it was saved.
fn under_banner(html: &Document) -> Option<Barred<'static>> {
    let name = CATALOGUE.open_banner(html)?;
    Some(Barred { reason: CONSENT_WALL, name: Some(name), whole: false })
}

/// Whether a page has scripts, a place for what they write, and hardly any words.
fn is_shell(page: &Page, html: &Document, shown: &Shown) -> bool {
    if shown.count > CATALOGUE.shell_words || !scripts(&page.body).any(|script| is_program(&script)) {
        return false;
    }
    let says = |words: &Words| !words.is_empty() && !CATALOGUE.shell_phrases.find(words).is_empty();
    html.select(&CATALOGUE.shell).next().is_some() || says(&shown.text) || says(&shown.without_scripts)
}

fn is_program(script: &Script<'_>) -> bool {
    let is_data = script.attribute("type").is_some_and(|kind| kind.contains("json"));
    !is_data && (script.attribute("src").is_some() || script.body.len() > 200)
}
