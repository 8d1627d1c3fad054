mod pairs;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::agreement::{Bootstrap, Ratings, RatingsError, Resample, mean_kappa, per_cent};
use super::answers::{Answers, Asked};
use super::population::{Population, by_group};
use crate::model::{self, POLARITY};
use pairs::{Measure, Pair, coefficients, kappas, measures};

/// What stands in tables where the machine gave no answer.
const UNCODED: &str = "uncoded";
/// The machine, and people of one opinion, in tables.
const MACHINE: &str = "machine";
const PEOPLE: &str = "people";

/// How far machine and people agree, and people among themselves.
#[derive(Debug, Default)]
pub struct Reliability {
    /// A row a measure.
    pub measures: Vec<model::Agreement>,
    /// A row a pair of values.
    pub confusions: Vec<model::Confusion>,
    /// A row a comment and question that not all answered alike.
    pub disagreements: Vec<model::Disagreement>,
}

/// Works out every measure for every question: of all comments, and within each group of each `by`, which has a name and the group
/// of every comment of the population. The first of two is measured against the second: the machine against people, people against those
/// whose names come after theirs.
///
/// Measures of the machine count each comment by what it stands for, where the design is known: they are those of all comments. Alpha
/// and AC1, and what people are among themselves, are of the comments coded.
///
/// # Errors
/// [`RatingsError`], for weights that are none.
pub fn reliability(
    population: &Population,
    people: &Answers,
    by: &[(String, Vec<String>)],
    bootstrap: &Bootstrap,
) -> Result<Reliability, RatingsError> {
    let mut made = Reliability::default();
    for asked in &people.questions {
        let all: Vec<usize> = asked.said.keys().copied().collect();
        let scene = Scene { people, asked, bootstrap, comparisons: comparisons(population, people, asked) };
        made.measure(&scene, &all, "", "")?;
        for (name, groups) in by {
            let coded: Vec<String> = all.iter().map(|place| groups[*place].clone()).collect();
            for (group, members) in by_group(&coded) {
                let members: Vec<usize> = members.into_iter().map(|at| all[at]).collect();
                made.measure(&scene, &members, name, group)?;
            }
        }
        made.confuse(&scene);
        made.disagree(population, people, asked);
    }
    Ok(made)
}

/// One question, ready to be measured.
struct Scene<'a> {
    people: &'a Answers,
    asked: &'a Asked,
    bootstrap: &'a Bootstrap,
    comparisons: Vec<Comparison>,
}

/// Two who are compared.
struct Comparison {
    between: String,
    /// Whether comments stand for others.
    weighted: bool,
    /// By place in the population what the first said, if anything, and the second, and how many comments that stands for.
    rows: BTreeMap<usize, (Option<usize>, usize, f64)>,
}

/// Machine and people, machine and each person, each person and each other.
fn comparisons(population: &Population, people: &Answers, asked: &Asked) -> Vec<Comparison> {
    let coders = &people.coders;
    let mut made = Vec::new();
    if let Some(question) = asked.machine {
        let mut against = |who: &str, said: &dyn Fn(usize) -> Option<usize>| {
            let answered = asked.said.keys().copied().filter(|place| said(*place).is_some());
            let row = |(place, weight): (usize, f64)| {
                Some((place, (population.comments[place].machine[question], said(place)?, weight)))
            };
            made.push(Comparison {
                between: format!("{MACHINE} / {who}"),
                weighted: people.has_design(),
                rows: people.weights_of(answered, population).into_iter().filter_map(row).collect(),
            });
        };
        against(PEOPLE, &|place| asked.opinion(place));
        for (at, coder) in coders.iter().enumerate().filter(|_| coders.len() > 1) {
            against(coder, &|place| asked.said[&place][at]);
        }
    }
    for one in 0..coders.len() {
        for other in one + 1..coders.len() {
            let row =
                |(place, said): (&usize, &Vec<Option<usize>>)| Some((*place, (Some(said[one]?), said[other]?, 1.0)));
            made.push(Comparison {
                between: format!("{} / {}", coders[one], coders[other]),
                weighted: false,
                rows: asked.said.iter().filter_map(row).collect(),
            });
        }
    }
    made
}

impl Scene<'_> {
    /// The number of each value: negative, neutral, positive are -1, 0, 1; of a code 0, 1.
    fn numbers(&self) -> Vec<f64> {
        let first = if self.asked.question.name == POLARITY { -1.0 } else { 0.0 };
        (0..self.asked.question.values.len()).map(|value| first + value as f64).collect()
    }
}

