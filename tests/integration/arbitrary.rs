//! Pages and answers that nobody wrote, made of pieces that readers look for: no panic, no hang, sound threads.

use std::time::{Duration, Instant};

use causerie::model::{Page, PageKind};
use causerie::site;
use proptest::prelude::*;

pub(crate) fn page(kind: PageKind, body: String) -> Page {
    Page {
        source: "random".into(),
        url: Some("https://a.example/thread/".into()),
        fetched_at: None,
        kind,
        frame_of: None,
        posted: None,
        headers: std::collections::BTreeMap::new(),
        body,
    }
}

/// Reads without panic, within seconds, to ids that occur once and quotes inside their texts.
fn reads(kind: PageKind, body: String) {
    let start = Instant::now();
    if let Ok(fragment) = site::read(&page(kind, body)) {
        let thread = site::join(vec![fragment]);
        let mut ids: Vec<&str> = thread.comments.iter().map(|comment| comment.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), thread.comments.len(), "ids occur once");
        for comment in &thread.comments {
            for quote in &comment.quotes {
                assert!(comment.text.get(quote.span.start..quote.span.end).is_some(), "{quote:?}");
            }
        }
    }
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

/// Pieces of pages, whole and broken, that the sites look for.
const PIECES: [&str; 40] = [
    "<div>",
    "</div>",
    "<ol class=\"commentlist\">",
    "</ol>",
    "<li id=\"comment-7\" class=\"comment depth-1\">",
    "<li id=\"comment-8\" class=\"comment depth-99999999999\">",
    "</li>",
    "<article id=\"div-comment-7\">",
    "</article>",
    "<div class=\"comment-content\">",
    "<blockquote>",
    "</blockquote>",
    "<p>",
    "</p>",
    "<br>",
    "<img alt=\":D\">",
    "<time datetime=\"2024-04-03T06:55:00\">",
    "<time datetime=\"9999-99-99\">",
    "</time>",
    "<table>",
    "<tr>",
    "<td>",
    "<script type=\"application/ld+json\">",
    "{\"@type\":\"Comment\",\"text\":\"x\",\"comment\":[{}]}",
    "</script>",
    "<div itemscope itemtype=\"http://schema.org/Comment\">",
    "<span itemprop=\"text\">",
    "<div class=\"comments-list\">",
    "<div data-comment-id=\"5\" data-comment-date=\"2024-04-03 06:55\">",
    "<h2>59 comments</h2>",
    "<!--",
    "-->",
    "&amp",
    "<svg>",
    "<template>",
    "</template>",
    "<a href=\"/comment-page-2/#comment-9\">",
    "\u{0}",
    "é👍",
    "<p onclick='",
];

const LINES: [&str; 14] = [
    "votre avatar",
    "Commentaires (19)",
    "59 comments",
    "Jean-Noël D.",
    "14 mars 2026 à 9h29",
    "Répondre",
    "Reply",
    "",
    "> quoted",
    "« cité »",
    "Le 03 avril 2024 à 06h55",
    "3 hours ago",
    "some words",
    "\u{202e}abc",
];

fn pieces(of: &'static [&'static str], between: &'static str) -> impl Strategy<Value = String> {
    let piece = prop_oneof![6 => prop::sample::select(of).prop_map(str::to_owned), 1 => ".{0,12}"];
    prop::collection::vec(piece, 0..120).prop_map(move |pieces| pieces.join(between))
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    const NAMES: [&str; 10] =
        ["id", "parent", "content", "rendered", "author_name", "date_gmt", "date", "link", "post", "code"];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".{0,20}".prop_map(Into::into),
        prop::sample::select(&PIECES[..]).prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 60, 6, |inner| {
        let object = prop::collection::vec((prop::sample::select(&NAMES[..]), inner.clone()), 0..8)
            .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
        prop_oneof![prop::collection::vec(inner, 0..6).prop_map(serde_json::Value::Array), object]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tag_soup_is_no_harm(soup in pieces(&PIECES, "")) {
        reads(PageKind::Html, soup);
    }

    #[test]
    fn random_lines_are_no_harm(text in pieces(&LINES, "\n")) {
        reads(PageKind::Text, text);
    }

    #[test]
    fn random_json_is_no_harm(value in json()) {
        reads(PageKind::Json, value.to_string());
        let row = serde_json::json!([{"id": 1, "author_name": value, "content": {"rendered": "x"}, "parent": value}]);
        reads(PageKind::Json, row.to_string());
    }

    #[test]
    fn random_bytes_are_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..2000), text in any::<String>()) {
        for kind in [PageKind::Html, PageKind::Json, PageKind::Text] {
            reads(kind, String::from_utf8_lossy(&bytes).into_owned());
            reads(kind, text.clone());
        }
        let origin = causerie::input::Origin::file("random");
        if let Ok(page) = causerie::input::decode(bytes, origin, 1 << 20) {
            reads(page.kind, page.body);
        }
    }
}
