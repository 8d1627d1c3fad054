use super::*;
use crate::model::{
    Article, Author, Basis, Coded, CodedComment, CodedThread, Confidence, Moment, Polarity, PolarityCoding, Precision,
    Study, Thread, ThreadShape,
};

fn moment(iso: &str) -> Moment {
    Moment { iso: iso.into(), precision: Precision::Minute }
}

fn comment(id: &str, reply_to: &str, author: &str) -> Comment {
    Comment {
        id: id.into(),
        reply_to: Some(reply_to.to_owned()).filter(|parent| !parent.is_empty()),
        author: Some(author).filter(|name| !name.is_empty()).map(|name| Author { name: name.into(), avatar: None }),
        ..Comment::default()
    }
}

fn study(threads: Vec<Vec<Comment>>) -> Study {
    let coded = |(at, comments): (usize, Vec<Comment>)| CodedThread {
        comments: vec![CodedComment::default(); comments.len()],
        thread: Thread { id: format!("t{at}"), comments, ..Thread::default() },
    };
    Study { threads: threads.into_iter().enumerate().map(coded).collect(), ..Study::default() }
}

fn of_edges(parents: &[&str]) -> ThreadShape {
    let mut comments: Vec<Comment> =
        parents.iter().enumerate().map(|(at, parent)| comment(&format!("c{at}"), parent, "")).collect();
    // The page says what answers the article: a thread without any structure has no shape.
    comments.iter_mut().filter(|comment| comment.reply_to.is_none()).for_each(|comment| comment.depth = Some(0));
    shape(&study(vec![comments])).remove(0)
}

fn near(found: Option<f64>, expected: f64) -> bool {
    found.is_some_and(|found| (found - expected).abs() < 1e-9)
}

#[test]
fn virality_of_a_star_and_of_a_chain() {
    // Goel et al. 2016: close to 2 for a star, (n + 1) / 3 for a chain of n nodes.
    let star = of_edges(&["", "", "", "", ""]);
    assert!(near(star.virality, 2.0 * 5.0 / 6.0));
    let chain = of_edges(&["", "c0", "c1", "c2", "c3"]);
    assert!(near(chain.virality, 7.0 / 3.0));
    assert_eq!((star.max_depth, star.max_width, star.widest_depth), (Some(0), Some(5), Some(0)));
    assert_eq!((chain.max_depth, chain.max_width, chain.widest_depth), (Some(4), Some(1), Some(0)));
    assert!(near(chain.mean_depth, 2.0) && near(chain.reply_share, 0.8) && near(chain.answered_share, 0.8));
    assert!(near(of_edges(&[""]).virality, 1.0));
}

#[test]
fn a_page_that_shows_no_structure_is_no_star() {
    let row = shape(&study(vec![vec![comment("c1", "", ""), comment("c2", "", "")]])).remove(0);
    assert_eq!((row.comments, row.roots, row.virality, row.max_depth), (2, 0, None, None));
}

#[test]
fn what_hangs_on_nothing_is_counted_and_not_placed() {
    // An orphan and its reply, a circle of two, one that answers itself, and a root.
    let row = of_edges(&["gone", "c0", "c3", "c2", "c4", ""]);
    assert_eq!((row.roots, row.replies, row.orphans, row.detached), (1, 5, 1, 5));
    assert_eq!((row.max_depth, row.max_width), (Some(0), Some(1)));
    assert!(near(row.virality, 1.0) && near(row.answered_share, 3.0 / 6.0));
    let mut level_only = comment("c1", "", "");
    level_only.depth = Some(3);
    let row = shape(&study(vec![vec![level_only]])).remove(0);
    assert_eq!((row.roots, row.detached, row.max_depth, row.virality), (0, 1, Some(3), None));
}

#[test]
fn empty_threads_have_counts_and_nothing_else() {
    let rows = shape(&study(vec![vec![]]));
    assert_eq!(rows[0], ThreadShape { thread_id: Some("t0".into()), ..ThreadShape::default() });
    assert_eq!(shape(&Study::default()), [ThreadShape::default()]);
}

