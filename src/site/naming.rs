//! Ids for the comments of a page, where the site gives some of them none or one twice.

use std::collections::HashSet;

use super::address;
use crate::model::Comment;

/// Names for the comments of a page: `c` and the site's id. Where there is none (`cp…`), or two comments have the same,
/// the name is made from author, date and text, so that it is the same on every page and no comment is taken for
/// another.
pub(super) fn name_rows(ids: &[Option<String>], comments: &[Comment], notes: &mut Vec<String>) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    let mut nameless = 0;
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
            notes.push(format!("the page shows two comments with the id {}", &name[1..]));
            format!("{name}-{hash}")
        } else {
            nameless += 1;
            format!("{NAMELESS}{hash}")
        };
        let mut name = base.clone();
        let mut copies = 1_usize;
        while !taken.insert(name.clone()) {
            copies += 1;
            name = format!("{base}-{copies}");
        }
        names.push(name);
    }
    if nameless > 0 {
        notes.push(format!(
            "the page gives {nameless} of its comments no id; theirs (\"{NAMELESS}…\") are made from author, date and text"
        ));
    }
    names
}

/// What the ids of comments begin with that the site gave none.
pub(super) const NAMELESS: &str = "cp";

fn content_hash(comment: &Comment) -> String {
    let author = comment.author.as_ref().map_or("", |author| &author.name);
    let date = comment.posted_at.as_ref().map_or("", |moment| &moment.iso);
    address::short_hash(&format!("{author}\n{date}\n{}", comment.text))
}
