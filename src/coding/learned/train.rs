//! Fitting models on hand-coded comments.

use std::collections::BTreeMap;

use rayon::prelude::*;
use thiserror::Error;

use super::features::{Features, Found, kind, rule_names};
use super::fit::{self, Fitted, Row};
use super::model::{Facts, Figures, Model, Output, Reads, VECTOR_SCALE, Weights, bucket, rarity, rarity_steps};
use super::score::{Random, calibration_error, f1, interval, macro_f1};
use super::{POLARITY, Scene, encode};
use crate::codebook::Codebook;
use crate::coding::rules::Rules;
use crate::coding::{Coder, Discussion, Setting, Unit};
use crate::encoder::{Keep, WIDTH};
use crate::model::{Polarity, Thread};

/// Fewer rows of a class than this can be neither fitted nor measured.
const FEWEST: usize = 5;
/// Fewer rows than this in all neither.
const FEWEST_ROWS: usize = 20;
/// How much rows may count against the penalty; the best by cross-entropy on rows not fitted on is taken.
const LOOSENESS: [f64; 4] = [0.03, 0.1, 0.3, 1.0];
/// Threads read and encoded at a time.
const PART: usize = 2048;
/// Thresholds tried for a code.
const THRESHOLDS: std::ops::RangeInclusive<u32> = 10..=70;
/// Bits of a bucket's number.
const BITS_BESIDE_VECTOR: u32 = 15;
const BITS_ALONE: u32 = 18;

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
        "`{column}`: only {rows} rows are {class}; at least {FEWEST} of each class are needed, in more than one thread"
    )]
    FewOfClass {
        /// The column.
        column: String,
        /// The class.
        class: String,
        /// How many there are.
        rows: usize,
    },
    /// Nothing to learn.
    #[error("no column of codes and none of sentiment to learn from")]
    NothingToLearn,
}

/// What a person said of one comment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labels {
    /// The sentiment, where it was coded.
    pub polarity: Option<Polarity>,
    /// For each code of [`Task::codes`] whether it applies, where that was coded.
    pub codes: Vec<Option<bool>>,
    /// Whether the row is kept from fitting, to measure and calibrate with.
    pub held_out: bool,
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
    features: Features,
    vector: Vec<f32>,
    labels: Labels,
    /// Part of the cross-validation; 0 for all where rows are held out.
    fold: usize,
}

