//! Fragments of one thread become the thread.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::naming::NAMELESS;
use super::{Fragment, Origin, address, explains_no_comments};
use crate::model::{Article, Certainty, Comment, Completeness, ReplyBasis, Thread};
use crate::text::dates::sort_key;

/// Key of an answer that holds no comments and does not say of which article.
pub(super) const EMPTY_ANSWER: &str = "empty:";

/// Letters from which on a text is hardly written twice.
const TELLING: usize = 40;

/// Seconds between two readings of a page that are two snapshots to be told of.
const ONE_RUN: i64 = 3600;

/// Finds out which fragments belong to one thread, by the keys they share, without holding them.
///
/// ```
/// use causerie::site::Assembly;
/// let mut assembly = Assembly::default();
/// assembly.add(&["url:a".into()]);
/// assembly.add(&["url:b".into()]);
/// assembly.add(&["wp:host/4".into(), "url:a".into()]);
/// assert_eq!(assembly.thread_of(2), assembly.thread_of(0));
/// assert_eq!(assembly.groups(), [vec![0, 2], vec![1]]);
/// ```
#[derive(Debug, Default)]
pub struct Assembly {
    by_key: HashMap<String, usize>,
    /// For each fragment, one that came earlier and belongs to the same thread, or itself.
    earlier: Vec<usize>,
    /// The article's number in its site's database, of threads that say it.
    articles: HashMap<usize, String>,
    /// Fragments that say nothing of any thread.
    idle: HashSet<usize>,
}

impl Assembly {
    /// Notes the next fragment's keys. A fragment without keys is a thread of its own. Threads that the site's own
    /// numbers tell apart stay so, whatever other key they share: an address may be wrong on every page.
    pub fn add(&mut self, keys: &[String]) {
        let number = self.earlier.len();
        self.earlier.push(number);
        if keys.iter().all(|key| key == EMPTY_ANSWER) && !keys.is_empty() {
            self.idle.insert(number);
        }
        let is_article = |key: &&String| key.starts_with("wp:");
        if let Some(article) = keys.iter().find(is_article) {
            self.articles.insert(number, article.clone());
        }
        for key in keys.iter().filter(is_article).chain(keys.iter().filter(|key| !is_article(key))) {
            match self.by_key.get(key) {
                Some(&other) => self.unite(other, number),
                None => {
                    self.by_key.insert(key.clone(), number);
                }
            }
        }
    }

    /// A fragment of the thread this one belongs to, the same for all of its fragments.
    pub fn thread_of(&mut self, number: usize) -> usize {
        self.first(number)
    }

    /// The fragments' numbers by thread, in order of first appearance.
    pub fn groups(mut self) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut place: HashMap<usize, usize> = HashMap::new();
        // An empty answer beside other pages is the end of their list, alone it is all there is.
        let all_idle = self.idle.len() == self.earlier.len();
        for number in 0..self.earlier.len() {
            if self.idle.contains(&number) && !all_idle {
                continue;
            }
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
        let (first, second) = (a.min(b), a.max(b));
        if first == second {
            return;
        }
        if let Some(article) = self.articles.get(&second).cloned() {
            match self.articles.get(&first) {
                Some(known) if *known != article => return,
                Some(_) => {}
                None => {
                    self.articles.insert(first, article);
                }
            }
        }
        self.earlier[second] = first;
    }
}

/// Joins the fragments of one thread. The result does not depend on the order they were read in, but for
/// [`Thread::sources`].
pub fn join(mut fragments: Vec<Fragment>) -> Thread {
    leave_out_idle_frames(&mut fragments);
    believe_small_ids(&mut fragments);
    let sources = fragments.iter().map(|fragment| fragment.source.clone()).collect();
    let mut notes = newest_snapshots(&mut fragments);
    // Pages follow each other in time; where one does not say when, their numbers decide.
    let dated = fragments.iter().all(|fragment| fragment.comments.is_empty() || first_date(fragment).is_some());
    let newest_first = dated && fragments.iter().any(is_newest_first) && !fragments.iter().any(is_oldest_first);
    fragments.sort_by_cached_key(|fragment| {
        let date = first_date(fragment).filter(|_| dated).map(|date| if newest_first { -date } else { date });
        (std::cmp::Reverse(fragment.origin), date, place(fragment))
    });
    let found = || fragments.iter().filter(|fragment| !fragment.comments.is_empty());
    let mut thread = Thread {
        site: site_name(&fragments),
        article: article(&fragments),
        stated_count: stated_count(&fragments),
        found_by: found().map(|f| f.found_by).max().unwrap_or_default(),
        certainty: found().map(|f| f.certainty).max().unwrap_or_default(),
        fetched_at: fragments.iter().filter_map(|f| f.fetched_at.clone()).max_by_key(sort_key),
        sources,
        ..Thread::default()
    };
    thread.id = address::thread_id(&identity(&thread.article, &fragments));
    notes.extend(fragments.iter_mut().flat_map(|fragment| std::mem::take(&mut fragment.notes)));
    let mut noted = HashSet::new();
    thread.notes = notes.into_iter().filter(|note| noted.insert(note.clone())).collect();
    let articles: HashSet<String> = fragments.iter_mut().filter_map(|fragment| fragment.article_id.take()).collect();
    thread.comments = comments(fragments);
    for comment in &mut thread.comments {
        if comment.reply_to.as_ref().is_some_and(|parent| articles.contains(parent)) {
            (comment.reply_to, comment.depth) = (None, Some(0));
        }
        if comment.reply_to.is_none() {
            comment.reply_basis = None;
        }
    }
    believe_quotes(&mut thread.comments);
    if !thread.comments.is_empty() {
        // One page lacks them, another of the thread has them.
        thread.notes.retain(|note| !explains_no_comments(note));
    }
    thread.derive_depths();
    // What the site says it has was not all there.
    if thread.completeness() == Completeness::Partial {
        thread.certainty = thread.certainty.min(Certainty::Medium);
    }
    thread
}

