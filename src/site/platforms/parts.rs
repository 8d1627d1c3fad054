//! How a blog system marks up a comment: where its parts stand, as selectors in `data/sites/`, and one reader for all
//! of them. A platform says which elements are comments and how it numbers them; what stands where inside is data.

use std::collections::HashSet;

use scraper::ElementRef;
use serde::{Deserialize, Deserializer, de};

use crate::model::{Author, Comment, CommentState, Moment, Page, ReplyBasis, Span};
use crate::site::body::BodyText;
use crate::site::naming::name_rows;
use crate::site::nest::Nest;
use crate::site::words::WORDS;
use crate::site::{Document, Fragment, Origin, address, article, believable, body, css, document, stated};
use crate::text::dates::DayOrder;

/// Where the parts of a comment stand; of each list, the first that gives something is believed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Parts {
    rows: Vec<Css>,
    author: Vec<Css>,
    date: Vec<Css>,
    date_alone: Vec<Css>,
    body: Vec<Css>,
    net: Vec<Css>,
    up: Vec<Css>,
    down: Vec<Css>,
    pending: Vec<Css>,
    deleted: Vec<Css>,
    reply_to: Vec<Css>,
    count: Vec<Css>,
    around: HashSet<String>,
    badges: Vec<String>,
}

#[derive(Debug)]
struct Css(document::Css);

impl<'de> Deserialize<'de> for Css {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        document::Css::parse(&text).map(Self).map_err(de::Error::custom)
    }
}

impl Parts {
    /// From a file of `data/sites/`, which is compiled in and read by a test of its platform.
    pub(super) fn new(toml: &str) -> Self {
        toml::from_str(toml).expect("a file of data/sites/ is compiled in and read by a test of its platform")
    }

    /// The elements that are comments.
    pub(super) fn rows<'a>(&'a self, html: &'a Document) -> impl Iterator<Item = ElementRef<'a>> + 'a {
        self.rows.iter().flat_map(|rows| html.select(&rows.0))
    }

    /// What a page holds: its article, the comments of `nest`, of which a platform knows `rows`, and the stated count.
    /// `levels` is what gives [`Row::depth`].
    pub(super) fn fragment(
        &'static self,
        page: &Page,
        html: &Document,
        nest: Nest<'_>,
        rows: Vec<Row>,
        levels: ReplyBasis,
    ) -> Fragment {
        let article = article::read(page, html);
        let mut notes = Vec::new();
        let (order, read_at, base) = (article::day_order(html), page.fetched_at.as_ref(), page.url.as_deref());
        Fragment {
            comments: Reader { parts: self, nest, order, read_at, base, levels }.thread(rows, &mut notes),
            stated_count: self
                .stated_count(html, |_| false)
                .or_else(|| stated::stated_count(html, article.title.as_deref())),
            article,
            origin: Origin::Markup,
            notes,
            ..Fragment::default()
        }
    }

    /// What the page says it has, from the most to the least trusted place. `is_comment` says what is one: lists of
    /// other articles and comments print their counts, too.
    pub(super) fn stated_count(&self, html: &Document, is_comment: impl Fn(ElementRef<'_>) -> bool) -> Option<u64> {
        let aside = |el: &ElementRef<'_>| {
            let above = || el.ancestors().filter_map(ElementRef::wrap);
            above().any(|el| is_aside(el) || el.value().name() == "nav" || is_comment(el))
        };
        self.count.iter().find_map(|place| {
            html.select(&place.0)
                .filter(|el| !aside(el))
                .find_map(|el| WORDS.stated_count(&body::line(el)).filter(|count| believable(*count)))
        })
    }
}

/// Whether an element is beside the page's main matter: lists of the site's latest comments, of other articles. An
/// `aside` of the article's own, or of its comments, is none.
pub(super) fn is_aside(el: ElementRef<'_>) -> bool {
    let within_article = || el.ancestors().filter_map(ElementRef::wrap).any(|above| above.value().name() == "article");
    el.value().classes().any(|class| matches!(class, "widget" | "related-posts" | "jp-relatedposts" | "recentcomments"))
        || el.value().name() == "aside"
            && !el.value().id().is_some_and(|id| id.contains("comment"))
            && !el.value().classes().any(|class| class.contains("comment"))
            && !within_article()
}

/// What a platform knows of a comment before its parts are read.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// The site's own id.
    pub(super) id: Option<String>,
    /// The id of the comment it answers, where the markup gives it, and how.
    pub(super) parent: Option<(String, ReplyBasis)>,
    /// Levels below the article, where the markup gives them.
    pub(super) depth: Option<u32>,
}

