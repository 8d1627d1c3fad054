use super::Entry;
use crate::model::Failure;

/// The columns of `errors`.
pub(in crate::table) fn errors() -> Vec<Entry<Failure>> {
    type Of = Entry<Failure>;
    vec![
        Of::always_text("source", |row| &row.source, "What could not be read: path, address or archive record."),
        Of::text("url", |row| row.url.as_deref(), "Its address, where one is known."),
        Of::always_text("stage", |row| row.stage.as_str(), "Where it failed: input, fetch or parse."),
        Of::always_text("reason", |row| &row.reason, "The cause in one word, the same word for the same cause."),
        Of::always_text("message", |row| &row.message, "What happened, and what to do next."),
    ]
}
