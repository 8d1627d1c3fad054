//! Fitting models on hand-coded comments.

mod problem;
mod scaling;

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use thiserror::Error;

use super::cues::Cued;
use super::features::{Found, habit, hash, own, seed};
use super::model::{Facts, Model, Output, Reads, Weights, edition};
use super::reading::{Scene, encode};
use super::score::Random;
use super::words::meaning;
use crate::codebook::Codebook;
use crate::coding::rules::Rules;
use crate::coding::view::View;
use crate::coding::{Coder, Discussion, Setting, Unit};
use crate::encoder::{Encoding, Keep};
use crate::model::{Polarity, Thread};
use problem::{FEWEST, Problem, Stack};
use scaling::{COUNTS, CUES, HABIT, Scaling, VECTOR, WORDS};

/// Fewer rows than this in all neither.
const FEWEST_ROWS: usize = 20;
/// Draws a point of a learning curve is the mean of.
const CURVE_DRAWS: u64 = 3;
/// Fewer rows of a habit than this are no habit.
const FEWEST_OF_HABIT: usize = 200;
/// Threads read and encoded at a time.
const PART: usize = 2048;
/// Bits of a bucket's number.
const FEWEST_BITS: u32 = 15;
const MOST_BITS_BESIDE_ENCODER: u32 = 16;
const MOST_BITS: u32 = 19;

/// A training that cannot be done.
#[derive(Debug, Error, PartialEq)]
pub enum TrainError {
    /// Too few rows in all.
    #[error("{rows} coded rows are too few to learn from; code at least {FEWEST_ROWS}, better some hundreds")]
    FewRows {
        /// How many there are.
        rows: usize,
    },
    /// Too few rows of one class.
    #[error(
        "`{column}`: only {rows} {} {class}; at least {FEWEST} of each class are needed, in more than one thread",
        if *.rows == 1 { "row is" } else { "rows are" }
    )]
    FewOfClass {
        /// The column.
        column: String,
        /// The class.
        class: String,
        /// How many there are.
        rows: usize,
    },
    /// All rows of a class are measured with whenever they could be fitted on.
    #[error(
        "`{column}`: all {rows} rows that are {class} stand in {}, and threads are not split between fitting and measuring; code comments of several threads, or name a column of rows to measure with (--held-out)",
        if *.one { "one thread" } else { "threads of one part of the cross-validation" }
    )]
    OnePart {
        /// The column.
        column: String,
        /// The class.
        class: String,
        /// How many there are.
        rows: usize,
        /// Whether they are of one thread.
        one: bool,
    },
    /// Nothing to learn.
    #[error("no column of codes and none of sentiment to learn from")]
    NothingToLearn,
}

/// What people said of one comment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labels {
    /// The sentiment, as each who coded it said: where they differ, the truth is taken to lie between.
    pub polarities: Vec<Polarity>,
    /// For each code of [`Task::codes`] whether it applies, where that was coded.
    pub codes: Vec<Option<bool>>,
    /// Whether the row is kept from fitting, to measure and calibrate with.
    pub held_out: bool,
}

impl Labels {
    /// Whether anybody said anything of it.
    pub fn say_something(&self) -> bool {
        !self.polarities.is_empty() || self.codes.iter().any(Option::is_some)
    }
}

/// Hand-coded comments of one thread.
#[derive(Debug, Clone, Default)]
pub struct Coded {
    /// The thread.
    pub thread: Thread,
    /// One entry a comment, in order.
    pub labels: Vec<Labels>,
}

/// What to learn, and how.
#[derive(Debug, Clone)]
pub struct Task {
    /// Name of the model.
    pub name: String,
    /// What it may read.
    pub reads: Reads,
    /// Whether to learn the sentiment.
    pub polarity: bool,
    /// The codes to learn; `irony` is one.
    pub codes: Vec<String>,
    /// Whose patterns are features of codes of the same name.
    pub book: Codebook,
    /// Parts of the cross-validation, where no row is held out.
    pub folds: usize,
    /// Order in which threads are dealt to the parts.
    pub seed: u64,
}

