use super::answers::Answers;
use super::association::{chance_of, false_discovery};
use super::crosstab::Crosstab;
use super::*;
use crate::model::{
    Author, Basis, Breakdown, CodeLabel, Coded, CodedComment, CodedThread, Coding, Comment, Confidence, Moment,
    Polarity, PolarityCoding, Precision, Span, Thread,
};

fn near(found: f64, expected: f64, by: f64) -> bool {
    (found - expected).abs() < by
}

/// A comment: author, text, whom it answers, sentiment, whether the code `price` applies.
type Said<'a> = (&'a str, &'a str, Option<usize>, Polarity, bool);

fn study(said: &[Said]) -> Study {
    let comment = |(at, said): (usize, &Said)| Comment {
        id: format!("c{at}"),
        reply_to: said.2.map(|parent| format!("c{parent}")),
        author: Some(Author { name: said.0.into(), avatar: None }),
        text: said.1.into(),
        ..Comment::default()
    };
    let coded = |said: &Said| CodedComment {
        own_text: said.1.into(),
        language: Some("en".into()),
        coded: Some(Coded {
            polarity: Some(PolarityCoding {
                polarity: said.3,
                score: 0.0,
                confidence: Some(Confidence { value: 1.0, basis: Some(Basis::Patterns), calibrated: false }),
                evidence: None,
            }),
            codings: said
                .4
                .then(|| Coding { code: "price".into(), evidence: Span::new(0, 0), confidence: None })
                .into_iter()
                .collect(),
            ..Coded::default()
        }),
        ..CodedComment::default()
    };
    let thread =
        Thread { id: "t1".into(), comments: said.iter().enumerate().map(comment).collect(), ..Thread::default() };
    let comments = said.iter().map(coded).collect();
    let codes = vec![CodeLabel { name: "price".into(), ..CodeLabel::default() }];
    Study { threads: vec![CodedThread { thread, comments }], codes, ..Study::default() }
}

#[test]
fn log_likelihood_as_dunning_printed_it() {
    // Dunning 1993, table 1: −2 log λ of “the swiss”, “can be”, “mineral water”, with the four counts.
    for (g2, [a, b, c, d]) in
        [(270.72, [110, 2442, 111, 29114]), (263.90, [29, 13, 123, 31612]), (167.23, [10, 0, 3, 31764])]
    {
        // His has the words that are not the one in question, too.
        let (here, there) = (a + b, c + d);
        let found = log_likelihood(a, c, here, there) + log_likelihood(b, d, here, there);
        assert!(near(found, g2, 0.01), "{g2}: {found}");
    }
}

#[test]
fn log_likelihood_at_its_ends() {
    assert!(near(log_likelihood(10, 10, 500, 500), 0.0, 1e-12));
    assert!(near(log_likelihood(5, 0, 100, 300), 10.0 * 4.0_f64.ln(), 1e-9));
    assert!(near(log_likelihood(0, 0, 10, 0), 0.0, 1e-12));
    // The critical values of chi-squared that corpus linguists use.
    for (g2, p) in [(3.84, 0.05), (6.63, 0.01), (10.83, 0.001), (15.13, 0.0001)] {
        assert!(near(chance_of(g2) / p, 1.0, 0.01), "{g2}");
    }
    assert!(near(log_ratio(8, 2, 100, 100), 2.0, 1e-12) && near(log_ratio(1, 0, 100, 100), 1.0, 1e-12));
    assert!(near(log_dice(7, 7, 7), 14.0, 1e-12) && near(log_dice(1, 1, 3), 13.0, 1e-12));
}

#[test]
fn false_discoveries_as_benjamini_and_hochberg_count_them() {
    let adjusted = false_discovery(&[0.04, 0.01, 0.03, 0.02]);
    assert!(adjusted.iter().all(|q| near(*q, 0.04, 1e-12)), "{adjusted:?}");
    let adjusted = false_discovery(&[0.001, 0.5, 0.02]);
    assert!(near(adjusted[0], 0.003, 1e-12) && near(adjusted[1], 0.5, 1e-12) && near(adjusted[2], 0.03, 1e-12));
    assert!(false_discovery(&[]).is_empty());
}