/// Fits a model: features of every comment in its thread, then one head for the sentiment and one for each code. Where rows are
/// held out, they calibrate and measure; else cross-validation by threads does.
///
/// # Errors
///
/// [`TrainError`] if there is too little to learn from.
pub fn train(coded: &[Coded], task: &Task) -> Result<Model, TrainError> {
    if !task.polarity && task.codes.is_empty() {
        return Err(TrainError::NothingToLearn);
    }
    let mut facts = Facts::new(task.name.clone(), task.reads);
    facts.bits = if task.reads == Reads::Encoder { BITS_BESIDE_VECTOR } else { BITS_ALONE };
    let known: Vec<String> = task.book.codes.iter().map(|code| code.name.clone()).collect();
    facts.patterns = task.codes.iter().filter(|code| known.contains(code)).cloned().collect();
    if !task.codes.is_empty() {
        facts.codebook.clone_from(&task.book.name);
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
    let solved = problems.iter().map(|problem| problem.solve(&blocks, &examples, held_out, task.folds));
    Ok(assemble(facts, solved.collect(), &scaling))
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
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut examples = Vec::new();
    // Some thousands at a time: the encoder wants many texts, of one length together, whatever thread they are from.
    for part in (0..coded.len()).collect::<Vec<_>>().chunks(PART) {
        let settings: Vec<Setting> = part.par_iter().map(|at| rules.setting(discussions[*at].article())).collect();
        let units: Vec<Vec<Unit<'_>>> = part.iter().map(|at| discussions[*at].units()).collect();
        let wanted: Vec<(usize, usize)> = (0..part.len())
            .flat_map(|thread| (0..units[thread].len()).map(move |at| (thread, at)))
            .filter(|(thread, at)| units[*thread][*at].codable && is_labelled(&coded[part[*thread]].labels[*at]))
            .collect();
        let mut vectors = vec![Vec::new(); wanted.len()];
        if task.reads == Reads::Encoder {
            let scenes: Vec<Scene<'_>> = wanted
                .iter()
                .map(|(thread, at)| Scene { setting: &settings[*thread], units: &units[*thread], at: *at })
                .collect();
            vectors = encode(&scenes, Keep::Vector).into_iter().map(|(_, encoding)| encoding.vector).collect();
        }
        for (thread, at) in &wanted {
            if let Some(language) = units[*thread][*at].language {
                *counts.entry(language.to_owned()).or_default() += 1;
            }
        }
        let made = wanted.par_iter().zip(vectors).map(|((thread, at), vector)| {
            let found = Found::of(&rules, &settings[*thread], &units[*thread], *at, !patterns.is_empty());
            let features = found.features(&units[*thread][*at], patterns);
            Example { features, vector, labels: coded[part[*thread]].labels[*at].clone(), fold: folds[part[*thread]] }
        });
        examples.par_extend(made);
    }
    let enough = examples.len() / 20;
    (examples, counts.into_iter().filter(|(_, count)| *count >= enough.max(1)).map(|(language, _)| language).collect())
}

fn is_labelled(labels: &Labels) -> bool {
    labels.polarity.is_some() || labels.codes.iter().any(Option::is_some)
}

/// What is learnt of the rows before fitting: how rare buckets are, and where the vector's numbers lie.
struct Scaling {
    rarities: Vec<u8>,
    mean: Vec<f32>,
    stretch: Vec<f32>,
}

impl Scaling {
    fn of(examples: &[Example], facts: &Facts) -> Self {
        let fitted: Vec<&Example> = examples.iter().filter(|example| !example.labels.held_out).collect();
        let mut seen = vec![0_u32; 1 << facts.bits];
        for example in &fitted {
            let mut mine: Vec<usize> = example.features.hashes.iter().map(|hash| bucket(*hash, facts.bits)).collect();
            mine.sort_unstable();
            mine.dedup();
            for bucket in mine {
                seen[bucket] += 1;
            }
        }
        let count = fitted.len() as f32;
        // Inverse document frequency (Spärck Jones 1972), smoothed.
        let rarities =
            seen.iter().map(|seen| rarity_steps(((1.0 + count) / (1.0 + *seen as f32)).ln() + 1.0)).collect();
        let width = if facts.reads == Reads::Encoder { WIDTH } else { 0 };
        let (mut mean, mut square) = (vec![0.0_f64; width], vec![0.0_f64; width]);
        for example in &fitted {
            for ((mean, square), value) in mean.iter_mut().zip(&mut square).zip(&example.vector) {
                *mean += f64::from(*value) / fitted.len() as f64;
                *square += f64::from(*value) * f64::from(*value) / fitted.len() as f64;
            }
        }
        let spread = VECTOR_SCALE / (width.max(1) as f32).sqrt();
        let stretch = |(mean, square): (&f64, &f64)| spread / ((square - mean * mean).max(1e-9).sqrt() as f32);
        let stretch = mean.iter().zip(&square).map(stretch).collect();
        Self { rarities, mean: mean.iter().map(|mean| *mean as f32).collect(), stretch }
    }

    fn blocks(&self, examples: &[Example], facts: &Facts) -> Blocks {
        let counted = super::features::COUNTED.len() + rule_names(&facts.patterns).len();
        let dense =
            |values: &[f32]| -> Row { values.iter().enumerate().map(|(at, value)| (at as u32, *value)).collect() };
        let vector = |example: &Example| -> Row {
            let places = self.mean.iter().zip(&self.stretch);
            let scaled: Vec<f32> =
                example.vector.iter().zip(places).map(|(value, (mean, stretch))| (value - mean) * stretch).collect();
            dense(&scaled)
        };
        Blocks {
            rows: [
                examples.par_iter().map(|example| dense(&example.features.counted)).collect(),
                examples.par_iter().map(vector).collect(),
                examples.par_iter().map(|example| self.hashed(&example.features.hashes, facts.bits)).collect(),
            ],
            features: [counted, self.mean.len(), self.rarities.len()],
        }
    }

    /// Rarities of the buckets of a comment, those of words and those of runs of letters each scaled to a length near 1.
    fn hashed(&self, hashes: &[u32], bits: u32) -> Row {
        let mut buckets: Vec<(usize, usize)> = hashes.iter().map(|hash| (bucket(*hash, bits), kind(*hash))).collect();
        buckets.sort_unstable();
        let rare = |bucket: usize| rarity(self.rarities[bucket]);
        let mut lengths = [0.0_f32; 2];
        for (bucket, kind) in &buckets {
            lengths[*kind] += rare(*bucket) * rare(*bucket);
        }
        let lengths = lengths.map(|length| length.sqrt().max(1e-6));
        let value =
            |same: &[(usize, usize)]| -> f32 { same.iter().map(|(bucket, kind)| rare(*bucket) / lengths[*kind]).sum() };
        buckets.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].0 as u32, value(same))).collect()
    }
}