/// One comment ready for fitting.
struct Example {
    habit: Option<String>,
    counted: Vec<f32>,
    cued: Vec<f32>,
    hashes: Vec<u32>,
    /// Empty for a comment without words.
    vector: Vec<f32>,
    labels: Labels,
    /// Part of the cross-validation, where rows are not held out.
    fold: usize,
    thread: usize,
}

impl Example {
    /// The hashes of its words, and the same as its habit's own.
    fn all_hashes(&self, facts: &Facts) -> impl Iterator<Item = u32> {
        let seed = self.seed(facts);
        self.hashes.iter().flat_map(move |hash| [Some(*hash), seed.map(|seed| own(*hash, seed))]).flatten()
    }

    /// The seed of its habit's own hashes, if the model knows the habit.
    fn seed(&self, facts: &Facts) -> Option<u32> {
        self.habit.as_deref().filter(|habit| facts.habits.iter().any(|known| known == habit)).map(seed)
    }
}

/// Bits of a bucket's number: enough for what was seen more than once, and no more than a small file allows.
fn bits(examples: &[Example], facts: &Facts) -> u32 {
    let mut seen: HashMap<u32, bool> = HashMap::new();
    for example in examples.iter().filter(|example| !example.labels.held_out) {
        for hash in example.all_hashes(facts) {
            seen.entry(hash).and_modify(|again| *again = true).or_insert(false);
        }
    }
    let again = seen.values().filter(|again| **again).count().max(1);
    (again.ilog2() + 1)
        .clamp(FEWEST_BITS, if facts.reads == Reads::Encoder { MOST_BITS_BESIDE_ENCODER } else { MOST_BITS })
}

/// Fits a model: features of every comment in its thread, then one head for the sentiment and one for each code. Where rows are
/// held out, they calibrate and measure; else cross-validation by threads does.
///
/// # Errors
///
/// [`TrainError`] if there is too little to learn from.
pub fn train(coded: &[Coded], task: &Task) -> Result<Model, TrainError> {
    train_with_curve(coded, task, &[]).map(|(model, _)| model)
}

/// What a model fitted on a part of the rows reaches.
#[derive(Debug, Clone, PartialEq)]
pub struct CurvePoint {
    /// Rows it may be fitted on.
    pub rows: usize,
    /// F1 of each output, in the model's order, measured on the same rows as the whole model.
    pub f1: Vec<f64>,
}

/// As [`train`], and what the same would reach with these shares of the rows, above 0 and below 1: whether coding more would pay. Each is the mean
/// over a few draws.
///
/// # Errors
///
/// As [`train`].
pub fn train_with_curve(coded: &[Coded], task: &Task, shares: &[f64]) -> Result<(Model, Vec<CurvePoint>), TrainError> {
    if !task.polarity && task.codes.is_empty() {
        return Err(TrainError::NothingToLearn);
    }
    let mut facts = Facts::new(task.name.clone(), task.reads);
    let known: Vec<String> = task.book.codes.iter().map(|code| code.name.clone()).collect();
    facts.patterns = task.codes.iter().filter(|code| known.contains(code)).cloned().collect();
    if !facts.patterns.is_empty() {
        facts.codebook = edition(&task.book);
    }
    let (examples, languages) = examples(coded, task, &facts.patterns);
    if examples.len() < FEWEST_ROWS {
        return Err(TrainError::FewRows { rows: examples.len() });
    }
    let held_out = examples.iter().any(|example| example.labels.held_out);
    (if held_out { "held out" } else { "cross-validated" }).clone_into(&mut facts.measured);
    let fitted_on = |example: &&Example| !example.labels.held_out;
    facts.rows = examples.iter().filter(fitted_on).count();
    facts.languages = languages;
    facts.encoder = task.reads.edition();
    facts.habits = habits(&examples);
    facts.bits = bits(&examples, &facts);
    let scaling = Scaling::of(&examples, &facts);
    let blocks = scaling.blocks(&examples, &facts);
    let mut problems: Vec<Problem> = Vec::new();
    if task.polarity {
        problems.push(Problem::polarity(&examples));
    }
    problems.extend(task.codes.iter().enumerate().map(|(at, code)| Problem::code(code, at, &examples)));
    for problem in &problems {
        problem.check(&examples)?;
    }
    let solve = |problem: &Problem| problem.solve(&blocks, &examples, held_out, task.folds);
    let solved: Vec<(Output, Stack)> = problems.iter().map(&solve).collect();
    let rows = facts.rows;
    let mut point = |share: f64| {
        let mut f1 = vec![0.0; problems.len()];
        for draw in 0..CURVE_DRAWS {
            for (problem, f1) in problems.iter_mut().zip(&mut f1) {
                problem.fit_on(share, task.seed.wrapping_add(draw));
                *f1 += solve(problem).0.figures.f1 / CURVE_DRAWS as f64;
            }
        }
        CurvePoint { rows: (rows as f64 * share).ceil() as usize, f1 }
    };
    let curve = shares.iter().filter(|share| **share > 0.0 && **share < 1.0).map(|share| point(*share)).collect();
    Ok((assemble(facts, solved, &scaling), curve))
}

