//! The article above a discussion: from structured data, meta tags and the usual markup, in this order of trust.

mod bylines;
mod inside;

use std::collections::HashMap;

use ego_tree::NodeId;
use scraper::ElementRef;
use serde_json::Value;

pub(super) use bylines::{before_date, byline};

use self::bylines::Byline;
use super::document::Css;
use super::structured::{json_ld, json_string, plain};
use super::words::WORDS;
use super::{Document, address, body, css};
use crate::model::{Article, Comment, Moment, Page};
use crate::text::dates::{self, DayOrder, Printed, order_of, parse_machine, parse_printed};

/// Bytes of article text kept: enough for any article, too little to be a book.
const MAX_BODY: usize = 200_000;

/// Bytes of a headline; it is repeated on every row of the table.
const MAX_TITLE: usize = 2_000;

/// Reads the article of an HTML page; what the page does not say stays empty.
pub(super) fn read(page: &Page, html: &Document) -> Article {
    let data = json_ld(html);
    let about = data.iter().find(|value| is_article(value));
    let title = title(html, about);
    let byline = title.as_deref().map(|title| byline_below(html, title)).unwrap_or_default();
    Article {
        author: author(html, about).or(byline.author),
        published_at: published_at(html, about).or(byline.date).or_else(|| published_near(html)),
        title,
        url: canonical_url(page, html),
        body: article_body(html, about),
    }
}

/// Takes the comments out of the article's text, where they stand in the same element.
pub(super) fn leave_out(comments: &[Comment], article: &mut Article) {
    if let Some(body) = &article.body {
        let body = &body[..body.floor_char_boundary(MAX_BODY)];
        article.body = Some(inside::without(body, comments)).filter(|text| !text.is_empty());
    }
}

/// What a page of a forum says of its thread. The opening post is a comment, so there is no body; author and date only
/// where data for machines names them, since the first post shown need not be the opening one.
pub(super) fn of_thread(page: &Page, html: &Document) -> Article {
    let data = json_ld(html);
    let about = data.iter().find(|value| is_article(value));
    Article {
        title: title(html, about),
        author: about.and_then(|a| person(&a["author"])),
        published_at: about.and_then(|a| json_string(&a["datePublished"])).and_then(|date| parse_machine(&date)),
        url: canonical_url(page, html),
        body: None,
    }
}

/// The language tag the page gives itself.
pub(super) fn language(html: &Document) -> String {
    html.root_element().attr("lang").or_else(|| html.root_element().attr("xml:lang")).unwrap_or_default().to_owned()
}

/// How the page writes numeric dates: by the dates it prints, else by its language.
pub(super) fn day_order(html: &Document) -> DayOrder {
    let is_numeric = |text: &&str| {
        (6..=40).contains(&text.len())
            && text.contains(['/', '-'])
            && text.bytes().filter(u8::is_ascii_digit).count() >= 4
    };
    let read = || {
        let texts = html.root_element().text().map(str::trim).filter(is_numeric);
        order_of(texts, &language(html))
    };
    *html.day_order.get_or_init(read)
}

/// The date an element says: its machine-readable attribute, else its printed text if that is absolute, or
/// relative to when the page was read.
pub(super) fn moment(element: ElementRef<'_>, order: DayOrder, read_at: Option<&Moment>) -> Option<Moment> {
    for attribute in
        ["datetime", "data-time", "data-timestamp", "content", "data-datetime", "data-date", "data-content"]
    {
        // A zero stands for a date that was not set.
        let moment =
            element.attr(attribute).and_then(parse_machine).filter(|at| !at.iso.starts_with("1970-01-01T00:00:00"));
        if moment.is_some() {
            return moment;
        }
    }
    printed_moment(&body::line(element), order, read_at)
        .or_else(|| printed_moment(element.attr("title").unwrap_or_default(), order, read_at))
}

/// A printed date, resolved.
pub(super) fn printed_moment(text: &str, order: DayOrder, read_at: Option<&Moment>) -> Option<Moment> {
    resolved(parse_printed(text, order)?, read_at)
}

fn resolved(printed: Printed, read_at: Option<&Moment>) -> Option<Moment> {
    match printed {
        Printed::Absolute(moment) => Some(moment),
        Printed::Relative(relative) => relative.from(read_at?),
    }
}

/// The date within a line that says other things, too, resolved.
pub(super) fn moment_within(line: &str, order: DayOrder, read_at: Option<&Moment>) -> Option<Moment> {
    resolved(dates::within(line, order)?, read_at)
}

