//! Where something stands: `selector` for an element's text, `selector@attribute` for an attribute, `@attribute` for one
//! of the record itself; a table adds a pattern, or a pattern for the page's own address.

use regex::Regex;
use scraper::ElementRef;
use serde::Deserialize;

use super::description::Css;
use crate::site::Document;
use crate::site::body;

/// Longest value that is looked at with a pattern; nothing sought is longer.
const MAX_VALUE: usize = 2_000;

/// Places in order of preference.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Places(Vec<Place>);

/// One place.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Raw")]
pub(super) struct Place {
    what: What,
    pattern: Option<Regex>,
    /// Added to a number: a count of replies leaves out the opening post.
    pub(super) plus: i64,
}

#[derive(Debug)]
enum What {
    /// An element, or its attribute; without a selector the record itself.
    Element { selector: Option<Css>, attribute: Option<String> },
    /// How many elements there are.
    Count(Css),
    /// The page's address.
    Address,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Raw {
    At(String),
    #[serde(rename_all = "lowercase")]
    Table(Table),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    at: Option<String>,
    pattern: Option<String>,
    address: Option<String>,
    count: Option<String>,
    #[serde(default)]
    plus: i64,
}

impl TryFrom<Raw> for Place {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        let regex = |pattern: &str| Regex::new(pattern).map_err(|error| error.to_string());
        let table = match raw {
            Raw::At(at) => Table { at: Some(at), ..Table::default() },
            Raw::Table(table) => table,
        };
        let (what, pattern) = match (table.at, table.address, table.count) {
            (Some(at), None, None) => (element(&at)?, table.pattern),
            (None, Some(pattern), None) => (What::Address, Some(pattern)),
            (None, None, Some(css)) => (What::Count(Css::parse(&css)?), None),
            _ => return Err("a place is one of `at`, `address`, `count`".to_owned()),
        };
        Ok(Self { what, pattern: pattern.as_deref().map(regex).transpose()?, plus: table.plus })
    }
}

/// `selector@attribute`; an `@` inside brackets or quotes belongs to the selector.
fn element(at: &str) -> Result<What, String> {
    let (css, attribute) = match at.rsplit_once('@') {
        Some((css, name)) if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !name.is_empty() => {
            (css, Some(name.to_owned()))
        }
        _ => (at, None),
    };
    let selector = if css.trim().is_empty() { None } else { Some(Css::parse(css)?) };
    Ok(What::Element { selector, attribute })
}

/// Something found: where, and what it says there.
pub(super) struct Found<'a> {
    pub(super) element: Option<ElementRef<'a>>,
    pub(super) value: String,
    /// Whether the value is the element's text as it stands, so that its other attributes may be looked at.
    pub(super) plain: bool,
    pub(super) plus: i64,
}

impl Places {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a record says at these places; `own[0]` is the record itself.
    pub(super) fn in_record<'a>(&'a self, own: &'a [ElementRef<'a>]) -> impl Iterator<Item = Found<'a>> {
        self.0.iter().flat_map(move |place| place.among(own.iter().copied(), own.first().copied(), None))
    }

    /// What the page says at these places.
    pub(super) fn in_page<'a>(
        &'a self,
        html: &'a Document,
        address: Option<&'a str>,
    ) -> impl Iterator<Item = Found<'a>> {
        self.0.iter().flat_map(move |place| {
            let elements: Vec<ElementRef<'a>> = match &place.what {
                What::Element { selector: Some(css), .. } | What::Count(css) => html.select(css.selector()).collect(),
                _ => Vec::new(),
            };
            place.among(elements.into_iter(), Some(html.root_element()), address)
        })
    }

    /// Whether any of the places is there at all.
    pub(super) fn any_in(&self, own: &[ElementRef<'_>]) -> bool {
        self.0.iter().any(|place| match &place.what {
            What::Element { selector: Some(css), attribute } => {
                own.iter().any(|el| css.matches(*el) && attribute.as_ref().is_none_or(|name| el.attr(name).is_some()))
            }
            _ => false,
        })
    }

    /// Whether an element is one of the places.
    pub(super) fn is_at(&self, element: ElementRef<'_>) -> bool {
        self.0.iter().any(|place| match &place.what {
            What::Element { selector: Some(css), .. } => css.matches(element),
            _ => false,
        })
    }
}

impl Place {
    fn among<'a>(
        &'a self,
        elements: impl Iterator<Item = ElementRef<'a>> + 'a,
        whole: Option<ElementRef<'a>>,
        address: Option<&str>,
    ) -> Box<dyn Iterator<Item = Found<'a>> + 'a> {
        let found = move |element: Option<ElementRef<'a>>, value: String, plain: bool| {
            let plain = plain && self.pattern.is_none();
            let value = self.captured(value)?;
            (!value.is_empty()).then_some(Found { element, value, plain, plus: self.plus })
        };
        match &self.what {
            What::Address => Box::new(address.and_then(|url| found(None, url.to_owned(), false)).into_iter()),
            What::Count(css) => {
                let count = elements.filter(|el| css.matches(*el)).count();
                Box::new((count > 0).then(|| found(None, count.to_string(), false)).flatten().into_iter())
            }
            What::Element { selector, attribute } => {
                let value = move |el: ElementRef<'a>| match attribute {
                    Some(name) => found(Some(el), el.attr(name)?.trim().to_owned(), false),
                    None => found(Some(el), body::line(el), true),
                };
                match selector {
                    Some(css) => Box::new(elements.filter(move |el| css.matches(*el)).filter_map(value)),
                    None => Box::new(whole.into_iter().filter_map(value)),
                }
            }
        }
    }

    /// The pattern's groups joined by `/`, the whole match where it has none, all where there is no pattern.
    fn captured(&self, value: String) -> Option<String> {
        let Some(pattern) = &self.pattern else { return Some(value) };
        let captures = pattern.captures(&value[..value.floor_char_boundary(MAX_VALUE)])?;
        if captures.len() == 1 {
            return Some(captures[0].trim().to_owned());
        }
        let groups: Vec<&str> = captures.iter().skip(1).flatten().map(|group| group.as_str().trim()).collect();
        Some(groups.join("/"))
    }
}
