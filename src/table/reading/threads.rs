use std::collections::HashMap;

use super::columns::{Columns, Field};
use super::moments::{formatted, moment};
use crate::model::{Author, Certainty, Comment, CommentState, FoundBy, Link, Quote, ReplyBasis, Span, Thread};
use crate::table::code_points::of_code_points;
use crate::table::{Sheet, SheetError};

/// What rows are that name no thread, in a table that has no column for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ungrouped {
    /// Each a thread of its own.
    Alone,
    /// Together one thread.
    Together,
}

/// The rows of a table of comments as threads.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadThreads {
    /// The threads, in the order they begin.
    pub threads: Vec<Thread>,
    /// For each thread the rows of its comments, first = 0.
    pub rows: Vec<Vec<usize>>,
    /// Dates that could not be read, and are left out.
    pub undated: usize,
    /// Comments whose text without what `quotes` says is not their `own_text`: their quotes are left out.
    pub misquoted: usize,
}

impl ReadThreads {
    /// Reads a table of comments: which column holds what say `columns`; those of causerie's that have other facts (state, depth,
    /// counts …) are used where they are there. A row without a thread stands alone.
    ///
    /// # Errors
    /// [`SheetError::Missing`] without texts, [`SheetError::Twice`] for two comments of one id in a thread.
    pub fn of(sheet: &Sheet, columns: &Columns, ungrouped: Ungrouped) -> Result<Self, SheetError> {
        let is_ours = columns.form.as_deref() == Some("causerie");
        let texts = sheet.column(columns.of(Field::Text).unwrap_or(Field::Text.as_str()))?;
        let cells = |field| columns.cells(sheet, field);
        let (thread_ids, ids, parents) = (cells(Field::ThreadId)?, cells(Field::CommentId)?, cells(Field::ReplyTo)?);
        let (authors, posted) = (cells(Field::Author)?, cells(Field::PostedAt)?);
        let (votes, permalinks) = (cells(Field::Votes)?, cells(Field::Permalink)?);
        let facts = Facts::of(sheet, columns)?;
        let has_threads = columns.of(Field::ThreadId).is_some_and(|name| sheet.has(name));
        let together = !has_threads && ungrouped == Ungrouped::Together;
        let as_id = |id: &str, letter: char| if is_ours { id.to_owned() } else { lettered(id, letter) };

        let mut made = Self::default();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut first: HashMap<(usize, String), usize> = HashMap::new();
        for (row, text) in texts.into_iter().enumerate() {
            let thread_id = match &thread_ids[row] {
                Some(id) => Some(as_id(id, 't')),
                None => together.then(|| "t1".to_owned()),
            };
            let new = made.threads.len();
            let at = thread_id.as_ref().map_or(new, |id| *places.entry(id.clone()).or_insert(new));
            if at == new {
                made.threads.push(Thread { id: thread_id.unwrap_or_default(), ..Thread::default() });
                made.rows.push(Vec::new());
            }
            facts.add(&mut made.threads[at], row);
            if facts.kinds[row].as_deref() == Some(ARTICLE) {
                made.threads[at].article.body = made.threads[at].article.body.take().or(text);
                continue;
            }
            let id = ids[row].as_deref().map_or_else(|| format!("crow{}", row + 1), |id| as_id(id, 'c'));
            if let Some(first) = first.insert((at, id.clone()), row) {
                return Err(SheetError::Twice {
                    path: sheet.path().to_owned(),
                    row: row + 1,
                    first: first + 1,
                    thread: made.threads[at].id.clone(),
                    comment: id,
                });
            }
            let posted_at = posted[row].as_deref().and_then(|cell| {
                let spelt = columns.date_format.as_deref().and_then(|form| formatted(cell, form));
                spelt.or_else(|| moment(cell, facts.precisions[row].as_deref()))
            });
            made.undated += usize::from(posted[row].is_some() && posted_at.is_none());
            let text = text.unwrap_or_default();
            let quotes = facts.quotes(row, &text);
            made.misquoted += usize::from(quotes.is_none());
            made.threads[at].comments.push(Comment {
                id,
                reply_to: parents[row].as_deref().map(|parent| as_id(parent, 'c')),
                author: authors[row].clone().map(|name| Author { name, avatar: None }),
                posted_at,
                quotes: quotes.unwrap_or_default(),
                text,
                votes: votes[row].as_deref().and_then(whole),
                permalink: permalinks[row].clone(),
                ..facts.comment(row)
            });
            made.rows[at].push(row);
        }
        if !is_ours {
            made.threads.iter_mut().for_each(settle);
        }
        Ok(made)
    }
}

