//! Stack Exchange (Stack Overflow, Server Fault, …): question pages and answers of the API 2.3.
//!
//! `#question[data-questionid]` and `.answer[data-answerid]` hold a post: `.js-post-body`, its writer in the last
//! `.post-signature` (an editor's comes before), its score in `.js-vote-count`. Below each, `li.comment[data-comment-id]`:
//! `.comment-copy`, `.comment-user`, `.comment-date [title]` ("2014-02-07 10:53:03Z, License: …"). Question and answers
//! are comments of their own, without a parent; comments answer the post they stand under. A page shows the first
//! five comments or so of a post and says how many more there are, and 30 answers.
//!
//! Posts and comments are numbered apart, so that ids carry the kind: `cquestion-1`, `canswer-2`, `ccomment-1`.
//!
//! Source: <https://api.stackexchange.com/docs/types/question>, <https://api.stackexchange.com/docs/types/answer>,
//! <https://api.stackexchange.com/docs/types/comment>, and pages.

use scraper::ElementRef;
use serde_json::Value;

use super::stack_exchange_api as api;
use crate::model::{Author, Comment, CommentState, Moment, PageKind, ReplyBasis};
use crate::site::{
    Document, Fragment, Next, Origin, Site, SiteError, Verified, View, address, answer, article, body, css,
};

/// Stack Exchange's sites.
#[derive(Debug)]
pub(in crate::site) struct StackExchange;

impl Site for StackExchange {
    fn name(&self) -> &str {
        "stackexchange"
    }

    fn reads(&self) -> &str {
        "question pages; answers of the API 2.3 with questions, answers or comments, asked with a filter that has bodies"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states, edits"
    }

    fn verified(&self) -> Verified {
        Verified::RealPages
    }

    fn hints(&self) -> &[&str] {
        &["js-post-body", "data-questionid", "post-signature"]
    }

    fn claims(&self, view: &View<'_>) -> bool {
        match (view.html(), view.json()) {
            (Some(html), _) => html
                .select(css!("#question.question"))
                .any(|question| question.select(css!(".js-post-body, .post-text, .post-signature")).next().is_some()),
            (_, Some(json)) => api::claims(json),
            _ => false,
        }
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        match (view.html(), view.json()) {
            (Some(html), _) => Ok(page(view, html)),
            (_, Some(json)) => api::parse(json, view.page),
            _ => Err(SiteError::UnknownJson),
        }
    }
}

/// Keys that pages and API answers share: numbers of posts, which a site gives but once.
pub(super) fn key(host: &str, post: &str) -> String {
    format!("stackexchange:{}/{post}", host.strip_prefix("www.").unwrap_or(host))
}

