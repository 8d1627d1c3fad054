//! The findings in words: what someone would say of the study who has a minute.

use super::Report;
use super::charts::{Language, Tone};
use super::counts::Counts;
use super::words::filled;
use crate::model::{POLARITY, Share};

/// Two codes that come together are worth a sentence from so many comments ...
const TOGETHER: u64 = 5;
/// ... and from so many times as many as chance would give.
const MORE_THAN_CHANCE: f64 = 1.5;
/// A theme of fewer comments has no sentiment worth a sentence.
const FEW: u64 = 10;

/// The sentences, each a finding.
pub(super) fn findings(report: &Report<'_>, counts: &Counts) -> Vec<String> {
    let mut made = vec![completeness(report, counts)];
    if !report.study.failures.is_empty() {
        let failures = report.language.count(report.study.failures.len() as u64);
        made.push(filled(report.language, "found_failures", &[("failures", &failures)]));
    }
    made.extend(sentiment(report, counts));
    made.extend(themes(report, counts));
    made.extend(replies(report.language, counts));
    made.extend(authors(report.language, counts));
    made.extend(together(report, counts));
    made.push(reliability(report));
    made
}

/// What was found of what the sites state, then what they say nothing of: together all comments there are.
fn completeness(report: &Report<'_>, counts: &Counts) -> String {
    let language = report.language;
    let count = |number: u64| language.count(number);
    let Some(stated) = counts.stated else {
        return filled(language, "found_unknown", &[("parsed", &count(counts.comments))]);
    };
    let key = if counts.missing > 0 { "found_part" } else { "found_all" };
    let found = count(stated.saturating_sub(counts.missing));
    let values: [(&str, &str); 3] =
        [("found", &found), ("stated", &count(stated)), ("missing", &count(counts.missing))];
    let mut sentences = vec![filled(language, key, &values)];
    for (key, more) in [("found_beyond", counts.beyond), ("found_unstated", counts.unstated)] {
        if more > 0 {
            sentences.push(filled(language, key, &[("more", &count(more))]));
        }
    }
    sentences.join(" ")
}

/// A corrected share with its interval, and what it leaves out.
fn corrected(report: &Report<'_>, key: &str, label: &str, row: &Share) -> Option<String> {
    let language = report.language;
    let (share, (low, high)) = (row.share?, row.interval?);
    let percent = |share: f64| language.exact_percent(share);
    let values: [(&str, &str); 6] = [
        ("label", label),
        ("share", &percent(share)),
        ("low", &percent(low)),
        ("high", &percent(high)),
        ("coded", &language.count(row.coded)),
        ("machine", &row.machine.map_or_else(|| "–".to_owned(), percent)),
    ];
    let mut said = filled(language, key, &values);
    if row.disputed > 0 {
        let (disputed, all) = (language.count(row.disputed), language.count(row.coded + row.disputed));
        said.push(' ');
        said.push_str(&filled(language, "found_left_out", &[("disputed", &disputed), ("all", &all)]));
    }
    Some(said)
}

fn sentiment(report: &Report<'_>, counts: &Counts) -> Option<String> {
    let language = report.language;
    let by_people = report.share_of_all(POLARITY, "negative");
    if let Some(said) = by_people.and_then(|row| corrected(report, "found_sentiment_corrected", "", row)) {
        return Some(said);
    }
    let share = |tone| Counts::share(&counts.all, tone).map(|share| language.percent(share));
    let (negative, neutral, positive) = (share(Tone::Negative)?, share(Tone::Neutral)?, share(Tone::Positive)?);
    let values: [(&str, &str); 3] = [("negative", &negative), ("neutral", &neutral), ("positive", &positive)];
    Some(filled(language, "found_sentiment", &values))
}

