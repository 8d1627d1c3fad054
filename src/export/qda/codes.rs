//! The study's codes as a tree: its themes, irony, and the sentiment above its three classes.

use std::collections::HashSet;
use std::io::{self, Write};
use std::iter;

use quick_xml::Writer;
use uuid::Uuid;

use super::guid::guid;
use super::transcript::{one_line, readable};
use super::xml;
use crate::model::{CodeLabel, IRONY, POLARITY, Polarity, Study};

const SENTIMENT: &str = "The intended meaning of the writer's own words; one of the three below.";
const CLASSES: [(Polarity, &str, &str); 3] = [
    (Polarity::Negative, "Criticism, complaint, irony that criticises.", "#B2182B"),
    (Polarity::Neutral, "Information, questions, banter without valence.", "#878787"),
    (Polarity::Positive, "Approval, praise, thanks.", "#2166AC"),
];
const IRONIC: &str = "The literal meaning is not the intended one.";
const IRONY_COLOUR: &str = "#762A83";
/// Colours that colour-blind people tell apart: Okabe and Ito, <https://jfly.uni-koeln.de/color/>.
const PALETTE: [&str; 7] = ["#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"];

/// A code that comments can carry.
#[derive(Debug)]
pub(super) struct Code<'a> {
    pub(super) guid: Uuid,
    /// Name for people; no two codes share it.
    pub(super) name: String,
    /// What is asked, in tables.
    question: &'a str,
    /// The answer it stands for.
    value: &'static str,
    description: String,
    colour: &'static str,
}

/// All codes of a study.
pub(super) struct Codes<'a> {
    themes: Vec<Code<'a>>,
    sentiment: String,
    classes: Vec<Code<'a>>,
}

impl<'a> Codes<'a> {
    pub(super) fn of(study: &'a Study) -> Self {
        let mut names = Names::default();
        let known = study.codes.iter().filter(|label| label.name != POLARITY);
        let mut themes: Vec<Code<'a>> = Vec::new();
        for (label, colour) in known.zip(PALETTE.iter().cycle()) {
            themes.push(Code::theme(&label.name, names.take(&label.label, &label.name), describe(label), colour));
        }
        let mut seen: HashSet<&str> = themes.iter().map(|code| code.question).collect();
        for question in questions(study).filter(|question| seen.insert(question)) {
            let colour = PALETTE[themes.len() % PALETTE.len()];
            let (description, colour) = if question == IRONY { (IRONIC, IRONY_COLOUR) } else { ("", colour) };
            themes.push(Code::theme(question, names.take(question, question), description.to_owned(), colour));
        }
        let sentiment = names.take("sentiment", POLARITY);
        let classes = CLASSES.map(|(class, description, colour)| Code {
            guid: guid("code", &[POLARITY, class.as_str()]),
            name: names.take(class.as_str(), POLARITY),
            question: POLARITY,
            value: class.as_str(),
            description: description.to_owned(),
            colour,
        });
        Self { themes, sentiment, classes: classes.into() }
    }

    /// The code that an answer to a question stands for.
    pub(super) fn find(&self, question: &str, value: &str) -> Option<&Code<'a>> {
        self.themes.iter().chain(&self.classes).find(|code| code.question == question && code.value == value)
    }

    /// Writes `Codes`.
    pub(super) fn write<W: Write>(&self, xml: &mut Writer<W>) -> io::Result<()> {
        xml.create_element("Codes").write_inner_content(|xml| {
            self.themes.iter().try_for_each(|code| code.write(xml))?;
            let guid = guid("code", &[POLARITY]).to_string();
            let sentiment = xml.create_element("Code").with_attributes([
                ("guid", guid.as_str()),
                ("name", &self.sentiment),
                ("isCodable", "false"),
            ]);
            sentiment.write_inner_content(|xml| {
                xml::text(xml, "Description", SENTIMENT)?;
                self.classes.iter().try_for_each(|code| code.write(xml))
            })?;
            Ok(())
        })?;
        Ok(())
    }
}

impl<'a> Code<'a> {
    fn theme(question: &'a str, name: String, description: String, colour: &'static str) -> Self {
        Self { guid: guid("code", &[question]), name, question, value: "1", description, colour }
    }

    fn write<W: Write>(&self, xml: &mut Writer<W>) -> io::Result<()> {
        let guid = self.guid.to_string();
        let attributes = [("guid", guid.as_str()), ("name", &self.name), ("isCodable", "true"), ("color", self.colour)];
        let column = format!("In tables: {} = {}", one_line(self.question), self.value);
        let description = [self.description.as_str(), &column].join("\n\n");
        xml.create_element("Code")
            .with_attributes(attributes)
            .write_inner_content(|xml| xml::text(xml, "Description", description.trim_start()))?;
        Ok(())
    }
}

/// Irony, and codes that somebody used but nobody described.
fn questions(study: &Study) -> impl Iterator<Item = &str> {
    let comments = study.threads.iter().flat_map(|thread| &thread.comments);
    let machine = comments.filter_map(|comment| comment.coded.as_ref()).flat_map(|coded| &coded.codings);
    let people = study.people.iter().map(|said| said.question.as_str());
    let used = machine.map(|coding| coding.code.as_str()).chain(people);
    iter::once(IRONY).chain(used.filter(|question| *question != POLARITY))
}

/// What the codebook says of a code.
fn describe(label: &CodeLabel) -> String {
    let mut said = label.definition.clone();
    for (title, lines) in [("What counts:", &label.include), ("What does not:", &label.exclude)] {
        if !lines.is_empty() {
            let lines: Vec<String> = lines.iter().map(|line| format!("• {line}")).collect();
            said = format!("{said}\n\n{title}\n{}", lines.join("\n"));
        }
    }
    readable(&said)
}

/// Names given out so far. Programs take two codes of one name for the same, some whatever the case.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// The label, with what it is of where another code has it.
    fn take(&mut self, label: &str, of: &str) -> String {
        let (label, of) = (one_line(label), one_line(of));
        let plain = if label.is_empty() { of.clone() } else { label };
        let numbered = (2..).map(|number| format!("{plain} ({of}, {number})"));
        let mut names = [plain.clone(), format!("{plain} ({of})")].into_iter().chain(numbered);
        names.find(|name| self.0.insert(name.to_lowercase())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        let mut names = Names::default();
        let taken = [("Trust", "trust"), ("trust", "trust_b"), ("", "trust_c"), ("TRUST", "trust_b")];
        let taken = taken.map(|(label, of)| names.take(label, of));
        assert_eq!(taken, ["Trust", "trust (trust_b)", "trust_c", "TRUST (trust_b, 2)"]);
    }
}
