//! Studies read back from their tables: coded again, shown, exported, reported.

use std::fs;
use std::io::Read as _;

use causerie::model::Study;
use causerie::table::{AuthorPolicy, Sheet, StudySheets, Table, Tables, study};
use polars::prelude::{AnyValue, DataFrame};

use super::hope::{fill, place};
use super::workplace::{Workplace, samples};

/// The sample pages coded by word lists, which is quick.
fn coded() -> Workplace {
    let place = Workplace::new();
    let pages = samples().to_str().unwrap().to_owned();
    // One of the pages is there to fail or to be empty; the tables are there all the same.
    let ran = place.run(&["analyze", &pages, "--coder", "linear", "-o", "study/", "-q"]);
    assert!(ran.code <= 1, "{}", ran.err);
    place
}

fn read_back(place: &Workplace) -> Study {
    let sheet = |name: &str| Sheet::read(&place.path(&format!("study/{name}.csv"))).unwrap();
    let sheets = StudySheets {
        comments: sheet("comments"),
        codings: Some(sheet("codings")),
        threads: Some(sheet("threads")),
        errors: Some(sheet("errors")),
    };
    study(&sheets).unwrap()
}

fn cells(frame: &DataFrame, column: &str) -> Vec<String> {
    let text = |value: AnyValue<'_>| match value {
        AnyValue::Null => String::new(),
        AnyValue::String(text) => text.to_owned(),
        value => value.to_string(),
    };
    frame.column(column).unwrap().as_materialized_series().iter().map(text).collect()
}

#[test]
fn a_study_read_back_makes_the_same_tables() {
    let place = coded();
    let made = read_back(&place);
    let codes = made
        .codes
        .iter()
        .map(|code| causerie::table::CodeColumn { name: code.name.clone(), description: format!("{}.", code.label) });
    let tables = Tables::new(codes.collect(), AuthorPolicy::Keep, false).unwrap();
    for (table, frame) in [
        (Table::Comments, tables.comments(&made.threads).unwrap()),
        (Table::Codings, tables.codings(&made.threads).unwrap()),
        (Table::Threads, tables.threads(&made.threads).unwrap()),
    ] {
        let written = Sheet::read(&place.path(&format!("study/{table}.csv"))).unwrap();
        assert_eq!(frame.height(), written.rows(), "{table}");
        for column in tables.columns(table) {
            // Links have no place in the text that a table could give back; a thread without comments has few facts.
            if column.name == "links" || (table == Table::Threads && column.name.starts_with("article")) {
                continue;
            }
            let before: Vec<String> =
                written.column(&column.name).unwrap().into_iter().map(Option::unwrap_or_default).collect();
            let after = cells(&frame, &column.name);
            for (row, (before, after)) in before.iter().zip(&after).enumerate() {
                let same = before == after
                    || matches!((before.parse::<f64>(), after.parse::<f64>()), (Ok(a), Ok(b)) if (a - b).abs() < 1e-9);
                assert!(same, "{table}.{} in row {row}: {before:?} became {after:?}", column.name);
            }
        }
    }
}

#[test]
fn evidence_is_found_without_the_table_of_codings() {
    let place = coded();
    let comments = Sheet::read(&place.path("study/comments.csv")).unwrap();
    let alone = study(&StudySheets { comments, codings: None, threads: None, errors: None }).unwrap();
    let spans = |study: &Study| -> Vec<(String, String)> {
        let threads = study.threads.iter().flat_map(|thread| thread.thread.comments.iter().zip(&thread.comments));
        let said = threads.flat_map(|(comment, coded)| {
            coded.coded.iter().flat_map(|coded| &coded.codings).map(|coding| {
                let words = coding.evidence.of(&comment.text).split_whitespace().collect::<Vec<_>>().join(" ");
                (coding.code.clone(), words)
            })
        });
        said.collect()
    };
    assert_eq!(spans(&alone), spans(&read_back(&place)));
}

