//! Microdata and RDFa: elements with `itemscope` and `itemprop`, `typeof` and `property`. A property belongs to the
//! innermost item around it, so that a writer's name is not the comment's.

use scraper::ElementRef;

use super::{
    Counted, Item, Structured, counted, id_of_address, is_comment_kind, is_opening_kind, net, plain, threaded,
};
use crate::model::{Author, Comment, Moment};
use crate::site::body::BodyText;
use crate::site::nest::Nest;
use crate::site::{Document, article, body, css};
use crate::text::dates::DayOrder;

/// Comments of the page's microdata.
pub(in crate::site) fn from_microdata(html: &Document, order: DayOrder, read_at: Option<&Moment>) -> Structured {
    let nest =
        Nest::new(html, html.select(css!("[itemtype], [itemprop][itemscope], [typeof]")).filter(|el| is_item(*el)));
    let reader = Reader { nest: &nest, order, read_at };
    let mut thread = Structured::default();
    // The place among the comments of each item that is one.
    let mut places: Vec<Option<usize>> = vec![None; nest.len()];
    let mut items: Vec<Item> = Vec::new();
    for at in 0..nest.len() {
        let said = reader.said(at);
        if is_comment(nest.record(at)) {
            let around = std::iter::successors(nest.parent(at), |at| nest.parent(*at)).find_map(|at| places[at]);
            let item = said.item(around);
            // What is empty, but for those it holds, is markup of a list.
            if !item.comment.text.is_empty() || item.comment.author.is_some() {
                places[at] = Some(items.len());
                items.push(item);
            }
        } else {
            thread.stated_count = thread.stated_count.or(said.comments);
            if is_opening(nest.record(at)) && thread.opening.is_none() {
                thread.opening = Some(said.comment()).filter(|opening| !opening.text.is_empty());
            }
        }
    }
    thread.stated_count = thread.stated_count.or_else(|| stated(html));
    threaded(items, &mut thread);
    if thread.comments.is_empty() {
        thread.opening = None;
    }
    thread
}

/// The count the page states outside of any posting.
fn stated(html: &Document) -> Option<u64> {
    html.select(css!("[itemprop=commentCount], [itemprop=interactionCount], [itemprop=answerCount]")).find_map(|el| {
        let said = el.attr("content").map_or_else(|| body::line(el), str::to_owned);
        // "UserComments:12", as it was written once.
        let number: String = said.chars().filter(char::is_ascii_digit).collect();
        number.parse().ok()
    })
}

fn kinds(el: ElementRef<'_>) -> impl Iterator<Item = &str> {
    [el.attr("itemtype"), el.attr("typeof")].into_iter().flatten().flat_map(str::split_whitespace)
}

fn is_comment(el: ElementRef<'_>) -> bool {
    kinds(el).any(is_comment_kind) || kinds(el).next().is_none() && names(el).any(|name| name == "comment")
}

fn is_opening(el: ElementRef<'_>) -> bool {
    kinds(el).any(is_opening_kind)
}

fn is_item(el: ElementRef<'_>) -> bool {
    is_comment(el) || is_opening(el)
}

/// The properties an element is of the thing around it.
fn names(el: ElementRef<'_>) -> impl Iterator<Item = &str> {
    let of_microdata = el.attr("itemprop").into_iter().flat_map(str::split_whitespace);
    let of_rdfa = el.attr("property").into_iter().flat_map(str::split_whitespace);
    of_microdata.chain(of_rdfa.map(|name| name.rsplit(':').next().unwrap_or(name)))
}

fn begins_thing(el: ElementRef<'_>) -> bool {
    el.attr("itemscope").is_some() || el.attr("typeof").is_some()
}

/// A property's value: its `content`, else its text.
fn value(el: ElementRef<'_>) -> String {
    el.attr("content").map_or_else(|| body::line(el), |content| content.trim().to_owned())
}

/// An address: `content`, `href` or `resource`.
fn address(el: ElementRef<'_>) -> Option<String> {
    ["content", "href", "resource", "itemid"]
        .iter()
        .find_map(|name| el.attr(name))
        .map(|address| address.trim().to_owned())
        .filter(|address| !address.is_empty())
}

struct Reader<'n, 'a> {
    nest: &'n Nest<'a>,
    order: DayOrder,
    read_at: Option<&'n Moment>,
}

/// What an item says of itself.
#[derive(Default)]
struct Said {
    id: Option<String>,
    names: Vec<String>,
    answers: Option<String>,
    author: Option<String>,
    posted_at: Option<Moment>,
    changed_at: Option<Moment>,
    text: Option<(BodyText, Option<String>)>,
    up: Option<i64>,
    down: Option<i64>,
    likes: Option<i64>,
    comments: Option<u64>,
}

