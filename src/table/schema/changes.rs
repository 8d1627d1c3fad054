use super::{COMMENT_ID, Entry, THREAD_ID};
use crate::model::{Change, CommentState, Seen};
use crate::table::rows::rounded;

/// The columns of `changes`.
pub(in crate::table) fn changes<'a>() -> Vec<Entry<Change<'a>>> {
    let mut all = what_happened();
    all.extend(circumstances());
    all
}

type Of<'a> = Entry<Change<'a>>;

fn what_happened<'a>() -> Vec<Of<'a>> {
    vec![
        Of::always_text("thread_id", |row| row.thread, THREAD_ID),
        Of::always_text("comment_id", |row| row.latest().map_or("", |seen| &seen.id), COMMENT_ID),
        Of::always_text(
            "change",
            |row| row.kind.as_str(),
            "What happened since the older snapshot; a comment has a row for each: added; found = only in the newer \
             snapshot, but the older one was incomplete; edited = other words; deleted, hidden = only its place is left; \
             held = awaits moderation again; restored = shown again after it was deleted or hidden; approved = shown after it \
             awaited moderation; moved = answers another comment; gone = not even its place is left; missing = not in the newer \
             snapshot, but that one is incomplete.",
        ),
        Of::text("old_state", |row| state(row.old), "What the older snapshot says became of it: visible, deleted, hidden or pending; empty where it is not in it."),
        Of::text("new_state", |row| state(row.new), "The same in the newer snapshot."),
        Of::text("old_text", |row| text(row.old), "The comment in the older snapshot."),
        Of::text("new_text", |row| text(row.new), "The comment in the newer snapshot."),
        Of::number(
            "similarity",
            |row| row.similarity.and_then(rounded),
            "For edited: twice the words and marks that both texts have, in any order, over those of both together, four decimals; \
             near 1 = a few words changed, 0 = none is left.",
        )
        .in_unit("0 to 1"),
    ]
}

fn circumstances<'a>() -> Vec<Of<'a>> {
    vec![
        Of::moment(
            "old_fetched_at",
            |row| row.old_fetched_at,
            "When the thread of the older snapshot was fetched or saved, if known: the change happened after it.",
        ),
        Of::moment(
            "new_fetched_at",
            |row| row.new_fetched_at,
            "When the thread of the newer snapshot was fetched or saved, if known: the change happened before it.",
        ),
        Of::moment(
            "posted_at",
            |row| latest(row, |seen| seen.posted_at.as_deref()),
            "When the comment was posted, as the newer snapshot says, or else the older one.",
        ),
        Of::text(
            "author",
            |row| latest(row, |seen| seen.author.as_deref()),
            "Who wrote it, as the tables compared show people; of the newer one, or else the older one.",
        ),
        Of::text(
            "reply_to",
            |row| row.latest().and_then(|seen| seen.reply_to.as_deref()),
            "comment_id of the comment it answers in the newer snapshot; where it is not there, in the older one.",
        ),
        Of::text(
            "old_reply_to",
            |row| row.old.and_then(|seen| seen.reply_to.as_deref()),
            "comment_id of the comment it answers in the older snapshot.",
        ),
        Of::integer(
            "depth",
            |row| row.latest().and_then(|seen| seen.depth),
            "Levels below the article, in the snapshot that reply_to is from; empty when unknown.",
        )
        .in_unit("levels"),
        Of::integer("old_votes", |row| row.old.and_then(|seen| seen.votes), "Votes in the older snapshot.")
            .in_unit("votes"),
        Of::integer("new_votes", |row| row.new.and_then(|seen| seen.votes), "Votes in the newer snapshot.")
            .in_unit("votes"),
        Of::text(
            "old_comment_id",
            |row| row.old.map(|seen| seen.id.as_str()),
            "comment_id in the older snapshot: another one only in threads whose comments are numbered by their place.",
        ),
    ]
}

fn state(seen: Option<&Seen>) -> Option<&'static str> {
    seen.and_then(|seen| seen.state).map(CommentState::as_str)
}

fn text(seen: Option<&Seen>) -> Option<&str> {
    seen.map(|seen| seen.text.as_str())
}

fn latest<'a>(row: &Change<'a>, cell: impl Fn(&'a Seen) -> Option<&'a str>) -> Option<&'a str> {
    row.new.and_then(&cell).or_else(|| row.old.and_then(&cell))
}