#[test]
fn a_chain_of_a_hundred_thousand_is_quick() {
    let parents: Vec<String> =
        (0..100_000_u32).map(|at| at.checked_sub(1).map_or(String::new(), |above| format!("c{above}"))).collect();
    let row = of_edges(&parents.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(row.max_depth, Some(99_999));
    assert!(near(row.virality, 100_002.0 / 3.0));
}

#[test]
fn ties_that_are_returned() {
    // a → b, b → a, c → a, c → b; c's reply to itself and the one to nobody are no ties.
    let thread = vec![
        comment("1", "", "a"),
        comment("2", "1", "b"),
        comment("3", "2", "a"),
        comment("4", "1", "c"),
        comment("5", "2", "c"),
        comment("6", "5", "c"),
        comment("7", "6", ""),
        comment("8", "7", "a"),
    ];
    let study = study(vec![thread]);
    assert!(near(shape(&study)[0].reciprocity, 0.5));
    let rows = replies(&study);
    let ties: Vec<(&str, &str, u64)> = rows.iter().map(|tie| (&*tie.from, &*tie.to, tie.replies)).collect();
    assert_eq!(ties, [("b", "a", 1), ("a", "b", 1), ("c", "a", 1), ("c", "b", 1), ("c", "c", 1)]);
}

#[test]
fn ties_have_sentiment_and_dates() {
    let mut thread =
        vec![comment("1", "", "a"), comment("2", "1", "b"), comment("3", "1", "b"), comment("4", "1", "b")];
    for (comment, iso) in
        thread.iter_mut().skip(1).zip(["2024-04-03T10:00:00Z", "2024-04-03T11:00:00+02:00", "2024-01-01T00:00"])
    {
        comment.posted_at = Some(moment(iso));
    }
    let mut study = study(vec![thread]);
    for (at, polarity) in [(1, Polarity::Negative), (2, Polarity::Neutral)] {
        let polarity = PolarityCoding {
            polarity,
            score: 0.0,
            confidence: Some(Confidence { value: 1.0, basis: Some(Basis::Patterns), calibrated: false }),
            evidence: None,
        };
        study.threads[0].comments[at].coded = Some(Coded { polarity: Some(polarity), ..Coded::default() });
    }
    let tie = replies(&study).remove(0);
    assert_eq!((tie.replies, tie.coded, tie.mean_polarity), (3, 2, Some(-0.5)));
    // The date without an offset cannot be put in order with the others.
    assert_eq!(tie.first_at.as_deref(), Some("2024-04-03T11:00:00+02:00"));
    assert_eq!(tie.last_at.as_deref(), Some("2024-04-03T10:00:00Z"));
}

#[test]
fn growth_is_measured_where_clocks_agree() {
    let mut thread = vec![comment("1", "", ""), comment("2", "1", ""), comment("3", "1", ""), comment("4", "2", "")];
    let dates = ["2024-04-03T10:00:00Z", "2024-04-03T10:30:00Z", "2024-04-03T13:00:00Z", "2024-04-03T10:00:00"];
    for (comment, iso) in thread.iter_mut().zip(dates) {
        comment.posted_at = Some(moment(iso));
    }
    let mut study = study(vec![thread]);
    study.threads[0].thread.article =
        Article { published_at: Some(moment("2024-04-03T10:00:00+02:00")), ..Article::default() };
    let row = shape(&study).remove(0);
    assert_eq!((row.first_after, row.half_life, row.reply_after), (Some(2.0), Some(0.5), Some(1.75)));
    study.threads[0].thread.article.published_at = Some(moment("2024-04-04T10:00:00"));
    assert_eq!(shape(&study)[0].first_after, None);
}

#[test]
fn few_who_write_much() {
    let by = |authors: &[&str]| authors.iter().map(|author| comment(author, "", author)).collect::<Vec<_>>();
    let rows = shape(&study(vec![by(&["a", "a", "a", "b"]), by(&["b", "c", ""])]));
    assert!(near(rows[0].author_gini, 0.25) && near(rows[0].top_author_share, 0.75));
    assert!(near(rows[1].author_gini, 0.0) && near(rows[1].top_author_share, 0.5));
    let all = &rows[2];
    assert_eq!((all.comments, all.authors, all.unsigned), (7, 3, 1));
    // 1, 2, 3: (−2·1 + 2·3) / (3·6).
    assert!(near(all.author_gini, 4.0 / 18.0) && near(all.top_author_share, 0.5));
}