#[test]
fn tables_of_other_programs_are_coded() {
    let place = Workplace::new();
    place.write(
        "posts.csv",
        "id,thread_id,author,body,timestamp\n10,10,Zoé,\"C’est une arnaque, je ne leur fais aucune confiance.\",2024-04-03 06:55:00\n\
         11,10,Tom,Merci pour l’article !,2024-04-03 07:00:00\n",
    );
    let ran = place.run(&["code", "posts.csv", "--coder", "rules", "-o", "study/"]).ends(0);
    assert!(ran.err.contains("4CAT") && ran.err.contains("text = body"), "{}", ran.err);
    let rows = place.table("study/comments.csv");
    assert_eq!((rows[0]["comment_id"].as_str(), rows[0]["distrust"].as_str()), ("c10", "1"));
    assert!(rows[0]["author"].starts_with('a') && rows[0]["author"].len() == 17, "{}", rows[0]["author"]);
    assert_eq!(rows[1]["posted_at"], "2024-04-03T07:00:00");
    assert_eq!(place.table("study/threads.csv")[0]["site"], "table");
    place.run(&["rerun", "study/run.json", "-o", "again/"]).ends(0);

    // What is known is coded anew by another codebook, authors as they were.
    place.write(
        "thanks.toml",
        "name = \"thanks\"\nversion = \"1\"\n[[codes]]\nname = \"thanks\"\nlabel = \"Thanks\"\ndefinition = \"Thanks.\"\npatterns.fr = [\"merci\"]\n",
    );
    let ran = place.run(&["code", "study/", "--coder", "rules", "--codebook", "thanks.toml", "-o", "thanks/"]).ends(0);
    let again = place.table("thanks/comments.csv");
    assert_eq!((again[1]["thanks"].as_str(), &again[0]["author"]), ("1", &rows[0]["author"]), "{}", ran.err);
    // Names that were kept do not slip through.
    place.run(&["code", "posts.csv", "--coder", "rules", "--authors", "keep", "-o", "named/"]).ends(0);
    assert_eq!(place.table("named/comments.csv")[0]["author"], "Zoé");
    place.run(&["code", "named/", "--coder", "rules", "-o", "hidden/"]).ends(0);
    assert!(place.table("hidden/comments.csv")[0]["author"].starts_with('a'), "a name in the table");
    place.run(&["code", "study/", "--coder", "rules", "--authors", "drop", "-o", "nobody/"]).ends(0);
    assert_eq!(place.table("nobody/comments.csv")[0]["author"], "");
    let ran = place.run(&["code", "study/", "-o", "study/"]).ends(2);
    assert!(ran.err.contains("write over"), "{}", ran.err);
    // What a French Excel saves: windows-1252, semicolons, its own dates; and what was not used is told.
    let (text, _, _) = encoding_rs::WINDOWS_1252.encode("Nr;Texte;Date;Âge\n1;Déçu, c’est nul;12/03/2025 08:15;44\n");
    place.write("excel.csv", text.as_ref());
    let excel =
        ["code", "excel.csv", "--coder", "rules", "--id", "Nr", "--date-format", "%d/%m/%Y %H:%M", "-o", "excel/"];
    let ran = place.run(&excel).ends(0);
    assert!(
        ran.err.contains("not used, and not in the tables: Âge") && ran.err.contains("windows-1252"),
        "{}",
        ran.err
    );
    let rows = place.table("excel/comments.csv");
    assert_eq!((rows[0]["text"].as_str(), rows[0]["posted_at"].as_str()), ("Déçu, c’est nul", "2025-03-12T08:15:00"));
    assert_eq!(rows[0]["posted_precision"], "minute");
    place.write("head.csv", "id,text\n");
    assert!(place.run(&["code", "head.csv"]).ends(2).err.contains("no row"));
    // A table for 4CAT that causerie wrote has the article in front: it is no comment.
    place.run(&["export", "4cat", "study/", "-o", "4cat.csv"]).ends(0);
    place.run(&["code", "4cat.csv", "--coder", "rules", "-o", "back/"]).ends(0);
    assert_eq!(place.table("back/comments.csv").len(), 2);
    let ran = place.run(&["code", "study/comments.csv", "--text", "nothing", "-o", "x.csv"]).ends(2);
    assert!(ran.err.contains("no column `nothing`"), "{}", ran.err);
}

