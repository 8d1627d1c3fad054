use super::{Entry, THREAD_ID, count};
use crate::model::{Breakdown, CoOccurrence, Collocation, KeyTerm, ReplyTie, Response, ThreadShape};
use crate::table::rows::precise;

const QUESTION: &str = "`polarity` for the sentiment, `irony`, or the name of a code.";
const VALUE: &str = "The value counted against all others: 1 for a code or irony that applies; negative, neutral or positive for `polarity`.";
const LANGUAGE: &str = "Language of the comments compared with each other; empty where no language is known.";

/// The columns of `shape`.
pub(in crate::table) fn shape() -> Vec<Entry<ThreadShape>> {
    type Of = Entry<ThreadShape>;
    let mut columns = counts();
    columns.extend([
        Of::integer("max_depth", |row| row.max_depth.and_then(count), "Deepest level; 0 = answers the article.")
            .in_unit("levels"),
        Of::number("mean_depth", |row| row.mean_depth.and_then(precise), "Mean level of the comments whose level is known.")
            .in_unit("levels"),
        Of::integer("max_width", |row| row.max_width.and_then(count), "Comments of the level that has most.")
            .in_unit("comments"),
        Of::integer(
            "widest_depth",
            |row| row.widest_depth.and_then(count),
            "That level; the least deep if several have as many.",
        )
        .in_unit("levels"),
        Of::number("reply_share", |row| row.reply_share.and_then(precise), "Share of comments that answer another one.")
            .in_unit("0 to 1"),
        Of::number(
            "answered_share",
            |row| row.answered_share.and_then(precise),
            "Share of comments that another one answers.",
        )
        .in_unit("0 to 1"),
        Of::number(
            "reciprocity",
            |row| row.reciprocity.and_then(precise),
            "Share of the ties from one author to another who is answered that go the other way, too; each tie once, replies to oneself left out. Empty without ties.",
        )
        .in_unit("0 to 1"),
        Of::number(
            "virality",
            |row| row.virality.and_then(precise),
            "Structural virality: mean distance between two nodes of the reply tree, the article being its root and detached comments left out.",
        )
        .in_unit("replies"),
    ]);
    columns.extend(times_and_authors());
    columns
}

fn counts() -> Vec<Entry<ThreadShape>> {
    type Of = Entry<ThreadShape>;
    vec![
        Of::text("thread_id", |row| row.thread_id.as_deref(), "Thread the row is on; empty in the row on all threads."),
        Of::integer("comments", |row| count(row.comments), "Comments found, deleted ones whose place is left included.")
            .always()
            .in_unit("comments"),
        Of::integer("authors", |row| count(row.authors), "Different authors that are named.").always().in_unit("authors"),
        Of::integer("unsigned", |row| count(row.unsigned), "Comments without an author.").always().in_unit("comments"),
        Of::integer("roots", |row| count(row.roots), "Comments that answer the article.").always().in_unit("comments"),
        Of::integer("replies", |row| count(row.replies), "Comments that answer another one, orphans included.")
            .always()
            .in_unit("comments"),
        Of::integer("orphans", |row| count(row.orphans), "Comments that answer one the thread does not hold.")
            .always()
            .in_unit("comments"),
        Of::integer(
            "detached",
            |row| count(row.detached),
            "Comments whose way up to the article is not known: orphans, what is below them, circles, levels without a parent.",
        )
        .always()
        .in_unit("comments"),
    ]
}

fn times_and_authors() -> Vec<Entry<ThreadShape>> {
    type Of = Entry<ThreadShape>;
    vec![
        Of::number(
            "first_after",
            |row| row.first_after.and_then(precise),
            "Time from the article to the first comment; empty where either has no time, or only one of them an offset.",
        )
        .in_unit("hours"),
        Of::number("reply_after", |row| row.reply_after.and_then(precise), "Median time from a comment to a reply to it.")
            .in_unit("hours"),
        Of::number(
            "half_life",
            |row| row.half_life.and_then(precise),
            "Time from the first comment until half of the comments with a time were there.",
        )
        .in_unit("hours"),
        Of::number(
            "author_gini",
            |row| row.author_gini.and_then(precise),
            "Gini coefficient of comments an author: 0 = all write as many, near 1 = one writes nearly all. At most 1 - 1/authors.",
        )
        .in_unit("0 to 1"),
        Of::number(
            "top_author_share",
            |row| row.top_author_share.and_then(precise),
            "Share of the comments with an author that are by the one who wrote most.",
        )
        .in_unit("0 to 1"),
    ]
}

