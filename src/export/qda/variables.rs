//! What programs show of a document beside its text.

use std::io::{self, Write};

use jiff::civil::Date;
use quick_xml::Writer;
use uuid::Uuid;

use super::guid::guid;
use super::transcript::one_line;
use super::xml;
use crate::model::{Moment, Precision, Thread};

/// Kind of a variable's values, as REFI-QDA names it.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Integer,
    Date,
}

impl Kind {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("Text", "TextValue"),
            Self::Integer => ("Integer", "IntegerValue"),
            Self::Date => ("Date", "DateValue"),
        }
    }
}

/// Name, kind, meaning and value; no value where the thread has none.
type Variable = (&'static str, Kind, &'static str, fn(&Thread) -> Option<String>);

const VARIABLES: [Variable; 8] = [
    ("thread_id", Kind::Text, "Id of the thread in tables.", |thread| Some(thread.id.clone())),
    ("article_title", Kind::Text, "Headline of the article.", |thread| thread.article.title.clone()),
    ("article_url", Kind::Text, "Address of the article.", |thread| thread.article.url.clone()),
    ("site", Kind::Text, "What read the thread.", |thread| Some(thread.site.clone())),
    ("published_on", Kind::Date, "Day the article was published.", |thread| {
        day(thread.article.published_at.as_ref()?)
    }),
    ("stated_count", Kind::Integer, "Comments the site says there are.", |thread| {
        thread.stated_count.map(|count| count.to_string())
    }),
    ("parsed_count", Kind::Integer, "Comments found.", |thread| Some(thread.parsed_count().to_string())),
    ("completeness", Kind::Text, "Whether all stated comments were found.", |thread| {
        Some(thread.completeness().as_str().to_owned())
    }),
];

/// The day, where the source says one.
fn day(moment: &Moment) -> Option<String> {
    let says_day = !matches!(moment.precision, Precision::Year | Precision::Month);
    let day: Date = moment.iso.get(..10).filter(|_| says_day)?.parse().ok()?;
    Some(day.to_string())
}

/// Writes `Variables`.
pub(super) fn write<W: Write>(xml: &mut Writer<W>) -> io::Result<()> {
    xml.create_element("Variables").write_inner_content(|xml| {
        for (name, kind, meaning, _) in VARIABLES {
            let guid = id(name).to_string();
            xml.create_element("Variable")
                .with_attributes([("guid", guid.as_str()), ("name", name), ("typeOfVariable", kind.names().0)])
                .write_inner_content(|xml| xml::text(xml, "Description", meaning))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Writes a `VariableValue` for each that the thread has.
pub(super) fn write_values<W: Write>(xml: &mut Writer<W>, thread: &Thread) -> io::Result<()> {
    for (name, kind, _, value) in VARIABLES {
        let Some(value) = value(thread).map(|value| one_line(&value)).filter(|value| !value.is_empty()) else {
            continue;
        };
        let guid = id(name).to_string();
        xml.create_element("VariableValue").write_inner_content(|xml| {
            xml.create_element("VariableRef").with_attribute(("targetGUID", guid.as_str())).write_empty()?;
            xml::text(xml, kind.names().1, &value)
        })?;
    }
    Ok(())
}

fn id(name: &str) -> Uuid {
    guid("variable", &[name])
}
