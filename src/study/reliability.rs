use std::collections::BTreeMap;

use super::agreement::{
    Bootstrap, Confusion, Distance, Level, Ratings, Resample, ac1, alpha, kappa, mean_kappa, per_cent,
};
use super::estimate::{Interval, share_of};
use super::hand_coded::{Asked, HandCoded};
use super::population::{Population, by_group};
use crate::hand::POLARITY;
use crate::model;

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
/// of every comment of the population.
///
/// Measures of the machine against people count each comment by what it stands for, where the design is known: they are those of
/// all comments. Alpha and AC1, and what people are among themselves, are of the comments coded.
pub fn reliability(
    population: &Population,
    hand: &HandCoded,
    by: &[(String, Vec<String>)],
    bootstrap: &Bootstrap,
) -> Reliability {
    let mut made = Reliability::default();
    for asked in &hand.questions {
        let all: Vec<usize> = asked.said.keys().copied().collect();
        let weights_of = |coder: usize| {
            hand.weights_of(all.iter().copied().filter(|place| asked.said[place][coder].is_some()), population)
        };
        let scene = Scene {
            population,
            hand,
            asked,
            of_people: hand.weights(asked, population),
            of_coders: (0..hand.coders.len()).map(weights_of).collect(),
            bootstrap,
        };
        made.measure(&scene, &all, "", "");
        for (name, groups) in by {
            let coded: Vec<String> = all.iter().map(|place| groups[*place].clone()).collect();
            for (group, members) in by_group(&coded) {
                let members: Vec<usize> = members.into_iter().map(|at| all[at]).collect();
                made.measure(&scene, &members, name, group);
            }
        }
        made.confuse(&scene);
        made.disagree(population, hand, asked);
    }
    made
}

/// One question, ready to be measured.
struct Scene<'a> {
    population: &'a Population,
    hand: &'a HandCoded,
    asked: &'a Asked,
    /// What each comment that chance drew and people are of one opinion on stands for.
    of_people: BTreeMap<usize, f64>,
    /// The same of the comments that each coder answered.
    of_coders: Vec<BTreeMap<usize, f64>>,
    bootstrap: &'a Bootstrap,
}

impl Scene<'_> {
    fn machine(&self, place: usize) -> Option<usize> {
        self.population.comments[place].machine[self.asked.machine?]
    }

    /// Of comments that both answered: what people hold, what the machine says, and what each stands for.
    fn beside_machine(
        &self,
        places: &[usize],
        weights: &BTreeMap<usize, f64>,
        said: impl Fn(usize) -> Option<usize>,
    ) -> Vec<Pair> {
        let pair = |place: &usize| Some((said(*place)?, self.machine(*place)?, *weights.get(place)?));
        places.iter().filter_map(pair).collect()
    }

    fn ratings(&self, coders: usize, rows: impl Iterator<Item = (Vec<Option<usize>>, f64)>) -> Option<Ratings> {
        let values = self.asked.question.values.len();
        // Negative, neutral, positive: -1, 0, 1; a code: 0, 1.
        let first = if self.asked.question.name == POLARITY { -1.0 } else { 0.0 };
        let mut ratings = Ratings::new(coders, (0..values).map(|value| first + value as f64).collect()).ok()?;
        for (row, weight) in rows {
            ratings.push_weighted(&row, weight).ok()?;
        }
        Some(ratings)
    }
}

/// What people say of a comment, what the machine says, and how many comments it stands for.
type Pair = (usize, usize, f64);

/// A measure's name, the value it is on, and whether it weighs comments.
type Named = (String, String, bool);

impl Reliability {
    fn measure(&mut self, scene: &Scene<'_>, places: &[usize], group_by: &str, group: &str) {
        let asked = scene.asked;
        let coders = &scene.hand.coders;
        let said = |place: usize, coder: usize| asked.said[&place][coder];
        if asked.machine.is_some() {
            let people = scene.beside_machine(places, &scene.of_people, |place| asked.opinion(place));
            self.against_machine(scene, &people, PEOPLE, group_by, group);
            if coders.len() > 1 {
                for (at, coder) in coders.iter().enumerate() {
                    let one = scene.beside_machine(places, &scene.of_coders[at], |place| said(place, at));
                    self.against_machine(scene, &one, coder, group_by, group);
                }
            }
        }
        let rows = |of: &[usize]| {
            places.iter().map(|place| (of.iter().map(|at| said(*place, *at)).collect(), 1.0)).collect::<Vec<_>>()
        };
        let everybody: Vec<usize> = (0..coders.len()).collect();
        if coders.len() > 2 {
            let ratings = scene.ratings(coders.len(), rows(&everybody).into_iter());
            self.among_people(scene, ratings, PEOPLE, group_by, group);
        }
        for one in 0..coders.len() {
            for other in one + 1..coders.len() {
                let ratings = scene.ratings(2, rows(&[one, other]).into_iter());
                self.among_people(scene, ratings, &format!("{} / {}", coders[one], coders[other]), group_by, group);
            }
        }
    }