/// The columns of `replies`.
pub(in crate::table) fn replies() -> Vec<Entry<ReplyTie>> {
    type Of = Entry<ReplyTie>;
    vec![
        Of::always_text("thread_id", |row| &row.thread_id, THREAD_ID),
        Of::always_text("from", |row| &row.from, "Author who answers, as `comments` shows them."),
        Of::always_text("to", |row| &row.to, "Author who is answered; the same for a reply to oneself."),
        Of::integer("replies", |row| count(row.replies), "How often the one answered the other.")
            .always()
            .in_unit("comments"),
        Of::integer("coded", |row| count(row.coded), "Those of the replies that have a sentiment.")
            .always()
            .in_unit("comments"),
        Of::number(
            "mean_polarity",
            |row| row.mean_polarity.and_then(precise),
            "Mean of their sentiment: negative -1, neutral 0, positive 1.",
        )
        .in_unit("-1 to 1"),
        Of::moment("first_at", |row| row.first_at.as_deref(), "Date of the first of these replies."),
        Of::moment("last_at", |row| row.last_at.as_deref(), "Date of the last one."),
    ]
}

/// The columns of `breakdown`.
pub(in crate::table) fn breakdown() -> Vec<Entry<Breakdown>> {
    type Of = Entry<Breakdown>;
    vec![
        Of::always_text("question", |row| &row.question, QUESTION),
        Of::always_text("value", |row| &row.value, VALUE),
        Of::always_text(
            "by",
            |row| &row.by,
            "What the comments are split by: depth, tenth (of the thread, as the site orders it), hours_since_article, hours_since_first_comment, date, author_comments (how many their author wrote in all threads).",
        ),
        Of::always_text("group", |row| &row.group, "Which part of these the row is on."),
        Of::integer(
            "position",
            |row| count(row.position),
            "Place of the group among those of `by`, to sort by; first = 1.",
        )
        .always(),
        Of::integer("comments", |row| count(row.comments), "Comments in the group.").always().in_unit("comments"),
        Of::integer("coded", |row| count(row.coded), "Those with an answer to the question.")
            .always()
            .in_unit("comments"),
        Of::integer("count", |row| count(row.count), "Those with the value.").always().in_unit("comments"),
        Of::number("share", |row| row.share.and_then(precise), "Share of the coded ones with the value.")
            .in_unit("0 to 1"),
    ]
}

/// The columns of `responses`.
pub(in crate::table) fn responses() -> Vec<Entry<Response>> {
    type Of = Entry<Response>;
    vec![
        Of::always_text("question", |row| &row.question, QUESTION),
        Of::text(
            "parent",
            |row| row.parent.as_deref(),
            "Value of the comment answered: negative, neutral, positive; 0 or 1 of a code. Empty in the row on all pairs.",
        ),
        Of::text("reply", |row| row.reply.as_deref(), "Value of the reply; empty in the row on all pairs."),
        Of::integer("replies", |row| count(row.replies), "Replies of that value to comments of that value.")
            .always()
            .in_unit("comments"),
        Of::number(
            "share",
            |row| row.share.and_then(precise),
            "Share of the replies to comments of the parent's value; empty where there are none.",
        )
        .in_unit("0 to 1"),
        Of::number(
            "expected",
            |row| row.expected.and_then(precise),
            "Replies to be expected if what is answered made no difference.",
        )
        .in_unit("comments"),
        Of::number(
            "residual",
            |row| row.residual.and_then(precise),
            "How far replies are from expected: adjusted standardised residual; beyond 2 or below -2 is worth a look.",
        )
        .in_unit("standard errors"),
        Of::number(
            "chi_squared",
            |row| row.chi_squared.and_then(precise),
            "Pearson's chi-squared of all pairs; empty in the other rows.",
        )
        .in_unit("chi-squared"),
        Of::integer("degrees", |row| row.degrees.and_then(count), "Its degrees of freedom.")
            .in_unit("degrees of freedom"),
        Of::number(
            "cramers_v",
            |row| row.cramers_v.and_then(precise),
            "Cramér's V of all pairs: 0 = what is answered makes no difference, 1 = it tells the reply.",
        )
        .in_unit("0 to 1"),
    ]
}

/// The columns of `cooccurrence`.
pub(in crate::table) fn cooccurrence() -> Vec<Entry<CoOccurrence>> {
    type Of = Entry<CoOccurrence>;
    let integer = |name, value: fn(&CoOccurrence) -> u64, description| {
        Of::integer(name, move |row| count(value(row)), description).always().in_unit("comments")
    };
    vec![
        Of::always_text("first", |row| &row.first, "A code, `irony`, or a sentiment such as polarity=negative."),
        Of::always_text("second", |row| &row.second, "Another one."),
        integer("comments", |row| row.comments, "Comments with an answer to both questions."),
        integer("both", |row| row.both, "Comments with both."),
        integer("only_first", |row| row.only_first, "Comments with the first and not the second."),
        integer("only_second", |row| row.only_second, "Comments with the second and not the first."),
        integer("neither", |row| row.neither, "Comments with neither."),
        Of::number(
            "expected",
            |row| row.expected.and_then(precise),
            "Comments with both to be expected if the two had nothing to do with each other.",
        )
        .in_unit("comments"),
        Of::number("lift", |row| row.lift.and_then(precise), "Comments with both over those expected; 1 = as if by chance.")
            .in_unit("times"),
        Of::number("jaccard", |row| row.jaccard.and_then(precise), "Share with both of those with either.").in_unit("0 to 1"),
        Of::number("phi", |row| row.phi.and_then(precise), "Correlation of the two (phi coefficient).").in_unit("-1 to 1"),
        Of::number(
            "log_odds",
            |row| row.log_odds.and_then(precise),
            "Natural logarithm of the odds ratio, with 0.5 added to each count; 0 = as if by chance. Empty where one of the two applies to all comments or none.",
        )
        .in_unit("log odds"),
        Of::number(
            "low",
            |row| row.interval.and_then(|(low, _)| precise(low)),
            "Lower end of its 95 % interval, as if comments were independent.",
        )
        .in_unit("log odds"),
        Of::number("high", |row| row.interval.and_then(|(_, high)| precise(high)), "Upper end of it.").in_unit("log odds"),
        Of::flag(
            "sparse",
            |row| Some(row.sparse),
            "1 if fewer than 5 comments are expected in one of the four counts: too few to conclude from.",
        )
        .always(),
    ]
}

