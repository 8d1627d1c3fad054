//! Posts in the markup of Discourse's pages, see [`super::discourse`].

use std::collections::{BTreeMap, HashMap};

use scraper::{ElementRef, Html};

use crate::model::{Author, Comment, CommentState, Moment, Page, ReplyBasis};
use crate::site::body::{self, BodyText};
use crate::site::{Document, address, article, css, guard};
use crate::text::dates::DayOrder;

/// All posts of a page by their number in the topic.
pub(super) fn posts(html: &Document, page: &Page, topic: Option<u64>) -> BTreeMap<u64, Comment> {
    let topic = topic.map(|topic| topic.to_string());
    let order = article::day_order(html);
    let mut posts = BTreeMap::new();
    // Whom a post of the browser's view says it answers: a name, no number; the newest post of that name is meant.
    let mut newest: HashMap<String, u64> = HashMap::new();
    for row in html.select(css!(".crawler-post, article[data-post-id]")) {
        let Some(number) = number(row) else { continue };
        let Some(mut comment) = post(row, order, page, number) else { continue };
        let named = own(row, css!(".reply-to-tab")).map(|tab| {
            tab.select(css!("img[title]"))
                .find_map(|img| img.attr("title"))
                .map_or_else(|| body::line(tab), str::to_owned)
        });
        let named = named.and_then(|name| newest.get(&name).copied()).map(|above| (above, ReplyBasis::Mention));
        let quoted = || Some((quoted(row, topic.as_deref()?).filter(|above| *above < number)?, ReplyBasis::Quote));
        if let Some((above, basis)) = named.or_else(quoted) {
            comment.reply_to = Some(format!("c{above}"));
            comment.reply_basis = Some(basis);
        }
        if let Some(author) = &comment.author {
            newest.insert(author.name.clone(), number);
        }
        posts.entry(number).or_insert(comment);
    }
    posts
}

/// The number in `post_N`.
fn number(row: ElementRef<'_>) -> Option<u64> {
    row.attr("id")?.strip_prefix("post_")?.parse().ok()
}

/// The post of the same topic that all quotes of a post are from.
fn quoted(row: ElementRef<'_>, topic: &str) -> Option<u64> {
    let mut posts = row
        .select(css!("aside.quote[data-post]"))
        .filter(|quote| !in_embedded(*quote))
        .map(|quote| quote.attr("data-post").filter(|_| quote.attr("data-topic") == Some(topic)));
    let first = posts.next()??;
    posts.all(|other| other == Some(first)).then(|| first.parse().ok()).flatten()
}

/// The first match in a row that is not of a reply shown inside of it.
fn own<'a>(row: ElementRef<'a>, selector: &scraper::Selector) -> Option<ElementRef<'a>> {
    row.select(selector).find(|el| !in_embedded(*el))
}

/// Whether an element is of a copy of another post, which a browser shows above or below a post on demand.
fn in_embedded(el: ElementRef<'_>) -> bool {
    let classes = |el: ElementRef<'_>| {
        el.value().classes().any(|class| matches!(class, "embedded-posts" | "post__embedded-posts"))
    };
    el.ancestors().filter_map(ElementRef::wrap).take_while(|el| el.value().name() != "article").any(classes)
}

/// A post; none for a line that only says what was done to the topic.
fn post(row: ElementRef<'_>, order: DayOrder, page: &Page, number: u64) -> Option<Comment> {
    let content = own(row, css!(".post[itemprop=text], .crawler-post > .post, .cooked"));
    let read = content.map(cooked_element).unwrap_or_default();
    let silent = row.value().classes().any(|class| class == "small-action") && read.text.is_empty();
    if silent {
        return None;
    }
    let has = |name: &str| {
        std::iter::once(row)
            .chain(row.parent().and_then(ElementRef::wrap))
            .any(|el| el.value().classes().any(|class| class == name))
    };
    let mut comment = Comment {
        id: format!("c{number}"),
        author: author(row),
        posted_at: posted_at(row, order, page),
        html: content.map(|el| body::html(el, |_| false)),
        votes: likes(row),
        state: if has("deleted") {
            CommentState::Deleted
        } else if has("post-hidden") {
            CommentState::Hidden
        } else {
            CommentState::Visible
        },
        edited: own(row, css!(".post-info.edits")).is_some(),
        permalink: own(row, css!("a.post-date[href]"))
            .and_then(|a| address::absolute(page.url.as_deref(), a.attr("href")?)),
        ..Comment::default()
    };
    read.fill(&mut comment);
    Some(comment)
}

fn author(row: ElementRef<'_>) -> Option<Author> {
    let printed = css!(".creator [itemprop=name], .names .username a, .names .username, .creator b");
    let machine =
        css!(".names a[data-user-card], .small-action-contents a[data-user-card], .topic-avatar a[data-user-card]");
    let name = own(row, machine)
        .and_then(|a| a.attr("data-user-card").map(str::to_owned))
        .or_else(|| own(row, printed).map(body::line))
        .filter(|name| !name.is_empty())?;
    Some(Author { name, avatar: own(row, css!("img.avatar")).and_then(|img| img.attr("src")).map(str::to_owned) })
}

fn posted_at(row: ElementRef<'_>, order: DayOrder, page: &Page) -> Option<Moment> {
    row.select(css!("time.post-time, time[datetime], .relative-date, .post-date"))
        .filter(|el| !in_embedded(*el))
        .find_map(|el| article::moment(el, order, page.fetched_at.as_ref()))
}

/// Likes, where the markup counts them; a post without any shows no count in a browser.
fn likes(row: ElementRef<'_>) -> Option<i64> {
    let digits = |text: String| text.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok();
    let stated = own(row, css!("[itemprop=interactionStatistic] [itemprop=userInteractionCount]"))
        .and_then(|el| el.attr("content")?.trim().parse().ok());
    stated.or_else(|| {
        own(row, css!(".reactions-counter, .like-count, .post-likes")).and_then(|el| digits(el.text().collect()))
    })
}

/// A post's HTML as a reader sees it, its quotes with the names of the quoted.
pub(super) fn cooked(html: &str) -> BodyText {
    cooked_element(Html::parse_fragment(&guard::guard(html).html).root_element())
}

fn cooked_element(element: ElementRef<'_>) -> BodyText {
    let mut read = body::read(element, |el| {
        // What a quote's head and a picture's foot offer to click; file names and sizes of pictures.
        el.value().classes().any(|class| matches!(class, "quote-controls" | "meta"))
    });
    let quoted: Vec<Option<String>> = element
        .select(css!("blockquote, q"))
        .filter(|quote| !above(*quote, element).any(|el| matches!(el.value().name(), "blockquote" | "q")))
        .filter(|quote| !body::line(*quote).is_empty())
        .map(|quote| {
            let aside = above(quote, element).find(|el| el.value().name() == "aside")?;
            aside.attr("data-username").filter(|name| !name.is_empty()).map(str::to_owned)
        })
        .collect();
    if quoted.len() == read.quotes.len() {
        for (quote, name) in read.quotes.iter_mut().zip(quoted) {
            quote.author = quote.author.take().or(name);
        }
    }
    read
}

/// The elements between one and another around it.
fn above<'a>(el: ElementRef<'a>, around: ElementRef<'a>) -> impl Iterator<Item = ElementRef<'a>> {
    el.ancestors().filter_map(ElementRef::wrap).take_while(move |el| el.id() != around.id())
}
