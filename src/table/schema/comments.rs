use super::{
    ADDRESS, BYLINE, COMMENT_ID, Entry, FETCHED, PARSED, PUBLISHED, SITE, STATED, THREAD_ID, TITLE, count, iso,
};
use crate::model::ReplyBasis;
use crate::table::CodeColumn;
use crate::table::rows::{CommentRow, rounded};

/// The columns of `comments`; those read first stand first.
pub(in crate::table) fn comments<'a>(codes: &[CodeColumn], keep_html: bool) -> Vec<Of<'a>> {
    let mut all = written();
    all.extend(coded(codes));
    all.extend(circumstances(keep_html));
    all.extend(article());
    all
}

type Of<'a> = Entry<CommentRow<'a>>;

/// Who wrote what, when, in answer to what.
fn written<'a>() -> Vec<Of<'a>> {
    vec![
        Of::always_text("thread_id", |row| &row.thread.thread.id, THREAD_ID),
        Of::always_text("comment_id", |row| &row.comment.id, COMMENT_ID),
        Of::integer("position", |row| Some(row.position), "Place in the discussion, first = 1: in the page's order, or in order of time where the site's API was read.")
            .always(),
        Of::text(
            "reply_to",
            |row| row.comment.reply_to.as_deref(),
            "comment_id of the comment this one answers; empty where it answers the article or that is unknown.",
        ),
        Of::text(
            "reply_basis",
            |row| row.comment.reply_basis.map(ReplyBasis::as_str),
            "What says whom it answers: stated = the site's own id, nesting = markup inside markup, depth, indent, link, \
             mention = @name, quote; empty without reply_to.",
        ),
        Of::integer(
            "depth",
            |row| row.comment.depth.map(i64::from),
            "Levels below the article: 0 answers the article, 1 answers such a comment; empty when unknown.",
        )
        .in_unit("levels"),
        Of::text(
            "author",
            |row| row.author.as_deref(),
            "Who wrote it: a pseudonym (`a` and 16 hexadecimal digits) unless names were kept or dropped.",
        ),
        Of::moment(
            "posted_at",
            |row| iso(row.comment.posted_at.as_ref()),
            "When it was posted: ISO 8601 with the offset if it is known, else local time of the site.",
        ),
        Of::always_text("text", |row| &row.comment.text, "The comment as a reader sees it, quotes included."),
    ]
}

/// What the coder found, and why.
fn coded<'a>(codes: &[CodeColumn]) -> Vec<Of<'a>> {
    let mut all = vec![
        Of::text(
            "polarity",
            |row| row.coding.coded.as_ref()?.polarity.as_ref().map(|found| found.polarity.as_str()),
            "Sentiment (column `polarity`): negative, neutral or positive, of the writer's own words.",
        ),
        Of::number(
            "polarity_score",
            |row| row.coding.coded.as_ref()?.polarity.as_ref().and_then(|found| rounded(found.score)),
            "Sentiment as a number from -1 (negative) to 1 (positive), four decimals.",
        )
        .in_unit("-1 to 1"),
    ];
    all.extend(codes.iter().enumerate().map(|(place, code)| {
        Of::flag(
            &code.name,
            move |row| row.codes.get(place).copied().flatten(),
            &format!(
                "Code, 1 = applies, 0 = does not, empty = not coded or less sure than asked for: {}",
                code.description
            ),
        )
    }));
    all.extend([
        Of::flag(
            "irony",
            |row| row.coding.coded.as_ref()?.irony.as_ref().map(|(applies, _)| *applies),
            "1 if the literal meaning is not the intended one, 0 if it is; empty where the coder does not tell.",
        ),
        Of::made_text(
            "irony_evidence",
            CommentRow::irony_evidence,
            "The words that weighed most in the irony; line breaks as spaces.",
        ),
        Of::made_text(
            "evidence",
            CommentRow::evidence,
            "The words behind each code that applies, as `code: words`, joined with ` | `; line breaks as spaces.",
        ),
        Of::made_text(
            "polarity_evidence",
            CommentRow::polarity_evidence,
            "The words that weighed most in the sentiment; line breaks as spaces.",
        ),
        Of::number(
            "polarity_confidence",
            |row| row.coding.coded.as_ref()?.polarity.as_ref().and_then(|found| rounded(found.confidence?.value)),
            "How sure the coder is of the sentiment: a probability, but of rules and in languages the coder has not learnt from a grade.",
        )
        .in_unit("0 to 1"),
        Of::text(
            "coder",
            |row| row.coding.coded.as_ref().map(|coded| coded.coder.as_str()),
            "Who coded the comment: name and version; empty where it could not be coded.",
        ),
        Of::flag(
            "foreign",
            |row| row.coding.coded.as_ref().map(|coded| coded.foreign),
            "1 if the comment is in a language that one of the coder's models has not learnt from: what it tells there is less sure than it says, or left empty.",
        ),
    ]);
    all
}