impl Reader<'_, '_> {
    fn said(&self, at: usize) -> Said {
        let record = self.nest.record(at);
        let mut said = Said::default();
        let ids = ["id", "data-comment-id", "data-commentid", "data-post-id", "data-pid", "data-id", "itemid", "about"];
        said.id =
            ids.iter().filter_map(|name| record.attr(name)).find(|id| id_of_address(id).is_some()).map(str::to_owned);
        said.names.extend(["itemid", "about"].iter().filter_map(|name| record.attr(name)).map(str::to_owned));
        let mut when = None;
        for el in self.nest.own(at).iter().copied() {
            for name in names(el) {
                // The thing the property is of: a writer and a counter are things in the comment.
                let thing = el.ancestors().filter_map(ElementRef::wrap).find(|above| begins_thing(*above));
                let Some(thing) = thing else { continue };
                if thing.id() == record.id() {
                    self.property(el, name, &mut said, &mut when);
                } else if name == "userInteractionCount" {
                    let action = thing
                        .select(css!("[itemprop=interactionType], [property$=interactionType]"))
                        .next()
                        .and_then(|el| address(el).or_else(|| Some(body::line(el))));
                    let number = digits(&value(el));
                    match action.as_deref().and_then(counted) {
                        Some(Counted::Votes) => said.likes = said.likes.or(number),
                        Some(Counted::Comments) => {
                            said.comments = said.comments.or(number.and_then(|number| u64::try_from(number).ok()));
                        }
                        None => {}
                    }
                }
            }
        }
        said.posted_at = when.or_else(|| {
            let first = self.nest.all(at, css!("time")).next()?;
            article::moment(first, self.order, self.read_at)
        });
        said
    }

    fn property(&self, el: ElementRef<'_>, name: &str, said: &mut Said, when: &mut Option<Moment>) {
        let moment = || article::moment(el, self.order, self.read_at);
        match name {
            "author" | "creator" if said.author.is_none() => said.author = author(el),
            "dateCreated" | "datePublished" | "commentTime" if when.is_none() => *when = moment(),
            "dateModified" if said.changed_at.is_none() => said.changed_at = moment(),
            "text" | "commentText" | "articleBody" | "description" if said.text.is_none() => {
                said.text = Some(match el.attr("content") {
                    Some(content) => (BodyText { text: plain(content), ..BodyText::default() }, None),
                    None => (
                        body::read(el, |el| self.nest.is_record(el)),
                        Some(body::html(el, |el| self.nest.is_record(el))),
                    ),
                });
            }
            "url" => said.names.extend(address(el)),
            "parentItem" if said.answers.is_none() => said.answers = address(el),
            "upvoteCount" if said.up.is_none() => said.up = digits(&value(el)),
            "downvoteCount" if said.down.is_none() => said.down = digits(&value(el)),
            "commentCount" | "answerCount" if said.comments.is_none() => {
                said.comments = digits(&value(el)).and_then(|number| u64::try_from(number).ok());
            }
            _ => {}
        }
    }
}

/// A whole number; what is printed around it ("12 votes") is left out.
fn digits(text: &str) -> Option<i64> {
    let text = text.trim().replace('−', "-");
    let number = text.split_whitespace().next()?;
    number.trim_start_matches('+').parse().ok()
}

fn author(el: ElementRef<'_>) -> Option<String> {
    let named = el.select(css!("[itemprop=name], [property$=name]")).next().unwrap_or(el);
    let name = value(named);
    (!name.is_empty()).then_some(name)
}

impl Said {
    fn comment(self) -> Comment {
        let changed =
            self.changed_at.filter(|changed| self.posted_at.as_ref().is_some_and(|first| is_later(changed, first)));
        let mut comment = Comment {
            author: self.author.map(|name| Author { name, avatar: None }),
            posted_at: self.posted_at,
            edited: changed.is_some(),
            edited_at: changed,
            votes: net(self.up, self.down).or(self.likes),
            permalink: self.names.last().cloned(),
            ..Comment::default()
        };
        if let Some((text, html)) = self.text {
            text.fill(&mut comment);
            comment.html = html;
        }
        comment
    }

    fn item(mut self, around: Option<usize>) -> Item {
        let answers = self.answers.take();
        let names = self.names.clone();
        let id = self.id.take().or_else(|| names.last().cloned());
        Item { id, names, around, answers, comment: self.comment() }
    }
}

/// Whether a change came after the posting, not with it.
fn is_later(changed: &Moment, first: &Moment) -> bool {
    use crate::text::dates::sort_key;
    changed.iso.len() >= first.iso.len() && sort_key(changed) > sort_key(first)
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    #[test]
    fn names_and_counts_belong_to_the_thing_around_them() {
        let thread = from_microdata(
            &Document::from(Html::parse_document(
                "<div itemscope itemtype='https://schema.org/DiscussionForumPosting'><meta itemprop=datePublished content='2024-01-01'>\
                 <span itemprop=author itemscope><b itemprop=name>Ann</b></span><p itemprop=text>Hello</p>\
                 <div itemprop=interactionStatistic itemscope><meta itemprop=interactionType content='https://schema.org/ReplyAction'>\
                 <meta itemprop=userInteractionCount content=2></div>\
                 <div id=post-5 itemprop=comment itemscope itemtype='https://schema.org/Comment'><meta itemprop=url content='/t/1#post-5'>\
                 <span itemprop=author itemscope><b itemprop=name>Bob</b></span><p itemprop=text>Hi</p><meta itemprop=upvoteCount content=3></div>\
                 <div id=post-6 itemprop=comment itemscope itemtype='https://schema.org/Comment'><meta itemprop=parentItem content='/t/1#post-5'>\
                 <p itemprop=text>Well</p></div></div>",
            )),
            DayOrder::DayFirst,
            None,
        );
        let opening = thread.opening.unwrap();
        assert_eq!((opening.text.as_str(), opening.author.unwrap().name.as_str()), ("Hello", "Ann"));
        let found: Vec<_> = thread.comments.iter().map(|c| (c.id.as_str(), c.votes, c.reply_to.as_deref())).collect();
        assert_eq!(found, [("c5", Some(3), None), ("c6", None, Some("c5"))]);
        assert_eq!(thread.stated_count, Some(2));
    }
}
