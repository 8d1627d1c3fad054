use std::collections::BTreeMap;

use super::*;
use crate::model::PageKind;

fn paging(source: &str, url: Option<&str>, links: &str) -> Paging {
    let body = format!("<html><body>{links}</body></html>");
    let page = Page {
        source: source.into(),
        url: url.map(str::to_owned),
        fetched_at: None,
        kind: PageKind::Html,
        frame_of: None,
        posted: None,
        headers: BTreeMap::new(),
        body: body.clone(),
    };
    read(&page, None, &scraper::Html::parse_document(&body).into())
}

/// A list of pages with `current` shown and the others linked.
fn pager(current: u64, others: &[(u64, &str)]) -> String {
    let mut all: Vec<(u64, String)> =
        others.iter().map(|(n, href)| (*n, format!("<a href='{href}'>{n}</a>"))).collect();
    all.push((current, format!("<strong>{current}</strong>")));
    all.sort();
    format!("<p>Page {current} sur 9 : {}</p>", all.into_iter().map(|(_, link)| link).collect::<Vec<_>>().join(" "))
}

/// Whether pages at these addresses, each with links to the others, share a key.
fn joined(addresses: &[&str]) -> bool {
    let pages: Vec<HashSet<String>> = addresses
        .iter()
        .enumerate()
        .map(|(at, own)| {
            let others: Vec<(u64, &str)> = (1..).zip(addresses.iter().copied()).filter(|(_, a)| a != own).collect();
            let mut keys = paging("-", Some(own), &pager(at as u64 + 1, &others)).keys;
            keys.extend(address::key(own));
            keys.into_iter().collect()
        })
        .collect();
    pages.iter().all(|page| !page.is_disjoint(&pages[0]))
}

#[test]
fn usual_forms_lead_to_one_thread() {
    for pages in [
        &["https://x.example/threads/a.5/", "https://x.example/threads/a.5/page-2"][..],
        &["https://x.example/a", "https://x.example/a?page=2", "https://x.example/a?page=3"],
        &["https://x.example/a?page=0", "https://x.example/a?page=1"],
        &["https://x.example/news/a/", "https://x.example/news/a/page/2/"],
        &[
            "https://x.example/v.php?t=5",
            "https://x.example/v.php?t=5&start=15",
            "https://x.example/v.php?t=5&start=30",
        ],
        &["https://x.example/v.php?id=5", "https://x.example/v.php?id=5&p=2"],
        &["https://x.example/index.php?topic=5.0", "https://x.example/index.php?topic=5.15"],
        &["https://x.example/thread-5.html", "https://x.example/thread-5-page-2.html"],
        &["https://x.example/thread-5-1.html", "https://x.example/thread-5-2.html"],
        &["https://x.example/topic,5.html", "https://x.example/topic,5,2.html", "https://x.example/topic,5,3.html"],
        &["https://x.example/t5-a-title", "https://x.example/t5p15-a-title", "https://x.example/t5p30-a-title"],
        &[
            "https://x.example/42-51-1-0-a.htm",
            "https://x.example/42-51-2-0-a.htm",
            "https://x.example/42-51-3-0-a.htm",
        ],
        &["https://x.example/d/5/a", "https://x.example/d/5/a/p2", "https://x.example/d/5/a/p3"],
        &["https://x.example/f?a=1&page=1", "https://x.example/f?a=1&page=2"],
    ] {
        assert!(joined(pages), "{pages:?}");
    }
}

#[test]
fn other_threads_stay_apart() {
    for pages in [
        &["https://x.example/v.php?t=1", "https://x.example/v.php?t=2", "https://x.example/v.php?t=3"][..],
        &["https://x.example/?p=1", "https://x.example/?p=2", "https://x.example/?p=3"],
        &["https://x.example/index.php?page=1", "https://x.example/index.php?page=2"],
        &["https://x.example/", "https://x.example/page/2"],
        &["https://x.example/a-1730.html", "https://x.example/a-1842.html"],
        &["https://x.example/a?page=8", "https://x.example/a?page=12"],
    ] {
        assert!(!joined(pages), "{pages:?}");
    }
}

#[test]
fn links_of_other_sorts_prove_nothing() {
    let own = "https://x.example/article-17";
    for links in [
        "<li><a href='/article-18'>18</a> comments</li><li><a href='/article-3'>3</a></li>",
        "<p><a href='/article-18' rel=next>next article</a></p>",
        "<p>1 <a href='/news/page/2'>2</a> <a href='/news/page/3'>3</a></p>",
        "<p>Pages: <a href='/other?page=1'>1</a> <a href='/other?page=2'>2</a></p>",
        "<p>1 <a href='#c2'>2</a></p>",
    ] {
        assert_eq!(paging("-", Some(own), links).keys, Vec::<String>::new(), "{links}");
    }
    let numbered =
        paging("-", Some("https://x.example/i.php?cat=3&page=12"), "<a rel=next href='?cat=3&page=13'>next</a>");
    assert_eq!((numbered.keys, numbered.number), (Vec::new(), None));
}

#[test]
fn next_and_previous_lead_on() {
    let first = paging("-", Some("https://x.example/a?id=4"), "<link rel=next href='?id=4&page=2'>");
    let second = paging("-", Some("https://x.example/a?id=4&page=2"), "<a rel='prev nofollow' href='?id=4'>«</a>");
    assert_eq!(first.keys, ["url:x.example/a?id=4"]);
    assert_eq!((second.keys, second.number), (first.keys, Some(2)));
}