fn is_article(value: &Value) -> bool {
    let is_kind = |name: &str| {
        matches!(name, "DiscussionForumPosting" | "QAPage" | "Question" | "SocialMediaPosting" | "Review" | "Recipe")
            || name.ends_with("Article")
            || name.ends_with("BlogPosting")
            || name == "Report"
    };
    match &value["@type"] {
        Value::String(name) => is_kind(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is_kind),
        _ => false,
    }
}

/// The first text of an element that matches and lies in no comment.
fn first_line(html: &Document, selector: &Css) -> Option<String> {
    html.select(selector)
        .filter(|element| !in_comments(*element))
        .map(body::line)
        .find(|line| !line.is_empty() && line.len() <= 500)
}

fn first_attr(html: &Document, selector: &Css, name: &str) -> Option<String> {
    html.select(selector).filter_map(|el| el.attr(name)).map(str::trim).find(|v| !v.is_empty()).map(str::to_owned)
}

/// Whether an element stands inside the discussion.
pub(super) fn in_comments(element: ElementRef<'_>) -> bool {
    element.ancestors().filter_map(ElementRef::wrap).chain(std::iter::once(element)).any(|el| {
        el.attr("id").is_some_and(|id| id == "comments" || id == "respond" || id.starts_with("comment-"))
            || el.value().classes().any(|class| {
                matches!(
                    class,
                    "comments" | "comments-area" | "comment-list" | "commentlist" | "comments-list" | "comment"
                ) || class == "wp-block-comments"
            })
    })
}

fn title(html: &Document, about: Option<&Value>) -> Option<String> {
    let structured = about.and_then(headline).map(|title| plain(&title));
    let marked = || {
        first_line(
            html,
            css!(
                "h1.entry-title, h1.post-title, h1.wp-block-post-title, h2.wp-block-post-title, h1[itemprop=headline], h1[itemprop=name]"
            ),
        )
    };
    let shared = || first_attr(html, css!("meta[property='og:title'], meta[name='twitter:title']"), "content");
    let tab =
        || html.select(css!("head title, title")).map(|el| el.text().collect::<String>().trim().to_owned()).next();
    structured
        .or_else(marked)
        .or_else(|| repeated_heading(html, &shared().unwrap_or_default(), &tab().unwrap_or_default()))
        .or_else(|| first_line(html, css!("article h1")))
        .or_else(shared)
        .or_else(|| first_line(html, css!("h1")))
        .or_else(tab)
        .filter(|title| (1..=MAX_TITLE).contains(&title.len()))
}

/// What structured data calls an article; a question or posting has a name where it has no headline.
fn headline(about: &Value) -> Option<String> {
    let opens = about["@type"].as_str().is_some_and(|kind| matches!(kind, "Question" | "DiscussionForumPosting"));
    json_string(&about["headline"]).or_else(|| json_string(&about["name"]).filter(|_| opens))
}

/// A heading that the shared or the tab's title repeats: the title without the site's name. A masthead may be
/// repeated there, too, but is shorter.
fn repeated_heading(html: &Document, shared: &str, tab: &str) -> Option<String> {
    let site = first_attr(html, css!("meta[property='og:site_name']"), "content");
    let [shared, tab] = [shared, tab].map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
    html.select(css!("h1, h2, h3"))
        .filter(|heading| !in_comments(*heading))
        .map(body::line)
        .filter(|line| line.chars().count() >= 8 && (shared.contains(line.as_str()) || tab.contains(line.as_str())))
        .filter(|line| site.as_ref() != Some(line))
        // Of what the tab shows, the site's name may come first; what is shared begins with the title.
        .max_by_key(|line| (shared.starts_with(line.as_str()), line.len()))
}

fn author(html: &Document, about: Option<&Value>) -> Option<String> {
    let structured = about.and_then(|a| person(&a["author"]));
    structured
        .or_else(|| first_attr(html, css!("meta[name=author], meta[property='article:author']"), "content").filter(|a| !a.starts_with("http")))
        .map(|name| before_date(WORDS.byline(&name), day_order(html)).0.to_owned())
        .or_else(|| {
            html.select(css!("[itemprop=author] [itemprop=name], .byline .fn, .author.vcard .fn, .author.vcard, .entry-author, .wp-block-post-author-name, .wp-block-post-author__name, [rel=author], .byline, .author-name"))
                .filter(|element| !in_comments(*element))
                .map(bylines::line)
                .filter(|line| line.len() <= 500)
                .map(|line| bylines::name(&line, day_order(html)).to_owned())
                .find(|name| !name.is_empty())
        })
        .filter(|name| !name.is_empty() && name.chars().count() <= 120)
}

