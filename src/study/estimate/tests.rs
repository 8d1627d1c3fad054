use super::interval::{Confidence, share_of};
use super::{
    Domain, Estimand, EstimateError, Estimator, Interval, Labelled, Predicted, Sampled, Share, Tally, powered_mean,
};

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

fn unit(group: usize, machine: usize, human: usize, weight: f64) -> Sampled {
    Sampled { group, machine, stratum: 0, human, weight }
}

fn shares(population: &Tally, sample: &[Sampled], domain: Domain) -> Vec<Share> {
    Estimator::new(population, sample, 0.95).unwrap().shares(domain, Estimand::Finite)
}

/// The cases are those of `ppi_py.ppi_mean_ci(Y, Yhat, Yhat_unlabeled, alpha=.05, w=…, w_unlabeled=…)` of ppi-python 0.2.3.
#[test]
fn superpopulation_means_are_those_of_ppi_python() {
    let cases = |n: u32, others: u32, is_weighted: bool| {
        let weight = |at: u32| if is_weighted { f64::from(1 + at % 4) } else { 1.0 };
        let labelled = |at: u32| Labelled {
            human: f64::from(u8::from(at % 7 < 2)),
            machine: f64::from(u8::from((at + at / 9) % 7 < 2)),
            weight: weight(at),
        };
        let other =
            |at: u32| Predicted { machine: f64::from(u8::from(at * at % 11 < 4)), weight: weight(at / 3), count: 1 };
        let labelled: Vec<_> = (0..n).map(labelled).collect();
        let made = powered_mean(&labelled, &(0..others * 10).map(other).collect::<Vec<_>>(), 0.95).unwrap();
        (made.interval.low, made.interval.high)
    };
    for (n, others, is_weighted, low, high) in [
        (30, 20, false, 0.208_986_671_374, 0.532_671_680_508),
        (200, 480, false, 0.244_120_635_304, 0.368_968_307_178),
        (30, 20, true, 0.181_159_791_240, 0.534_982_853_929),
        (200, 480, true, 0.235_240_387_158, 0.374_433_514_048),
    ] {
        let made = cases(n, others, is_weighted);
        assert!(near(made.0, low) && near(made.1, high), "{n} {others} {is_weighted}: {made:?}");
    }
}

#[test]
fn superpopulation_shares_are_these_means_of_the_sampled_and_the_others() {
    let population = Tally { categories: 2, counts: vec![vec![60, 40, 20]] };
    let sample: Vec<_> = (0..30).map(|at| unit(0, at % 3, usize::from(at % 5 == 0), 4.0)).collect();
    let estimator = Estimator::new(&population, &sample, 0.9).unwrap();
    let share = estimator.shares(Domain::All, Estimand::Superpopulation)[1];
    let of = |named: usize| f64::from(u8::from(named == 1));
    let labelled: Vec<_> =
        sample.iter().map(|unit| Labelled { human: of(unit.human), machine: of(unit.machine), weight: 1.0 }).collect();
    let others = [(0, 50), (1, 30), (2, 10)].map(|(code, count)| Predicted { machine: of(code), weight: 1.0, count });
    let expected = powered_mean(&labelled, &others, 0.9).unwrap().interval;
    let made = share.corrected.unwrap();
    assert!(near(made.point, expected.point) && near(made.low, expected.low) && near(made.high, expected.high));
    assert_eq!((share.naive, share.n, share.population), (Some(0.4), 30, 120));
}

#[test]
fn means_without_enough_to_go_by_are_none() {
    let one = Labelled { human: 1.0, machine: 0.0, weight: 1.0 };
    assert_eq!(powered_mean(&[one], &[], 0.95), None);
    assert_eq!(powered_mean(&[one, one], &[], 1.0), None);
    assert_eq!(powered_mean(&[Labelled { weight: 0.0, ..one }; 3], &[], 0.95), None);
    let alone = powered_mean(&[one, Labelled { human: 0.0, ..one }], &[], 0.95).unwrap();
    assert!(near(alone.interval.point, 0.5) && alone.tuning == 0.0);
}