#[test]
fn a_page_without_address_may_be_told_by_its_links() {
    let second = pager(2, &[(1, "https://x.example/a-title"), (3, "https://x.example/a-title?page=3")]);
    assert_eq!(paging("-", None, &second).keys, ["url:x.example/a-title"]);
    // On a first page the list may be that of the news.
    let first = pager(1, &[(2, "https://x.example/news/page/2"), (3, "https://x.example/news/page/3")]);
    assert_eq!(paging("-", None, &first).keys, Vec::<String>::new());
    let thread = pager(1, &[(2, "https://x.example/v.php?t=5&start=10")]);
    assert_eq!(paging("-", None, &thread).keys, ["url:x.example/v.php?t=5"]);
}

#[test]
fn files_beside_each_other() {
    for (first, second, to_second, to_first) in [
        ("d/debut.html", "d/suite.html", "suite.html", "./debut.html"),
        ("m/x.example/t/index.html", "m/x.example/t/page-2/index.html", "page-2/index.html", "../index.html"),
        ("m/v.php?t=5.html", "m/v.php?t=5&start=15.html", "v.php%3Ft=5&start=15.html", "v.php%3Ft=5.html"),
        ("m/v.php?t=5", "m/v.php?t=5&start=15", "v.php?t=5&start=15", "v.php?t=5"),
        ("m/v.php@t=5.html", "m/v.php@t=5&start=15.html", "v.php@t=5&start=15.html", "v.php@t=5.html"),
        ("m/x.example/fil/t.3/index.html", "m/x.example/fil/t.3/page-2", "/fil/t.3/page-2", "/fil/t.3/"),
        ("m/t.3/index.html", "m/t.3/page-2.html", "page-2.html", "index.html"),
        ("h/v52a1.html", "h/v4b2f.html", "v4b2f.html?t=5&start=15", "v52a1.html?t=5"),
        ("a.zip#p1.html", "a.zip#p2.html", "p2.html", "p1.html"),
        ("a/Été 1.html", "a/Été 2.html", "%C3%89t%C3%A9%202.html", "Été 1.html"),
    ] {
        let one = paging(first, None, &pager(1, &[(2, to_second)]));
        let two = paging(second, None, &pager(2, &[(1, to_first)]));
        assert!(one.keys.iter().any(|key| two.keys.contains(key)), "{first}: {one:?} {two:?}");
        assert_eq!((one.number, two.number), (Some(1), Some(2)));
    }
    let lost = paging("a.warc#3", None, &pager(1, &[(2, "suite.html")]));
    assert_eq!(lost.keys, Vec::<String>::new());
}

#[test]
fn lists_are_recognised_in_usual_markup() {
    let own = Some("https://x.example/threads/a.5/page-2");
    for list in [
        "<ul class=pageNav><li><a href='/threads/a.5/'>1</a></li><li class='pageNav-page pageNav-page--current'>\
         <a href='/threads/a.5/page-2'>2</a></li><li><a href='/threads/a.5/page-3'>3</a></li></ul>",
        "<div>56 messages <ul><li><a href='/threads/a.5/'>1</a></li><li class=active><span>2</span></li></ul></div>",
        "<table><tr><td>Page 2 of 4</td><td><a href='/threads/a.5/'>1</a></td><td><strong>2</strong></td>\
         <td><a href='/threads/a.5/page-3'>3</a></td></tr></table>",
        "<p>[<a href='/threads/a.5/'>1</a>] <b>[2]</b> [<a href='/threads/a.5/page-3'>3</a>]</p>",
        "<nav><a href='/threads/a.5/'>1</a><a aria-current=page href='#'>2</a></nav>",
    ] {
        let found = paging("-", own, list);
        assert!(found.keys.contains(&"url:x.example/threads/a.5".to_owned()), "{list}: {found:?}");
        assert_eq!(found.number, Some(2), "{list}");
    }
}

#[test]
fn many_links_are_no_burden() {
    let links: Vec<String> = (1..60_000).map(|n| format!("<li><a href='/a?page={n}'>{n}</a>")).collect();
    let start = std::time::Instant::now();
    paging("-", Some("https://x.example/a"), &format!("<ul>{}</ul>", links.concat()));
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[test]
fn links_to_the_other_pages_are_told() {
    let links = |own: &str, html: &str| paging("-", Some(own), html).links;
    let host = "https://x.example";
    let all = |paths: &[&str]| paths.iter().map(|path| format!("{host}{path}")).collect::<Vec<_>>();
    let list = pager(1, &[(2, "/news/a-title/page/2"), (3, "/news/a-title/page/3#c")]);
    assert_eq!(links(&format!("{host}/news/a-title"), &list), all(&["/news/a-title/page/2", "/news/a-title/page/3"]));
    let beside =
        "<link rel=next href='?page=3'><a rel=prev href='?page=1'>Précédent</a><a rel=next href='?page=3'>Suivant</a>";
    assert_eq!(links(&format!("{host}/a-title?page=2"), beside), all(&["/a-title?page=3", "/a-title?page=1"]));
    let words = "<a href='?after=9x'>Afficher plus de commentaires (15)</a><a href='/b?after=9x'>More comments</a>";
    assert_eq!(links(&format!("{host}/a"), words), all(&["/a?after=9x"]));
    // The next article, and another host.
    assert_eq!(
        links(&format!("{host}/a"), "<a rel=next href='/b'>Next</a><a rel=next href='//y.example/a?page=2'>2</a>"),
        all(&[])
    );
}