fn first_date(fragment: &Fragment) -> Option<i64> {
    fragment.comments.iter().filter_map(|comment| comment.posted_at.as_ref()).map(sort_key).next()
}

/// Whether the page shows its comments in the order of time.
fn is_oldest_first(fragment: &Fragment) -> bool {
    order(&fragment.comments) == Some(std::cmp::Ordering::Less)
}

/// Whether it shows them against it.
fn is_newest_first(fragment: &Fragment) -> bool {
    order(&fragment.comments) == Some(std::cmp::Ordering::Greater)
}

/// How the first comment that answers none stands to the last; nothing where one of them has no date. One that only quotes
/// another stands in line with those that do not.
fn order(comments: &[Comment]) -> Option<std::cmp::Ordering> {
    let mut roots = comments.iter().filter(|c| c.reply_to.is_none() || c.reply_basis == Some(ReplyBasis::Quote));
    let date = |comment: &Comment| comment.posted_at.as_ref().map(sort_key);
    let first = date(roots.next()?)?;
    Some(first.cmp(&date(roots.next_back()?)?))
}

/// Of a page and its frames, those frames are left out that hold no comments, and those where comments were only guessed
/// although the page around them has some.
fn leave_out_idle_frames(fragments: &mut Vec<Fragment>) {
    let found = fragments.iter().any(|fragment| !fragment.is_frame && !fragment.comments.is_empty());
    let of_use = |fragment: &Fragment| !(fragment.comments.is_empty() || found && fragment.origin == Origin::Structure);
    if fragments.iter().any(|fragment| !fragment.is_frame || of_use(fragment)) {
        fragments.retain(|fragment| !fragment.is_frame || of_use(fragment));
    } else {
        fragments.truncate(1);
    }
}

/// Small ids are the site's own where several pages have ids and each stands for one comment.
fn believe_small_ids(fragments: &mut [Fragment]) {
    let has_ids = |fragment: &&Fragment| fragment.small_ids || fragment.origin != Origin::Structure;
    let mut said: HashMap<&str, &str> = HashMap::new();
    let mut pages = HashSet::new();
    for fragment in fragments.iter().filter(|fragment| !fragment.comments.is_empty()).filter(has_ids) {
        pages.insert(fragment.page_url.as_deref().unwrap_or(&fragment.source));
        for comment in &fragment.comments {
            if *said.entry(&comment.id).or_insert(&comment.text) != comment.text {
                return;
            }
        }
    }
    if pages.len() > 1 {
        let small = fragments.iter_mut().filter(|fragment| fragment.small_ids);
        small.for_each(|fragment| fragment.origin = Origin::Markup);
    }
}

fn fetched(fragment: &Fragment) -> Option<i64> {
    fragment.fetched_at.as_ref().map(sort_key)
}

/// A name cut to be sorted by its numbers, see [`address::natural`].
type Natural = Vec<(String, u64)>;

/// Where a page stands among those of its thread, as far as its address or name says; the newest of one page first.
fn place(fragment: &Fragment) -> (Option<u64>, Natural, std::cmp::Reverse<Option<i64>>, Natural) {
    let address = fragment.page_url.as_deref();
    let number = fragment
        .page_number
        .or_else(|| address.and_then(address::comment_page))
        .or_else(|| address::comment_page(&fragment.source));
    let named = address.map(address::natural).unwrap_or_default();
    (number, named, std::cmp::Reverse(fetched(fragment)), address::natural(&fragment.source))
}

