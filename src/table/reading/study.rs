use std::collections::HashMap;

use super::columns::Columns;
use super::threads::{ReadThreads, Ungrouped};
use crate::model::{
    Basis, Certainty, CodeLabel, Coded, CodedComment, CodedThread, Coding, Comment, Confidence, Failure, FoundBy,
    IRONY, Key, POLARITY, Polarity, PolarityCoding, Span, Stage, Study, Thread,
};
use crate::table::{Sheet, SheetError};

/// Places that are tried in a text that repeats the words.
const TRIED: usize = 1000;

/// The tables a study is read from.
#[derive(Debug)]
pub struct StudySheets {
    /// `comments`.
    pub comments: Sheet,
    /// `codings`, if it is there.
    pub codings: Option<Sheet>,
    /// `threads`, if it is there.
    pub threads: Option<Sheet>,
    /// `errors`, if it is there.
    pub errors: Option<Sheet>,
}

/// A study from its tables: `comments` with the columns thread_id, comment_id and text, and whatever else of causerie's columns they
/// have; columns of 1 and 0 that are none of these are codes. Where evidence stands and how sure each code is comes from `codings`;
/// without it, from the words in the column `evidence`. How threads were found comes from `threads`.
///
/// What tables do not have is not there: whom quotes name, the markup, and the place of links in the text. Codes are labelled by their names.
///
/// # Errors
/// [`SheetError`] names the column or row that is at fault.
pub fn study(sheets: &StudySheets) -> Result<Study, SheetError> {
    let comments = &sheets.comments;
    // Both ids, and each comment once.
    comments.keys()?;
    let read = ReadThreads::of(comments, &Columns::ours("text"), Ungrouped::Alone)?;
    let said = match &sheets.codings {
        Some(codings) => Said::of(codings)?,
        None => Said::default(),
    };
    let names = comments.codes();
    let machine = Machine::of(comments, &names)?;
    let mut made = Study {
        codes: names
            .iter()
            .filter(|name| *name != IRONY)
            .map(|name| CodeLabel { name: name.clone(), label: name.clone(), ..CodeLabel::default() })
            .collect(),
        ..Study::default()
    };
    for (thread, rows) in read.threads.into_iter().zip(read.rows) {
        let coded = thread.comments.iter().zip(rows);
        let comments = coded.map(|(comment, row)| machine.coded(row, comment, said.of_comment(&thread, &comment.id)));
        made.threads.push(CodedThread { comments: comments.collect(), thread });
    }
    if let Some(threads) = &sheets.threads {
        add_threads(&mut made, threads)?;
    }
    if let Some(errors) = &sheets.errors {
        made.failures = failures(errors)?;
    }
    Ok(made)
}

/// A row of `codings`.
#[derive(Debug, Clone, Default)]
struct Row {
    code: String,
    start: Option<usize>,
    end: Option<usize>,
    confidence: Option<Confidence>,
}

/// The table `codings` by comment.
#[derive(Debug, Default)]
struct Said(HashMap<Key, Vec<Row>>);

impl Said {
    fn of(sheet: &Sheet) -> Result<Self, SheetError> {
        let (threads, comments, codes) =
            (sheet.column("thread_id")?, sheet.column("comment_id")?, sheet.column("code")?);
        let (starts, ends) = (sheet.maybe("start")?, sheet.maybe("end")?);
        let (confidences, bases, calibrated) =
            (sheet.maybe("confidence")?, sheet.maybe("basis")?, sheet.maybe("calibrated")?);
        let place = |cell: &Option<String>| cell.as_deref().and_then(|cell| cell.parse().ok());
        let mut made = Self::default();
        for (row, code) in codes.into_iter().enumerate() {
            let (Some(thread_id), Some(comment_id), Some(code)) = (&threads[row], &comments[row], code) else {
                continue;
            };
            let key = Key { thread_id: thread_id.clone(), comment_id: comment_id.clone() };
            made.0.entry(key).or_default().push(Row {
                code,
                start: place(&starts[row]),
                end: place(&ends[row]),
                confidence: number(confidences[row].as_deref()).map(|value| Confidence {
                    value,
                    basis: bases[row].as_deref().and_then(Basis::named),
                    calibrated: calibrated[row].as_deref() == Some("1"),
                }),
            });
        }
        Ok(made)
    }

