use std::cmp::Ordering;
use std::collections::BinaryHeap;

use sha2::{Digest, Sha256};

use super::Population;
use super::population::by_group;
use crate::model::{Drawn, DrawnBy, Key};

/// Fewest comments drawn from a stratum that has them: from one alone no spread can be seen.
const FEWEST: usize = 2;

/// How the strata share a sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Allocation {
    /// As many from each, as far as it has them: what is rare is seen.
    #[default]
    Equal,
    /// From each in proportion to its size.
    Proportional,
}

/// A sample to draw.
#[derive(Debug, Clone)]
pub struct Sampling<'a> {
    /// Comments wanted.
    pub size: usize,
    /// The stratum of each comment of the population; the same for all in a simple random sample.
    pub strata: &'a [String],
    /// How the strata share it.
    pub allocation: Allocation,
    /// Draws another sample.
    pub seed: u64,
}

/// Draws a random sample without replacement from each stratum. The comments with the smallest SHA-256 of seed and key are taken,
/// so a comment's luck does not depend on the table's order, and with the same seed a larger sample holds a smaller one.
/// Probabilities are exact: comments drawn over comments in the stratum. The order is random, too: it says nothing of the strata.
pub fn draw(population: &Population, sampling: &Sampling<'_>) -> Vec<Drawn> {
    let strata = by_group(sampling.strata);
    let sizes: Vec<usize> = strata.values().map(Vec::len).collect();
    let counts = allocate(&sizes, sampling.size, sampling.allocation);
    let one = strata.len() == 1;
    let mut drawn = Vec::with_capacity(sampling.size);
    for ((name, mut members), count) in strata.into_iter().zip(counts) {
        let size = members.len();
        members.sort_by_cached_key(|at| luck(sampling.seed, "draw", &population.comments[*at].key));
        drawn.extend(members[..count].iter().map(|at| Drawn {
            key: population.comments[*at].key.clone(),
            by: DrawnBy::Random,
            stratum: if one { String::new() } else { name.to_owned() },
            stratum_size: size as u64,
            stratum_drawn: count as u64,
            coders: Vec::new(),
        }));
    }
    mix(&mut drawn, sampling.seed);
    drawn
}

/// The comments a coder is least sure of, as a sample to learn from: `doubt` is largest where it is least sure, and empty where a comment was not
/// looked at. Chance has no part, so nothing can be said of other comments from it.
pub fn most_doubtful(population: &Population, doubt: &[Option<f64>], size: usize, seed: u64) -> Vec<Drawn> {
    let mut order: Vec<(usize, f64)> =
        doubt.iter().enumerate().filter_map(|(at, doubt)| Some((at, (*doubt)?))).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut drawn: Vec<Drawn> = order
        .into_iter()
        .take(size)
        .map(|(at, _)| {
            let key = population.comments[at].key.clone();
            Drawn { key, by: DrawnBy::Uncertain, ..Drawn::default() }
        })
        .collect();
    mix(&mut drawn, seed);
    drawn
}

/// Deals a sample to coders: `shared` of the comments, from 0 to 1, to all of them, so that agreement can be measured, each of the
/// others to one, in turn.
pub fn deal(drawn: &mut [Drawn], coders: &[String], shared: f64) {
    if coders.is_empty() {
        return;
    }
    let all = (drawn.len() as f64 * shared).ceil() as usize;
    for (at, unit) in drawn.iter_mut().enumerate() {
        unit.coders = if at < all { coders.to_vec() } else { vec![coders[(at - all) % coders.len()].clone()] };
    }
}

/// Into an order that tells nothing.
fn mix(drawn: &mut [Drawn], seed: u64) {
    drawn.sort_by_cached_key(|unit| luck(seed, "order", &unit.key));
}

fn luck(seed: u64, purpose: &str, key: &Key) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    for part in [purpose, &key.thread_id, &key.comment_id] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// How many to draw from strata of these sizes. Seats are given one by one: the first few to each stratum, every other to the one whose turn it
/// is (Webster's divisors for [`Allocation::Proportional`]), so that a larger sample never takes one away.
fn allocate(sizes: &[usize], wanted: usize, allocation: Allocation) -> Vec<usize> {
    let mut counts: Vec<usize> = sizes.iter().map(|size| FEWEST.min(*size)).collect();
    let claim = |at: usize, count: usize| {
        let size = match allocation {
            Allocation::Equal => 1.0,
            Allocation::Proportional => sizes[at] as f64,
        };
        Claim { weight: size / (2 * count + 1) as f64, at }
    };
    let mut claims: BinaryHeap<Claim> =
        (0..sizes.len()).filter(|at| counts[*at] < sizes[*at]).map(|at| claim(at, counts[at])).collect();
    let mut given: usize = counts.iter().sum();
    while given < wanted
        && let Some(Claim { at, .. }) = claims.pop()
    {
        counts[at] += 1;
        given += 1;
        if counts[at] < sizes[at] {
            claims.push(claim(at, counts[at]));
        }
    }
    counts
}

/// How much a stratum may claim the next comment; of equal ones the first.
struct Claim {
    weight: f64,
    at: usize,
}

