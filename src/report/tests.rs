use super::*;
use crate::model::{
    Author, Basis, CodeLabel, Coded, CodedComment, CodedThread, Coding, Comment, Confidence, Polarity, PolarityCoding,
    Span, Thread,
};

const NASTY: &str = "</script><!-- <img src=x onerror=alert(1)> 🙄 arnaque \u{202e}";

fn comment(id: &str, reply_to: Option<&str>, text: &str) -> Comment {
    Comment {
        id: id.into(),
        reply_to: reply_to.map(str::to_owned),
        author: Some(Author { name: "<b>Zoé</b>".into(), avatar: None }),
        text: text.into(),
        ..Comment::default()
    }
}

fn coded(text: &str) -> CodedComment {
    let start = text.find("arnaque").unwrap();
    let coding = Coding {
        code: "distrust".into(),
        evidence: Span::new(start, start + 7),
        confidence: Some(Confidence::grade(0.9, Basis::Model)),
    };
    let polarity = PolarityCoding {
        polarity: Polarity::Negative,
        score: -0.8,
        confidence: Some(Confidence { value: 0.8, basis: Some(Basis::Model), calibrated: true }),
        evidence: None,
    };
    let coded = Coded { coder: "linear-7".into(), polarity: Some(polarity), codings: vec![coding], ..Coded::default() };
    CodedComment { coded: Some(coded), ..CodedComment::default() }
}

fn study() -> Study {
    let mut thread = Thread { id: "t1".into(), stated_count: Some(3), ..Thread::default() };
    thread.article.title = Some("A {{data}} title".into());
    thread.comments = vec![comment("c1", None, NASTY), comment("c2", Some("c1"), "arnaque !")];
    let comments = thread.comments.iter().map(|comment| coded(&comment.text)).collect();
    let code = CodeLabel { name: "distrust".into(), label: "Distrust".into(), ..CodeLabel::default() };
    Study { threads: vec![CodedThread { thread, comments }], codes: vec![code], ..Study::default() }
}

fn page(study: &Study, language: Language) -> String {
    Report { study, language, title: None, shares: &[], agreement: &[], made: Made::default() }.html().unwrap()
}

#[test]
fn what_people_wrote_is_text_wherever_it_stands() {
    let html = page(&study(), Language::English);
    assert_eq!(html.matches("</script>").count(), 2, "the two of the page itself");
    assert!(!html.contains("<img") && !html.contains("<b>Zo"));
    // The comments' data are as they were written; the page before them is not turned round.
    assert!(!html.split_once("id=\"study-data\"").unwrap().0.contains('\u{202e}'));
    // A title that looks like a place of the skeleton stays what it is.
    assert!(html.contains("<title>A {{data}} title</title>"));
}

#[test]
fn the_policy_names_the_style_and_the_script_that_are_there() {
    use data_encoding::BASE64;
    use sha2::{Digest as _, Sha256};
    let html = page(&study(), Language::French);
    let between = |start: &str, end: &str| html.split_once(start).unwrap().1.split_once(end).unwrap().0;
    for content in [between("<style>", "</style>"), between("<script>", "</script>")] {
        let digest = BASE64.encode(&Sha256::digest(content.as_bytes()));
        assert!(html.contains(&format!("'sha256-{digest}'")));
    }
    assert!(!html.contains("{{") || html.matches("{{").count() == html.matches("A {{data}} title").count());
    assert!(html.contains("default-src 'none'"));
}

#[test]
fn positions_count_utf_16_units() {
    let html = page(&study(), Language::English);
    let data = html.split_once("id=\"study-data\">").unwrap().1.split_once("</script>").unwrap().0;
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let text: Vec<u16> = data["comments"]["text"][0].as_str().unwrap().encode_utf16().collect();
    let coding = &data["comments"]["codings"][0][0];
    let (start, end) = (coding[1].as_u64().unwrap() as usize, coding[2].as_u64().unwrap() as usize);
    assert_eq!(String::from_utf16(&text[start..end]).unwrap(), "arnaque");
    assert_eq!(data["comments"]["parent"], serde_json::json!([-1, 0]));
}

#[test]
fn findings_are_sentences_with_figures() {
    let html = page(&study(), Language::English);
    assert!(html.contains("2 of the 3 comments that the sites state. Missing: 1;"), "{html}");
    assert!(html.contains("“Distrust”: 100%"));
    let html = page(&study(), Language::French);
    assert!(html.contains("lang=\"fr\"") && html.contains("«\u{a0}Distrust\u{a0}»\u{a0}: 100"));
}

#[test]
fn what_was_found_and_what_is_stated_add_up() {
    let thread = |id: &str, found: usize, stated_count: Option<u64>| {
        let comments: Vec<Comment> = (0..found).map(|at| comment(&format!("c{at}"), None, "Oui.")).collect();
        let coded = vec![CodedComment::default(); found];
        CodedThread { thread: Thread { id: id.into(), stated_count, comments, ..Thread::default() }, comments: coded }
    };
    let threads = vec![thread("t1", 10, Some(4)), thread("t2", 4, Some(10)), thread("t3", 6, None)];
    let study = Study { threads, ..Study::default() };
    let html = page(&study, Language::English);
    for said in ["8 of the 14 comments", "Missing: 6;", "beyond what the sites state: 6.", "6 more comments are under"]
    {
        assert!(html.contains(said), "{said}");
    }
    let html = page(&study, Language::French);
    assert!(html.contains("8 commentaires sur 14") && html.contains("6 autres se trouvent sous"));
    let study = Study { threads: vec![thread("t1", 1, None)], ..Study::default() };
    for language in [Language::English, Language::French] {
        let html = page(&study, language);
        assert!(!html.contains("1 comments") && !html.contains("1 commentaires"), "{html}");
    }
}

#[test]
fn what_people_differed_on_is_left_out_and_said() {
    let study = study();
    let share = Share {
        question: "distrust".into(),
        value: "1".into(),
        comments: 100,
        coded: 29,
        disputed: 11,
        share: Some(0.4),
        interval: Some((0.3, 0.5)),
        ..Share::default()
    };
    let page = |language| {
        let made = Made::default();
        Report { study: &study, language, title: None, shares: std::slice::from_ref(&share), agreement: &[], made }
            .html()
            .unwrap()
    };
    let html = page(Language::English);
    assert!(html.contains("11 of 40 hand-coded comments were left out: coders disagreed"), "{html}");
    assert!(html.contains("as coders disagreed: Distrust 11 of 40."));
    assert!(page(Language::French).contains("Distrust 11 sur 40"));
}

#[test]
fn a_study_of_nothing_has_a_page() {
    let html = page(&Study::default(), Language::English);
    assert!(html.contains("<section id=\"findings\"") && html.contains("study-data"));
}
