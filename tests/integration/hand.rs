//! What people coded on its way back: sheets with faults, sheets to be settled, samples that grow.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use super::hope::{BOOK, fill, measure, place, truth};
use super::workplace::Workplace;

#[test]
fn every_fault_of_a_sheet_is_named_and_nothing_is_imported() {
    let place = place(60);
    place.run(&["sample", "study/", "-n", "20", "--codebook", "hope.toml", "-o", "sheet.csv"]).ends(0);
    let sheet = place.read("sheet.csv");
    let first = place.table("sheet.csv")[0]["comment_id"].clone();
    let broken = sheet.replacen(&format!(",{first},"), ",c999,", 1);
    place.write("broken.csv", broken);
    fill(&place, "broken.csv", |_| Some(true));
    let mut filled = place.read("broken.csv");
    let last = filled.rfind(",oui,").unwrap();
    filled.replace_range(last..last + 5, ",peut-être,");
    place.write("broken.csv", filled);
    for command in ["validate", "estimate"] {
        let more: &[&str] = if command == "estimate" { &["--simple-random"] } else { &[] };
        let ran = place
            .run(&[&[command, "study/", "broken.csv", "--codebook", "hope.toml", "-o", "out/"], more].concat())
            .ends(2);
        assert!(ran.err.contains("c999") && ran.err.contains("row 2") && ran.err.contains("peut-être"), "{}", ran.err);
        assert!(ran.err.contains("nothing was imported"), "{}", ran.err);
        assert!(!place.has("out"));
    }
    place.write("renamed.csv", sheet.replacen("comment_id", "kommentar", 1));
    let ran = place.run(&["validate", "study/", "renamed.csv", "--codebook", "hope.toml"]).ends(2);
    assert!(ran.err.contains("comment_id") && ran.err.contains("kommentar"), "{}", ran.err);
    place.write("renamed.csv", sheet.replacen(",hope,", ",espoir,", 1));
    let ran = place.run(&["validate", "study/", "renamed.csv", "--codebook", "hope.toml"]).ends(2);
    assert!(ran.err.contains("no column `hope`") && ran.err.contains("espoir"), "{}", ran.err);
    // One coder, two sheets, two answers.
    for (name, said) in [("a.csv", true), ("b.csv", false)] {
        place.write(name, format!("thread_id,comment_id,coder,hope\nt3,c3,anne,{}\n", u8::from(said)));
    }
    let ran = place.run(&["validate", "study/", "a.csv", "b.csv", "--codebook", "hope.toml"]).ends(2);
    assert!(ran.err.contains("anne") && ran.err.contains("c3") && ran.err.contains("a.csv"), "{}", ran.err);
}

/// The link of a page to code on, which is told once everything is on the disk; the page is closed again.
fn opened(place: &Workplace, arguments: &[&str]) -> String {
    let mut page = place.command(arguments);
    let mut page = page.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut link = String::new();
    BufReader::new(page.stdout.take().unwrap()).read_line(&mut link).unwrap();
    page.kill().unwrap();
    page.wait().unwrap();
    link
}

#[test]
fn coders_are_asked_for_the_codes_that_a_study_was_coded_with() {
    let place = place(10);
    let code = ["code", "study/comments.csv", "--coder", "rules", "--codebook", "hope.toml", "-o", "coded/"];
    place.run(&code).ends(0);
    // The first line of a journal tells what is asked for.
    let asked = |journal: &str, more: &[&str]| {
        opened(&place, &[&["annotate", "coded/", "--journal", journal], more].concat());
        place.read(journal).lines().next().unwrap().to_owned()
    };
    let by_itself = asked("itself.ndjson", &[]);
    assert_eq!(by_itself, asked("named.ndjson", &["--codebook", "hope.toml"]));
    assert_ne!(by_itself, asked("fewer.ndjson", &["--codebook", "hope.toml", "--codes", "polarity"]));
    // Another codebook than the study's has to be named.
    place.write("hope.toml", BOOK.replace("hope", "despair"));
    let ran = place.run(&["annotate", "coded/"]).ends(2);
    assert!(ran.err.contains("hope.toml") && ran.err.contains("--codebook"), "{}", ran.err);
}

#[test]
fn filled_sheets_are_taken_over_to_be_settled() {
    let place = place(100);
    let sample = [
        "sample",
        "study/",
        "--codebook",
        "hope.toml",
        "-n",
        "10",
        "--coders",
        "anne,ben",
        "--overlap",
        "1",
        "-o",
        "s.csv",
    ];
    place.run(&sample).ends(0);
    fill(&place, "s.anne.csv", |id| Some(truth(id)));
    fill(&place, "s.ben.csv", |id| Some(!truth(id)));
    let link = opened(&place, &["annotate", "study/", "s.anne.csv", "s.ben.csv"]);
    assert!(link.starts_with("http://127.0.0.1:") && link.contains("token="), "{link}");
    assert_eq!(place.read("s.decisions.ndjson").lines().count(), 1 + 20);
    let ran = place.run(&["validate", "study/", "s.decisions.ndjson", "--codebook", "hope.toml", "-o", "v"]).ends(0);
    assert!(ran.err.contains("differ on 10 comments"), "{}", ran.err);
    assert_eq!(measure(&place.table("v/agreement.csv"), "hope", "anne / ben", "per_cent")["estimate"], "0.0");
}

