use std::collections::HashSet;

use jiff::civil::date;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::svg::extent;
use super::*;

const HOSTILE: [&str; 8] = [
    "</text><script>alert(1)</script>",
    "a \"quoted\" & 'odd' name\u{0}\u{1b}\r\n",
    "شيء \u{202e}من اليمين\u{2069}",
    "",
    "ein sehr langer Name ohne Ende, der in keine Zeile passt und auch in keine zwei Zeilen, so lang ist er",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "👩‍👩‍👧‍👦🇫🇷👩‍👩‍👧‍👦🇫🇷👩‍👩‍👧‍👦🇫🇷👩‍👩‍👧‍👦🇫🇷👩‍👩‍👧‍👦🇫🇷👩‍👩‍👧‍👦🇫🇷👩‍👩‍👧‍👦🇫🇷👩‍👩‍👧‍👦🇫🇷",
    "\u{fffe}\u{ffff}\u{2028}",
];

fn figure(id: &str) -> Figure {
    Figure { id: id.to_owned(), title: HOSTILE[0].to_owned(), note: HOSTILE[1].to_owned() }
}

fn labels(n: usize) -> Vec<String> {
    HOSTILE.iter().cycle().take(n).map(|&label| label.to_owned()).collect()
}

fn tally(n: u64) -> Tally {
    Tally { negative: n / 2, neutral: n / 3, positive: n / 7, uncoded: n / 11 }
}

fn tree(parents: impl Iterator<Item = Option<usize>>) -> ReplyTree {
    let marks = [Mark::Tone(Tone::Negative), Mark::Deleted, Mark::Tone(Tone::Positive), Mark::Uncoded];
    let nodes = parents.zip(marks.into_iter().cycle()).map(|(parent, mark)| Node { parent, mark }).collect();
    ReplyTree { figure: figure("tree"), nodes }
}

/// Every chart with `size` rows, hostile names, and odd numbers.
fn charts(size: usize, most: u64, language: Language) -> Vec<String> {
    let odd = [0.0, 1.0, f64::NAN, f64::INFINITY, -1.0, 0.001, 0.5, 1e300];
    let share = |at: usize| odd[at % odd.len()];
    let count = |at: usize| [0, 1, 999, 12_345, most, 12][at % 6];
    let row = |at: usize| ShareRow {
        label: HOSTILE[at % 8].to_owned(),
        n: count(at),
        share: Some(share(at)),
        corrected: at.is_multiple_of(2).then_some(Corrected {
            share: share(at + 3),
            low: share(at + 4),
            high: share(at + 5),
        }),
    };
    let first = date(2026, 2, 27).at(22, 0, 0, 0);
    let bin = |at: usize| Bin {
        start: first.saturating_add(jiff::Span::new().hours((at * at) as i64)),
        tally: tally(count(at)),
        n: count(at),
        codes: vec![count(at + 1); at % 12],
        open: vec![count(at + 2); at % 7],
    };
    let mut time =
        OverTime { figure: figure("time"), step: Step::Hour, codes: labels(size), bins: (0..size).map(bin).collect() };
    let by_time = over_time(&time, language);
    time.figure.id = "codes <over> time".to_owned();
    let level = |at: usize| Level {
        depth: at as u32 * 3,
        n: count(at),
        tally: tally(count(at + 1)),
        codes: vec![count(at); at],
        open: vec![count(at + 3); at / 2],
    };
    let theme = |at: usize| SentimentRow { label: HOSTILE[at % 8].to_owned(), tally: tally(count(at)) };
    vec![
        shares(&Shares { figure: figure("shares"), rows: (0..size).map(row).collect(), ..Shares::default() }, language),
        sentiment_by_theme(
            &SentimentByTheme {
                figure: figure("themes"),
                all: tally(size as u64 * 100),
                rows: (0..size).map(theme).collect(),
            },
            language,
        ),
        by_time,
        codes_over_time(&time, language),
        by_depth(
            &ByDepth { figure: figure("depth"), codes: labels(size), levels: (0..size).map(level).collect() },
            language,
        ),
        reply_tree(&tree((0..size).map(|at| (at % 3 > 0).then_some(at / 2))), language),
        co_occurrence(
            &CoOccurrence {
                figure: figure("pairs"),
                codes: labels(size),
                counts: (0..size).map(|at| (0..at).map(count).collect()).collect(),
                lift: (0..size).map(|at| (0..at).map(|at| (at > 0).then_some(share(at))).collect()).collect(),
            },
            language,
        ),
        replies(
            &Replies {
                figure: figure("replies"),
                counts: [[size as u64, 0, 1], [0; 3], [most, most, 7]],
                residuals: Some([[2.0, f64::NAN, -9.0]; 3]),
            },
            language,
        ),
        authors(&Authors { figure: figure("authors"), comments: (0..size).map(count).collect() }, language),
    ]
}

