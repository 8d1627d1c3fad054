//! JSON-LD: objects in `script` elements, `@graph` unfolded, objects that are only named by their `@id` looked up.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{
    Counted, Item, Structured, counted, is_comment_kind, is_opening_kind, json_string, net, plain, tags, threaded,
};
use crate::model::{Author, Comment, Moment};
use crate::site::{Document, answer, article, css};
use crate::text::dates::parse_machine;

/// Comments nested deeper than this are read as answers to the last level.
const MAX_LEVELS: usize = 200;

/// All JSON-LD objects of a page, `@graph` unfolded; broken blocks are passed over.
pub(in crate::site) fn json_ld(html: &Document) -> &[Value] {
    html.json_ld.get_or_init(|| blocks(html))
}

fn blocks(html: &Document) -> Vec<Value> {
    let mut found = Vec::new();
    for script in html.select(css!("script[type*='ld+json']")) {
        let text: String = script.text().collect();
        // Some sites wrap the block in a comment, or leave control characters in it.
        let text = text.trim().trim_start_matches("<!--").trim_end_matches("-->").replace(['\n', '\r', '\t'], " ");
        let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
        unfold(value, &mut found);
    }
    found
}

fn unfold(value: Value, found: &mut Vec<Value>) {
    match value {
        Value::Array(values) => values.into_iter().for_each(|value| unfold(value, found)),
        Value::Object(mut object) => {
            if let Some(graph) = object.remove("@graph") {
                unfold(graph, found);
            }
            found.push(Value::Object(object));
        }
        _ => {}
    }
}

/// Comments of the page's JSON-LD.
pub(in crate::site) fn from_json_ld(html: &Document) -> Structured {
    let data = json_ld(html);
    let mut reader = Reader { by_id: HashMap::new(), seen: HashSet::new(), items: Vec::new() };
    for value in data {
        if let (Some(id), Some(object)) = (value["@id"].as_str(), value.as_object())
            && object.len() > 2
        {
            reader.by_id.entry(id).or_insert(value);
        }
    }
    let mut thread = Structured::default();
    // Lists of questions that the site answers itself; the questions may stand beside the list.
    let is_list = data.iter().any(|value| is_kind(value, |kind| kind == "FAQPage"));
    for value in data {
        if !(is_list && is_kind(value, |kind| matches!(kind, "FAQPage" | "Question"))) {
            reader.thread(value, &mut thread, 0);
        }
    }
    threaded(reader.items, &mut thread);
    thread
}

struct Reader<'a> {
    by_id: HashMap<&'a str, &'a Value>,
    /// Comments met: the accepted answer is often among the suggested ones, too.
    seen: HashSet<String>,
    items: Vec<Item>,
}

impl<'a> Reader<'a> {
    /// Takes what an object that may be about a discussion says: a page, an article, a posting, a comment.
    fn thread(&mut self, value: &'a Value, thread: &mut Structured, level: usize) {
        if is_kind(value, is_comment_kind) {
            return self.comment(value, None, 0);
        }
        thread.stated_count = thread.stated_count.or_else(|| stated(value));
        let start = self.items.len();
        for child in self.children(value) {
            self.comment(child, None, 0);
        }
        let opens =
            is_kind(value, is_opening_kind) && (self.items.len() > start || level > 0 || stated(value).is_some());
        if opens && thread.opening.is_none() {
            thread.opening = Some(read(value)).filter(|opening| !opening.text.is_empty());
        }
        if level < 3 {
            for child in [&value["mainEntity"], &value["mainEntityOfPage"], &value["sharedContent"]] {
                for inner in self.objects(child) {
                    // An object named by its id comes on its own.
                    if std::ptr::eq(inner, child) || child.is_array() {
                        self.thread(inner, thread, level + 1);
                    }
                }
            }
        }
    }

    fn comment(&mut self, value: &'a Value, around: Option<usize>, level: usize) {
        let comment = read(value);
        let address = json_string(&value["@id"]).or_else(|| json_string(&value["url"]));
        let author = comment.author.as_ref().map_or("", |author| author.name.as_str());
        let date = comment.posted_at.as_ref().map_or("", |moment| moment.iso.as_str());
        let same = address.clone().unwrap_or_else(|| format!("{author}\n{date}\n{}", comment.text));
        if !self.seen.insert(same) {
            return;
        }
        let at = self.items.len();
        let item = &value["parentItem"];
        self.items.push(Item {
            id: json_string(&value["identifier"]).or_else(|| address.clone()),
            names: [&value["@id"], &value["url"], &value["identifier"]].into_iter().filter_map(json_string).collect(),
            around,
            answers: ["@id", "url", "identifier"]
                .iter()
                .find_map(|key| json_string(&item[*key]))
                .or_else(|| json_string(item)),
            comment,
        });
        // Deeper ones are read as answers to the last level.
        let above = if level < MAX_LEVELS { Some(at) } else { around };
        if level < 2 * MAX_LEVELS {
            for child in self.children(value) {
                self.comment(child, above, level + 1);
            }
        }
    }

