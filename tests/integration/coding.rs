//! The coders, from the command: what ships, what is trained, what bad input gets.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use causerie::codebook::Codebook;
use causerie::coding::{Coder, Discussion, Learned, Model, Reads, Rules, code_thread};
use causerie::encoder::{Encoder, Input, Keep};
use causerie::model::{Article, Basis, Comment, Polarity, Thread};
use serde_json::Value;

use super::training::coded_table;
use super::workplace::Workplace;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub(super) fn comment(id: &str, text: &str) -> Comment {
    Comment { id: id.into(), text: text.into(), ..Comment::default() }
}

pub(super) fn thread(texts: &[&str]) -> Thread {
    let comments = texts.iter().enumerate().map(|(at, text)| comment(&format!("c{at}"), text)).collect();
    let title = Some("Une enseigne paie 30 euros pour les données de ses clients".to_owned());
    Thread { comments, article: Article { title, ..Article::default() }, ..Thread::default() }
}

/// The shipped heads of irony and the built-in codes come from `data/training/` by the commands of `data/models/rebuild.sh`.
#[track_caller]
fn rebuilds(coder: &str) {
    let place = Workplace::new();
    let comments = root("data/training/comments.jsonl");
    let codes = "irony,distrust,fraud_speculation,data_pricing";
    // Every third comment again without its thread, as in `rebuild.sh`.
    let kept = |key: &str| matches!(key, "text" | "held_out") || codes.split(',').any(|code| code == key);
    let bare = fs::read_to_string(&comments).unwrap().lines().step_by(3).fold(String::new(), |mut bare, line| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        row.as_object_mut().unwrap().retain(|key, _| kept(key));
        writeln!(bare, "{row}").unwrap();
        bare
    });
    place.write("bare.jsonl", &bare);
    let mut tables = vec![comments];
    if coder == "encoder" {
        tables.extend([root("data/training/posts.jsonl"), place.path("bare.jsonl")]);
    }
    let tables: Vec<&str> = tables.iter().map(|table| table.to_str().unwrap()).collect();
    let options = ["--codes", codes, "--held-out", "held_out", "--coder", coder, "-o", "again.safetensors", "-q"];
    // Longer than other runs: some minutes on a slow machine.
    let status = place.command(&[&["train"], &tables[..], &options].concat()).status().unwrap();
    assert!(status.success());
    let again = Model::load(&place.path("again.safetensors")).unwrap();
    let ships = Model::load(&root(&format!("data/models/codes.{coder}.safetensors"))).unwrap();
    assert_eq!(again.facts.rows, ships.facts.rows);
    assert_eq!(again.facts.outputs.len(), ships.facts.outputs.len());
    for (again, ships) in again.facts.outputs.iter().zip(&ships.facts.outputs) {
        assert_eq!(again.name, ships.name);
        let (f1, shipped) = (again.figures.f1, ships.figures.f1);
        assert!((f1 - shipped).abs() <= 0.005, "{} F1 {f1:.3}, of the file that ships {shipped:.3}", again.name);
        assert!(again.figures.calibration_error <= 0.05, "{} {}", again.name, again.figures.calibration_error);
    }
}

#[test]
fn the_linear_heads_rebuild_from_the_training_folder() {
    rebuilds("linear");
}

