//! Hand-coded tables as people bring them to `train`: which rows belong together, what is refused, what is said.

use std::fmt::Write as _;
use std::path::Path;

use causerie::coding::Model;

use super::hope;
use super::training::coded_table;
use super::workplace::{Ran, Workplace};

/// Some comments of twenty threads, one code and a column of every second of them.
fn threads(head: &str, comments: &(impl Iterator<Item = usize> + Clone)) -> String {
    let mut table = format!("{head}\n");
    for thread in 0..20 {
        for at in comments.clone() {
            let text = ["On y arrivera j'espère vraiment", "Le train part à huit heures"][at % 2];
            writeln!(table, "T{thread},c{at},{text} numéro {thread} {at},{},{}", 1 - at % 2, at % 4 / 2).unwrap();
        }
    }
    table
}

const HEAD: &str = "thread_id,comment_id,text,hope,out";

fn train(place: &Workplace, tables: &[&str], more: &[&str]) -> Ran {
    let options = ["--codes", "hope", "--coder", "linear", "-o", "m.safetensors"];
    place.run(&[&["train"], tables, &options, more].concat())
}

#[test]
fn a_model_replaces_nothing_but_a_model() {
    let place = Workplace::new();
    place.write("coded.csv", coded_table(60));
    place.write("notes.txt", "notes");
    std::fs::create_dir(place.path("folder")).unwrap();
    for (output, words) in [
        ("coded.csv", "a model is no table; end its name in .safetensors"),
        ("new.XLSX", "a model is no table"),
        ("new.ndjson", "a model is no table"),
        ("-", "a model is a file"),
        ("notes.txt", "notes.txt is there already, and no model of causerie's"),
        ("folder", "this is a folder"),
    ] {
        place.run(&["train", "coded.csv", "--codes", "hope", "--coder", "linear", "-o", output]).ends(2).says(&[words]);
    }
    assert_eq!((place.read("coded.csv"), place.read("notes.txt").as_str()), (coded_table(60), "notes"));
    train(&place, &["coded.csv"], &[]).ends(0);
    train(&place, &["coded.csv"], &[]).ends(0).says(&["60 comments in 60 threads", "wrote m.safetensors"]);
    // The record of how a study was coded is not the model's to replace.
    place.run(&["code", "coded.csv", "--coder", "rules", "-o", "study.csv"]).ends(0);
    let onto = ["train", "coded.csv", "--codes", "hope", "--coder", "linear", "-o", "study.safetensors"];
    place.run(&onto).ends(2).says(&["study.run.json is the record of another run (`causerie code`)"]);
}

#[test]
fn a_thread_is_one_thread_in_whichever_tables_and_under_whichever_name() {
    let place = Workplace::new();
    place.write("even.csv", threads(HEAD, &(0..10).step_by(2)));
    place.write("odd.csv", threads(HEAD, &(1..10).step_by(2)));
    train(&place, &["even.csv", "odd.csv"], &[]).ends(0).says(&["200 comments in 20 threads"]);
    for (head, more) in [
        ("thread,comment_id,text,hope,out", &[][..]),
        ("Fil,N°,Commentaire,hope,out", &[]),
        ("where,which,text,hope,out", &["--thread", "where", "--id", "which"]),
    ] {
        place.write("named.csv", threads(head, &(0..10)));
        train(&place, &["named.csv"], more).ends(0).says(&["200 comments in 20 threads", "named.csv: text = "]);
    }
    place.write("all.csv", threads(HEAD, &(0..10)));
    place.write("copy.csv", threads(HEAD, &(0..10)));
    train(&place, &["all.csv", "all.csv"], &[]).ends(2).says(&["all.csv and all.csv hold the same"]);
    train(&place, &["all.csv", "copy.csv"], &[]).ends(2).says(&["all.csv and copy.csv hold the same"]);
    train(&place, &["all.csv", "odd.csv"], &[])
        .ends(2)
        .says(&["odd.csv, row 1: the comment c1 of thread T0 is in all.csv already"]);
    // Rows that only count are not the same because they have the same number.
    let without_ids = |comments: std::ops::Range<usize>| {
        threads(HEAD, &comments).lines().fold(String::new(), |mut table, line| {
            let cells: Vec<&str> = line.split(',').collect();
            writeln!(table, "{},{},{}", cells[0], cells[2], cells[3]).unwrap();
            table
        })
    };
    place.write("first.csv", without_ids(0..5));
    place.write("second.csv", without_ids(5..10));
    train(&place, &["first.csv", "second.csv"], &[]).ends(0).says(&["200 comments in 20 threads"]);
}