#[test]
fn a_workbook_holds_all_tables() {
    let place = Workplace::new();
    let page = place.sample("pasted-fr.txt");
    place.run(&["analyze", page.to_str().unwrap(), "--coder", "linear", "-o", "thread.xlsx"]).ends(0);
    let bytes = fs::read(place.path("thread.xlsx")).unwrap();
    assert!(bytes.starts_with(b"PK") && place.has("thread.run.json"));
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut words = String::new();
    book.by_name("xl/sharedStrings.xml").unwrap().read_to_string(&mut words).unwrap();
    // The second time in the sheet that says what columns mean.
    assert!(words.contains("posted_at_offset") && words.contains("ahead of UTC"));
    let ran = place.run(&["analyze", page.to_str().unwrap(), "--excel", "fr", "-o", "other.xlsx"]).ends(2);
    assert!(ran.err.contains("workbook"), "{}", ran.err);
    let ran = place.run(&["analyze", page.to_str().unwrap(), "--coder", "linear", "-o", "nowhere/thread.xlsx"]).ends(3);
    assert!(ran.err.contains("there is no folder"), "{}", ran.err);
}

#[test]
fn a_study_for_excel_is_read_back_with_its_times() {
    let place = coded();
    let pages = samples().to_str().unwrap().to_owned();
    place.run(&["analyze", &pages, "--coder", "linear", "--excel", "fr", "-o", "excel/", "-q"]);
    let head = place.read("excel/comments.csv");
    assert!(head.lines().next().unwrap().contains(";posted_at;posted_at_offset;"), "{head}");
    assert!(head.contains(";2024-11-05 07:14:20;UTC;") && head.contains(";UTC+01:00;"), "{head}");
    for study in ["study", "excel"] {
        place.run(&["describe", study, "-o", &format!("{study}-described/"), "-q"]).ends(0);
    }
    assert!(place.read("study-described/shape.csv") == place.read("excel-described/shape.csv"));
    let moments = |study: &str| {
        let sheet = Sheet::read(&place.path(&format!("{study}/comments.csv"))).unwrap();
        let moments = sheet.column("posted_at").unwrap();
        moments.into_iter().map(|at| at.map(|at| at.replace(' ', "T"))).collect::<Vec<_>>()
    };
    assert_eq!(moments("study"), moments("excel"));
}

#[test]
fn texts_that_are_html_are_read_as_pages_show_them() {
    let place = Workplace::new();
    place.write(
        "videos.csv",
        "id,text\n1,\"I don&#39;t trust them.<br>Not at all.\"\n2,<blockquote>C&#39;est une arnaque.</blockquote>Mais non.\n",
    );
    let mut code = vec!["code", "videos.csv", "--coder", "rules", "-o", "study/"];
    place.run(&code).ends(0).says(&["2 of 2 texts seem to be HTML (the first is comment c1 of thread t1)", "--html"]);
    code.push("--html");
    let ran = place.run(&code).ends(0);
    assert!(!ran.err.contains("HTML"), "{}", ran.err);
    let rows = place.table("study/comments.csv");
    assert_eq!((&*rows[0]["text"], &*rows[0]["distrust"]), ("I don't trust them.\nNot at all.", "1"));
    assert_eq!(
        (&*rows[1]["own_text"], &*rows[1]["quotes"], &*rows[1]["fraud_speculation"]),
        ("Mais non.", "0..18", "0")
    );
    place.run(&["code", "study/", "--html"]).ends(2).says(&["a table of causerie's", "leave --html out"]);
    // One text with a tag among many is talk of tags.
    let many = (0..60)
        .fold("id,text\n0,Write <br> for a line.\n".to_owned(), |table, at| table + &format!("{},R&D\n", at + 1));
    place.write("talk.csv", many);
    let ran = place.run(&["code", "talk.csv", "--coder", "rules", "-o", "talk/"]).ends(0);
    assert!(!ran.err.contains("HTML"), "{}", ran.err);
}

