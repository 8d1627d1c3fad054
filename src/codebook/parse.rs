//! A codebook from TOML: every key is known, every fault has its line.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::names::check_name;
use super::pattern::{self, Sequence, Sets};
use super::{Code, Codebook, CodebookError, Examples, Language, Pattern, Sequences, Status, Translation};

/// Where a fault lies, before the line is counted.
struct Fault {
    at: usize,
    code: Option<String>,
    reason: String,
}

type Parsed<T> = Result<T, Fault>;
type Value<'t> = Spanned<DeValue<'t>>;

fn fault<T>(at: Range<usize>, reason: impl Into<String>) -> Parsed<T> {
    Err(Fault { at: at.start, code: None, reason: reason.into() })
}

/// Reads and checks a codebook; `source_name` is what messages call it.
pub(super) fn parse(source_name: &str, toml: &str) -> Result<Codebook, CodebookError> {
    read(toml).map_err(|fault| CodebookError::Wrong {
        file: source_name.to_owned(),
        line: toml.as_bytes().iter().take(fault.at).filter(|b| **b == b'\n').count() + 1,
        code: fault.code,
        reason: fault.reason,
    })
}

fn read(toml: &str) -> Parsed<Codebook> {
    let root = DeTable::parse(toml).map_err(|error| Fault {
        at: error.span().map_or(0, |span| span.start),
        code: None,
        reason: format!("not TOML: {}", error.message().trim_end()),
    })?;
    let table = root.get_ref();
    known(table, &["name", "version", "description", "sets", "codes"], "a codebook")?;
    let name = text(required(table, "name", 0..0, "name = \"…\"")?)?;
    let version = text(required(table, "version", 0..0, "version = \"1\"")?)?;
    let sets = read_sets(table.get("sets"))?;
    let Some(listed) = table.get("codes") else {
        return fault(0..0, "there are no codes; add at least one [[codes]] table");
    };
    let mut codes: Vec<Code> = Vec::new();
    for value in array(listed)? {
        let name_of = value.get_ref().get("name").and_then(|name| name.get_ref().as_str()).map(str::to_owned);
        let code = read_code(value, &sets).map_err(|fault| Fault { code: name_of.clone(), ..fault })?;
        if codes.iter().any(|known| known.name == code.name) {
            return Err(Fault {
                at: value.span().start,
                code: name_of,
                reason: "is defined twice; rename or merge one of them".to_owned(),
            });
        }
        let others = codes.iter().map(|known| known.name.as_str());
        check_name(&code.name, others).map_err(|reason| Fault { at: value.span().start, code: name_of, reason })?;
        codes.push(code);
    }
    if codes.is_empty() {
        return fault(listed.span(), "there are no codes; add at least one [[codes]] table");
    }
    for (code, value) in codes.iter().zip(array(listed)?) {
        let Some(parent) = &code.parent else { continue };
        // Up the line of parents, which must end: at most as many steps as there are codes.
        let mut above = Some(parent.as_str());
        for _ in 0..=codes.len() {
            let Some(name) = above else { break };
            let Some(found) = codes.iter().find(|code| code.name == name) else {
                let reason = format!("its parent `{name}` is no code of this codebook");
                return Err(Fault { at: value.span().start, code: Some(code.name.clone()), reason });
            };
            above = found.parent.as_deref();
        }
        if above.is_some() {
            let reason = "is among its own parents; let the line of parents end".to_owned();
            return Err(Fault { at: value.span().start, code: Some(code.name.clone()), reason });
        }
    }
    Ok(Codebook { name, version, codes })
}

fn status(value: &Value<'_>) -> Parsed<Status> {
    match text(value)?.as_str() {
        "draft" => Ok(Status::Draft),
        "in use" => Ok(Status::InUse),
        "retired" => Ok(Status::Retired),
        other => fault(value.span(), format!("`{other}` is no status; write draft, in use or retired")),
    }
}

