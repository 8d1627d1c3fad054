use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use thiserror::Error;

use crate::hand::Question;
use crate::model::{Key, POLARITY};
use crate::table::{Sheet, SheetError};

/// A column of numbers with more values than this is cut into quarters.
const MOST_NUMBERS: usize = 12;
/// What a group is called whose comments have no value.
pub const UNKNOWN: &str = "unknown";

/// Why a table is not one of coded comments.
#[derive(Debug, Error)]
pub enum PopulationError {
    /// A column is missing, or cannot be read.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// No comment that could be coded.
    #[error("{path}: no comment with words in this table; there is nothing to draw from")]
    Empty {
        /// The table.
        path: PathBuf,
    },
}

/// The comments that were fetched and can be coded: those with words that are not deleted. What a sample is drawn from, and what
/// shares are shares of.
#[derive(Debug)]
pub struct Population {
    /// The comments, in the table's order.
    pub comments: Vec<Member>,
    /// What the machine was asked: `polarity` if the table has it, then its codes.
    pub questions: Vec<Question>,
    /// Rows that are no unit: deleted comments and those without words.
    pub left_out: Vec<Key>,
    rows: Vec<usize>,
    places: HashMap<Key, usize>,
    sheet: Sheet,
}

/// A comment of the population.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// Which comment it is.
    pub key: Key,
    /// Its words.
    pub text: String,
    /// The comment it answers.
    pub parent: Option<Key>,
    /// Headline of the article.
    pub article_title: Option<String>,
    /// When it was posted, ISO 8601.
    pub posted_at: Option<String>,
    /// Who wrote it, as the table shows people.
    pub author: Option<String>,
    /// Levels below the article.
    pub depth: Option<u32>,
    /// For each of [`Population::questions`] the place of the machine's answer among its values; empty where it gave none.
    pub machine: Vec<Option<usize>>,
}

impl Population {
    /// Reads a table of comments, such as `causerie analyze` writes. Columns beyond those of causerie that hold nothing but 1 and 0
    /// are codes.
    ///
    /// # Errors
    /// [`PopulationError`] if it lacks thread_id, comment_id or text, a row lacks its ids or a comment is in it twice, or none has words.
    pub fn of(sheet: Sheet) -> Result<Self, PopulationError> {
        let (keys, texts) = (sheet.keys()?, sheet.column("text")?);
        let (mut titles, mut posted) = (sheet.maybe("article_title")?, sheet.maybe("posted_at")?);
        let (mut authors, mut parents) = (sheet.maybe("author")?, sheet.maybe("reply_to")?);
        let (states, depths) = (sheet.maybe("state")?, sheet.maybe("depth")?);
        let (questions, answers) = machine(&sheet)?;
        let (mut comments, mut left_out, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for (row, (key, text)) in keys.into_iter().zip(texts).enumerate() {
            let has_words = |text: &String| !text.trim().is_empty() && states[row].as_deref() != Some("deleted");
            let Some(text) = text.filter(has_words) else {
                left_out.push(key);
                continue;
            };
            rows.push(row);
            let parent = parents[row].take();
            comments.push(Member {
                parent: parent.map(|comment_id| Key { thread_id: key.thread_id.clone(), comment_id }),
                text,
                article_title: titles[row].take(),
                posted_at: posted[row].take(),
                author: authors[row].take(),
                depth: depths[row].as_deref().and_then(|depth| depth.parse().ok()),
                machine: answers.iter().map(|answers| answers[row]).collect(),
                key,
            });
        }
        if comments.is_empty() {
            return Err(PopulationError::Empty { path: sheet.path().to_owned() });
        }
        let places = comments.iter().enumerate().map(|(at, member)| (member.key.clone(), at)).collect();
        Ok(Self { comments, questions, left_out, rows, places, sheet })
    }

    /// The table it was read from.
    pub fn sheet(&self) -> &Sheet {
        &self.sheet
    }

    /// The comment of that key.
    pub fn get(&self, key: &Key) -> Option<&Member> {
        self.place(key).map(|at| &self.comments[at])
    }

    /// Its place among [`Self::comments`].
    pub fn place(&self, key: &Key) -> Option<usize> {
        self.places.get(key).copied()
    }

    /// The comments by any column of the table: `sentiment` stands for `polarity`, `confidence` for `polarity_confidence`, `day` for
    /// the first ten characters of posted_at, `activity` for how many comments the table has of the author. A number with many
    /// values is cut into quarters. One group a comment, `unknown` where there is no value.
    ///
    /// # Errors
    /// [`SheetError::Missing`] names the columns there are.
    pub fn groups(&self, by: &str) -> Result<Vec<String>, SheetError> {
        let known = |group: Option<String>| group.unwrap_or_else(|| UNKNOWN.to_owned());
        match by {
            "thread" => return Ok(self.comments.iter().map(|member| member.key.thread_id.clone()).collect()),
            "day" => {
                let day = |member: &Member| Some(member.posted_at.as_deref()?.get(..10)?.to_owned());
                return Ok(self.comments.iter().map(|member| known(day(member))).collect());
            }
            "activity" => return Ok(self.activity()),
            "depth" => {
                let depth = |member: &Member| {
                    member.depth.map(|depth| if depth < 3 { depth.to_string() } else { "3+".to_owned() })
                };
                return Ok(self.comments.iter().map(|member| known(depth(member))).collect());
            }
            _ => {}
        }
        let column = match by {
            "sentiment" => POLARITY,
            "confidence" => "polarity_confidence",
            other => other,
        };
        let cells = self.sheet.column(column)?;
        let cells: Vec<Option<String>> = self.rows.iter().map(|row| cells[*row].clone()).collect();
        Ok(quarters(&cells).unwrap_or_else(|| cells.into_iter().map(known).collect()))
    }

    /// How many comments the table has of each comment's author: `1`, `2-4`, `5+`.
    fn activity(&self) -> Vec<String> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for author in self.comments.iter().filter_map(|member| member.author.as_deref()) {
            *counts.entry(author).or_default() += 1;
        }
        let group = |member: &Member| match member.author.as_deref().map(|author| counts[author]) {
            None => UNKNOWN,
            Some(1) => "1",
            Some(2..=4) => "2-4",
            Some(_) => "5+",
        };
        self.comments.iter().map(|member| group(member).to_owned()).collect()
    }
}

