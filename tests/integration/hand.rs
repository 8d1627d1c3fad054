//! From codes to findings: samples for people to code, what they coded read back, agreement, corrected shares, and a coder trained on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::workplace::{Row, Workplace};

/// Comments of which every third has the code in truth; the machine misses a quarter of these and finds some that are none.
fn study(comments: usize) -> String {
    let mut csv = "thread_id,comment_id,reply_to,depth,author,posted_at,text,polarity,hope,state\n".to_owned();
    for at in 0..comments {
        let truth = truth(&format!("c{at}"));
        let machine = if truth { at % 4 != 0 } else { at % 13 == 0 };
        let parent = if at % 5 == 4 { format!("c{}", at - 1) } else { String::new() };
        let text = if truth { "On va y arriver, j'y crois, \u{1f600} ça ira" } else { "=1+1; rien à dire, \"bof\"" };
        let polarity = if truth { "positive" } else { "neutral" };
        writeln!(
            csv,
            "t{},c{at},{parent},{},a{},2026-01-{:02}T10:00:00Z,\"{} {at}\",{polarity},{},visible",
            at % 6,
            u8::from(at % 5 == 4),
            at % 40,
            1 + at % 7,
            text.replace('"', "\"\""),
            u8::from(machine),
        )
        .unwrap();
    }
    csv + "t0,gone,,0,,,,,,deleted\n"
}

fn truth(id: &str) -> bool {
    id[1..].parse::<usize>().unwrap().is_multiple_of(3)
}

const BOOK: &str = "name = \"hope\"\nversion = \"1\"\n[[codes]]\nname = \"hope\"\nlabel = \"Hope\"\ndefinition = \"Things will get better.\"\n\
    [codes.examples]\npositive = [\"On va y arriver.\", \"Ça ira.\", \"J'y crois.\", \"It will be fine.\", \"Demain ira mieux.\"]\nnegative = [\"Bof.\"]\n\
    [codes.patterns]\nfr = [\"j' y crois\"]\n";

fn place(comments: usize) -> Workplace {
    let place = Workplace::new();
    place.write("study/comments.csv", study(comments));
    place.write("hope.toml", BOOK);
    place
}

/// Fills a sheet in: `said` answers for a comment of that id.
fn fill(place: &Workplace, sheet: &str, said: impl Fn(&str) -> Option<bool>) {
    let mut reader = csv::Reader::from_path(place.path(sheet)).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let id = record[1].to_owned();
        let filled = header.iter().zip(&record).map(|(column, cell)| match (column, said(&id)) {
            ("hope", Some(said)) => if said { "oui" } else { "0" }.to_owned(),
            ("polarity", Some(said)) => if said { "positif" } else { "neutre" }.to_owned(),
            ("evidence_hope", Some(true)) if truth(&id) => "j'y crois".to_owned(),
            ("hope" | "polarity" | "evidence_hope", _) => String::new(),
            _ => cell.to_owned(),
        });
        writer.write_record(filled.collect::<Vec<_>>()).unwrap();
    }
    place.write(sheet, writer.into_inner().unwrap());
}

fn measure<'a>(rows: &'a [Row], question: &str, between: &str, measure: &str) -> &'a Row {
    let is = |row: &&Row| {
        row["question"] == question
            && row["between"] == between
            && row["measure"] == measure
            && row["group_by"].is_empty()
    };
    rows.iter().find(is).unwrap_or_else(|| panic!("{question} {between} {measure} in {rows:?}"))
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

