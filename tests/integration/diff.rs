//! Two snapshots side by side: every kind of change, tables in every format, and what is no table of comments.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use causerie::export::{Dialect, Format, Locale};
use causerie::model::{ChangeKind, CommentState};
use causerie::study::{Snapshot, compare};
use causerie::table::{AuthorPolicy, Sheet, Table, changes, columns_without_codes, polars_schema};

use super::exports::written;
use super::tables::{tables, thread};
use super::workplace::{Ran, Row, Workplace};

const HEAD: &str =
    "thread_id,comment_id,reply_to,depth,author,posted_at,text,votes,state,stated_count,parsed_count,fetched_at";

/// A table of comments; each line is `thread,comment,reply_to,author,text,votes,state`, and the site states `stated`.
fn table(fetched_at: &str, stated: &str, lines: &[&str]) -> String {
    let mut csv = format!("{HEAD}\n");
    for line in lines {
        let [thread, comment, parent, author, text, votes, state] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let depth = u8::from(!parent.is_empty());
        writeln!(
            csv,
            "{thread},{comment},{parent},{depth},{author},2024-05-01T08:00:00Z,\"{text}\",{votes},{state},{stated},,{fetched_at}"
        )
        .unwrap();
    }
    csv
}

fn old(lines: &[&str]) -> String {
    table("2024-05-02T10:00:00Z", "", lines)
}

fn new(lines: &[&str]) -> String {
    table("2024-06-02T10:00:00Z", "", lines)
}

/// Runs `causerie diff old.csv new.csv -o -` on these tables.
fn diff(old: &str, new: &str) -> (Vec<Row>, Ran) {
    let place = Workplace::new();
    place.write("old.csv", old);
    place.write("new.csv", new);
    let ran = place.run(&["diff", "old.csv", "new.csv", "-o", "changes.csv"]).ends(0);
    (place.table("changes.csv"), ran)
}

/// `comment change` of each row.
fn told(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|row| format!("{} {}", row["comment_id"], row["change"])).collect()
}

#[test]
fn every_kind_of_change() {
    let was = [
        "t1,c10,,ann,Same as ever,1,visible",
        "t1,c11,c10,bob,The firts version of it,2,visible",
        "t1,c12,c10,bob,Will be deleted,0,visible",
        "t1,c13,,cid,Will be hidden,0,visible",
        "t1,c14,,cid,Will be hidden and changed,0,visible",
        "t1,c15,,dan,,0,deleted",
        "t1,c16,,dan,Was hidden,0,hidden",
        "t1,c17,,eve,Awaits,0,pending",
        "t1,c18,,eve,Will be held,0,visible",
        "t1,c19,c10,eve,Will be moved,0,visible",
        "t1,c20,,fay,Will be gone,7,visible",
    ];
    let is = [
        "t1,c10,,ann,Same as ever,5,visible",
        "t1,c11,c10,bob,The first version of it,3,visible",
        "t1,c12,,,,,deleted",
        "t1,c13,,cid,Will be hidden,0,hidden",
        "t1,c14,,cid,Is hidden and changed,0,hidden",
        "t1,c15,,dan,Here again,0,visible",
        "t1,c16,,dan,Was hidden,0,visible",
        "t1,c17,,eve,Awaits,0,visible",
        "t1,c18,,eve,Will be held,0,pending",
        "t1,c19,c11,eve,Will be moved,0,visible",
        "t1,c21,c19,gus,Is new,1,visible",
    ];
    let (rows, ran) = diff(&old(&was), &new(&is));
    assert_eq!(
        told(&rows),
        [
            "c11 edited",
            "c12 deleted",
            "c13 hidden",
            "c14 hidden",
            "c14 edited",
            "c15 restored",
            "c16 restored",
            "c17 approved",
            "c18 held",
            "c19 moved",
            "c21 added",
            "c20 gone",
        ]
    );
    let row = |comment: &str| rows.iter().find(|row| row["comment_id"] == comment).unwrap();
    let edited = row("c11");
    assert_eq!(edited["old_text"], "The firts version of it");
    assert_eq!(edited["new_text"], "The first version of it");
    assert_eq!((edited["similarity"].as_str(), edited["author"].as_str()), ("0.8", "bob"));
    assert_eq!((edited["old_votes"].as_str(), edited["new_votes"].as_str()), ("2", "3"));
    assert_eq!(
        (edited["old_fetched_at"].as_str(), edited["new_fetched_at"].as_str()),
        ("2024-05-02T10:00:00Z", "2024-06-02T10:00:00Z")
    );
    let deleted = row("c12");
    assert_eq!((deleted["old_state"].as_str(), deleted["new_state"].as_str()), ("visible", "deleted"));
    assert_eq!((deleted["old_text"].as_str(), deleted["new_text"].as_str()), ("Will be deleted", ""));
    assert_eq!(deleted["author"], "bob", "the older table knows it still");
    let moved = row("c19");
    assert_eq!((moved["old_reply_to"].as_str(), moved["reply_to"].as_str()), ("c10", "c11"));
    let (added, gone) = (row("c21"), row("c20"));
    assert_eq!(
        (added["old_state"].as_str(), added["new_state"].as_str(), added["depth"].as_str()),
        ("", "visible", "1")
    );
    assert_eq!(
        (gone["old_state"].as_str(), gone["new_state"].as_str(), gone["old_votes"].as_str()),
        ("visible", "", "7")
    );
    assert_eq!(gone["posted_at"], "2024-05-01T08:00:00Z");
    ran.says(&["12 changes in 1 thread compared", "1 added", "2 edited", "2 restored", "1 gone", "changes.csv"]);
}