/// Of one page read at several times, the newest says what the discussion is. Where comments have ids, older readings
/// still add those that are gone since; where they have only positions, nothing tells which are the same.
fn newest_snapshots(fragments: &mut Vec<Fragment>) -> Vec<String> {
    let mut times: BTreeMap<(String, Origin), BTreeSet<i64>> = BTreeMap::new();
    for fragment in fragments.iter() {
        if let (Some(url), Some(at)) = (&fragment.page_url, fetched(fragment)) {
            times.entry((url.clone(), fragment.origin)).or_default().insert(at);
        }
    }
    times.retain(|_, times| times.len() > 1);
    let newest = |fragment: &Fragment| {
        times.get(&(fragment.page_url.clone()?, fragment.origin)).and_then(|times| times.last().copied())
    };
    fragments.retain_mut(|fragment| {
        let Some(newest) = newest(fragment) else { return true };
        if fetched(fragment) != Some(newest) {
            fragment.stated_count = None;
            return fragment.origin != Origin::Structure;
        }
        true
    });
    // One run may come to a page twice, by different addresses.
    times.retain(|_, times| times.last().zip(times.first()).is_some_and(|(last, first)| last - first > ONE_RUN));
    times
        .iter()
        .map(|((url, _), times)| format!("{url} was read from {} snapshots; the newest is shown", times.len()))
        .collect()
}

/// What the thread's id is made from: its address, else whatever names it.
fn identity(article: &Article, fragments: &[Fragment]) -> String {
    // Where a file lies says nothing of the thread.
    let keys = || fragments.iter().flat_map(|fragment| fragment.keys.iter()).filter(|key| !address::is_place(key));
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
    let shown = fragments.iter().find(|fragment| fragment.origin == Origin::Markup && !fragment.is_frame);
    let framed = || fragments.iter().find(|fragment| fragment.is_frame && !fragment.comments.is_empty());
    let empty = fragments.iter().all(|fragment| fragment.is_frame || fragment.comments.is_empty());
    framed()
        .filter(|_| empty)
        .or(shown)
        .or_else(|| fragments.iter().find(|f| f.article.title.is_some()))
        .or(fragments.first())
        .map_or_else(String::new, |f| f.site.clone())
}

fn article(fragments: &[Fragment]) -> Article {
    // A frame names itself; the article is that of the page around it.
    let around: Vec<&Fragment> = fragments.iter().filter(|fragment| !fragment.is_frame).collect();
    let fragments = if around.is_empty() { fragments.iter().collect() } else { around };
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
    // Where each comment stands, and who said it when.
    let mut place: HashMap<String, (usize, Origin, Option<i64>)> = HashMap::new();
    // A page may not print the ids its API gives.
    let mut said: HashMap<(Option<String>, String), String> = HashMap::new();
    let mut unnamed: Vec<Fragment> = Vec::new();
    for fragment in fragments {
        let (origin, at) = (fragment.origin, fetched(&fragment));
        if origin == Origin::Structure {
            // An API gives all there is; of pages, one may show too little for ids to be told.
            if best == Origin::Markup {
                unnamed.push(fragment);
            }
            continue;
        }
        let mut renamed: HashMap<String, String> = HashMap::new();
        for mut comment in fragment.comments {
            if let Some(parent) = comment.reply_to.as_mut().and_then(|id| Some((renamed.get(id)?.clone(), id))) {
                parent.1.clone_from(&parent.0);
            }
            let shown = (comment.author.as_ref().map(|author| author.name.clone()), comment.text.clone());
            if origin == Origin::Api {
                said.entry(shown).or_insert_with(|| comment.id.clone());
            } else if comment.id.starts_with(NAMELESS)
                && let Some(id) = said.remove(&shown)
            {
                renamed.insert(std::mem::replace(&mut comment.id, id.clone()), id);
            }
            match place.get_mut(&comment.id) {
                None => {
                    place.insert(comment.id.clone(), (comments.len(), origin, at));
                    comments.push(comment);
                }
                Some((place, by, when)) => {
                    let known = &mut comments[*place];
                    if *by == origin && at > *when {
                        *when = at;
                        std::mem::swap(known, &mut comment);
                    }
                    complete(known, comment);
                }
            }
        }
    }
    append(&mut comments, unnamed);
    // The API's order is what was asked for; the discussion's order is that of time.
    if dated && comments.iter().all(|comment| comment.posted_at.is_some()) {
        comments.sort_by_cached_key(|comment| {
            let number: u64 = comment.id.trim_start_matches('c').parse().unwrap_or(u64::MAX);
            (comment.posted_at.as_ref().map(sort_key), number)
        });
    }
    comments
}