/// What other programs leave to be worked out: what answers the thread itself answers no comment; depths; where it comes from.
fn settle(thread: &mut Thread) {
    let named_so = format!("c{}", thread.id.strip_prefix('t').unwrap_or(&thread.id));
    let ids: Vec<&str> = thread.comments.iter().map(|comment| comment.id.as_str()).collect();
    let has_root = ids.contains(&named_so.as_str()) || ids.contains(&thread.id.as_str());
    // Nobody who answers another: the table does not say that all answer the article.
    let is_told = thread.comments.iter().any(|comment| comment.reply_to.is_some());
    for comment in &mut thread.comments {
        let answers_thread = |parent: &String| *parent == named_so || *parent == thread.id;
        comment.reply_to =
            comment.reply_to.take().filter(|parent| *parent != comment.id && (has_root || !answers_thread(parent)));
        comment.reply_basis = comment.reply_to.as_ref().map(|_| ReplyBasis::Stated);
        comment.depth = (is_told && comment.reply_to.is_none()).then_some(0);
    }
    thread.derive_depths();
    (thread.site, thread.found_by, thread.certainty) = ("table".to_owned(), FoundBy::Structured, Certainty::High);
}

/// An id that no spreadsheet takes for a number.
fn lettered(id: &str, letter: char) -> String {
    let id = id.trim();
    // A column of whole numbers with gaps, as pandas writes it.
    let id = id.strip_suffix(".0").filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or(id);
    if id.starts_with(|c: char| c.is_ascii_alphabetic()) { id.to_owned() } else { format!("{letter}{id}") }
}

/// A whole number, as some tables write it: `12`, `12.0`.
fn whole(cell: &str) -> Option<i64> {
    cell.strip_suffix(".0").unwrap_or(cell).parse().ok()
}

/// What a row of 4CAT is that holds an article.
const ARTICLE: &str = "article";

/// What causerie's own tables say beside.
struct Facts {
    kinds: Cells,
    precisions: Cells,
    states: Cells,
    depths: Cells,
    bases: Cells,
    edited: Cells,
    edited_at: Cells,
    quotes: Cells,
    /// None in a table without them.
    own_texts: Option<Cells>,
    links: Cells,
    titles: Cells,
    bylines: Cells,
    published: Cells,
    urls: Cells,
    bodies: Cells,
    stated: Cells,
    sites: Cells,
    fetched: Cells,
    sources: Cells,
}

type Cells = Vec<Option<String>>;

impl Facts {
    fn of(sheet: &Sheet, columns: &Columns) -> Result<Self, SheetError> {
        // causerie's own tables for 4CAT begin each thread with the article.
        let is_handed_back = columns.form.as_deref() == Some("4CAT, by causerie");
        let is_own = columns.has_facts && columns.of(Field::Text) == Some(Field::Text.as_str());
        // In a table of somebody else's a column of the same name may mean something else.
        let ours = |name| if columns.has_facts { sheet.maybe(name) } else { Ok(vec![None; sheet.rows()]) };
        Ok(Self {
            kinds: if is_handed_back { sheet.maybe("type")? } else { vec![None; sheet.rows()] },
            precisions: ours("posted_precision")?,
            states: ours("state")?,
            depths: ours("depth")?,
            bases: ours("reply_basis")?,
            edited: ours("edited")?,
            edited_at: ours("edited_at")?,
            quotes: ours("quotes")?,
            own_texts: (is_own && sheet.has("own_text")).then(|| ours("own_text")).transpose()?,
            links: ours("links")?,
            titles: columns.cells(sheet, Field::ArticleTitle)?,
            bylines: ours("article_author")?,
            published: ours("article_published_at")?,
            urls: columns.cells(sheet, Field::ArticleUrl)?,
            bodies: ours("article_body")?,
            stated: ours("stated_count")?,
            sites: ours("site")?,
            fetched: ours("fetched_at")?,
            sources: ours("source")?,
        })
    }

    fn comment(&self, row: usize) -> Comment {
        let cell = |cells: &Cells| cells[row].clone();
        Comment {
            state: cell(&self.states).and_then(|word| CommentState::named(&word)).unwrap_or_default(),
            depth: cell(&self.depths).and_then(|depth| depth.parse().ok()),
            reply_basis: cell(&self.bases).and_then(|word| ReplyBasis::named(&word)),
            edited: cell(&self.edited).as_deref() == Some("1"),
            edited_at: cell(&self.edited_at).and_then(|at| moment(&at, None)),
            // Which words led there is not in tables.
            links: cell(&self.links)
                .iter()
                .flat_map(|urls| urls.split_whitespace())
                .map(|url| Link { span: Span::new(0, 0), url: url.to_owned() })
                .collect(),
            ..Comment::default()
        }
    }