#[test]
fn blanks_votes_and_authors_are_no_edits() {
    let was = ["t1,c10,,ann,Two  words,1,visible", "t1,c11,,bob,Others,,visible"];
    let is = ["t1,c10,,x1,Two words,9,visible", "t1,c11,,x2,Others,4,visible"];
    let (rows, ran) = diff(&old(&was), &new(&is));
    assert!(rows.is_empty(), "{rows:?}");
    ran.says(&["0 changes", "no comment has the same author in both", "--author-key"]);
    let (_, ran) = diff(&old(&was), &new(&[is[0], was[1]]));
    ran.says(&["another author than before: 1 comment of 2"]);
}

#[test]
fn absent_from_an_incomplete_thread_is_missing_or_found() {
    let (one, two) = ("t1,c10,,ann,One,1,visible", "t1,c11,,bob,Two,1,visible");
    let partial = |lines: &[&str], at: &str| table(at, "2", lines);
    let (early, late) = ("2024-05-02T10:00:00Z", "2024-06-02T10:00:00Z");
    let (rows, ran) = diff(&partial(&[one, two], early), &partial(&[one], late));
    assert_eq!(told(&rows), ["c11 missing"]);
    ran.says(&["incomplete in new.csv: 1 thread;", "`missing`, not `gone`"]);
    assert_eq!(told(&diff(&partial(&[one, two], early), &table(late, "1", &[one])).0), ["c11 gone"]);
    let (rows, ran) = diff(&partial(&[one], early), &partial(&[one, two], late));
    assert_eq!(told(&rows), ["c11 found"]);
    ran.says(&["incomplete in old.csv: 1 thread;", "`found`, not `added`"]);
    let before_it = "2024-05-01T07:00:00Z";
    assert_eq!(told(&diff(&partial(&[one], before_it), &partial(&[one, two], late)).0), ["c11 added"], "posted since");
    // Rows taken out of a table are not gone from the site.
    let filtered = old(&[one]).replace(",visible,,,", ",visible,,2,");
    assert_eq!(told(&diff(&old(&[one, two]), &filtered).0), ["c11 missing"]);
}