/// Reads the comments of one page.
pub(super) struct Reader<'a> {
    pub(super) parts: &'static Parts,
    pub(super) nest: Nest<'a>,
    pub(super) order: DayOrder,
    pub(super) read_at: Option<&'a Moment>,
    pub(super) base: Option<&'a str>,
    /// What it is that gives [`Row::depth`].
    pub(super) levels: ReplyBasis,
}

impl<'a> Reader<'a> {
    /// The first of a comment's elements that a list finds and `accept` accepts, list item by list item.
    fn first<T>(&self, at: usize, list: &[Css], accept: impl Fn(ElementRef<'a>) -> Option<T>) -> Option<T> {
        list.iter().find_map(|css| self.nest.all(at, &css.0).find_map(&accept))
    }

    /// All comments, with their places in the thread.
    pub(super) fn thread(&self, rows: Vec<Row>, notes: &mut Vec<String>) -> Vec<Comment> {
        let mut comments: Vec<Comment> =
            rows.iter().enumerate().map(|(at, row)| self.comment(at, row.id.as_deref())).collect();
        let ids: Vec<Option<String>> = rows.iter().map(|row| row.id.clone()).collect();
        let names = name_rows(&ids, &comments, notes);
        // The comments above, by level: where replies are no part of the markup of what they answer, levels say it.
        let mut above: Vec<(u32, usize)> = Vec::new();
        for (at, row) in rows.into_iter().enumerate() {
            let nested = self.nest.parent(at);
            let depth = row.depth.or(nested.is_none().then_some(0));
            let leveled = row.depth.and_then(|depth| {
                above.truncate(above.iter().rposition(|(level, _)| *level < depth).map_or(0, |last| last + 1));
                above.last().filter(|(level, _)| level + 1 == depth).map(|(_, at)| *at)
            });
            if let Some(depth) = depth {
                above.push((depth, at));
            }
            let answered = self.answered(at, row.id.as_deref());
            let comment = &mut comments[at];
            comment.id.clone_from(&names[at]);
            comment.depth = depth;
            let linked = row.parent.or_else(|| answered.map(|id| (id, ReplyBasis::Link)));
            let place = nested.map(|at| (at, ReplyBasis::Nesting)).or(leveled.map(|at| (at, self.levels)));
            (comment.reply_to, comment.reply_basis) = match (linked, place) {
                (Some((id, basis)), _) => (Some(format!("c{id}")), Some(basis)),
                (None, Some((parent, basis))) => (Some(names[parent].clone()), Some(basis)),
                (None, None) => (None, None),
            };
        }
        comments
    }

    /// The comment, but for its id and place in the thread.
    fn comment(&self, at: usize, id: Option<&str>) -> Comment {
        let body = self.body(at);
        let author = self.author(at, body);
        let date = self.date(at, body);
        let apart: Vec<_> = author.iter().map(|(el, _)| el.id()).chain(date.iter().map(|(el, _)| el.id())).collect();
        let around = |el: ElementRef<'_>| self.is_around(el);
        let read = if let Some(el) = body {
            body::read(el, |el| around(el) || apart.contains(&el.id()))
        } else {
            // A row without a body of its own holds the writer's name and the date, too, and may have its text in what
            // elsewhere is no text.
            let record = self.nest.record(at);
            let above = |p: ElementRef<'a>| {
                p.ancestors().map(|node| node.id()).take_while(|id| *id != record.id()).collect::<Vec<_>>()
            };
            let texts: HashSet<_> = self.nest.all(at, css!("p")).flat_map(above).collect();
            body::read(record, |el| {
                self.nest.is_record(el)
                    || apart.contains(&el.id())
                    || is_button(el)
                    || around(el) && !texts.contains(&el.id())
            })
        };
        let (read, printed) = if date.is_none() && author.as_ref().is_some_and(|(el, _)| self.in_text(*el, body)) {
            self.dated(read)
        } else {
            (read, None)
        };
        let mut comment = Comment {
            posted_at: date.map(|(_, moment)| moment).or(printed),
            html: body.map(|el| body::html(el, around)),
            votes: self.votes(at),
            state: self.state(at),
            permalink: id.and_then(|id| self.permalink(at, id)),
            author: author.map(|(_, name)| Author { name, avatar: self.avatar(at) }),
            ..Comment::default()
        };
        read.fill(&mut comment);
        if comment.state == CommentState::Deleted {
            (comment.text, comment.html) = (String::new(), None);
            comment.quotes.clear();
            comment.links.clear();
        }
        comment
    }

    fn state(&self, at: usize) -> CommentState {
        let shows = |list: &[Css]| list.iter().any(|css| self.nest.whole(at).any(|el| css.0.matches(&el)));
        if shows(&self.parts.deleted) {
            CommentState::Deleted
        } else if shows(&self.parts.pending) {
            CommentState::Pending
        } else {
            CommentState::Visible
        }
    }