#[test]
fn limits_of_one_share_are_wilson_s_and_towards_the_nearer_end_agresti_and_coull_s() {
    let confidence = Confidence::new(0.95).unwrap();
    // At 20 of 100 Wilson's interval is .1334 to .2888.
    let made = confidence.of_share(0.2, 100.0);
    assert!((made.high - 0.2888).abs() < 5e-5 && (made.low - 0.1326).abs() < 5e-4 && made.low < 0.1334, "{made:?}");
    let other = confidence.of_share(0.8, 100.0);
    assert!(near(made.low, 1.0 - other.high) && near(made.high, 1.0 - other.low));
    let none = confidence.of_share(0.0, 100.0);
    assert!(none.low == 0.0 && (none.high - 0.0370).abs() < 5e-5, "{none:?}");
    assert!([0.0, 1.0, f64::NAN].map(Confidence::new).iter().all(Option::is_none));
}

#[test]
fn limits_of_agreement_are_wilson_s() {
    for (cases, n, low, high) in
        [(4, 12, 0.1381, 0.6094), (11, 12, 0.6461, 0.9851), (12, 12, 0.7575, 1.0), (0, 12, 0.0, 0.2425)]
    {
        let made = share_of((0..n).map(|at| (at < cases, 1.0)), 0.95).unwrap();
        assert!((made.low - low).abs() < 5e-5 && (made.high - high).abs() < 5e-5, "{cases} of {n}: {made:?}");
    }
}

/// Newcombe 1998, table II, example (a): 56/70 − 48/80 = .2, by method 10 (Wilson's limits) .0524 to .3339.
#[test]
fn a_difference_has_newcombe_s_interval() {
    let one = Interval { point: 0.8, low: 0.691_834, high: 0.876_953 };
    let other = Interval { point: 0.6, low: 0.490_455, high: 0.700_382 };
    let made = one.minus(&other);
    let rounded = |value: f64| (value * 1e4).round() / 1e4;
    assert_eq!((rounded(made.point), rounded(made.low), rounded(made.high)), (0.2, 0.0524, 0.3339));
}

#[test]
fn differences_are_of_a_group_and_all_others() {
    let population = Tally { categories: 2, counts: vec![vec![80, 20], vec![50, 50], vec![40, 60]] };
    let sample: Vec<_> = (0..60).map(|at| unit(at % 3, at % 2, usize::from(at % 4 == 1), 5.0)).collect();
    let estimator = Estimator::new(&population, &sample, 0.95).unwrap();
    let made = estimator.differences(0, Estimand::Finite)[1];
    let (group, rest) =
        (shares(&population, &sample, Domain::Group(0))[1], shares(&population, &sample, Domain::Rest(0))[1]);
    assert!(near(made.naive.unwrap(), 0.2 - 110.0 / 200.0));
    assert_eq!(made.corrected, Some(group.corrected.unwrap().minus(&rest.corrected.unwrap())));
}

#[test]
fn what_was_coded_in_full_is_known() {
    let population = Tally { categories: 2, counts: vec![vec![3, 2]] };
    let sample = [unit(0, 0, 0, 1.0), unit(0, 0, 1, 5.0), unit(0, 0, 0, 2.0), unit(0, 1, 1, 1.0), unit(0, 1, 1, 1.0)];
    let share = shares(&population, &sample, Domain::All)[1];
    assert_eq!(share.corrected, Some(Interval { point: 0.6, low: 0.6, high: 0.6 }));
    assert_eq!(share.needed(0.01, Estimand::Finite), Some(5));
}

#[test]
fn strata_that_differ_narrow_the_interval_if_there_is_enough_to_tell() {
    let population = Tally { categories: 2, counts: vec![vec![400]] };
    let width = |each: usize, is_stratified: bool| {
        let told = |at| Sampled { stratum: if is_stratified { at % 2 } else { 0 }, ..unit(0, 0, at % 2, 10.0) };
        let sample: Vec<_> = (0..2 * each).map(told).collect();
        shares(&population, &sample, Domain::All)[1].corrected.unwrap().half_width()
    };
    assert!(width(20, true) < 0.4 * width(20, false));
    assert!(width(2, true) > 0.75 * width(2, false) && width(2, true) < width(2, false));
}

#[test]
fn a_machine_code_that_the_group_s_sample_lacks_has_the_rate_of_all() {
    let population = Tally { categories: 2, counts: vec![vec![90, 10, 0], vec![80, 20, 10]] };
    let sample: Vec<_> = (0..20).map(|at| unit(1, at % 2, usize::from(at % 4 == 1), 5.0)).collect();
    // Of code 0 none, of code 1 a half: no unit of the group was coded, so anything is possible there.
    let share = shares(&population, &sample, Domain::Group(0))[1];
    assert!(near(share.corrected.unwrap().point, 0.05) && share.n == 0);
    assert!(share.corrected.unwrap().low == 0.0 && share.corrected.unwrap().high > 0.9);
    assert_eq!(share.needed(0.05, Estimand::Finite), None);
    // Nobody coded what the machine left uncoded: a quarter, as of all that was coded.
    let whole = shares(&population, &sample, Domain::All)[1].corrected.unwrap();
    assert!(near(whole.point, (30.0 * 0.5 + 10.0 * 0.25) / 210.0), "{whole:?}");
}

