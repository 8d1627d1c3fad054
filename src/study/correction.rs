use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::estimate::{self, Domain, Estimand, EstimateError, Estimator, Sampled};
use super::hand_coded::{Asked, HandCoded};
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
    hand: &HandCoded,
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
    counts: estimate::Population,
    sample: Vec<Sampled>,
}

impl<'a> Scene<'a> {
    fn of(
        population: &Population,
        hand: &HandCoded,
        asked: &'a Asked,
        group_by: &'a str,
        groups: &'a [String],
    ) -> Self {
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
        Self { asked, group_by, groups: names, counts: estimate::Population { categories, counts }, sample }
    }
}

impl Shares {
    fn add(&mut self, scene: &Scene<'_>, correction: &Correction) -> Result<(), EstimateError> {
        let Correction { estimand, confidence, margin } = *correction;
        let estimator = Estimator::new(&scene.counts, &scene.sample, confidence)?;
        let question = &scene.asked.question;
        // That a code does not apply is the rest of its share.
        let first = usize::from(question.is_code());
        let whole = scene.group_by.is_empty();
        for (at, group) in scene.groups.iter().enumerate() {
            let of = |unit: &&Sampled| unit.group == at;
            let coded = scene.sample.iter().filter(of).count() as u64;
            let domain = if whole { Domain::All } else { Domain::Group(at) };
            for share in estimator.shares(domain, estimand).into_iter().skip(first) {
                let weight = |which: &dyn Fn(&&Sampled) -> bool| -> f64 {
                    scene.sample.iter().filter(of).filter(which).map(|unit| unit.weight).sum()
                };
                let people = weight(&|unit| unit.human == share.category) / weight(&|_| true);
                self.shares.push(Share {
                    question: question.name.clone(),
                    value: question.values[share.category].clone(),
                    group_by: scene.group_by.to_owned(),
                    group: (*group).to_owned(),
                    comments: share.population,
                    coded,
                    machine: share.naive.filter(|_| scene.asked.machine.is_some()),
                    share: share.corrected.filter(|_| coded > 0).map(|interval| interval.point),
                    interval: share.corrected.filter(|_| coded > 0).map(|interval| (interval.low, interval.high)),
                    people: Some(people).filter(|people| people.is_finite()),
                    needed: share.needed(margin, estimand).filter(|_| coded > 0),
                });
            }
            if whole || scene.groups.len() < 2 {
                continue;
            }
            let coded_rest = scene.sample.len() as u64 - coded;
            let known = coded > 0 && coded_rest > 0;
            for difference in estimator.differences(at, estimand).into_iter().skip(first) {
                self.contrasts.push(Contrast {
                    question: question.name.clone(),
                    value: question.values[difference.category].clone(),
                    group_by: scene.group_by.to_owned(),
                    group: (*group).to_owned(),
                    difference: difference.corrected.filter(|_| known).map(|interval| interval.point),
                    interval: difference.corrected.filter(|_| known).map(|interval| (interval.low, interval.high)),
                    coded,
                    coded_rest,
                });
            }
        }
        Ok(())
    }
}
