//! Whether the intervals hold what they promise: 2,000 samples of 200 out of 5,000 units, in each of many settings.
//! `cargo test simulation -- --nocapture` prints the figures.

use super::interval::Confidence;
use super::{Domain, Estimand, Estimator, Sampled, Tally};
use crate::study::random::Random;

const UNITS: usize = 5_000;
const SAMPLE: usize = 200;
const POPULATIONS: usize = 100;
const SAMPLES_EACH: usize = 20;
const THREADS: usize = 5;
/// The third thread and each of five days hold a fifth of all units.
const THREAD_SHARES: [f64; THREADS] = [0.35, 0.25, 0.2, 0.12, 0.08];
const DAYS: usize = 5;

/// How often a code is right, and how its prevalence differs, by thread: sensitivity about .7, false positives about .08.
struct Coder {
    name: &'static str,
    prevalence: [f64; THREADS],
    sensitivity: [f64; THREADS],
    false_positives: [f64; THREADS],
}

const CODERS: [Coder; 3] = [
    Coder {
        name: "worse in small threads",
        prevalence: [0.6, 0.9, 1.2, 1.5, 1.8],
        sensitivity: [0.8, 0.7, 0.65, 0.6, 0.5],
        false_positives: [0.04, 0.08, 0.1, 0.12, 0.15],
    },
    Coder {
        name: "worse in large threads",
        prevalence: [1.6, 0.9, 0.7, 0.5, 0.3],
        sensitivity: [0.6, 0.7, 0.8, 0.75, 0.9],
        false_positives: [0.12, 0.08, 0.05, 0.03, 0.02],
    },
    Coder {
        name: "threads far apart",
        prevalence: [0.1, 0.5, 1.0, 2.0, 5.5],
        sensitivity: [0.8, 0.7, 0.65, 0.6, 0.5],
        false_positives: [0.04, 0.08, 0.1, 0.12, 0.15],
    },
];

/// Coverage and mean half-width, of the code's share where nothing else is said.
const HEADER: &str = "| prevalence | strata | machine off by | machine covers | corrected off by | corrected | by hand only | one day \
| one thread | day minus others | superpopulation |\n|---|---|---|---|---|---|---|---|---|---|---|";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Design {
    Simple,
    ByMachine,
    ByThread,
    ByBoth,
}

const DESIGNS: [(Design, &str); 4] = [
    (Design::Simple, "simple"),
    (Design::ByMachine, "by machine code"),
    (Design::ByThread, "by thread"),
    (Design::ByBoth, "by both"),
];

fn below(limit: usize, random: &mut Random) -> usize {
    (random.share() * limit as f64) as usize
}

#[derive(Debug, Clone, Copy)]
struct Unit {
    thread: usize,
    day: usize,
    machine: usize,
    human: usize,
}

impl Coder {
    /// The chance of the code in each thread, such that it is `prevalence` overall.
    fn chances(&self, prevalence: f64) -> [f64; THREADS] {
        let mean: f64 = self.prevalence.iter().zip(THREAD_SHARES).map(|(one, share)| one * share).sum();
        self.prevalence.map(|one| (one * prevalence / mean).min(0.95))
    }

    fn units(&self, prevalence: f64, random: &mut Random) -> Vec<Unit> {
        let chances = self.chances(prevalence);
        let draw = |_| {
            let mut rest = random.share();
            let thread = THREAD_SHARES.iter().position(|share| {
                rest -= share;
                rest < 0.0
            });
            let thread = thread.unwrap_or(THREADS - 1);
            let has = random.share() < chances[thread];
            let says = random.share() < if has { self.sensitivity[thread] } else { self.false_positives[thread] };
            Unit { thread, day: below(DAYS, random), machine: usize::from(says), human: usize::from(has) }
        };
        (0..UNITS).map(draw).collect()
    }
}

fn strata(units: &[Unit], design: Design) -> Vec<Vec<Unit>> {
    let mut strata = vec![Vec::new(); 2 * THREADS];
    for unit in units {
        let stratum = match design {
            Design::Simple => 0,
            Design::ByMachine => unit.machine,
            Design::ByThread => unit.thread,
            Design::ByBoth => 2 * unit.thread + unit.machine,
        };
        strata[stratum].push(*unit);
    }
    strata.retain(|stratum| !stratum.is_empty());
    strata
}

/// Draws as many from each stratum: units, their strata and weights.
fn sample(strata: &mut [Vec<Unit>], random: &mut Random) -> Vec<(Unit, usize, f64)> {
    let (count, mut drawn) = (strata.len(), Vec::with_capacity(SAMPLE));
    for (at, stratum) in strata.iter_mut().enumerate() {
        let wanted = (SAMPLE / count).min(stratum.len());
        let weight = stratum.len() as f64 / wanted as f64;
        for place in 0..wanted {
            let other = place + below(stratum.len() - place, random);
            stratum.swap(place, other);
            drawn.push((stratum[place], at, weight));
        }
    }
    drawn
}

/// What is told of a unit: its group and the machine's code.
type Told = fn(&Unit) -> (usize, usize);

const BY_DAY: Told = |unit| (unit.day, unit.machine);
const BY_THREAD: Told = |unit| (unit.thread, unit.machine);
const BY_HAND_ONLY: Told = |_| (0, 2);

fn population(units: &[Unit], told: Told) -> Tally {
    let mut counts = vec![vec![0; 3]; THREADS.max(DAYS)];
    for (group, machine) in units.iter().map(told) {
        counts[group][machine] += 1;
    }
    Tally { categories: 2, counts }
}

