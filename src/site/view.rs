use scraper::Html;

use super::Document;
use super::deep;
use super::guard::{MAX_DEPTH, guard};
use super::salvage;
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
    /// Where a page recognised as JSON breaks; what stands before is [`Self::content`].
    pub broken: Option<Broken>,
}

/// Where a JSON text breaks.
#[derive(Debug)]
pub struct Broken {
    /// The byte, from 0.
    pub byte: usize,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What the JSON parser said.
    pub error: serde_json::Error,
}

/// A parsed page.
#[derive(Debug)]
pub enum Content {
    /// A document tree, without scripts, styles and comments.
    Html(Document),
    /// A JSON value.
    Json(serde_json::Value),
    /// Plain text, as in [`Page::body`].
    Text,
}

impl<'a> View<'a> {
    /// Parses the page in time linear in its size.
    ///
    /// # Errors
    /// When nothing of a page recognised as JSON can be read.
    pub fn new(page: &'a Page) -> Result<Self, serde_json::Error> {
        let mut notes = Vec::new();
        let mut broken = None;
        let content = match page.kind {
            PageKind::Html => {
                let guarded = guard(&page.body);
                if guarded.cut {
                    notes.push(format!("tags nested deeper than {MAX_DEPTH} levels were ignored, their text kept"));
                }
                Content::Html(Html::parse_document(&guarded.html).into())
            }
            PageKind::Json => Content::Json(match deep::parse(&page.body) {
                Ok(value) => value,
                Err(error) => {
                    let Some(salvaged) = salvage::read(&page.body) else { return Err(error) };
                    if salvaged.too_deep {
                        notes.push(format!("lists nested deeper than {} levels were left out", salvage::MAX_DEPTH));
                    }
                    broken = salvaged.broke_at.map(|byte| {
                        let (line, column) = salvage::place(&page.body, byte);
                        Broken { byte, line, column, error }
                    });
                    salvaged.value
                }
            }),
            PageKind::Text => Content::Text,
        };
        Ok(Self { page, content, notes, broken })
    }

    /// The document tree of an HTML page.
    pub fn html(&self) -> Option<&Document> {
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
