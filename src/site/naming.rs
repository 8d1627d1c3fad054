//! Ids for the comments of a page, where the site gives some of them none or one twice.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::address;
use crate::model::Comment;

/// Names for the comments of a page: `c` and the site's id. Where there is none (`cp…`), or two comments have the same,
/// the name is made from author, date and text, so that it is the same on every page and no comment is taken for
/// another.
pub(super) fn name_rows(ids: &[Option<String>], comments: &[Comment], notes: &mut Vec<String>) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    // How often a name was given: counting anew for each copy would take the square of the time.
    let mut given: HashMap<String, usize> = HashMap::new();
    let (mut nameless, mut repeated) = (0, BTreeSet::new());
    let mut names = Vec::with_capacity(ids.len());
    for (id, comment) in ids.iter().zip(comments) {
        let plain = id.as_ref().map(|id| format!("c{id}"));
        if let Some(name) = plain.as_ref().filter(|name| !taken.contains(*name)) {
            taken.insert(name.clone());
            names.push(name.clone());
            continue;
        }
        let hash = content_hash(comment);
        let base = if let Some(name) = plain {
            repeated.insert(name[1..].to_owned());
            format!("{name}-{hash}")
        } else {
            nameless += 1;
            format!("{NAMELESS}{hash}")
        };
        let mut name = base.clone();
        let copies = given.entry(base.clone()).or_insert(1);
        while !taken.insert(name.clone()) {
            *copies += 1;
            name = format!("{base}-{copies}");
        }
        names.push(name);
    }
    notes.extend(repeated.iter().take(MAX_NOTES).map(|id| format!("the page shows two comments with the id {id}")));
    if repeated.len() > MAX_NOTES {
        notes.push(format!("so it does with {} other ids", repeated.len() - MAX_NOTES));
    }
    if nameless > 0 {
        notes.push(format!(
            "the page gives {nameless} of its comments no id; theirs (\"{NAMELESS}…\") are made from author, date and text"
        ));
    }
    names
}

/// Ids that repeat named in the notes, one by one.
const MAX_NOTES: usize = 10;

/// What the ids of comments begin with that the site gave none.
pub(super) const NAMELESS: &str = "cp";

fn content_hash(comment: &Comment) -> String {
    let author = comment.author.as_ref().map_or("", |author| &author.name);
    let date = comment.posted_at.as_ref().map_or("", |moment| &moment.iso);
    address::short_hash(&format!("{author}\n{date}\n{}", comment.text))
}