#[test]
fn coding_begins_with_a_blank_sheet_a_design_or_nothing() {
    let place = place(50);
    place.run(&["sample", "study/", "--codebook", "hope.toml", "-n", "5", "-o", "s.csv"]).ends(0);
    for begun in
        [["annotate", "study/", "s.csv"].as_slice(), &["annotate", "study/", "s.design.csv"], &["annotate", "study/"]]
    {
        let link = opened(&place, begun);
        assert!(link.starts_with("http://127.0.0.1:"), "{begun:?}: {link}");
    }
}

#[test]
fn a_sample_grows_and_two_samples_do_not_add_up() {
    let place = place(200);
    let sample =
        |more: &[&str]| place.run(&[&["sample", "study/", "--codebook", "hope.toml", "--by", "hope"], more].concat());
    sample(&["-n", "40", "-o", "first.csv"]).ends(0);
    fill(&place, "first.csv", |id| Some(truth(id)));
    // A filled sheet is not written over.
    let ran = sample(&["-n", "60", "-o", "first.csv"]).ends(2);
    assert!(ran.err.contains("first.csv is there already"), "{}", ran.err);
    sample(&["-n", "60", "--without", "first.csv", "-o", "more.csv"]).ends(0);
    assert_eq!((place.table("more.csv").len(), place.table("more.design.csv").len()), (20, 60));
    fill(&place, "more.csv", |id| Some(truth(id)));
    place.run(&["estimate", "study/", "first.csv", "more.csv", "-o", "e/"]).ends(0);
    let shares = place.table("e/shares.csv");
    assert!(shares.iter().all(|row| row["coded"] == "60"), "{shares:?}");

    let ran = sample(&["-n", "60", "--seed", "2", "--without", "first.csv", "-o", "other.csv"]).ends(2);
    assert!(ran.err.contains("would not be in this one"), "{}", ran.err);
    sample(&["-n", "60", "--seed", "2", "-o", "other.csv"]).ends(0);
    fill(&place, "other.csv", |id| Some(truth(id)));
    let ran = place.run(&["estimate", "study/", "first.csv", "other.csv"]).ends(2);
    assert!(ran.err.contains("drawn apart") && ran.err.contains("--design"), "{}", ran.err);
}

#[test]
fn doubtful_comments_teach_and_are_never_estimated_with() {
    let place = place(120);
    place.run(&["sample", "study/", "-n", "40", "--codebook", "hope.toml", "-o", "random.csv"]).ends(0);
    place
        .run(&[
            "sample",
            "study/",
            "-n",
            "20",
            "--uncertain",
            "polarity",
            "--coder",
            "linear",
            "--without",
            "random.csv",
            "-o",
            "more.csv",
        ])
        .ends(0);
    let ids = |name: &str| place.table(name).into_iter().map(|row| row["comment_id"].clone()).collect::<BTreeSet<_>>();
    assert_eq!((ids("more.csv").len(), ids("more.csv").intersection(&ids("random.csv")).count()), (20, 0));
    assert!(
        place
            .table("more.design.csv")
            .iter()
            .all(|row| row["drawn_by"] == "uncertain" && row["inclusion_probability"].is_empty())
    );
    fill(&place, "random.csv", |id| Some(truth(id)));
    fill(&place, "more.csv", |id| Some(truth(id)));
    let ran = place.run(&["estimate", "study/", "random.csv", "more.csv", "-o", "e/"]).ends(0);
    assert!(ran.err.contains("not drawn by chance"), "{}", ran.err);
    assert!(place.table("e/shares.csv").iter().all(|row| row["coded"] == "40"));

    let ran = place
        .run(&[
            "train",
            "study/comments.csv",
            "--hand",
            "random.csv",
            "more.csv",
            "--codes",
            "hope",
            "--codebook",
            "hope.toml",
            "--coder",
            "linear",
            "--learning-curve",
            "-o",
            "hope.safetensors",
        ])
        .ends(0);
    assert!(ran.out.contains("F1 by rows") && ran.out.contains("coding more comments"), "{}", ran.out);
    assert!(place.has("hope.safetensors") && place.has("hope.run.json"));
}

#[test]
fn samples_and_explanations_know_the_codebook_of_the_study() {
    let place = Workplace::new();
    place.sample("latin1.html");
    place.write("hope.toml", BOOK);
    place.run(&["analyze", "latin1.html", "--codebook", "hope.toml", "--coder", "linear", "-o", "study/"]).ends(0);
    for table in ["study/", "study/comments.csv"] {
        let _ = std::fs::remove_file(place.path("sheet.csv"));
        let _ = std::fs::remove_file(place.path("sheet.design.csv"));
        place.run(&["sample", table, "-o", "sheet.csv"]).ends(0);
        let sheet = place.read("sheet.csv");
        let columns = sheet.lines().next().unwrap();
        assert!(columns.contains("hope") && !columns.contains("distrust"), "{table}: {columns}");
        let id = place.table("study/comments.csv")[0]["comment_id"].clone();
        let explain = ["explain", table, "--id", &id, "--codebook", "hope.toml"];
        let explained = place.run(&explain[..4]).ends(0).out;
        assert_eq!(explained, place.run(&explain).ends(0).out);
        assert!(!explained.contains("distrust"), "{table}: {explained}");
    }
    // Another codebook in its place would ask for something else.
    place.write("hope.toml", BOOK.replace("hope", "joy"));
    place.run(&["sample", "study/", "-o", "other.csv"]).ends(2).says(&[
        "hope.toml",
        "not there as it was",
        "--codebook",
    ]);
    place.run(&["sample", "study/", "--codebook", "hope.toml", "-o", "other.csv"]).ends(0);
}
