//! A codebook's patterns as a dictionary of quanteda (Benoit et al. 2018, <https://quanteda.io>), in YAML.

use std::fmt::Write as _;

use crate::codebook::{Code, Codebook, Language, Pattern, Status};

/// A pattern of less confidence does not make a code apply by itself.
const ENOUGH: f64 = 0.5;

/// A dictionary, and how much of the codebook it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dictionary {
    /// The file, UTF-8.
    pub yaml: String,
    /// Entries in it: words, or words in a row.
    pub entries: usize,
    /// Patterns that are not in it, or only in part; the file names each, with the reason.
    pub left_out: usize,
}

/// The patterns of a codebook that words in a row can say: a key a code, with a list of globs below it, or one list a
/// language where the code has patterns for several.
///
/// An entry stands for a pattern that makes its code apply by itself. What dictionaries cannot say (other words in between,
/// amounts, context, conditions) is named in comments of the file.
pub fn quanteda(book: &Codebook) -> Dictionary {
    let title = on_one_line(&format!("{} {}", book.name, book.version));
    let yaml = format!(
        "# Dictionary for quanteda, of the codebook {title}: dictionary(file = \"…\", format = \"YAML\").\n\
         # Entries are without accents: give texts the same form, x <- stringi::stri_trans_general(x, \"Latin-ASCII\").\n\
         # quanteda keeps elided words in one: `offre` does not meet \"l'offre\".\n\
         # Negation (\"ce n'est pas une arnaque\") undoes most patterns of the codebook; it undoes no entry of a dictionary.\n"
    );
    let mut dictionary = Dictionary { yaml, entries: 0, left_out: 0 };
    for code in &book.codes {
        dictionary.add(code);
    }
    if dictionary.entries == 0 {
        dictionary.yaml.push_str("{}\n");
    }
    dictionary
}

/// The patterns of one language, in order.
type OfLanguage<'a> = (&'a str, Vec<String>);

impl Dictionary {
    fn add(&mut self, code: &Code) {
        if code.status == Status::Retired {
            self.comment(&format!("{}: retired", code.name));
            return;
        }
        let mut lists: Vec<OfLanguage<'_>> = Vec::new();
        let mut remarks = Vec::new();
        for pattern in &code.patterns {
            let (globs, reason) = said(pattern);
            if let Some(reason) = reason {
                remarks.push(format!("({}) {}: {reason}", language(pattern), pattern.source));
            }
            let of_language = language(pattern);
            let at = lists.iter().position(|(known, _)| *known == of_language).unwrap_or_else(|| {
                lists.push((of_language, Vec::new()));
                lists.len() - 1
            });
            for glob in globs {
                if !lists[at].1.contains(&glob) {
                    lists[at].1.push(glob);
                }
            }
        }
        let several = lists.len() > 1;
        lists.retain(|(_, globs)| !globs.is_empty());
        self.yaml.push('\n');
        if !code.unless.is_empty() {
            self.comment(&format!("{}: in the codebook, other words in the sentence undo it (unless)", code.name));
        }
        self.list(code, &lists, several);
        self.left_out += remarks.len();
        if !remarks.is_empty() {
            self.comment(&format!("left out of {}, whole or in part:", code.name));
        }
        for remark in remarks {
            self.comment(&format!("  {remark}"));
        }
    }

    fn list(&mut self, code: &Code, lists: &[OfLanguage<'_>], several: bool) {
        if lists.is_empty() {
            self.comment(&format!("{}: nothing that a dictionary can say", code.name));
            return;
        }
        let _ = writeln!(self.yaml, "{}:", quoted(&code.name));
        for (language, globs) in lists {
            if several {
                let _ = writeln!(self.yaml, "  {}:", quoted(language));
            }
            let indent = if several { "    " } else { "  " };
            for glob in globs {
                let _ = writeln!(self.yaml, "{indent}- {}", quoted(glob));
            }
            self.entries += globs.len();
        }
    }

    fn comment(&mut self, text: &str) {
        let _ = writeln!(self.yaml, "# {}", on_one_line(text));
    }
}

/// What of a pattern a dictionary says, and why not all of it.
fn said(pattern: &Pattern) -> (Vec<String>, Option<String>) {
    let condition = if pattern.needs_context {
        Some("counts in a context only")
    } else if pattern.needs_parent {
        Some("counts below a comment with the code only")
    } else if !pattern.unless.is_empty() {
        Some("other words undo it")
    } else if pattern.confidence < ENOUGH {
        Some("does not make the code apply by itself")
    } else {
        None
    };
    if let Some(condition) = condition {
        return (Vec::new(), Some(condition.to_owned()));
    }
    let globs = pattern.globs();
    let lost = globs.lost.into_iter().collect::<Vec<_>>().join(", ");
    (globs.said, (!lost.is_empty()).then_some(lost))
}

fn language(pattern: &Pattern) -> &str {
    match &pattern.language {
        Language::Any => "any",
        Language::Named(name) => name,
    }
}

/// Text as a double-quoted scalar: none is taken for a number, a truth value or a sign of YAML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_unprintable(c) => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if is_unprintable(c) { ' ' } else { c }).collect()
}

/// Whether YAML does not take the character as it is, or takes it for the end of a line.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &str = "name = \"n\"\nversion = \"1\"\n[[codes]]\nname = \"no\"\nlabel = \"X\"\ndefinition = \"d\"\n\
        [codes.patterns]\nfr = [\"arnaqu*\", \"piège ..2 cons\", { match = \"vol\", context = true }]\n\
        any = [\"\\\"?\", \"🙄\"]\n[[codes]]\nname = \"old\"\nlabel = \"X\"\ndefinition = \"d\"\nstatus = \"retired\"\n\
        patterns.any = [\"a b\"]\n[[codes]]\nname = \"one\"\nlabel = \"X\"\ndefinition = \"d\"\npatterns.fr = [\"yes\"]\n";

    #[test]
    fn what_cannot_be_said_is_named() {
        let book = Codebook::parse("x", &BOOK.replace("\"\\\"?\", ", "")).unwrap();
        let dictionary = quanteda(&book);
        assert_eq!((dictionary.entries, dictionary.left_out), (3, 2));
        let lines: Vec<&str> = dictionary.yaml.lines().skip(4).filter(|line| !line.is_empty()).collect();
        assert_eq!(
            lines,
            [
                "\"no\":",
                "  \"any\":",
                "    - \"🙄\"",
                "  \"fr\":",
                "    - \"arnaqu*\"",
                "# left out of no, whole or in part:",
                "#   (fr) piège ..2 cons: other words between its own",
                "#   (fr) vol: counts in a context only",
                "# old: retired",
                "\"one\":",
                "  - \"yes\"",
            ]
        );
    }

    #[test]
    fn no_text_breaks_a_scalar() {
        assert_eq!(quoted("a\"b\\c\n\u{85}👍"), "\"a\\\"b\\\\c\\u000a\\u0085👍\"");
        assert_eq!(on_one_line("a\nb"), "a b");
    }

    #[test]
    fn the_built_in_codebook_gives_words_for_each_code() {
        let dictionary = quanteda(&Codebook::builtin());
        assert!(dictionary.entries > 100 && dictionary.left_out > 0, "{} {}", dictionary.entries, dictionary.left_out);
    }
}
