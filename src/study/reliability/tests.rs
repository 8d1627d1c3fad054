use super::pairs::{Pair, proportion};
use crate::study::random::Random;

/// So many of these, without replacement.
fn draw(mut from: Vec<usize>, count: usize, chance: &mut Random) -> Vec<usize> {
    for at in 0..count {
        let other = at + chance.below(from.len() - at);
        from.swap(at, other);
    }
    from.truncate(count);
    from
}

/// How often the intervals of precision and recall hold the truth: 200 of 5,000 comments, a machine that finds seven in ten.
fn coverage(prevalence: f64, by_code: bool) -> [f64; 2] {
    let mut chance = Random::new(7);
    let (mut held, rounds) = ([0.0; 2], 1000);
    for _ in 0..rounds / 20 {
        let truth: Vec<bool> = (0..5000).map(|_| chance.share() < prevalence).collect();
        let machine: Vec<bool> = truth.iter().map(|case| chance.share() < if *case { 0.7 } else { 0.08 }).collect();
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
                let drawn = draw(stratum, each, &mut chance);
                pairs.extend(drawn.iter().map(|at| Pair {
                    first: usize::from(machine[*at]),
                    second: usize::from(truth[*at]),
                    weight,
                }));
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
