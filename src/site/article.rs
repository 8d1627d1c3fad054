//! The article above a discussion: from structured data, meta tags and the usual markup, in this order of trust.

use scraper::{ElementRef, Html, Selector};
use serde_json::Value;

use super::structured::{json_ld, json_string, plain};
use super::words::WORDS;
use super::{address, body, css};
use crate::model::{Article, Moment, Page};
use crate::text::dates::{DayOrder, Printed, parse_machine, parse_printed};

/// Bytes of article text kept: enough for any article, too little to be a book.
const MAX_BODY: usize = 200_000;

/// Bytes of a headline; it is repeated on every row of the table.
const MAX_TITLE: usize = 2_000;

/// Reads the article of an HTML page; what the page does not say stays empty.
pub(super) fn read(page: &Page, html: &Html) -> Article {
    let data = json_ld(html);
    let about = data.iter().find(|value| is_article(value));
    let title = title(html, about);
    let byline = title.as_deref().map(|title| byline_below(html, title)).unwrap_or_default();
    Article {
        author: author(html, about).or(byline.author),
        published_at: published_at(html, about).or(byline.date),
        title,
        url: canonical_url(page, html),
        body: article_body(html, about),
    }
}

/// The language tag the page gives itself.
pub(super) fn language(html: &Html) -> String {
    html.root_element().attr("lang").or_else(|| html.root_element().attr("xml:lang")).unwrap_or_default().to_owned()
}

/// How the page writes numeric dates.
pub(super) fn day_order(html: &Html) -> DayOrder {
    DayOrder::of_language(&language(html))
}

/// The date an element says: its machine-readable attribute, else its printed text if that is absolute, or
/// relative to when the page was read.
pub(super) fn moment(element: ElementRef<'_>, order: DayOrder, read_at: Option<&Moment>) -> Option<Moment> {
    for attribute in ["datetime", "data-time", "data-timestamp", "content", "data-datetime", "data-date"] {
        if let Some(moment) = element.attr(attribute).and_then(parse_machine) {
            return Some(moment);
        }
    }
    printed_moment(&body::line(element), order, read_at)
        .or_else(|| printed_moment(element.attr("title").unwrap_or_default(), order, read_at))
}

