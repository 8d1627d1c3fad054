use super::Entry;
use crate::model::Visit;

/// The columns of `addresses`.
pub(in crate::table) fn addresses() -> Vec<Entry<Visit>> {
    type Of = Entry<Visit>;
    vec![
        Of::always_text("url", |row| &row.url, "The address asked for."),
        Of::always_text(
            "state",
            |row| row.state.as_str(),
            "done; partial where a part of its thread is missing; failed; waiting where it was not come to.",
        ),
        Of::text("reason", |row| row.reason.as_deref(), "What first failed, in one word, as in `errors`."),
        Of::text("site", |row| row.site.as_deref(), "Name of the adapter that read it; `causerie sites` lists them."),
        Of::integer(
            "stated_count",
            |row| row.stated_count.map(|count| count as i64),
            "How many comments the site says there are.",
        )
        .in_unit("comments"),
        Of::integer(
            "fetched_count",
            |row| Some(row.fetched_count as i64),
            "How many came in all answers; those that came twice count twice.",
        )
        .always()
        .in_unit("comments"),
        Of::integer("parsed_count", |row| Some(row.parsed_count as i64), "How many are in the thread.")
            .always()
            .in_unit("comments"),
        Of::integer(
            "requests",
            |row| Some(row.requests as i64),
            "Requests it took, with redirects and repeats, without those for robots.txt.",
        )
        .always()
        .in_unit("requests"),
        Of::made_text(
            "notes",
            |row| Some(row.notes.join("; ")).filter(|notes| !notes.is_empty()),
            "What a reader of the data should know, such as where fetching was stopped.",
        ),
    ]
}