#[test]
fn threads_in_one_table_only_are_named_and_not_compared() {
    let was = ["t1,c10,,ann,One,1,visible", "t2,c10,,ann,Two,1,visible", "t2,c11,,ann,Three,1,visible"];
    let is = ["t3,c10,,ann,Other,1,visible", "t1,c10,,ann,One,1,visible"];
    let (rows, ran) = diff(&old(&was), &new(&is));
    assert!(rows.is_empty());
    ran.says(&["only in old.csv: 1 thread with 2 comments", "t2", "only in new.csv: 1 thread with 1 comment", "t3"]);
    let (rows, _) = diff(&old(&was), &new(&[is[1], "t2,c11,,ann,Three,1,hidden"]));
    assert_eq!(told(&rows), ["c11 hidden", "c10 gone"], "the same id in another thread is another comment");
}

#[test]
fn comments_without_ids_are_matched_by_what_they_say() {
    let was = [
        "t1,c1,,ann,Premier,1,visible",
        "t1,c2,c1,bob,+1,1,visible",
        "t1,c3,c1,cid,+1,1,visible",
        "t1,c4,c3,dan,Une phrase avec une faute,1,visible",
    ];
    let is = [
        "t1,c1,,ann,Premier,1,visible",
        "t1,c2,c1,cid,+1,1,visible",
        "t1,c3,c2,dan,Une phrase sans faute,1,visible",
        "t1,c4,c1,eve,Nouveau,1,visible",
    ];
    let (rows, ran) = diff(&old(&was), &new(&is));
    assert_eq!(told(&rows), ["c3 edited", "c4 added", "c2 gone"]);
    assert_eq!((rows[0]["old_comment_id"].as_str(), rows[2]["author"].as_str()), ("c4", "bob"));
    ran.says(&["1 thread numbers its comments by place"]);
}

#[test]
fn the_same_table_twice_has_no_changes() {
    let place = Workplace::new();
    place.sample("wordpress-classique/page-1.html");
    place.run(&["analyze", "wordpress-classique", "-o", "study/", "--authors", "drop", "--coder", "rules"]).ends(0);
    place.run(&["diff", "study", "study/comments.csv", "-o", "out.csv"]).ends(0).says(&["0 changes in 1 thread"]);
    assert_eq!(place.read("out.csv").lines().count(), 1, "a header");
    let summary = place.run(&["diff", "study/", "study/"]).ends(0);
    assert!(summary.out.contains("1 thread in both, 10 comments, then 10\n\nNo changes"), "{}", summary.out);
    assert_eq!(summary.err, "");
}

#[test]
fn formats_and_dialects_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut coded = thread();
    coded.thread.comments[2].text = "007".into();
    coded.thread.comments[2].id = "c30".into();
    let tables = tables(AuthorPolicy::Keep);
    let frame = tables.comments(&[coded.clone()]).unwrap();
    let csv = |dialect| Format::Csv(dialect);
    let formats = [
        ("plain.csv", csv(Dialect::Canonical)),
        ("en.csv", csv(Dialect::Excel(Locale::En))),
        ("fr.csv", csv(Dialect::Excel(Locale::Fr))),
        ("a.parquet", Format::Parquet),
        ("a.ndjson", Format::Ndjson),
    ];
    let snapshots = formats.map(|(name, format)| {
        let path = folder.path().join(name);
        written(&path, format, &tables, Table::Comments, &frame).unwrap();
        Snapshot::of_comments(&Sheet::read(&path).unwrap()).unwrap()
    });
    for one in &snapshots {
        for other in &snapshots {
            let comparison = compare(one, other);
            assert_eq!((comparison.changes.len(), comparison.pairs.len()), (0, 1), "{one:?} {other:?}");
            assert_eq!((comparison.authors.compared, comparison.authors.differing), (2, 0));
        }
        assert_eq!(one.threads[0].comments[1].text, "-1, pas d'accord");
        assert_eq!(one.threads[0].comments[0].posted_at.as_deref().map(|at| &at[..19]), Some("2024-04-03T06:55:00"));
    }
    assert_eq!(snapshots[0].threads, Snapshot::of_threads(&[coded.thread]).threads);
}

