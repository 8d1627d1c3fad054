use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::authors::{self, AuthorPolicy};
use super::code_points::in_code_points;
use super::{CodeColumn, TableError};
use crate::model::{
    Coded, CodedComment, CodedThread, Coding, Comment, CommentState, Confidence, Link, Moment, POLARITY, Polarity, Span,
};

/// Who wrote the article, as its page says: a public name, but where the same name writes comments it would say who is
/// behind their pseudonym.
fn byline<'a>(thread: &'a CodedThread, policy: &AuthorPolicy, platform: &str) -> Option<Cow<'a, str>> {
    let name = thread.thread.article.author.as_deref()?;
    let comments = thread.thread.comments.iter().filter_map(|comment| comment.author.as_ref());
    if comments.into_iter().any(|author| author.name.trim() == name.trim()) {
        policy.shown(platform, name)
    } else {
        Some(Cow::Borrowed(name))
    }
}

/// The addresses a comment links to; not those of the people it mentions, whose pages would say who is behind a pseudonym.
fn links(comment: &Comment, names: &HashSet<&str>, policy: &AuthorPolicy) -> Option<String> {
    let is_person = |words: &str| words.starts_with('@') || names.contains(words.trim());
    // Of links from a table it is not known which words led there: those of a table with names may be people's.
    let with_names = comment.permalink.is_some() || names.iter().any(|name| !authors::is_pseudonym(name));
    let is_hidden = |link: &Link| match link.span.of(&comment.text) {
        "" => with_names,
        words => is_person(words),
    };
    let shown = comment.links.iter().filter(|link| policy.shows_permalink() || !is_hidden(link));
    let all: Vec<&str> = shown.map(|link| link.url.as_str()).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// A row of `comments`: the comment and what is worked out for it.
pub(super) struct CommentRow<'a> {
    pub(super) thread: &'a CodedThread,
    pub(super) comment: &'a Comment,
    pub(super) coding: &'a CodedComment,
    /// 1, 2, … in the order of the discussion.
    pub(super) position: i64,
    /// Whether it answers a comment that is not in the thread; empty where it answers none.
    pub(super) orphan: Option<bool>,
    pub(super) author: Option<Cow<'a, str>>,
    pub(super) permalink: Option<&'a str>,
    /// Addresses the comment links to, joined with blanks.
    pub(super) links: Option<String>,
    /// Who wrote the article.
    pub(super) byline: Option<Cow<'a, str>>,
    /// One entry a code column; empty where the comment was not coded, or the code was left undecided.
    pub(super) codes: Vec<Option<bool>>,
}

impl CommentRow<'_> {
    /// The rows of these threads.
    pub(super) fn of<'a>(
        threads: &'a [CodedThread],
        codes: &[CodeColumn],
        policy: &AuthorPolicy,
    ) -> Vec<CommentRow<'a>> {
        let places = places(codes);
        let mut rows = Vec::with_capacity(threads.iter().map(|thread| thread.comments.len()).sum());
        for thread in threads {
            let platform = authors::platform(&thread.thread);
            let ids = ids(thread);
            let byline = byline(thread, policy, &platform);
            let authors = thread.thread.comments.iter().filter_map(|comment| comment.author.as_ref());
            let names: HashSet<&str> = authors.map(|author| author.name.trim()).collect();
            for (index, (comment, coding)) in pairs(thread).enumerate() {
                rows.push(CommentRow {
                    thread,
                    comment,
                    coding,
                    position: index as i64 + 1,
                    orphan: comment.reply_to.as_deref().map(|parent| !ids.contains(parent)),
                    author: comment.author.as_ref().and_then(|author| policy.shown(&platform, &author.name)),
                    permalink: comment.permalink.as_deref().filter(|_| policy.shows_permalink()),
                    links: links(comment, &names, policy),
                    byline: byline.clone(),
                    codes: decided(coding.coded.as_ref(), &places),
                });
            }
        }
        rows
    }

    /// `code: words | code: words`, line breaks as spaces so that it stays one line.
    pub(super) fn evidence(&self) -> Option<String> {
        let coded = self.coding.coded.as_ref()?;
        let mut all = String::new();
        for coding in &coded.codings {
            if !all.is_empty() {
                all.push_str(" | ");
            }
            all.push_str(&coding.code);
            all.push_str(": ");
            push_on_one_line(&mut all, coding.evidence.of(&self.comment.text));
        }
        (!all.is_empty()).then_some(all)
    }

    /// `begin..end` of each quote in code points, joined with blanks: with a hyphen spreadsheets would make dates of them.
    pub(super) fn quotes(&self) -> Option<String> {
        let spans: Vec<Span> = self.coding.quotes.iter().map(|quote| quote.span).collect();
        let points = in_code_points(&self.comment.text, &spans).into_iter();
        let all: Vec<String> = points.map(|(start, end)| format!("{start}..{end}")).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }

    pub(super) fn irony_evidence(&self) -> Option<String> {
        let (applies, coding) = self.coding.coded.as_ref()?.irony.as_ref()?;
        let mut words = String::new();
        push_on_one_line(&mut words, coding.evidence.of(&self.comment.text));
        (*applies && !words.is_empty()).then_some(words)
    }

    pub(super) fn polarity_evidence(&self) -> Option<String> {
        let span = self.coding.coded.as_ref()?.polarity.as_ref()?.evidence?;
        let mut words = String::new();
        push_on_one_line(&mut words, span.of(&self.comment.text));
        (!words.is_empty()).then_some(words)
    }
}