/// What else is known of the comment.
fn circumstances<'a>(keep_html: bool) -> Vec<Of<'a>> {
    let mut all = vec![
        Of::text(
            "language",
            |row| row.coding.language.as_deref(),
            "Language of the writer's own words, ISO 639-1; empty where there is too little text to tell.",
        ),
        Of::integer("votes", |row| row.comment.votes, "Votes or likes as the site counts them.").in_unit("votes"),
        Of::always_text(
            "state",
            |row| row.comment.state.as_str(),
            "What became of it on the site: visible, deleted, hidden or pending.",
        ),
        Of::flag(
            "edited",
            |row| Some(row.comment.edited),
            "1 if the page says that the comment was changed after it was posted.",
        ),
        Of::moment(
            "edited_at",
            |row| iso(row.comment.edited_at.as_ref()),
            "When it was changed, where the page says so.",
        ),
        Of::text(
            "links",
            |row| row.links.as_deref(),
            "Addresses the comment links to, in order, joined with blanks; of people's pages only when author names are kept.",
        ),
        Of::flag(
            "orphan",
            |row| row.orphan,
            "1 if reply_to names a comment that is not in the table, 0 if it is there.",
        ),
        Of::text(
            "posted_precision",
            |row| row.comment.posted_at.as_ref().map(|moment| moment.precision.as_str()),
            "How much of posted_at the site said: year, month, day, hour, minute or second.",
        ),
        Of::always_text(
            "own_text",
            |row| &row.coding.own_text,
            "The text without what it quotes from the article or from others: what was coded.",
        ),
        Of::made_text(
            "quotes",
            CommentRow::quotes,
            "Where in the text the quotes stand that own_text leaves out: begin and end (exclusive) of each, in Unicode code points from \
             0, as in `0..57 80..96`.",
        ),
        Of::text("permalink", |row| row.permalink, "Address of the comment; empty unless author names are kept."),
    ];
    if keep_html {
        all.push(Of::text("html", |row| row.comment.html.as_deref(), "The comment's HTML as the page had it."));
    }
    all
}

/// The article and the pages, the same for all comments of a thread.
fn article<'a>() -> Vec<Of<'a>> {
    vec![
        Of::text("article_title", |row| row.thread.thread.article.title.as_deref(), TITLE),
        Of::text("article_author", |row| row.byline.as_deref(), BYLINE),
        Of::moment("article_published_at", |row| iso(row.thread.thread.article.published_at.as_ref()), PUBLISHED),
        Of::text("article_url", |row| row.thread.thread.article.url.as_deref(), ADDRESS),
        Of::integer("stated_count", |row| row.thread.thread.stated_count.and_then(count), STATED).in_unit("comments"),
        Of::integer("parsed_count", |row| count(row.thread.thread.parsed_count()), PARSED).in_unit("comments").always(),
        Of::always_text("site", |row| &row.thread.thread.site, SITE),
        Of::moment("fetched_at", |row| iso(row.thread.thread.fetched_at.as_ref()), FETCHED),
        Of::text(
            "source",
            |row| row.thread.thread.sources.first().map(String::as_str),
            "First page the thread was read from: address, path or archive record; `threads` has them all.",
        ),
    ]
}