fn read_code(value: &Value<'_>, sets: &Sets) -> Parsed<Code> {
    let table = as_table(value)?;
    known(
        table,
        &[
            "name",
            "label",
            "definition",
            "translations",
            "include",
            "exclude",
            "examples",
            "context",
            "unless",
            "valence",
            "patterns",
            "parent",
            "status",
            "version",
        ],
        "a code",
    )?;
    let at = value.span();
    let name_value = required(table, "name", at.clone(), "name = \"my_code\"")?;
    let name = text(name_value)?;
    check_name(&name, []).or_else(|reason| fault(name_value.span(), reason))?;
    let label = text(required(table, "label", at.clone(), "label = \"…\"")?)?;
    let definition = text(required(table, "definition", at.clone(), "definition = \"…\"")?)?;
    let valence = table.get("valence").map_or(Ok(0.0), |value| number(value, -4.0..=4.0))?;
    let mut code = Code {
        name,
        label,
        definition,
        translations: translations(table.get("translations"))?,
        include: texts(table.get("include"))?,
        exclude: texts(table.get("exclude"))?,
        examples: Examples::default(),
        valence,
        parent: table.get("parent").map(text).transpose()?,
        status: table.get("status").map_or(Ok(Status::InUse), status)?,
        version: table.get("version").map(text).transpose()?,
        context: sequences(table.get("context"), sets)?,
        unless: sequences(table.get("unless"), sets)?,
        patterns: Vec::new(),
    };
    if let Some(examples) = table.get("examples") {
        let table = as_table(examples)?;
        known(table, &["positive", "negative"], "examples")?;
        code.examples = Examples { positive: texts(table.get("positive"))?, negative: texts(table.get("negative"))? };
    }
    let none = DeTable::new();
    let patterns = table.get("patterns").map_or(Ok(&none), as_table)?;
    for (language, list) in patterns {
        let known = language.get_ref() == "any" || is_language(language.get_ref());
        if !known {
            return fault(
                language.span(),
                format!("`{}` is no language; write a two-letter code such as fr, or any", language.get_ref()),
            );
        }
        let language = match language.get_ref().as_ref() {
            "any" => Language::Any,
            name => Language::Named(name.to_owned()),
        };
        for value in array(list)? {
            code.patterns.push(read_pattern(value, language.clone(), sets)?);
        }
    }
    if code.patterns.is_empty() && code.examples.positive.is_empty() {
        return fault(
            at,
            "has neither patterns nor examples; add [codes.patterns] with fr = [\"…\"], or five texts under examples.positive",
        );
    }
    Ok(code)
}

fn translations(value: Option<&Value<'_>>) -> Parsed<BTreeMap<String, Translation>> {
    let Some(value) = value else { return Ok(BTreeMap::new()) };
    let mut made = BTreeMap::new();
    for (language, translation) in as_table(value)? {
        if !is_language(language.get_ref()) {
            let reason = format!("`{}` is no language; write a two-letter code such as fr", language.get_ref());
            return fault(language.span(), reason);
        }
        let table = as_table(translation)?;
        known(table, &["label", "definition"], "a translation")?;
        let label = text(required(table, "label", translation.span(), "label = \"…\"")?)?;
        let definition = table.get("definition").map(text).transpose()?.unwrap_or_default();
        made.insert(language.get_ref().to_string(), Translation { label, definition });
    }
    Ok(made)
}

fn read_pattern(value: &Value<'_>, language: Language, sets: &Sets) -> Parsed<Pattern> {
    let mut pattern = Pattern {
        source: String::new(),
        language,
        confidence: 0.8,
        negatable: true,
        needs_context: false,
        needs_parent: false,
        unless: Sequences::default(),
        sequences: Sequences::default(),
    };
    let source = match value.get_ref() {
        DeValue::String(_) => value,
        DeValue::Table(table) => {
            known(table, &["match", "confidence", "negatable", "context", "parent", "unless"], "a pattern")?;
            if let Some(confidence) = table.get("confidence") {
                pattern.confidence = number(confidence, 0.0..=1.0)?;
            }
            if let Some(negatable) = table.get("negatable") {
                pattern.negatable = boolean(negatable)?;
            }
            if let Some(context) = table.get("context") {
                pattern.needs_context = boolean(context)?;
            }
            if let Some(parent) = table.get("parent") {
                pattern.needs_parent = boolean(parent)?;
            }
            pattern.unless = sequences(table.get("unless"), sets)?;
            required(table, "match", value.span(), "match = \"…\"")?
        }
        other => {
            return fault(value.span(), format!("a pattern is {}; write a string or {{ match = \"…\" }}", a(other)));
        }
    };
    pattern.source = text(source)?;
    pattern.sequences = Sequences(vec![unfold(source, sets)?]);
    Ok(pattern)
}