#[test]
fn the_library_gives_frames_of_the_schema() {
    let mut later = thread();
    later.thread.comments[0].state = CommentState::Hidden;
    later.thread.comments[1].text = "Autre chose".into();
    let (old, new) = (Snapshot::of_threads(&[thread().thread]), Snapshot::of_threads(&[later.thread]));
    let comparison = compare(&old, &new);
    assert_eq!((comparison.count(ChangeKind::Hidden), comparison.count(ChangeKind::Edited)), (1, 1));
    for rows in [&comparison.changes[..], &[]] {
        let frame = changes(rows).unwrap();
        assert_eq!(
            (frame.height(), &**frame.schema()),
            (rows.len(), &polars_schema(&columns_without_codes(Table::Changes)))
        );
        for column in columns_without_codes(Table::Changes).iter().filter(|column| !column.nullable) {
            assert_eq!(frame.column(&column.name).unwrap().null_count(), 0, "{}", column.name);
        }
    }
}

#[test]
fn outputs_by_name_and_option() {
    let place = Workplace::new();
    place.write("a/comments.csv", old(&["t1,c10,,ann,=One,1,visible"]));
    place.write("b/comments.csv", new(&["t1,c10,,ann,=Two,1,visible"]));
    let run = |more: &[&str]| place.run(&[&["diff", "a", "b"], more].concat()).ends(0);
    let csv = run(&["-o", "-"]).out;
    run(&["-o", "out.csv", "-q"]);
    run(&["-o", "study/"]);
    assert!(csv.starts_with("thread_id,comment_id,change,old_state,") && csv.lines().count() == 2, "{csv}");
    assert_eq!((place.read("out.csv"), place.read("study/changes.csv")), (csv.clone(), csv));
    run(&["-o", "fr.csv", "--excel", "fr"]);
    assert!(place.read("fr.csv").starts_with("\u{feff}thread_id;comment_id;change;"));
    assert!(place.read("fr.csv").contains(";'=One;'=Two;0,"), "{}", place.read("fr.csv"));
    let line: serde_json::Value = serde_json::from_str(&run(&["-o", "-", "--format", "ndjson"]).out).unwrap();
    assert_eq!((line["change"].as_str(), line["old_text"].as_str()), (Some("edited"), Some("=One")));
    run(&["-o", "out.parquet"]);
    assert_eq!(Sheet::read(&place.path("out.parquet")).unwrap().column("change").unwrap(), [Some("edited".to_owned())]);
    assert!(run(&["-o", "out.csv", "-q"]).err.is_empty());
}

#[test]
fn a_summary_without_output() {
    let place = Workplace::new();
    let (was, is) = ("t1,c10,,ann,One of them \u{1b}[31m here,1,visible", "t1,c10,,ann,One of us,1,visible");
    place.write("old.csv", old(&[was, "t1,c11,,bob,Was here,1,visible"]));
    place.write("new.csv", new(&[is]));
    let ran = place.run(&["diff", "old.csv", "new.csv"]).ends(0);
    for part in [
        "1 thread in both, 2 comments, then 1",
        "Changes (a comment can have several)",
        "50.0 %",
        "2024-05-02 → 2024-06-02 · 2 comments, then 1 · 1 edited, 1 gone",
        "  • One of them [31m here\n    → One of us\n    t1 c10",
        "  • Was here\n    t1 c11",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    assert!(!ran.out.contains('\u{1b}') && ran.err.is_empty(), "{} {}", ran.out, ran.err);
    let mut colored = place.command(&["diff", "old.csv", "new.csv"]);
    let output = colored.env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("\u{1b}["));
}

