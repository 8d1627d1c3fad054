//! Linear heads: logistic regression with an L2 penalty, fitted by L-BFGS (Liu & Nocedal 1989). No randomness: the
//! same rows give the same weights.

/// A row of features: index and value, in any order.
pub(super) type Row = Vec<(u32, f32)>;

/// Corrections L-BFGS remembers.
const MEMORY: usize = 8;
/// Most steps; text problems of this size stand still long before.
const STEPS: usize = 80;
/// A step that lowers the loss by a smaller share is the last.
const STILL: f64 = 1e-5;

/// Pull of mixing weights to nothing.
const PULL: f64 = 0.5;

/// Weights of a head: `outputs` numbers a feature, and a bias each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fitted {
    pub(super) outputs: usize,
    pub(super) bias: Vec<f64>,
    pub(super) weights: Vec<f64>,
}

impl Fitted {
    /// The scores (logits) of a row.
    pub(super) fn scores(&self, row: &Row) -> Vec<f64> {
        let mut scores = self.bias.clone();
        for (at, value) in row {
            let from = *at as usize * self.outputs;
            let weights = &self.weights[from..from + self.outputs];
            scores.iter_mut().zip(weights).for_each(|(score, weight)| *score += weight * f64::from(*value));
        }
        scores
    }
}

/// Turns scores into probabilities: softmax over several, logistic for one.
pub(super) fn probabilities(scores: &mut [f64]) {
    if let [score] = scores {
        *score = 1.0 / (1.0 + (-*score).exp());
        return;
    }
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for score in scores.iter_mut() {
        *score = (*score - most).exp();
    }
    let sum: f64 = scores.iter().sum();
    for score in scores {
        *score /= sum;
    }
}

/// Mean cross-entropy of probabilities against targets that sum to one (or, for one output, lie between 0 and 1).
pub(super) fn cross_entropy(probabilities: &[f64], target: &[f32]) -> f64 {
    let log = |p: f64| p.max(1e-12).ln();
    match (probabilities, target) {
        ([p], [t]) => -(f64::from(*t) * log(*p) + (1.0 - f64::from(*t)) * log(1.0 - p)),
        _ => -probabilities.iter().zip(target).map(|(p, t)| f64::from(*t) * log(*p)).sum::<f64>(),
    }
}