#[test]
fn without_a_sample_the_machine_has_the_only_word() {
    let population = Tally { categories: 2, counts: vec![vec![3, 1, 0], vec![0, 0, 4], vec![0, 0, 0]] };
    let made = |group| shares(&population, &[], Domain::Group(group))[1];
    assert_eq!(made(0).corrected.map(|interval| interval.point), Some(0.25));
    assert_eq!((made(0).naive, made(1).naive, made(2).naive), (Some(0.25), None, None));
    assert_eq!((made(1).corrected, made(2).corrected, made(9).corrected), (None, None, None));
    let estimator = Estimator::new(&population, &[], 0.95).unwrap();
    assert_eq!(estimator.shares(Domain::All, Estimand::Superpopulation)[0].corrected, None);
}

#[test]
fn needed_is_what_gives_the_margin() {
    let interval = Interval { point: 0.3, low: 0.2, high: 0.4 };
    let share = Share { category: 1, naive: None, corrected: Some(interval), population: 1_000, n: 100 };
    assert_eq!(share.needed(0.05, Estimand::Superpopulation), Some(400));
    // 1/n = 1/1000 + (1/100 − 1/1000) / 4
    assert_eq!(share.needed(0.05, Estimand::Finite), Some(308));
    assert_eq!(share.needed(0.2, Estimand::Finite), Some(100));
    assert_eq!(share.needed(1e-9, Estimand::Finite), Some(1_000));
    assert!([0.0, -1.0, f64::NAN].iter().all(|margin| share.needed(*margin, Estimand::Finite).is_none()));
    assert_eq!(Share { corrected: None, ..share }.needed(0.05, Estimand::Finite), None);
}

#[test]
fn shares_are_ordered_finite_and_add_up() {
    let population = Tally { categories: 3, counts: vec![vec![40, 7, 3, 9], vec![1, 0, 12, 5]] };
    for round in 0_usize..200 {
        let sample: Vec<_> = (0..round % 60)
            .map(|at| (at % 2, (at * 7 + round) % 4, (at * at + round) % 3, 1.0 + ((at * round) % 9) as f64))
            .scan([[0; 4]; 2], |used, (group, machine, human, weight)| {
                used[group][machine] += 1;
                let fits = used[group][machine] <= population.counts[group][machine];
                Some(fits.then_some(unit(group, machine, human, weight)))
            })
            .flatten()
            .collect();
        for domain in [Domain::All, Domain::Group(0), Domain::Rest(0)] {
            let made: Vec<_> =
                shares(&population, &sample, domain).iter().filter_map(|share| share.corrected).collect();
            assert!(made.is_empty() || near(made.iter().map(|interval| interval.point).sum(), 1.0), "{round} {made:?}");
            for Interval { point, low, high } in made {
                assert!(0.0 <= low && low <= point && point <= high && high <= 1.0, "{round}: {low} {point} {high}");
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let population = Tally { categories: 2, counts: vec![vec![1, 5], vec![2, 2]] };
    let refused = |sample: &[Sampled]| Estimator::new(&population, sample, 0.95).unwrap_err().to_string();
    let good = unit(0, 0, 1, 2.0);
    assert!(refused(&[good, unit(0, 1, 0, 0.5)]).starts_with("sampled unit 1 has the weight 0.5"));
    assert!(refused(&[unit(0, 1, 0, f64::NAN)]).contains("weight NaN"));
    assert!(refused(&[unit(2, 0, 0, 1.0)]).contains("has group 2, but there are only 2"));
    assert!(refused(&[unit(0, 2, 0, 1.0)]).contains("machine code 2"));
    assert!(refused(&[unit(0, 0, 2, 1.0)]).contains("category 2"));
    assert!(refused(&[good, good]).contains("group 0 has 1 units of machine code 0, but 2 were coded by hand"));
    assert_eq!(Estimator::new(&population, &[], 95.0).unwrap_err(), EstimateError::Level(95.0));
    let uneven = Tally { categories: 2, counts: vec![vec![1, 5], vec![2]] };
    assert!(Estimator::new(&uneven, &[], 0.95).unwrap_err().to_string().starts_with("group 1 counts 1 machine codes"));
}