/// One head to fit.
struct Problem {
    name: String,
    columns: usize,
    /// For each example the target of each column, where it has one.
    targets: Vec<Option<Vec<f32>>>,
}

/// The kinds of features, each with a head of its own: side by side in one head the encoder, which has seen most of these texts, would
/// silence the rest.
const BLOCKS: usize = 3;

/// Rows of each kind of feature, and how many features there are of it.
struct Blocks {
    rows: [Vec<Row>; BLOCKS],
    features: [usize; BLOCKS],
}

/// Heads for one thing, one a kind of feature, with what each counts.
struct Stack {
    heads: Vec<Fitted>,
    counts: Vec<f64>,
    shifts: Vec<f64>,
}

/// A head under one setting of the penalty: how it did on rows not fitted on, and their scores.
struct Trial {
    looseness: f64,
    loss: f64,
    scores: Vec<Vec<f64>>,
}

impl Problem {
    fn polarity(examples: &[Example]) -> Self {
        let target = |polarity: Polarity| (0..3).map(|class| f32::from(class == polarity as u8)).collect();
        let targets = examples.iter().map(|example| example.labels.polarity.map(target)).collect();
        Self { name: POLARITY.to_owned(), columns: 3, targets }
    }

    fn code(name: &str, at: usize, examples: &[Example]) -> Self {
        let target = |applies: bool| vec![f32::from(applies)];
        let label = |example: &Example| example.labels.codes.get(at).copied().flatten();
        Self {
            name: name.to_owned(),
            columns: 1,
            targets: examples.iter().map(|example| label(example).map(target)).collect(),
        }
    }

    fn class(&self, target: &[f32]) -> usize {
        if self.columns == 1 { usize::from(target[0] > 0.5) } else { best(target) }
    }

    /// Refuses what cannot be fitted or measured.
    fn check(&self, examples: &[Example]) -> Result<(), TrainError> {
        let names: &[&str] = if self.columns == 1 { &["0", "1"] } else { &["negative", "neutral", "positive"] };
        for (class, name) in names.iter().enumerate() {
            let mine =
                self.targets.iter().zip(examples).filter_map(|(target, example)| Some((target.as_ref()?, example)));
            let mine: Vec<&Example> =
                mine.filter(|(target, _)| self.class(target) == class).map(|(_, example)| example).collect();
            let fitted: Vec<&&Example> = mine.iter().filter(|example| !example.labels.held_out).collect();
            let one_part = mine.len() == fitted.len() && fitted.iter().all(|example| example.fold == fitted[0].fold);
            if fitted.len() < FEWEST || one_part {
                let class = (*name).to_owned();
                return Err(TrainError::FewOfClass { column: self.name.clone(), class, rows: fitted.len() });
            }
        }
        Ok(())
    }