    /// The comments an object holds or names.
    fn children(&self, value: &'a Value) -> Vec<&'a Value> {
        ["acceptedAnswer", "suggestedAnswer", "comment", "comments"]
            .iter()
            .flat_map(|key| self.objects(&value[*key]))
            .collect()
    }

    /// The objects of a value: itself, its elements, or what they name.
    fn objects(&self, value: &'a Value) -> Vec<&'a Value> {
        let elements = match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        let resolved = |value: &'a Value| {
            let name = value.as_str().or_else(|| value["@id"].as_str());
            let bare = value.as_object().is_none_or(|object| object.len() <= 2 && object.contains_key("@id"));
            if bare { name.and_then(|name| self.by_id.get(name).copied()) } else { Some(value) }
        };
        elements.iter().filter_map(resolved).filter(|value| value.is_object()).collect()
    }
}

fn is_kind(value: &Value, kind: impl Fn(&str) -> bool) -> bool {
    match &value["@type"] {
        Value::String(name) => kind(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(kind),
        _ => false,
    }
}

/// What a comment or posting says of itself.
fn read(value: &Value) -> Comment {
    let text = ["text", "articleBody", "commentText", "description"].iter().find_map(|key| json_string(&value[*key]));
    Comment {
        author: [&value["author"], &value["creator"]]
            .into_iter()
            .find_map(article::person)
            .map(|name| Author { name, avatar: None }),
        posted_at: date(value, &["dateCreated", "datePublished", "uploadDate", "commentTime"]),
        text: text.as_deref().map(plain).unwrap_or_default(),
        html: text.filter(|text| !tags(text).is_empty()),
        votes: votes(value),
        permalink: json_string(&value["url"]),
        ..Comment::default()
    }
}

fn date(value: &Value, keys: &[&str]) -> Option<Moment> {
    keys.iter().find_map(|key| parse_machine(&json_string(&value[*key])?))
}

fn votes(value: &Value) -> Option<i64> {
    net(answer::number(&value["upvoteCount"]), answer::number(&value["downvoteCount"]))
        .or_else(|| interactions(value, Counted::Votes))
}

/// How many comments an object says it has.
fn stated(value: &Value) -> Option<u64> {
    ["commentCount", "answerCount"]
        .iter()
        .find_map(|key| answer::number(&value[*key]))
        .or_else(|| interactions(value, Counted::Comments))
        .and_then(|count| u64::try_from(count).ok())
}

fn interactions(value: &Value, wanted: Counted) -> Option<i64> {
    let statistic = &value["interactionStatistic"];
    let counters = statistic.as_array().map_or_else(|| std::slice::from_ref(statistic), Vec::as_slice);
    counters.iter().find_map(|counter| {
        let action = &counter["interactionType"];
        let action = action.as_str().or_else(|| action["@type"].as_str()).or_else(|| action["@id"].as_str())?;
        let count = answer::number(&counter["userInteractionCount"])?;
        (counted(action) == Some(wanted)).then_some(count)
    })
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn read(json: &str) -> Structured {
        from_json_ld(&Document::from(Html::parse_document(&format!(
            "<script type='application/ld+json'>{json}</script>"
        ))))
    }

    #[test]
    fn a_question_opens_and_its_answers_are_comments() {
        let thread = read(
            r#"{"@type": "QAPage", "mainEntity": {"@type": "Question", "text": "Why?", "answerCount": "2", "author": "Ann",
            "acceptedAnswer": {"@type": "Answer", "url": "/q#a2", "text": "So", "upvoteCount": 4,
              "comment": [{"@type": "Comment", "url": "/q#c3", "text": "Right"}]},
            "suggestedAnswer": [{"@type": "Answer", "url": "/q#a1", "text": "Because"},
              {"@type": "Answer", "url": "/q#a2", "text": "So"}]}}"#,
        );
        assert_eq!(thread.opening.unwrap().text, "Why?");
        let found: Vec<_> = thread.comments.iter().map(|c| (c.id.as_str(), c.reply_to.as_deref(), c.votes)).collect();
        assert_eq!(found, [("ca2", None, Some(4)), ("cc3", Some("ca2"), None), ("ca1", None, None)]);
        assert_eq!(thread.stated_count, Some(2));
    }

    #[test]
    fn comments_named_by_id_are_looked_up_once() {
        let thread = read(
            r##"{"@graph": [{"@type": "NewsArticle", "comment": [{"@id": "#c7"}, {"@id": "#c8"}]},
            {"@id": "#c7", "@type": "Comment", "text": "a",
             "interactionStatistic": {"interactionType": {"@type": "LikeAction"}, "userInteractionCount": 5}},
            {"@id": "#c8", "@type": "Comment", "text": "b", "parentItem": {"@id": "#c7"}}]}"##,
        );
        let found: Vec<_> = thread.comments.iter().map(|c| (c.text.as_str(), c.reply_to.as_deref(), c.votes)).collect();
        assert_eq!(found, [("a", None, Some(5)), ("b", Some("cc7"), None)]);
    }

    #[test]
    fn questions_of_a_list_of_questions_open_nothing() {
        let thread = read(
            r#"{"@type": "FAQPage", "mainEntity": [{"@type": "Question", "name": "How?", "acceptedAnswer": {"@type": "Answer", "text": "So"}}]}"#,
        );
        assert!(thread.comments.is_empty() && thread.opening.is_none());
    }
}
