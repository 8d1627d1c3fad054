//! The coders, from the command: what ships, what is trained, what bad input gets.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use causerie::codebook::Codebook;
use causerie::coding::{Learned, Model, Reads, Rules, code_thread};
use causerie::encoder::{Encoder, Input, Keep};
use causerie::model::{Article, Basis, Comment, Polarity, Thread};
use serde_json::Value;

use super::workplace::Workplace;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn rows() -> Vec<Value> {
    let lines = include_str!("../../data/training/comments.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn comment(id: &str, text: &str) -> Comment {
    Comment { id: id.into(), text: text.into(), ..Comment::default() }
}

fn thread(texts: &[&str]) -> Thread {
    let comments = texts.iter().enumerate().map(|(at, text)| comment(&format!("c{at}"), text)).collect();
    let title = Some("Une enseigne paie 30 euros pour les données de ses clients".to_owned());
    Thread { comments, article: Article { title, ..Article::default() }, ..Thread::default() }
}

/// Every file of the shipped theme heads comes from `data/training/` by the command of `data/models/rebuild.sh`.
#[track_caller]
fn rebuilds(coder: &str) {
    let place = Workplace::new();
    let table = root("data/training/comments.jsonl");
    let table = table.to_str().unwrap();
    let codes = "distrust,fraud_speculation,data_pricing,irony";
    let options = ["--codes", codes, "--held-out", "held_out", "--coder", coder, "-o", "again.safetensors", "-q"];
    // Longer than other runs: some minutes on a slow machine.
    let status = place.command(&[&["train", table][..], &options].concat()).status().unwrap();
    assert!(status.success());
    let again = Model::load(&place.path("again.safetensors")).unwrap();
    let ships = Model::load(&root(&format!("data/models/themes.{coder}.safetensors"))).unwrap();
    assert_eq!(again.facts.rows, ships.facts.rows);
    for (again, ships) in again.facts.outputs.iter().zip(&ships.facts.outputs) {
        assert_eq!(again.name, ships.name);
        let (f1, shipped) = (again.figures.f1, ships.figures.f1);
        assert!((f1 - shipped).abs() <= 0.005, "{} F1 {f1:.3}, of the file that ships {shipped:.3}", again.name);
    }
}

#[test]
fn the_linear_theme_heads_rebuild_from_the_training_folder() {
    rebuilds("linear");
}

#[test]
fn the_encoder_theme_heads_rebuild_from_the_training_folder() {
    rebuilds("encoder");
}

/// Floors under the shipped models on comments they were not fitted on (`held_out`).
#[test]
#[allow(clippy::print_stdout, reason = "the figures, shown with --nocapture")]
fn shipped_models_keep_their_floors() {
    for (file, floors) in [
        ("sentiment.encoder", &[("polarity", FLOORS[0])][..]),
        ("sentiment.linear", &[("polarity", FLOORS[1])]),
        (
            "themes.encoder",
            &[
                ("distrust", FLOORS[2]),
                ("fraud_speculation", FLOORS[3]),
                ("data_pricing", FLOORS[4]),
                ("irony", FLOORS[5]),
            ],
        ),
        ("themes.linear", &[("distrust", FLOORS[6]), ("fraud_speculation", FLOORS[7]), ("data_pricing", FLOORS[8])]),
    ] {
        let model = Model::load(&root(&format!("data/models/{file}.safetensors"))).unwrap();
        for (name, floor) in floors {
            let output = model.facts.outputs.iter().find(|output| output.name == *name).unwrap();
            println!("{file} {name} F1 {:.3} ECE {:.3}", output.figures.f1, output.figures.calibration_error);
            assert!(output.figures.f1 >= *floor, "{file} {name}: F1 {:.3}", output.figures.f1);
            assert!(output.figures.calibration_error <= 0.07, "{file} {name}");
        }
    }
}

const FLOORS: [f64; 9] = [0.60, 0.55, 0.60, 0.45, 0.70, 0.35, 0.55, 0.40, 0.55];

/// Evidence on our own material: at least half of the gold words of a code, where the code was found.
#[test]
#[allow(clippy::print_stdout, reason = "the figures, shown with --nocapture")]
fn evidence_covers_what_a_reader_marked() {
    let rows = rows();
    let held: Vec<&Value> = rows.iter().filter(|row| row["held_out"] == 1).collect();
    let coder = Learned::builtin(Reads::Encoder, Codebook::builtin());
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let (mut hit, mut found, mut share) = (0_u32, 0_u32, 0.0);
    for rows in held.chunk_by(|a, b| a["thread_id"] == b["thread_id"]) {
        let comments = rows.iter().map(|row| Comment {
            reply_to: text(&row["reply_to"]),
            ..comment(row["comment_id"].as_str().unwrap(), row["text"].as_str().unwrap())
        });
        let article = Article {
            title: text(&rows[0]["article_title"]),
            body: text(&rows[0]["article_body"]),
            ..Article::default()
        };
        let coded = code_thread(&coder, Thread { article, comments: comments.collect(), ..Thread::default() });
        for (row, (comment, reading)) in rows.iter().zip(coded.thread.comments.iter().zip(&coded.comments)) {
            for coding in reading.coded.iter().flat_map(|coded| &coded.codings) {
                let gold = row["evidence"][coding.code.as_str()].as_array();
                let Some(gold) = gold.filter(|_| row[coding.code.as_str()] == 1) else { continue };
                let wanted: Vec<usize> = gold
                    .iter()
                    .flat_map(|words| {
                        let at = comment.text.find(words.as_str().unwrap()).unwrap();
                        at..at + words.as_str().unwrap().len()
                    })
                    .collect();
                let span = coding.evidence;
                let covered = wanted.iter().filter(|at| (span.start..span.end).contains(at)).count();
                found += 1;
                hit += u32::from(2 * covered >= wanted.len());
                share += (span.end - span.start) as f64 / comment.text.len() as f64;
            }
        }
    }
    let (hits, length) = (f64::from(hit) / f64::from(found), share / f64::from(found));
    println!("evidence hits {hits:.3} of {found}, {length:.2} of the text");
    assert!(found > 100 && hits >= 0.6, "{hits:.3} of {found}");
    assert!(length < 0.85, "evidence is the smallest stretch, not the comment: {length:.2}");
}

#[test]
fn a_text_gets_the_same_vector_whatever_stands_beside_it() {
    let long = "Encore un mot. ".repeat(60);
    let texts = ["Je n'y crois pas une seconde.", "Merci !", "30 euros, c'est le prix d'un plein.", &long, "👍"];
    let inputs: Vec<Input<'_>> = texts.iter().map(|text| Input { text, context: &[] }).collect();
    let all = Encoder::builtin().encode(&inputs, Keep::Vector);
    for (input, together) in inputs.iter().zip(&all) {
        assert_eq!(Encoder::builtin().encode(&[*input], Keep::Vector)[0], *together, "{:.20}", input.text);
    }
}

#[test]
fn odd_texts_are_coded_or_left_empty_and_never_break() {
    let long = "un mot de plus et encore un autre. ".repeat(12_500);
    let texts = ["", " \n ", "👍", "🤷🏽‍♀️🤷🏽‍♀️", "ᚠᛇᚻ ᛒᛦᚦ ᚠᚱᚩᚠᚢᚱ", "\u{200d}\u{ad}\u{feff}", "...", "> citation\n", &long];
    for reads in [Reads::Linear, Reads::Encoder] {
        let coded = code_thread(&Learned::builtin(reads, Codebook::builtin()), thread(&texts));
        assert!(coded.comments[0].coded.is_none() && coded.comments[1].coded.is_none());
        let thumb = coded.comments[2].coded.as_ref().unwrap().polarity.as_ref().unwrap();
        assert!((0.0..=1.0).contains(&thumb.confidence));
        for (text, reading) in texts.iter().zip(&coded.comments) {
            for coding in reading.coded.iter().flat_map(|coded| &coded.codings) {
                assert!(text.get(coding.evidence.start..coding.evidence.end).is_some(), "{text:.20}");
            }
        }
    }
}

#[test]
fn languages_nobody_taught_are_flagged_or_left_empty() {
    let dutch = "Ik vind het echt een schande dat ze onze gegevens zomaar verkopen aan de hoogste bieder.";
    let coded = code_thread(&Learned::builtin(Reads::Encoder, Codebook::builtin()), thread(&[dutch]));
    assert_eq!(coded.comments[0].language.as_deref(), Some("nl"));
    let said = coded.comments[0].coded.as_ref().unwrap();
    assert!(said.foreign);
    assert_eq!(said.polarity.as_ref().unwrap().polarity, Polarity::Negative);
    let coded = code_thread(&Learned::builtin(Reads::Linear, Codebook::builtin()), thread(&[dutch]));
    assert!(coded.comments[0].coded.is_none(), "words it never saw tell it nothing");
}

#[test]
fn what_is_less_sure_than_asked_for_is_left_open() {
    let coder = Learned::builtin(Reads::Linear, Codebook::builtin()).at_least(0.99);
    let coded = code_thread(&coder, thread(&["Ils disent que ce sera prêt mardi."]));
    let said = coded.comments[0].coded.as_ref().unwrap();
    assert!(said.polarity.is_none() && said.undecided.contains(&"polarity".to_owned()), "{said:?}");
}

#[test]
fn quoted_words_are_nobodys_sentiment() {
    let coder = Learned::builtin(Reads::Encoder, Codebook::builtin());
    let text = "« Une honte, une arnaque et un scandale absolu, ces voleurs ! » Quelqu'un a le lien ?";
    let coded = code_thread(&coder, thread(&[text]));
    let said = coded.comments[0].coded.as_ref().unwrap();
    assert_ne!(said.polarity.as_ref().unwrap().polarity, Polarity::Negative, "{said:?}");
}

#[test]
fn a_code_of_examples_alone_is_found_and_uncalibrated() {
    let book = Codebook::load(&root("data/codebooks/template.toml")).unwrap();
    let coder = Learned::builtin(Reads::Encoder, book.clone());
    assert_eq!(coder.uncalibrated(), ["own_experience"]);
    let texts =
        ["Chez moi ils ont coupé l'eau pendant une semaine entière.", "Quelqu'un connaît l'adresse du magasin ?"];
    let coded = code_thread(&coder, thread(&texts));
    let codings = |at: usize| &coded.comments[at].coded.as_ref().unwrap().codings;
    assert_eq!(
        codings(0).iter().map(|c| (c.code.as_str(), c.basis)).collect::<Vec<_>>(),
        [("own_experience", Basis::Examples)]
    );
    assert!(codings(1).is_empty());
    assert_eq!(Learned::builtin(Reads::Linear, book).lacking(), ["own_experience"]);
}

#[test]
fn a_wider_code_applies_where_a_narrower_one_does() {
    let toml = "name = \"n\"\nversion = \"1\"\n[[codes]]\nname = \"wide\"\nlabel = \"W\"\ndefinition = \"d\"\npatterns.fr = [\"loin\"]\n\
                [[codes]]\nname = \"narrow\"\nparent = \"wide\"\nlabel = \"N\"\ndefinition = \"d\"\npatterns.fr = [\"arnaque\"]\n\
                [[codes]]\nname = \"old\"\nstatus = \"retired\"\nlabel = \"O\"\ndefinition = \"d\"\npatterns.fr = [\"arnaque\"]\n";
    let book = Codebook::parse("x.toml", toml).unwrap().in_use();
    let coded = code_thread(&Rules::new(book), thread(&["C'est une arnaque, je vous le dis franchement."]));
    let names: Vec<&str> = coded.comments[0].coded.as_ref().unwrap().codings.iter().map(|c| c.code.as_str()).collect();
    assert_eq!(names, ["wide", "narrow"]);
}

/// A table of hand codes: `hope` where a word of hope stands.
fn coded_table(rows: usize) -> String {
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
        .says(&["row 2: the comment_id c1 is in row 1 already"]);
}

#[test]
fn a_model_that_is_none_is_refused() {
    let place = Workplace::new();
    place.sample("latin1.html");
    place.write("no.safetensors", "no model");
    let arguments = ["analyze", "latin1.html", "--model", "no.safetensors", "-o", "out.csv"];
    place.run(&arguments).ends(2).says(&["no.safetensors", "no model of causerie", "causerie train"]);
    place.run(&["analyze", "latin1.html", "--min-confidence", "7"]).ends(2).says(&["from 0 to 1"]);
    place
        .run(&["analyze", "latin1.html", "--coder", "rules", "--min-confidence", "0.5"])
        .ends(2)
        .says(&["--coder rules"]);
}

#[test]
fn tables_are_the_same_over_runs_and_numbers_of_threads() {
    let place = Workplace::new();
    place.sample("pasted-fr.txt");
    place.sample("wordpress-citations.html");
    let mut tables: HashMap<&str, String> = HashMap::new();
    for (name, threads) in [("a", "1"), ("b", "2"), ("c", "4")] {
        let mut command =
            place.command(&["analyze", "pasted-fr.txt", "wordpress-citations.html", "-o", &format!("{name}/"), "-q"]);
        assert!(command.env("RAYON_NUM_THREADS", threads).status().unwrap().success());
        tables.insert(name, place.read(&format!("{name}/comments.csv")) + &place.read(&format!("{name}/codings.csv")));
    }
    assert!(tables["a"] == tables["b"] && tables["b"] == tables["c"]);
}

#[test]
fn a_comment_is_explained_by_every_coder() {
    let place = Workplace::new();
    place.sample("pasted-fr.txt");
    place.run(&["analyze", "pasted-fr.txt", "-o", "study/"]).ends(0);
    let ran = place.run(&["explain", "study/comments.csv", "--id", "c12"]).ends(0);
    for word in ["rules-1", "linear-1", "encoder-1", "polarity:", "irony:", "distrust:", "probability", "“"] {
        assert!(ran.out.contains(word), "{word} is not in\n{}", ran.out);
    }
    place.run(&["explain", "study/comments.csv", "--id", "c99"]).ends(2).says(&["no comment c99"]);
}

#[test]
fn codebooks_are_begun_checked_and_shown() {
    let place = Workplace::new();
    let ran = place.run(&["codebook", "init"]).ends(0);
    place.write("mine.toml", &ran.out);
    let ran = place.run(&["codebook", "check", "mine.toml"]).ends(0);
    assert!(ran.out.contains("mine.toml: 2 codes") && ran.err.is_empty(), "{}\n{}", ran.out, ran.err);
    place.write("worse.toml", format!("x\n{}", ran.out));
    place.run(&["codebook", "check", "worse.toml"]).ends(2).says(&["worse.toml:1: "]);
    let missing = place.read("mine.toml").replace("en = [\"will be better\"", "en = [\"will be worse\"");
    place.write("missing.toml", missing);
    place.run(&["codebook", "check", "missing.toml"]).ends(0).says(&["its patterns miss its example 2"]);
    let ran = place.run(&["codebook", "show"]).ends(0);
    assert!(ran.out.contains("## Distrust (`distrust`)") && ran.out.contains("Counts:"), "{}", ran.out);
}
