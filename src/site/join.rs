//! Fragments of one thread become the thread.

use std::collections::{HashMap, HashSet};

use super::{Fragment, Origin, address};
use crate::model::{Article, Comment, Thread};
use crate::text::dates::sort_key;

/// Finds out which fragments belong to one thread, by the keys they share, without holding them.
///
/// ```
/// use causerie::site::Assembly;
/// let mut assembly = Assembly::default();
/// assembly.add(&["url:a".into()]);
/// assembly.add(&["url:b".into()]);
/// assembly.add(&["wp:host/4".into(), "url:a".into()]);
/// assert_eq!(assembly.groups(), [vec![0, 2], vec![1]]);
/// ```
#[derive(Debug, Default)]
pub struct Assembly {
    by_key: HashMap<String, usize>,
    /// For each fragment, one that came earlier and belongs to the same thread, or itself.
    earlier: Vec<usize>,
}

impl Assembly {
    /// Notes the next fragment's keys. A fragment without keys is a thread of its own.
    pub fn add(&mut self, keys: &[String]) {
        let number = self.earlier.len();
        self.earlier.push(number);
        for key in keys {
            match self.by_key.get(key) {
                Some(&other) => self.unite(other, number),
                None => {
                    self.by_key.insert(key.clone(), number);
                }
            }
        }
    }

    /// The fragments' numbers by thread, in order of first appearance.
    pub fn groups(mut self) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut place: HashMap<usize, usize> = HashMap::new();
        for number in 0..self.earlier.len() {
            let first = self.first(number);
            let at = *place.entry(first).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[at].push(number);
        }
        groups
    }

    fn first(&mut self, mut number: usize) -> usize {
        while self.earlier[number] != number {
            self.earlier[number] = self.earlier[self.earlier[number]];
            number = self.earlier[number];
        }
        number
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        self.earlier[a.max(b)] = a.min(b);
    }
}

/// Joins the fragments of one thread. The result does not depend on the order they were read in, but for
/// [`Thread::sources`].
pub fn join(mut fragments: Vec<Fragment>) -> Thread {
    let sources = fragments.iter().map(|fragment| fragment.source.clone()).collect();
    fragments.sort_by_key(|fragment| {
        let first = fragment.comments.iter().filter_map(|comment| comment.posted_at.as_ref()).map(sort_key).next();
        (std::cmp::Reverse(fragment.origin), first, fragment.source.clone())
    });
    let mut thread = Thread {
        site: site_name(&fragments),
        article: article(&fragments),
        stated_count: stated_count(&fragments),
        fetched_at: fragments.iter().filter_map(|f| f.fetched_at.clone()).max_by_key(sort_key),
        sources,
        ..Thread::default()
    };
    thread.id = address::thread_id(&identity(&thread.article, &fragments));
    let mut noted = HashSet::new();
    for note in fragments.iter_mut().flat_map(|fragment| std::mem::take(&mut fragment.notes)) {
        if noted.insert(note.clone()) {
            thread.notes.push(note);
        }
    }
    thread.comments = comments(fragments);
    thread.derive_depths();
    thread
}

/// What the thread's id is made from: its address, else whatever names it.
fn identity(article: &Article, fragments: &[Fragment]) -> String {
    let keys = || fragments.iter().flat_map(|fragment| fragment.keys.iter());
    article
        .url
        .as_deref()
        .and_then(address::key)
        .or_else(|| keys().filter(|key| key.starts_with("url:")).min().cloned())
        .or_else(|| keys().min().cloned())
        .unwrap_or_default()
}

/// The site of the page readers see, rather than of the API behind it.
fn site_name(fragments: &[Fragment]) -> String {
    let shown = fragments.iter().find(|fragment| fragment.origin == Origin::Markup);
    shown
        .or_else(|| fragments.iter().find(|f| f.article.title.is_some()))
        .or(fragments.first())
        .map_or_else(String::new, |f| f.site.clone())
}

fn article(fragments: &[Fragment]) -> Article {
    let field =
        |of: fn(&Article) -> &Option<String>| fragments.iter().find_map(|fragment| of(&fragment.article).clone());
    // A page names its own address; an API answer only lets it be guessed from a comment's link.
    let shown = fragments.iter().filter(|f| f.origin != Origin::Api).find_map(|f| f.article.url.clone());
    Article {
        title: field(|article| &article.title),
        author: field(|article| &article.author),
        published_at: fragments.iter().find_map(|fragment| fragment.article.published_at.clone()),
        url: shown.or_else(|| field(|article| &article.url)),
        body: field(|article| &article.body),
    }
}

/// The page's count counts what readers are told; the API's leaves some out (pingbacks), so it comes second.
fn stated_count(fragments: &[Fragment]) -> Option<u64> {
    let most =
        |api: bool| fragments.iter().filter(|f| (f.origin == Origin::Api) == api).filter_map(|f| f.stated_count).max();
    most(false).or_else(|| most(true))
}

