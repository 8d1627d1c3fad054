use super::answers::Answers;
use super::groups::Groups;
use crate::model::{Breakdown, Study};
use crate::study::shape::ratio;

/// How often each code and sentiment stands in the comments of each depth, each tenth of a thread, each stretch of time since the article and
/// since the first comment, each day, and by how much authors write. Groups without comments are left out; comments of which the group is not known
/// are in none.
pub fn breakdown(study: &Study) -> Vec<Breakdown> {
    let answers = Answers::of(study);
    let all = Groups::all(study);
    let mut rows = Vec::new();
    for case in answers.cases() {
        for groups in &all {
            let mut tally = vec![(0_u64, 0_u64, 0_u64); groups.names.len()];
            for (at, group) in groups.of.iter().enumerate() {
                let Some((comments, coded, count)) = group.map(|group| &mut tally[group]) else { continue };
                let is = answers.is(case, at);
                *comments += 1;
                *coded += u64::from(is.is_some());
                *count += u64::from(is == Some(true));
            }
            let filled = groups.names.iter().zip(tally).zip(1..).filter(|((_, (comments, ..)), _)| *comments > 0);
            rows.extend(filled.map(|((name, (comments, coded, count)), position)| Breakdown {
                question: case.question.name().to_owned(),
                value: case.value().to_owned(),
                by: groups.by.to_owned(),
                group: name.clone(),
                position,
                comments,
                coded,
                count,
                share: ratio(count as f64, coded as f64),
            }));
        }
    }
    rows
}