/// A row of `codings`.
pub(super) struct CodingRow<'a> {
    pub(super) thread: &'a str,
    pub(super) comment: &'a str,
    pub(super) code: &'a str,
    pub(super) value: &'static str,
    /// Code points into the comment's text.
    pub(super) points: Option<(usize, usize)>,
    pub(super) words: Option<&'a str>,
    pub(super) confidence: Option<Confidence>,
    pub(super) coder: &'a str,
}

impl CodingRow<'_> {
    /// The rows of these threads: a comment's sentiment first, then its codes.
    pub(super) fn of(threads: &[CodedThread]) -> Vec<CodingRow<'_>> {
        let mut rows = Vec::new();
        for thread in threads {
            for (comment, coding) in pairs(thread) {
                let Some(coded) = &coding.coded else { continue };
                let polarity = coded.polarity.as_ref();
                let irony = coded.irony.as_ref().filter(|(applies, _)| *applies).map(|(_, coding)| coding);
                let said: Vec<&Coding> = irony.into_iter().chain(&coded.codings).collect();
                let spans: Vec<Span> = polarity
                    .and_then(|polarity| polarity.evidence)
                    .into_iter()
                    .chain(said.iter().map(|coding| coding.evidence))
                    .collect();
                let mut points = in_code_points(&comment.text, &spans).into_iter();
                let row = |code, value, evidence: Option<Span>, points, confidence| CodingRow {
                    thread: &thread.thread.id,
                    comment: &comment.id,
                    code,
                    value,
                    points,
                    words: evidence.map(|span| span.of(&comment.text)),
                    confidence,
                    coder: &coded.coder,
                };
                if let Some(found) = polarity {
                    let points = found.evidence.and_then(|_| points.next());
                    let value = found.polarity.as_str();
                    rows.push(row(POLARITY, value, found.evidence, points, found.confidence));
                }
                for coding in said {
                    let evidence = Some(coding.evidence);
                    rows.push(row(&coding.code, "1", evidence, points.next(), coding.confidence));
                }
            }
        }
        rows
    }
}

/// A row of `threads`: counts over its comments.
pub(super) struct ThreadRow<'a> {
    pub(super) thread: &'a CodedThread,
    pub(super) byline: Option<Cow<'a, str>>,
    pub(super) deleted: i64,
    pub(super) hidden: i64,
    pub(super) orphans: i64,
    pub(super) authors: i64,
    pub(super) max_depth: Option<i64>,
    pub(super) first: Option<&'a str>,
    pub(super) last: Option<&'a str>,
    /// The language most comments are in; of equals the first in the alphabet.
    pub(super) language: Option<&'a str>,
    /// Comments that were coded.
    pub(super) coded: i64,
    /// Comments by polarity: negative, neutral, positive.
    pub(super) polarities: [i64; 3],
    /// Comments by code column.
    pub(super) codes: Vec<i64>,
    /// Comments by code column of which it was left open.
    pub(super) open: Vec<i64>,
}

