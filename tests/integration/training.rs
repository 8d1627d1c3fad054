//! Coders of one's own, from hand-coded comments.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use causerie::codebook::Codebook;
use causerie::coding::{Learned, Model, Reads, code_thread};
use causerie::model::{Comment, Thread};

use super::workplace::Workplace;

fn thread_of(text: &str) -> Thread {
    let comment = Comment { id: "c0".into(), text: text.into(), ..Comment::default() };
    Thread { comments: vec![comment], ..Thread::default() }
}

/// A table of hand codes: `hope` where a word of hope stands.
pub(crate) fn coded_table(rows: usize) -> String {
    let mut table = "text,hope\n".to_owned();
    for at in 0..rows {
        let text = ["On y arrivera j'espère vraiment", "Le train part à huit heures"][at % 2];
        writeln!(table, "{text} numéro {at},{}", 1 - at % 2).unwrap();
    }
    table
}

#[test]
fn a_coder_of_ones_own_is_trained_and_used() {
    let place = Workplace::new();
    place.write("coded.csv", coded_table(60));
    let ran =
        place.run(&["train", "coded.csv", "--codes", "hope", "--coder", "linear", "-o", "hope.safetensors"]).ends(0);
    let ran = ran.says(&["wrote hope.safetensors"]);
    assert!(ran.out.contains("cross-validated") && ran.out.contains("hope"), "{}", ran.out);
    place.sample("latin1.html");
    place.run(&["analyze", "latin1.html", "--coder", "linear", "--model", "hope.safetensors", "-o", "out.csv"]).ends(0);
    let out = place.table("out.csv");
    assert!(out.iter().all(|row| row["hope"] == "0" || row["hope"] == "1"), "{out:?}");
    assert!(!out[0].contains_key("distrust"), "the codes are the model's");
    assert!(out[0]["coder"].ends_with("+hope"), "{}", out[0]["coder"]);
    // It was coded with the model alone: there is no codebook to look for. Of a table that nobody knows there may be one.
    let ran = place.run(&["report", "out.csv", "-o", "report.html"]).ends(0);
    assert!(!ran.err.contains("codebook of this study"), "{}", ran.err);
    std::fs::remove_file(place.path("out.run.json")).unwrap();
    place.run(&["report", "out.csv", "-o", "report.html"]).ends(0).says(&["the codebook of this study is not known"]);
}

#[test]
fn what_varies_not_has_no_interval_and_codes_of_no_codebook_are_named() {
    let place = Workplace::new();
    // A code that a word tells, as two columns: the first is one of the built-in codebook.
    let table = coded_table(60).replace("text,hope", "text,distrust,hope");
    let twice = |line: &str| match line.rsplit_once(',') {
        Some((_, code)) if code.len() == 1 => format!("{line},{code}\n"),
        _ => format!("{line}\n"),
    };
    place.write("coded.csv", table.lines().map(twice).collect::<String>());
    let train = ["train", "coded.csv", "--coder", "linear", "-o", "m.safetensors"];
    let ran = place.run(&train).ends(0).says(&["not used: hope; name them with --codes"]);
    let line = ran.out.lines().find(|line| line.starts_with("distrust")).unwrap();
    assert!(line.contains("1.000") && !line.contains('('), "{}", ran.out);
    let model = Model::load(&place.path("m.safetensors")).unwrap();
    assert_eq!(model.facts.outputs[0].figures.f1_95, None);
}

#[test]
fn where_two_people_differ_a_model_is_less_sure() {
    let place = Workplace::new();
    let mut both = "text,anne,ben\n".to_owned();
    for at in 0..120 {
        let (text, label) =
            [("Une honte de plus", -1), ("Bravo pour ce travail", 1), ("Le train part à huit heures", 0)][at % 3];
        // Ben takes every second shame for a fact.
        let other = if label == -1 && at % 2 == 0 { 0 } else { label };
        writeln!(both, "{text} numéro {at},{label},{other}").unwrap();
    }
    place.write("both.csv", &both);
    // A table that only Anne coded.
    place.write("anne.csv", "text,anne\nUn mot de plus pour voir,0\n");
    let train = |columns: &str, to: &str| {
        let arguments = ["train", "both.csv", "anne.csv", "--sentiment", columns, "--coder", "linear", "-o", to];
        let ran = place.run(&arguments).ends(0);
        let several = "of 120 comments was coded by several people, of 100 alike (83 %)";
        assert_eq!(ran.err.contains(several), columns == "anne,ben", "{}", ran.err);
        let coder =
            Learned::with_models(Reads::Linear, Codebook::of_names([]), vec![Model::load(&place.path(to)).unwrap()]);
        let coded = code_thread(&coder, thread_of("Une honte de plus numéro 7"));
        coded.comments[0].coded.as_ref().unwrap().polarity.as_ref().unwrap().score
    };
    let (alone, together) = (train("anne", "anne.safetensors"), train("anne,ben", "both.safetensors"));
    assert!(alone < together && together < 0.0, "{alone} {together}");
    let arguments = ["train", "both.csv", "--sentiment", "anne,bne", "--coder", "linear", "-o", "m.safetensors"];
    place.run(&arguments).ends(2).says(&["no column `bne`; there are text, anne, ben"]);
    let arguments = ["train", "both.csv", "--sentiment", "anne,anne", "--coder", "linear", "-o", "m.safetensors"];
    place.run(&arguments).ends(2).says(&["names `anne` twice"]);
}

