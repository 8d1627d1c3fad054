//! From codes to findings: what people coded of a sample, how far they and the machine agree, and the shares that follow.

use std::collections::{BTreeMap, BTreeSet};

use super::hope::{fill, measure, number, place, study, truth};
use super::workplace::Row;

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

    for blank in [
        ["validate", "study/", "sheet.csv", "--codebook", "hope.toml"].as_slice(),
        &["estimate", "study/", "sheet.csv"],
        &["train", "study/", "--hand", "sheet.csv", "-o", "own.model"],
        &["report", "study/", "--hand", "sheet.csv", "-o", "report.html"],
    ] {
        let ran = place.run(blank).ends(2);
        assert!(
            ran.err.contains("nothing is coded in sheet.csv") && ran.err.contains("causerie annotate"),
            "{}",
            ran.err
        );
    }

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
    assert!((0.4..1.0).contains(&number(measure(&rows, "polarity", "anne / ben", "kappa_quadratic"), "estimate")));
    // Of the 45 that both coded Ben errs on those that end in 0: what he gets wrong is in precision, recall and the pairs.
    let pairs = place.table("v/confusion.csv");
    let cell = |first: &str, second: &str| {
        let is = |row: &&Row| {
            row["question"] == "hope"
                && row["between"] == "anne / ben"
                && row["first"] == first
                && row["second"] == second
        };
        pairs.iter().find(is).map_or(0.0, |row| number(row, "units"))
    };
    let [hits, missed, false_alarms] = [cell("1", "1"), cell("0", "1"), cell("1", "0")];
    assert!((hits + missed + false_alarms + cell("0", "0") - 45.0).abs() < 1e-9 && missed + false_alarms > 0.0);
    for (name, expected) in [("precision", hits / (hits + false_alarms)), ("recall", hits / (hits + missed))] {
        let figure = number(measure(&rows, "hope", "anne / ben", name), "estimate");
        assert!((figure - expected).abs() < 1e-9, "{name}: {figure} for {expected}");
    }
    // Two against one: the opinion that prevails is right, so machine and people agree as machine and truth do.
    let people = measure(&rows, "hope", "machine / people", "per_cent");
    assert!(number(people, "estimate") > 0.8, "{people:?}");
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
