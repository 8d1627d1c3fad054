//! Codebooks and the lists of words and tags of other tools.

mod borrowed;
mod quanteda;
mod yaml;

use crate::export::row;
use crate::model::CodeLabel;

pub use borrowed::{Borrowed, codebook_of};
pub use quanteda::{Dictionary, quanteda};

/// Codes as the tags of Taguette (Rampin & Rampin 2021): a CSV file with the columns `tag` and `description`.
pub fn taguette(codes: &[CodeLabel]) -> Vec<u8> {
    let mut out = String::new();
    row::push(&mut out, ["tag", "description"]);
    for code in codes {
        row::push(&mut out, [code.name.as_str(), &described(code)]);
    }
    out.into_bytes()
}

fn described(code: &CodeLabel) -> String {
    let mut parts = Vec::new();
    if code.label != code.name {
        parts.push(code.label.clone());
    }
    parts.push(code.definition.clone());
    for (title, cases) in [("Counts", &code.include), ("Does not count", &code.exclude)] {
        if !cases.is_empty() {
            parts.push(format!("{title}: {}", cases.join("; ")));
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_carry_what_coders_need() {
        let code = CodeLabel {
            name: "distrust".to_owned(),
            label: "Distrust, \"doubt\"".to_owned(),
            definition: "Doubt.".to_owned(),
            include: vec!["a".to_owned(), "b".to_owned()],
            exclude: Vec::new(),
        };
        let csv = String::from_utf8(taguette(&[code])).unwrap();
        assert_eq!(csv, "tag,description\ndistrust,\"Distrust, \"\"doubt\"\"\nDoubt.\nCounts: a; b\"\n");
    }
}
