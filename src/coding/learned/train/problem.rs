use rayon::prelude::*;

use super::scaling::{BLOCKS, Blocks, WORDS};
use super::{Example, TrainError};
use crate::coding::learned::fit::{self, Fitted, Row};
use crate::coding::learned::model::{Figures, Output};
use crate::coding::learned::score::{Random, calibration_error, f1, interval, macro_f1};
use crate::model::{POLARITY, Polarity};

/// Fewer rows of a class than this can be neither fitted nor measured.
pub(super) const FEWEST: usize = 5;
/// How much rows may count against the penalty; the best by cross-entropy on rows not fitted on is taken.
const LOOSENESS: [f64; 4] = [0.03, 0.1, 0.3, 1.0];
/// The same for words and runs of letters, of which a comment has few.
const LOOSENESS_OF_WORDS: [f64; 4] = [0.3, 1.0, 3.0, 10.0];
/// Thresholds tried for a code, in hundredths.
const THRESHOLDS: std::ops::RangeInclusive<u32> = 10..=70;
/// How much less of F1 is as good: less than its standard error, which with a thousand rows that carry a code (the built-in ones) is .012.
const AS_GOOD: f64 = 0.01;

/// One head to fit.
pub(super) struct Problem {
    name: String,
    columns: usize,
    /// For each example the target of each column, where it has one.
    targets: Vec<Option<Vec<f32>>>,
    /// Rows that are measured with and not fitted on: what a learning curve leaves out.
    spared: Vec<bool>,
}

/// Heads for one thing, one for each kind of features there is, with what it counts.
pub(super) struct Stack {
    pub(super) heads: [Option<(Fitted, f64)>; BLOCKS],
    shifts: Vec<f64>,
}

impl Stack {
    /// The bias of a column, over all heads.
    pub(super) fn bias(&self, column: usize) -> f32 {
        let heads = self.heads.iter().flatten().map(|(head, count)| head.bias[column] * count);
        (heads.sum::<f64>() + self.shifts[column]) as f32
    }
}

/// A head under one setting of the penalty: how it did on rows not fitted on, and their scores.
struct Trial {
    looseness: f64,
    loss: f64,
    scores: Vec<Vec<f64>>,
}

impl Problem {
    pub(super) fn polarity(examples: &[Example]) -> Self {
        let target = |said: &Vec<Polarity>| {
            let share = |class| said.iter().filter(|polarity| **polarity as usize == class).count() as f32;
            (!said.is_empty()).then(|| (0..3).map(|class| share(class) / said.len() as f32).collect())
        };
        let targets = examples.iter().map(|example| target(&example.labels.polarities)).collect();
        Self { name: POLARITY.to_owned(), columns: 3, targets, spared: vec![false; examples.len()] }
    }

    pub(super) fn code(name: &str, at: usize, examples: &[Example]) -> Self {
        let target = |applies: bool| vec![f32::from(applies)];
        let label = |example: &Example| example.labels.codes.get(at).copied().flatten();
        Self {
            name: name.to_owned(),
            columns: 1,
            targets: examples.iter().map(|example| label(example).map(target)).collect(),
            spared: vec![false; examples.len()],
        }
    }

    /// Fits on a share of the rows from now on, drawn anew for each seed; a larger share holds a smaller one.
    pub(super) fn fit_on(&mut self, share: f64, seed: u64) {
        let mut rows: Vec<usize> = (0..self.targets.len()).filter(|at| self.targets[*at].is_some()).collect();
        Random(seed).shuffle(&mut rows);
        self.spared.fill(false);
        for at in &rows[(rows.len() as f64 * share).ceil() as usize..] {
            self.spared[*at] = true;
        }
    }

    /// The class a row is of; none where people differ and no class prevails.
    fn class(&self, target: &[f32]) -> Option<usize> {
        if self.columns == 1 {
            return Some(usize::from(target[0] > 0.5));
        }
        let best = best(target);
        let prevails = (0..target.len()).all(|class| class == best || target[class] < target[best]);
        prevails.then_some(best)
    }

    /// Refuses what cannot be fitted or measured.
    pub(super) fn check(&self, examples: &[Example]) -> Result<(), TrainError> {
        let names: &[&str] = if self.columns == 1 { &["0", "1"] } else { &["negative", "neutral", "positive"] };
        for (class, name) in names.iter().enumerate() {
            let mine =
                self.targets.iter().zip(examples).filter_map(|(target, example)| Some((target.as_ref()?, example)));
            let mine: Vec<&Example> =
                mine.filter(|(target, _)| self.class(target) == Some(class)).map(|(_, example)| example).collect();
            let fitted: Vec<&&Example> = mine.iter().filter(|example| !example.labels.held_out).collect();
            let (column, class, rows) = (self.name.clone(), (*name).to_owned(), fitted.len());
            if rows < FEWEST {
                return Err(TrainError::FewOfClass { column, class, rows });
            }
            if mine.len() == rows && fitted.iter().all(|example| example.fold == fitted[0].fold) {
                let one = fitted.iter().all(|example| example.thread == fitted[0].thread);
                return Err(TrainError::OnePart { column, class, rows, one });
            }
        }
        Ok(())
    }

