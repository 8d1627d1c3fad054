//! The table that 4CAT takes in (Peeters & Hagen 2022, <https://4cat.nl>).

use std::collections::HashSet;

use super::ExchangeError;
use super::sayings::{applies, evidence};
use crate::export::row;
use crate::model::{CodedComment, CodedThread, Comment, Moment, Parent, ReplyBasis, Study};

/// Columns that every study has; those of its codes follow.
const COLUMNS: [&str; 20] = [
    "id",
    "thread_id",
    "author",
    "body",
    "timestamp",
    "parent_id",
    "type",
    "depth",
    "reply_basis",
    "posted_at",
    "polarity",
    "polarity_score",
    "evidence",
    "language",
    "votes",
    "state",
    "coder",
    "article_title",
    "article_url",
    "url",
];

/// A row an article and a row a comment, UTF-8, RFC 4180. Columns `id`, `thread_id`, `author`, `body` and `timestamp` come
/// first; codes come last, as `code_CODE` with 0 and 1.
///
/// The article is its thread's first post, the one whose `id` is the `thread_id`: 4CAT takes that for what opened the
/// thread, and comments of the first level name it as their parent. `type` tells `article` from `comment`, so that a filter
/// takes articles out. Ids of comments are `THREAD:COMMENT`.
///
/// `timestamp` is `YYYY-MM-DD HH:MM:SS`, in UTC where the offset is known, and empty where the day is not; `posted_at` keeps
/// what the page says. Texts are as they are: the file is for 4CAT, not for a spreadsheet.
///
/// # Errors
///
/// [`ExchangeError::IdTwice`] if two rows would have one id.
pub fn four_cat(study: &Study) -> Result<Vec<u8>, ExchangeError> {
    let mut out = String::new();
    let codes: Vec<String> = study.codes.iter().map(|code| format!("code_{}", code.name)).collect();
    row::push(&mut out, COLUMNS.into_iter().chain(codes.iter().map(String::as_str)));
    let mut ids = HashSet::new();
    for thread in &study.threads {
        let comments = thread.thread.parents().into_iter().enumerate();
        let comments = comments.map(|(at, parent)| comment_row(thread, at, parent, study));
        for cells in std::iter::once(article_row(thread, study)).chain(comments) {
            row::push(&mut out, cells.iter().map(String::as_str));
            let id = cells.into_iter().next().unwrap_or_default();
            if !ids.insert(id.clone()) {
                return Err(ExchangeError::IdTwice { id });
            }
        }
    }
    Ok(out.into_bytes())
}

fn article_row(coded: &CodedThread, study: &Study) -> Vec<String> {
    let (thread, article) = (&coded.thread, &coded.thread.article);
    let known = |text: &Option<String>| text.clone().unwrap_or_default();
    let published = article.published_at.as_ref();
    let cell = |column| match column {
        "id" | "thread_id" => thread.id.clone(),
        "author" => known(&article.author),
        "body" => {
            let parts = [&article.title, &article.body].into_iter().flatten().map(String::as_str);
            parts.collect::<Vec<_>>().join("\n\n")
        }
        "timestamp" => timestamp(published),
        "type" => "article".to_owned(),
        "posted_at" => iso(published),
        "article_title" => known(&article.title),
        "article_url" | "url" => known(&article.url),
        _ => String::new(),
    };
    let mut cells: Vec<String> = COLUMNS.into_iter().map(cell).collect();
    cells.resize(COLUMNS.len() + study.codes.len(), String::new());
    cells
}

fn comment_row(coded: &CodedThread, at: usize, parent: Parent, study: &Study) -> Vec<String> {
    let (thread, comment) = (&coded.thread, &coded.thread.comments[at]);
    let coding = coded.comments.get(at);
    let said = coding.and_then(|coding| coding.coded.as_ref());
    let polarity = said.and_then(|said| said.polarity.as_ref());
    let id = |at: usize| format!("{}:{}", thread.id, thread.comments[at].id);
    let known = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let cell = |column| match column {
        "id" => id(at),
        "thread_id" => thread.id.clone(),
        "author" => known(comment.author.as_ref().map(|author| author.name.as_str())),
        "body" => comment.text.clone(),
        "timestamp" => timestamp(comment.posted_at.as_ref()),
        "parent_id" => match parent {
            Parent::Comment(above) => id(above),
            Parent::Article | Parent::Missing | Parent::Circle => thread.id.clone(),
        },
        "type" => "comment".to_owned(),
        "depth" => comment.depth.map(|depth| depth.to_string()).unwrap_or_default(),
        "reply_basis" => known(comment.reply_basis.map(ReplyBasis::as_str)),
        "posted_at" => iso(comment.posted_at.as_ref()),
        "polarity" => known(polarity.map(|polarity| polarity.polarity.as_str())),
        "polarity_score" => polarity.map(|polarity| polarity.score.to_string()).unwrap_or_default(),
        "evidence" => coding.map(|coding| words(comment, coding)).unwrap_or_default(),
        "language" => known(coding.and_then(|coding| coding.language.as_deref())),
        "votes" => comment.votes.map(|votes| votes.to_string()).unwrap_or_default(),
        "state" => comment.state.as_str().to_owned(),
        "coder" => known(said.map(|said| said.coder.as_str())),
        "article_title" => known(thread.article.title.as_deref()),
        "article_url" => known(thread.article.url.as_deref()),
        "url" => known(comment.permalink.as_deref()),
        _ => String::new(),
    };
    let flag = |flag: bool| u8::from(flag).to_string();
    let codes = study.codes.iter().map(|code| applies(said, &code.name).map(flag).unwrap_or_default());
    COLUMNS.into_iter().map(cell).chain(codes).collect()
}

/// `code: words | code: words`, on one line.
fn words(comment: &Comment, coding: &CodedComment) -> String {
    let found = evidence(comment, coding).into_iter();
    let found =
        found.map(|(code, _, words)| format!("{code}: {}", words.split_whitespace().collect::<Vec<_>>().join(" ")));
    found.collect::<Vec<_>>().join(" | ")
}

fn timestamp(moment: Option<&Moment>) -> String {
    let counted = moment.and_then(Moment::utc_or_clock);
    counted.map(|clock| clock.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

fn iso(moment: Option<&Moment>) -> String {
    moment.map(|moment| moment.iso.clone()).unwrap_or_default()
}