fn themes(report: &Report<'_>, counts: &Counts) -> Vec<String> {
    let (language, codes) = (report.language, &report.study.codes);
    if codes.is_empty() {
        return Vec::new();
    }
    // By what is told of it: the corrected share where there is one.
    let by_people = |code: usize| report.share_of_all(&codes[code].name, "1");
    let corrected_share = |code: usize| by_people(code).and_then(|row| row.share);
    let share = |code: usize| corrected_share(code).or_else(|| counts.code_share(code)).unwrap_or(0.0);
    let most = (0..codes.len()).max_by(|a, b| share(*a).total_cmp(&share(*b)).then(b.cmp(a)));
    let Some(most) = most.filter(|code| share(*code) > 0.0) else {
        // Where nothing was decided, nothing is known to be absent.
        let known = (0..codes.len()).any(|code| corrected_share(code).or_else(|| counts.code_share(code)).is_some());
        return if known { vec![filled(language, "found_no_theme", &[])] } else { Vec::new() };
    };
    let label = &codes[most].label;
    let mut made = Vec::new();
    if let Some(said) = by_people(most).and_then(|row| corrected(report, "found_theme_corrected", label, row)) {
        made.push(said);
    } else if let Some(share) = counts.code_share(most) {
        let (share, n) = (language.percent(share), language.count(counts.carrying(most)));
        made.push(filled(language, "found_theme", &[("label", label), ("share", &share), ("n", &n)]));
    }
    let negative = |code: usize| Counts::share(&counts.codes[code], Tone::Negative).unwrap_or(0.0);
    let told = (0..codes.len()).filter(|code| counts.carrying(*code) >= FEW);
    if let (Some(code), Some(all)) =
        (told.max_by(|a, b| negative(*a).total_cmp(&negative(*b))), Counts::share(&counts.all, Tone::Negative))
        && negative(code) > all
    {
        let (share, all) = (language.percent(negative(code)), language.percent(all));
        let values: [(&str, &str); 3] = [("label", &codes[code].label), ("share", &share), ("all", &all)];
        made.push(filled(language, "found_negative", &values));
    }
    made
}

fn replies(language: Language, counts: &Counts) -> Option<String> {
    let all = counts.of_all()?;
    // Nothing is said where no page shows who answers whom.
    let share = all.reply_share?;
    if all.replies == 0 {
        return Some(filled(language, "found_flat", &[]));
    }
    let (share, levels) = (language.percent(share), language.count(all.max_depth.map_or(0, |depth| depth + 1)));
    Some(filled(language, "found_replies", &[("share", &share), ("levels", &levels)]))
}

fn authors(language: Language, counts: &Counts) -> Option<String> {
    let few = counts.authors_of_half();
    if counts.authors.len() < 5 {
        return None;
    }
    let (few, authors) = (language.count(few), language.count(counts.authors.len() as u64));
    Some(filled(language, "found_authors", &[("few", &few), ("authors", &authors)]))
}

fn together(report: &Report<'_>, counts: &Counts) -> Option<String> {
    let language = report.language;
    let label = |name: &str| report.study.codes.iter().find(|code| code.name == name).map(|code| code.label.clone());
    let pairs = counts.pairs.iter().filter_map(|pair| {
        let lift = pair.lift.filter(|lift| *lift >= MORE_THAN_CHANCE && pair.both >= TOGETHER)?;
        Some((lift, label(&pair.first)?, label(&pair.second)?, pair.both))
    });
    let (lift, first, second, both) = pairs.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let values: [(&str, &str); 4] =
        [("first", &first), ("second", &second), ("lift", &language.decimal(lift, 1)), ("n", &language.count(both))];
    Some(filled(language, "found_together", &values))
}

fn reliability(report: &Report<'_>) -> String {
    let mut f1 = report.agreement.iter().filter(|row| {
        row.measure == "f1" && row.between == "machine / people" && row.group_by.is_empty() && row.question != POLARITY
    });
    // The first code of the codebook that was measured.
    let best = f1.find_map(|row| Some((row, row.estimate?)));
    let Some((row, f1)) = best else { return filled(report.language, "found_no_hand", &[]) };
    let label =
        report.study.codes.iter().find(|code| code.name == row.question).map_or(&row.question, |code| &code.label);
    let (f1, n) = (report.language.decimal(f1, 2), report.language.count(row.units));
    filled(report.language, "found_hand", &[("f1", &f1), ("label", label), ("n", &n)])
}