/// A person as JSON-LD writes one: a string, an object with a name, or a list of them.
pub(super) fn person(value: &Value) -> Option<String> {
    match value {
        Value::Array(people) => {
            let names: Vec<String> = people.iter().filter_map(person).collect();
            (!names.is_empty()).then(|| names.join(", "))
        }
        Value::Object(object) => object.get("name").and_then(json_string).map(|name| plain(&name)),
        value => json_string(value).map(|name| plain(&name)).filter(|name| !name.starts_with("http")),
    }
    .filter(|name| !name.is_empty())
}

/// The lines below the headline.
fn byline_below(html: &Document, title: &str) -> Byline {
    let order = day_order(html);
    let mut found = Byline::default();
    let headings =
        html.select(css!("h1, h2")).filter(|heading| !in_comments(*heading) && body::line(*heading) == title);
    for below in headings.flat_map(|heading| heading.next_siblings().filter_map(ElementRef::wrap).take(3)) {
        let line = bylines::line(below);
        if line.chars().count() > 120 {
            break;
        }
        let said = byline(&line, order);
        found.date = found.date.or(said.date);
        found.author = found.author.or(said.author);
    }
    found
}

fn published_at(html: &Document, about: Option<&Value>) -> Option<Moment> {
    let order = day_order(html);
    about
        .and_then(|a| json_string(&a["datePublished"]))
        .and_then(|date| parse_machine(&date))
        .or_else(|| first_attr(html, css!("meta[property='article:published_time'], meta[itemprop=datePublished], meta[name=date]"), "content").and_then(|d| parse_machine(&d)))
        .or_else(|| {
            html.select(css!("time.entry-date.published, time[itemprop=datePublished], .wp-block-post-date time, time.published, time[pubdate], .entry-date"))
                .filter(|element| !in_comments(*element))
                .find_map(|element| moment(element, order, None))
        })
}

/// The date in an article or a header, where no better is known. Of several articles beside each other none is the article: they
/// are comments, or teasers.
fn published_near(html: &Document) -> Option<Moment> {
    let order = day_order(html);
    let is_article = |el: &ElementRef<'_>| el.value().name() == "article";
    let is_one_of_several = |element: ElementRef<'_>| {
        element.ancestors().filter_map(ElementRef::wrap).filter(is_article).any(|article| {
            let beside = |other: ElementRef<'_>| is_article(&other) && other.attr("class") == article.attr("class");
            article.prev_siblings().chain(article.next_siblings()).filter_map(ElementRef::wrap).any(beside)
        })
    };
    html.select(css!("article time, header time"))
        .take(MAX_CANDIDATES)
        .filter(|element| !in_comments(*element) && !is_one_of_several(*element))
        .find_map(|element| moment(element, order, None))
}

fn canonical_url(page: &Page, html: &Document) -> Option<String> {
    let base = page.url.as_deref();
    let said = first_attr(html, css!("link[rel=canonical]"), "href")
        .or_else(|| first_attr(html, css!("meta[property='og:url']"), "content"))
        .and_then(|url| address::absolute(base, &url))
        .and_then(|url| address::canonical(&url));
    let served = base.and_then(address::canonical);
    match (said, served) {
        // Sites that name their front page as every page's address would make one thread of all articles.
        (Some(said), served) if is_front(&said) => served,
        // Others name a section. The address the page was served under is its own, whatever it says.
        (Some(said), Some(served)) if !address::same_path(&said, &served) => Some(served),
        (said, served) => said.or(served),
    }
}

fn is_front(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| url.path() == "/" && url.query().is_none())
}

/// Bytes of text below which an element called the article's is taken for a teaser, and others are looked at.
const TEASER: usize = 300;
/// Elements of one kind that are looked at.
const MAX_CANDIDATES: usize = 50;