#[test]
fn a_table_worked_by_hand() {
    let mut table = Crosstab::new(3, 2);
    for (row, column, times) in [(0, 0, 20), (0, 1, 10), (1, 0, 10), (1, 1, 20)] {
        (0..times).for_each(|_| table.add(row, column));
    }
    // The third row is empty: 2 × 2, all expected 15, four times 25/15.
    let (chi_squared, degrees) = table.chi_squared().unwrap();
    assert!(near(chi_squared, 100.0 / 15.0, 1e-9) && degrees == 1);
    assert!(near(table.cramers_v().unwrap(), 1.0 / 3.0, 1e-9));
    assert!(near(table.residual(0, 0).unwrap().powi(2), chi_squared, 1e-9));
    assert_eq!(table.residual(2, 0), None);
    assert_eq!(Crosstab::new(2, 2).chi_squared(), None);
}

#[test]
fn replies_against_what_they_answer() {
    use Polarity::{Negative, Neutral, Positive};
    let said = [
        ("ann", "", None, Negative, false),
        ("ben", "", Some(0), Negative, true),
        ("ann", "", Some(1), Negative, false),
        ("ann", "", Some(2), Positive, false),
        ("cat", "", None, Positive, false),
        ("ben", "", Some(4), Positive, false),
        ("ann", "", Some(4), Neutral, false),
    ];
    let rows = responses(&study(&said));
    let all = &rows[0];
    // Ann's reply to herself is left out.
    assert_eq!((all.question.as_str(), all.parent.as_deref(), all.replies), ("polarity", None, 4));
    // negative → 2 negative; positive → 1 neutral, 1 positive: chi-squared 4, V 1.
    assert_eq!((all.chi_squared, all.degrees, all.cramers_v), (Some(4.0), Some(2), Some(1.0)));
    let both =
        rows.iter().find(|row| row.parent.as_deref() == Some("negative") && row.reply.as_deref() == Some("negative"));
    let both = both.unwrap();
    assert_eq!((both.replies, both.share, both.expected, both.residual), (2, Some(1.0), Some(1.0), Some(2.0)));
    assert_eq!(rows.len(), 1 + 9 + 1 + 4);
}

#[test]
fn codes_that_come_together() {
    use Polarity::{Negative, Neutral};
    let said: Vec<Said> =
        (0..20).map(|at| ("", "", None, if at < 10 { Negative } else { Neutral }, (5..12).contains(&at))).collect();
    let rows = cooccurrence(&study(&said));
    let row = rows.iter().find(|row| row.first == "polarity=negative" && row.second == "price").unwrap();
    assert_eq!((row.comments, row.both, row.only_first, row.only_second, row.neither), (20, 5, 5, 2, 8));
    assert!(near(row.expected.unwrap(), 3.5, 1e-9) && near(row.lift.unwrap(), 5.0 / 3.5, 1e-9));
    assert!(near(row.jaccard.unwrap(), 5.0 / 12.0, 1e-9));
    assert!(near(row.phi.unwrap(), 30.0 / (10.0_f64 * 10.0 * 7.0 * 13.0).sqrt(), 1e-9));
    assert!(near(row.log_odds.unwrap(), (5.5 * 8.5 / (5.5 * 2.5_f64)).ln(), 1e-9));
    let (low, high) = row.interval.unwrap();
    assert!(low < 0.0 && high > 2.0 && row.sparse);
    let never = rows.iter().find(|row| row.first == "polarity=positive").unwrap();
    assert_eq!((never.both, never.lift, never.phi, never.log_odds), (0, None, None, None));
    assert_eq!(rows.len(), 3);
}

