//! Platforms whose markup can be described by selectors: one file of `data/sites/` each, read by one engine.
//!
//! docs/sites.md says how to write one. A page's records are found in one pass, and every field is looked for among a
//! record's own elements only, so that the time grows with the page however replies are nested.

mod comment;
mod description;
mod parents;
mod place;
mod quotes;
mod rows;

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use scraper::ElementRef;
use url::Url;

use self::comment::{Context, comment, number};
use self::description::Description;
use self::rows::Row;
use super::naming::name_rows;
use super::{Fragment, Next, Origin, Site, SiteError, Verified, View, address, article, css};
use crate::model::{Comment, PageKind};
use crate::site::Document;

/// A platform described by a file.
#[derive(Debug)]
pub(super) struct Declared {
    source: &'static str,
    description: OnceLock<Description>,
}

/// The platform described by `data/sites/NAME.toml`.
macro_rules! declared {
    ($name:literal) => {{
        static SITE: declared::Declared =
            declared::Declared::new(include_str!(concat!("../../data/sites/", $name, ".toml")));
        &SITE
    }};
}
pub(super) use declared;

impl Declared {
    pub(super) const fn new(source: &'static str) -> Self {
        Self { source, description: OnceLock::new() }
    }

    fn says(&self) -> &Description {
        self.description.get_or_init(|| match toml::from_str(self.source) {
            Ok(description) => description,
            Err(error) => panic!("a file of data/sites/, compiled in and read by a test: {error}"),
        })
    }
}

impl Site for Declared {
    fn name(&self) -> &str {
        &self.says().name
    }

    fn reads(&self) -> &str {
        &self.says().reads
    }

    fn gives(&self) -> &str {
        &self.says().gives
    }

    fn verified(&self) -> Verified {
        match self.says().verified {
            description::Verified::Source => Verified::Source,
            description::Verified::RealPages => Verified::RealPages,
            description::Verified::RealServer => Verified::RealServer,
        }
    }

    fn hints(&self) -> &[&str] {
        &self.says().hints
    }

    fn is_paged_by_links(&self) -> bool {
        true
    }

    fn claims(&self, view: &View<'_>) -> bool {
        let says = self.says();
        let holds = |html: &Document, css: &description::Css| html.select(css.selector()).next().is_some();
        view.html().is_some_and(|html| match &says.claim {
            Some(claim) => holds(html, claim),
            None => says.records.iter().any(|css| holds(html, css)),
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(html) = view.html() else { return Err(SiteError::UnknownJson) };
        let says = self.says();
        let address = view.page.url.as_deref();
        let base = base(html, address);
        let mut article = article::of_thread(view.page, html);
        if let Some(title) = says.title.in_page(html, address).next() {
            article.title = Some(title.value);
        }
        let mut notes = Vec::new();
        let page =
            Context { order: article::day_order(html), read_at: view.page.fetched_at.as_ref(), base: base.as_deref() };
        if let Some(opening) = says.opening.as_ref().and_then(|css| html.select(css.selector()).next()) {
            let own: Vec<_> = opening.descendants().filter_map(ElementRef::wrap).collect();
            let post = comment(says, &Row { own, above: None }, &HashSet::new(), &page);
            article.author = post.author.map(|author| author.name).or(article.author);
            article.published_at = post.posted_at.or(article.published_at);
            article.body = Some(post.text).filter(|text| !text.is_empty());
        }
        Ok(Fragment {
            keys: key(says, html, address.or(article.url.as_deref())).into_iter().collect(),
            comments: comments(says, html, &page, &mut notes),
            stated_count: says
                .stated
                .in_page(html, address)
                .find_map(|found| number(&found))
                .and_then(|count| u64::try_from(count).ok()),
            origin: Origin::Markup,
            next: next(says, html, address, base.as_deref()),
            notes,
            article,
            ..Fragment::default()
        })
    }
}

/// What links of the page are relative to.
fn base(html: &Document, address: Option<&str>) -> Option<String> {
    let said = html.select(css!("base[href]")).find_map(|el| address::absolute(address, el.attr("href")?));
    said.or_else(|| address.map(str::to_owned))
}

fn comments(says: &Description, html: &Document, page: &Context<'_>, notes: &mut Vec<String>) -> Vec<Comment> {
    let mut rows = rows::rows(html, &says.records, says.head.as_ref());
    let records: HashSet<_> = rows.iter().map(|row| row.own[0].id()).collect();
    let mut ids: Vec<Option<String>> =
        rows.iter().map(|row| says.id.in_record(&row.own).next().map(|found| found.value)).collect();
    let mut comments: Vec<Comment> = rows.iter().map(|row| comment(says, row, &records, page)).collect();
    if says.parent.is_none() {
        let keep = first_copies(&ids, &comments);
        retain(&mut rows, &keep);
        retain(&mut ids, &keep);
        retain(&mut comments, &keep);
    }
    if ids.iter().all(Option::is_none) {
        for (at, comment) in comments.iter_mut().enumerate() {
            comment.id = format!("c{}", at + 1);
        }
    } else {
        let names = name_rows(&ids, &comments, notes);
        for (comment, name) in comments.iter_mut().zip(names) {
            comment.id = name;
        }
    }
    parents::fill(says, &rows, &ids, &mut comments);
    parents::fill_quoted(says, &rows, &ids, &records, &mut comments);
    comments
}

/// Which comments to keep: forums show a pinned or best post a second time, with the same id and words, or its beginning.
fn first_copies(ids: &[Option<String>], comments: &[Comment]) -> Vec<bool> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut keep = vec![true; comments.len()];
    for (at, id) in ids.iter().enumerate() {
        let Some(id) = id else { continue };
        let Some(before) = seen.insert(id, at) else { continue };
        let beginning = |text: &str| text.trim_end_matches(['.', '…', ' ']).to_owned();
        let (first, second) = (beginning(&comments[before].text), beginning(&comments[at].text));
        if second.starts_with(&first) {
            keep[before] = false;
        } else if first.starts_with(&second) {
            keep[at] = false;
            seen.insert(id, before);
        }
    }
    keep
}

fn retain<T>(list: &mut Vec<T>, keep: &[bool]) {
    let mut keep = keep.iter();
    list.retain(|_| keep.next().copied().unwrap_or(true));
}

/// `PLATFORM:HOST/ID`, or as the description has it; none where the page does not say which thread it is.
fn key(says: &Description, html: &Document, address: Option<&str>) -> Option<String> {
    let id = says.thread.in_page(html, address).next()?.value;
    let form = says.key.clone().unwrap_or_else(|| format!("{}:{{host}}/{{id}}", says.name));
    if !form.contains("{host}") {
        return Some(form.replace("{id}", &id));
    }
    let host = address::host(address?)?;
    Some(form.replace("{host}", host.strip_prefix("www.").unwrap_or(&host)).replace("{id}", &id))
}

/// The further pages the page links, on its own host.
fn next(says: &Description, html: &Document, address: Option<&str>, base: Option<&str>) -> Vec<Next> {
    let Some(host) = address.and_then(address::host) else { return Vec::new() };
    let mut seen = HashSet::new();
    says.next
        .in_page(html, address)
        .filter_map(|found| Url::parse(&address::absolute(base, &found.value)?).ok())
        .map(|mut url| {
            url.set_fragment(None);
            url.to_string()
        })
        .filter(|url| address::host(url).as_ref() == Some(&host) && address != Some(url.as_str()))
        .filter(|url| seen.insert(url.clone()))
        .map(|url| Next::needed(url, PageKind::Html))
        .collect()
}

#[cfg(test)]
mod tests;