impl ThreadRow<'_> {
    /// The rows of these threads.
    pub(super) fn of<'a>(
        threads: &'a [CodedThread],
        codes: &[CodeColumn],
        policy: &AuthorPolicy,
    ) -> Vec<ThreadRow<'a>> {
        let places = places(codes);
        threads.iter().map(|thread| ThreadRow::count(thread, &places, policy)).collect()
    }

    fn count<'a>(thread: &'a CodedThread, places: &HashMap<&str, usize>, policy: &AuthorPolicy) -> ThreadRow<'a> {
        let (first, last) =
            first_and_last(thread.thread.comments.iter().filter_map(|comment| comment.posted_at.as_ref()));
        let mut row = ThreadRow {
            thread,
            byline: byline(thread, policy, &authors::platform(&thread.thread)),
            deleted: 0,
            hidden: 0,
            orphans: 0,
            authors: 0,
            max_depth: None,
            first,
            last,
            language: None,
            coded: 0,
            polarities: [0; 3],
            codes: vec![0; places.len()],
            open: vec![0; places.len()],
        };
        let (ids, mut authors, mut languages) = (ids(thread), HashSet::new(), BTreeMap::<&str, usize>::new());
        for (comment, coding) in pairs(thread) {
            row.deleted += i64::from(comment.state == CommentState::Deleted);
            row.hidden += i64::from(comment.state == CommentState::Hidden);
            row.orphans += i64::from(comment.reply_to.as_deref().is_some_and(|parent| !ids.contains(parent)));
            row.max_depth = row.max_depth.max(comment.depth.map(i64::from));
            authors.extend(comment.author.as_ref().map(|author| author.name.trim()).filter(|name| !name.is_empty()));
            if let Some(language) = &coding.language {
                *languages.entry(language).or_default() += 1;
            }
            let Some(coded) = &coding.coded else { continue };
            row.coded += 1;
            if let Some(found) = &coded.polarity {
                row.polarities[place(found.polarity)] += 1;
            }
            for (at, decided) in decided(Some(coded), places).into_iter().enumerate() {
                row.codes[at] += i64::from(decided == Some(true));
                row.open[at] += i64::from(decided.is_none());
            }
        }
        row.authors = authors.len() as i64;
        row.language = languages.into_iter().rev().max_by_key(|&(_, count)| count).map(|(language, _)| language);
        row
    }

    pub(super) fn polarity(&self, polarity: Polarity) -> i64 {
        self.polarities[place(polarity)]
    }

    /// Share of one polarity among the comments that have one.
    pub(super) fn polarity_share(&self, polarity: Polarity) -> Option<f64> {
        share(self.polarity(polarity), self.polarities.iter().sum())
    }

    /// Share of a code among the comments of which it was decided.
    pub(super) fn code_share(&self, code: usize) -> Option<f64> {
        share(self.codes[code], self.decided(code))
    }

    /// Comments of which it was decided whether they carry a code.
    pub(super) fn decided(&self, code: usize) -> i64 {
        self.coded - self.open[code]
    }
}

/// Four decimals: more would be noise in a table, and binary fractions would show all sixteen.
pub(super) fn rounded(value: f64) -> Option<f64> {
    // Adding zero turns -0 into 0.
    value.is_finite().then(|| (value * 1e4).round() / 1e4 + 0.0)
}

/// Ten decimals: what other programs work out can be compared, and the last bits, which differ from machine to machine, are gone.
pub(super) fn precise(value: f64) -> Option<f64> {
    value.is_finite().then(|| (value * 1e10).round() / 1e10 + 0.0)
}