#[test]
fn the_encoder_heads_rebuild_from_the_training_folder() {
    rebuilds("encoder");
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
        assert!((0.0..=1.0).contains(&thumb.confidence.unwrap().value));
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
fn a_language_the_themes_never_saw_has_sentiment_and_no_claim_about_themes() {
    let german = "Das ist doch totaler Betrug, ich glaube denen kein Wort mehr und werde mein Konto dort kündigen.";
    let coded = code_thread(&Learned::builtin(Reads::Linear, Codebook::builtin()), thread(&[german]));
    let said = coded.comments[0].coded.as_ref().unwrap();
    assert!(said.polarity.as_ref().unwrap().confidence.unwrap().calibrated && said.foreign);
    assert!(said.codings.is_empty() && said.undecided.contains(&"distrust".to_owned()), "{said:?}");
    let coded = code_thread(&Learned::builtin(Reads::Encoder, Codebook::builtin()), thread(&[german]));
    let said = coded.comments[0].coded.as_ref().unwrap();
    assert!(said.polarity.as_ref().unwrap().confidence.unwrap().calibrated && said.foreign);
    assert!(said.codings.iter().all(|coding| !coding.confidence.unwrap().calibrated), "{said:?}");
}

#[test]
fn a_comment_too_long_to_be_read_whole_is_noted() {
    let long = "un mot de plus et encore un autre. ".repeat(3_000);
    let coded = code_thread(&Learned::builtin(Reads::Encoder, Codebook::builtin()), thread(&["Merci !", &long]));
    let notes = coded.thread.notes;
    assert!(notes.len() == 1 && notes[0].contains("too long") && notes[0].ends_with("c1"), "{notes:?}");
}

#[test]
fn a_model_that_learnt_with_patterns_asks_for_their_codebook() {
    let place = Workplace::new();
    let book = "name = \"study\"\nversion = \"1\"\n[[codes]]\nname = \"hope\"\nlabel = \"H\"\ndefinition = \"d\"\npatterns.fr = [\"espère\"]\n";
    place.write("mine.toml", book);
    place.write("coded.csv", coded_table(60));
    let train = ["train", "coded.csv", "--codebook", "mine.toml", "--coder", "linear", "-o", "hope.safetensors"];
    place.run(&train).ends(0);
    place.sample("latin1.html");
    let analyze = ["analyze", "latin1.html", "--coder", "linear", "--model", "hope.safetensors", "-o", "out.csv"];
    place.run(&analyze).ends(2).says(&["`study 1`", "--codebook"]);
    place.run(&[&analyze[..], &["--codebook", "mine.toml"]].concat()).ends(0);
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
        codings(0).iter().map(|c| (c.code.as_str(), c.confidence.unwrap().basis.unwrap())).collect::<Vec<_>>(),
        [("own_experience", Basis::Examples)]
    );
    assert!(codings(1).is_empty());
    assert_eq!(Learned::builtin(Reads::Linear, book).lacking(), ["own_experience"]);
    let place = Workplace::new();
    place.sample("pasted-fr.txt");
    place.write("mine.toml", std::fs::read(root("data/codebooks/template.toml")).unwrap());
    for coder in ["rules", "linear"] {
        let arguments = ["analyze", "pasted-fr.txt", "--codebook", "mine.toml", "--coder", coder, "-o", "out.csv"];
        place.run(&arguments).ends(2).says(&["`own_experience`", "patterns", "--coder encoder"]);
    }
    place.run(&["analyze", "pasted-fr.txt", "-o", "out.csv"]).ends(0);
    let ran = place.run(&["explain", "out.csv", "--id", "c12", "--codebook", "mine.toml"]).ends(0);
    assert!(ran.out.contains("own_experience: ") && ran.out.contains("its examples"), "{}", ran.out);
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
    for coder in ["encoder", "linear"] {
        let table = |threads: &str| {
            let to = format!("{coder}-{threads}/");
            let pages = ["pasted-fr.txt", "wordpress-citations.html"];
            let arguments = [&["analyze"], &pages[..], &["--coder", coder, "-o", &to, "-q"]].concat();
            assert!(place.command(&arguments).env("RAYON_NUM_THREADS", threads).status().unwrap().success());
            place.read(&format!("{to}comments.csv")) + &place.read(&format!("{to}codings.csv"))
        };
        let once = table("1");
        assert!(once == table("2") && once == table("4"), "{coder}");
    }
}

#[test]
fn a_comment_is_explained_by_every_coder() {
    let place = Workplace::new();
    place.sample("pasted-fr.txt");
    place.run(&["analyze", "pasted-fr.txt", "-o", "study/"]).ends(0);
    let ran = place.run(&["explain", "study/comments.csv", "--id", "c12"]).ends(0);
    for word in ["rules-1", "linear-8", "encoder-8", "polarity:", "irony:", "distrust:", "probability", "“"] {
        assert!(ran.out.contains(word), "{word} is not in\n{}", ran.out);
    }
    let article = Article::default();
    let discussion = Discussion::of(thread(&["Encore une belle arnaque, je n'y crois pas."]));
    let coder = Learned::builtin(Reads::Linear, Codebook::builtin()).without_evidence();
    assert_eq!(coder.account(&coder.setting(&article), &discussion.units(), 0).len(), 5, "faster coders explain, too");
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