impl Ord for Claim {
    fn cmp(&self, other: &Self) -> Ordering {
        self.weight.total_cmp(&other.weight).then(other.at.cmp(&self.at))
    }
}

impl PartialOrd for Claim {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Claim {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Claim {}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::table::Sheet;

    fn population(size: usize) -> Population {
        let rows: Vec<String> =
            (0..size).map(|at| format!("t{},c{at},mot,{}", at % 3, u8::from(at % 10 == 0))).collect();
        let csv = format!("thread_id,comment_id,text,distrust\n{}\n", rows.join("\n"));
        let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        std::fs::write(file.path(), csv).unwrap();
        Population::of(Sheet::read(file.path()).unwrap()).unwrap()
    }

    fn ids(drawn: &[Drawn]) -> BTreeSet<&str> {
        drawn.iter().map(|unit| unit.key.comment_id.as_str()).collect()
    }

    #[test]
    fn strata_share_a_sample() {
        for (sizes, wanted, equal, proportional) in [
            (vec![900, 100], 100, vec![50, 50], vec![90, 10]),
            (vec![990, 10], 100, vec![90, 10], vec![98, 2]),
            (vec![997, 3], 100, vec![97, 3], vec![98, 2]),
            (vec![10, 10, 10], 100, vec![10, 10, 10], vec![10, 10, 10]),
            (vec![500, 300, 200], 11, vec![4, 4, 3], vec![6, 3, 2]),
            (vec![1, 999], 10, vec![1, 9], vec![1, 9]),
        ] {
            assert_eq!(allocate(&sizes, wanted, Allocation::Equal), equal, "{sizes:?}");
            assert_eq!(allocate(&sizes, wanted, Allocation::Proportional), proportional, "{sizes:?}");
        }
        // More strata than comments wanted: each still has the fewest it can be seen with.
        assert_eq!(allocate(&[10; 8], 10, Allocation::Equal), [2; 8]);
        for allocation in [Allocation::Equal, Allocation::Proportional] {
            for wanted in 10..400 {
                let of = |wanted| allocate(&[901, 3017, 10, 3013, 33], wanted, allocation);
                let (fewer, more) = (of(wanted), of(wanted + 1));
                assert!(fewer.iter().zip(&more).all(|(fewer, more)| fewer <= more), "{fewer:?} {more:?}");
            }
        }
    }

    #[test]
    fn every_comment_is_drawn_as_often_as_its_probability_says() {
        let population = population(200);
        let strata = population.groups("distrust").unwrap();
        let mut times: BTreeMap<String, u32> = BTreeMap::new();
        let rounds = 2000;
        for seed in 0..rounds {
            let sampling = Sampling { size: 20, strata: &strata, allocation: Allocation::Equal, seed };
            let drawn = draw(&population, &sampling);
            assert_eq!((drawn.len(), ids(&drawn).len()), (20, 20));
            for unit in drawn {
                *times.entry(unit.key.comment_id).or_default() += 1;
            }
        }
        for (at, member) in population.comments.iter().enumerate() {
            let expected = if at % 10 == 0 { 10.0 / 20.0 } else { 10.0 / 180.0 };
            let share = f64::from(times[&member.key.comment_id]) / rounds as f64;
            let deviation = (expected * (1.0 - expected) / rounds as f64).sqrt();
            assert!((share - expected).abs() < 5.0 * deviation, "{at}: {share} for {expected}");
        }
    }

    #[test]
    fn a_larger_sample_holds_the_smaller_one() {
        let population = population(300);
        let strata = vec!["all".to_owned(); 300];
        let of =
            |size, seed| draw(&population, &Sampling { size, strata: &strata, allocation: Allocation::Equal, seed });
        let (small, large, other) = (of(50, 1), of(80, 1), of(50, 2));
        assert!(ids(&small).is_subset(&ids(&large)));
        assert_ne!(ids(&small), ids(&other));
        assert!(small.iter().all(|unit| unit.probability() == Some(50.0 / 300.0) && unit.stratum.is_empty()));
        assert_eq!(of(500, 1).len(), 300);
    }

    #[test]
    fn coders_share_some_and_divide_the_rest() {
        let mut drawn = vec![Drawn::default(); 25];
        deal(&mut drawn, &["anne".to_owned(), "ben".to_owned()], 0.2);
        let of = |name: &str| drawn.iter().filter(|unit| unit.coders.iter().any(|coder| coder == name)).count();
        assert_eq!((of("anne"), of("ben")), (15, 15));
        assert_eq!(drawn.iter().filter(|unit| unit.coders.len() == 2).count(), 5);
    }

    #[test]
    fn doubtful_comments_have_no_probability() {
        let population = population(30);
        let doubt: Vec<Option<f64>> = (0..30).map(|at| (at != 7).then_some(f64::from(at))).collect();
        let drawn = most_doubtful(&population, &doubt, 3, 1);
        assert_eq!(ids(&drawn), BTreeSet::from(["c27", "c28", "c29"]));
        assert!(drawn.iter().all(|unit| unit.probability().is_none() && unit.by == DrawnBy::Uncertain));
    }
}
