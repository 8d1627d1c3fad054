//! Pages of no known platform: structured data first, then repeated structure.

use super::{
    Fragment, Origin, Site, SiteError, Verified, View, address, article, believable, miner, pasted, state, stated,
    structured,
};
use crate::model::{Article, Certainty, FoundBy};

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

    fn gives(&self) -> &str {
        "what the page shows: parents, authors, dates; the site's ids where records carry them"
    }

    fn verified(&self) -> Verified {
        Verified::RealPages
    }

    fn is_paged_by_links(&self) -> bool {
        true
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
        notes: [known.notes, read.notes].concat(),
        origin: read.origin,
        small_ids: read.small_ids,
        found_by: read.found_by,
        certainty: read.certainty,
        stated_count: known.stated_count.or(read.stated_count),
        article: if known.article == Article::default() { read.article } else { known.article },
        ..known
    }
}

/// Reads what can be found without knowing the platform; no comments where there are none.
///
/// Structured data names what it holds, so it is believed over records that were mined, unless the page shows clearly
/// more: it may be a teaser of the first comments. One record more is the post that opens a thread, which structured data
/// gives as the article.
pub(super) fn read(view: &View<'_>) -> Fragment {
    let Some(html) = view.html() else { return Fragment::default() };
    let order = article::day_order(html);
    let read_at = view.page.fetched_at.as_ref();
    let base = view.page.url.as_deref();
    let article = article::read(view.page, html);
    let json_ld = structured::from_json_ld(html);
    let microdata = structured::from_microdata(html, order, read_at);
    let marked_count = json_ld.stated_count.or(microdata.stated_count).filter(|count| believable(*count));
    let marked = if json_ld.comments.len() >= microdata.comments.len() { json_ld } else { microdata };
    let marked = if marked.comments.is_empty() { state::find(&view.page.body) } else { marked };
    let marked_count = marked_count.or(marked.stated_count).filter(|count| believable(*count));
    let stated_count = marked_count.or_else(|| stated::stated_count(html, article.title.as_deref()));
    let many = marked.comments.len();
    let whole = many > 0 && stated_count.is_some_and(|stated| many as u64 >= stated);
    let known = miner::Known { order, read_at, stated: stated_count };
    let mined = if whole { miner::Mined::default() } else { miner::mine(html, known) };
    let mined = if mined.comments.is_empty() && many == 0 { flat(html, known) } else { mined };
    let shown = mined.comments.len();
    let mut fragment = Fragment { stated_count, ..Fragment::default() };
    if many > 0 && (many * 5 >= shown * 4 || many + 1 >= shown) {
        fragment.origin = if marked.positional { Origin::Structure } else { Origin::Markup };
        fragment.found_by = FoundBy::Structured;
        let agree = whole || shown.abs_diff(many) <= 1;
        fragment.certainty = if agree { Certainty::High } else { Certainty::Medium };
        fragment.comments = marked.comments;
    } else {
        fragment.origin = if mined.ids == miner::Ids::Own { Origin::Markup } else { Origin::Structure };
        fragment.small_ids = mined.ids == miner::Ids::Small;
        (fragment.found_by, fragment.certainty) = (mined.found_by, mined.certainty);
        fragment.comments = mined.comments;
    }
    if many > 0 && shown > 0 && shown.abs_diff(many) > 1 {
        fragment.notes.push(format!(
            "the page's data for machines has {many} comments, its markup shows {shown}; {} of them are in the table",
            fragment.comments.len()
        ));
    }
    let page = base.or(article.url.as_deref());
    for comment in &mut fragment.comments {
        comment.permalink = comment.permalink.take().and_then(|link| address::absolute(page, &link));
    }
    fragment.article = article;
    fragment
}

/// Comments that no element holds.
fn flat(html: &scraper::Html, known: miner::Known<'_>) -> miner::Mined {
    let comments = pasted::of_page(html, known.order, known.read_at, known.stated);
    miner::Mined { comments, found_by: FoundBy::Pasted, ..miner::Mined::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Page, PageKind};

    fn fragment(body: &str) -> Fragment {
        let page = Page {
            frame_of: None,
            posted: None,
            source: "page.html".into(),
            url: Some("https://x.example/a/b?p=2".into()),
            fetched_at: None,
            kind: PageKind::Html,
            headers: std::collections::BTreeMap::default(),
            body: format!("<html lang=fr><body>{body}</body></html>"),
        };
        read(&View::new(&page).unwrap())
    }

    fn post(number: u32, name: &str, words: &str) -> String {
        format!(
            "<div class=p id=p{number}><b class=who>{name}</b> <i>{} mai 2024 à 10h02</i><p>{words}</p><a>Répondre</a></div>",
            number % 28 + 1
        )
    }

    #[test]
    fn permalinks_are_absolute() {
        let said = [
            "Une première remarque, assez longue.",
            "Une deuxième, qui ne dit pas la même chose.",
            "Et la dernière de toutes.",
        ];
        let posts: String = (900..).zip(said).map(|(number, words)| post(number, "Zoé", words)).collect();
        let read = fragment(&posts);
        assert_eq!((read.origin, read.found_by), (Origin::Markup, FoundBy::Mined));
        assert_eq!(read.comments[1].id, "c901");
        assert_eq!(read.comments[1].permalink.as_deref(), Some("https://x.example/a/b?p=2#p901"));
    }

    #[test]
    fn structured_data_is_believed_unless_the_page_shows_more() {
        let data = |count: usize| {
            let comment =
                |n| format!(r#"{{"@type":"Comment","text":"Mot {n} pour la machine","author":{{"name":"Ada"}}}}"#);
            let comments = (0..count).map(comment).collect::<Vec<_>>().join(",");
            format!(
                r#"<script type="application/ld+json">{{"@type":"NewsArticle","headline":"T","comment":[{comments}]}}</script>"#
            )
        };
        let said = [
            "Tout le monde en parle ici.",
            "Personne ne sait pourtant rien.",
            "Attendons donc la suite.",
            "Moi je rentre chez moi.",
        ];
        let posts: String =
            (1..).zip(said).map(|(number, words)| post(number, &format!("Zoé {words:.4}"), words)).collect();
        assert_eq!(fragment(&(data(4) + &posts)).found_by, FoundBy::Structured);
        let teaser = fragment(&(data(1) + &posts));
        assert_eq!((teaser.found_by, teaser.comments.len()), (FoundBy::Mined, 4));
        assert_eq!(fragment("<p>Rien à voir.</p>").comments, []);
    }
}