fn sampled(drawn: &[(Unit, usize, f64)], told: Told) -> Vec<Sampled> {
    let sampled = |(unit, stratum, weight): &(Unit, usize, f64)| {
        let (group, machine) = told(unit);
        Sampled { group, machine, stratum: *stratum, human: unit.human, weight: *weight }
    };
    drawn.iter().map(sampled).collect()
}

fn estimator<'a>(population: &'a Tally, sample: &'a [Sampled]) -> Estimator<'a> {
    Estimator::new(population, sample, 0.95).unwrap()
}

fn share_of(units: &[Unit], has: impl Fn(&Unit) -> bool) -> f64 {
    let (mut all, mut cases) = (0, 0);
    for unit in units.iter().filter(|unit| has(unit)) {
        all += 1;
        cases += unit.human;
    }
    cases as f64 / f64::from(all)
}

/// How often intervals held the truth, how wide they were, how far estimates were off on average.
#[derive(Debug, Clone, Copy, Default)]
struct Coverage {
    all: f64,
    covered: f64,
    width: f64,
    off: f64,
}

impl Coverage {
    fn add(&mut self, interval: super::Interval, truth: f64) {
        self.all += 1.0;
        self.covered += f64::from(u8::from(interval.low <= truth + 1e-12 && truth <= interval.high + 1e-12));
        self.width += interval.high - interval.low;
        self.off += interval.point - truth;
    }

    fn share(&self) -> f64 {
        100.0 * self.covered / self.all
    }

    fn width(&self) -> f64 {
        self.width / self.all
    }

    fn off(&self) -> f64 {
        self.off / self.all
    }
}

#[derive(Debug, Default)]
struct Figures {
    overall: Coverage,
    day: Coverage,
    thread: Coverage,
    difference: Coverage,
    superpopulation: Coverage,
    by_hand_only: Coverage,
    naive: Coverage,
}

fn figures(coder: &Coder, prevalence: f64, design: Design, seed: u64) -> Figures {
    let (mut random, mut made) = (Random::new(seed), Figures::default());
    let chance = coder.chances(prevalence).iter().zip(THREAD_SHARES).map(|(one, share)| one * share).sum();
    let trust = Confidence::new(0.95).unwrap();
    for _ in 0..POPULATIONS {
        let units = coder.units(prevalence, &mut random);
        let mut strata = strata(&units, design);
        let truth = share_of(&units, |_| true);
        let (day, thread) = (share_of(&units, |unit| unit.day == 0), share_of(&units, |unit| unit.thread == 2));
        let other_days = share_of(&units, |unit| unit.day != 0);
        let [days, threads, people] = [BY_DAY, BY_THREAD, BY_HAND_ONLY].map(|told| population(&units, told));
        for _ in 0..SAMPLES_EACH {
            let drawn = sample(&mut strata, &mut random);
            let (by_day, by_thread, unaided) =
                (sampled(&drawn, BY_DAY), sampled(&drawn, BY_THREAD), sampled(&drawn, BY_HAND_ONLY));
            let of_days = estimator(&days, &by_day);
            let overall = of_days.shares(Domain::All, Estimand::Finite)[1];
            made.overall.add(overall.corrected.unwrap(), truth);
            made.naive.add(trust.of_share(overall.naive.unwrap(), UNITS as f64), truth);
            let corrected =
                |estimator: &Estimator, domain| estimator.shares(domain, Estimand::Finite)[1].corrected.unwrap();
            let (group, rest) = (corrected(&of_days, Domain::Group(0)), corrected(&of_days, Domain::Rest(0)));
            made.day.add(group, day);
            made.difference.add(group.minus(&rest), day - other_days);
            let powered = of_days.shares(Domain::All, Estimand::Superpopulation)[1];
            made.superpopulation.add(powered.corrected.unwrap(), chance);
            made.thread.add(corrected(&estimator(&threads, &by_thread), Domain::Group(2)), thread);
            made.by_hand_only.add(corrected(&estimator(&people, &unaided), Domain::All), truth);
        }
    }
    made
}

#[allow(clippy::print_stdout, reason = "the figures are for people to read")]
fn check(coder: &Coder) {
    let mut lines = vec![coder.name.to_owned(), HEADER.to_owned()];
    for (at, prevalence) in [0.02, 0.1, 0.3].into_iter().enumerate() {
        for (design, name) in DESIGNS {
            let made = figures(coder, prevalence, design, 6 + at as u64);
            let cell = |coverage: &Coverage| format!("{:.1} % ±{:.3}", coverage.share(), coverage.width() / 2.0);
            lines.push(format!(
                "| {prevalence} | {name} | {:+.3} | {:.1} % | {:+.4} | {} | {} | {} | {} | {} | {} |",
                made.naive.off(),
                made.naive.share(),
                made.overall.off(),
                cell(&made.overall),
                cell(&made.by_hand_only),
                cell(&made.day),
                cell(&made.thread),
                cell(&made.difference),
                cell(&made.superpopulation),
            ));
            let setting = lines.last().unwrap();
            let bar = if prevalence < 0.1 { 90.0..=100.0 } else { 93.0..=97.0 };
            assert!(bar.contains(&made.overall.share()), "{setting}");
            assert!(made.overall.off().abs() < 0.003, "{setting}");
            let domains = [made.day, made.thread, made.difference];
            assert!(
                domains.iter().all(|tally| tally.share() >= if prevalence < 0.1 { 90.0 } else { 93.0 }),
                "{setting}"
            );
        }
    }
    println!("{}", lines.join("\n"));
}

#[test]
fn intervals_hold_where_the_machine_is_worse_in_small_threads() {
    check(&CODERS[0]);
}

#[test]
fn intervals_hold_where_the_machine_is_worse_in_large_threads() {
    check(&CODERS[1]);
}

#[test]
fn intervals_hold_where_threads_are_far_apart() {
    check(&CODERS[2]);
}