/// Numbers below a limit, the same at each call of a test (Knuth's linear congruential generator).
pub(super) fn random(mut state: usize) -> impl FnMut(usize) -> usize {
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below.max(1)
    }
}

/// Reads a figure as XML: one element at the root, ids once, every `aria-labelledby` at one of them, no text outside its drawing.
fn check(html: &str) {
    let mut reader = Reader::from_str(html);
    let (mut ids, mut wanted, mut depth, mut roots) = (HashSet::new(), Vec::new(), 0, 0);
    let mut width = 0.0;
    let mut text: Option<(f64, String)> = None;
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{error} in {html}"));
        let (element, opens) = match event {
            Event::Start(element) => (element, true),
            Event::Empty(element) => (element, false),
            Event::End(element) => {
                depth -= 1;
                if element.name().as_ref() == "text" {
                    text = None;
                }
                continue;
            }
            Event::Text(words) => {
                if let Some((x, anchor)) = &text {
                    assert_inside(*x, anchor, &words, width);
                }
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        roots += usize::from(depth == 0);
        depth += usize::from(opens);
        let name = element.name().as_ref().to_owned();
        assert!(!matches!(&*name, "script" | "style"), "{html}");
        let (mut x, mut anchor) = (0.0, "start".to_owned());
        for attribute in element.attributes() {
            let attribute = attribute.expect("an attribute");
            let value = attribute.value.to_string();
            assert!(!value.contains("NaN") && !value.contains("inf"), "{value}");
            match attribute.key.as_ref() {
                "id" => assert!(ids.insert(value), "an id twice in {html}"),
                "aria-labelledby" => wanted.extend(value.split(' ').map(str::to_owned)),
                "viewBox" => width = value.split(' ').nth(2).and_then(|width| width.parse().ok()).expect("a width"),
                "x" => x = value.parse().expect("a place"),
                "text-anchor" => anchor = value,
                "style" => panic!("a style in {html}"),
                key => assert!(!key.starts_with("on"), "a handler in {html}"),
            }
        }
        match &*name {
            "text" => text = Some((x, anchor)),
            // The whole name of a shortened label is not drawn.
            "title" => text = None,
            _ => {}
        }
    }
    assert_eq!((depth, roots), (0, 1));
    assert!(wanted.iter().all(|id| ids.contains(id)), "{wanted:?} of {ids:?}");
}

fn assert_inside(x: f64, anchor: &str, words: &str, width: f64) {
    let words = words.replace("&lt;", "<").replace("&amp;", "&");
    let extent = extent(&words);
    let (left, right) = match anchor {
        "middle" => (x - extent / 2.0, x + extent / 2.0),
        "end" => (x - extent, x),
        _ => (x, x + extent),
    };
    assert!(left > -6.0 && right < width + 6.0, "{words:?} from {left} to {right} of {width}");
}

#[test]
fn figures_are_well_formed_whatever_the_names_and_numbers() {
    for language in [Language::English, Language::French] {
        for size in [0, 1, 2, 5, 30] {
            for html in charts(size, 9_876_543, language) {
                check(&html);
                assert!(html.len() < 400_000);
            }
            assert_eq!(charts(size, u64::MAX, language).len(), 9);
        }
    }
}

#[test]
fn a_figure_without_numbers_says_so() {
    let html = shares(&Shares { figure: Figure::new("none"), rows: Vec::new(), ..Shares::default() }, Language::French);
    assert!(html.contains("Rien à montrer."), "{html}");
    assert!(!html.contains("<svg"), "{html}");
}

#[test]
fn table_and_description_hold_the_numbers_of_the_drawing() {
    let row = |label: &str, n: u64| ShareRow {
        label: label.to_owned(),
        n,
        share: Some(n as f64 / 1_000.0),
        ..ShareRow::default()
    };
    let data = Shares { figure: Figure::new("s"), rows: vec![row("rare", 4), row("often", 512)], ..Shares::default() };
    let html = shares(&data, Language::French);
    assert!(html.contains("Le plus fréquent\u{a0}: often, 51,2\u{202f}%."), "{html}");
    assert!(html.contains("<th scope=\"row\"><bdi>rare</bdi></th><td>4</td><td>0,4\u{202f}%</td>"), "{html}");
    assert!(html.find("often</text>") < html.find("rare</text>"), "the largest comes first");
}

#[test]
fn what_was_decided_nowhere_has_no_share() {
    let row = |label: &str, share| ShareRow { label: label.to_owned(), share, ..ShareRow::default() };
    let mut data =
        Shares { figure: Figure::new("s"), rows: vec![row("open", None), row("never", Some(0.0))], open: vec![7, 0] };
    let html = shares(&data, Language::English);
    assert!(html.contains("left open") && html.contains("never: 0.0%") && !html.contains("–%"), "{html}");
    data.rows.pop();
    assert!(!shares(&data, Language::English).contains("open: "), "nothing is the most frequent");
}

#[test]
fn notebooks_get_the_same_numbers() {
    let row = ShareRow { label: "a".to_owned(), n: 3, share: None, ..ShareRow::default() };
    let shares = Shares { figure: Figure::new("s"), rows: vec![row], ..Shares::default() }.vega_lite(Language::English);
    assert_eq!(shares["data"]["values"][0]["n"], 3);
    assert!(shares["data"]["values"][0]["share"].is_null());
    let themes = SentimentByTheme { figure: Figure::new("t"), all: tally(70), rows: Vec::new() };
    assert_eq!(themes.vega_lite(Language::French)["data"]["values"][0]["sentiment"], "Négatif");
    let bin =
        Bin { start: date(2026, 3, 1).at(22, 15, 0, 0), tally: tally(70), n: 70, codes: Vec::new(), open: Vec::new() };
    let time = OverTime { figure: Figure::new("o"), step: Step::Hour, codes: Vec::new(), bins: vec![bin] };
    assert_eq!(time.vega_lite(Language::English)["data"]["values"][2]["start"], "2026-03-01T22:00:00");
}

#[test]
fn trees_of_any_shape_and_size_stay_small() {
    let mut random = random(7);
    let bushy = tree((0..3_000).map(|at| (random(3) > 0).then(|| random(at))));
    let star = tree((0..3_000).map(|at| (at > 0).then_some(0)));
    let chain = tree((0..100_000_usize).map(|at| at.checked_sub(1)));
    let ring = tree((0..5_000).map(|at| Some((at + 1) % 5_000)));
    let flat = tree((0..50_000).map(|_| None));
    let orphans = tree((0..100).map(|at| Some(at + 1_000)));
    for tree in [&bushy, &star, &chain, &ring, &flat, &orphans] {
        let html = reply_tree(tree, Language::English);
        assert!(html.len() < 400_000, "{}", html.len());
        check(&html);
    }
    assert_eq!(reply_tree(&bushy, Language::English).matches("<path class=\"edge\"").count(), 2);
    assert!(reply_tree(&star, Language::English).contains("<td>2,999</td>"));
}

#[test]
fn gaps_in_time_stay_gaps_and_long_times_are_drawn_coarser() {
    let bin = |start| Bin { start, tally: tally(70), n: 70, codes: Vec::new(), open: Vec::new() };
    let mut data = OverTime {
        figure: Figure::new("t"),
        step: Step::Day,
        codes: Vec::new(),
        bins: vec![bin(date(2026, 3, 1).into()), bin(date(2026, 3, 9).into())],
    };
    let html = over_time(&data, Language::English);
    assert_eq!(html.matches("class=\"s-negative\" x").count(), 2 * 3, "two bars and one swatch a drawing");
    assert!(html.contains("Comments per day."), "{html}");
    data.bins.push(bin(date(2020, 1, 1).into()));
    assert!(over_time(&data, Language::English).contains("Comments per month."));
    data.bins.push(bin(date(-9_999, 1, 1).into()));
    check(&over_time(&data, Language::English));
}