/// Reads every thread and works out the features of its comments that have a label.
fn examples(coded: &[Coded], task: &Task, patterns: &[String]) -> (Vec<Example>, Vec<String>) {
    let rules = Rules::new(task.book.clone());
    let mut order: Vec<usize> = (0..coded.len()).collect();
    Random(task.seed).shuffle(&mut order);
    let mut folds = vec![0; coded.len()];
    // Dealt by size, largest first, each to the smallest part: threads differ much in length.
    order.sort_by_key(|at| std::cmp::Reverse(coded[*at].labels.len()));
    let mut sizes = vec![0_usize; task.folds.max(2)];
    for at in order {
        let least = (0..sizes.len()).min_by_key(|part| sizes[*part]).unwrap_or(0);
        folds[at] = least;
        sizes[least] += coded[at].labels.len().max(1);
    }
    let discussions: Vec<Discussion> = coded.par_iter().map(|coded| Discussion::of(coded.thread.clone())).collect();
    let kinds = task.reads.cues().len();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut examples = Vec::new();
    // Some thousands at a time: the encoder wants many texts, of one length together, whatever thread they are from.
    for part in (0..coded.len()).collect::<Vec<_>>().chunks(PART) {
        let settings: Vec<Setting> = part.par_iter().map(|at| rules.setting(discussions[*at].article())).collect();
        let units: Vec<Vec<Unit<'_>>> = part.iter().map(|at| discussions[*at].units()).collect();
        let wanted: Vec<(usize, usize)> = (0..part.len())
            .flat_map(|thread| (0..units[thread].len()).map(move |at| (thread, at)))
            .filter(|(thread, at)| units[*thread][*at].codable && coded[part[*thread]].labels[*at].say_something())
            .collect();
        let scene =
            |(thread, at): &(usize, usize)| Scene { setting: &settings[*thread], units: &units[*thread], at: *at };
        let scenes: Vec<Scene<'_>> = wanted.iter().map(scene).collect();
        let encoded = match task.reads {
            Reads::Encoder => encode(&scenes, Keep::Vector),
            Reads::Linear => vec![(View::default(), Encoding::default()); wanted.len()],
        };
        // Comments without a code do not show how one is voiced in their language, however many there are.
        for (thread, at) in wanted.iter().filter(|(thread, at)| carries_something(&coded[part[*thread]].labels[*at])) {
            if let Some(language) = units[*thread][*at].language {
                *counts.entry(language.to_owned()).or_default() += 1;
            }
        }
        let made = wanted.par_iter().zip(encoded).map(|((thread, at), (view, encoding))| {
            let (setting, units) = (&settings[*thread], &units[*thread]);
            let unit = &units[*at];
            let found = Found::of(&rules, setting, units, *at, !patterns.is_empty());
            Example {
                habit: habit(setting, units, *at),
                counted: [found.counted(unit, None), found.patterns(unit, patterns, None)].concat(),
                cued: Cued::of(&encoding, &view, kinds).features(None),
                hashes: hash(unit.tokens),
                vector: if task.reads == Reads::Linear { mean_of_words(unit) } else { encoding.vector },
                labels: coded[part[*thread]].labels[*at].clone(),
                fold: folds[part[*thread]],
                thread: part[*thread],
            }
        });
        examples.par_extend(made);
    }
    let enough = (counts.values().sum::<usize>() / 20).max(FEWEST);
    (examples, counts.into_iter().filter(|(_, count)| *count >= enough).map(|(language, _)| language).collect())
}

