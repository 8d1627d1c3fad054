use super::{COMMENT_ID, Entry, THREAD_ID, count};
use crate::model::{Agreement, Confusion, Contrast, Disagreement, Drawn, Share};
use crate::table::rows::precise;

const QUESTION: &str = "`polarity` for the sentiment, or the name of a code.";
const VALUE: &str =
    "The value counted against all others: 1 for a code that applies; negative, neutral or positive for `polarity`.";
const GROUP_BY: &str = "What the comments are split by; empty in rows on all of them.";
const GROUP: &str = "Which part of these the row is on.";

/// The columns of `design`.
pub(in crate::table) fn design() -> Vec<Entry<Drawn>> {
    type Of = Entry<Drawn>;
    vec![
        Of::always_text("thread_id", |row| &row.key.thread_id, THREAD_ID),
        Of::always_text("comment_id", |row| &row.key.comment_id, COMMENT_ID),
        Of::always_text(
            "drawn_by",
            |row| row.by.as_str(),
            "random = by chance, so that it stands for others; uncertain = because the coder is unsure of it, to learn from only.",
        ),
        Of::text(
            "stratum",
            |row| Some(row.stratum.as_str()).filter(|stratum| !stratum.is_empty()),
            "Part of the comments it was drawn from; empty where all are one.",
        ),
        Of::integer("stratum_size", |row| count(row.stratum_size), "Comments in that part that can be coded.")
            .always()
            .in_unit("comments"),
        Of::integer("stratum_drawn", |row| count(row.stratum_drawn), "Comments drawn from it by chance.")
            .always()
            .in_unit("comments"),
        Of::number(
            "inclusion_probability",
            Drawn::probability,
            "Probability with which chance drew it; empty where chance had no part.",
        )
        .in_unit("0 to 1"),
        Of::made_text(
            "coders",
            |row| Some(row.coders.join(" ")).filter(|coders| !coders.is_empty()),
            "Who is to code it, joined with blanks; empty for anybody.",
        ),
    ]
}

/// The columns of `agreement`.
pub(in crate::table) fn agreement() -> Vec<Entry<Agreement>> {
    type Of = Entry<Agreement>;
    vec![
        Of::always_text("question", |row| &row.question, QUESTION),
        Of::text("value", |row| filled(&row.value), VALUE),
        Of::always_text(
            "between",
            |row| &row.between,
            "Who is compared: machine and people (the answer most of them gave, or the adjudicated one), machine and one person, two people, or all people.",
        ),
        Of::text("group_by", |row| filled(&row.group_by), GROUP_BY),
        Of::text("group", |row| filled(&row.group), GROUP),
        Of::always_text(
            "measure",
            |row| &row.measure,
            "per_cent = share of pairs that agree; kappa = Cohen's, kappa_linear and kappa_quadratic = its forms for ordered values; alpha_nominal, alpha_ordinal, alpha_interval = Krippendorff's; \
             ac1 = Gwet's; precision, recall, f1 of the first against the second; macro_f1 = mean of f1 over all values.",
        ),
        Of::number(
            "estimate",
            |row| row.estimate.and_then(precise),
            "The measure; empty where it is not defined, such as with one value only.",
        )
        .in_unit("-1 to 1"),
        Of::number(
            "low",
            |row| row.interval.and_then(|(low, _)| precise(low)),
            "Lower end of its bootstrap interval over comments.",
        )
        .in_unit("-1 to 1"),
        Of::number("high", |row| row.interval.and_then(|(_, high)| precise(high)), "Upper end of it.")
            .in_unit("-1 to 1"),
        Of::integer("units", |row| count(row.units), "Comments it rests on.").always().in_unit("comments"),
        Of::flag(
            "weighted",
            |row| Some(row.weighted),
            "1 if each comment counts by how rarely comments like it were drawn, so that the figure is one of all comments and not of the sample.",
        ),
    ]
}

/// The columns of `confusion`.
pub(in crate::table) fn confusion() -> Vec<Entry<Confusion>> {
    type Of = Entry<Confusion>;
    vec![
        Of::always_text("question", |row| &row.question, QUESTION),
        Of::always_text("between", |row| &row.between, "Who is compared, as in `agreement`."),
        Of::always_text("first", |row| &row.first, "What the first said; uncoded where the machine left it open."),
        Of::always_text("second", |row| &row.second, "What the second said."),
        Of::integer("units", |row| count(row.units), "Hand-coded comments of which they did.")
            .always()
            .in_unit("comments"),
        Of::number(
            "stands_for",
            |row| row.stands_for.and_then(precise),
            "Comments of the table that these stand for, where the sample's design is known.",
        )
        .in_unit("comments"),
    ]
}