    /// The element that holds the text, the innermost of those that may; one that is there but empty says that the
    /// comment is.
    fn body(&self, at: usize) -> Option<ElementRef<'a>> {
        let candidates: Vec<ElementRef<'a>> = self
            .parts
            .body
            .iter()
            .flat_map(|css| self.nest.all(at, &css.0))
            .filter(|el| !self.is_around(*el))
            .collect();
        let full = |el: &&ElementRef<'a>| !body::read(**el, |el| self.is_around(el)).text.is_empty();
        let mut body = *candidates.iter().find(full).or(candidates.first())?;
        let is_inside = |el: &ElementRef<'a>, outer: ElementRef<'a>| el.ancestors().any(|node| node.id() == outer.id());
        while let Some(inner) = candidates.iter().filter(|el| is_inside(el, body)).find(full) {
            body = *inner;
        }
        Some(body)
    }

    fn author(&self, at: usize, body: Option<ElementRef<'a>>) -> Option<(ElementRef<'a>, String)> {
        let named = |el: ElementRef<'a>| {
            let name = self.name(el);
            let plausible = !name.is_empty() && name.chars().count() <= 200 && !WORDS.is_button(&name);
            plausible.then_some((el, name))
        };
        let outside = |el: ElementRef<'a>| if self.in_text(el, body) { None } else { named(el) };
        // Themes whose body holds the name, too, print it first.
        let ahead = |el: ElementRef<'a>| if leads(el, body?) { named(el) } else { None };
        self.first(at, &self.parts.author, outside).or_else(|| self.first(at, &self.parts.author, ahead))
    }

    /// A name without what themes put beside it: "says", a badge, the word "Author" on a line of its own.
    fn name(&self, el: ElementRef<'_>) -> String {
        let is_badge = |el: ElementRef<'_>| {
            el.value().classes().any(|class| {
                self.parts
                    .badges
                    .iter()
                    .any(|badge| class.split(['-', '_']).any(|part| part == badge) || class == badge)
            })
        };
        let read = body::read(el, is_badge).text;
        let line = read.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        // "Ann | 21 April 2020": a name with its date.
        let is_date = |piece: &str| article::moment_within(piece, self.order, self.read_at).is_some();
        let pieces: Vec<&str> = line.split(" | ").collect();
        let line = match pieces.as_slice() {
            [name, rest @ ..] if rest.iter().any(|piece| is_date(piece)) => name,
            _ => line,
        };
        WORDS.author(line).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn avatar(&self, at: usize) -> Option<String> {
        self.nest
            .all(at, css!("img.avatar, .avatar img, .comment-avatar img"))
            .find_map(|img| img.attr("src"))
            .map(str::to_owned)
    }

    fn date(&self, at: usize, body: Option<ElementRef<'a>>) -> Option<(ElementRef<'a>, Moment)> {
        let outside = |el: ElementRef<'a>, moment: Moment| (!self.in_text(el, body)).then_some((el, moment));
        self.first(at, &self.parts.date, |el| outside(el, self.moment(el)?)).or_else(|| {
            self.first(at, &self.parts.date_alone, |el| {
                let line = short_text(el, 60)?;
                outside(el, article::printed_moment(line.trim(), self.order, self.read_at)?)
            })
        })
    }

    /// A text without the date on its first line, where themes print it below a name they print in the body.
    fn dated(&self, mut read: BodyText) -> (BodyText, Option<Moment>) {
        let line = read.text.lines().next().unwrap_or_default();
        let Some(moment) = article::printed_moment(line.trim(), self.order, self.read_at) else { return (read, None) };
        let cut = read.text.len() - read.text[line.len()..].trim_start().len();
        read.text.drain(..cut);
        let moved = |span: Span| (span.start >= cut).then(|| Span::new(span.start - cut, span.end - cut));
        read.quotes.retain_mut(|quote| moved(quote.span).map(|span| quote.span = span).is_some());
        read.links.retain_mut(|link| moved(link.span).map(|span| link.span = span).is_some());
        (read, Some(moment))
    }

    /// The instant an element says; a full date in its title before a distance in its text.
    fn moment(&self, el: ElementRef<'_>) -> Option<Moment> {
        let titled = el.attr("title").and_then(|title| article::printed_moment(title, self.order, None));
        titled.or_else(|| article::moment(el, self.order, self.read_at)).or_else(|| {
            // Not in what holds the text, too.
            let is_line = short_text(el, 200).is_some() && el.select(css!("p")).next().is_none();
            if is_line { article::moment_within(&body::line(el), self.order, self.read_at) } else { None }
        })
    }

    /// Whether an element is part of the comment's text.
    fn in_text(&self, el: ElementRef<'_>, body: Option<ElementRef<'_>>) -> bool {
        let Some(body) = body else { return false };
        let mut up = std::iter::once(el).chain(el.ancestors().filter_map(ElementRef::wrap));
        up.find(|el| el.id() == body.id() || self.is_around(*el) || self.nest.is_record(*el))
            .is_some_and(|el| el.id() == body.id())
            && el.id() != body.id()
    }

    fn votes(&self, at: usize) -> Option<i64> {
        let number = |list: &[Css]| self.first(at, list, counted);
        number(&self.parts.net).or_else(|| {
            let up = number(&self.parts.up);
            let down = number(&self.parts.down).map(i64::saturating_abs);
            (up.is_some() || down.is_some()).then(|| up.unwrap_or(0).saturating_sub(down.unwrap_or(0)))
        })
    }

    fn permalink(&self, at: usize, id: &str) -> Option<String> {
        let is_own = |href: &str| href.rsplit_once('#').is_some_and(|(_, anchor)| trailing(anchor) == id);
        self.nest
            .all(at, css!("a[href*='#']"))
            .filter_map(|a| a.attr("href"))
            .find(|href| is_own(href))
            .map(|href| address::absolute(self.base, href).unwrap_or_else(|| href.to_owned()))
    }

    /// The id of the comment that a link names as the one answered: "En réponse à Zoé".
    fn answered(&self, at: usize, own: Option<&str>) -> Option<String> {
        let target = |a: ElementRef<'a>| {
            let id = trailing(a.attr("href")?.rsplit_once('#')?.1);
            (id.bytes().any(|b| b.is_ascii_digit()) && Some(id) != own).then(|| id.to_owned())
        };
        self.first(at, &self.parts.reply_to, target).or_else(|| {
            let says_so = |el: ElementRef<'_>| {
                short_text(el, 200)
                    .is_some_and(|line| !line.trim().is_empty() && WORDS.before_reply(line.trim()).is_empty())
            };
            self.nest
                .all(at, css!("a[href*='#comment']"))
                .filter(|a| says_so(*a) || a.parent().and_then(ElementRef::wrap).is_some_and(says_so))
                .find_map(target)
        })
    }

    fn is_around(&self, el: ElementRef<'_>) -> bool {
        self.nest.is_record(el)
            || el.value().classes().any(|class| {
                self.parts.around.contains(class)
                    || class.contains('_') && self.parts.around.contains(&class.replace('_', "-"))
            })
    }
}