#[test]
fn from_a_sample_to_corrected_shares() {
    let place = place(600);
    place.run(&["sample", "study/", "-n", "150", "--by", "hope", "--codebook", "hope.toml", "-o", "sheet.csv"]).ends(0);
    let sheet = place.table("sheet.csv");
    assert_eq!(sheet.len(), 150);
    // Blind: no code is filled in, and nothing tells the strata apart.
    assert!(
        sheet.iter().all(|row| row["hope"].is_empty() && row["polarity"].is_empty() && !row.contains_key("stratum"))
    );
    let design = place.table("sheet.design.csv");
    let strata: BTreeMap<&str, (&str, f64)> = design
        .iter()
        .map(|row| (row["stratum"].as_str(), (row["stratum_size"].as_str(), number(row, "inclusion_probability"))))
        .collect();
    assert_eq!(strata.len(), 2, "{strata:?}");
    for (size, probability) in strata.values() {
        assert!((probability - 75.0 / size.parse::<f64>().unwrap()).abs() < 1e-9, "{strata:?}");
    }
    assert!(design.iter().all(|row| row["comment_id"] != "gone"));

    fill(&place, "sheet.csv", |id| Some(truth(id)));
    let ran = place
        .run(&["validate", "study/", "sheet.csv", "--codebook", "hope.toml", "-o", "validation/", "--by", "thread"])
        .ends(0);
    assert!(ran.out.contains("Hope") && ran.out.contains("kappa"), "{}", ran.out);
    let rows = place.table("validation/agreement.csv");
    // In the whole table: 200 have the code, the machine finds 150 of them and 31 others.
    let found = (0..600).filter(|at| at % 3 != 0 && at % 13 == 0).count() as f64;
    for (name, whole) in [("precision", 150.0 / (150.0 + found)), ("recall", 0.75)] {
        let row = measure(&rows, "hope", "machine / people", name);
        assert_eq!((row["weighted"].as_str(), row["value"].as_str()), ("1", "1"));
        assert!((number(row, "estimate") - whole).abs() < 0.12, "{name}: {row:?} for {whole}");
        assert!(number(row, "low") <= number(row, "estimate") && number(row, "estimate") <= number(row, "high"));
    }
    assert!(rows.iter().any(|row| row["group_by"] == "thread" && row["group"] == "t1"));
    let disagreements = place.table("validation/disagreements.csv");
    assert!(disagreements.iter().all(|row| row["question"] == "hope" && row["text"].contains(&row["comment_id"][1..])));
    assert!(!disagreements.is_empty());

    let ran = place.run(&["estimate", "study/", "sheet.csv", "--by", "thread,depth", "-o", "estimates/"]).ends(0);
    assert!(ran.out.contains("corrected"), "{}", ran.out);
    let shares = place.table("estimates/shares.csv");
    let row = shares.iter().find(|row| row["question"] == "hope" && row["group_by"].is_empty()).unwrap();
    assert_eq!((row["comments"].as_str(), row["coded"].as_str()), ("600", "150"));
    let (low, high) = (number(row, "low"), number(row, "high"));
    assert!(low < 1.0 / 3.0 && 1.0 / 3.0 < high && high - low < 0.2, "{row:?}");
    assert!((number(row, "machine_share") - (150.0 + found) / 600.0).abs() < 1e-9);
    // Threads t0 and t3 have the code in all their comments, the others in none.
    let contrasts = place.table("estimates/contrasts.csv");
    let t0 = contrasts.iter().find(|row| row["question"] == "hope" && row["group"] == "t0").unwrap();
    assert!(number(t0, "low") > 0.4, "{t0:?}");
    for record in ["validation/validate.run.json", "estimates/estimate.run.json"] {
        assert!(place.read(record).contains("\"sha256\""), "{record}");
        let ran = place.run(&["rerun", record]).ends(0);
        assert!(ran.err.contains("all as recorded"), "{}", ran.err);
    }
    // Of another table the sample says nothing.
    place.write("longer/comments.csv", study(700));
    let ran = place.run(&["estimate", "longer/", "sheet.csv"]).ends(2);
    assert!(ran.err.contains("not the table") && ran.err.contains("700") && ran.err.contains("600"), "{}", ran.err);
    let design = place.read("sheet.design.csv").replacen(",0.", ",0.9", 1);
    place.write("changed.design.csv", design);
    let ran = place.run(&["estimate", "study/", "sheet.csv", "--design", "changed.design.csv"]).ends(2);
    assert!(ran.err.contains("row 1") && ran.err.contains("inclusion_probability"), "{}", ran.err);
    let ran = place.run(&["validate", "study/", "study/comments.csv"]).ends(2);
    assert!(ran.err.contains("the machine's own table"), "{}", ran.err);
}

#[test]
fn several_coders_share_a_sample_and_are_compared() {
    let place = place(300);
    let names = ["anne", "ben", "chloé"];
    place
        .run(&[
            "sample",
            "study/comments.csv",
            "-n",
            "90",
            "--coders",
            "anne,ben,chloé",
            "--overlap",
            "0.5",
            "--codebook",
            "hope.toml",
            "-o",
            "s.csv",
        ])
        .ends(0);
    let sheets: Vec<String> = names.iter().map(|name| format!("s.{name}.csv")).collect();
    let ids =
        |sheet: &String| place.table(sheet).into_iter().map(|row| row["comment_id"].clone()).collect::<BTreeSet<_>>();
    let all: Vec<BTreeSet<String>> = sheets.iter().map(ids).collect();
    assert_eq!(all.iter().map(BTreeSet::len).collect::<Vec<_>>(), [60, 60, 60]);
    assert_eq!(all[0].intersection(&all[1]).filter(|id| all[2].contains(*id)).count(), 45);
    assert_eq!(place.table("s.design.csv").len(), 90);
    // Ben errs on every tenth.
    for (at, sheet) in sheets.iter().enumerate() {
        fill(&place, sheet, |id| Some(truth(id) ^ (at == 1 && id.ends_with('0'))));
    }
    let sheets: Vec<&str> = sheets.iter().map(String::as_str).collect();
    let arguments = [&["validate", "study/", "--codebook", "hope.toml", "-o", "v"], &sheets[..]].concat();
    place.run(&arguments).ends(0);
    let rows = place.table("v/agreement.csv");
    assert_eq!(measure(&rows, "hope", "anne / chloé", "alpha_nominal")["estimate"], "1.0");
    let ben = measure(&rows, "hope", "anne / ben", "kappa");
    assert_eq!(ben["units"], "45");
    assert!((0.4..1.0).contains(&number(ben, "estimate")), "{ben:?}");
    assert!((0.4..1.0).contains(&number(measure(&rows, "polarity", "people", "alpha_ordinal"), "estimate")));
    // Two against one: the opinion that prevails is right, so machine and people agree as machine and truth do.
    let people = measure(&rows, "hope", "machine / people", "per_cent");
    assert!(number(people, "estimate") > 0.8, "{people:?}");
}

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