/// Fits a head: `targets` has `outputs` numbers a row; `looseness` is how much the rows count against the penalty
/// (scikit-learn's C).
pub(super) fn fit(rows: &[&Row], targets: &[&[f32]], outputs: usize, features: usize, looseness: f64) -> Fitted {
    let size = features * outputs;
    let split = |point: &[f64]| Fitted { outputs, bias: point[size..].to_vec(), weights: point[..size].to_vec() };
    let value = |point: &[f64], gradient: &mut [f64]| -> f64 {
        gradient.fill(0.0);
        let (mut loss, mut scores) = (0.0, vec![0.0; outputs]);
        for (row, target) in rows.iter().zip(targets) {
            scores.copy_from_slice(&point[size..]);
            for (at, value) in *row {
                let from = *at as usize * outputs;
                let weights = &point[from..from + outputs];
                scores.iter_mut().zip(weights).for_each(|(score, weight)| *score += weight * f64::from(*value));
            }
            probabilities(&mut scores);
            loss += cross_entropy(&scores, target);
            scores.iter_mut().zip(*target).for_each(|(p, t)| *p = (*p - f64::from(*t)) * looseness);
            for (at, value) in *row {
                let from = *at as usize * outputs;
                let slopes = &mut gradient[from..from + outputs];
                slopes.iter_mut().zip(&scores).for_each(|(slope, miss)| *slope += miss * f64::from(*value));
            }
            gradient[size..].iter_mut().zip(&scores).for_each(|(slope, miss)| *slope += miss);
        }
        let penalty: f64 = point[..size].iter().map(|weight| weight * weight).sum();
        gradient[..size].iter_mut().zip(point).for_each(|(slope, weight)| *slope += weight);
        loss * looseness + penalty / 2.0
    };
    split(&minimise(value, size + outputs))
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The point where a smooth convex function is least, from 0.
fn minimise(value: impl Fn(&[f64], &mut [f64]) -> f64, size: usize) -> Vec<f64> {
    let mut point = vec![0.0; size];
    let mut gradient = vec![0.0; size];
    let mut loss = value(&point, &mut gradient);
    let mut memory: Vec<(Vec<f64>, Vec<f64>, f64)> = Vec::new();
    for _ in 0..STEPS {
        let mut direction: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
        let mut shares = Vec::with_capacity(memory.len());
        for (moved, turned, scale) in memory.iter().rev() {
            let share = dot(moved, &direction) * scale;
            direction.iter_mut().zip(turned).for_each(|(d, y)| *d -= share * y);
            shares.push(share);
        }
        // As long as the last curvature suggests; the first step as long as one.
        let length = match memory.last() {
            Some((_, turned, scale)) => scale * dot(turned, turned),
            None => dot(&gradient, &gradient).sqrt().max(1e-12),
        };
        for d in &mut direction {
            *d /= length;
        }
        for ((moved, turned, scale), share) in memory.iter().zip(shares.iter().rev()) {
            let back = share - dot(turned, &direction) * scale;
            direction.iter_mut().zip(moved).for_each(|(d, s)| *d += back * s);
        }
        let slope = dot(&gradient, &direction);
        if slope >= 0.0 {
            break;
        }
        let (mut step, mut tried, mut turned) = (1.0, vec![0.0; size], vec![0.0; size]);
        let mut lower = f64::INFINITY;
        // Halve until the loss falls as the slope promises (Armijo 1966).
        for _ in 0..30 {
            tried.iter_mut().zip(point.iter().zip(&direction)).for_each(|(to, (from, d))| *to = from + step * d);
            lower = value(&tried, &mut turned);
            if lower <= loss + 1e-4 * step * slope {
                break;
            }
            step /= 2.0;
        }
        if lower >= loss {
            break;
        }
        let moved: Vec<f64> = tried.iter().zip(&point).map(|(to, from)| to - from).collect();
        let bent: Vec<f64> = turned.iter().zip(&gradient).map(|(to, from)| to - from).collect();
        let curve = dot(&moved, &bent);
        if curve > 1e-12 {
            if memory.len() == MEMORY {
                memory.remove(0);
            }
            memory.push((moved, bent, 1.0 / curve));
        }
        let fell = (loss - lower) / loss.abs().max(1e-12);
        (point, gradient, loss) = (tried, turned, lower);
        if fell < STILL {
            break;
        }
    }
    point
}

/// How much each of several heads for the same thing counts, and a shift for each column, so that the sums of their scores
/// make honest probabilities: stacking (Wolpert 1992) that is also the calibration. `scores` has for each row one list of columns a head;
/// they and `targets` are of rows no head was fitted on.
pub(super) fn mix(scores: &[Vec<Vec<f64>>], targets: &[&[f32]], heads: usize, columns: usize) -> (Vec<f64>, Vec<f64>) {
    let value = |point: &[f64], gradient: &mut [f64]| -> f64 {
        let (counts, shifts) = point.split_at(heads);
        gradient.fill(0.0);
        let mut loss = 0.0;
        for (row, target) in scores.iter().zip(targets) {
            let mut p = shifts.to_vec();
            for (count, head) in counts.iter().zip(row) {
                p.iter_mut().zip(head).for_each(|(p, score)| *p += count * score);
            }
            probabilities(&mut p);
            loss += cross_entropy(&p, target);
            for (column, (p, t)) in p.iter().zip(*target).enumerate() {
                let miss = p - f64::from(*t);
                gradient[heads + column] += miss;
                gradient.iter_mut().zip(row).for_each(|(slope, head)| *slope += miss * head[column]);
            }
        }
        // A little pull to nothing keeps few or separable rows from infinite confidence.
        gradient.iter_mut().zip(point).for_each(|(slope, at)| *slope += at * PULL);
        loss + point.iter().map(|at| at * at).sum::<f64>() * PULL / 2.0
    };
    let mut point = minimise(value, heads + columns);
    let shifts = point.split_off(heads);
    (point, shifts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_learns_what_separates_and_shrinks_what_does_not() {
        let rows: Vec<Row> =
            (0..40_u32).map(|i| vec![(0, if i.is_multiple_of(2) { 1.0 } else { -1.0 }), (1, 1.0)]).collect();
        let targets: Vec<[f32; 1]> = (0..40_u32).map(|i| [if i.is_multiple_of(2) { 1.0 } else { 0.0 }]).collect();
        let (rows, targets): (Vec<&Row>, Vec<&[f32]>) =
            (rows.iter().collect(), targets.iter().map(|t| &t[..]).collect());
        let fitted = fit(&rows, &targets, 1, 2, 1.0);
        assert!(fitted.weights[0] > 1.0 && fitted.weights[1].abs() < 0.01, "{fitted:?}");
        // At the minimum the penalty's slope, w, equals the loss's: C × rows × (1 - p).
        let p = 1.0 / (1.0 + (-fitted.weights[0]).exp());
        assert!((fitted.weights[0] - 40.0 * (1.0 - p)).abs() < 0.05, "{fitted:?}");
    }

    #[test]
    fn three_classes_sum_to_one_and_the_right_one_wins() {
        let rows: Vec<Row> = (0..30).map(|i| vec![(i % 3, 1.0)]).collect();
        let one_hot = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0_f32]];
        let targets: Vec<&[f32]> = (0..30).map(|i| &one_hot[i % 3][..]).collect();
        let fitted = fit(&rows.iter().collect::<Vec<_>>(), &targets, 3, 3, 10.0);
        for class in 0..3 {
            let mut p = fitted.scores(&vec![(class, 1.0)]);
            probabilities(&mut p);
            assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-9 && p[class as usize] > 0.9, "{p:?}");
        }
    }

    #[test]
    fn mixing_trusts_the_head_that_is_right_and_tames_what_is_too_sure() {
        // Scores of ±4 (98 %) that are right in 8 of 10, beside a head that guesses.
        let sure = |yes: bool| vec![if yes { 4.0 } else { -4.0 }];
        let row = |i: u32| vec![sure(i.is_multiple_of(2)), sure(i.is_multiple_of(3))];
        let scores: Vec<Vec<Vec<f64>>> = (0..600).map(row).collect();
        let targets: Vec<[f32; 1]> = (0..600_u32).map(|i| [f32::from(i.is_multiple_of(2) != (i % 10 < 2))]).collect();
        let (counts, shifts) = mix(&scores, &targets.iter().map(|t| &t[..]).collect::<Vec<_>>(), 2, 1);
        assert!(counts[1].abs() < 0.05 && counts[0] > 0.2, "{counts:?}");
        let p = 1.0 / (1.0 + (-(4.0 * counts[0] + shifts[0])).exp());
        assert!((p - 0.8).abs() < 0.03, "{p} {counts:?} {shifts:?}");
    }
}
