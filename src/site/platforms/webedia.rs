//! Webedia's Spanish-speaking sites (Xataka, 3DJuegos, Vidaextra …): the comments stand in a script of the article's page.
//!
//! `AML.Comments.config.data = {comments: [comment], meta: {totalCount}}`, flat, `parent` names the comment answered, `date`
//! is an epoch in seconds, `content_filtered` the HTML readers are shown.
//! Source: pages of these sites, read by public tools.

use crate::model::Comment;
use crate::site::rows::{self, Row};
use crate::site::scripts::state;
use crate::site::{Fragment, Origin, Site, SiteError, Verified, View, answer, article};

const MARKER: &str = "AML.Comments.config.data";

/// Webedia.
#[derive(Debug)]
pub(in crate::site) struct Webedia;

impl Site for Webedia {
    fn name(&self) -> &str {
        "webedia"
    }

    fn reads(&self) -> &str {
        "article pages (Xataka, 3DJuegos, Vidaextra and others of the group)"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn hints(&self) -> &[&str] {
        &[MARKER]
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.html().is_some()
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(html) = view.html() else { return Err(SiteError::UnknownJson) };
        let article = article::read(view.page, html);
        let Some(data) = state(&view.page.body, MARKER) else { return Ok(Fragment { article, ..Fragment::default() }) };
        Ok(Fragment {
            article,
            stated_count: rows::count(&data["meta"]["totalCount"]),
            origin: Origin::Markup,
            ..rows::read(&rows::flat(&data["comments"]), comment)
        })
    }
}

fn comment(row: Row<'_>) -> Option<Comment> {
    let value = row.value;
    let mut comment = rows::comment(&answer::id(&value["id"])?, answer::id(&value["parent"]), None);
    comment.author = ["user_name", "author", "comment_author"]
        .iter()
        .find_map(|field| rows::author(&value[*field], &value["user_avatar"]));
    comment.posted_at = answer::instant(&value["date"]);
    comment.votes = answer::number(&value["vote_count"]);
    rows::fill(&mut comment, value["content_filtered"].as_str().or_else(|| value["content"].as_str())?);
    Some(comment)
}
