//! Questions in GraphQL: what is posted is the question and its variables, so an answer's next page is asked for with the
//! same question and another cursor.

use serde_json::{Value, json};

use super::structured::json_string;
use super::{Next, SiteError};
use crate::model::{Page, Request};

/// A question of `data/queries/`, without its remarks and in one line, with its variables.
pub(super) fn ask(url: &str, question: &str, variables: &Value) -> Next {
    let said: Vec<&str> =
        question.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect();
    Next::of(Request::posting(url, &json!({ "query": said.join(" "), "variables": variables })))
}

/// The question an answer was given to, with one variable changed; none where the answer came from a file that does not
/// keep the question, or where the change would ask the same again.
pub(super) fn again(page: &Page, variable: &str, value: &str) -> Option<Next> {
    let mut posted: Value = serde_json::from_str(page.posted.as_deref()?).ok()?;
    let place = posted.get_mut("variables")?.get_mut(variable)?;
    if *place == value {
        return None;
    }
    *place = Value::from(value);
    Some(Next::of(Request::posting(page.url.as_deref()?, &posted)))
}

/// Why there is nothing in an answer: what the server said first.
pub(super) fn refusal(value: &Value) -> Option<SiteError> {
    let first = value["errors"].as_array()?.first()?;
    Some(SiteError::Refused {
        code: json_string(&first["extensions"]["code"]).unwrap_or_else(|| "graphql".to_owned()),
        message: json_string(&first["message"]).unwrap_or_default(),
    })
}