fn unfold(value: &Value<'_>, sets: &Sets) -> Parsed<Vec<Sequence>> {
    let source = text(value)?;
    pattern::parse(&source, sets).or_else(|reason| fault(value.span(), format!("the pattern \"{source}\" {reason}")))
}

/// A list of patterns without options.
fn sequences(value: Option<&Value<'_>>, sets: &Sets) -> Parsed<Sequences> {
    let Some(value) = value else { return Ok(Sequences::default()) };
    array(value)?.iter().map(|value| unfold(value, sets)).collect::<Parsed<Vec<_>>>().map(Sequences)
}

fn read_sets(value: Option<&Value<'_>>) -> Parsed<Sets> {
    let mut sets = Sets::new();
    let Some(value) = value else { return Ok(sets) };
    let mut tables: Vec<_> = as_table(value)?.iter().collect();
    // In the order of the file: a set may name those above it.
    tables.sort_by_key(|(name, _)| name.span().start);
    for (name, members) in tables {
        if let Err(reason) = check_set_name(name.get_ref()) {
            return fault(name.span(), reason);
        }
        let mut runs = Vec::new();
        for member in array(members)? {
            let words = text(member)?;
            let read = pattern::alternative(words.trim(), &sets).or_else(|reason| {
                fault(member.span(), format!("the set `{}`: \"{words}\" {reason}", name.get_ref()))
            })?;
            runs.extend(read);
        }
        if runs.is_empty() {
            return fault(members.span(), format!("the set `{}` is empty; give it words or remove it", name.get_ref()));
        }
        sets.insert(name.get_ref().to_string(), runs);
    }
    Ok(sets)
}

fn check_set_name(name: &str) -> Result<(), String> {
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    plain.then_some(()).ok_or_else(|| format!("`{name}` is no name for a set; use a-z, 0-9 and _ only"))
}

fn is_language(name: &str) -> bool {
    name.len() == 2 && name.bytes().all(|b| b.is_ascii_lowercase())
}

fn known(table: &DeTable<'_>, keys: &[&str], what: &str) -> Parsed<()> {
    let stranger =
        table.keys().filter(|key| !keys.contains(&key.get_ref().as_ref())).min_by_key(|key| key.span().start);
    let Some(key) = stranger else { return Ok(()) };
    fault(key.span(), format!("unknown key `{}` in {what}; it takes {}", key.get_ref(), keys.join(", ")))
}

fn required<'t, 'v>(table: &'t DeTable<'v>, key: &str, at: Range<usize>, example: &str) -> Parsed<&'t Value<'v>> {
    match table.get(key) {
        Some(value) => Ok(value),
        None => fault(at, format!("`{key}` is missing; add {example}")),
    }
}

fn text(value: &Value<'_>) -> Parsed<String> {
    match value.get_ref().as_str() {
        Some(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Some(_) => fault(value.span(), "an empty text; write something, or remove the line"),
        None => fault(value.span(), format!("{} where a text in quotes belongs", a(value.get_ref()))),
    }
}

fn texts(value: Option<&Value<'_>>) -> Parsed<Vec<String>> {
    let Some(value) = value else { return Ok(Vec::new()) };
    array(value)?.iter().map(text).collect()
}

fn array<'t, 'v>(value: &'t Value<'v>) -> Parsed<&'t [Value<'v>]> {
    match value.get_ref() {
        DeValue::Array(array) => Ok(array),
        other => fault(value.span(), format!("{} where a list […] belongs", a(other))),
    }
}

fn as_table<'t, 'v>(value: &'t Value<'v>) -> Parsed<&'t DeTable<'v>> {
    match value.get_ref().as_table() {
        Some(table) => Ok(table),
        None => fault(value.span(), format!("{} where a table belongs", a(value.get_ref()))),
    }
}

fn boolean(value: &Value<'_>) -> Parsed<bool> {
    match value.get_ref().as_bool() {
        Some(flag) => Ok(flag),
        None => fault(value.span(), format!("{} where true or false belongs", a(value.get_ref()))),
    }
}