    /// Where in the row's text others' words stand; none where what is left then is not the row's own text: somebody changed one of them,
    /// or took the column out.
    fn quotes(&self, row: usize, text: &str) -> Option<Vec<Quote>> {
        let Some(own_texts) = &self.own_texts else { return Some(Vec::new()) };
        let cell = self.quotes[row].as_deref().unwrap_or_default();
        let points = cell.split_whitespace().map(|place| {
            let (start, end) = place.split_once("..")?;
            Some((start.parse().ok()?, end.parse().ok()?))
        });
        let spans = of_code_points(text, points.collect::<Option<Vec<_>>>()?)?;
        let mut left = String::with_capacity(text.len());
        let mut at = 0;
        for span in &spans {
            left.push_str(&text[at..span.start]);
            at = span.end;
        }
        left.push_str(&text[at..]);
        let own = own_texts[row].as_deref().unwrap_or_default();
        let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
        let fits = letters(&left) == letters(own);
        fits.then(|| spans.into_iter().map(|span| Quote { span, author: None }).collect())
    }

    /// What each row says of its thread; the first row that says it counts.
    fn add(&self, thread: &mut Thread, row: usize) {
        let fill = |field: &mut Option<String>, cells: &Cells| {
            if field.is_none() {
                field.clone_from(&cells[row]);
            }
        };
        let article = &mut thread.article;
        fill(&mut article.title, &self.titles);
        fill(&mut article.author, &self.bylines);
        fill(&mut article.url, &self.urls);
        fill(&mut article.body, &self.bodies);
        let read = |cells: &Cells| cells[row].as_deref().and_then(|cell| moment(cell, None));
        article.published_at = article.published_at.take().or_else(|| read(&self.published));
        thread.fetched_at = thread.fetched_at.take().or_else(|| read(&self.fetched));
        thread.stated_count =
            thread.stated_count.or_else(|| self.stated[row].as_deref().and_then(|cell| cell.parse().ok()));
        if let Some(source) = self.sources[row].as_ref().filter(|_| thread.sources.is_empty()) {
            thread.sources.push(source.clone());
        }
        if let Some(site) = self.sites[row].as_ref().filter(|_| thread.site.is_empty()) {
            thread.site.clone_from(site);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(csv: &str, ungrouped: Ungrouped) -> Result<ReadThreads, SheetError> {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        std::fs::write(file.path(), csv).unwrap();
        let sheet = Sheet::read(file.path()).unwrap();
        ReadThreads::of(&sheet, &Columns::recognised(&sheet, &[])?, ungrouped)
    }

    #[test]
    fn a_table_of_4cat_is_threads() {
        let made = read(
            "id,thread_id,author,body,timestamp\n10,10,Zoé,\"Un,\ndeux\",2024-04-03 06:55:00\n11,10,,Trois,soon\n",
            Ungrouped::Alone,
        )
        .unwrap();
        let [thread] = &made.threads[..] else { panic!("{made:?}") };
        assert_eq!((thread.id.as_str(), thread.site.as_str(), made.undated), ("t10", "table", 1));
        assert_eq!(thread.comments[0].id, "c10");
        assert_eq!(thread.comments[0].posted_at.as_ref().unwrap().iso, "2024-04-03T06:55:00");
        assert_eq!((thread.comments[1].text.as_str(), &thread.comments[1].author), ("Trois", &None));
    }

    #[test]
    fn parents_lead_to_depths_and_the_thread_is_no_comment() {
        let head = "tree_id,post_id,parent_id,author_id,text,created_at\n";
        let made =
            read(&format!("{head}1,5,1,a,x,\n1,6,5,b,y,\n1,7,6.0,c,z,\n1,8,99,d,w,\n"), Ungrouped::Alone).unwrap();
        let comments = &made.threads[0].comments;
        let told: Vec<_> = comments.iter().map(|comment| (comment.reply_to.as_deref(), comment.depth)).collect();
        assert_eq!(told[..2], [(None, Some(0)), (Some("c5"), Some(1))]);
        // What answers a comment that is not there keeps its name.
        assert_eq!(told[3], (Some("c99"), None));
    }

    #[test]
    fn rows_without_a_thread_stand_alone_or_together() {
        let csv = "text\na\nb\n";
        assert_eq!(read(csv, Ungrouped::Alone).unwrap().threads.len(), 2);
        assert_eq!(read(csv, Ungrouped::Together).unwrap().rows, [vec![0, 1]]);
    }

    #[test]
    fn the_same_id_twice_is_told_by_row() {
        let error = read("thread_id,id,text\n1,2,a\n1,2,b\n", Ungrouped::Alone).unwrap_err().to_string();
        assert!(error.contains("row 2") && error.contains("row 1 already"), "{error}");
    }
}