/// Adds comments of pages without ids to those with, unless they are among them already.
fn append(comments: &mut Vec<Comment>, unnamed: Vec<Fragment>) {
    let shown = |comment: &Comment| (comment.author.as_ref().map(|author| author.name.clone()), comment.text.clone());
    let mut known: HashSet<_> = comments.iter().map(shown).collect();
    for comment in unnamed.into_iter().flat_map(|fragment| fragment.comments) {
        if known.insert(shown(&comment)) {
            let author = comment.author.as_ref().map_or("", |author| &author.name);
            let id = format!("{NAMELESS}{}", address::short_hash(&format!("{author}\n{}", comment.text)));
            comments.push(Comment { id, reply_to: None, ..comment });
        }
    }
}

/// Comments without ids of their own: the same one on two pages is recognised by all it shows.
fn positional(fragments: Vec<Fragment>) -> Vec<Comment> {
    let mut comments: Vec<Comment> = Vec::new();
    let mut seen = HashMap::new();
    for (number, fragment) in fragments.into_iter().enumerate() {
        let mut renamed: HashMap<String, String> = HashMap::new();
        let first = comments.len();
        for (at, mut comment) in fragment.comments.into_iter().enumerate() {
            let shown = (
                comment.author.as_ref().map(|author| author.name.clone()),
                comment.posted_at.as_ref().map(|moment| moment.iso.clone()),
                comment.text.clone(),
            );
            // Twice the same words on one page are two comments; and on two pages, if they are few and bear no date.
            let telling = shown.1.is_some() || shown.2.chars().count() >= TELLING || at == 0;
            if let Some((first_page, id)) = seen.get(&shown)
                && *first_page != number
                && telling
            {
                renamed.insert(comment.id, String::clone(id));
                continue;
            }
            let id = format!("c{}", comments.len() + 1);
            renamed.insert(std::mem::replace(&mut comment.id, id.clone()), id.clone());
            seen.entry(shown).or_insert((number, id));
            comments.push(comment);
        }
        // Where the newest stand first, the one answered comes later.
        for comment in &mut comments[first..] {
            comment.reply_to = comment.reply_to.take().and_then(|parent| renamed.get(&parent).cloned());
        }
    }
    comments
}

/// Of what quotes say, keeps what is an earlier comment of the thread: people quote other threads, too, and nobody answers
/// what was not there yet, so that no circle comes of it.
fn believe_quotes(comments: &mut [Comment]) {
    let newest_first = order(comments) == Some(std::cmp::Ordering::Greater);
    let places: HashMap<&str, usize> = comments.iter().enumerate().map(|(at, c)| (c.id.as_str(), at)).collect();
    // Where all are dated, their dates tell, since a thread may be in order of votes; else, and of one minute, their places.
    let dates: Option<Vec<i64>> = comments.iter().map(|comment| comment.posted_at.as_ref().map(sort_key)).collect();
    let date = |at: usize| dates.as_ref().map(|dates| dates[at]);
    let stands_earlier = |above: usize, at: usize| if newest_first { above > at } else { above < at };
    let is_earlier = |above: usize, at: usize| match date(above).cmp(&date(at)) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Equal => stands_earlier(above, at),
        std::cmp::Ordering::Greater => false,
    };
    let is_wrong = |at: usize, comment: &Comment| {
        let above = comment.reply_to.as_deref().and_then(|id| places.get(id).copied());
        comment.reply_basis == Some(ReplyBasis::Quote) && !above.is_some_and(|above| is_earlier(above, at))
    };
    let wrong: Vec<bool> = comments.iter().enumerate().map(|(at, comment)| is_wrong(at, comment)).collect();
    for (comment, _) in comments.iter_mut().zip(wrong).filter(|(_, wrong)| *wrong) {
        (comment.reply_to, comment.reply_basis) = (None, None);
    }
}

/// Fills what the better source left out.
fn complete(known: &mut Comment, other: Comment) {
    if known.reply_to.is_none() {
        (known.reply_to, known.reply_basis) = (other.reply_to, other.reply_basis);
    }
    known.edited |= other.edited;
    known.edited_at = known.edited_at.take().or(other.edited_at);
    known.author = known.author.take().or(other.author);
    known.posted_at = known.posted_at.take().or(other.posted_at);
    known.votes = known.votes.or(other.votes);
    known.permalink = known.permalink.take().or(other.permalink);
    // A comment deleted since stays so.
    if known.text.is_empty() && !other.text.is_empty() && known.state == other.state {
        known.text = other.text;
        known.html = other.html;
        known.quotes = other.quotes;
        known.links = other.links;
    }
}

#[cfg(test)]
mod tests;
