use std::fs;
use std::io::Write;
use std::sync::Arc;

use super::*;
use crate::hand::Unit;

fn form() -> Form {
    let question = |name: &str, values: &[&str]| Question {
        name: name.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        ..Question::default()
    };
    let unit = |number: usize| Unit {
        key: Key { thread_id: "t1".to_owned(), comment_id: format!("c{number}") },
        text: format!("Texte {number} 🙄"),
        ..Unit::default()
    };
    Form {
        questions: vec![question("polarity", &["negative", "neutral", "positive"]), question("distrust", &["0", "1"])],
        units: (0..4).map(unit).collect(),
    }
}

fn said(polarity: &str, distrust: &str) -> Vec<Said> {
    let spans = if distrust == "1" { vec![(0, 5)] } else { Vec::new() };
    vec![Said { value: polarity.to_owned(), spans: Vec::new() }, Said { value: distrust.to_owned(), spans }]
}

struct Place {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("codes.ndjson");
        Self { _folder: folder, path }
    }

    fn open(&self) -> Journal {
        Journal::open(&self.path, &form()).unwrap()
    }

    fn refused(&self) -> String {
        Journal::open(&self.path, &form()).unwrap_err().to_string()
    }

    fn append(&self, bytes: &[u8]) {
        fs::OpenOptions::new().append(true).open(&self.path).unwrap().write_all(bytes).unwrap();
    }
}

#[test]
fn decisions_outlive_the_process() {
    let place = Place::new();
    {
        let journal = place.open();
        journal.code(0, "ana", said("negative", "1")).unwrap();
        journal.code(0, "ben", said("neutral", "1")).unwrap();
        journal.adjudicate(0, "ana", said("negative", "1")).unwrap();
    }
    let journal = place.open();
    let answers = journal.answers();
    let coders: Vec<&str> = answers.iter().map(|answer| answer.coder.as_str()).collect();
    assert_eq!(coders, ["adjudicated", "adjudicated", "ana", "ana", "ben", "ben"]);
    assert_eq!((answers[3].question.as_str(), answers[3].value.as_str()), ("distrust", "1"));
    assert_eq!(answers[3].spans, [(0, 5)]);
    assert_eq!(journal.done(), BTreeMap::from([("ana".to_owned(), 1), ("ben".to_owned(), 1)]));
    assert_eq!(journal.adjudicators(), ["ana"]);
    assert_eq!(journal.disagreements(), [0]);
}

#[test]
fn the_latest_answer_stands_and_undo_brings_back_the_one_before() {
    let place = Place::new();
    let journal = place.open();
    journal.code(1, "ana", said("neutral", "0")).unwrap();
    journal.code(2, "ana", said("neutral", "0")).unwrap();
    journal.code(1, "ana", said("positive", "1")).unwrap();
    assert_eq!(journal.codings(1)["ana"], said("positive", "1"));
    assert_eq!(journal.undo("ben").unwrap(), None);
    assert_eq!(journal.undo("ana").unwrap(), Some(1));
    drop(journal);

    let journal = place.open();
    assert_eq!(journal.codings(1)["ana"], said("neutral", "0"));
    assert_eq!(journal.done()["ana"], 2);
    assert_eq!(journal.undo("ana").unwrap(), Some(2));
    assert_eq!(journal.undo("ana").unwrap(), Some(1));
    assert_eq!(journal.undo("ana").unwrap(), None);
    assert!(journal.answers().is_empty());
    assert_eq!(place.lines(), 7, "what was taken back stays on record");
}

impl Place {
    fn lines(&self) -> usize {
        fs::read_to_string(&self.path).unwrap().lines().count()
    }
}

#[test]
fn a_last_line_cut_short_goes_wherever_it_was_cut() {
    let place = Place::new();
    place.open().code(0, "ana", said("neutral", "1")).unwrap();
    let before = fs::read(&place.path).unwrap();
    place.open().code(1, "ana", said("positive", "0")).unwrap();
    let whole = fs::read(&place.path).unwrap();
    for length in before.len()..whole.len() {
        fs::write(&place.path, &whole[..length]).unwrap();
        let journal = place.open();
        assert_eq!(journal.done()["ana"], 1);
        journal.code(1, "ana", said("negative", "0")).unwrap();
        drop(journal);
        assert_eq!(place.open().done()["ana"], 2);
    }
    for length in 0..whole.iter().position(|&byte| byte == b'\n').unwrap() {
        fs::write(&place.path, &whole[..length]).unwrap();
        assert!(place.open().answers().is_empty());
    }
}

