use std::sync::LazyLock;

use serde::Deserialize;

use super::format::Language;
use super::sentiment::Tone;
use super::svg::{clean, escape, isolated};

/// What the charts say in one language. `{name}` in a sentence stands for what it is about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) data: String,
    pub(super) no_data: String,
    pub(super) months: [String; 12],
    pub(super) hour: String,

    pub(super) negative: String,
    pub(super) neutral: String,
    pub(super) positive: String,
    pub(super) uncoded: String,
    pub(super) deleted: String,
    pub(super) comments: String,
    pub(super) code: String,
    pub(super) share: String,
    pub(super) interval: String,
    pub(super) all_comments: String,
    pub(super) largest_of: String,
    pub(super) open_note: String,

    pub(super) shares_title: String,
    pub(super) machine: String,
    pub(super) corrected: String,
    pub(super) shares_note: String,
    pub(super) shares_key_corrected: String,
    pub(super) shares_desc: String,
    pub(super) shares_desc_one: String,

    pub(super) sentiment_title: String,
    pub(super) sentiment_desc: String,
    pub(super) sentiment_extremes: String,

    pub(super) time_title: String,
    pub(super) time_note: String,
    pub(super) time_desc: String,
    pub(super) time_trend: String,
    pub(super) period: String,
    pub(super) per_hour: String,
    pub(super) per_day: String,
    pub(super) per_week: String,
    pub(super) per_month: String,
    pub(super) per_year: String,
    pub(super) code_time_title: String,
    pub(super) code_time_note: String,
    pub(super) code_time_desc: String,
    pub(super) code_time_peak: String,

    pub(super) depth_title: String,
    pub(super) depth_note: String,
    pub(super) depth_desc: String,
    pub(super) depth_change: String,
    pub(super) level: String,

    pub(super) tree_title: String,
    pub(super) tree_note: String,
    pub(super) levels_note: String,
    pub(super) tree_desc: String,

    pub(super) co_occurrence_title: String,
    pub(super) co_occurrence_note: String,
    pub(super) co_occurrence_left_out: String,
    pub(super) co_occurrence_desc: String,
    pub(super) co_occurrence_most: String,
    pub(super) first_code: String,
    pub(super) second_code: String,
    pub(super) both: String,
    pub(super) lift: String,

    pub(super) replies_title: String,
    pub(super) replies_note: String,
    pub(super) replies_desc: String,
    pub(super) replies_more: String,
    pub(super) parent: String,
    pub(super) reply: String,
    pub(super) residual: String,
    pub(super) reply_to_negative: String,
    pub(super) reply_to_neutral: String,
    pub(super) reply_to_positive: String,

    pub(super) authors_title: String,
    pub(super) authors_desc: String,
    pub(super) authors: String,
    pub(super) authors_writing: String,
    pub(super) of_authors: String,
    pub(super) of_comments: String,
    pub(super) and_more: String,
}

#[derive(Deserialize)]
struct Both {
    en: Words,
    fr: Words,
}

static BOTH: LazyLock<Both> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/report/words/charts.toml"))
        .expect("the words of the charts are compiled in")
});

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &BOTH.en,
            Language::French => &BOTH.fr,
        }
    }

    pub(super) fn tone(&self, tone: Tone) -> &str {
        match tone {
            Tone::Negative => &self.negative,
            Tone::Neutral => &self.neutral,
            Tone::Positive => &self.positive,
        }
    }
}

/// A sentence with its gaps filled: each `{name}` becomes its value, in one pass, so that a value is never read as a gap. A gap
/// without a value is left out; a `{` that is never closed is text. `{name|comment|comments}` becomes the first word where the value is 1,
/// else the second one.
pub(in crate::report) fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(sentence.len() + 32);
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{')
        && let Some((name, behind)) = after.split_once('}')
    {
        out.push_str(before);
        let (name, words) = name.split_once('|').map_or((name, None), |(name, words)| (name, words.split_once('|')));
        let value = values.iter().find(|(gap, _)| *gap == name).map_or("", |(_, value)| value);
        out.push_str(match words {
            Some((one, _)) if value == "1" => one,
            Some((_, many)) => many,
            None => value,
        });
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The same as HTML: no value is markup, and none turns the direction of what stands around it.
pub(super) fn sentence(sentence: &str, values: &[(&str, &str)]) -> String {
    let closed_off = |value: &str| isolated(&escape(&clean(value))).into_owned();
    let values: Vec<(&str, String)> = values.iter().map(|&(gap, value)| (gap, closed_off(value))).collect();
    let values: Vec<(&str, &str)> = values.iter().map(|(gap, value)| (*gap, &**value)).collect();
    fill(&escape(sentence), &values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_once() {
        assert_eq!(fill("{a} and {b}.", &[("a", "{b}"), ("b", "x")]), "{b} and x.");
        assert_eq!(fill("{a}, {c} or {", &[("a", "x")]), "x,  or {");
    }

    #[test]
    fn one_thing_is_told_as_one() {
        let said = |n| fill("{n} {n|page is|pages are} gone", &[("n", n)]);
        assert_eq!((said("1").as_str(), said("21").as_str()), ("1 page is gone", "21 pages are gone"));
    }

    #[test]
    fn names_in_a_sentence_are_closed_off_once_escaped() {
        let said = sentence("{a} & {b}", &[("a", "<i>\u{202e}\u{2069}"), ("b", "סרק\n&")]);
        assert_eq!(said, "&lt;i&gt; &amp; \u{2068}סרק &amp;\u{2069}");
    }

    #[test]
    fn both_languages_are_there() {
        assert_eq!(Words::of(Language::English).data, "Data");
        assert_eq!(Words::of(Language::French).data, "Données");
    }
}