/// A printed date, resolved.
pub(super) fn printed_moment(text: &str, order: DayOrder, read_at: Option<&Moment>) -> Option<Moment> {
    match parse_printed(text, order)? {
        Printed::Absolute(moment) => Some(moment),
        Printed::Relative(relative) => relative.from(read_at?),
    }
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
fn first_line(html: &Html, selector: &Selector) -> Option<String> {
    html.select(selector)
        .filter(|element| !in_comments(*element))
        .map(body::line)
        .find(|line| !line.is_empty() && line.len() <= 500)
}

fn first_attr(html: &Html, selector: &Selector, name: &str) -> Option<String> {
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

fn title(html: &Html, about: Option<&Value>) -> Option<String> {
    let structured = about.and_then(|a| json_string(&a["headline"])).map(|title| plain(&title));
    let marked = || {
        first_line(
            html,
            css!(
                "h1.entry-title, h1.post-title, h1.wp-block-post-title, h2.wp-block-post-title, h1[itemprop=headline], h1[itemprop=name], article h1"
            ),
        )
    };
    let shared = || first_attr(html, css!("meta[property='og:title'], meta[name='twitter:title']"), "content");
    let heading = || first_line(html, css!("h1"));
    let tab =
        || html.select(css!("head title, title")).map(|el| el.text().collect::<String>().trim().to_owned()).next();
    // A heading that the shared or the tab's title repeats is the title without the site's name; a masthead may be
    // repeated there too, but is shorter.
    let confirmed = || {
        let repeated = format!("{} {}", shared().unwrap_or_default(), tab().unwrap_or_default());
        html.select(css!("h1, h2"))
            .filter(|heading| !in_comments(*heading))
            .map(body::line)
            .filter(|line| line.chars().count() >= 8 && repeated.contains(line.as_str()))
            .max_by_key(String::len)
    };
    structured
        .or_else(marked)
        .or_else(confirmed)
        .or_else(shared)
        .or_else(heading)
        .or_else(tab)
        .filter(|title| (1..=MAX_TITLE).contains(&title.len()))
}

fn author(html: &Html, about: Option<&Value>) -> Option<String> {
    let structured = about.and_then(|a| person(&a["author"]));
    structured
        .or_else(|| first_attr(html, css!("meta[name=author], meta[property='article:author']"), "content").filter(|a| !a.starts_with("http")))
        .or_else(|| {
            first_line(
                html,
                css!("[itemprop=author] [itemprop=name], .byline .fn, .author.vcard .fn, .author.vcard, .entry-author, .wp-block-post-author-name, .wp-block-post-author__name, [rel=author], .byline, .author-name"),
            )
        })
        .map(|name| WORDS.byline(&name).to_owned())
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

/// What a line near a headline says of the article.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Byline {
    /// Who wrote it.
    pub(super) author: Option<String>,
    /// When it appeared.
    pub(super) date: Option<Moment>,
}

/// Reads a line such as "2 mai 2024 par Séverin Péan" or "By Imogen Tarrant · 13 March 2026"; empty where the line
/// says neither.
pub(super) fn byline(line: &str, order: DayOrder) -> Byline {
    let mut byline = Byline::default();
    for piece in line.split(['·', '|', '•', '—', '–']) {
        let (before, name) = WORDS.split_byline(piece);
        byline.date = byline.date.or_else(|| printed_moment(before, order, None));
        byline.author = byline.author.or_else(|| name.map(str::to_owned));
    }
    byline
}

/// The lines below the headline.
fn byline_below(html: &Html, title: &str) -> Byline {
    let order = day_order(html);
    let mut found = Byline::default();
    let headings =
        html.select(css!("h1, h2")).filter(|heading| !in_comments(*heading) && body::line(*heading) == title);
    for below in headings.flat_map(|heading| heading.next_siblings().filter_map(ElementRef::wrap).take(3)) {
        let line = body::line(below);
        if line.chars().count() > 120 {
            break;
        }
        let said = byline(&line, order);
        found.date = found.date.or(said.date);
        found.author = found.author.or(said.author);
    }
    found
}

fn published_at(html: &Html, about: Option<&Value>) -> Option<Moment> {
    let order = day_order(html);
    about
        .and_then(|a| json_string(&a["datePublished"]))
        .and_then(|date| parse_machine(&date))
        .or_else(|| first_attr(html, css!("meta[property='article:published_time'], meta[itemprop=datePublished], meta[name=date]"), "content").and_then(|d| parse_machine(&d)))
        .or_else(|| {
            html.select(css!("time.entry-date.published, time[itemprop=datePublished], .wp-block-post-date time, time.published, time[pubdate], .entry-date, article time, header time"))
                .filter(|element| !in_comments(*element))
                .find_map(|element| moment(element, order, None))
        })
}

fn canonical_url(page: &Page, html: &Html) -> Option<String> {
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

fn article_body(html: &Html, about: Option<&Value>) -> Option<String> {
    let is_side = |el: ElementRef<'_>| {
        let el = el.value();
        matches!(el.name(), "nav" | "aside" | "footer")
            || el.id().is_some_and(|id| id == "comments" || id == "respond")
            || el.classes().any(|class| {
                matches!(
                    class,
                    "comments" | "comments-area" | "comment-list" | "commentlist" | "comments-list" | "sharedaddy"
                ) || class == "wp-block-comments"
            })
    };
    let found = html
        .select(css!("[itemprop=articleBody], .entry-content, .wp-block-post-content, .post-content, .article-content, .article-body, .article__content, .post-body"))
        .find(|element| !in_comments(*element))
        .or_else(|| html.select(css!("article")).find(|element| !in_comments(*element)))
        .or_else(|| html.select(css!("main")).next())
        .map(|element| body::read(element, is_side).text)
        .filter(|text| !text.is_empty());
    let mut text = found.or_else(|| about.and_then(|a| json_string(&a["articleBody"])).map(|text| plain(&text)))?;
    if text.len() > MAX_BODY {
        text.truncate(text.floor_char_boundary(MAX_BODY));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byline_says_who_and_when() {
        let said = byline("By Imogen Tarrant · 13 March 2026", DayOrder::of_language("en"));
        assert_eq!(said.author.as_deref(), Some("Imogen Tarrant"));
        assert!(said.date.is_some_and(|date| date.iso.starts_with("2026-03-13")));
        assert_eq!(byline("Nothing of the kind", DayOrder::of_language("en")), Byline::default());
    }

    #[test]
    fn a_canonical_address_of_another_page_is_not_believed() {
        let url = |served: Option<&str>, canonical: &str| {
            let body = format!("<html><head><link rel=canonical href='{canonical}'></head></html>");
            let page = Page {
                source: String::new(),
                url: served.map(str::to_owned),
                fetched_at: None,
                kind: crate::model::PageKind::Html,
                headers: std::collections::BTreeMap::default(),
                body,
            };
            canonical_url(&page, &Html::parse_document(&page.body)).unwrap()
        };
        assert_eq!(url(Some("https://x.org/blog/a/"), "https://x.org/blog/"), "https://x.org/blog/a/");
        let paged = Some("http://www.x.org/blog/a/comment-page-2/?utm_source=b");
        assert_eq!(url(paged, "https://x.org/blog/a"), "https://x.org/blog/a");
        assert_eq!(url(None, "https://x.org/blog/"), "https://x.org/blog/");
    }
}