fn article_body(html: &Document, about: Option<&Value>) -> Option<String> {
    let text = |element: ElementRef<'_>| body::read(element, is_side).text;
    // The longest: pages have teasers of other articles, marked in the same way.
    let longest = |selector: &Css| {
        let marked = html.select(selector).filter(|element| !in_comments(*element)).take(MAX_CANDIDATES);
        marked.map(text).max_by_key(String::len)
    };
    let marked = css!(
        "[itemprop=articleBody], .entry-content, .wp-block-post-content, .post-content, .article-content, .article-body, .article__content, .post-body, .field-name-body, .field--name-body, .node__content, .post-entry, .td-post-content"
    );
    // In a discussion the paragraphs around those of its opening are other people's.
    let opens = |kind: &str| matches!(kind, "Question" | "DiscussionForumPosting" | "QAPage");
    let alone = about.is_some_and(|a| a["@type"].as_str().is_some_and(opens))
        || html.select(css!("[itemtype$='/DiscussionForumPosting'], [itemtype$='/Question']")).next().is_some();
    let ways: [&dyn Fn() -> Option<String>; 5] = [
        &|| longest(marked),
        &|| about.and_then(|a| json_string(&a["articleBody"])).map(|text| plain(&text)),
        &|| longest(css!("article")),
        &|| paragraphs(html, alone).map(text),
        &|| html.select(css!("main")).next().map(text),
    ];
    let mut best = String::new();
    for way in ways {
        let found = way().unwrap_or_default();
        if found.len() > best.len() {
            best = found;
        }
        if best.len() >= TEASER {
            break;
        }
    }
    if best.len() > MAX_BODY {
        best.truncate(best.floor_char_boundary(MAX_BODY));
    }
    Some(best).filter(|text| !text.is_empty())
}

/// What stands beside an article's text.
fn is_side(el: ElementRef<'_>) -> bool {
    let el = el.value();
    matches!(el.name(), "nav" | "aside" | "footer")
        || el.id().is_some_and(|id| id == "comments" || id == "respond")
        || el.classes().any(|class| {
            matches!(
                class,
                "comments" | "comments-area" | "comment-list" | "commentlist" | "comments-list" | "sharedaddy"
            ) || class == "wp-block-comments"
        })
}

/// The element with most text in paragraphs of its own, on pages that mark no article; where the paragraphs are set in
/// several, and `alone` does not say that others are other people's, the element around those.
fn paragraphs<'a>(html: &'a Document, alone: bool) -> Option<ElementRef<'a>> {
    /// Levels between a paragraph and what holds all of them.
    const LEVELS: usize = 10;
    /// Levels that may hold nothing else than the one below.
    const WRAPPERS: usize = 4;
    let mut own: HashMap<NodeId, usize> = HashMap::new();
    let mut within: HashMap<NodeId, usize> = HashMap::new();
    let mut holders: Vec<ElementRef<'a>> = Vec::new();
    let is_outside = |el: ElementRef<'_>| !in_comments(el) && !el.ancestors().filter_map(ElementRef::wrap).any(is_side);
    for paragraph in html.select(css!("p")) {
        let size: usize = paragraph.text().map(|text| text.trim().len()).sum();
        if size < 40 || !is_outside(paragraph) {
            continue;
        }
        for (level, around) in paragraph.ancestors().filter_map(ElementRef::wrap).take(LEVELS).enumerate() {
            *within.entry(around.id()).or_insert(0) += size;
            if level == 0 {
                let sum = own.entry(around.id()).or_insert_with(|| {
                    holders.push(around);
                    0
                });
                *sum += size;
            }
        }
    }
    let mut best = holders.into_iter().rev().max_by_key(|el| own[&el.id()])?;
    let sum = |el: ElementRef<'_>| within.get(&el.id()).copied().unwrap_or(0);
    let larger = |el: ElementRef<'a>| {
        let around = el.ancestors().filter_map(ElementRef::wrap).take(WRAPPERS);
        let mut inside_body = around.take_while(|el| !matches!(el.value().name(), "body" | "html"));
        inside_body.find(|around| sum(*around) * 4 >= sum(el) * 5)
    };
    while let Some(around) = larger(best).filter(|_| !alone) {
        best = around;
    }
    Some(best)
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    #[test]
    fn a_canonical_address_of_another_page_is_not_believed() {
        let url = |served: Option<&str>, canonical: &str| {
            let body = format!("<html><head><link rel=canonical href='{canonical}'></head></html>");
            let page = Page {
                source: String::new(),
                url: served.map(str::to_owned),
                fetched_at: None,
                kind: crate::model::PageKind::Html,
                frame_of: None,
                posted: None,
                headers: std::collections::BTreeMap::default(),
                body,
            };
            canonical_url(&page, &Document::from(Html::parse_document(&page.body))).unwrap()
        };
        assert_eq!(url(Some("https://x.org/blog/a/"), "https://x.org/blog/"), "https://x.org/blog/a/");
        let paged = Some("http://www.x.org/blog/a/comment-page-2/?utm_source=b");
        assert_eq!(url(paged, "https://x.org/blog/a"), "https://x.org/blog/a");
        assert_eq!(url(None, "https://x.org/blog/"), "https://x.org/blog/");
    }
}