fn comments(fragments: Vec<Fragment>) -> Vec<Comment> {
    let best = fragments.iter().filter(|f| !f.comments.is_empty()).map(|f| f.origin).max().unwrap_or_default();
    if best == Origin::Structure {
        return positional(fragments);
    }
    let dated = best == Origin::Api;
    let mut comments: Vec<Comment> = Vec::new();
    let mut place: HashMap<String, usize> = HashMap::new();
    for fragment in fragments {
        if fragment.origin == Origin::Structure {
            continue;
        }
        for comment in fragment.comments {
            if let Some(&at) = place.get(&comment.id) {
                complete(&mut comments[at], comment);
            } else {
                place.insert(comment.id.clone(), comments.len());
                comments.push(comment);
            }
        }
    }
    // The API's order is what was asked for; the discussion's order is that of time.
    if dated && comments.iter().all(|comment| comment.posted_at.is_some()) {
        comments.sort_by_cached_key(|comment| {
            let number: u64 = comment.id.trim_start_matches('c').parse().unwrap_or(u64::MAX);
            (comment.posted_at.as_ref().map(sort_key), number)
        });
    }
    comments
}

/// Comments without ids of their own: the same one on two pages is recognised by all it shows.
fn positional(fragments: Vec<Fragment>) -> Vec<Comment> {
    let mut comments: Vec<Comment> = Vec::new();
    let mut seen = HashMap::new();
    for (number, fragment) in fragments.into_iter().enumerate() {
        let mut renamed: HashMap<String, String> = HashMap::new();
        for mut comment in fragment.comments {
            let shown = (
                comment.author.as_ref().map(|author| author.name.clone()),
                comment.posted_at.as_ref().map(|moment| moment.iso.clone()),
                comment.text.clone(),
            );
            // Twice the same words on one page are two comments.
            if let Some((first_page, id)) = seen.get(&shown)
                && *first_page != number
            {
                renamed.insert(comment.id, String::clone(id));
                continue;
            }
            let id = format!("c{}", comments.len() + 1);
            renamed.insert(std::mem::replace(&mut comment.id, id.clone()), id.clone());
            comment.reply_to = comment.reply_to.and_then(|parent| renamed.get(&parent).cloned());
            seen.entry(shown).or_insert((number, id));
            comments.push(comment);
        }
    }
    comments
}

/// Fills what the better source left out.
fn complete(known: &mut Comment, other: Comment) {
    known.reply_to = known.reply_to.take().or(other.reply_to);
    known.author = known.author.take().or(other.author);
    known.posted_at = known.posted_at.take().or(other.posted_at);
    known.votes = known.votes.or(other.votes);
    known.permalink = known.permalink.take().or(other.permalink);
    if known.text.is_empty() && !other.text.is_empty() {
        known.text = other.text;
        known.html = other.html;
        known.quotes = other.quotes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fragment(origin: Origin, ids: &[(&str, Option<&str>)]) -> Fragment {
        let comments = ids
            .iter()
            .map(|(id, parent)| Comment {
                id: (*id).into(),
                reply_to: parent.map(str::to_owned),
                depth: parent.is_none().then_some(0),
                text: format!("text of {id}"),
                ..Comment::default()
            })
            .collect();
        Fragment { origin, comments, keys: vec!["url:x.org/a".into()], ..Fragment::default() }
    }

    #[test]
    fn the_api_brings_parents_and_orphans_stay() {
        let page = fragment(Origin::Markup, &[("c1", None), ("c3", None)]);
        let api = fragment(Origin::Api, &[("c1", None), ("c3", Some("c1")), ("c7", Some("c2"))]);
        let thread = join(vec![page, api]);
        let tree: Vec<_> = thread.comments.iter().map(|c| (c.id.as_str(), c.reply_to.as_deref(), c.depth)).collect();
        assert_eq!(tree, [("c1", None, Some(0)), ("c3", Some("c1"), Some(1)), ("c7", Some("c2"), None)]);
        assert!(thread.is_orphan(&thread.comments[2]));
    }

    #[test]
    fn order_of_reading_does_not_matter() {
        let a = fragment(Origin::Markup, &[("c1", None)]);
        let b = fragment(Origin::Api, &[("c1", None), ("c2", Some("c1"))]);
        let (one, two) = (join(vec![a.clone(), b.clone()]), join(vec![b, a]));
        assert_eq!((one.comments, one.id), (two.comments, two.id));
    }

    #[test]
    fn positions_are_renumbered_across_pages_and_repeats_dropped() {
        let a = fragment(Origin::Structure, &[("c1", None), ("c2", Some("c1"))]);
        let mut b = fragment(Origin::Structure, &[("c1", None), ("c2", None)]);
        b.comments[1].text = "new".into();
        let thread = join(vec![a, b]);
        let ids: Vec<_> = thread.comments.iter().map(|c| (c.id.as_str(), c.text.as_str())).collect();
        assert_eq!(ids, [("c1", "text of c1"), ("c2", "text of c2"), ("c3", "new")]);
    }

    #[test]
    fn circles_of_parents_end() {
        let thread = join(vec![fragment(Origin::Api, &[("c1", Some("c2")), ("c2", Some("c1"))])]);
        assert!(thread.comments.iter().all(|comment| comment.depth.is_none()));
    }
}