    fn against_machine(&mut self, scene: &Scene<'_>, pairs: &[Pair], who: &str, group_by: &str, group: &str) {
        let values = &scene.asked.question.values;
        let weighted = scene.hand.has_design();
        // A code is measured by where it applies: that it does not is the rest.
        let first = usize::from(scene.asked.question.is_code());
        let mut names: Vec<Named> = ["per_cent", "kappa"].map(|name| (name.to_owned(), String::new(), weighted)).into();
        names.extend(coefficients(scene).into_iter().map(|(name, _)| (name.to_owned(), String::new(), false)));
        for value in &values[first..] {
            names.extend(["precision", "recall", "f1"].map(|name| (name.to_owned(), value.clone(), weighted)));
        }
        names.push(("macro_f1".to_owned(), String::new(), weighted));
        let figures = |resample: &Resample| {
            let confusion = Confusion::weighted(resample, 0, 1);
            let mut figures = vec![confusion.accuracy(), kappa(&confusion, Distance::Same)];
            figures.extend(coefficients(scene).into_iter().map(|(_, figure)| figure(resample)));
            for value in first..values.len() {
                let binary = confusion.binary(value);
                figures.extend([binary.precision(), binary.recall(), binary.f1()]);
            }
            figures.push(confusion.macro_f1());
            figures
        };
        let rows = pairs.iter().map(|(person, machine, weight)| (vec![Some(*person), Some(*machine)], *weight));
        let begun = self.measures.len();
        self.add(scene, scene.ratings(2, rows), &format!("{MACHINE} / {who}"), (group_by, group), &names, figures);
        for row in &mut self.measures[begun..] {
            let value = values.iter().position(|value| *value == row.value);
            row.interval = proportion(pairs, &row.measure, value, scene.bootstrap.confidence).or(row.interval);
        }
    }

    fn among_people(
        &mut self,
        scene: &Scene<'_>,
        ratings: Option<Ratings>,
        between: &str,
        group_by: &str,
        group: &str,
    ) {
        let mut names: Vec<Named> = ["per_cent", "kappa"].map(|name| (name.to_owned(), String::new(), false)).into();
        names.extend(coefficients(scene).into_iter().map(|(name, _)| (name.to_owned(), String::new(), false)));
        let figures = |resample: &Resample| {
            let mut figures = vec![per_cent(resample), mean_kappa(resample, Distance::Same)];
            figures.extend(coefficients(scene).into_iter().map(|(_, figure)| figure(resample)));
            figures
        };
        self.add(scene, ratings, between, (group_by, group), &names, figures);
    }

    fn add(
        &mut self,
        scene: &Scene<'_>,
        ratings: Option<Ratings>,
        between: &str,
        (group_by, group): (&str, &str),
        names: &[Named],
        figures: impl Fn(&Resample) -> Vec<Option<f64>> + Sync + Send,
    ) {
        let Some(ratings) = ratings else { return };
        let units = ratings.paired() as u64;
        if units == 0 {
            return;
        }
        let observed = figures(&ratings.observed());
        let intervals = scene.bootstrap.intervals(&ratings, figures);
        for (((measure, value, weighted), estimate), interval) in names.iter().zip(observed).zip(intervals) {
            self.measures.push(model::Agreement {
                question: scene.asked.question.name.clone(),
                value: value.clone(),
                between: between.to_owned(),
                group_by: group_by.to_owned(),
                group: group.to_owned(),
                measure: measure.clone(),
                estimate,
                interval: interval.map(|interval| (interval.low, interval.high)),
                units,
                weighted: *weighted,
            });
        }
    }

    fn confuse(&mut self, scene: &Scene<'_>) {
        let asked = scene.asked;
        if asked.machine.is_none() {
            return;
        }
        let values = &asked.question.values;
        let word = |value: Option<usize>| value.map_or_else(|| UNCODED.to_owned(), |value| values[value].clone());
        let mut counts: BTreeMap<(Option<usize>, usize), (u64, f64)> = BTreeMap::new();
        for (place, weight) in &scene.of_people {
            let Some(opinion) = asked.opinion(*place) else { continue };
            let cell = counts.entry((scene.machine(*place), opinion)).or_default();
            cell.0 += 1;
            cell.1 += weight;
        }
        self.confusions.extend(counts.into_iter().map(|((machine, opinion), (units, stands_for))| model::Confusion {
            question: asked.question.name.clone(),
            between: format!("{MACHINE} / {PEOPLE}"),
            first: word(machine),
            second: word(Some(opinion)),
            units,
            stands_for: scene.hand.has_design().then_some(stands_for),
        }));
    }

    fn disagree(&mut self, population: &Population, hand: &HandCoded, asked: &Asked) {
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
            let mut people: Vec<String> = hand
                .coders
                .iter()
                .zip(said)
                .filter_map(|(coder, value)| value.map(|value| format!("{coder}: {}", word(value))))
                .collect();
            people.extend(asked.adjudication(*place).map(|value| format!("adjudicated: {}", word(value))));
            self.disagreements.push(model::Disagreement {
                thread_id: member.key.thread_id.clone(),
                comment_id: member.key.comment_id.clone(),
                question: asked.question.name.clone(),
                machine: machine.map(word),
                people: people.join(" | "),
                text: member.text.clone(),
            });
        }
    }
}

