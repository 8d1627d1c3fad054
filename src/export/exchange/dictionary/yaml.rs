//! Keys and words of a dictionary in YAML, as they are written: `no` and `007` are words.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

/// A key that holds words, with the keys above it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// The keys from the top.
    pub(super) path: Vec<String>,
    /// The words below it.
    pub(super) words: Vec<String>,
}

/// A line, from 1, and what is wrong there.
pub(super) type Fault = (usize, String);

/// What is open at a place of the file.
enum Level {
    /// Keys with what they hold; the key whose value comes next.
    Keys(Option<String>),
    /// A list.
    List,
}

/// The keys that hold words or nothing, in order.
pub(super) fn read(yaml: &str) -> Result<Vec<Entry>, Fault> {
    let mut reading = Reading::default();
    for event in Parser::new_from_str(yaml.trim_start_matches('\u{feff}')) {
        let (event, span) = event.map_err(|error| broken(&error))?;
        reading.take(event).map_err(|reason| (span.start.line(), reason))?;
    }
    Ok(reading.entries)
}

fn broken(error: &ScanError) -> Fault {
    (error.marker().line(), format!("not YAML: {}", error.info()))
}

#[derive(Default)]
struct Reading {
    levels: Vec<Level>,
    entries: Vec<Entry>,
    places: HashMap<Vec<String>, usize>,
}

impl Reading {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, ..) => {
                let nothing = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null");
                self.scalar(&text, nothing)
            }
            Event::MappingStart(..) => self.open(Level::Keys(None)),
            Event::SequenceStart(..) => {
                self.open(Level::List)?;
                self.entry().map(|_| ())
            }
            Event::MappingEnd | Event::SequenceEnd => {
                self.levels.pop();
                self.value_is_over();
                Ok(())
            }
            Event::Alias(_) => Err("an alias (*name) stands for other words; write the words themselves".to_owned()),
            _ => Ok(()),
        }
    }

    fn open(&mut self, level: Level) -> Result<(), String> {
        if let Some(Level::Keys(None)) = self.levels.last() {
            return Err(
                "a key is a list or has keys of its own; write one word or several in quotation marks".to_owned()
            );
        }
        self.levels.push(level);
        Ok(())
    }

    fn scalar(&mut self, text: &str, nothing: bool) -> Result<(), String> {
        if let Some(Level::Keys(key @ None)) = self.levels.last_mut() {
            *key = Some(text.to_owned());
            return Ok(());
        }
        let entry = self.entry()?;
        if !nothing {
            entry.words.push(text.to_owned());
        }
        self.value_is_over();
        Ok(())
    }

    fn value_is_over(&mut self) {
        if let Some(Level::Keys(key)) = self.levels.last_mut() {
            *key = None;
        }
    }

    /// The entry of the key that is open.
    fn entry(&mut self) -> Result<&mut Entry, String> {
        let keys = self.levels.iter().filter_map(|level| match level {
            Level::Keys(key) => key.clone(),
            Level::List => None,
        });
        let path: Vec<String> = keys.collect();
        if path.is_empty() {
            return Err("words without a key; write `key:` above them".to_owned());
        }
        let at = *self.places.entry(path).or_insert_with_key(|path| {
            self.entries.push(Entry { path: path.clone(), words: Vec::new() });
            self.entries.len() - 1
        });
        Ok(&mut self.entries[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(yaml: &str) -> Result<Vec<(String, String)>, Fault> {
        let entries = read(yaml)?;
        Ok(entries.into_iter().map(|entry| (entry.path.join(">"), entry.words.join("|"))).collect())
    }

    #[test]
    fn keys_and_words_are_read_as_they_are_written() {
        let yaml = "# comment\neconomy:\n  tax: [tax*, 'no', 007]\n  jobs:\n    - work\n    - \"job loss\"\nempty:\none: word\n\
            mixed:\n- loose\n- deep: [x]\n";
        let expected = [
            ("economy>tax", "tax*|no|007"),
            ("economy>jobs", "work|job loss"),
            ("empty", ""),
            ("one", "word"),
            ("mixed", "loose"),
            ("mixed>deep", "x"),
        ];
        assert_eq!(shown(yaml).unwrap(), expected.map(|(path, words)| (path.to_owned(), words.to_owned())));
    }

    #[test]
    fn faults_have_their_line() {
        for (yaml, line, reason) in [
            ("a: [x]\n- b", 2, "not YAML"),
            ("- a\n- b", 1, "without a key"),
            ("word", 1, "without a key"),
            ("a: &x [b]\nc: *x", 2, "an alias"),
            ("a: [x]\n? [b]\n: c", 2, "a key is a list"),
            ("a: \"b", 1, "not YAML"),
        ] {
            let (at, why) = read(yaml).unwrap_err();
            assert!(why.contains(reason), "{yaml:?}: {why}");
            assert_eq!(at, line, "{yaml:?}: {why}");
        }
        assert_eq!(read(""), Ok(Vec::new()));
    }
}