/// Whether an element stands in `body`, not in a paragraph of it, and nothing is written before.
fn leads(el: ElementRef<'_>, body: ElementRef<'_>) -> bool {
    let paragraph = el.ancestors().filter_map(ElementRef::wrap).take_while(|above| above.id() != body.id());
    el.id() != body.id()
        && !paragraph.into_iter().any(|el| el.value().name() == "p")
        && body
            .descendants()
            .take_while(|node| node.id() != el.id())
            .all(|node| node.value().as_text().is_none_or(|text| text.trim().is_empty()))
}

/// What follows the words of an anchor: `comment-12`, `c12` and `12` are one comment's.
pub(super) fn trailing(anchor: &str) -> &str {
    let at = anchor
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + anchor[at..].chars().next().map_or(1, char::len_utf8));
    if at == anchor.len() { anchor } else { &anchor[at..] }
}

/// A whole number an element says, in an attribute or as its text.
fn counted(el: ElementRef<'_>) -> Option<i64> {
    let number = |text: &str| {
        let text = text.trim().replace(['−', '–'], "-");
        let digits = text.trim_start_matches('+').trim();
        digits.parse::<i64>().ok()
    };
    ["data-like-count", "data-count", "data-ulike-counter-value", "title"]
        .iter()
        .find_map(|name| number(el.attr(name)?))
        .or_else(|| number(&body::line(el)))
}

/// Whether an element is a button printed as a link.
fn is_button(el: ElementRef<'_>) -> bool {
    matches!(el.value().name(), "a" | "span" | "small" | "p" | "div")
        && short_text(el, 60).is_some_and(|text| WORDS.is_button(text.trim()))
}

/// The text of an element that has no more than so many bytes of it.
fn short_text(el: ElementRef<'_>, most: usize) -> Option<String> {
    let mut text = String::new();
    for piece in el.text() {
        text.push_str(piece.trim_start_matches(['\n', '\t']));
        if text.len() > most {
            return None;
        }
    }
    Some(text)
}
