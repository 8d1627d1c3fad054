use std::collections::BTreeMap;

use super::interval::Confidence;
use super::poststratified::{Cell, poststratified, weighted_rate};
use super::{
    Difference, Domain, Estimand, EstimateError, Interval, Labelled, Predicted, Sampled, Share, Tally, powered_mean,
};

/// Estimates shares of categories from a population that a machine coded and a random sample that people coded.
#[derive(Debug, Clone)]
pub struct Estimator<'a> {
    tally: &'a Tally,
    /// Units of each machine code, all groups together.
    totals: Vec<u64>,
    sample: &'a [Sampled],
    /// How many were drawn of each stratum.
    drawn: BTreeMap<usize, usize>,
    level: f64,
    confidence: Confidence,
}

impl<'a> Estimator<'a> {
    /// Checks that sample and population belong together. `level` is that of the intervals: .95.
    ///
    /// # Errors
    /// [`EstimateError`] names the group or sampled unit that does not fit.
    pub fn new(tally: &'a Tally, sample: &'a [Sampled], level: f64) -> Result<Self, EstimateError> {
        let confidence = Confidence::new(level).ok_or(EstimateError::Level(level))?;
        check_counts(tally)?;
        let mut drawn = BTreeMap::new();
        for (at, unit) in sample.iter().enumerate() {
            check_unit(tally, at, unit)?;
            *drawn.entry(unit.stratum).or_default() += 1;
        }
        check_cells(tally, sample)?;
        let mut totals = vec![0; tally.counts.first().map_or(0, Vec::len)];
        for (total, count) in tally.counts.iter().flat_map(|counts| counts.iter().enumerate()) {
            totals[total] += u64::from(*count);
        }
        Ok(Self { tally, totals, sample, drawn, level, confidence })
    }

    /// The share of each category, in their order. A group that there is not has no units.
    ///
    /// [`Estimand::Finite`]: post-stratified by the machine's code, with MOVER intervals over the machine's codes, of Wilson's
    /// limits with an effective sample size. The rate of a machine code without a hand-coded unit in the domain is that of
    /// all domains, or else the machine's word, or else (not coded) that of the sample; its interval is then from 0 to 1.
    /// [`Estimand::Superpopulation`]: [`powered_mean`] with a normal interval cut to 0 and 1, for two hand-coded units or
    /// more: too short for rare categories, above all where inclusion probabilities differ.
    pub fn shares(&self, domain: Domain, estimand: Estimand) -> Vec<Share> {
        let cells = self.cells(domain);
        (0..self.tally.categories).map(|category| self.share(&cells, category, estimand)).collect()
    }

    /// How far each category's share in a group lies above that in all others.
    ///
    /// The interval is by the square-and-add method (Newcombe 1998), the two estimates taken as independent.
    pub fn differences(&self, group: usize, estimand: Estimand) -> Vec<Difference> {
        let rest = self.shares(Domain::Rest(group), estimand);
        let pairs = self.shares(Domain::Group(group), estimand).into_iter().zip(rest);
        let difference = |(group, rest): (Share, Share)| Difference {
            category: group.category,
            naive: group.naive.zip(rest.naive).map(|(group, rest)| group - rest),
            corrected: group.corrected.zip(rest.corrected).map(|(group, rest)| group.minus(&rest)),
        };
        pairs.map(difference).collect()
    }