#[test]
fn comments_are_counted_of_the_threads_in_both() {
    let place = Workplace::new();
    place.write("old.csv", old(&["t1,c10,,ann,One,1,visible", "t2,c10,,ann,Gone,1,visible"]));
    place.write(
        "new.csv",
        new(&["t1,c10,,ann,Two,1,visible", "t3,c10,,ann,New,1,visible", "t3,c11,,bob,New,1,visible"]),
    );
    let ran = place.run(&["diff", "old.csv", "new.csv"]).ends(0);
    assert!(ran.out.starts_with("1 thread in both, 1 comment, then 1\n"), "{}", ran.out);
    place.run(&["diff", "old.csv", "new.csv", "-o", "out.csv"]).ends(0).says(&["1 change in 1 thread compared"]);
}

#[test]
fn folders_know_threads_without_comments() {
    let place = Workplace::new();
    place.write("a/comments.csv", old(&["t1,c10,,ann,One,1,visible", "t2,c10,,ann,Two,1,visible"]));
    place.write("b/comments.csv", format!("{HEAD}\n"));
    place.write("b/threads.csv", "thread_id,stated_count,parsed_count\nt1,0,0\nt2,,0\n");
    place.run(&["diff", "a", "b", "-o", "out.csv"]).ends(0).says(&["2 changes in 2 threads"]);
    let changes: Vec<String> = place.table("out.csv").iter().map(|row| row["change"].clone()).collect();
    assert_eq!(changes, ["gone", "missing"], "a page that states no count may load its comments by a script");
}

#[test]
fn wrong_order_is_remarked() {
    let lines = ["t1,c10,,ann,One,1,visible"];
    let (_, ran) = diff(&new(&lines), &old(&lines));
    ran.says(&["fetched later in old.csv", "right order"]);
}

#[test]
fn empty_tables_and_columns_left_out() {
    let place = Workplace::new();
    place.write("empty.csv", format!("{HEAD}\n"));
    place.write("empty.ndjson", "");
    place.write("full.csv", old(&["t1,c10,,ann,One,1,visible"]));
    place.write("bare.csv", "thread_id,comment_id,text\nt1,c10,Two\n");
    place.run(&["diff", "empty.csv", "empty.ndjson", "-o", "out.csv"]).ends(0).says(&["0 changes in 0 threads"]);
    place.run(&["diff", "empty.ndjson", "full.csv", "-o", "-"]).ends(0).says(&["only in full.csv"]);
    place.run(&["diff", "full.csv", "bare.csv", "-o", "out.csv"]).ends(0).says(&[
        "1 change",
        "bare.csv has no column `state`",
        "no column `reply_to`",
    ]);
    let rows = place.table("out.csv");
    assert_eq!((rows[0]["change"].as_str(), rows[0]["new_state"].as_str()), ("edited", ""));
}

#[test]
fn what_is_no_table_of_comments_is_refused() {
    let place = Workplace::new();
    place.write("good.csv", old(&["t1,c10,,ann,One,1,visible"]));
    place.write("empty/readme.txt", "no tables");
    place.write("two/comments.csv", HEAD);
    place.write("two/comments.ndjson", "");
    place.write("page.html", "<p>no table</p>");
    place.write("zero.csv", "");
    place.write("broken.parquet", "PAR1 not really");
    for column in ["thread_id", "comment_id", "text"] {
        place.write("less.csv", old(&["t1,c10,,ann,One,1,visible"]).replacen(column, "other", 1));
        place.run(&["diff", "good.csv", "less.csv"]).ends(2).says(&["less.csv", &format!("no column `{column}`")]);
        place.run(&["diff", "less.csv", "good.csv", "-o", "out.csv"]).ends(2).says(&["less.csv"]);
    }
    place.write("twice.csv", old(&["t1,c10,,ann,One,1,visible", "t1,c10,,ann,Two,1,visible"]));
    place.run(&["diff", "twice.csv", "good.csv"]).ends(2).says(&["twice.csv, row 2", "c10", "row 1"]);
    place.write("keyless.csv", old(&["t1,,,ann,One,1,visible"]));
    place.run(&["diff", "good.csv", "keyless.csv"]).ends(2).says(&["keyless.csv, row 1", "no comment_id"]);
    place.write("state.csv", old(&["t1,c10,,ann,One,1,lost"]));
    place.run(&["diff", "good.csv", "state.csv"]).ends(2).says(&["state.csv, row 1", "`lost`"]);
    for (wrong, words) in [
        ("none.csv", "cannot be opened"),
        ("empty", "no table of comments"),
        ("two", "comments.csv and comments.ndjson"),
        ("page.html", ".csv"),
        ("zero.csv", "zero.csv"),
        ("broken.parquet", "broken.parquet"),
    ] {
        place.run(&["diff", "good.csv", wrong, "-o", "out.csv"]).ends(2).says(&[words]);
        place.run(&["diff", wrong, "good.csv", "-o", "out.csv"]).ends(2).says(&[words]);
    }
    assert!(!place.has("out.csv"));
}

