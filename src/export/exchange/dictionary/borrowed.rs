//! A codebook of a dictionary's words.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use super::super::ExchangeError;
use super::yaml::{self, Entry};
use crate::codebook::{Codebook, CodebookError};
use crate::text::fold;

/// Keys that stand for languages, where all keys beside them do, too: the languages causerie tells apart.
const LANGUAGES: [&str; 17] =
    ["any", "ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "nl", "pt", "ru", "sv", "tr", "vi", "zh"];

/// A codebook made of a dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Borrowed {
    /// The codebook, as [`Codebook::parse`] takes it.
    pub toml: String,
    /// What was left out or renamed, and why; the file says it, too.
    pub remarks: Vec<String>,
}

/// A codebook of the words in a quanteda dictionary, in YAML. `file` is what messages call it, `name` becomes the
/// codebook's.
///
/// A key that holds words becomes a code: keys in keys are joined by `_` and written in a-z, 0-9 and `_`. Keys `fr`, `en` …
/// below a key, and nothing else beside them, become the languages of its patterns; other words count in any language.
/// Words in the middle of which a `*` or `?` stands cannot be said in a codebook: they are left out, with a remark.
///
/// # Errors
///
/// [`ExchangeError::NoDictionary`] with line and reason if it is no YAML, or its words stand below no key;
/// [`ExchangeError::NothingLeft`] if a codebook can say none of its words.
pub fn codebook_of(file: &str, name: &str, yaml: &str) -> Result<Borrowed, ExchangeError> {
    let entries = yaml::read(yaml).map_err(|(line, reason)| ExchangeError::NoDictionary {
        file: file.to_owned(),
        line: line.max(1),
        reason,
    })?;
    let mut made = Borrowing::default();
    let mixed = mixed(&entries);
    for entry in &entries {
        made.add(entry, &mixed);
    }
    made.leave_out_empty_ones();
    if made.codes.is_empty() {
        return Err(ExchangeError::NothingLeft { file: file.to_owned(), remarks: made.remarks });
    }
    let toml = made.toml(file, name);
    Codebook::parse(file, &toml)?;
    Ok(Borrowed { toml, remarks: made.remarks })
}

/// The keys below which not all keys are languages with their words.
fn mixed(entries: &[Entry]) -> HashSet<&[String]> {
    let mut mixed = HashSet::new();
    for path in entries.iter().map(|entry| entry.path.as_slice()) {
        let languages = path.len() - usize::from(path.last().is_some_and(|key| LANGUAGES.contains(&key.as_str())));
        mixed.extend((0..path.len()).filter(|depth| *depth != languages).map(|depth| &path[..depth]));
    }
    mixed.insert(&[]);
    mixed
}

struct Code {
    name: String,
    path: Vec<String>,
    /// By language, in order.
    patterns: Vec<(String, Vec<String>)>,
}

impl Code {
    fn add(&mut self, language: &str, word: &str) {
        match self.patterns.iter_mut().find(|(known, _)| known == language) {
            Some((_, words)) => words.push(word.to_owned()),
            None => self.patterns.push((language.to_owned(), vec![word.to_owned()])),
        }
    }
}

#[derive(Default)]
struct Borrowing {
    codes: Vec<Code>,
    names: HashSet<String>,
    places: HashMap<Vec<String>, usize>,
    remarks: Vec<String>,
}

impl Borrowing {
    fn add(&mut self, entry: &Entry, mixed: &HashSet<&[String]>) {
        let (path, language) = match entry.path.split_last() {
            Some((language, above)) if !mixed.contains(above) => (above, language.as_str()),
            _ => (entry.path.as_slice(), "any"),
        };
        let code = self.code(path);
        let code = &mut self.codes[code];
        for word in &entry.words {
            match fault_of(word) {
                None => code.add(language, word),
                Some(reason) => self.remarks.push(format!("{}: \"{}\" {reason}", code.name, on_one_line(word))),
            }
        }
    }

    fn code(&mut self, path: &[String]) -> usize {
        if let Some(known) = self.places.get(path) {
            return *known;
        }
        let name = self.free_name(path);
        self.codes.push(Code { name, path: path.to_vec(), patterns: Vec::new() });
        self.places.insert(path.to_vec(), self.codes.len() - 1);
        self.codes.len() - 1
    }

    /// A name that no other code has, and no column of the tables.
    fn free_name(&mut self, path: &[String]) -> String {
        let snake = snake_case(&path.join("_"));
        let begins = snake.starts_with(|c: char| c.is_ascii_lowercase());
        let wanted =
            if begins && refused(&snake, "word word").is_none() { snake.clone() } else { format!("code_{snake}") };
        let mut name = wanted.clone();
        let mut number = 2;
        while !self.names.insert(name.clone()) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        if name != snake {
            self.remarks.push(format!("{name}: the code of {}; `{snake}` is no name, or taken", shown(path)));
        }
        name
    }

    fn leave_out_empty_ones(&mut self) {
        let (kept, empty): (Vec<Code>, Vec<Code>) =
            std::mem::take(&mut self.codes).into_iter().partition(|code| !code.patterns.is_empty());
        self.codes = kept;
        self.remarks
            .extend(empty.iter().map(|code| format!("{}: no code, as there are no words for it", shown(&code.path))));
    }