/// The columns of `disagreements`.
pub(in crate::table) fn disagreements() -> Vec<Entry<Disagreement>> {
    type Of = Entry<Disagreement>;
    vec![
        Of::always_text("thread_id", |row| &row.key.thread_id, THREAD_ID),
        Of::always_text("comment_id", |row| &row.key.comment_id, COMMENT_ID),
        Of::always_text("question", |row| &row.question, QUESTION),
        Of::text("machine", |row| row.machine.as_deref(), "What the machine said; empty where it left it open."),
        Of::always_text("people", |row| &row.people, "What each person said, as `name: value`, joined with ` | `."),
        Of::always_text("text", |row| &row.text, "The comment as a reader sees it, quotes included."),
    ]
}

/// The columns of `shares`.
pub(in crate::table) fn shares() -> Vec<Entry<Share>> {
    type Of = Entry<Share>;
    vec![
        Of::always_text("question", |row| &row.question, QUESTION),
        Of::always_text("value", |row| &row.value, VALUE),
        Of::text("group_by", |row| filled(&row.group_by), GROUP_BY),
        Of::text("group", |row| filled(&row.group), GROUP),
        Of::integer("comments", |row| count(row.comments), "Comments in the table that can be coded: those it is a share of.")
            .always()
            .in_unit("comments"),
        Of::integer("coded", |row| count(row.coded), "Of these drawn by chance and coded by hand.")
            .always()
            .in_unit("comments"),
        Of::integer(
            "disputed",
            |row| count(row.disputed),
            "Drawn by chance, too, and coded without a prevailing opinion: left out, as if they were like the others.",
        )
        .always()
        .in_unit("comments"),
        Of::number("machine_share", |row| row.machine.and_then(precise), "Share by the machine's codes alone: biased by its errors.")
            .in_unit("0 to 1"),
        Of::number(
            "share",
            |row| row.share.and_then(precise),
            "Share corrected with the hand-coded sample; empty where nothing is coded by hand.",
        )
        .in_unit("0 to 1"),
        Of::number("low", |row| row.interval.and_then(|(low, _)| precise(low)), "Lower end of its confidence interval.")
            .in_unit("0 to 1"),
        Of::number("high", |row| row.interval.and_then(|(_, high)| precise(high)), "Upper end of it.").in_unit("0 to 1"),
        Of::number(
            "people_share",
            |row| row.people.and_then(precise),
            "Share by the hand-coded comments alone, each standing for those like it.",
        )
        .in_unit("0 to 1"),
        Of::integer(
            "needed",
            |row| row.needed.and_then(count),
            "Hand-coded comments in all that the margin asked for would take, if the rest of the sample is like this one.",
        )
        .in_unit("comments"),
        Of::always_text(
            "estimand",
            |row| row.estimand,
            "What it is a share of: the comments of the table, or the superpopulation they are themselves a sample of.",
        ),
        Of::number("confidence", |row| precise(row.confidence), "Confidence of the interval.").always().in_unit("0 to 1"),
    ]
}

/// The columns of `contrasts`.
pub(in crate::table) fn contrasts() -> Vec<Entry<Contrast>> {
    type Of = Entry<Contrast>;
    vec![
        Of::always_text("question", |row| &row.question, QUESTION),
        Of::always_text("value", |row| &row.value, VALUE),
        Of::always_text("group_by", |row| &row.group_by, "What the comments are split by."),
        Of::always_text("group", |row| &row.group, GROUP),
        Of::number(
            "machine_difference",
            |row| row.machine.and_then(precise),
            "The same difference by the machine's codes alone.",
        )
        .in_unit("-1 to 1"),
        Of::number(
            "difference",
            |row| row.difference.and_then(precise),
            "Corrected share in the group less that in all other comments.",
        )
        .in_unit("-1 to 1"),
        Of::number(
            "low",
            |row| row.interval.and_then(|(low, _)| precise(low)),
            "Lower end of its confidence interval.",
        )
        .in_unit("-1 to 1"),
        Of::number("high", |row| row.interval.and_then(|(_, high)| precise(high)), "Upper end of it.")
            .in_unit("-1 to 1"),
        Of::integer("coded", |row| count(row.coded), "Comments coded by hand in the group.")
            .always()
            .in_unit("comments"),
        Of::integer("coded_rest", |row| count(row.coded_rest), "Comments coded by hand in the rest.")
            .always()
            .in_unit("comments"),
    ]
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
