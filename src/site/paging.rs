//! Pages of one thread, told by the links between them.
//!
//! An address alone does not say it: `?page=2` is the second page of one thread here and an article of its own there. So two
//! things must agree: the addresses differ in nothing but a page number (`data/text/paging.toml`), and one page links to
//! the other with that number as its words. Where addresses show no number at all, as files saved by hand, two pages
//! belong together when the list of page numbers on each of them leads to the other.

use std::collections::HashSet;

use scraper::ElementRef;
use url::Url;

use super::words::WORDS;
use super::{Document, address, css};
use crate::model::Page;

mod forms;
mod pager;

use forms::{Form, forms, is_thread, pieces};
use pager::{Link, Pager, numbered};

/// Steps by which offsets may grow from page to page.
const STEPS: std::ops::RangeInclusive<u64> = 2..=500;

/// What a page's links say of its place in its thread.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Paging {
    /// Keys shared with the other pages of the thread.
    pub(super) keys: Vec<String>,
    /// Which page this one is, or the number of the first comment on it.
    pub(super) number: Option<u64>,
    /// Addresses of those of the other pages that this one links to, in its order.
    pub(super) links: Vec<String>,
}

/// Reads the links to other pages. `address` is where the page says it lives.
pub(super) fn read(page: &Page, address: Option<&str>, html: &Document) -> Paging {
    let mut paging = Paging::default();
    let (links, pagers) = numbered(html);
    if links.is_empty()
        && html.select(css!("[rel~=next], [rel~=prev]")).next().is_none()
        && !html.select(css!("a[href*='?']")).any(asks_for_more)
    {
        return paging;
    }
    let address = page.url.as_deref().or(address);
    let by_address = Space {
        own: address.and_then(address::key).map(|key| forms::tidy(&key)),
        place: &|href| address::key(&address::absolute(address, href)?).map(|key| forms::tidy(&key)),
        files: false,
    };
    by_address.read(&links, &pagers, html, &mut paging);
    paging.links = by_address.linked(address, &links, &paging.keys, html);
    if let Some(file) = address::file(&page.source) {
        let by_file = Space {
            own: Some(forms::tidy(&address::file_key(&file))),
            place: &|href| Some(forms::tidy(&address::file_key(&address::beside(&file, href)?))),
            files: true,
        };
        by_file.read(&links, &pagers, html, &mut paging);
    }
    let mut seen = HashSet::new();
    paging.keys.retain(|key| seen.insert(key.clone()));
    paging
}

/// Addresses of one sort: those of the web, or those of files beside each other.
struct Space<'a> {
    own: Option<String>,
    /// The address a link leads to, to compare.
    place: &'a dyn Fn(&str) -> Option<String>,
    files: bool,
}

