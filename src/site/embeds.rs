//! Comment systems that only a script can load (`data/text/embeds.toml`): a page with one of them and without its
//! comments must not read as one nobody commented on.
//!
//! What counts is the markup that loads the system, not its name: an article about Disqus, or its code shown as text, holds
//! neither the script nor the element. One pass over the source says whether a page is worth a look.

use std::sync::LazyLock;

use scraper::Selector;
use serde::Deserialize;

use url::Url;

use super::platforms;
use super::scripts::{Script, scripts, setting};
use super::traces::{Gathered, Traces};
use super::{Document, Fragment, LOADED_BY_SCRIPT, NEEDS_SCRIPT, Next, View, failing};
use crate::model::Page;

/// Adapters that read one of these systems' own markup: a count of theirs is the system's, even one of nothing.
const ADAPTERS: &[&str] = &["disqus", "isso", "waline"];

/// Reads where the thread of a page is; none where the page does not say enough.
type Road = fn(&Embedding<'_>) -> Option<Elsewhere>;

/// The systems, by their name in the catalogue, whose thread can be asked for.
const ROADS: &[(&str, Road)] = &[
    ("Artalk", platforms::artalk),
    ("Coral", platforms::coral),
    ("DER STANDARD forum", platforms::derstandard),
    ("Discourse comments", platforms::discourse_embed),
    ("Disqus", platforms::disqus),
    ("Guardian discussion", platforms::guardian),
    ("OpenWeb (Spot.IM)", platforms::openweb),
    ("Remark42", platforms::remark42),
    ("Twikoo", platforms::twikoo),
    ("Viafoura", platforms::viafoura),
];

/// A page into which a script would load a thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Embedding<'a> {
    pub(super) page: &'a Page,
    pub(super) html: &'a Document,
    /// The page's address, or what it says is the article's.
    pub(super) address: Option<&'a str>,
}

/// Where a thread is that is not in the page.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    /// What the page and the answers have in common.
    pub(super) keys: Vec<String>,
    /// What would bring the thread.
    pub(super) next: Vec<Next>,
}