/// The columns of `keyness`.
pub(in crate::table) fn keyness() -> Vec<Entry<KeyTerm>> {
    type Of = Entry<KeyTerm>;
    vec![
        Of::text("language", |row| row.language.as_deref(), LANGUAGE),
        Of::always_text("question", |row| &row.question, QUESTION),
        Of::always_text("value", |row| &row.value, VALUE),
        Of::integer("words", |row| count(row.words), "1 for a word, 2 for two in a row.").always().in_unit("words"),
        Of::always_text("term", |row| &row.term, "The term in its most common spelling, in lower case."),
        Of::integer("count", |row| count(row.count), "Times it stands in comments with the value.").always().in_unit("times"),
        Of::integer("count_rest", |row| count(row.count_rest), "Times it stands in the other coded comments.")
            .always()
            .in_unit("times"),
        Of::number("rate", |row| precise(row.rate), "Times in a million words (or pairs) of comments with the value.")
            .always()
            .in_unit("per million"),
        Of::number("rate_rest", |row| precise(row.rate_rest), "Times in a million of the others.")
            .always()
            .in_unit("per million"),
        Of::number("log_likelihood", |row| precise(row.log_likelihood), "Log-likelihood G2: how sure the difference is.")
            .always()
            .in_unit("G2"),
        Of::number(
            "log_ratio",
            |row| precise(row.log_ratio),
            "How large it is: each 1 doubles the rate; a count of 0 is taken for 0.5.",
        )
        .always()
        .in_unit("doublings"),
        Of::number(
            "p",
            |row| precise(row.p),
            "Probability of such a G2 by chance, if words fell independently, which they do not: too small rather than too large.",
        )
        .always()
        .in_unit("0 to 1"),
        Of::number(
            "q",
            |row| precise(row.q),
            "p adjusted for all terms tested (Benjamini and Hochberg): share of false finds among terms as clear as this.",
        )
        .always()
        .in_unit("0 to 1"),
        Of::integer("comments", |row| count(row.comments), "Comments with the value that use it.")
            .always()
            .in_unit("comments"),
        Of::integer("comments_rest", |row| count(row.comments_rest), "Other coded comments that use it.")
            .always()
            .in_unit("comments"),
        Of::integer("authors", |row| count(row.authors), "Named authors of the value's comments that use it.")
            .always()
            .in_unit("authors"),
    ]
}

/// The columns of `collocations`.
pub(in crate::table) fn collocations() -> Vec<Entry<Collocation>> {
    type Of = Entry<Collocation>;
    let integer = |name, value: fn(&Collocation) -> u64, description| {
        Of::integer(name, move |row| count(value(row)), description).always().in_unit("comments")
    };
    vec![
        Of::text("language", |row| row.language.as_deref(), LANGUAGE),
        Of::always_text("question", |row| &row.question, QUESTION),
        Of::always_text("value", |row| &row.value, VALUE),
        Of::always_text("node", |row| &row.node, "A key word of the value, as in `keyness`, that it uses twice as often as the rest or more."),
        Of::always_text("collocate", |row| &row.collocate, "A word within five words of it, in the same sentence."),
        integer("comments", |row| row.comments, "Comments with the value in which the two are near each other."),
        integer("comments_rest", |row| row.comments_rest, "Other coded comments in which they are."),
        integer("node_comments", |row| row.node_comments, "Comments with the value that have the node."),
        integer("collocate_comments", |row| row.collocate_comments, "Comments with the value that have the collocate."),
        Of::number(
            "log_dice",
            |row| precise(row.log_dice),
            "How exclusively the two go together in comments with the value (logDice): 14 = never apart, 1 less = half as much.",
        )
        .always()
        .in_unit("logDice"),
        Of::number(
            "log_likelihood",
            |row| precise(row.log_likelihood),
            "Log-likelihood G2 of comments with the pair: how sure it is that those with the value have more of them, for as many words.",
        )
        .always()
        .in_unit("G2"),
        Of::integer("authors", |row| count(row.authors), "Named authors of the value's comments with the pair.")
            .always()
            .in_unit("authors"),
    ]
}