fn number(value: &Value<'_>, range: std::ops::RangeInclusive<f64>) -> Parsed<f64> {
    let parsed = match value.get_ref() {
        DeValue::Float(float) => float.as_str().parse().ok(),
        DeValue::Integer(integer) => integer.as_str().parse().ok(),
        _ => None,
    };
    match parsed {
        Some(number) if range.contains(&number) => Ok(number),
        _ => fault(value.span(), format!("write a number from {} to {}", range.start(), range.end())),
    }
}

fn a(value: &DeValue<'_>) -> String {
    format!("a TOML {}", value.type_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "name = \"n\"\nversion = \"1\"\n\n[[codes]]\nname = \"x\"\nlabel = \"X\"\ndefinition = \"d\"\n\n\
                        [codes.patterns]\nfr = [\"oui\"]\n";

    fn refused(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from}");
        parse("my.toml", &GOOD.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn a_small_codebook_is_taken() {
        let book = parse("my.toml", GOOD).unwrap();
        assert_eq!((book.name.as_str(), book.codes.len(), book.codes[0].patterns.len()), ("n", 1, 1));
    }

    #[test]
    fn faults_carry_file_line_and_reason() {
        for (from, to, message) in [
            ("label", "lable", "my.toml:6: code `x`: unknown key `lable`"),
            ("\"oui\"", "\"\"", "my.toml:10: code `x`: an empty text"),
            ("\"oui\"", "\"(oui\"", "my.toml:10: code `x`: the pattern \"(oui\" has a `(`"),
            ("\"oui\"", "\"{s} oui\"", "[sets] does not define"),
            ("\"oui\"", "3", "my.toml:10: code `x`: a pattern is a TOML integer"),
            ("\"oui\"", "{ match = \"oui\", confidence = 3 }", "from 0 to 1"),
            ("\"oui\"", "{ match = \"oui\", negateable = true }", "unknown key `negateable`"),
            ("fr = [\"oui\"]", "fr = []", "has neither patterns nor examples"),
            ("label", "parent = \"y\"\nlabel", "my.toml:4: code `x`: its parent `y` is no code"),
            ("label", "parent = \"x\"\nlabel", "my.toml:4: code `x`: is among its own parents"),
            ("label", "status = \"old\"\nlabel", "`old` is no status"),
            ("fr =", "french =", "my.toml:10: code `x`: `french` is no language"),
            ("\"x\"", "\"X y\"", "my.toml:5: code `X y`: `X y` is no name"),
            ("\"x\"", "\"author\"", "is a column of the tables"),
            ("\"x\"", "\"negative\"", "my.toml:5: code `negative`: `negative` would be counted in `negative_count`"),
            ("name = \"n\"", "", "`name` is missing"),
            ("version", "colour", "my.toml:2: unknown key `colour`"),
            ("[codes.patterns]", "[codes.patterns", "my.toml:9: not TOML"),
            (
                "[[codes]]",
                "[[codes]]\nname = \"x\"\nlabel = \"X\"\ndefinition = \"d\"\npatterns.fr = [\"a b\"]\n[[codes]]",
                "my.toml:9: code `x`: is defined twice",
            ),
            (
                "[[codes]]",
                "[[codes]]\nname = \"x_decided\"\nlabel = \"X\"\ndefinition = \"d\"\npatterns.fr = [\"a b\"]\n[[codes]]",
                "my.toml:9: code `x`: `x` and `x_decided` would both be counted in `x_decided_count`",
            ),
        ] {
            let error = refused(from, to);
            assert!(error.contains(message), "{error}\n  lacks {message}");
        }
        let none = parse("my.toml", "name = \"n\"\nversion = \"1\"\n").unwrap_err().to_string();
        assert!(none.contains("there are no codes"), "{none}");
        assert!(parse("my.toml", "").is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(toml in "\\PC{0,200}") {
            let _ = parse("x", &toml);
        }

        #[test]
        fn no_pattern_panics(pattern in "[a-cé'<>#*(|)?{}. 0-9]{0,30}") {
            let _ = parse("x", &GOOD.replacen("oui", &pattern, 1));
        }
    }
}