#[test]
fn links_stay_but_for_those_that_may_be_of_people() {
    let place = Workplace::new();
    place.write(
        "study/comments.csv",
        "thread_id,comment_id,author,text,own_text,links\nt1,c1,Lea,Voir ici,Voir ici,https://example.org/a https://example.org/user/tom\n",
    );
    let links = |output: &str| place.table(&format!("{output}/comments.csv"))[0]["links"].clone();
    place.run(&["code", "study/", "--coder", "rules", "--authors", "keep", "-o", "named/"]).ends(0);
    assert_eq!(links("named"), "https://example.org/a https://example.org/user/tom");
    place.run(&["code", "named/", "--coder", "rules", "-o", "hidden/"]).ends(0);
    assert_eq!(links("hidden"), "");
    place.write("study/comments.csv", place.read("study/comments.csv").replace("Lea", "a0123456789abcdef"));
    place.run(&["code", "study/", "--coder", "rules", "-o", "pseudonyms/"]).ends(0);
    assert_eq!(links("pseudonyms"), "https://example.org/a https://example.org/user/tom");
}

#[test]
fn quotes_of_a_page_are_still_quotes_when_its_study_is_coded_again() {
    let place = Workplace::new();
    place.sample("wordpress-citations.html");
    place.run(&["analyze", "wordpress-citations.html", "--coder", "rules", "-o", "study/"]).ends(0);
    place.run(&["code", "study/", "--coder", "rules", "-o", "again/"]).ends(0);
    let own = |study: &str| -> Vec<(String, String)> {
        let rows = place.table(&format!("{study}/comments.csv"));
        rows.iter().map(|row| (row["quotes"].clone(), row["own_text"].clone())).collect()
    };
    assert!(own("study").iter().any(|(quotes, _)| !quotes.is_empty()));
    assert_eq!(own("again"), own("study"));
    // Where what is left is not the row's own text, the column is of another text.
    let told = ["text, `quotes` and `own_text` do not fit"];
    let ran =
        place.run(&["code", "study/comments.csv", "--text", "own_text", "--coder", "rules", "-o", "own/"]).ends(0);
    assert!(!ran.err.contains("quotes"), "{}", ran.err);
    for wrong in ["0..999999", "9..1", "0-18", "1..2 0..1", "…"] {
        let mut rows = csv::Reader::from_path(place.path("study/comments.csv")).unwrap();
        let header = rows.headers().unwrap().clone();
        let mut changed = csv::Writer::from_writer(Vec::new());
        changed.write_record(&header).unwrap();
        for row in rows.records() {
            let row = row.unwrap();
            let cells = header.iter().zip(&row);
            changed
                .write_record(cells.map(|(name, cell)| if name == "quotes" && !cell.is_empty() { wrong } else { cell }))
                .unwrap();
        }
        place.write("changed.csv", changed.into_inner().unwrap());
        place.run(&["code", "changed.csv", "--coder", "rules", "-o", "changed/"]).ends(0).says(&told);
    }
}

#[test]
fn what_is_said_of_a_table_is_not_that_of_pages() {
    let place = Workplace::new();
    let pages = ["sans-commentaires.html", "pasted-fr.txt"].map(|name| place.sample(name).display().to_string());
    place.run(&["analyze", &pages[0], &pages[1], "--coder", "rules", "-o", "study/"]).says(&["a script loads them"]);
    let ran = place.run(&["code", "study/", "--coder", "rules", "-o", "again/"]).ends(0);
    assert!(ran.err.contains("no comments in 1 thread") && !ran.err.contains("script"), "{}", ran.err);
    // Tools that show texts have nothing to show of a comment without words.
    place.write("some.csv", "thread_id,comment_id,text\nt1,c1,Bravo\nt1,c2,\n");
    for (format, output) in [("label-studio", "tasks.json"), ("doccano", "lines.jsonl")] {
        let ran = place.run(&["export", format, "some.csv", "-o", output]).ends(0);
        ran.says(&["left out: 1 comment without words"]);
    }
}