    /// Fits a head for each kind of features, and mixes them on rows none was fitted on: those held out, or each part of the
    /// cross-validation in turn.
    pub(super) fn solve(&self, blocks: &Blocks, examples: &[Example], held_out: bool, folds: usize) -> (Output, Stack) {
        let mine: Vec<usize> = (0..examples.len()).filter(|at| self.targets[*at].is_some()).collect();
        let target = |at: usize| self.targets[at].as_deref().unwrap_or(&[]);
        let fit = |block: usize, keep: &dyn Fn(usize) -> bool, looseness: f64| {
            let kept: Vec<usize> = mine.iter().copied().filter(|at| keep(*at) && !self.spared[*at]).collect();
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
                let tried = if *block == WORDS { LOOSENESS_OF_WORDS } else { LOOSENESS };
                let trials: Vec<Trial> = tried.par_iter().map(|looseness| trial(*block, *looseness)).collect();
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
        let kept = |at: usize| !examples[at].labels.held_out;
        let fitted: Vec<Fitted> =
            used.par_iter().zip(&trials).map(|(block, trial)| fit(*block, &kept, trial.looseness)).collect();
        let mut heads = [const { None }; BLOCKS];
        for (block, head) in used.into_iter().zip(fitted.into_iter().zip(counts)) {
            heads[block] = Some(head);
        }
        (output, Stack { heads, shifts })
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
            output.threshold = threshold(&tried);
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
            let told = targets.iter().zip(probabilities).filter_map(|(target, p)| Some((self.class(target)?, p)));
            let (pairs, probabilities): (Vec<(usize, usize)>, Vec<&Vec<f64>>) =
                told.map(|(class, p)| ((class, best(p)), p)).unzip();
            figures.f1 = macro_f1(&pairs, self.columns);
            figures.f1_95 = interval(&pairs, |pairs| macro_f1(pairs, 3));
            figures.rows = pairs.len();
            let sure = |p: &Vec<f64>| p.iter().copied().fold(0.0, f64::max);
            let answers: Vec<(f64, bool)> =
                probabilities.iter().zip(&pairs).map(|(p, (gold, said))| (sure(p), gold == said)).collect();
            figures.calibration_error = calibration_error(&answers);
        }
        output.figures = figures;
        output
    }
}

/// A code's threshold. Where probabilities hold, half of the best F1 is the threshold of best F1 (Lipton, Elkan & Narayanaswamy 2014,
/// *Optimal Thresholding of Classifiers to Maximize F1 Measure*). So of the thresholds whose F1, averaged over neighbours, is as good as the
/// best one's, the highest that is not above half of it: which one of a flat top is the best is luck, and a low one marks far too much where
/// a code is rarer than in what was learnt. Half of it, too, where all that are as good lie above: there probabilities do not hold, and a
/// high threshold misses much. 0.5 where no threshold finds anything.
fn threshold(tried: &[(f64, f64)]) -> f64 {
    let around = |at: usize| {
        let near = &tried[at.saturating_sub(4)..(at + 5).min(tried.len())];
        near.iter().map(|(_, f1)| f1).sum::<f64>() / near.len() as f64
    };
    let averaged: Vec<(f64, f64)> = (0..tried.len()).map(|at| (tried[at].0, around(at))).collect();
    let best = averaged.iter().map(|(_, f1)| *f1).fold(0.0, f64::max);
    let lowest = f64::from(*THRESHOLDS.start()) / 100.0;
    let half = ((50.0 * best + 1e-9).floor() / 100.0).max(lowest);
    let as_good = averaged.iter().filter(|(_, f1)| *f1 >= best - AS_GOOD).map(|(threshold, _)| *threshold);
    let not_above = as_good.filter(|threshold| *threshold <= half + 1e-9).reduce(f64::max);
    if best > 0.0 { not_above.unwrap_or(half) } else { 0.5 }
}

fn best<T: PartialOrd>(values: &[T]) -> usize {
    (1..values.len()).fold(0, |best, at| if values[at] > values[best] { at } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_of_best_f1_and_at_most_half_of_it() {
        let is = |f1: &dyn Fn(u32) -> f64, percent: u32| {
            let tried: Vec<(f64, f64)> = THRESHOLDS.map(|at| (f64::from(at) / 100.0, f1(at))).collect();
            let found = threshold(&tried);
            assert!((found - f64::from(percent) / 100.0).abs() < 1e-9, "{found}");
        };
        let peak = |top: u32| move |at: u32| f64::from(at.abs_diff(top)).mul_add(-0.02, 0.9);
        is(&peak(25), 27);
        is(&peak(60), 42);
        // One lucky threshold is none.
        is(&|at| if at == 60 { 0.95 } else { peak(25)(at) }, 27);
        // On a flat top half of the best; of two tops the one below half.
        is(&|at| if (20..80).contains(&at) { 0.7 } else { 0.3 }, 35);
        is(&|at| if (18..=30).contains(&at) || (55..=68).contains(&at) { 0.8 } else { 0.5 }, 26);
        // A code so rare that half of its F1 was never tried.
        is(&|at| if at == 10 { 0.33 } else { 0.0 }, 10);
        is(&|_| 0.008, 10);
        is(&|_| 0.0, 50);
    }
}