    fn of_comment(&self, thread: &Thread, comment: &str) -> &[Row] {
        let key = Key { thread_id: thread.id.clone(), comment_id: comment.to_owned() };
        self.0.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// What the columns of `comments` say of codes.
struct Machine {
    codes: Vec<(String, Cells)>,
    polarities: Cells,
    scores: Cells,
    confidences: Cells,
    coders: Cells,
    foreign: Cells,
    languages: Cells,
    own_texts: Cells,
    evidence: Cells,
    polarity_evidence: Cells,
    irony_evidence: Cells,
}

type Cells = Vec<Option<String>>;

impl Machine {
    fn of(sheet: &Sheet, codes: &[String]) -> Result<Self, SheetError> {
        let maybe = |name| sheet.maybe(name);
        let codes = codes.iter().map(|name| Ok((name.clone(), sheet.column(name)?)));
        Ok(Self {
            codes: codes.collect::<Result<_, SheetError>>()?,
            polarities: maybe(POLARITY)?,
            scores: maybe("polarity_score")?,
            confidences: maybe("polarity_confidence")?,
            coders: maybe("coder")?,
            foreign: maybe("foreign")?,
            languages: maybe("language")?,
            own_texts: maybe("own_text")?,
            evidence: maybe("evidence")?,
            polarity_evidence: maybe("polarity_evidence")?,
            irony_evidence: maybe("irony_evidence")?,
        })
    }

    fn coded(&self, row: usize, comment: &Comment, said: &[Row]) -> CodedComment {
        let polarity = self.polarities[row].as_deref().and_then(Polarity::named);
        let is_coded = polarity.is_some() || self.codes.iter().any(|(_, cells)| cells[row].is_some());
        CodedComment {
            language: self.languages[row].clone(),
            own_text: self.own_texts[row].clone().unwrap_or_default(),
            quotes: comment.quotes.clone(),
            coded: is_coded.then(|| self.said(row, &comment.text, said, polarity)),
        }
    }

    fn said(&self, row: usize, text: &str, said: &[Row], polarity: Option<Polarity>) -> Coded {
        let of = |code: &str| said.iter().find(|row| row.code == code);
        let mut made = Coded {
            coder: self.coders[row].clone().unwrap_or_default(),
            foreign: self.foreign[row].as_deref() == Some("1"),
            polarity: polarity.map(|polarity| {
                let known = of(POLARITY).cloned().unwrap_or_default();
                let evidence = known.span(text).or_else(|| words(text, self.polarity_evidence[row].as_deref()?));
                PolarityCoding {
                    polarity,
                    score: number(self.scores[row].as_deref()).unwrap_or(f64::from(polarity.sign())),
                    // The table of comments says it, too, but not on what it rests.
                    confidence: known.confidence.or_else(|| {
                        let value = number(self.confidences[row].as_deref())?;
                        Some(Confidence { value, basis: None, calibrated: false })
                    }),
                    evidence,
                }
            }),
            ..Coded::default()
        };
        for (code, cells) in &self.codes {
            let known = of(code).cloned().unwrap_or_default();
            let applies = cells[row].as_deref();
            let written = if code == IRONY { self.irony_evidence[row].as_deref() } else { self.words_of(row, code) };
            let span = known.span(text).or_else(|| words(text, written?)).unwrap_or(Span::new(0, 0));
            let coding = Coding { code: code.clone(), evidence: span, confidence: known.confidence };
            match (applies, code == IRONY) {
                (Some(applies), true) => made.irony = Some((applies == "1", coding)),
                (Some("1"), false) => made.codings.push(coding),
                (None, false) => made.undecided.push(code.clone()),
                _ => {}
            }
        }
        made
    }

    /// What the column `evidence`, `code: words | code: words`, has of a code. Words with such a bar in them end there.
    fn words_of(&self, row: usize, code: &str) -> Option<&str> {
        self.evidence[row].as_deref()?.split(" | ").find_map(|part| part.strip_prefix(code)?.strip_prefix(": "))
    }
}

impl Row {
    /// Where its evidence is; nothing where it does not fit the text.
    fn span(&self, text: &str) -> Option<Span> {
        Span::from_code_points(text, self.start?, self.end?).filter(|span| span.start < span.end)
    }
}

/// Where words are that were put on one line: any white space stands for any other. Words that stand by themselves are found before
/// parts of others.
fn words(text: &str, flat: &str) -> Option<Span> {
    let wanted = flat.split_whitespace().collect::<Vec<_>>().join(" ");
    if wanted.is_empty() {
        return None;
    }
    // The text on one line, and where each of its bytes was.
    let (mut line, mut places) = (String::with_capacity(text.len()), Vec::with_capacity(text.len() + 1));
    for (at, c) in text.char_indices() {
        let c = if c.is_whitespace() { ' ' } else { c };
        if c != ' ' || !line.ends_with(' ') {
            line.push(c);
            places.extend(std::iter::repeat_n(at, c.len_utf8()));
        }
    }
    places.push(text.len());
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let stands_alone = |at: usize| {
        let (before, after) = (line.get(..at), line.get(at + wanted.len()..));
        let begins = is_word(before.and_then(|before| before.chars().next_back())) && is_word(wanted.chars().next());
        let ends = is_word(after.and_then(|after| after.chars().next())) && is_word(wanted.chars().next_back());
        !begins && !ends
    };
    let mut found = memchr::memmem::find_iter(line.as_bytes(), wanted.as_bytes()).take(TRIED);
    let first = found.next()?;
    let start = if stands_alone(first) { first } else { found.find(|at| stands_alone(*at)).unwrap_or(first) };
    // The end of the last character itself, not of the white space that may follow it.
    let last = wanted.chars().next_back()?.len_utf8();
    let end = places.get(start + wanted.len() - last)? + last;
    Some(Span::new(*places.get(start)?, end))
}

/// What the table of threads says beside, and threads without comments.
fn add_threads(study: &mut Study, sheet: &Sheet) -> Result<(), SheetError> {
    let maybe = |name| sheet.maybe(name);
    let (found, certain, notes, sources) =
        (maybe("found_by")?, maybe("certainty")?, maybe("notes")?, maybe("sources")?);
    let (titles, urls, stated, sites) =
        (maybe("article_title")?, maybe("article_url")?, maybe("stated_count")?, maybe("site")?);
    let mut places: HashMap<String, usize> =
        study.threads.iter().enumerate().map(|(at, thread)| (thread.thread.id.clone(), at)).collect();
    let mut order = Vec::new();
    for (row, id) in sheet.column("thread_id")?.into_iter().enumerate() {
        let Some(id) = id else { continue };
        let new = study.threads.len();
        let at = *places.entry(id.clone()).or_insert(new);
        if at == new {
            let thread = Thread { id, site: sites[row].clone().unwrap_or_default(), ..Thread::default() };
            study.threads.push(CodedThread { thread, comments: Vec::new() });
        }
        let thread = &mut study.threads[at].thread;
        let list = |cell: &Option<String>| -> Vec<String> {
            cell.iter().flat_map(|cell| cell.split(" | ")).map(str::to_owned).collect()
        };
        thread.found_by = found[row].as_deref().and_then(FoundBy::named).unwrap_or_default();
        thread.certainty = certain[row].as_deref().and_then(Certainty::named).unwrap_or_default();
        thread.notes = list(&notes[row]);
        thread.sources = list(&sources[row]);
        thread.article.title = thread.article.title.take().or_else(|| titles[row].clone());
        thread.article.url = thread.article.url.take().or_else(|| urls[row].clone());
        order.push(at);
        thread.stated_count = thread.stated_count.or_else(|| stated[row].as_deref().and_then(|cell| cell.parse().ok()));
    }
    // Threads without comments stand where they stood.
    let rank: HashMap<usize, usize> = order.into_iter().enumerate().map(|(rank, at)| (at, rank)).collect();
    let mut placed: Vec<(usize, CodedThread)> = std::mem::take(&mut study.threads)
        .into_iter()
        .enumerate()
        .map(|(at, thread)| (rank.get(&at).copied().unwrap_or(usize::MAX), thread))
        .collect();
    placed.sort_by_key(|(rank, _)| *rank);
    study.threads = placed.into_iter().map(|(_, thread)| thread).collect();
    Ok(())
}

fn failures(sheet: &Sheet) -> Result<Vec<Failure>, SheetError> {
    let (sources, mut urls) = (sheet.maybe("source")?, sheet.maybe("url")?);
    let (stages, mut reasons, mut messages) = (sheet.maybe("stage")?, sheet.maybe("reason")?, sheet.maybe("message")?);
    let row = |(row, source): (usize, Option<String>)| Failure {
        source: source.unwrap_or_default(),
        url: urls[row].take(),
        stage: stages[row].as_deref().and_then(Stage::named).unwrap_or(Stage::Parse),
        reason: reasons[row].take().unwrap_or_default(),
        message: messages[row].take().unwrap_or_default(),
    };
    Ok(sources.into_iter().enumerate().map(row).collect())
}

/// A number as tables have it, with a comma in a French spreadsheet's.
fn number(cell: Option<&str>) -> Option<f64> {
    cell?.replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_on_one_line_are_found_in_the_text() {
        let text = "Non, non\n\net  encore non 🙄 !";
        assert_eq!(words(text, "non et encore").unwrap().of(text), "non\n\net  encore");
        assert_eq!(words(text, "non 🙄 !").unwrap().of(text), "non 🙄 !");
        let alone = words("Une revolution : quel vol !", "vol").unwrap();
        assert_eq!(alone.start, "Une revolution : quel ".len());
        assert_eq!(words("revolution", "vol").unwrap().start, 2);
        assert_eq!(words(text, "oui"), None);
        assert_eq!(words(text, " "), None);
    }
}