    fn toml(&self, file: &str, name: &str) -> String {
        let name = if name.trim().is_empty() { "dictionary" } else { name };
        let mut toml = format!(
            "# Codebook of the dictionary {}. Write what each code means before you use it; `causerie codebook check` looks it over.\n",
            on_one_line(file)
        );
        for remark in &self.remarks {
            let _ = writeln!(toml, "# {remark}");
        }
        let _ = writeln!(toml, "\nname = {}\nversion = \"1\"", quoted(name));
        for code in &self.codes {
            let path = shown(&code.path);
            let definition = format!("Words of the dictionary's key {path}.");
            let _ = writeln!(
                toml,
                "\n[[codes]]\nname = {}\nlabel = {}\ndefinition = {}\n\n[codes.patterns]",
                quoted(&code.name),
                quoted(&path),
                quoted(&definition),
            );
            for (language, patterns) in &code.patterns {
                let _ = writeln!(toml, "{language} = [");
                for pattern in patterns {
                    let _ = writeln!(toml, "  {},", quoted(pattern));
                }
                toml.push_str("]\n");
            }
        }
        toml
    }
}

/// Why a codebook cannot say a word of the dictionary.
fn fault_of(word: &str) -> Option<String> {
    let inner = |part: &str| part.len() > 1 && part.trim_end_matches('*').contains('*');
    if word.contains('?') {
        return Some("has a `?` for one letter, which a codebook cannot say".to_owned());
    }
    if word.split_whitespace().any(inner) {
        return Some("has a `*` before or inside a word, which a codebook cannot say".to_owned());
    }
    if word.contains(['(', ')', '|', '{', '}', '<', '>', '#'])
        || word.split_whitespace().any(|part| part.starts_with(".."))
    {
        return Some("has a sign that means something else in a codebook".to_owned());
    }
    refused("x", word)
}

/// Why no codebook takes a code of that name with that pattern.
fn refused(name: &str, pattern: &str) -> Option<String> {
    let toml = format!(
        "name = \"x\"\nversion = \"1\"\n[[codes]]\nname = {}\nlabel = \"x\"\ndefinition = \"x\"\npatterns.any = [{}]",
        quoted(name),
        quoted(pattern),
    );
    match Codebook::parse("", &toml) {
        Ok(_) => None,
        Err(CodebookError::Wrong { reason, .. }) => {
            Some(reason.rsplit_once("\" ").map_or(reason.clone(), |(_, why)| why.to_owned()))
        }
        Err(other) => Some(other.to_string()),
    }
}

/// Letters a to z, digits and `_`; whatever else stands between becomes one `_`.
fn snake_case(text: &str) -> String {
    let folded = fold(text);
    let parts = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("_")
}

fn shown(path: &[String]) -> String {
    on_one_line(&path.join(" > "))
}

fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn quoted(text: &str) -> String {
    toml::Value::from(on_one_line(text)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Language;

    #[test]
    fn keys_become_codes_and_words_patterns() {
        let yaml = "Économie:\n  Taux d'intérêt: [taux*, \"prêt bancaire\"]\n  author: [Crédit]\ntext: [mot, '*fix', 'wo?d', '(a|b)']\n\
            bilingual:\n  fr: [oui]\n  en: [yes]\nregion:\n  it: [Rome]\n  us: [Boston]\nboth: [x1, any: [y1]]\n2nd: [x1]\nempty: []\n";
        let made = codebook_of("d.yml", "mine", yaml).unwrap();
        let book = Codebook::parse("x", &made.toml).unwrap();
        let codes: Vec<_> = book
            .codes
            .iter()
            .map(|code| (code.name.as_str(), code.patterns.iter().map(|p| p.source.as_str()).collect::<Vec<_>>()))
            .collect();
        assert_eq!(
            codes,
            [
                ("economie_taux_d_interet", vec!["taux*", "prêt bancaire"]),
                ("economie_author", vec!["Crédit"]),
                ("code_text", vec!["mot"]),
                ("bilingual", vec!["yes", "oui"]),
                ("region_it", vec!["Rome"]),
                ("region_us", vec!["Boston"]),
                ("both", vec!["x1", "y1"]),
                ("code_2nd", vec!["x1"]),
            ]
        );
        assert_eq!(book.codes[3].patterns[0].language, Language::Named("en".to_owned()));
        let remarks = made.remarks.join("\n");
        for part in ["*fix", "wo?d", "(a|b)", "empty: no code", "code_text: the code of text"] {
            assert!(remarks.contains(part) && made.toml.contains(part), "{part} in {remarks}");
        }
    }

    #[test]
    fn what_is_exported_comes_back() {
        let dictionary = super::super::quanteda(&Codebook::builtin());
        let made = codebook_of("d.yml", "data-economy", &dictionary.yaml).unwrap();
        let book = Codebook::parse("x", &made.toml).unwrap();
        let names: Vec<_> = book.codes.iter().map(|code| code.name.as_str()).collect();
        assert_eq!(names, ["distrust", "fraud_speculation", "data_pricing"]);
        let patterns: usize = book.codes.iter().map(|code| code.patterns.len()).sum();
        assert_eq!(patterns + made.remarks.len(), dictionary.entries);
        assert!(made.remarks.iter().all(|remark| remark.contains("\"*")), "{:?}", made.remarks);
    }

    #[test]
    fn faults_name_file_and_line() {
        let error = codebook_of("d.yml", "x", "a:\n  - b\n c").unwrap_err().to_string();
        assert!(error.starts_with("d.yml:"), "{error}");
        let error = codebook_of("d.yml", "x", "a: ['*b']").unwrap_err().to_string();
        assert!(error.contains("no word of it"), "{error}");
    }
}