impl Reliability {
    fn measure(
        &mut self,
        scene: &Scene<'_>,
        places: &[usize],
        group_by: &str,
        group: &str,
    ) -> Result<(), RatingsError> {
        let (question, numbers) = (&scene.asked.question, scene.numbers());
        for comparison in &scene.comparisons {
            let pair = |place: &usize| {
                let (first, second, weight) = *comparison.rows.get(place)?;
                Some(Pair { first: first?, second, weight })
            };
            let pairs: Vec<Pair> = places.iter().filter_map(pair).collect();
            if !pairs.is_empty() {
                let made = measures(&pairs, &numbers, usize::from(question.is_code()), scene.bootstrap)?;
                self.add(scene, &comparison.between, (group_by, group), (pairs.len(), comparison.weighted), made);
            }
        }
        let coders = scene.people.coders.len();
        if coders > 2 {
            let mut ratings = Ratings::new(coders, numbers)?;
            for place in places {
                ratings.push(&scene.asked.said[place])?;
            }
            if ratings.paired() > 0 {
                let made = among_people(&ratings, scene.bootstrap);
                self.add(scene, PEOPLE, (group_by, group), (ratings.paired(), false), made);
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        scene: &Scene<'_>,
        between: &str,
        (group_by, group): (&str, &str),
        (units, weighted): (usize, bool),
        measures: Vec<Measure>,
    ) {
        let question = &scene.asked.question;
        self.measures.extend(measures.into_iter().map(|measure| model::Agreement {
            question: question.name.clone(),
            value: measure.value.map_or_else(String::new, |value| question.values[value].clone()),
            between: between.to_owned(),
            group_by: group_by.to_owned(),
            group: group.to_owned(),
            measure: measure.name.to_owned(),
            estimate: measure.estimate,
            interval: measure.interval,
            units: units as u64,
            weighted: weighted && measure.weighs,
        }));
    }

    fn confuse(&mut self, scene: &Scene<'_>) {
        let values = &scene.asked.question.values;
        for comparison in &scene.comparisons {
            let mut counts: BTreeMap<(Option<usize>, usize), (u64, f64)> = BTreeMap::new();
            for (first, second, weight) in comparison.rows.values() {
                let cell = counts.entry((*first, *second)).or_default();
                cell.0 += 1;
                cell.1 += weight;
            }
            self.confusions.extend(counts.into_iter().map(|((first, second), (units, stands_for))| model::Confusion {
                question: scene.asked.question.name.clone(),
                between: comparison.between.clone(),
                first: first.map_or(UNCODED, |first| &values[first]).to_owned(),
                second: values[second].clone(),
                units,
                stands_for: comparison.weighted.then_some(stands_for),
            }));
        }
    }

    fn disagree(&mut self, population: &Population, people: &Answers, asked: &Asked) {
        let word = |value: usize| asked.question.values[value].clone();
        for (place, said) in &asked.said {
            let member = &population.comments[*place];
            let machine = asked.machine.and_then(|question| member.machine[question]);
            let mut opinions: Vec<usize> =
                said.iter().flatten().copied().chain(machine).chain(asked.opinion(*place)).collect();
            opinions.sort_unstable();
            opinions.dedup();
            if opinions.len() < 2 {
                continue;
            }
            let mut each: Vec<String> = people
                .coders
                .iter()
                .zip(said)
                .filter_map(|(coder, value)| value.map(|value| format!("{coder}: {}", word(value))))
                .collect();
            each.extend(asked.adjudication(*place).map(|value| format!("adjudicated: {}", word(value))));
            self.disagreements.push(model::Disagreement {
                key: member.key.clone(),
                question: asked.question.name.clone(),
                machine: machine.map(word),
                people: each.join(" | "),
                text: member.text.clone(),
            });
        }
    }
}

/// Measures of all people at once.
fn among_people(ratings: &Ratings, bootstrap: &Bootstrap) -> Vec<Measure> {
    let values = ratings.categories();
    let kappas = kappas(values).iter();
    let figures = |resample: &Resample| {
        let mut figures = vec![per_cent(resample)];
        figures.extend(kappas.clone().map(|(_, distance)| mean_kappa(resample, *distance)));
        figures.extend(coefficients(values).into_iter().map(|(_, figure)| figure(resample)));
        figures
    };
    let names = std::iter::once("per_cent").chain(kappas.clone().map(|(name, _)| *name));
    let names = names.chain(coefficients(values).into_iter().map(|(name, _)| name));
    let intervals = bootstrap.intervals(ratings, figures).into_iter();
    let made = names.zip(figures(&ratings.observed())).zip(intervals);
    made.map(|((name, estimate), interval)| Measure {
        name,
        value: None,
        weighs: false,
        estimate,
        interval: interval.map(|interval| (interval.low, interval.high)),
    })
    .collect()
}