#[test]
fn groups_by_depth_and_time() {
    use Polarity::Negative;
    let mut study = study(&[
        ("ann", "", None, Negative, true),
        ("ben", "", Some(0), Negative, false),
        ("ann", "", Some(1), Negative, true),
    ]);
    let dates = ["2024-04-03T22:00:00+02:00", "2024-04-03T22:30:00+02:00", "2024-04-04T00:10:00+02:00"];
    for (comment, iso) in study.threads[0].thread.comments.iter_mut().zip(dates) {
        comment.posted_at = Some(Moment { iso: iso.into(), precision: Precision::Minute });
    }
    study.threads[0].comments[1].coded.as_mut().unwrap().undecided = vec!["price".into()];
    let rows = breakdown(&study);
    let of =
        |by: &str| -> Vec<&Breakdown> { rows.iter().filter(|row| row.question == "price" && row.by == by).collect() };
    let told: Vec<_> = of("depth").iter().map(|row| (row.group.clone(), row.comments, row.coded, row.share)).collect();
    assert_eq!(told, [("0".into(), 1, 1, Some(1.0)), ("1".into(), 1, 0, None), ("2".into(), 1, 1, Some(1.0))]);
    let names = |by: &str| of(by).iter().map(|row| (row.group.clone(), row.position)).collect::<Vec<_>>();
    assert_eq!(names("hours_since_first_comment"), [("0-1 h".into(), 1), ("1-3 h".into(), 2)]);
    assert_eq!(names("date"), [("2024-04-03".into(), 1), ("2024-04-04".into(), 2)]);
    assert_eq!(names("author_comments"), [("1".into(), 1), ("2-3".into(), 2)]);
    assert!(of("tenth").is_empty() && of("hours_since_article").is_empty());
}

#[test]
fn key_words_are_those_of_several_people() {
    use Polarity::Neutral;
    let mut said: Vec<Said> = Vec::new();
    for author in ["ann", "ben", "cat", "dan", "eve", "fay"] {
        said.push((author, "The Price is far too high. It costs, 20 €", None, Neutral, true));
        said.push((author, "The weather is far too hot. It rains, 20 €", None, Neutral, false));
    }
    said.extend([("tic", "Whatever whatever", None, Neutral, true); 4]);
    let wording = wording(&study(&said), 10);
    let price: Vec<&KeyTerm> = wording.keyness.iter().filter(|key| key.question == "price").collect();
    let terms: Vec<&str> = price.iter().filter(|key| key.words == 1).map(|key| key.term.as_str()).collect();
    assert_eq!(&terms[..3], ["price", "high", "costs"]);
    assert!(!terms.contains(&"whatever") && !terms.contains(&"20"));
    let pairs: Vec<&str> = price.iter().filter(|key| key.words == 2).map(|key| key.term.as_str()).collect();
    assert!(pairs.contains(&"the price") && pairs.contains(&"too high"), "{pairs:?}");
    // Nothing reaches over the end of a sentence or a comma.
    assert!(!pairs.contains(&"high it") && !pairs.contains(&"costs 20"), "{pairs:?}");
    // 56 words in comments with the code, 48 in the rest: amounts are none.
    let key = price[0];
    assert_eq!((key.count, key.count_rest, key.comments, key.authors), (6, 0, 6, 6));
    assert!(
        near(key.log_likelihood, log_likelihood(6, 0, 56, 48), 1e-9) && near(key.rate, 6e6 / 56.0, 1e-6),
        "{key:?}"
    );
    let near_price = wording.collocations.iter().find(|pair| pair.question == "price" && pair.node == "price").unwrap();
    assert_eq!((near_price.comments, near_price.comments_rest), (6, 0));
    assert!(near(near_price.log_dice, 14.0, 1e-9));
}

#[test]
fn languages_are_compared_apart() {
    use Polarity::Neutral;
    let mut said: Vec<Said> = Vec::new();
    for author in ["ann", "ben", "cat"] {
        said.push((author, "le prix est haut", None, Neutral, true));
        said.push((author, "the weather is hot", None, Neutral, false));
    }
    let mut study = study(&said);
    for (at, comment) in study.threads[0].comments.iter_mut().enumerate() {
        comment.language = Some(if at % 2 == 0 { "fr" } else { "en" }.into());
    }
    assert_eq!(wording(&study, 10), Wording::default());
    assert_eq!(Answers::of(&study).cases().len(), 4);
}

#[test]
fn nothing_is_said_of_nothing() {
    let empty = Study::default();
    assert!(breakdown(&empty).is_empty() && cooccurrence(&empty).iter().all(|row| row.comments == 0));
    assert_eq!(wording(&empty, 10), Wording::default());
    assert_eq!(responses(&empty).len(), 10);
    // Lists that do not fit each other are read as far as they do.
    let mut torn = study(&[("ann", "one two", None, Polarity::Neutral, true)]);
    torn.threads[0].comments.clear();
    assert!(breakdown(&torn).iter().all(|row| row.coded == 0));
    assert_eq!(wording(&torn, 10), Wording::default());
}
