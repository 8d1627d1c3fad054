//! Results made again from their records.

use super::workplace::Workplace;

#[test]
fn tables_are_made_again_byte_for_byte() {
    let place = Workplace::new();
    place.sample("pasted-fr.txt");
    place.run(&["analyze", "pasted-fr.txt", "--coder", "rules", "-o", "study/"]).ends(0);
    let record = place.read("study/run.json");
    for word in ["\"author_key\"", "rules-1", "data-economy", "pasted-fr.txt", "\"comments\": 12"] {
        assert!(record.contains(word), "{word} in {record}");
    }
    let ran = place.run(&["rerun", "study/run.json"]).ends(0);
    for table in ["comments.csv", "codings.csv", "threads.csv", "errors.csv"] {
        assert!(ran.err.contains(&format!("same: {table}")), "{}", ran.err);
    }
    place.run(&["rerun", "study/", "-o", "again/"]).ends(0);
    assert_eq!(place.read("again/comments.csv"), place.read("study/comments.csv"));

    place.run(&["sample", "study/", "-n", "5", "-o", "sheet.xlsx"]).ends(0);
    let ran = place.run(&["rerun", "sheet.run.json"]).ends(0);
    assert!(ran.err.contains("same: sheet.xlsx") && ran.err.contains("same: sheet.design.csv"), "{}", ran.err);
}

#[test]
fn what_cannot_be_made_again_is_told() {
    let place = Workplace::new();
    place.sample("custom-site.html");
    place.run(&["analyze", "custom-site.html", "--coder", "rules", "-o", "thread.csv"]).ends(0);
    // Another key, other pseudonyms.
    place.write("other.key", format!("{}\n", "07".repeat(32)));
    let ran = place.run(&["rerun", "thread.run.json", "--author-key", "other.key"]).ends(1);
    assert!(ran.err.contains("differs: thread.csv") && ran.err.contains("author key"), "{}", ran.err);
    place.write("custom-site.html", "autre chose");
    let ran = place.run(&["rerun", "thread.run.json"]).ends(1);
    assert!(ran.err.contains("custom-site.html: its contents have changed"), "{}", ran.err);
    place.write("no.json", "{}");
    assert!(place.run(&["rerun", "no.json"]).ends(2).err.contains("no record of a run"));
    place.sample("pasted-fr.txt");
    let pasted = place.read("pasted-fr.txt");
    place.feed(pasted, &["analyze", "-", "--coder", "rules", "-o", "fed.csv"]).ends(0);
    assert!(place.run(&["rerun", "fed.run.json"]).ends(1).err.contains("standard input"));
}

#[test]
fn a_table_changed_since_and_a_record_that_points_elsewhere_are_told() {
    let place = Workplace::new();
    place.sample("custom-site.html");
    place.run(&["analyze", "custom-site.html", "--coder", "rules", "-o", "thread.csv"]).ends(0);
    let table = place.read("thread.csv");
    place.write("thread.csv", table.replace("visible", "hidden"));
    let ran = place.run(&["rerun", "thread.run.json"]).ends(1);
    assert!(ran.err.contains("same: thread.csv") && ran.err.contains("changed since"), "{}", ran.err);
    place.write("thread.csv", &table);
    let victim = place.write("elsewhere/victim.csv", "mine");
    let record = place.read("thread.run.json");
    let elsewhere =
        record.replace("\"output\": \"thread.csv\"", &format!("\"output\": {:?}", victim.display().to_string()));
    assert_ne!(elsewhere, record);
    place.write("moved.run.json", elsewhere);
    place.run(&["rerun", "moved.run.json"]);
    assert_eq!(place.read("elsewhere/victim.csv"), "mine");
}