impl<'a> Embedding<'a> {
    /// The scripts that hold a word.
    pub(super) fn scripts(&self, word: &'a str) -> impl Iterator<Item = Script<'a>> {
        scripts(&self.page.body).filter(move |script| script.source.contains(word))
    }

    /// What a script that holds a word gives the first of these settings it has.
    pub(super) fn setting(&self, word: &'a str, names: &[&str]) -> Option<String> {
        self.scripts(word).find_map(|script| names.iter().find_map(|name| setting(script.body, name)))
    }

    /// The path of the page's address, which many systems name a thread by.
    pub(super) fn path(&self) -> Option<String> {
        Some(Url::parse(self.address?).ok()?.path().to_owned())
    }
}

#[derive(Deserialize)]
struct Catalogue {
    embed: Vec<Embed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Embed {
    name: String,
    scripts: Vec<String>,
    elements: Vec<String>,
    answer: Option<String>,
    #[serde(default)]
    gone: bool,
}

struct Embeds {
    rows: Vec<Embed>,
    selectors: Vec<Selector>,
    traces: Traces,
}

static EMBEDS: LazyLock<Embeds> = LazyLock::new(|| {
    let Catalogue { embed: rows } = toml::from_str(include_str!("../../data/text/embeds.toml"))
        .expect("data/text/embeds.toml is compiled in and read by a test");
    let mut strings = Gathered::default();
    for embed in &rows {
        strings.add(&embed.scripts, &embed.elements);
    }
    let traces = strings.traces();
    let selectors = rows
        .iter()
        .map(|embed| Selector::parse(&embed.elements.join(", ")).expect("selectors of the catalogue, read by a test"))
        .collect();
    Embeds { rows, selectors, traces }
});

/// The systems a page loads, in the catalogue's order.
fn loaded(view: &View<'_>) -> Vec<&'static Embed> {
    let Embeds { rows, selectors, traces } = &*EMBEDS;
    let Some(html) = view.html() else { return Vec::new() };
    let found = traces.find(&view.page.body);
    let is_loaded =
        |at: usize| found.in_scripts[at] || (found.in_source[at] && html.select(&selectors[at]).next().is_some());
    rows.iter().enumerate().filter(|(at, _)| is_loaded(*at)).map(|(_, embed)| embed).collect()
}

/// Says what a page does not hold: a failure where its comments are not in it at all, a note where some may be missing.
pub(super) fn note(fragment: &mut Fragment, view: &View<'_>, site: &str) {
    let found = fragment.comments.len() as u64;
    // A few that are missing are on other pages, or gone.
    let missing = fragment.stated_count.is_some_and(|stated| stated / 2 > found);
    if found > 0 && !missing {
        return;
    }
    // A system that was there and says that nobody wrote is believed.
    if found == 0 && fragment.stated_count == Some(0) && ADAPTERS.contains(&site) {
        return;
    }
    let embeds = loaded(view);
    let Some(first) = embeds.first() else { return };
    follow(fragment, view, &embeds);
    let names = embeds.iter().map(|embed| embed.name.as_str()).collect::<Vec<_>>().join(", ");
    if found > 0 {
        fragment.notes.push(format!("comments may be missing: the page loads {names} by script"));
        return;
    }
    // "0 comments" printed by the page counts its own, not those of the system.
    fragment.stated_count = fragment.stated_count.filter(|stated| *stated > 0);
    fragment.notes.push(format!("{LOADED_BY_SCRIPT} ({names}) and are not in the page"));
    fragment.failures.push(failing(
        NEEDS_SCRIPT,
        format!("the comments of this page are loaded by a script of {names} and are not in it; {}", advice(first)),
    ));
}

/// Adds the requests for the threads of the systems a page loads.
fn follow(fragment: &mut Fragment, view: &View<'_>, embeds: &[&Embed]) {
    let Some(html) = view.html() else { return };
    let address = view.page.url.clone().or_else(|| fragment.article.url.clone());
    let embedding = Embedding { page: view.page, html, address: address.as_deref() };
    let roads = embeds.iter().filter_map(|embed| ROADS.iter().find(|(name, _)| *name == embed.name));
    for Elsewhere { keys, next } in roads.filter_map(|(_, road)| road(&embedding)) {
        let known = |key: &String| fragment.keys.contains(key);
        let new: Vec<String> = keys.into_iter().filter(|key| !known(key)).collect();
        fragment.keys.extend(new);
        fragment.next.extend(next);
    }
}

fn advice(embed: &Embed) -> String {
    if embed.gone {
        return "the service is closed: only a copy of the page saved with its comments, such as one in a web archive, \
                has them"
            .to_owned();
    }
    let page = "open the page in a browser, scroll to the comments until they show, open what is folded, then save it as \
                \"web page, complete\" or MHTML";
    match &embed.answer {
        Some(answer) => format!("{page}; or save the answer of {answer} from the browser's network tools"),
        None => page.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PageKind;
    use crate::site::traces::longest_name;
    use crate::site::trial;

    fn names(body: &str) -> Vec<&'static str> {
        let page = trial::made(PageKind::Html, &[], body);
        loaded(&View::new(&page).unwrap()).iter().map(|embed| embed.name.as_str()).collect()
    }

    #[test]
    fn loaders_are_told_from_mentions() {
        for (body, expected) in [
            ("<div id=\"disqus_thread\"></div>", &["Disqus"][..]),
            ("<script>s.src = 'https://x.disqus.com/embed.js';</script>", &["Disqus"]),
            ("<p>Put <code>&lt;div id=\"disqus_thread\"></code> and x.disqus.com/embed.js in it</p>", &[]),
            ("<script src=https://x.disqus.com/count.js></script><a href='/a#disqus_thread'>3</a>", &[]),
            ("<!-- <script src=https://giscus.app/client.js></script> -->", &[]),
            ("<script src='https://giscus.app/client.js' data-repo='a/b' async></script>", &["Giscus"]),
            ("<fb:comments href=x></fb:comments>", &["Facebook comments plugin"]),
            ("<hyvor-talk-comments website-id=1></hyvor-talk-comments>", &["Hyvor Talk"]),
        ] {
            assert_eq!(names(body), expected, "{body}");
        }
    }

    #[test]
    fn every_road_is_to_a_system_of_the_catalogue() {
        for (name, _) in ROADS {
            assert!(EMBEDS.rows.iter().any(|embed| embed.name == *name && !embed.gone), "{name}");
        }
    }

    #[test]
    fn every_selector_says_what_the_source_must_hold() {
        for embed in &EMBEDS.rows {
            for element in &embed.elements {
                assert!(longest_name(element).len() >= 4, "{element}");
            }
            assert!(!embed.gone || embed.answer.is_none(), "{}", embed.name);
        }
    }
}