#[test]
fn a_thread_is_shown_with_its_codes() {
    let place = coded();
    let ran = place.run(&["show", "study/"]).ends(0);
    assert!(ran.out.contains("tc2b83eb0764f") && ran.out.contains("12 threads"), "{}", ran.out);
    let ran = place.run(&["show", "study/", "--thread", "td0cbbae36d5b"]).ends(0);
    let (parent, reply) = (ran.out.find("c311").unwrap(), ran.out.find("│ c313").unwrap());
    assert!(parent < reply && ran.out.contains("The price of data"), "{}", ran.out);
    let ascii = place.command(&["show", "study/", "--thread", "td0cbbae36d5b"]).env("LC_ALL", "C").output().unwrap();
    assert!(String::from_utf8_lossy(&ascii.stdout).contains("| c313"));
    let ran = place.run(&["show", "study/", "--code", "distrust"]).ends(0);
    assert!(ran.out.contains("Distrust") && ran.out.contains('['), "{}", ran.out);
    assert!(place.run(&["show", "study/", "--code", "hope"]).ends(2).err.contains("there are distrust"));
    assert!(place.run(&["show", "study/", "--thread", "t0"]).ends(2).err.contains("no thread t0"));
}

#[test]
fn a_report_is_one_file_in_two_languages() {
    let place = coded();
    place.run(&["report", "study/", "-o", "report.html", "--vega-lite", "charts/"]).ends(0);
    let html = place.read("report.html");
    // Most sample comments are French.
    assert!(html.contains("<html lang=\"fr\">") && html.contains("Méfiance") && html.contains("Pédalys"));
    assert!(!html.contains("{{") && !html.contains("src=\"http") && place.has("charts/shares.vl.json"));
    place.run(&["report", "study/", "-o", "report.html", "--lang", "en"]).ends(0);
    let html = place.read("report.html");
    assert!(html.contains("120 of the 121 comments") && html.contains(">Distrust<"));
    assert!(place.run(&["report", "study/", "-o", "study/"]).ends(2).err.contains("one file for the browser"));
    place.run(&["rerun", "report.html.run.json", "-o", "again/"]).ends(0);
}

#[test]
fn a_report_is_corrected_by_what_people_coded() {
    let place = place(300);
    place.run(&["sample", "study/", "--codebook", "hope.toml", "-n", "80", "-o", "sheet.csv"]).ends(0);
    fill(&place, "sheet.csv", |id| Some(super::hope::truth(id)));
    let report =
        ["report", "study/", "--codebook", "hope.toml", "--hand", "sheet.csv", "--lang", "en", "-o", "report.html"];
    place.run(&report).ends(0);
    let html = place.read("report.html");
    assert!(html.contains("corrected by 80 comments coded by hand"), "no corrected share");
    assert!(html.contains("Cohen’s kappa") && html.contains("the coder reaches F1"));
}