#[test]
fn without_a_design_no_share_is_estimated() {
    let place = place(60);
    place.write("mine.csv", "comment_id,hope\nc3,x\nc4,0\nc5,non\nc6,1\n");
    let ran = place.run(&["estimate", "study/", "mine.csv"]).ends(2);
    assert!(ran.err.contains("--simple-random"), "{}", ran.err);
    let ran = place.run(&["estimate", "study/", "mine.csv", "--simple-random", "-o", "e/"]).ends(0);
    assert!(ran.out.contains("60 comments"), "{}", ran.out);
    assert_eq!(place.table("e/shares.csv")[0]["people_share"], "0.5");
    let ran = place.run(&["validate", "study/", "mine.csv"]).ends(0);
    assert!(ran.out.contains("No design"), "{}", ran.out);
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
fn coders_who_differ_and_strata_nobody_coded_are_told() {
    let place = place(300);
    let sample = [
        "sample",
        "study/",
        "--codebook",
        "hope.toml",
        "-n",
        "80",
        "--by",
        "hope",
        "--coders",
        "anne,ben",
        "--overlap",
        "1",
        "-o",
        "s.csv",
    ];
    place.run(&sample).ends(0);
    fill(&place, "s.anne.csv", |id| Some(truth(id)));
    let alone = |more: &[&str]| {
        place
            .run(&[&["validate", "study/", "s.anne.csv", "--codebook", "hope.toml", "-o", "v"], more].concat())
            .ends(0);
        let rows = place.table("v/agreement.csv");
        let who = if more.is_empty() { "people" } else { "anne" };
        measure(&rows, "hope", &format!("machine / {who}"), "kappa")["estimate"].clone()
    };
    let before = alone(&[]);
    // Ben differs on half: what Anne and the machine share does not change by that.
    fill(&place, "s.ben.csv", |id| Some(truth(id) ^ id.ends_with(['0', '2', '4', '6', '8'])));
    assert_eq!(alone(&["s.ben.csv"]), before);
    let ran = place.run(&["estimate", "study/", "s.anne.csv", "s.ben.csv", "-o", "e"]).ends(0);
    assert!(ran.err.contains("no answer prevails"), "{}", ran.err);
    let row = &place.table("e/shares.csv")[0];
    assert!(number(row, "disputed") > 20.0 && row["estimand"] == "the comments", "{row:?}");

    let design: BTreeMap<String, String> = place
        .table("s.design.csv")
        .into_iter()
        .map(|row| (row["comment_id"].clone(), row["stratum"].clone()))
        .collect();
    fill(&place, "s.ben.csv", |id| (design[id] == "hope=1").then(|| truth(id)));
    place.write("half.csv", place.read("s.ben.csv"));
    let ran = place.run(&["estimate", "study/", "half.csv", "--design", "s.design.csv", "-o", "e"]).ends(0);
    assert!(ran.err.contains("hope=0") && ran.err.contains("no share can be told"), "{}", ran.err);
    assert!(place.table("e/shares.csv").iter().all(|row| row["share"].is_empty() && row["low"].is_empty()));
    for names in ["anne,Anne", "anne,design", "adjudicated"] {
        let ran = place.run(&["sample", "study/", "--coders", names, "-o", "x.csv"]).ends(2);
        assert!(ran.err.contains("nne") || ran.err.contains("files of causerie"), "{}", ran.err);
    }
    let ran = place.run(&["sample", "study/", "--by", "comment_id", "-n", "20", "-o", "x.csv"]).ends(2);
    assert!(ran.err.contains("300 strata") && !place.has("x.csv"), "{}", ran.err);
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
    let mut page = place.command(&["annotate", "study/", "s.anne.csv", "s.ben.csv"]);
    let mut page = page.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().unwrap();
    // The link is told once everything is on the disk.
    let mut link = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(page.stdout.take().unwrap()), &mut link).unwrap();
    page.kill().unwrap();
    page.wait().unwrap();
    assert!(link.starts_with("http://127.0.0.1:") && link.contains("token="), "{link}");
    assert_eq!(place.read("s.decisions.ndjson").lines().count(), 1 + 20);
    let ran = place.run(&["validate", "study/", "s.decisions.ndjson", "--codebook", "hope.toml", "-o", "v"]).ends(0);
    assert!(ran.err.contains("differ on 10 comments"), "{}", ran.err);
    assert_eq!(measure(&place.table("v/agreement.csv"), "hope", "anne / ben", "per_cent")["estimate"], "0.0");
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
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/training");
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