#[test]
fn what_cannot_be_learnt_is_refused_with_its_reason() {
    let table = |rows: &str| format!("comment_id,text,hope\n{rows}");
    let many = |code: &str| (0..30).fold(String::new(), |rows, at| rows + &format!("c{at},texte {at},{code}\n"));
    for (content, more, words) in [
        (table(&many("1")), &["--codes", "hope"][..], &["`hope`: only 0 rows are 0"][..]),
        (coded_table(10), &["--codes", "hope"], &["10 coded rows are too few"]),
        (coded_table(60), &["--codes", "joy"], &["no column `joy`; there are text, hope"]),
        (coded_table(60), &["--codes", "hope", "--text", "body"], &["no column `body`"]),
        (coded_table(60), &[], &["nothing to learn", "--codes"]),
        (table(&many("maybe")), &["--codes", "hope"], &["coded.csv, row 1: `hope` is `maybe`; write 1 or 0"]),
        (table(&many("1")), &["--sentiment", "hope"], &["only 0 rows are negative"]),
        (table("c1,a,1\nc1,b,0\n"), &["--codes", "hope"], &["2 coded rows are too few"]),
        (String::new(), &["--codes", "hope"], &["coded.csv: not a table"]),
    ] {
        let place = Workplace::new();
        place.write("coded.csv", &content);
        let arguments = [&["train", "coded.csv", "--coder", "linear", "-o", "m.safetensors"], more].concat();
        place.run(&arguments).ends(2).says(words);
        assert!(!place.has("m.safetensors"));
    }
    let place = Workplace::new();
    let twice = "thread_id,comment_id,text,hope\nt,c1,a,1\nt,c1,b,0\n";
    place.write("coded.csv", twice);
    place
        .run(&["train", "coded.csv", "--codes", "hope", "-o", "m"])
        .ends(2)
        .says(&["row 2: the comment c1 of thread t is in row 1 already"]);
}

/// Macro-F1 of the one code in what `causerie train` prints: rows, positives, F1, precision, recall.
fn macro_f1(told: &str) -> f64 {
    let line = told.lines().find(|line| line.starts_with("own_experience")).unwrap_or_else(|| panic!("{told}"));
    let numbers: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [rows, positives, _, precision, recall, ..] = numbers[..] else { panic!("{line}") };
    let hits = recall * positives;
    let (false_alarms, missed) = (hits / precision - hits, positives - hits);
    let rest = rows - hits - false_alarms - missed;
    f64::midpoint(2.0 * hits / (2.0 * hits + false_alarms + missed), 2.0 * rest / (2.0 * rest + false_alarms + missed))
}

#[test]
fn two_hundred_codes_teach_a_new_code() {
    let place = Workplace::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/training");
    let codes = std::fs::read_to_string(root.join("own-experience.tsv")).unwrap();
    let codes: BTreeMap<(&str, &str), (&str, &str)> = codes
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            ((cells[0], cells[1]), (cells[2], cells[3]))
        })
        .collect();
    let comments = std::fs::read_to_string(root.join("comments.jsonl")).unwrap();
    let mut reached = Vec::new();
    for share in [5, 1] {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(["thread_id", "comment_id", "reply_to", "text", "own_experience", "held_out"]).unwrap();
        for (at, line) in comments.lines().enumerate() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| row[name].as_str().unwrap_or_default();
            let (thread, comment) = (text("thread_id"), text("comment_id"));
            let Some((code, held_out)) = codes.get(&(thread, comment)) else { continue };
            // One in five of those to learn from is coded.
            let code = if *held_out == "1" || at % share == 0 { code } else { "" };
            csv.write_record([thread, comment, text("reply_to"), text("text"), code, held_out]).unwrap();
        }
        place.write("coded.csv", csv.into_inner().unwrap());
        let train = [
            "train",
            "coded.csv",
            "--codes",
            "own_experience",
            "--held-out",
            "held_out",
            "--coder",
            "linear",
            "-o",
            "m.safetensors",
        ];
        reached.push(macro_f1(&place.run(&train).ends(0).out));
    }
    assert!(reached[0] >= 0.75 * reached[1] && reached[0] > 0.6 && reached[1] > 0.7, "{reached:?}");
}
