use super::{ADDRESS, BYLINE, Entry, FETCHED, PARSED, PUBLISHED, SITE, STATED, TITLE, count, iso};
use crate::model::{Polarity, summary_columns};
use crate::table::CodeColumn;
use crate::table::rows::ThreadRow;

/// The columns of `threads`.
pub(in crate::table) fn threads<'a>(codes: &[CodeColumn]) -> Vec<Of<'a>> {
    let mut all = discussion();
    all.extend(findings(codes));
    all.extend(provenance());
    all
}

type Of<'a> = Entry<ThreadRow<'a>>;

/// The article, and the shape of the discussion under it.
fn discussion<'a>() -> Vec<Of<'a>> {
    vec![
        Of::always_text(
            "thread_id",
            |row| &row.thread.thread.id,
            "Key of the thread, the same in every run: made from the article's address, or from the text without one.",
        ),
        Of::text("article_title", |row| row.thread.thread.article.title.as_deref(), TITLE),
        Of::text("article_author", |row| row.byline.as_deref(), BYLINE),
        Of::moment("article_published_at", |row| iso(row.thread.thread.article.published_at.as_ref()), PUBLISHED),
        Of::text("article_url", |row| row.thread.thread.article.url.as_deref(), ADDRESS),
        Of::always_text("site", |row| &row.thread.thread.site, SITE),
        Of::integer("stated_count", |row| row.thread.thread.stated_count.and_then(count), STATED).in_unit("comments"),
        Of::integer("parsed_count", |row| count(row.thread.thread.parsed_count()), PARSED).in_unit("comments").always(),
        Of::always_text(
            "completeness",
            |row| row.thread.thread.completeness().as_str(),
            "complete = as many comments as stated or more, partial = fewer, unknown = the site states no count.",
        ),
        Of::always_text(
            "found_by",
            |row| row.thread.thread.found_by.as_str(),
            "How the comments were found: adapter = by one that knows the platform, structured = data the page gives to \
             machines, mined = records that repeat, pasted = plain text, region = a last resort, nothing = no comments.",
        ),
        Of::always_text(
            "certainty",
            |row| row.thread.thread.certainty.as_str(),
            "How sure it is that these are the comments: high = the platform's own markup or answer, medium = markup that \
             names what it holds, or a guess the page's count confirms, low = a guess nothing confirms.",
        ),
        Of::integer("deleted_count", |row| Some(row.deleted), "Comments the site shows as deleted.")
            .in_unit("comments")
            .always(),
        Of::integer("hidden_count", |row| Some(row.hidden), "Comments the site shows as hidden by moderation.")
            .in_unit("comments")
            .always(),
        Of::integer("orphan_count", |row| Some(row.orphans), "Comments that answer one that is not in the thread.")
            .in_unit("comments")
            .always(),
        Of::integer("author_count", |row| Some(row.authors), "Different author names among the comments.")
            .in_unit("authors")
            .always(),
        Of::integer("max_depth", |row| row.max_depth, "Depth of the deepest comment; empty when no depth is known.")
            .in_unit("levels"),
        Of::moment("first_posted_at", |row| row.first, "When the earliest comment with a known date was posted."),
        Of::moment("last_posted_at", |row| row.last, "When the latest comment with a known date was posted."),
        Of::text(
            "language",
            |row| row.language,
            "Language of most comments, ISO 639-1; of equally many the first in the alphabet.",
        ),
    ]
}

/// What the coder found, counted.
fn findings<'a>(codes: &[CodeColumn]) -> Vec<Of<'a>> {
    let mut all = vec![
        Of::integer(
            "coded_count",
            |row| Some(row.coded),
            "Comments that were coded, though not every code need be decided of each.",
        )
        .in_unit("comments")
        .always(),
    ];
    for polarity in [Polarity::Negative, Polarity::Neutral, Polarity::Positive] {
        let name = polarity.as_str();
        // How many have a sentiment is not counted apart.
        let [count_name, _, share_name] = summary_columns(name);
        all.push(
            Of::integer(
                &count_name,
                move |row| Some(row.polarity(polarity)),
                &format!("Comments whose sentiment (column `polarity`) is {name}."),
            )
            .in_unit("comments")
            .always(),
        );
        all.push(
            Of::number(
                &share_name,
                move |row| row.polarity_share(polarity),
                &format!("Share of {name} comments among those that have a sentiment, four decimals."),
            )
            .in_unit("0 to 1"),
        );
    }
    for (place, CodeColumn { name, description }) in codes.iter().enumerate() {
        let [count_name, decided_name, share_name] = summary_columns(name);
        all.push(
            Of::integer(
                &count_name,
                move |row| row.codes.get(place).copied(),
                &format!("Comments that carry the code `{name}`: {description}"),
            )
            .in_unit("comments")
            .always(),
        );
        all.push(
            Of::integer(
                &decided_name,
                move |row| Some(row.decided(place)),
                &format!("Comments of which it was decided whether they carry the code `{name}`."),
            )
            .in_unit("comments")
            .always(),
        );
        all.push(
            Of::number(
                &share_name,
                move |row| row.code_share(place),
                &format!("`{count_name}` in `{decided_name}`, four decimals."),
            )
            .in_unit("0 to 1"),
        );
    }
    all
}

/// Where it comes from, and what to know about that.
fn provenance<'a>() -> Vec<Of<'a>> {
    vec![
        Of::made_text(
            "notes",
            |row| joined(&row.thread.thread.notes),
            "What a reader of the data should know, such as comments that could not be reached; joined with ` | `.",
        ),
        Of::moment("fetched_at", |row| iso(row.thread.thread.fetched_at.as_ref()), FETCHED),
        Of::made_text(
            "sources",
            |row| joined(&row.thread.thread.sources),
            "Pages the thread was read from, in reading order: addresses, paths or archive records; joined with ` | `.",
        ),
    ]
}

fn joined(parts: &[String]) -> Option<String> {
    (!parts.is_empty()).then(|| parts.join(" | "))
}