    fn solve(&self, blocks: &Blocks, examples: &[Example], held_out: bool, folds: usize) -> (Output, Stack) {
        let mine: Vec<usize> = (0..examples.len()).filter(|at| self.targets[*at].is_some()).collect();
        let target = |at: usize| self.targets[at].as_deref().unwrap_or(&[]);
        let fit = |block: usize, keep: &dyn Fn(usize) -> bool, looseness: f64| {
            let kept: Vec<usize> = mine.iter().copied().filter(|at| keep(*at)).collect();
            let rows: Vec<&Row> = kept.iter().map(|at| &blocks.rows[block][*at]).collect();
            let targets: Vec<&[f32]> = kept.iter().map(|at| target(*at)).collect();
            fit::fit(&rows, &targets, self.columns, blocks.features[block], looseness)
        };
        let parts: Vec<usize> = if held_out { vec![usize::MAX] } else { (0..folds).collect() };
        let is_out =
            |at: usize, part: usize| if held_out { examples[at].labels.held_out } else { examples[at].fold == part };
        // Rows not fitted on, part after part.
        let out: Vec<(usize, usize)> =
            parts.iter().flat_map(|part| mine.iter().filter(|at| is_out(**at, *part)).map(|at| (*part, *at))).collect();
        let targets: Vec<&[f32]> = out.iter().map(|(_, at)| target(*at)).collect();
        let trial = |block: usize, looseness: f64| {
            let heads: Vec<Fitted> =
                parts.par_iter().map(|part| fit(block, &|at| !is_out(at, *part), looseness)).collect();
            let head = |part: usize| &heads[if held_out { 0 } else { part }];
            let scores: Vec<Vec<f64>> =
                out.iter().map(|(part, at)| head(*part).scores(&blocks.rows[block][*at])).collect();
            let loss = scores.iter().zip(&targets).map(|(scores, target)| {
                let mut p = scores.clone();
                fit::probabilities(&mut p);
                fit::cross_entropy(&p, target)
            });
            Trial { looseness, loss: loss.sum(), scores }
        };
        let used: Vec<usize> = (0..BLOCKS).filter(|block| blocks.features[*block] > 0).collect();
        let trials: Vec<Trial> = used
            .par_iter()
            .map(|block| {
                let trials: Vec<Trial> = LOOSENESS.par_iter().map(|looseness| trial(*block, *looseness)).collect();
                trials.into_iter().min_by(|a, b| a.loss.total_cmp(&b.loss)).expect("there are settings to try")
            })
            .collect();
        let scores: Vec<Vec<Vec<f64>>> =
            (0..out.len()).map(|row| trials.iter().map(|trial| trial.scores[row].clone()).collect()).collect();
        let (counts, shifts) = fit::mix(&scores, &targets, used.len(), self.columns);
        let mixed = scores.iter().map(|row| {
            let mut p = shifts.clone();
            for (count, head) in counts.iter().zip(row) {
                p.iter_mut().zip(head).for_each(|(p, score)| *p += count * score);
            }
            fit::probabilities(&mut p);
            p
        });
        let output = self.measure(&mixed.collect::<Vec<_>>(), &targets);
        let heads = used
            .par_iter()
            .zip(&trials)
            .map(|(block, trial)| fit(*block, &|at| !examples[at].labels.held_out, trial.looseness));
        (output, Stack { heads: heads.collect(), counts, shifts })
    }