/// Habits of enough rows to be learnt apart, if there are several.
fn habits(examples: &[Example]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for habit in
        examples.iter().filter(|example| !example.labels.held_out).filter_map(|example| example.habit.as_deref())
    {
        *counts.entry(habit).or_default() += 1;
    }
    counts.retain(|_, count| *count >= FEWEST_OF_HABIT);
    if counts.len() < 2 { Vec::new() } else { counts.into_keys().map(str::to_owned).collect() }
}

/// The mean of what the words of a comment mean by themselves; empty where there are none.
fn mean_of_words(unit: &Unit<'_>) -> Vec<f32> {
    let items = unit.tokens.items().iter();
    let meanings: Vec<Vec<f32>> = items.filter_map(|token| meaning(token, token.span.of(unit.text))).collect();
    let mut mean = meanings.first().map_or(Vec::new(), |first| vec![0.0; first.len()]);
    for meaning in &meanings {
        mean.iter_mut().zip(meaning).for_each(|(sum, value)| *sum += value / meanings.len() as f32);
    }
    mean
}

/// Whether it has a sentiment or carries a code.
fn carries_something(labels: &Labels) -> bool {
    !labels.polarities.is_empty() || labels.codes.contains(&Some(true))
}

/// Puts heads side by side, each weight times what its head counts, the hashed ones in bytes.
fn assemble(mut facts: Facts, solved: Vec<(Output, Stack)>, scaling: &Scaling) -> Model {
    let columns: usize = solved.iter().map(|(output, _)| output.columns).sum();
    // A row a feature, all outputs' columns in it.
    let block = |kind: usize, features: usize| -> Vec<f32> {
        let cell = |feature: usize, (output, stack): &(Output, Stack)| -> Vec<f32> {
            let Some((head, count)) = stack.heads[kind].as_ref() else { return Vec::new() };
            let from = feature * output.columns;
            head.weights[from..from + output.columns].iter().map(|weight| (weight * count) as f32).collect()
        };
        (0..features).flat_map(|feature| solved.iter().flat_map(move |head| cell(feature, head))).collect()
    };
    let features = scaling.features(&facts);
    let [counted, cued, all, hashed] = [COUNTS, CUES, VECTOR, WORDS].map(|kind| block(kind, features[kind]));
    let shared: Vec<f32> =
        solved.iter().flat_map(|(output, stack)| (0..output.columns).map(|at| stack.bias(at))).collect();
    // What all share, then for each habit that and what is its own.
    let size = scaling.mean.len() * columns;
    let (mut bias, mut vector) = (shared.clone(), all[..size].to_vec());
    let plus = |shared: &[f32], own: &[f32]| -> Vec<f32> {
        shared.iter().zip(own).map(|(all, own)| all + own * HABIT).collect()
    };
    for habit in 0..facts.habits.len() {
        vector.extend(plus(&all[..size], &all[size * (1 + habit)..]));
        bias.extend(plus(&shared, &all[size * (1 + facts.habits.len()) + habit * columns..]));
    }
    let mut scales = vec![1e-9_f32; columns];
    for row in hashed.chunks_exact(columns) {
        scales.iter_mut().zip(row).for_each(|(scale, weight)| *scale = scale.max(weight.abs() / 127.0));
    }
    let mut bytes = Vec::with_capacity(hashed.len() + scaling.rarities.len());
    for (row, rarity) in hashed.chunks_exact(columns).zip(&scaling.rarities) {
        bytes.push(*rarity as i8);
        bytes.extend(row.iter().zip(&scales).map(|(weight, scale)| (weight / scale).round() as i8));
    }
    let (mean, stretch) = (scaling.mean.clone(), scaling.stretch.clone());
    let weights = Weights { columns, bias, counted, cued, vector, mean, stretch, hashed: bytes };
    facts.scales = scales;
    facts.outputs = solved.into_iter().map(|(output, _)| output).collect();
    Model { facts, weights }
}
