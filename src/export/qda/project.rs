use std::io::{self, BufWriter, Cursor, Write};

use quick_xml::Writer;
use uuid::Uuid;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::codes::Codes;
use super::guid::guid;
use super::selections::{Selection, said, selections};
use super::transcript::{Transcript, one_line};
use super::{ORIGIN, QdaError, coders, variables, xml};
use crate::model::{Study, Thread};

/// Characters of a headline in the name of its document: programs use the name as that of a file.
const NAME: usize = 80;

/// A thread as a document.
struct Source<'a> {
    guid: Uuid,
    thread: &'a Thread,
    transcript: Transcript<'a>,
    selections: Vec<Selection<'a>>,
}

/// The study as a project: the bytes of a `.qdpx`.
///
/// `made_at` is the time the project is said to be made at, ISO 8601 with an offset (`2026-03-14T09:12:00Z`).
///
/// # Errors
///
/// [`QdaError::UnknownComment`] and [`QdaError::UnknownAnswer`] where what people said does not belong to the study;
/// [`QdaError::Archive`] and [`QdaError::Xml`] where the file cannot be made.
pub fn project(study: &Study, made_at: &str) -> Result<Vec<u8>, QdaError> {
    let codes = Codes::of(study);
    let sources = sources(study, &codes)?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // The time of packing would make every file another one.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    zip.start_file("project.qde", options)?;
    // The XML comes in small pieces, each of which the archive would look at.
    let mut out = BufWriter::new(&mut zip);
    write(&mut out, study, &codes, &sources, made_at)?;
    out.flush()?;
    drop(out);
    for source in &sources {
        zip.start_file(format!("sources/{}.txt", source.guid), options)?;
        zip.write_all(source.transcript.text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn sources<'a>(study: &'a Study, codes: &'a Codes<'a>) -> Result<Vec<Source<'a>>, QdaError> {
    let said = said(study)?;
    let sources = study.threads.iter().map(|coded| {
        let transcript = Transcript::of(&coded.thread);
        let selections = selections(coded, &transcript, codes, &said)?;
        Ok(Source { guid: guid("source", &[&coded.thread.id]), thread: &coded.thread, transcript, selections })
    });
    sources.collect()
}

fn write(out: impl Write, study: &Study, codes: &Codes<'_>, sources: &[Source<'_>], made_at: &str) -> io::Result<()> {
    let [title, program] = [title(study), coders::program().to_string()];
    let attributes = [
        ("xmlns", "urn:QDA-XML:project:1.0"),
        ("name", &title),
        ("origin", ORIGIN),
        ("creatingUserGUID", &program),
        ("creationDateTime", made_at),
    ];
    xml::begin(out)?.create_element("Project").with_attributes(attributes).write_inner_content(|xml| {
        coders::write(xml, study)?;
        xml.create_element("CodeBook").write_inner_content(|xml| codes.write(xml))?;
        variables::write(xml)?;
        // The schema has no list of nothing.
        if !sources.is_empty() {
            xml.create_element("Sources")
                .write_inner_content(|xml| sources.iter().try_for_each(|source| source.write(xml, made_at)))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The headline of the only article, or how much there is.
fn title(study: &Study) -> String {
    match study.threads.as_slice() {
        [only] => only.thread.article.title.as_deref().map_or_else(|| one_line(&only.thread.id), one_line),
        threads => {
            let comments: u64 = threads.iter().map(|coded| coded.thread.parsed_count()).sum();
            format!("{comments} comments in {} threads", threads.len())
        }
    }
}

impl Source<'_> {
    fn write<W: Write>(&self, xml: &mut Writer<W>, made_at: &str) -> io::Result<()> {
        let [guid, program] = [self.guid, coders::program()].map(|guid| guid.to_string());
        let [name, path] = [self.name(), format!("internal://{guid}.txt")];
        let attributes = [
            ("guid", guid.as_str()),
            ("name", &name),
            ("plainTextPath", &path),
            ("creatingUser", &program),
            ("creationDateTime", made_at),
        ];
        xml.create_element("TextSource").with_attributes(attributes).write_inner_content(|xml| {
            self.selections.iter().try_for_each(|selection| selection.write(xml, made_at))?;
            variables::write_values(xml, self.thread)
        })?;
        Ok(())
    }

    /// Headline and id, without what file systems forbid and without dots: what follows one is taken for an ending.
    fn name(&self) -> String {
        let words = |text: &str| one_line(&text.replace(|c: char| r#"/\:*?"<>|."#.contains(c) || c.is_control(), " "));
        let title = words(self.thread.article.title.as_deref().unwrap_or_default());
        let title = title.chars().take(NAME).collect::<String>();
        format!("{} ({})", title.trim_end(), words(&self.thread.id)).trim_start().to_owned()
    }
}
