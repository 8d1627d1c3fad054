//! Comment systems that only a script can load (`data/text/embeds.toml`): a page with one of them and without its
//! comments must not read as one nobody commented on.
//!
//! What counts is the markup that loads the system, not its name: an article about Disqus, or its code shown as text, holds
//! neither the script nor the element. One pass over the source says whether a page is worth a look.

use std::sync::LazyLock;

use scraper::Selector;
use serde::Deserialize;

use super::traces::{Gathered, Traces};
use super::{Fragment, LOADED_BY_SCRIPT, NEEDS_SCRIPT, View};
use crate::model::{Failure, Stage};

/// Adapters that read one of these systems' own markup: a count of theirs is the system's, even one of nothing.
const ADAPTERS: &[&str] = &["disqus", "isso", "waline"];

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
    let names = embeds.iter().map(|embed| embed.name.as_str()).collect::<Vec<_>>().join(", ");
    if found > 0 {
        fragment.notes.push(format!("comments may be missing: the page loads {names} by script"));
        return;
    }
    // "0 comments" printed by the page counts its own, not those of the system.
    fragment.stated_count = fragment.stated_count.filter(|stated| *stated > 0);
    fragment.notes.push(format!("{LOADED_BY_SCRIPT} ({names}) and are not in the page"));
    fragment.failures.push(Failure {
        source: String::new(),
        url: None,
        stage: Stage::Parse,
        reason: NEEDS_SCRIPT.to_owned(),
        message: format!(
            "the comments of this page are loaded by a script of {names} and are not in it; {}",
            advice(first)
        ),
    });
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
    use crate::model::{Page, PageKind};
    use crate::site::traces::longest_name;

    fn names(body: &str) -> Vec<&'static str> {
        let page = Page {
            source: String::new(),
            url: None,
            fetched_at: None,
            frame_of: None,
            posted: None,
            kind: PageKind::Html,
            headers: std::collections::BTreeMap::default(),
            body: body.into(),
        };
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
    fn every_selector_says_what_the_source_must_hold() {
        for embed in &EMBEDS.rows {
            for element in &embed.elements {
                assert!(longest_name(element).len() >= 4, "{element}");
            }
            assert!(!embed.gone || embed.answer.is_none(), "{}", embed.name);
        }
    }
}