fn page(view: &View<'_>, html: &Document) -> Fragment {
    let base = view.page.url.as_deref();
    let mut article = article::read(view.page, html);
    // The question is a comment like the answers.
    article.body = None;
    let host = base.or(article.url.as_deref()).and_then(address::host);
    let question = question_number(html);
    let (mut comments, mut keys, mut answers) = (Vec::new(), Vec::new(), 0_u64);
    for el in html.select(css!("#question.question, .answer[id^='answer-'], .comment[id^='comment-']")) {
        let Some((kind, id)) = named(el, question.as_deref()) else { continue };
        match kind {
            Kind::Comment => comments.extend(comment(el, &id, question.as_deref(), base)),
            Kind::Question | Kind::Answer => {
                answers += u64::from(kind == Kind::Answer);
                keys.extend(host.as_deref().map(|host| key(host, &id)));
                comments.push(post(el, kind, &id, html, base));
            }
        }
    }
    let hidden: u64 = html
        .select(css!("[data-remaining-comments-count]"))
        .filter_map(|list| list.attr("data-remaining-comments-count")?.trim().parse::<u64>().ok())
        .fold(0, u64::saturating_add);
    let stated_answers = html
        .select(css!("[data-answercount], [itemprop=answerCount]"))
        .find_map(|el| el.attr("data-answercount").map_or_else(|| body::line(el), str::to_owned).trim().parse().ok())
        .unwrap_or(answers);
    let notes = (hidden > 0)
        .then(|| format!("{hidden} comments are behind \"show more comments\"; open them before saving the page"));
    Fragment {
        keys,
        stated_count: Some((comments.len() as u64 + hidden).saturating_add(stated_answers.saturating_sub(answers))),
        comments,
        origin: Origin::Markup,
        next: further_pages(html, base),
        notes: notes.into_iter().collect(),
        article,
        ..Fragment::default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Question,
    Answer,
    Comment,
}

/// What an element holds, and its number.
fn named(el: ElementRef<'_>, question: Option<&str>) -> Option<(Kind, String)> {
    let id = el.attr("id")?;
    let parts = [("answer-", Kind::Answer), ("comment-", Kind::Comment)];
    match parts.into_iter().find_map(|(prefix, kind)| Some((kind, id.strip_prefix(prefix)?))) {
        Some((kind, number)) => Some((kind, digits(number)?)),
        None => Some((Kind::Question, question?.to_owned())),
    }
}

/// The question's number. Pages cleaned of `data-` attributes have it in their links.
fn question_number(html: &Document) -> Option<String> {
    let said = html.select(css!("#question[data-questionid]")).find_map(|el| digits(el.attr("data-questionid")?));
    let links = css!("link[rel=canonical], meta[property='og:url'], a.question-hyperlink, a.js-share-link");
    said.or_else(|| {
        html.select(links)
            .filter_map(|link| link.attr("href").or_else(|| link.attr("content")))
            .find_map(|href| digits(href.split_once("/questions/").or_else(|| href.split_once("/q/"))?.1))
    })
}

/// The digits a text begins with.
fn digits(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

fn id_of(kind: Kind, id: &str) -> String {
    match kind {
        Kind::Question => format!("cquestion-{id}"),
        Kind::Answer => format!("canswer-{id}"),
        Kind::Comment => format!("ccomment-{id}"),
    }
}

/// The question or an answer.
fn post(el: ElementRef<'_>, kind: Kind, id: &str, html: &Document, base: Option<&str>) -> Comment {
    let own = |selector| el.select(selector).next();
    let content = own(css!(".js-post-body, .post-text, .s-prose"));
    let deleted = el.value().classes().any(|class| class == "deleted-answer" || class == "deleted-question");
    let edited = el.select(css!(".post-signature:not(.owner) .user-action-time a[href*='/revisions']")).next();
    let mut comment = Comment {
        id: id_of(kind, id),
        depth: Some(0),
        author: writer(el),
        posted_at: own(css!("time[itemprop=dateCreated][datetime]"))
            .or_else(|| {
                html.select(css!("time[itemprop=dateCreated][datetime]")).next().filter(|_| kind == Kind::Question)
            })
            .and_then(|time| instant(time.attr("datetime")?))
            .or_else(|| signature(el).and_then(|signed| titled(signed.select(css!(".relativetime[title]")).next()?))),
        html: content.map(|el| body::html(el, |_| false)),
        votes: el
            .attr("data-score")
            .map(str::to_owned)
            .or_else(|| own(css!(".js-vote-count, .vote-count-post")).map(body::line))
            .and_then(|score| score.trim().replace('\u{2212}', "-").parse().ok()),
        state: if deleted { CommentState::Deleted } else { CommentState::Visible },
        permalink: own(css!("a.js-share-link, a.short-link")).and_then(|a| address::absolute(base, a.attr("href")?)),
        ..Comment::default()
    };
    if let Some(content) = content {
        body::read(content, |el| el.value().classes().any(|class| class == "js-post-notice")).fill(&mut comment);
    }
    comment.edited |= edited.is_some();
    comment.edited_at = comment.edited_at.or_else(|| titled(edited?.select(css!(".relativetime[title]")).next()?));
    comment
}

/// The box that names who wrote a post; before it may stand the last editor's.
fn signature(el: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let signed = |selector| el.select(selector).last();
    signed(css!(".post-signature.owner"))
        .or_else(|| signed(css!(".post-signature:has([itemprop=author])")))
        .or_else(|| signed(css!(".post-signature")))
}

fn writer(el: ElementRef<'_>) -> Option<Author> {
    let signed = signature(el)?;
    let named = |selector| signed.select(selector).map(body::line).find(|name| !name.is_empty());
    let name = named(css!(".user-details a[href*='/users/'], .user-details [itemprop=name]"))
        // A community's post is nobody's; "3 revs, 2 users" is no name either.
        .or_else(|| {
            let wiki = signed.select(css!(".community-wiki")).next().is_some();
            if wiki { None } else { named(css!(".user-details > span:not(.d-none), .user-details")) }
        })
        .filter(|name| !name.is_empty())?;
    let avatar = signed.select(css!("img")).find_map(|img| img.attr("src")).map(str::to_owned);
    Some(Author { name, avatar })
}

/// All times are UTC, also those that do not say so.
fn instant(date: &str) -> Option<Moment> {
    answer::instant(&Value::String(date.to_owned()))
}

/// The instant in a `title` such as "2014-02-07 10:53:03Z, License: CC BY-SA 3.0".
fn titled(el: ElementRef<'_>) -> Option<Moment> {
    instant(el.attr("title")?.split(',').next()?.trim())
}

/// A comment, under the post it stands in.
fn comment(el: ElementRef<'_>, id: &str, question: Option<&str>, base: Option<&str>) -> Option<Comment> {
    let own = |selector| el.select(selector).next();
    let content = own(css!(".comment-copy"))?;
    let above = el.ancestors().filter_map(ElementRef::wrap).find(|above| {
        let id = above.attr("id").unwrap_or_default();
        id == "question" || id.starts_with("answer-")
    });
    let parent = above.and_then(|above| named(above, question)).map(|(kind, id)| id_of(kind, &id));
    let name = own(css!(".comment-user")).map(body::line).filter(|name| !name.is_empty());
    let score = el.attr("data-comment-score").map(str::to_owned);
    let mut comment = Comment {
        id: id_of(Kind::Comment, id),
        reply_basis: parent.is_some().then_some(ReplyBasis::Nesting),
        reply_to: parent,
        author: name.map(|name| Author { name, avatar: None }),
        posted_at: own(css!(".comment-date [title]")).and_then(titled).or_else(|| {
            own(css!("[itemprop=datePublished], [itemprop=dateCreated]")).and_then(|el| instant(&body::line(el)))
        }),
        html: Some(body::html(content, |_| false)),
        votes: score
            .or_else(|| own(css!(".comment-score")).map(body::line))
            .and_then(|score| score.trim().parse().ok()),
        permalink: own(css!("a.comment-link")).and_then(|a| address::absolute(base, a.attr("href")?)),
        ..Comment::default()
    };
    body::read(content, |_| false).fill(&mut comment);
    // A pencil with a title, which no other child of the body has.
    comment.edited |= own(css!(".comment-body > span[title]")).is_some();
    Some(comment)
}

/// The other pages of a question with more than 30 answers.
fn further_pages(html: &Document, base: Option<&str>) -> Vec<Next> {
    html.select(css!("#answers .s-pagination a[href*='page='], .pager-answers a[href*='page='], head link[rel=next]"))
        .filter_map(|link| address::absolute(base, link.attr("href")?))
        .map(|url| url.split('#').next().unwrap_or_default().to_owned())
        .filter(|url| Some(url.as_str()) != base && base.is_none_or(|base| address::same_path(base, url)))
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .map(|url| Next::needed(url, PageKind::Html))
        .collect()
}
