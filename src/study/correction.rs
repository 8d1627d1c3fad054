use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::answers::{Answers, Asked};
use super::estimate::{self, Domain, Estimand, EstimateError, Estimator, Interval, Sampled};
use super::population::Population;
use crate::model::{Contrast, Share};

/// How shares are to be estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correction {
    /// What they are shares of.
    pub estimand: Estimand,
    /// Confidence of the intervals, from 0 to 1.
    pub confidence: f64,
    /// Half the width of the interval that is wanted, from 0 to 1.
    pub margin: f64,
}

/// Shares, and how those of groups differ from the rest.
#[derive(Debug, Default)]
pub struct Shares {
    /// A row a share: of all comments first, then of each group.
    pub shares: Vec<Share>,
    /// A row a group and value.
    pub contrasts: Vec<Contrast>,
}

/// The shares of every value of every question, of all comments and within each group of each `by`, which has a name and the group of
/// every comment of the population. Of a code only the share of comments it applies to.
///
/// # Errors
/// [`EstimateError`] if the answers do not fit the population.
pub fn corrected(
    population: &Population,
    hand: &Answers,
    by: &[(String, Vec<String>)],
    correction: &Correction,
) -> Result<Shares, EstimateError> {
    let mut made = Shares::default();
    let all = vec![String::new(); population.comments.len()];
    for asked in &hand.questions {
        made.add(&Scene::of(population, hand, asked, "", &all), correction)?;
        for (name, groups) in by {
            made.add(&Scene::of(population, hand, asked, name, groups), correction)?;
        }
    }
    Ok(made)
}

/// One question, its comments split one way.
struct Scene<'a> {
    asked: &'a Asked,
    group_by: &'a str,
    groups: Vec<&'a str>,
    tally: estimate::Tally,
    sample: Vec<Sampled>,
    /// Comments drawn by chance on which no opinion prevails, by group.
    disputed: Vec<u64>,
    /// Whether a stratum is without any answer, so that nothing stands for its comments.
    silent: bool,
}

impl<'a> Scene<'a> {
    fn of(population: &Population, hand: &Answers, asked: &'a Asked, group_by: &'a str, groups: &'a [String]) -> Self {
        let names: Vec<&str> = groups.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
        let place: HashMap<&str, usize> = names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
        let categories = asked.question.values.len();
        let machine = |at: usize| {
            asked.machine.and_then(|question| population.comments[at].machine[question]).unwrap_or(categories)
        };
        let mut counts = vec![vec![0; categories + 1]; names.len()];
        for (at, group) in groups.iter().enumerate() {
            counts[place[group.as_str()]][machine(at)] += 1;
        }
        let weights: BTreeMap<usize, f64> = hand.weights(asked, population);
        let strata = hand.strata(weights.keys().copied());
        let unit = |((at, weight), stratum): ((&usize, &f64), usize)| {
            Some(Sampled {
                group: place[groups[*at].as_str()],
                machine: machine(*at),
                stratum,
                human: asked.opinion(*at)?,
                weight: *weight,
            })
        };
        let sample = weights.iter().zip(strata).filter_map(unit).collect();
        let mut disputed = vec![0; names.len()];
        for at in hand.disputed(asked) {
            disputed[place[groups[at].as_str()]] += 1;
        }
        let silent = !hand.silent_strata(asked).is_empty();
        let tally = estimate::Tally { categories, counts };
        Self { asked, group_by, groups: names, tally, sample, disputed, silent }
    }
}

impl Shares {
    fn add(&mut self, scene: &Scene<'_>, correction: &Correction) -> Result<(), EstimateError> {
        let Correction { estimand, confidence, margin } = *correction;
        let estimator = Estimator::new(&scene.tally, &scene.sample, confidence)?;
        let question = &scene.asked.question;
        // That a code does not apply is the rest of its share.
        let first = usize::from(question.is_code());
        let whole = scene.group_by.is_empty();
        for (at, group) in scene.groups.iter().enumerate() {
            let of_group: Vec<&Sampled> = scene.sample.iter().filter(|unit| unit.group == at).collect();
            let coded = of_group.len() as u64;
            let told = coded > 0 && !scene.silent;
            let all: f64 = of_group.iter().map(|unit| unit.weight).sum();
            let domain = if whole { Domain::All } else { Domain::Group(at) };
            for share in estimator.shares(domain, estimand).into_iter().skip(first) {
                let of_value = of_group.iter().filter(|unit| unit.human == share.category);
                let people = of_value.map(|unit| unit.weight).sum::<f64>() / all;
                let corrected = share.corrected.filter(|_| told);
                self.shares.push(Share {
                    question: question.name.clone(),
                    value: question.values[share.category].clone(),
                    group_by: scene.group_by.to_owned(),
                    group: (*group).to_owned(),
                    comments: share.population,
                    coded,
                    disputed: scene.disputed[at],
                    machine: share.naive.filter(|_| scene.asked.machine.is_some()),
                    share: corrected.map(|interval| interval.point),
                    interval: corrected.and_then(|interval| limits(&interval, coded, share.population)),
                    people: Some(people).filter(|people| people.is_finite() && told),
                    needed: share.needed(margin, estimand).filter(|_| told),
                    estimand: estimand.as_str(),
                    confidence,
                });
            }
            if whole || scene.groups.len() < 2 {
                continue;
            }
            let coded_rest = scene.sample.len() as u64 - coded;
            let known = told && coded_rest > 0;
            for difference in estimator.differences(at, estimand).into_iter().skip(first) {
                let corrected = difference.corrected.filter(|_| known);
                self.contrasts.push(Contrast {
                    question: question.name.clone(),
                    value: question.values[difference.category].clone(),
                    group_by: scene.group_by.to_owned(),
                    group: (*group).to_owned(),
                    machine: difference.naive.filter(|_| scene.asked.machine.is_some()),
                    difference: corrected.map(|interval| interval.point),
                    interval: corrected
                        .filter(|interval| interval.low < interval.high)
                        .map(|interval| (interval.low, interval.high)),
                    coded,
                    coded_rest,
                });
            }
        }
        Ok(())
    }
}

/// The limits of an interval. One without width is that of a group all coded; else too few comments were coded to show how they vary.
fn limits(interval: &Interval, coded: u64, population: u64) -> Option<(f64, f64)> {
    (interval.low < interval.high || coded == population).then_some((interval.low, interval.high))
}