#[test]
fn outputs_that_cannot_be_are_refused() {
    let place = Workplace::new();
    let table = old(&["t1,c10,,ann,One,1,visible"]);
    place.write("a.csv", &table);
    place.write("b.csv", &table);
    place.run(&["diff", "a.csv", "b.csv", "-o", "./a.csv"]).ends(2).says(&["would replace"]);
    assert_eq!(place.read("a.csv"), table);
    place.run(&["diff", "a.csv", "b.csv", "-o", "no/such/out.csv"]).ends(3).says(&["no folder"]);
    place.run(&["diff", "a.csv", "b.csv", "-o", "out.xls"]).ends(2).says(&["out.xls"]);
    place.run(&["diff", "a.csv", "b.csv", "-o", "out.parquet", "--excel"]).ends(2).says(&["--excel"]);
    place.run(&["diff", "a.csv", "b.csv", "--excel"]).ends(2).says(&["-o"]);
    place.run(&["diff", "a.csv"]).ends(2).says(&["NEW"]);
    if Path::new("/dev/full").exists() {
        place.run(&["diff", "a.csv", "b.csv", "-o", "/dev/full", "--format", "csv"]).ends(3).says(&["disk full"]);
    }
}

#[test]
fn columns_and_help_describe_it() {
    let place = Workplace::new();
    place.write("a.csv", old(&[]));
    let told = place.run(&["columns"]).ends(0).out;
    let section = told.split_once("## changes\n").unwrap().1.split("\n## ").next().unwrap();
    let listed: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let header = place.run(&["diff", "a.csv", "a.csv", "-o", "-"]).ends(0).out;
    assert_eq!(listed.join(","), header.trim());
    for kind in ChangeKind::ALL {
        assert!(section.contains(kind.as_str()), "{kind:?} is not described");
    }
    let help = place.run(&["diff", "--help"]).ends(0).out;
    for part in ["Examples:", "--output", "--excel", "--format", "--quiet", "missing", "OLD", "NEW"] {
        assert!(help.contains(part), "{part}: {help}");
    }
    assert!(place.run(&["--help"]).ends(0).out.contains("causerie diff"));
}

#[test]
fn large_tables_take_seconds() {
    let lines = |edited: bool| {
        let mut csv = format!("{HEAD}\n");
        for at in 0..200_000 {
            let (thread, text) = (at % 50, if edited && at % 10 == 0 { "Other words" } else { "The same words" });
            writeln!(csv, "t{thread},c{},,0,ann,2024-05-01T08:00:00Z,{text} {at},1,visible,,,", at + 1).unwrap();
        }
        csv
    };
    let place = Workplace::new();
    place.write("old.csv", lines(false));
    place.write("new.csv", lines(true));
    let started = Instant::now();
    place.run(&["diff", "old.csv", "new.csv", "-o", "out.csv"]).ends(0).says(&["20000 changes in 50 threads"]);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