#[test]
fn exports_are_made_and_told() {
    let place = coded();
    for (format, output) in [
        ("xlsx", "study.xlsx"),
        ("csv", "csv"),
        ("ndjson", "ndjson"),
        ("parquet", "parquet"),
        ("arrow", "arrow"),
        ("data-package", "package"),
        ("qdpx", "study.qdpx"),
        ("qdc", "study.qdc"),
        ("convokit", "corpus"),
        ("4cat", "4cat.csv"),
        ("gexf", "net.gexf"),
        ("graphml", "net.graphml"),
        ("label-studio", "tasks.json"),
        ("doccano", "lines.jsonl"),
        ("quanteda", "words.yml"),
        ("taguette", "tags.csv"),
    ] {
        place.run(&["export", format, "study/", "-o", output]).ends(0);
        assert!(place.has(output), "{format}");
    }
    // Tables that went through any format are the same tables.
    for format in ["csv", "ndjson", "parquet", "arrow"] {
        place.run(&["export", "csv", format, "-o", &format!("again-{format}")]).ends(0);
        for table in ["comments", "codings", "threads", "errors"] {
            let (again, before) = (format!("again-{format}/{table}.csv"), format!("study/{table}.csv"));
            assert!(place.read(&again) == place.read(&before), "{table} by way of {format}");
        }
    }
    // The same study gives the same file.
    place.run(&["export", "qdpx", "study/", "-o", "again.qdpx"]).ends(0);
    assert!(fs::read(place.path("study.qdpx")).unwrap() == fs::read(place.path("again.qdpx")).unwrap());
    assert!(place.run(&["export", "qdpx", "study/", "-o", "corpus"]).ends(2).err.contains("is a folder"));
    assert!(place.run(&["export", "convokit", "study/", "-o", "4cat.csv"]).ends(2).err.contains("is a file"));
    assert!(place.run(&["export", "word", "study/", "-o", "x"]).ends(2).err.contains("xlsx"));
    // Nothing is written over what is read, and no file is called what it is not.
    assert!(place.run(&["export", "csv", "study/", "-o", "study/"]).ends(2).err.contains("write over"));
    assert!(place.run(&["export", "xlsx", "study/", "-o", "study/comments.csv"]).ends(2).err.contains(".xlsx"));
    assert!(
        place.run(&["export", "taguette", "study/", "-o", "study/comments.csv"]).ends(2).err.contains("write over")
    );
    assert!(
        place.run(&["export", "4cat", "study/", "-o", "x.csv", "--hand", "4cat.csv"]).ends(2).err.contains("--hand")
    );
}

#[test]
fn a_dictionary_becomes_a_codebook() {
    let place = Workplace::new();
    place.write("mood.yml", "hope:\n  - espoir*\n  - y croire\nfear:\n  - peur\n");
    let ran = place.run(&["codebook", "import", "mood.yml"]).ends(0);
    let book = place.write("mood.toml", &ran.out);
    place.run(&["codebook", "check", book.to_str().unwrap()]).ends(0);
    assert!(place.run(&["codebook", "import", "none.yml"]).ends(2).err.contains("none.yml"));
}

#[test]
fn descriptions_are_tables() {
    let place = coded();
    let ran = place.run(&["describe", "study/", "-o", "described/"]).ends(0);
    assert!(ran.out.contains("Threads") && ran.out.contains("Words"), "{}", ran.out);
    for table in ["shape", "replies", "breakdown", "responses", "cooccurrence", "keyness", "collocations"] {
        assert!(place.has(&format!("described/{table}.csv")), "{table}");
    }
    // Pasted text shows no structure: nothing is said of it.
    let shapes = place.table("described/shape.csv");
    let pasted = shapes.iter().find(|row| row["thread_id"] == "tc2b83eb0764f").unwrap();
    assert_eq!(
        (pasted["comments"].as_str(), pasted["virality"].as_str(), pasted["max_depth"].as_str()),
        ("12", "", "")
    );
}

#[test]
fn shells_and_manuals_know_the_commands() {
    let place = Workplace::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(place.run(&["completions", shell]).ends(0).out.contains("annotate"), "{shell}");
    }
    assert!(place.run(&["man"]).ends(0).out.contains(".TH causerie"));
    place.run(&["man", "-o", "man1"]).ends(0);
    assert!(place.has("man1/causerie-analyze.1") && place.has("man1/causerie.1"));
}

#[test]
fn messages_come_as_json_where_programs_read_them() {
    let place = Workplace::new();
    let page = place.sample("pasted-fr.txt");
    let ran = place.run(&[
        "analyze",
        page.to_str().unwrap(),
        "no-such.html",
        "--coder",
        "rules",
        "-o",
        "t.csv",
        "--json-logs",
    ]);
    let lines: Vec<serde_json::Value> = ran.err.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.iter().any(|line| line["level"] == "error"), "{}", ran.err);
}