#[test]
fn rows_held_out_are_there_and_of_threads_of_their_own() {
    let place = Workplace::new();
    place.write("coded.csv", threads(HEAD, &(0..10)));
    let held_out = ["--held-out", "out"];
    let ran = train(&place, &["coded.csv"], &held_out).ends(0);
    ran.says(&["80 of the 80 rows held out stand in threads that are fitted on"]);
    let mark = |out: &dyn Fn(&str) -> bool| {
        threads(HEAD, &(0..10)).lines().skip(1).fold(format!("{HEAD}\n"), |mut table, line| {
            let (line, _) = line.rsplit_once(',').unwrap();
            writeln!(table, "{line},{}", u8::from(out(line))).unwrap();
            table
        })
    };
    place.write("coded.csv", mark(&|line| line.starts_with("T1")));
    let ran = train(&place, &["coded.csv"], &held_out).ends(0);
    assert!(!ran.err.contains("held out stand"), "{}", ran.err);
    place.write("coded.csv", mark(&|_| false));
    train(&place, &["coded.csv"], &held_out).ends(2).says(&["--held-out out: no coded row is marked"]);
    place.write("coded.csv", mark(&|_| true));
    train(&place, &["coded.csv"], &held_out).ends(2).says(&["no row is left to fit"]);
}

#[test]
fn a_damaged_model_is_not_used() {
    let place = Workplace::new();
    place.write("coded.csv", coded_table(60));
    train(&place, &["coded.csv"], &[]).ends(0);
    let whole = std::fs::read(place.path("m.safetensors")).unwrap();
    let digest = whole.windows(6).position(|bytes| bytes == b"digest").unwrap();
    let rows = whole.windows(6).position(|bytes| bytes == b"rows\\\"").unwrap() + 7;
    for at in [whole.len() - 1, whole.len() / 2, rows, digest + 20] {
        let mut damaged = whole.clone();
        damaged[at] = if damaged[at].is_ascii_digit() { b'0' + (damaged[at] - b'0' + 1) % 10 } else { damaged[at] ^ 1 };
        place.write("damaged.safetensors", damaged);
        place
            .run(&["code", "coded.csv", "--coder", "linear", "--model", "damaged.safetensors"])
            .ends(2)
            .says(&["damaged.safetensors: the file is not as it was written", "copy it anew"]);
    }
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/models/codes.linear.safetensors");
    assert!(Model::load(&shipped).is_ok() && Model::load(&place.path("m.safetensors")).is_ok());
}

#[test]
fn texts_that_are_html_teach_what_a_page_shows() {
    let place = Workplace::new();
    let plain = threads(HEAD, &(0..10));
    place.write("html.csv", plain.replace("j'espère", "j&#39;esp&egrave;re").replace(" à ", " <b>à</b> "));
    place.write("plain.csv", plain);
    let learnt = |table: &str, more: &[&str], told: &[&str]| {
        train(&place, &[table], more).ends(0).says(told);
        Model::load(&place.path("m.safetensors")).unwrap()
    };
    let shown = learnt("plain.csv", &[], &[]);
    assert_eq!(learnt("html.csv", &["--html"], &[]), shown);
    assert_ne!(learnt("html.csv", &[], &["200 of 200 texts seem to be HTML"]), shown);
}

#[test]
fn codes_that_no_codebook_could_have_are_not_learnt() {
    let place = Workplace::new();
    for (code, words) in [
        ("author", "`author` is a column of the tables already"),
        ("negative", "`negative_count`"),
        ("=1+1", "`=1+1` is no name for a code; begin with a-z"),
        ("Bruit de rue", "rename its column in the table"),
        ("noise,noise", "--codes names `noise` twice"),
    ] {
        let head = format!("text,{}", code.split(',').next().unwrap());
        place.write("coded.csv", coded_table(60).replacen("text,hope", &head, 1));
        let arguments = ["train", "coded.csv", "--codes", code, "--coder", "linear", "-o", "m.safetensors"];
        place.run(&arguments).ends(2).says(&[words]);
        assert!(!place.has("m.safetensors"));
    }
}

