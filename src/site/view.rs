use scraper::Html;

use super::guard::{MAX_DEPTH, guard};
use crate::model::{Page, PageKind};

/// A page, parsed once for all sites to look at.
#[derive(Debug)]
pub struct View<'a> {
    /// The page.
    pub page: &'a Page,
    /// What it holds.
    pub content: Content,
    /// What parsing had to leave out, for [`crate::model::Thread::notes`].
    pub notes: Vec<String>,
}

/// A parsed page.
#[derive(Debug)]
pub enum Content {
    /// A document tree, without scripts, styles and comments.
    Html(Html),
    /// A JSON value.
    Json(serde_json::Value),
    /// Plain text, as in [`Page::body`].
    Text,
}

impl<'a> View<'a> {
    /// Parses the page in time linear in its size.
    ///
    /// # Errors
    /// When a page recognised as JSON is none: where the reading broke off.
    pub fn new(page: &'a Page) -> Result<Self, serde_json::Error> {
        let mut notes = Vec::new();
        let content = match page.kind {
            PageKind::Html => {
                let guarded = guard(&page.body);
                if guarded.cut {
                    notes.push(format!("tags nested deeper than {MAX_DEPTH} levels were ignored, their text kept"));
                }
                Content::Html(Html::parse_document(&guarded.html))
            }
            PageKind::Json => Content::Json(serde_json::from_str(&page.body)?),
            PageKind::Text => Content::Text,
        };
        Ok(Self { page, content, notes })
    }

    /// The document tree of an HTML page.
    pub fn html(&self) -> Option<&Html> {
        match &self.content {
            Content::Html(html) => Some(html),
            _ => None,
        }
    }

    /// The value of a JSON page.
    pub fn json(&self) -> Option<&serde_json::Value> {
        match &self.content {
            Content::Json(value) => Some(value),
            _ => None,
        }
    }

    /// The text of a plain page.
    pub fn text(&self) -> Option<&'a str> {
        matches!(self.content, Content::Text).then_some(self.page.body.as_str())
    }
}
