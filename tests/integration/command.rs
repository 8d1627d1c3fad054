//! The command as people and scripts use it: help, outputs, authors, keys, repetition.

use std::collections::BTreeSet;
use std::fs;

use super::workplace::{Row, Workplace, rows, samples};

const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A workplace with one page of 8 comments and a key.
fn workplace() -> Workplace {
    let place = Workplace::new();
    place.sample("latin1.html");
    place.write("my.key", HEX);
    place
}

fn column<'a>(rows: &'a [Row], name: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[name].as_str()).collect()
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let place = Workplace::new();
    let help = place.run(&["--help"]).ends(0);
    for part in ["Examples:", "causerie analyze", "Exit codes:", "130", "columns", "sites"] {
        assert!(help.out.contains(part), "{part}: {}", help.out);
    }
    assert!(help.err.is_empty());
    let help = place.run(&["analyze", "--help"]).ends(0);
    for part in [
        "Examples:",
        "--output",
        "--excel",
        "--codebook",
        "--authors",
        "--author-key",
        "--keep-html",
        "--interval",
        "--timeout",
        "--robots",
        "--max-requests",
        "--max-page-size",
        "--quiet",
    ] {
        assert!(help.out.contains(part), "{part}: {}", help.out);
    }
}

#[test]
fn version_is_that_of_the_crate() {
    let ran = Workplace::new().run(&["--version"]).ends(0);
    assert_eq!(ran.out.trim(), format!("causerie {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_command_lines_are_usage() {
    let place = workplace();
    let nothing: [&str; 0] = [];
    place.run(&nothing).ends(2).says(&["Usage"]);
    place.run(&["analyze"]).ends(2).says(&["INPUT"]);
    place.run(&["analyze", "latin1.html", "--no-such"]).ends(2).says(&["--no-such"]);
    place.run(&["analyze", "latin1.html", "--excel", "fr"]).ends(2).says(&["-o"]);
    place.run(&["analyze", "latin1.html", "-o", "-", "--excel", "--format", "parquet"]).ends(2).says(&["--excel"]);
    place.run(&["analyze", "-", "-"]).ends(2).says(&["standard input"]);
}

#[test]
fn columns_describe_every_table() {
    let place = workplace();
    place.run(&["analyze", "latin1.html", "-o", "study/", "--keep-html", "--author-key", "my.key"]).ends(0);
    let told = place.run(&["columns"]).ends(0).out;
    for table in ["comments", "codings", "threads", "errors"] {
        let (_, section) = told.split_once(&format!("## {table}\n")).unwrap();
        let section = section.split("\n## ").next().unwrap();
        let listed: Vec<&str> =
            section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        let csv = place.read(&format!("study/{table}.csv"));
        assert_eq!(listed.join(","), csv.lines().next().unwrap(), "{table}");
    }
    place.run(&["columns", "-o", "dictionary.csv"]).ends(0);
    let dictionary = place.table("dictionary.csv");
    assert!(dictionary.len() > 50 && dictionary.iter().all(|row| row.values().any(|cell| cell.len() > 10)));
}

#[test]
fn the_reference_is_what_the_code_says() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference");
    for (name, page) in causerie::cli::reference() {
        let written = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(written == page, "docs/reference/{name} is out of date: cargo run --example reference");
    }
    let table = Workplace::new().run(&["sites", "--markdown"]).ends(0).out;
    assert!(table.lines().count() > 40);
}

#[test]
fn sites_are_listed() {
    let told = Workplace::new().run(&["sites"]).ends(0).out;
    for site in ["next.ink", "wordpress", "pasted", "generic"] {
        assert!(told.lines().any(|line| line.starts_with(site)), "{told}");
    }
    let lines: BTreeSet<&str> = told.lines().collect();
    assert_eq!(lines.len(), told.lines().count(), "no two entries say the same");
}

#[test]
fn output_is_a_file_a_folder_or_standard_output() {
    let place = workplace();
    let run =
        |more: &[&str]| place.run(&[&["analyze", "latin1.html", "--author-key", "my.key"], more].concat()).ends(0);
    run(&["-o", "out.csv"]).says(&["8 comments in 1 thread from 1 page", "out.csv"]);
    let csv = place.read("out.csv");
    assert_eq!(rows(&csv).len(), 8);
    assert!(!place.has("out.errors.csv"));
    assert_eq!(run(&["-o", "-"]).out, csv, "the same table on standard output");
    run(&["-o", "study/"]);
    assert_eq!(place.read("study/comments.csv"), csv, "and in a folder");
    let tables: BTreeSet<String> = fs::read_dir(place.path("study"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        tables,
        ["codings.csv", "comments.csv", "errors.csv", "run.json", "threads.csv"].map(str::to_owned).into()
    );
    assert_eq!(place.table("study/threads.csv").len(), 1);
    assert_eq!(place.table("study/errors.csv").len(), 0);
    let coded: usize = rows(&csv)
        .iter()
        .map(|row| {
            ["irony", "distrust", "fraud_speculation", "data_pricing"].iter().filter(|code| row[**code] == "1").count()
        })
        .sum();
    let codings = place.table("study/codings.csv");
    assert_eq!(codings.iter().filter(|coding| coding["code"] != "polarity").count(), coded);
    let summary = run(&[]).out;
    assert!(summary.contains("8 stated, 8 parsed"), "{summary}");
}

#[test]
fn evidence_leads_back_to_the_text() {
    let place = workplace();
    let all = samples();
    place.run(&["analyze", all.to_str().unwrap(), "-o", "study/", "--authors", "drop"]).ends(0);
    let comments = place.table("study/comments.csv");
    let codings = place.table("study/codings.csv");
    assert!(codings.len() > 20);
    for coding in codings {
        let key = |row: &Row| (row["thread_id"].clone(), row["comment_id"].clone());
        let comment = comments.iter().find(|comment| key(comment) == key(&coding)).unwrap();
        if coding["start"].is_empty() {
            // A neutral comment may owe its sentiment to no word.
            assert_eq!((coding["code"].as_str(), coding["evidence"].as_str()), ("polarity", ""));
            continue;
        }
        let (start, end): (usize, usize) = (coding["start"].parse().unwrap(), coding["end"].parse().unwrap());
        let evidence: String = comment["text"].chars().skip(start).take(end - start).collect();
        assert_eq!(evidence, coding["evidence"]);
        match coding["code"].as_str() {
            "polarity" => assert_eq!(comment["polarity_evidence"], evidence),
            code => assert_eq!((comment[code].as_str(), evidence.trim().is_empty()), ("1", false)),
        }
    }
}

#[test]
fn formats_by_name_and_by_option() {
    let place = workplace();
    let run = |more: &[&str]| place.run(&[&["analyze", "latin1.html", "--authors", "drop"], more].concat()).ends(0);
    run(&["-o", "out.ndjson"]);
    let lines = place.read("out.ndjson");
    assert_eq!(lines.lines().count(), 8);
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert!(first["text"].is_string() && first["distrust"].is_number(), "{first}");
    assert_eq!(run(&["-o", "-", "--format", "ndjson"]).out, lines);
    run(&["-o", "out.parquet"]);
    assert!(fs::read(place.path("out.parquet")).unwrap().starts_with(b"PAR1"));
    run(&["-o", "study/", "--format", "parquet"]);
    assert!(fs::read(place.path("study/errors.parquet")).unwrap().starts_with(b"PAR1"));
}

#[test]
fn spreadsheets_in_french_and_english() {
    let place = workplace();
    let run = |more: &[&str]| place.run(&[&["analyze", "latin1.html", "--authors", "drop"], more].concat()).ends(0);
    run(&["-o", "fr.csv", "--excel", "fr"]);
    run(&["-o", "en.csv", "--excel"]);
    let (french, english) = (place.read("fr.csv"), place.read("en.csv"));
    assert!(french.starts_with("\u{feff}thread_id;comment_id;"), "{french}");
    assert!(english.starts_with("\u{feff}thread_id,comment_id,"), "{english}");
    let mut reader =
        csv::ReaderBuilder::new().delimiter(b';').from_reader(french.trim_start_matches('\u{feff}').as_bytes());
    let french: Vec<Row> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(french.len(), 8);
    assert!(french.iter().any(|row| row["polarity_score"].contains(',')), "decimal commas");
    assert!(french.iter().any(|row| row["text"].contains('é')));
}

#[test]
fn authors_are_pseudonyms_kept_or_dropped() {
    let place = Workplace::new();
    place.sample("wordpress-citations.html");
    place.write("my.key", HEX);
    let run = |more: &[&str]| {
        let ran = place.run(&[&["analyze", "wordpress-citations.html", "-o", "-"], more].concat()).ends(0);
        rows(&ran.out)
    };
    let kept = run(&["--authors", "keep"]);
    let names = column(&kept, "author");
    assert!(names.iter().all(|name| !name.is_empty()));
    assert!(column(&kept, "permalink").iter().any(|link| link.starts_with("https://")));
    let hidden = run(&["--author-key", "my.key"]);
    for (row, name) in hidden.iter().zip(&names) {
        let author = &row["author"];
        let digits =
            author.strip_prefix('a').is_some_and(|hex| hex.len() == 16 && hex.chars().all(|c| c.is_ascii_hexdigit()));
        assert!(digits && author != name, "{author}");
        assert_eq!(row["permalink"], "");
        let same = kept.iter().position(|other| other["author"] == *name).unwrap();
        assert_eq!(hidden[same]["author"], *author, "one person, one pseudonym");
    }
    assert_eq!(column(&hidden, "text"), column(&kept, "text"), "texts are left alone");
    place.write("other.key", HEX.replace('0', "f"));
    assert_ne!(column(&run(&["--author-key", "other.key"]), "author"), column(&hidden, "author"));
    let dropped = run(&["--authors", "drop"]);
    assert!(dropped.iter().all(|row| row["author"].is_empty() && row["permalink"].is_empty()));
    assert!(!place.has("data"), "no key is made where none is needed");
}

#[test]
fn a_key_is_made_once_and_only_its_owner_may_read_it() {
    let place = workplace();
    let first = place.run(&["analyze", "latin1.html", "-o", "-"]).ends(0).out;
    let key = place.read("data/causerie/author.key");
    assert_eq!(key.trim().len(), 64);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(place.path("data/causerie/author.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(place.run(&["analyze", "latin1.html", "-o", "-"]).ends(0).out, first);
    assert_eq!(place.read("data/causerie/author.key"), key);
    place.write("copy.key", &key);
    assert_eq!(place.run(&["analyze", "latin1.html", "-o", "-", "--author-key", "copy.key"]).ends(0).out, first);
}

#[test]
fn html_is_kept_on_request() {
    let place = workplace();
    let run = |more: &[&str]| {
        let ran = place.run(&[&["analyze", "latin1.html", "-o", "-", "--authors", "drop"], more].concat()).ends(0);
        rows(&ran.out)
    };
    assert!(run(&[]).iter().all(|row| !row.contains_key("html")));
    let with = run(&["--keep-html"]);
    assert!(with.iter().any(|row| row["html"].contains('<')), "{:?}", column(&with, "html"));
}

#[test]
fn a_codebook_of_ones_own() {
    let place = workplace();
    place.write(
        "roads.toml",
        r#"
name = "roads"
version = "1"

[[codes]]
name = "tolls"
label = "Tolls and badges"
definition = "The writer speaks of tolls."

[codes.patterns]
any = ["badge*", "péage*"]
"#,
    );
    let ran =
        place.run(&["analyze", "latin1.html", "-o", "-", "--authors", "drop", "--codebook", "roads.toml"]).ends(0);
    let rows = rows(&ran.out);
    assert!(rows.iter().all(|row| !row.contains_key("distrust")));
    for row in &rows {
        let named = ["badge", "péage"].iter().any(|word| row["text"].to_lowercase().contains(word));
        assert_eq!(row["tolls"], if named { "1" } else { "0" }, "{}", row["text"]);
    }
    assert!(rows.iter().any(|row| row["tolls"] == "1") && rows.iter().any(|row| row["tolls"] == "0"));
    let columns = place.run(&["columns", "--codebook", "roads.toml"]).ends(0).out;
    assert!(columns.contains("| `tolls` |") && columns.contains("speaks of tolls") && !columns.contains("`distrust`"));
}

#[test]
fn standard_input_to_standard_output() {
    let place = workplace();
    for name in ["pasted-fr.txt", "latin1.html", "wordpress-classique/comments.json"] {
        let bytes = fs::read(samples().join(name)).unwrap();
        let path = place.write(name, &bytes);
        let piped = place.feed(bytes, &["analyze", "-", "-o", "-", "--authors", "drop"]).ends(0);
        let read = place.run(&["analyze", path.to_str().unwrap(), "-o", "-", "--authors", "drop"]).ends(0);
        let (piped, read) = (rows(&piped.out), rows(&read.out));
        assert!(!piped.is_empty());
        assert_eq!(column(&piped, "text"), column(&read, "text"), "{name}");
        assert_eq!(column(&piped, "thread_id"), column(&read, "thread_id"), "{name}");
        assert!(column(&piped, "source").iter().all(|source| *source == "-"));
    }
}

#[test]
fn quiet_says_nothing_but_errors() {
    let place = workplace();
    let ran = place.run(&["analyze", "latin1.html", "-o", "out.csv", "--quiet"]).ends(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
    let ran = place.run(&["analyze", "latin1.html", "gone.html", "-o", "out.csv", "-q"]).ends(1);
    assert_eq!(ran.out, "");
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(ran.err.starts_with("error: gone.html"));
}

#[test]
fn the_summary_shows_counts_shares_and_evidence() {
    let place = workplace();
    place.sample("wordpress-classique/page-1.html");
    let ran = place.run(&["analyze", "latin1.html", "wordpress-classique"]).ends(0);
    for part in ["8 stated, 8 parsed", "17 stated, 10 parsed", "Sentiment", "column polarity", "negative", "Themes"] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    for label in ["Distrust", "Fraud", "The price of data"] {
        assert!(ran.out.lines().any(|line| line.starts_with(label)), "{label}: {}", ran.out);
    }
    assert!(ran.out.contains("  • ") && ran.out.contains('[') && !ran.out.contains('\u{1b}'), "{}", ran.out);
    assert!(!place.has("data"), "a summary needs no key");
    let mut colored = place.command(&["analyze", "latin1.html"]);
    let output = colored.env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("\u{1b}["));
}

#[test]
fn two_runs_give_the_same_bytes() {
    let place = Workplace::new();
    place.write("my.key", HEX);
    let all = samples();
    for folder in ["one/", "two/"] {
        place.run(&["analyze", all.to_str().unwrap(), "-o", folder, "--author-key", "my.key"]).ends(0);
    }
    for table in ["comments", "codings", "threads", "errors"] {
        let table = format!("{table}.csv");
        assert_eq!(place.read(&format!("one/{table}")), place.read(&format!("two/{table}")), "{table}");
    }
    let summaries: BTreeSet<String> =
        (0..2).map(|_| place.run(&["analyze", all.to_str().unwrap()]).ends(0).out).collect();
    assert_eq!(summaries.len(), 1);
}

#[test]
fn errors_of_an_earlier_run_do_not_stay() {
    let place = workplace();
    let run = |inputs: &[&str]| place.run(&[&["analyze", "-o", "out.csv", "--authors", "drop"], inputs].concat());
    run(&["latin1.html", "gone.html"]).ends(1);
    assert!(place.has("out.errors.csv"));
    run(&["latin1.html"]).ends(0);
    assert!(place.has("out.csv") && !place.has("out.errors.csv"));
}

#[test]
fn tables_somebody_changed_are_not_replaced() {
    let place = workplace();
    place.write("other.csv", "text\nNon.\n");
    for (to, table) in [("out.csv", "out.csv"), ("study/", "study/comments.csv")] {
        let analyze = || place.run(&["analyze", "latin1.html", "-o", to, "--authors", "drop"]);
        analyze().ends(0);
        analyze().ends(0);
        let corrected = place.read(table).replace("negative", "neutral") + " ";
        place.write(table, &corrected);
        analyze().ends(2).says(&[table, "not as causerie left it"]);
        place.run(&["code", "other.csv", "-o", to]).ends(2).says(&[table, "not as causerie left it"]);
        assert_eq!(place.read(table), corrected);
    }
}

#[test]
fn nothing_read_replaces_nothing() {
    let place = workplace();
    for (to, table, errors) in
        [("out.csv", "out.csv", "out.errors.csv"), ("study/", "study/comments.csv", "study/errors.csv")]
    {
        let fails = || place.run(&["analyze", "gone.html", "-o", to, "--authors", "drop"]).ends(1).says(&["gone.html"]);
        fails();
        assert_eq!(place.table(errors).len(), 1);
        place.run(&["analyze", "latin1.html", "-o", to, "--authors", "drop"]).ends(0);
        let (earlier, had) = (place.read(table), place.has(errors).then(|| place.read(errors)));
        // Its errors are others than those of the tables that stay.
        fails().says(&["of an earlier run"]);
        assert_eq!((place.read(table), place.has(errors).then(|| place.read(errors))), (earlier, had));
    }
    assert_eq!(place.run(&["analyze", "gone.html"]).ends(1).out, "");
}