impl Space<'_> {
    fn read(&self, links: &[Link<'_>], pagers: &[Pager<'_>], html: &Document, paging: &mut Paging) {
        let mut listed = None;
        for pager in pagers {
            let places: Vec<(u64, String)> =
                pager.links.iter().filter_map(|link| Some((link.number, (self.place)(link.href)?))).collect();
            let found = paging.keys.len();
            match &self.own {
                Some(own) => self.listed(own, pager.current, &places, paging),
                None => unaddressed(pager.current, &places, paging),
            }
            if paging.keys.len() > found {
                listed = listed.or(Some(pager.current));
            }
        }
        paging.number = listed.or(paging.number);
        let Some(own) = &self.own else { return };
        let own_forms: Vec<Form> = forms(own).into_iter().filter(|form| form.strong).collect();
        for link in links {
            let Some(place) = (self.place)(link.href).filter(|place| place != own) else { continue };
            for (mine, theirs) in alike(&own_forms, &forms(&place)) {
                if theirs.strong && fits(&[(link.number, theirs.page)], theirs.strong) {
                    paging.add(mine);
                }
            }
        }
        for link in html.select(css!("link[rel~=next], link[rel~=prev], a[rel~=next], a[rel~=prev]")).take(8) {
            let Some(place) = link.attr("href").and_then(self.place).filter(|place| place != own) else { continue };
            for (mine, theirs) in alike(&own_forms, &forms(&place)) {
                // Articles may be numbered, too, and lead to the next.
                if theirs.strong && (mine.page.is_none() || theirs.page.is_none() || theirs.in_path) {
                    paging.add(mine);
                }
            }
        }
    }

    /// Where the other pages of the thread are that the page links to: by number, as the next or the one before, or by words such
    /// as "more comments" where all but the query of the address is the same.
    fn linked(&self, address: Option<&str>, links: &[Link<'_>], keys: &[String], html: &Document) -> Vec<String> {
        let (Some(address), Some(own)) = (address, &self.own) else { return Vec::new() };
        let Some(host) = address::host(address) else { return Vec::new() };
        let is_page = |place: &str| place != own && forms(place).iter().any(|form| keys.contains(&form.base));
        let own_forms: Vec<Form> = forms(own).into_iter().filter(|form| form.strong && is_thread(&form.base)).collect();
        // The page after page 2 is page 3.
        let is_beside = |place: &str| {
            alike(&own_forms, &forms(place)).any(|(mine, theirs)| {
                let (mine, theirs_page) = (mine.page.unwrap_or(1), theirs.page.unwrap_or(1));
                theirs.strong && mine.abs_diff(theirs_page) == 1
            })
        };
        let by_number = links.iter().map(|link| (link.href, Told::Number));
        let by_rel = html.select(css!("link[rel~=next], link[rel~=prev], a[rel~=next], a[rel~=prev]")).take(8);
        let by_words = html.select(css!("a[href*='?']")).filter(|a| asks_for_more(*a)).take(8);
        let all = by_number
            .chain(by_rel.filter_map(|el| Some((el.attr("href")?, Told::Beside))))
            .chain(by_words.filter_map(|el| Some((el.attr("href")?, Told::Words))));
        let mut seen = HashSet::new();
        all.filter_map(|(href, told)| {
            let place = (self.place)(href)?;
            let mut url = Url::parse(&address::absolute(Some(address), href)?).ok()?;
            url.set_fragment(None);
            let fits = is_page(&place)
                || match told {
                    Told::Number => false,
                    Told::Beside => is_beside(&place),
                    Told::Words => place != *own && address::same_path(url.as_str(), address),
                };
            (fits && address::host(url.as_str()).as_ref() == Some(&host) && seen.insert(place)).then(|| url.to_string())
        })
        .collect()
    }

    /// A list of page numbers on a page whose own address is known.
    fn listed(&self, own: &str, current: u64, places: &[(u64, String)], paging: &mut Paging) {
        let linked: Vec<(u64, Vec<Form>)> = places.iter().map(|(number, place)| (*number, forms(place))).collect();
        for mine in forms(own) {
            let mut strong = mine.strong;
            let mut pairs = vec![(current, mine.page)];
            for (number, forms) in &linked {
                if let Some(theirs) = forms.iter().find(|form| form.base == mine.base) {
                    strong &= theirs.strong;
                    pairs.push((*number, theirs.page));
                }
            }
            if pairs.len() > 1 && (strong || pairs.len() > places.len()) && fits(&pairs, strong) {
                paging.add(&mine);
            }
        }
        if let Some(template) = template(own, current, places) {
            paging.keys.push(format!("pages:{template}"));
        }
        // Lists of other numbers (of posts, of votes) lead anywhere; one of pages begins with the first, and no two lead to the same.
        let numbers: HashSet<u64> = places.iter().map(|(number, _)| *number).chain([current]).collect();
        let leads: HashSet<&str> = places.iter().map(|(_, place)| place.as_str()).collect();
        if self.files && numbers.contains(&1) && leads.len() + 1 == numbers.len() {
            for (_, place) in places.iter().filter(|(_, place)| place != own) {
                let (first, second) = if place.as_str() < own { (place.as_str(), own) } else { (own, place.as_str()) };
                paging.keys.push(format!("pages:{first} {second}"));
            }
        }
    }
}

impl Paging {
    fn add(&mut self, form: &Form) {
        if is_thread(&form.base) {
            self.keys.push(form.base.clone());
            self.number = self.number.or(form.page);
        }
    }
}

/// Two addresses' readings as pages of the same thread.
fn alike<'a>(mine: &'a [Form], theirs: &'a [Form]) -> impl Iterator<Item = (&'a Form, &'a Form)> {
    mine.iter()
        .flat_map(|mine| theirs.iter().filter(|theirs| theirs.base == mine.base).map(move |theirs| (mine, theirs)))
}