#[test]
fn other_damage_is_named_by_line_and_nothing_is_changed() {
    let place = Place::new();
    place.open().code(0, "ana", said("neutral", "1")).unwrap();
    place.open().code(1, "ana", said("neutral", "1")).unwrap();
    let whole = fs::read_to_string(&place.path).unwrap();
    for (from, to, reason) in [
        (r#""seq":1"#, r#""seq":2"#, "its number is 2, not 1"),
        (r#"{"seq":1"#, r#"{seq":1"#, "key must be a string"),
        (r#""comment_id":"c0""#, r#""comment_id":"c9""#, "there is no unit c9 of thread t1"),
        (
            r#""question":"distrust","value":"1""#,
            r#""question":"trust","value":"1""#,
            "its questions are not the form's",
        ),
        (r#""value":"neutral""#, r#""value":"bad""#, "polarity has no value bad"),
        (r#""value":"neutral""#, r#""value":null"#, "some of its questions have no value"),
        (r#""kind":"code""#, r#""kind":"undo""#, "ana had nothing to take back"),
    ] {
        let damaged = whole.replacen(from, to, 1);
        fs::write(&place.path, &damaged).unwrap();
        let refused = place.refused();
        assert!(refused.contains("line 2 of") && refused.contains(reason), "{reason}: {refused}");
        assert_eq!(fs::read_to_string(&place.path).unwrap(), damaged);
    }
    fs::write(&place.path, whole.replacen('\n', "\n\n", 1)).unwrap();
    assert!(place.refused().contains("line 2 of"));
    fs::write(&place.path, &whole).unwrap();
    place.append(b"\xff\xfe\n");
    assert!(place.refused().contains("line 4 of"));
}

#[test]
fn files_of_others_stay_as_they_are() {
    let place = Place::new();
    for content in ["my notes", "my notes\non two lines\n", "{\"journal\":\"another\"}\n"] {
        fs::write(&place.path, content).unwrap();
        assert!(place.refused().contains("not a journal"));
        assert_eq!(fs::read_to_string(&place.path).unwrap(), content);
    }
}

#[test]
fn a_journal_is_for_its_form_only() {
    let place = Place::new();
    drop(place.open());
    let mut other = form();
    other.questions[1].definition = "Worded better".to_owned();
    other.units[0].coders.push("ana".to_owned());
    assert!(Journal::open(&place.path, &other).is_ok());
    other.units[3].text.push('!');
    assert!(matches!(Journal::open(&place.path, &other), Err(JournalError::OtherForm { .. })));
}

#[test]
fn two_writers_are_not_let_in() {
    let place = Place::new();
    let journal = place.open();
    assert!(matches!(Journal::open(&place.path, &form()), Err(JournalError::InUse { .. })));
    drop(journal);
    place.open();
}

#[test]
fn what_does_not_fit_the_form_is_refused() {
    let place = Place::new();
    let journal = place.open();
    assert!(matches!(journal.code(4, "ana", said("neutral", "0")), Err(JournalError::Misfit)));
    assert!(matches!(journal.code(0, "ana", Vec::new()), Err(JournalError::Misfit)));
    assert_eq!(place.lines(), 1);
    assert!(!journal.has_coded(0, "ana") && journal.codings(9).is_empty());
}

#[test]
fn coders_at_once_lose_nothing() {
    let place = Place::new();
    let journal = Arc::new(place.open());
    std::thread::scope(|scope| {
        for coder in ["ana", "ben", "eve"] {
            let journal = Arc::clone(&journal);
            scope.spawn(move || {
                for unit in (0..4).cycle().take(40) {
                    journal.code(unit, coder, said("neutral", "0")).unwrap();
                }
            });
        }
    });
    drop(journal);
    assert_eq!(place.lines(), 121);
    assert_eq!(place.open().answers().len(), 3 * 4 * 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_no_journal() {
    let refused = Journal::open(Path::new("/dev/zero"), &form());
    assert!(matches!(refused, Err(JournalError::NotAJournal { .. } | JournalError::Unreadable { .. })));
}
