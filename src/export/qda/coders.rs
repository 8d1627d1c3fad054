//! The users of a project. Programs greet whoever opens it as the first of them.

use std::collections::HashSet;
use std::io::{self, Write};

use quick_xml::Writer;
use uuid::Uuid;

use super::guid::guid;
use super::transcript::one_line;
use crate::model::Study;

/// The user that a machine's codings are of.
pub(super) fn machine(coder: &str) -> Uuid {
    guid("machine", &[coder])
}

/// The user that a person's codings are of.
pub(super) fn person(coder: &str) -> Uuid {
    guid("person", &[coder])
}

/// The user that made the documents.
pub(super) fn program() -> Uuid {
    guid("program", &[])
}

/// Writes `Users`: the machine's coders, then the people, each in the order of their first coding, then the program.
pub(super) fn write<W: Write>(xml: &mut Writer<W>, study: &Study) -> io::Result<()> {
    let comments = study.threads.iter().flat_map(|thread| &thread.comments);
    let machines = comments.filter_map(|comment| comment.coded.as_ref()).map(|coded| (true, coded.coder.as_str()));
    let people = study.people.iter().map(|said| (false, said.coder.as_str()));
    let mut seen = HashSet::new();
    let coders = machines.chain(people).filter(|coder| seen.insert(*coder));
    let users = coders.map(|(is_machine, coder)| {
        let name = one_line(coder);
        if is_machine { (machine(coder), format!("machine: {name}")) } else { (person(coder), name) }
    });
    xml.create_element("Users").write_inner_content(|xml| {
        for (guid, name) in users.chain([(program(), "causerie".to_owned())]) {
            let guid = guid.to_string();
            xml.create_element("User").with_attributes([("guid", guid.as_str()), ("name", &name)]).write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}
