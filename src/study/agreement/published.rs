//! Worked examples as they were published, and figures that must not be defined.

use super::*;

/// Coders in rows, as papers print them; 0 stands for a missing rating, categories are counted from 1.
fn ratings(coders: &[&[usize]]) -> Ratings {
    let categories = coders.iter().flat_map(|coder| coder.iter()).max().copied().unwrap_or_default();
    let mut ratings = Ratings::new(coders.len(), (1..=categories).map(|value| value as f64).collect()).unwrap();
    for unit in 0..coders.first().map_or(0, |coder| coder.len()) {
        ratings.push(&coders.iter().map(|coder| coder[unit].checked_sub(1)).collect::<Vec<_>>()).unwrap();
    }
    ratings
}

/// Two coders: one row a category of the first.
fn table(rows: &[&[u32]]) -> Ratings {
    let mut ratings = Ratings::new(2, (0..rows.len()).map(|value| value as f64).collect()).unwrap();
    for (human, row) in rows.iter().enumerate() {
        for (machine, times) in row.iter().enumerate() {
            (0..*times).for_each(|_| ratings.push(&[Some(human), Some(machine)]).unwrap());
        }
    }
    ratings
}

#[track_caller]
fn close(got: Option<f64>, expected: f64, digits: i32) {
    let got = got.expect("defined");
    assert!((got - expected).abs() <= 0.5 * 10_f64.powi(-digits) + 1e-12, "{got}, not {expected}");
}

/// Krippendorff 2011, C: four observers, twelve units, ratings missing.
const FOUR_OBSERVERS: [&[usize]; 4] = [
    &[1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    &[1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    &[0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    &[1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
];

#[test]
fn alphas_of_krippendorff_2011() {
    let meg_and_owen = ratings(&[&[1, 2, 1, 1, 1, 1, 1, 1, 2, 1], &[2, 2, 2, 1, 1, 2, 1, 1, 1, 1]]);
    close(alpha(&meg_and_owen.observed(), Level::Nominal), 0.095, 3);
    let ben_and_gerry = ratings(&[&[1, 1, 2, 2, 4, 3, 3, 3, 5, 4, 4, 1], &[2, 1, 2, 2, 2, 3, 3, 3, 5, 4, 4, 4]]);
    close(alpha(&ben_and_gerry.observed(), Level::Nominal), 0.692, 3);
    let four = ratings(&FOUR_OBSERVERS);
    for (level, expected) in [(Level::Nominal, 0.743), (Level::Ordinal, 0.815), (Level::Interval, 0.849)] {
        close(alpha(&four.observed(), level), expected, 3);
    }
    assert_eq!((four.units(), four.paired()), (12, 11));
}

#[test]
fn kappa_of_cohen_1968() {
    let psychiatrists = table(&[&[88, 14, 18], &[10, 40, 10], &[2, 6, 12]]);
    let confusion = Confusion::counted(&psychiatrists.observed(), 0, 1);
    close(kappa(&confusion, Distance::Same), 0.492, 3);
    close(confusion.accuracy(), 0.7, 9);
    close(mean_kappa(&psychiatrists.observed(), Distance::Same), 0.492, 3);
}

#[test]
fn two_categories_have_one_kappa() {
    let confusion = Confusion::counted(&table(&[&[20, 5], &[10, 15]]).observed(), 0, 1);
    for distance in [Distance::Same, Distance::Linear, Distance::Quadratic] {
        close(kappa(&confusion, distance), 0.4, 9);
    }
}

/// Gwet 2014, the example with four raters, Krippendorff's; and the table of Gwet 2002 on which kappa falls below 0.
#[test]
fn ac1_of_gwet() {
    let four = ratings(&FOUR_OBSERVERS);
    close(per_cent(&four.observed()), 0.81818, 5);
    close(ac1(&four.observed()), 0.77544, 5);
    let skewed = table(&[&[118, 5], &[2, 0]]);
    close(ac1(&skewed.observed()), 0.9408, 4);
    close(mean_kappa(&skewed.observed(), Distance::Same), -0.0234, 4);
}

#[test]
fn one_category_has_no_kappa_and_no_alpha() {
    let agreed = table(&[&[9, 0], &[0, 0]]);
    let observed = agreed.observed();
    assert_eq!(per_cent(&observed), Some(1.0));
    assert_eq!(ac1(&observed), Some(1.0));
    assert_eq!(mean_kappa(&observed, Distance::Quadratic), None);
    assert_eq!(alpha(&observed, Level::Interval), None);
    let never = Confusion::counted(&observed, 0, 1).binary(1);
    assert_eq!((never.precision(), never.recall(), never.f1()), (None, None, None));
}

#[test]
fn nothing_rated_twice_has_no_agreement() {
    let mut ratings = Ratings::new(3, vec![0.0, 1.0]).unwrap();
    for pushed in 0..3 {
        let observed = ratings.observed();
        let figures = [per_cent(&observed), ac1(&observed), alpha(&observed, Level::Ordinal)];
        assert_eq!(figures, [None; 3], "{pushed}");
        assert_eq!(mean_kappa(&observed, Distance::Same), None);
        assert_eq!(Confusion::counted(&observed, 0, 9).macro_f1(), None);
        ratings.push(&[[Some(0), None, None], [None, Some(1), None], [None; 3]][pushed]).unwrap();
    }
    let mut without_categories = Ratings::new(2, Vec::new()).unwrap();
    without_categories.push(&[None, None]).unwrap();
    let observed = without_categories.observed();
    assert_eq!((ac1(&observed), alpha(&observed, Level::Nominal)), (None, None));
    assert_eq!(Confusion::weighted(&observed, 0, 1).cell(0, 0).to_bits(), 0);
}

#[test]
fn a_pair_without_kappa_is_left_out_of_the_mean() {
    let ratings = ratings(&[&[1, 2, 1, 2], &[1, 2, 1, 1], &[0, 0, 0, 0]]);
    close(mean_kappa(&ratings.observed(), Distance::Same), 0.5, 9);
}

#[test]
fn weights_stand_for_units() {
    let mut sampled = Ratings::new(2, vec![-1.0, 0.0, 1.0]).unwrap();
    for (human, machine, weight) in [(0, 0, 4.0), (1, 0, 2.0), (1, 1, 3.0), (2, 2, 1.0), (2, 1, 2.0)] {
        sampled.push_weighted(&[Some(human), Some(machine)], weight).unwrap();
    }
    let population = table(&[&[4, 0, 0], &[2, 3, 0], &[0, 2, 1]]);
    let weighted = Confusion::weighted(&sampled.observed(), 0, 1);
    assert_eq!(weighted, Confusion::counted(&population.observed(), 0, 1));
    let expected = Binary { true_positives: 3.0, false_positives: 2.0, false_negatives: 2.0, true_negatives: 5.0 };
    assert_eq!(weighted.binary(1), expected);
    close(weighted.binary(1).precision(), 0.6, 9);
    close(weighted.binary(2).recall(), 1.0 / 3.0, 9);
    close(weighted.binary(2).f1(), 0.5, 9);
    close(weighted.macro_f1(), (0.8 + 0.6 + 0.5) / 3.0, 9);
    close(Confusion::counted(&sampled.observed(), 0, 1).accuracy(), 0.6, 9);
}
