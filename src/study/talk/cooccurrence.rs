use super::answers::{Answers, Case};
use super::crosstab::Crosstab;
use crate::model::{CoOccurrence, Study};
use crate::study::shape::ratio;

/// The normal quantile of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;
/// Fewer expected in a cell are too few for chi-squared and what is like it (Cochran 1954).
const FEWEST_EXPECTED: f64 = 5.0;

/// How often two codes apply to one comment, and a code to one of each sentiment: a row a pair of different questions.
pub fn cooccurrence(study: &Study) -> Vec<CoOccurrence> {
    let answers = Answers::of(study);
    let cases = answers.cases();
    let pairs =
        cases.iter().enumerate().flat_map(|(at, first)| cases[at + 1..].iter().map(move |second| (first, second)));
    pairs
        .filter(|(first, second)| first.at != second.at)
        .map(|(first, second)| row(&answers, *first, *second))
        .collect()
}

fn row(answers: &Answers, first: Case, second: Case) -> CoOccurrence {
    let mut table = Crosstab::new(2, 2);
    for at in 0..answers.comments() {
        if let Some((one, other)) = answers.is(first, at).zip(answers.is(second, at)) {
            table.add(usize::from(!one), usize::from(!other));
        }
    }
    let [both, only_first, only_second, neither] =
        [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(row, column)| table.cell(row, column));
    let expected = table.expected(0, 0);
    let least = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(row, column)| table.expected(row, column).unwrap_or(0.0));
    let log_odds = log_odds(&table);
    CoOccurrence {
        first: first.label(),
        second: second.label(),
        comments: table.total(),
        both,
        only_first,
        only_second,
        neither,
        expected,
        lift: expected.and_then(|expected| ratio(both as f64, expected)),
        jaccard: ratio(both as f64, (both + only_first + only_second) as f64),
        phi: phi(&table),
        log_odds: log_odds.map(|(log_odds, _)| log_odds),
        interval: log_odds.map(|(log_odds, error)| (log_odds - Z * error, log_odds + Z * error)),
        sparse: least.iter().any(|expected| *expected < FEWEST_EXPECTED),
    }
}

/// The phi coefficient (Yule 1912): (ad − bc) / √ of the product of the four margins. `None` where one of these is empty.
fn phi(table: &Crosstab) -> Option<f64> {
    let [a, b, c, d] = cells(table);
    ratio(a * d - b * c, ((a + b) * (c + d) * (a + c) * (b + d)).sqrt())
}

/// Log odds ratio with 0.5 added to each cell, and its standard error (Haldane 1955, Anscombe 1956; Gart 1966). `None` where one of the two applies to
/// all comments or to none.
fn log_odds(table: &Crosstab) -> Option<(f64, f64)> {
    phi(table)?;
    let [a, b, c, d] = cells(table).map(|cell| cell + 0.5);
    Some(((a * d / (b * c)).ln(), (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt()))
}

fn cells(table: &Crosstab) -> [f64; 4] {
    [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(row, column)| table.cell(row, column) as f64)
}