/// What the machine said to a question, by row, as places among its values.
type ByRow = Vec<Option<usize>>;

/// What the machine said: the questions, and for each the answers by row.
fn machine(sheet: &Sheet) -> Result<(Vec<Question>, Vec<ByRow>), SheetError> {
    let (mut questions, mut answers) = (Vec::new(), Vec::new());
    let mut add = |question: Question, cells: &[Option<String>]| {
        let place = |cell: &Option<String>| {
            let value = question.value(cell.as_deref()?)?;
            question.values.iter().position(|known| known == value)
        };
        answers.push(cells.iter().map(place).collect::<Vec<_>>());
        questions.push(question);
    };
    if sheet.has(POLARITY) {
        add(Question::polarity(), &sheet.column(POLARITY)?);
    }
    for name in sheet.codes() {
        add(Question::named(&name), &sheet.column(&name)?);
    }
    Ok((questions, answers))
}

/// Numbers with many values as the quarter they lie in, `2. 0.41-0.73`; nothing where the cells are no such numbers.
fn quarters(cells: &[Option<String>]) -> Option<Vec<String>> {
    let number = |cell: &String| cell.parse::<f64>().ok().filter(|x| x.is_finite());
    let mut sorted: Vec<f64> = cells.iter().flatten().map(number).collect::<Option<_>>()?;
    sorted.sort_by(f64::total_cmp);
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    let mut borders: Vec<f64> = (1..4).map(|quarter| sorted[quarter * sorted.len() / 4]).collect();
    borders.dedup();
    sorted.dedup();
    if sorted.len() <= MOST_NUMBERS {
        return None;
    }
    let name = |x: f64| {
        let at = borders.partition_point(|border| *border <= x);
        let low = if at == 0 { first } else { borders[at - 1] };
        format!("{}. {low}-{}", at + 1, borders.get(at).unwrap_or(&last))
    };
    let named = |cell: &Option<String>| cell.as_ref().and_then(number).map_or_else(|| UNKNOWN.to_owned(), name);
    Some(cells.iter().map(named).collect())
}

/// The groups there are, each with its members' places, in the order of their names.
pub(super) fn by_group(groups: &[String]) -> BTreeMap<&str, Vec<usize>> {
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        members.entry(group).or_default().push(at);
    }
    members
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn population(csv: &str) -> Result<Population, PopulationError> {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        std::fs::write(file.path(), csv).unwrap();
        Population::of(Sheet::read(Path::new(file.path())).unwrap())
    }

    #[test]
    fn codes_are_columns_of_ones_and_noughts() {
        let made = population(
            "thread_id,comment_id,text,state,polarity,hope,votes,irony,note\n\
             t1,c1,oui,visible,negative,1,1,0,x\nt1,c2,non,visible,,0,0,,1\nt1,c3,,deleted,,,,,\n",
        )
        .unwrap();
        let names: Vec<&str> = made.questions.iter().map(|question| question.name.as_str()).collect();
        assert_eq!((names, made.left_out.len()), (vec!["polarity", "hope", "irony"], 1));
        assert_eq!(made.comments[0].machine, [Some(0), Some(1), Some(0)]);
        assert_eq!(made.comments[1].machine, [None, Some(0), None]);
    }

    #[test]
    fn groups_are_columns_days_depths_and_authors() {
        let row = |at: usize| {
            format!("t1,c{at},mot,2026-01-{:02}T10:00:00Z,a{},{},0.{:02}", 1 + at % 2, at % 11, at % 5, at + 10)
        };
        let rows: Vec<String> = (0..20).map(row).collect();
        let head = "thread_id,comment_id,text,posted_at,author,depth,polarity_confidence";
        let made = population(&format!("{head}\n{}\n", rows.join("\n"))).unwrap();
        let names = |by: &str| -> Vec<String> {
            by_group(&made.groups(by).unwrap()).into_iter().map(|(name, of)| format!("{name}: {}", of.len())).collect()
        };
        assert_eq!(names("day"), ["2026-01-01: 10", "2026-01-02: 10"]);
        assert_eq!(names("depth"), ["0: 4", "1: 4", "2: 4", "3+: 8"]);
        assert_eq!(names("activity"), ["1: 2", "2-4: 18"]);
        assert_eq!(names("confidence").iter().map(|name| &name[name.len() - 1..]).collect::<Vec<_>>(), ["5"; 4]);
        assert!(made.groups("colour").unwrap_err().to_string().contains("polarity_confidence"));
    }

    #[test]
    fn what_is_no_key_is_named() {
        let error = population("thread_id,comment_id,text\nt1,,a\n").unwrap_err().to_string();
        assert!(error.contains("row 1: no comment_id"), "{error}");
        let error = population("thread_id,comment_id,text\nt1,c1,a\nt1,c1,b\n").unwrap_err().to_string();
        assert!(error.contains("row 2") && error.contains("c1"), "{error}");
        assert!(
            population("thread_id,comment_id,text\nt1,c1,\n")
                .unwrap_err()
                .to_string()
                .contains("no comment with words")
        );
    }
}