    fn measure(&self, probabilities: &[Vec<f64>], targets: &[&[f32]]) -> Output {
        let mut output =
            Output { name: self.name.clone(), columns: self.columns, threshold: 0.5, figures: Figures::default() };
        let mut figures = Figures { rows: targets.len(), ..Figures::default() };
        if self.columns == 1 {
            let gold: Vec<bool> = targets.iter().map(|target| target[0] > 0.5).collect();
            let pairs = |threshold: f64| -> Vec<(bool, bool)> {
                gold.iter().zip(probabilities).map(|(gold, p)| (*gold, p[0] >= threshold)).collect()
            };
            let thresholds = THRESHOLDS.map(|percent| f64::from(percent) / 100.0);
            let tried: Vec<(f64, f64)> = thresholds.map(|threshold| (threshold, f1(&pairs(threshold)))).collect();
            output.threshold = smoothest(&tried);
            let pairs = pairs(output.threshold);
            let hits = pairs.iter().filter(|(gold, said)| *gold && *said).count() as f64;
            figures.positives = gold.iter().filter(|gold| **gold).count();
            figures.precision = hits / pairs.iter().filter(|(_, said)| *said).count().max(1) as f64;
            figures.recall = hits / figures.positives.max(1) as f64;
            figures.f1 = f1(&pairs);
            figures.f1_95 = interval(&pairs, f1);
            let answers: Vec<(f64, bool)> = gold.iter().zip(probabilities).map(|(gold, p)| (p[0], *gold)).collect();
            figures.calibration_error = calibration_error(&answers);
        } else {
            let pairs: Vec<(usize, usize)> =
                targets.iter().zip(probabilities).map(|(target, p)| (best(target), best(p))).collect();
            figures.f1 = macro_f1(&pairs, self.columns);
            figures.f1_95 = interval(&pairs, |pairs| macro_f1(pairs, 3));
            let sure = |p: &Vec<f64>| p.iter().copied().fold(0.0, f64::max);
            let answers: Vec<(f64, bool)> =
                probabilities.iter().zip(&pairs).map(|(p, (gold, said))| (sure(p), gold == said)).collect();
            figures.calibration_error = calibration_error(&answers);
        }
        output.figures = figures;
        output
    }
}

/// The threshold of best F1, F1 averaged over neighbours: the best single one is luck.
fn smoothest(tried: &[(f64, f64)]) -> f64 {
    let around = |at: usize| {
        let near = &tried[at.saturating_sub(4)..(at + 5).min(tried.len())];
        near.iter().map(|(_, f1)| f1).sum::<f64>() / near.len() as f64
    };
    let best = (0..tried.len()).max_by(|a, b| around(*a).total_cmp(&around(*b)));
    best.map_or(0.5, |at| tried[at].0)
}

fn best<T: PartialOrd>(values: &[T]) -> usize {
    (1..values.len()).fold(0, |best, at| if values[at] > values[best] { at } else { best })
}

/// Puts heads side by side, each weight times what its head counts, the hashed ones in bytes.
fn assemble(mut facts: Facts, solved: Vec<(Output, Stack)>, scaling: &Scaling) -> Model {
    let columns: usize = solved.iter().map(|(output, _)| output.columns).sum();
    let width = scaling.mean.len();
    // Of each kind of features in turn: a row a feature, all outputs' columns in it.
    let kinds = if width > 0 { BLOCKS } else { BLOCKS - 1 };
    let mut blocks = (0..kinds).map(|kind| {
        let features = solved[0].1.heads[kind].weights.len() / solved[0].0.columns;
        let row = |feature: usize| {
            solved.iter().flat_map(move |(output, stack)| {
                let from = feature * output.columns;
                let weights = &stack.heads[kind].weights[from..from + output.columns];
                weights.iter().map(move |weight| (weight * stack.counts[kind]) as f32)
            })
        };
        (0..features).flat_map(row).collect::<Vec<f32>>()
    });
    let counted = blocks.next().unwrap_or_default();
    let vector = if width > 0 { blocks.next().unwrap_or_default() } else { Vec::new() };
    let hashed = blocks.next().unwrap_or_default();
    drop(blocks);
    let bias = solved.iter().flat_map(|(output, stack)| {
        (0..output.columns).map(|column| {
            let heads = stack.heads.iter().zip(&stack.counts).map(|(head, count)| head.bias[column] * count);
            (heads.sum::<f64>() + stack.shifts[column]) as f32
        })
    });
    let bias = bias.collect();
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
    let weights = Weights { columns, bias, counted, vector, mean, stretch, hashed: bytes };
    facts.scales = scales;
    facts.outputs = solved.into_iter().map(|(output, _)| output).collect();
    Model { facts, weights }
}
