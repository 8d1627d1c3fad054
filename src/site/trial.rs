//! Pages and answers for the adapters' tests.

use serde_json::Value;

use super::{Fragment, read};
use crate::model::{Page, PageKind};

/// A page without an address.
pub(super) fn made(kind: PageKind, headers: &[(&str, &str)], body: &str) -> Page {
    Page {
        source: "trial".to_owned(),
        url: None,
        fetched_at: None,
        kind,
        frame_of: None,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        posted: None,
        body: body.to_owned(),
    }
}

fn of(kind: PageKind, url: &str, posted: Option<&str>, body: &str) -> Fragment {
    let url = (!url.is_empty()).then(|| url.to_owned());
    let page = Page { url, posted: posted.map(str::to_owned), ..made(kind, &[], body) };
    read(&page).unwrap_or_else(|failure| panic!("{failure:?}"))
}

/// What a page says.
pub(super) fn page(url: &str, body: &str) -> Fragment {
    of(PageKind::Html, url, None, body)
}

/// What an answer to an address says; none where it is empty.
pub(super) fn got(url: &str, body: &str) -> Fragment {
    of(PageKind::Json, url, None, body)
}

/// What an answer to something posted says.
pub(super) fn posted(url: &str, posted: &str, body: &str) -> Fragment {
    of(PageKind::Json, url, Some(posted), body)
}

/// The addresses that are asked next.
pub(super) fn urls(fragment: &Fragment) -> Vec<&str> {
    fragment.next.iter().map(|next| next.request.url.as_str()).collect()
}

/// What is posted next, as JSON.
pub(super) fn bodies(fragment: &Fragment) -> Vec<Value> {
    let posts = fragment.next.iter().filter_map(|next| next.request.post.as_ref());
    posts.map(|post| serde_json::from_str(&post.body).expect("JSON is posted")).collect()
}
