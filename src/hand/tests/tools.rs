//! Label Studio and doccano.

use serde_json::{Value, json};

use super::*;
use crate::hand::{Kind, label_studio_config, write};

const FIRST: &str = "1234567890123456789";

fn choice(question: &str, value: &str) -> Value {
    json!({"id": "a", "from_name": question, "to_name": "comment-text", "type": "choices", "value": {"choices": [value]}})
}

fn labels(code: &str, start: usize, end: usize, words: Option<&str>) -> Value {
    let mut value = json!({"start": start, "end": end, "labels": [code]});
    if let Some(words) = words {
        value["text"] = words.into();
    }
    json!({"id": "b", "from_name": "marked-words", "to_name": "comment-text", "type": "labels", "value": value})
}

/// The tasks as they were written, the first with an annotation.
fn annotated(annotations: Value) -> Vec<u8> {
    let mut tasks: Vec<Value> = serde_json::from_slice(&write(&form(), Kind::LabelStudio).unwrap()).unwrap();
    tasks[0]["id"] = 7.into();
    tasks[0]["annotations"] = annotations;
    serde_json::to_vec(&tasks).unwrap()
}

#[test]
fn label_studio_comes_back_whatever_it_counts() {
    // `arnaque` in code points, in UTF-16 units, and without its words.
    for (start, end, words) in [(14, 21, Some("arnaque")), (17, 24, Some("arnaque")), (14, 21, None)] {
        let result = vec![choice("polarity", "negative"), choice("price", "0"), labels("distrust", start, end, words)];
        let bytes = annotated(json!([{"id": 1, "completed_by": {"id": 3, "email": "anne"}, "result": result}]));
        let reading = told("export.json", &bytes).unwrap();
        assert_eq!(reading.answers, filled()[..3]);
    }
}

#[test]
fn skipped_annotations_are_left_out_and_coders_told_apart() {
    let bytes = annotated(json!([
        {"completed_by": 4, "was_cancelled": true, "result": [choice("price", "1")]},
        {"completed_by": 5, "result": [choice("price", "0"), {"type": "textarea", "value": {"text": ["a note"]}}]},
        {"completed_by": 6, "result": [choice("price", "1"), choice("price", "1")]},
    ]));
    let reading = told("export.json", &bytes).unwrap();
    assert_eq!(reading.answers, [answer(FIRST, "5", "price", "0", &[]), answer(FIRST, "6", "price", "1", &[])]);
    assert!(reading.remarks.iter().any(|remark| remark.contains("skipped")));
}

#[test]
fn label_studio_faults_are_named_by_task() {
    let bytes = annotated(json!([{"completed_by": 4, "result": [
        choice("price", "maybe"), choice("mood", "1"), labels("mood", 0, 1, None), labels("price", 0, 9_999, None),
        labels("price", 0, 7, Some("another")), choice("distrust", "0"), labels("distrust", 14, 21, None),
        choice("polarity", "negative"), choice("polarity", "positive"),
    ]}]));
    let faults = told("export.json", &bytes).unwrap_err().to_string();
    for part in [
        "task 1, column price: `maybe` is no answer",
        "task 1, column from_name: `mood` is no question",
        "task 1, column labels: `mood` is no question",
        "column price: the span 0-9999 is no part",
        "column price: the words `another` are not in the text",
        "column distrust: words are marked for `distrust`, which is answered 0",
        "column polarity: 4 says `positive`",
    ] {
        assert!(faults.contains(part), "{part}\n{faults}");
    }
}

#[test]
fn the_interface_of_label_studio_is_well_formed() {
    let xml = label_studio_config(&form());
    let mut reader = quick_xml::Reader::from_str(&xml);
    let (mut choices, mut labels) = (0, 0);
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Empty(element) if element.name().0 == "Choice" => choices += 1,
            quick_xml::events::Event::Empty(element) if element.name().0 == "Label" => labels += 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((choices, labels), (7, 2));
    assert!(xml.contains("Says &lt;distrust&gt; &amp; &quot;means&quot; it."));
}

/// The lines as they were written, with labels under a name.
fn labelled(field: &str, labels: [Value; 3]) -> String {
    let written = String::from_utf8(write(&form(), Kind::Doccano).unwrap()).unwrap();
    let line = |(line, labels): (&str, Value)| {
        let mut fields: Value = serde_json::from_str(line).unwrap();
        fields.as_object_mut().unwrap().remove("label");
        fields["id"] = 1.into();
        fields[field] = labels;
        fields.to_string()
    };
    written.lines().zip(labels).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn doccano_comes_back_whatever_it_counts() {
    // `arnaque` in code points, in UTF-16 units and in graphemes.
    for (start, end, told_so) in [(14, 21, "code points"), (17, 24, "UTF-16 units"), (13, 20, "graphemes")] {
        let text =
            labelled("label", [json!([[start, end, "distrust"], [0, 1, "distrust"]]), json!(["none"]), json!([])]);
        // The first span is half an emoji in UTF-16 units.
        let text = if start == 17 { text.replace("[0,1,", "[0,2,") } else { text };
        let reading = told("anne.jsonl", text.as_bytes()).unwrap();
        let expected = [
            answer(FIRST, "anne", "distrust", "1", &[(0, 1), (14, 21)]),
            answer(FIRST, "anne", "price", "0", &[]),
            answer("c2", "anne", "distrust", "0", &[]),
            answer("c2", "anne", "price", "0", &[]),
        ];
        assert_eq!(reading.answers, expected);
        assert!(reading.remarks[0].contains(told_so), "{:?}", reading.remarks);
        assert_eq!(reading.remarks[1], "lines without any label, taken for not coded: 1");
    }
}

#[test]
fn categories_and_entities_of_doccano_are_read() {
    for negative in ["negative", "polarity: negative", "Polarity=neg"] {
        let text = labelled("cats", [json!([negative, "distrust"]), json!([]), json!([])]);
        assert_eq!(told("x.anne.jsonl", text.as_bytes()).unwrap().answers[0], filled()[0]);
    }
    let entity = json!([{"id": 1, "label": "price", "start_offset": 11, "end_offset": 15}]);
    let text = labelled("entities", [json!([]), json!([]), entity]);
    let reading = told("x.anne.jsonl", text.as_bytes()).unwrap();
    assert!(reading.answers.contains(&filled()[6]));
    let approved = text.replace("\"id\":1", "\"id\":1,\"annotation_approver\":\"bob\"");
    assert_eq!(told("x.anne.jsonl", approved.as_bytes()).unwrap().answers.len(), 6);
}

#[test]
fn doccano_faults_are_named_by_line() {
    let text =
        labelled("label", [json!([[14, 99, "price"]]), json!([[0, 2, "mood"]]), json!(["positive", "negative"])]);
    let faults = told("anne.jsonl", text.as_bytes()).unwrap_err().to_string();
    for part in
        ["line 1, column price: the span 14-99", "line 2, column label: `mood`", "line 3, column polarity: anne says"]
    {
        assert!(faults.contains(part), "{part}\n{faults}");
    }
}