/// The interval of a measure that is a share of comments: resampling comments would make it too short where few of them weigh much. `None` for
/// other measures.
fn proportion(pairs: &[Pair], measure: &str, value: Option<usize>, level: f64) -> Option<(f64, f64)> {
    let of = |among: &dyn Fn(&Pair) -> Option<bool>| {
        let units = pairs.iter().filter_map(|pair| Some((among(pair)?, pair.2)));
        share_of(units, level).map(|interval| (interval.low, interval.high))
    };
    match (measure, value) {
        ("per_cent", _) => of(&|(person, machine, _)| Some(person == machine)),
        ("precision", Some(value)) => of(&|(person, machine, _)| (*machine == value).then_some(*person == value)),
        ("recall", Some(value)) => {
            let (low, high) = of(&|(person, machine, _)| (*person == value).then_some(*machine == value))?;
            let Some(part) = found_of_all(pairs, value, level) else { return Some((low, high)) };
            Some((low.min(part.low), high.max(part.high)))
        }
        _ => None,
    }
}

/// Recall as the part that cases the machine found make of all, the missed ones counted among what it passed over. Where a sample has hardly a comment
/// that was missed, each stands for many, which the comments that are cases do not show; where the two numbers depend on each other this is too
/// short. So the wider limits of both ways hold.
fn found_of_all(pairs: &[Pair], value: usize, level: f64) -> Option<Interval> {
    let cases = |found: bool| {
        let units = || pairs.iter().filter(move |(_, machine, _)| (*machine == value) == found);
        let share = share_of(units().map(|(person, _, weight)| (*person == value, *weight)), level)?;
        Some(share.scaled(units().map(|(_, _, weight)| weight).sum()))
    };
    cases(true)?.part_of_both(&cases(false)?)
}

type Coefficient = (&'static str, fn(&Resample) -> Option<f64>);

/// Those that allow for chance and know no first and second. Order matters only where there are more than two values.
fn coefficients(scene: &Scene<'_>) -> Vec<Coefficient> {
    let mut all: Vec<Coefficient> = vec![("alpha_nominal", |resample| alpha(resample, Level::Nominal))];
    if scene.asked.question.values.len() > 2 {
        all.push(("alpha_ordinal", |resample| alpha(resample, Level::Ordinal)));
        all.push(("alpha_interval", |resample| alpha(resample, Level::Interval)));
    }
    all.push(("ac1", ac1));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from 0 to 1, the same everywhere (Steele, Lea & Flood 2014).
    struct Chance(u64);

    impl Chance {
        fn next(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        }

        fn draw(&mut self, mut from: Vec<usize>, count: usize) -> Vec<usize> {
            for at in 0..count {
                let other = at + (self.next() * (from.len() - at) as f64) as usize;
                from.swap(at, other);
            }
            from.truncate(count);
            from
        }
    }

    /// How often the intervals of precision and recall hold the truth: 200 of 5,000 comments, a machine that finds seven in ten.
    fn coverage(prevalence: f64, by_code: bool) -> [f64; 2] {
        let mut chance = Chance(7);
        let (mut held, rounds) = ([0.0; 2], 1000);
        for _ in 0..rounds / 20 {
            let truth: Vec<bool> = (0..5000).map(|_| chance.next() < prevalence).collect();
            let machine: Vec<bool> = truth.iter().map(|case| chance.next() < if *case { 0.7 } else { 0.08 }).collect();
            let both = (0..5000).filter(|at| truth[*at] && machine[*at]).count() as f64;
            let count = |of: &[bool]| of.iter().filter(|is| **is).count() as f64;
            let whole = [both / count(&machine), both / count(&truth)];
            for _ in 0..20 {
                let strata: Vec<Vec<usize>> = if by_code {
                    [true, false].map(|code| (0..5000).filter(|at| machine[*at] == code).collect()).into()
                } else {
                    vec![(0..5000).collect()]
                };
                let each = 200 / strata.len();
                let mut pairs: Vec<Pair> = Vec::new();
                for stratum in strata {
                    let weight = stratum.len() as f64 / each as f64;
                    let drawn = chance.draw(stratum, each);
                    pairs.extend(drawn.iter().map(|at| (usize::from(truth[*at]), usize::from(machine[*at]), weight)));
                }
                for ((measure, whole), held) in ["precision", "recall"].iter().zip(whole).zip(&mut held) {
                    let interval = proportion(&pairs, measure, Some(1), 0.95);
                    *held += f64::from(u8::from(interval.is_none_or(|(low, high)| low <= whole && whole <= high)));
                }
            }
        }
        held.map(|held| held / f64::from(rounds))
    }

    #[test]
    fn intervals_of_precision_and_recall_hold_the_truth() {
        for prevalence in [0.02, 0.1, 0.3] {
            for by_code in [false, true] {
                let covered = coverage(prevalence, by_code);
                assert!(covered.iter().all(|share| *share >= 0.93), "{prevalence} {by_code}: {covered:?}");
            }
        }
    }
}
