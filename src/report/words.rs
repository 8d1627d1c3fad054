use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::charts::{Language, fill};

/// In order: the same report is the same file.
type Words = HashMap<String, BTreeMap<String, String>>;

fn parsed(toml: &str) -> Words {
    toml::from_str(toml).expect("a test reads the words of the report")
}

static REPORT: LazyLock<Words> = LazyLock::new(|| parsed(include_str!("../../data/report/words/report.toml")));
static READER: LazyLock<Words> = LazyLock::new(|| parsed(include_str!("../../data/report/words/reader.toml")));

/// A word or sentence of the report; one that is not there shows its key, and a test finds it.
pub(super) fn say(language: Language, key: &str) -> &'static str {
    let found = REPORT.get(language.tag()).and_then(|words| words.get(key));
    found.map_or("", String::as_str)
}

/// A sentence with its places filled in.
pub(super) fn filled(language: Language, key: &str, values: &[(&str, &str)]) -> String {
    fill(say(language, key), values)
}

/// All words of the reader.
pub(super) fn reader(language: Language) -> &'static BTreeMap<String, String> {
    static NONE: BTreeMap<String, String> = BTreeMap::new();
    READER.get(language.tag()).unwrap_or(&NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_all_there_is_to_say() {
        for words in [&*REPORT, &*READER] {
            let keys = |tag: &str| {
                let mut keys: Vec<&String> = words[tag].keys().collect();
                keys.sort();
                keys
            };
            assert_eq!(keys("en"), keys("fr"));
        }
    }
}
