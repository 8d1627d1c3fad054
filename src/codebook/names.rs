//! What codes may be called: their names become columns of the tables.

use crate::model::summary_columns;

/// Column names of the tables: a code of that name would overwrite one.
const RESERVED: &str = include_str!("../../data/codebooks/reserved-names.txt");

/// Why a code may not be called so, beside codes of the names `others`: the same for a codebook and for a model.
pub(crate) fn check_name<'a>(name: &str, others: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !plain {
        return Err(format!("`{name}` is no name for a code; begin with a-z and use a-z, 0-9 and _ only"));
    }
    let is_reserved = |column: &str| RESERVED.lines().any(|reserved| reserved == column);
    if is_reserved(name) {
        return Err(format!("`{name}` is a column of the tables already; choose another name"));
    }
    let made = summary_columns(name);
    if let Some(column) = made.iter().find(|column| is_reserved(column)) {
        return Err(format!(
            "`{name}` would be counted in `{column}`, a column of the tables already; choose another name"
        ));
    }
    for other in others {
        let theirs = summary_columns(other);
        if let Some(column) = made.iter().find(|column| theirs.contains(column)) {
            return Err(format!("`{name}` and `{other}` would both be counted in `{column}`; rename one of them"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_make_a_column_twice_are_refused() {
        let check = |name| check_name(name, ["noise", "hope"]);
        for name in ["cost", "noise_share", "coding", "a1_"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
        for (name, words) in [
            ("Bruit de rue", "no name for a code"),
            ("=1+1", "no name for a code"),
            ("author", "is a column of the tables already"),
            ("author_count", "is a column of the tables already"),
            ("negative", "`negative_count`"),
            ("coded", "`coded_count`"),
            ("hidden", "`hidden_count`"),
            ("noise_decided", "`noise_decided` and `noise` would both be counted in `noise_decided_count`"),
        ] {
            let reason = check(name).unwrap_err();
            assert!(reason.contains(words), "{reason}");
        }
    }
}