#[test]
fn tables_are_read_as_code_reads_them() {
    let place = Workplace::new();
    let table = coded_table(60).replacen("text,hope", "Commentaire,hope", 1);
    let latin: Vec<u8> = table.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    place.write("coded.csv", latin);
    train(&place, &["coded.csv"], &[]).ends(0).says(&["taken for windows-1252", "coded.csv: text = Commentaire"]);
    place.write("coded.csv", format!("sep=,\r{}", coded_table(60).replace('\n', "\r")));
    train(&place, &["coded.csv"], &[]).ends(0).says(&["60 comments in 60 threads"]);
    place.write("coded.csv", "id,text\n1,Bonjour\nà tous mes amis\n2,merci\n");
    for command in ["code", "sample"] {
        let arguments = [command, "coded.csv", "-o", "new.csv"];
        place.run(&arguments).ends(2).says(&["coded.csv, line 3: 1 cell, where the first line has 2"]);
    }
}

#[test]
fn what_should_be_known_of_the_rows_is_said() {
    let place = Workplace::new();
    let of_one_thread = |head: &str, thread: &str| {
        coded_table(60).lines().skip(1).fold(format!("{head}\n"), |table, line| table + &format!("{thread},{line}\n"))
    };
    place.write("coded.csv", of_one_thread("thread_id,text,hope", "T"));
    train(&place, &["coded.csv"], &[]).ends(2).says(&["`hope`: all 30 rows that are 0 stand in one thread"]);
    place.write("coded.csv", of_one_thread("coder,text,hope", "encoder-7"));
    train(&place, &["coded.csv"], &[]).ends(0).says(&["column `coder` says that encoder-7 coded these comments"]);
    place.write("coded.csv", coded_table(60) + ",1\n\"  \",0\n");
    train(&place, &["coded.csv"], &[])
        .ends(0)
        .says(&["60 comments in 60 threads", "2 coded rows without a text: left out"]);
}

#[test]
fn an_id_that_has_another_name_is_told_by_what_it_is() {
    let place = hope::place(8);
    place.write("coded.csv", "id,parent_id,author,text,hope\nc1,,Anna,a,1\n");
    place
        .run(&["validate", "study", "coded.csv"])
        .ends(2)
        .says(&["no column `comment_id` (is it `id`? then rename that)"]);
}

#[test]
fn a_codebook_that_is_checked_is_one_to_code_by() {
    let place = Workplace::new();
    place.write("comments.csv", "text\nQuelle arnaque\n");
    let book = |name: &str, pattern: &str, more: &str| {
        format!(
            "name = \"n\"\nversion = \"1\"\n[[codes]]\nname = \"{name}\"\nlabel = \"X\"\ndefinition = \"d\"\n{more}\npatterns.any = ['{pattern}']\n"
        )
    };
    for name in ["negative", "neutral", "positive", "coded", "deleted", "hidden", "cost"] {
        place.write("mine.toml", book(name, "arnaque", ""));
        let check = place.run(&["codebook", "check", "mine.toml"]);
        let code = place.run(&["code", "comments.csv", "--coder", "rules", "--codebook", "mine.toml", "-o", "out.csv"]);
        assert_eq!((check.code, code.code), if name == "cost" { (0, 0) } else { (2, 2) }, "{name}: {}", check.err);
    }
    let check = |pattern: &str, more: &str| {
        place.write("mine.toml", book("cost", pattern, more));
        place.run(&["codebook", "check", "mine.toml"]).ends(0)
    };
    assert!(check("arnaque", "").out.ends_with("mine.toml: 1 code, 1 pattern, no fault\n"));
    check("arnaque", "status = \"retired\"").says(&["no code is in use"]);
    check("[a-z]+", "").says(&["the pattern \"[a-z]+\" looks like a regular expression"]);
    check("騒音", "").says(&["a language without blanks between words"]);
}
