//! Pages of no known platform: structured data first, then repeated structure.

use super::{Fragment, Origin, Site, SiteError, Verified, View, article, believable, records, structured};
use crate::model::{Article, Comment};

/// Any HTML page.
#[derive(Debug)]
pub(super) struct Generic;

impl Site for Generic {
    fn name(&self) -> &str {
        "generic"
    }

    fn reads(&self) -> &str {
        "any page: schema.org comments in JSON-LD or microdata, else repeated blocks with author and date"
    }

    fn verified(&self) -> Verified {
        Verified::RealPages
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.html().is_some()
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        Ok(read(view))
    }
}

/// For a page whose platform is known but not its markup: comments by other means, all else as the platform said.
pub(super) fn instead_of(known: Fragment, view: &View<'_>) -> Fragment {
    let read = read(view);
    Fragment {
        comments: read.comments,
        origin: read.origin,
        found_by: read.found_by,
        certainty: read.certainty,
        stated_count: known.stated_count.or(read.stated_count),
        article: if known.article == Article::default() { read.article } else { known.article },
        ..known
    }
}

/// Reads what can be found without knowing the platform; no comments where there are none.
pub(super) fn read(view: &View<'_>) -> Fragment {
    let Some(html) = view.html() else { return Fragment::default() };
    let order = article::day_order(html);
    let read_at = view.page.fetched_at.as_ref();
    let article = article::read(view.page, html);
    let json_ld = structured::from_json_ld(html);
    let microdata = structured::from_microdata(html, order, read_at);
    let printed = records::stated_count(html, article.title.as_deref());
    let stated = json_ld.stated_count.or(microdata.stated_count).filter(|count| believable(*count)).or(printed);
    let marked = if json_ld.comments.len() >= microdata.comments.len() { json_ld } else { microdata };
    // Structured data may be a teaser of the first comments: believe it unless the page shows more.
    let whole = !marked.comments.is_empty() && stated.is_some_and(|stated| marked.comments.len() as u64 >= stated);
    let mined = if whole { Vec::new() } else { records::mine(html, order, read_at, printed) };
    let (origin, comments) = if marked.comments.len() >= mined.len() && !marked.comments.is_empty() {
        (if marked.positional { Origin::Structure } else { Origin::Markup }, marked.comments)
    } else {
        (Origin::Structure, mined)
    };
    let comments = comments
        .into_iter()
        .map(|comment| Comment {
            permalink: comment
                .permalink
                .and_then(|link| super::address::absolute(view.page.url.as_deref().or(article.url.as_deref()), &link)),
            ..comment
        })
        .collect();
    Fragment { article, comments, stated_count: stated, origin, ..Fragment::default() }
}