/// A list of page numbers on a page that does not say where it lives. A list on the first page may be that of other
/// articles; one that names a thread by number is believed.
fn unaddressed(current: u64, places: &[(u64, String)], paging: &mut Paging) {
    let Some((_, first)) = places.first() else { return };
    for form in forms(first).into_iter().filter(|form| form.strong) {
        let pairs: Vec<(u64, Option<u64>)> = places
            .iter()
            .filter_map(|(number, place)| {
                Some((*number, forms(place).into_iter().find(|other| other.base == form.base)?.page))
            })
            .collect();
        let told = current > 1 || form.base.contains(|c: char| c.is_ascii_digit());
        let numbered = current == 2 || pairs.iter().any(|(_, page)| page.is_some());
        if told && numbered && pairs.len() == places.len() && fits(&pairs, true) && is_thread(&form.base) {
            paging.keys.push(form.base);
        }
    }
}

/// The addresses with `#` for the one number in which they differ, if that is the number of the page.
fn template(own: &str, current: u64, places: &[(u64, String)]) -> Option<String> {
    let mine = pieces(own);
    let differs = |place: &str| {
        let theirs = pieces(place);
        let mut differing = (0..mine.len()).filter(|at| theirs.get(*at) != mine.get(*at));
        let at = differing.next().filter(|_| theirs.len() == mine.len() && differing.next().is_none())?;
        Some((at, theirs[at].parse::<u64>().ok()?))
    };
    let (at, _) = differs(&places.iter().find(|(_, place)| place != own)?.1)?;
    let mut pairs = vec![(current, Some(mine[at].parse::<u64>().ok()?))];
    for (number, place) in places.iter().filter(|(_, place)| place != own) {
        let (there, value) = differs(place)?;
        if there != at {
            return None;
        }
        pairs.push((*number, Some(value)));
    }
    let before_query = own.find('?').is_none_or(|query| query > mine[..at].concat().len());
    // `?t=1` and `?t=2` are threads; the number of a page has a name known above or stands in the path.
    (before_query && fits(&pairs, false)).then(|| {
        let mut mine = mine;
        mine[at] = "#";
        mine.concat()
    })
}

/// Whether the numbers in addresses are those of the pages, whose first may show none: the same, counted from 0, or
/// offsets. Where the number may be anything, a single offset proves nothing.
fn fits(pairs: &[(u64, Option<u64>)], strong: bool) -> bool {
    let Some(&(number, Some(value))) = pairs.iter().find(|(number, value)| *number > 1 && value.is_some()) else {
        // Only links back to the first page.
        return strong && pairs.iter().all(|&(number, value)| number == 1 && value.is_none_or(|value| value <= 1));
    };
    let all = |page: &dyn Fn(u64) -> u64| {
        pairs.iter().all(|&(number, value)| value.map_or(number == 1, |value| value == page(number)))
    };
    let steps = number - 1;
    let step = value / steps;
    let known = pairs.iter().filter(|(_, value)| value.is_some()).count();
    all(&|number| number)
        || all(&|number| number.saturating_sub(1))
        || (value % steps == 0
            && STEPS.contains(&step)
            && (strong || known > 1)
            && all(&|number| number.saturating_sub(1).saturating_mul(step)))
}

/// What tells that a link leads to another page of the thread.
#[derive(Clone, Copy)]
enum Told {
    /// Its words are a number.
    Number,
    /// It says that it leads to the next page, or to the one before.
    Beside,
    /// Its words ask for further comments.
    Words,
}

/// Whether a link's words ask for further comments.
fn asks_for_more(link: ElementRef<'_>) -> bool {
    let mut words = String::new();
    for text in link.text() {
        words.push_str(text);
        if words.len() > 60 {
            return false;
        }
    }
    WORDS.is_more_comments(&words)
}

/// Whether an element marks the page one is on.
fn is_current(element: ElementRef<'_>) -> bool {
    element.attr("aria-current").is_some_and(|value| value != "false")
        || element.value().classes().any(|class| {
            let class = class.to_ascii_lowercase();
            ["current", "active", "selected"].iter().any(|word| class.ends_with(word))
        })
}

#[cfg(test)]
mod tests;
