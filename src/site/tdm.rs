//! Whether a page's publisher reserves text and data mining: TDMRep, a report of a W3C community group
//! (<https://github.com/w3c/tdm-reservation-protocol>, `spec/index.html`). What an HTML page says itself goes before what its
//! answer's headers say; both go before the site's `/.well-known/tdmrep.json`.

use super::{Fragment, View, css};

const RESERVATION: &str = "tdm-reservation";
const POLICY: &str = "tdm-policy";
const FILE: &str = "/.well-known/tdmrep.json";
/// The most characters of a policy's address.
const MAX_ADDRESS: usize = 500;

/// Notes that mining is reserved.
pub(super) fn note(fragment: &mut Fragment, view: &View<'_>) {
    let Some((reserved, policy, place)) = in_page(view).or_else(|| in_headers(view)).or_else(|| in_file(view)) else {
        return;
    };
    if reserved {
        let policy = policy.map(|policy| format!("; policy: {policy}")).unwrap_or_default();
        fragment.notes.push(format!("the site reserves text and data mining (TDMRep, {place}){policy}"));
    }
}

type Reservation = (bool, Option<String>, &'static str);

fn in_page(view: &View<'_>) -> Option<Reservation> {
    let html = view.html()?;
    let mut values = html.select(css!("meta[name='tdm-reservation' i]")).filter_map(|meta| meta.attr("content"));
    let reserved = values.find_map(value)?;
    let policy =
        html.select(css!("meta[name='tdm-policy' i]")).filter_map(|meta| meta.attr("content")).find_map(address);
    Some((reserved, policy, "HTML meta"))
}

fn in_headers(view: &View<'_>) -> Option<Reservation> {
    let headers = &view.page.headers;
    // A header sent twice arrives as a list.
    let reserved = headers.get(RESERVATION)?.split(',').find_map(value)?;
    Some((reserved, headers.get(POLICY).and_then(|policy| address(policy)), "HTTP header"))
}

/// What the host's file reserves, where the page was fetched: the fetcher's word, under a name that no header can have.
fn in_file(view: &View<'_>) -> Option<Reservation> {
    let policy = view.page.headers.get(FILE)?;
    Some((true, address(policy), "tdmrep.json of the host"))
}

/// 1 and 0; the report has anything else count as unset.
fn value(text: &str) -> Option<bool> {
    match text.trim() {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let is_one = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    is_one.then(|| text.chars().take(MAX_ADDRESS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PageKind;
    use crate::site::trial;

    fn noted(kind: PageKind, headers: &[(&str, &str)], body: &str) -> Vec<String> {
        let page = trial::made(kind, headers, body);
        let mut fragment = Fragment::default();
        note(&mut fragment, &View::new(&page).unwrap());
        fragment.notes
    }

    #[test]
    fn the_page_goes_before_its_headers() {
        let header = [("tdm-reservation", "1"), ("tdm-policy", "https://a.example/policy.json")];
        let by_header =
            "the site reserves text and data mining (TDMRep, HTTP header); policy: https://a.example/policy.json";
        let by_meta = "the site reserves text and data mining (TDMRep, HTML meta)";
        let html = |body: &str, headers: &[(&str, &str)]| noted(PageKind::Html, headers, body);
        assert_eq!(html("<p>x</p>", &header), [by_header]);
        assert_eq!(noted(PageKind::Json, &header, "[]"), [by_header]);
        assert_eq!(html("<meta name=tdm-reservation content=0>", &header), [""; 0]);
        assert_eq!(html("<meta name='TDM-Reservation' content=' 1 '>", &[("tdm-reservation", "0")]), [by_meta]);
        assert_eq!(
            html("<meta name=tdm-reservation content=1><meta name=tdm-policy content='/p.json'>", &[]),
            [format!("{by_meta}; policy: /p.json")]
        );
    }

    #[test]
    fn what_the_host_says_for_all_comes_last() {
        let said = [(FILE, "https://a.example/policy.json")];
        let by_file = "the site reserves text and data mining (TDMRep, tdmrep.json of the host); policy: https://a.example/policy.json";
        assert_eq!(noted(PageKind::Html, &said, "<p>x</p>"), [by_file]);
        assert_eq!(noted(PageKind::Html, &[said[0], ("tdm-reservation", "0")], "<p>x</p>"), [""; 0]);
    }

    #[test]
    fn other_values_say_nothing() {
        for (body, header) in [
            ("<meta name=tdm-reservation content=2>", "yes"),
            ("<meta name=tdm-reservation>", ""),
            ("<p>tdm-reservation: 1</p>", "0"),
        ] {
            assert_eq!(noted(PageKind::Html, &[("tdm-reservation", header)], body), [""; 0], "{body} {header}");
        }
        let header = [("tdm-reservation", "1, 1"), ("tdm-policy", "not an address")];
        assert_eq!(
            noted(PageKind::Html, &header, ""),
            ["the site reserves text and data mining (TDMRep, HTTP header)"]
        );
        let long = "x".repeat(1_000_000);
        assert!(noted(PageKind::Html, &[("tdm-reservation", "1"), ("tdm-policy", &long)], "")[0].len() < 600);
    }
}