/// Refuses threads whose two lists differ in length: every row after the first gap would carry another's codes.
pub(super) fn check_pairs(threads: &[CodedThread]) -> Result<(), TableError> {
    match threads.iter().find(|thread| thread.thread.comments.len() != thread.comments.len()) {
        None => Ok(()),
        Some(thread) => Err(TableError::Unpaired {
            thread: thread.thread.id.clone(),
            comments: thread.thread.comments.len(),
            coded: thread.comments.len(),
        }),
    }
}

fn pairs(thread: &CodedThread) -> impl Iterator<Item = (&Comment, &CodedComment)> {
    thread.thread.comments.iter().zip(&thread.comments)
}

fn ids(thread: &CodedThread) -> HashSet<&str> {
    thread.thread.comments.iter().map(|comment| comment.id.as_str()).collect()
}

fn places(codes: &[CodeColumn]) -> HashMap<&str, usize> {
    codes.iter().enumerate().map(|(place, code)| (code.name.as_str(), place)).collect()
}

fn decided(coded: Option<&Coded>, places: &HashMap<&str, usize>) -> Vec<Option<bool>> {
    let Some(coded) = coded else { return vec![None; places.len()] };
    let mut decided: Vec<Option<bool>> = present(coded, places).into_iter().map(Some).collect();
    for place in coded.undecided.iter().filter_map(|code| places.get(code.as_str())) {
        decided[*place] = None;
    }
    decided
}

fn present(coded: &Coded, places: &HashMap<&str, usize>) -> Vec<bool> {
    let mut present = vec![false; places.len()];
    for coding in &coded.codings {
        if let Some(&place) = places.get(coding.code.as_str()) {
            present[place] = true;
        }
    }
    present
}

fn place(polarity: Polarity) -> usize {
    match polarity {
        Polarity::Negative => 0,
        Polarity::Neutral => 1,
        Polarity::Positive => 2,
    }
}

fn share(part: i64, whole: i64) -> Option<f64> {
    rounded(part as f64 / whole as f64)
}

fn push_on_one_line(line: &mut String, words: &str) {
    for (index, word) in words.split_whitespace().enumerate() {
        if index > 0 {
            line.push(' ');
        }
        line.push_str(word);
    }
}

/// The earliest and the latest: by instant where all are known, else by what the clock on the page showed.
fn first_and_last<'a>(moments: impl Iterator<Item = &'a Moment>) -> (Option<&'a str>, Option<&'a str>) {
    let moments: Vec<&str> = moments.map(|moment| moment.iso.as_str()).collect();
    let instants: Option<Vec<Timestamp>> = moments.iter().map(|iso| iso.parse().ok()).collect();
    let ends = |mut order: Vec<usize>, instants: Option<&[Timestamp]>| {
        match instants {
            Some(instants) => order.sort_by_key(|&index| instants[index]),
            None => order.sort_by_key(|&index| moments[index]),
        }
        (order.first().map(|&index| moments[index]), order.last().map(|&index| moments[index]))
    };
    ends((0..moments.len()).collect(), instants.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Precision;

    fn ends(moments: &[&str]) -> (Option<String>, Option<String>) {
        let moments: Vec<Moment> =
            moments.iter().map(|iso| Moment { iso: (*iso).into(), precision: Precision::Second }).collect();
        let (first, last) = first_and_last(moments.iter());
        (first.map(Into::into), last.map(Into::into))
    }

    #[test]
    fn first_and_last_compare_instants_where_they_are_known() {
        let (early, late) = ("2024-04-03T23:00:00-04:00", "2024-04-04T01:00:00+02:00");
        assert_eq!(ends(&[early, late]), (Some(late.into()), Some(early.into())));
        assert_eq!(ends(&["2024-04-03", "2024-04-02T10:00:00"]).0.unwrap(), "2024-04-02T10:00:00");
        assert_eq!(ends(&[]), (None, None));
    }

    #[test]
    fn numbers_keep_four_decimals_and_no_negative_zero() {
        assert_eq!(rounded(-1.0 / 3.0), Some(-0.3333));
        assert!(rounded(-0.000_01).is_some_and(f64::is_sign_positive));
        assert_eq!(rounded(f64::NAN), None);
        assert_eq!(share(1, 0), None);
    }
}