    /// The domain's units by machine code.
    fn cells(&self, domain: Domain) -> Vec<Cell<'a>> {
        let of =
            |group: usize, machine: usize| self.tally.counts.get(group).map_or(0, |counts| u64::from(counts[machine]));
        let size = |(machine, total): (usize, &u64)| match domain {
            Domain::All => *total,
            Domain::Group(group) => of(group, machine),
            Domain::Rest(group) => total - of(group, machine),
        };
        let mut cells: Vec<Cell<'a>> =
            self.totals.iter().enumerate().map(|at| Cell { size: size(at), ..Cell::default() }).collect();
        let has = |unit: &&Sampled| match domain {
            Domain::All => true,
            Domain::Group(one) => unit.group == one,
            Domain::Rest(one) => unit.group != one,
        };
        for unit in self.sample.iter().filter(has) {
            cells[unit.machine].sampled.push(unit);
        }
        cells
    }

    fn share(&self, cells: &[Cell], category: usize, estimand: Estimand) -> Share {
        let population: u64 = cells.iter().map(|cell| cell.size).sum();
        let coded: u64 = cells.iter().take(self.tally.categories).map(|cell| cell.size).sum();
        let named = cells.get(category).map_or(0, |cell| cell.size);
        let corrected = match estimand {
            Estimand::Finite => {
                poststratified(cells, category, |machine| self.guess(machine, category), &self.drawn, self.confidence)
            }
            Estimand::Superpopulation => self.superpopulation(cells, category),
        };
        Share {
            category,
            naive: (coded > 0).then(|| named as f64 / coded as f64),
            corrected,
            population,
            n: cells.iter().map(|cell| cell.sampled.len()).sum(),
        }
    }

    /// The rate of a category among units of a machine code that the domain's sample lacks.
    fn guess(&self, machine: usize, category: usize) -> Option<f64> {
        let same: Vec<_> = self.sample.iter().filter(|unit| unit.machine == machine).collect();
        let said = (machine < self.tally.categories).then(|| f64::from(u8::from(machine == category)));
        weighted_rate(&same, category)
            .or(said)
            .or_else(|| weighted_rate(&self.sample.iter().collect::<Vec<_>>(), category))
    }

    fn superpopulation(&self, cells: &[Cell], category: usize) -> Option<Interval> {
        let is = |named: usize| f64::from(u8::from(named == category));
        let labelled =
            |unit: &&Sampled| Labelled { human: is(unit.human), machine: is(unit.machine), weight: unit.weight };
        let labelled: Vec<_> = cells.iter().flat_map(|cell| cell.sampled.iter().map(labelled)).collect();
        let drawn = |sampled: &[&Sampled]| {
            let all: f64 = sampled.iter().map(|unit| unit.weight).sum();
            (all > 0.0).then(|| sampled.len() as f64 / all)
        };
        let typical = drawn(&self.sample.iter().collect::<Vec<_>>())?;
        // What is left of a machine code stands for what was drawn of it as well.
        let unlabelled = |(machine, cell): (usize, &Cell)| Predicted {
            machine: is(machine),
            weight: 1.0 / (1.0 - drawn(&cell.sampled).unwrap_or(typical)),
            count: cell.size - cell.sampled.len() as u64,
        };
        let unlabelled: Vec<_> =
            cells.iter().enumerate().map(unlabelled).filter(|group| group.weight.is_finite()).collect();
        let Interval { point, low, high } = powered_mean(&labelled, &unlabelled, self.level)?.interval;
        let cut = |limit: f64| limit.clamp(0.0, 1.0);
        Some(Interval { point: cut(point), low: cut(low), high: cut(high) })
    }
}

fn check_counts(tally: &Tally) -> Result<(), EstimateError> {
    let expected = tally.counts.first().map_or(0, Vec::len);
    match tally.counts.iter().position(|counts| counts.len() != expected) {
        Some(group) => Err(EstimateError::Counts { group, found: tally.counts[group].len(), expected }),
        None => Ok(()),
    }
}

fn check_unit(tally: &Tally, at: usize, unit: &Sampled) -> Result<(), EstimateError> {
    let machines = tally.counts.first().map_or(0, Vec::len);
    for (what, index, count) in [
        ("group", unit.group, tally.counts.len()),
        ("machine code", unit.machine, machines),
        ("category", unit.human, tally.categories),
    ] {
        if index >= count {
            return Err(EstimateError::Unknown { unit: at, what, index, count });
        }
    }
    if (1.0..=f64::from(u32::MAX)).contains(&unit.weight) {
        Ok(())
    } else {
        Err(EstimateError::Weight { unit: at, weight: unit.weight })
    }
}

fn check_cells(tally: &Tally, sample: &[Sampled]) -> Result<(), EstimateError> {
    let mut counted: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for unit in sample {
        *counted.entry((unit.group, unit.machine)).or_default() += 1;
    }
    for ((group, machine), n) in counted {
        let there_are = u64::from(tally.counts[group][machine]);
        if n as u64 > there_are {
            return Err(EstimateError::MoreThanAll { group, machine, population: there_are, n });
        }
    }
    Ok(())
}
