use super::Interval;
use super::interval::Confidence;

/// A unit with both a hand code and a machine code, as numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Labelled {
    /// What people said.
    pub human: f64,
    /// What the machine said.
    pub machine: f64,
    /// How many units it stands for, on any scale.
    pub weight: f64,
}

/// Units with the same machine code only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Predicted {
    /// What the machine said.
    pub machine: f64,
    /// How many units each stands for, on any scale.
    pub weight: f64,
    /// How many they are.
    pub count: u64,
}

/// A prediction-powered mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Powered {
    /// The mean and its normal confidence interval; not cut to what values can be.
    pub interval: Interval,
    /// Standard error.
    pub error: f64,
    /// λ: how much the machine is relied on, from 0 (not at all) to 1.
    pub tuning: f64,
}

/// The mean of a superpopulation by prediction-powered inference with power tuning (PPI++: Angelopoulos, Duchi, Zrnic 2023,
/// arXiv 2311.01453, example 6.1): `λ·mean(f, unlabelled) + mean(y − λ·f, labelled)`, with weights scaled to a mean of 1.
///
/// `None` with fewer than two labelled units, weights that do not add up to something positive, or a level not between 0 and 1.
/// The interval is normal: it is too short where a sample holds few cases.
pub fn powered_mean(labelled: &[Labelled], unlabelled: &[Predicted], level: f64) -> Option<Powered> {
    let confidence = Confidence::new(level)?;
    if labelled.len() < 2 {
        return None;
    }
    let data = Data::new(labelled, unlabelled);
    let tuning = data.tuning();
    let (point, variance) = data.mean(tuning);
    let error = variance.sqrt();
    let reach = confidence.z * error;
    let interval = Interval { point, low: point - reach, high: point + reach };
    (point.is_finite() && error.is_finite()).then_some(Powered { interval, error, tuning })
}

/// Both parts, with weights of mean 1.
struct Data {
    labelled: Vec<Labelled>,
    unlabelled: Vec<Predicted>,
    /// How many are labelled.
    n: f64,
    /// How many are not.
    others: f64,
}

impl Data {
    fn new(labelled: &[Labelled], unlabelled: &[Predicted]) -> Self {
        let n = labelled.len() as f64;
        let others = unlabelled.iter().map(|group| group.count as f64).sum::<f64>();
        let scale = n / labelled.iter().map(|unit| unit.weight).sum::<f64>();
        let others_scale = others / unlabelled.iter().map(|group| group.weight * group.count as f64).sum::<f64>();
        Self {
            labelled: labelled.iter().map(|unit| Labelled { weight: unit.weight * scale, ..*unit }).collect(),
            unlabelled: unlabelled
                .iter()
                .filter(|group| group.count > 0)
                .map(|group| Predicted { weight: group.weight * others_scale, ..*group })
                .collect(),
            n,
            others,
        }
    }

    /// The estimate and its variance.
    fn mean(&self, tuning: f64) -> (f64, f64) {
        let rectifier = |unit: &Labelled| (unit.weight * (unit.human - tuning * unit.machine), 1.0);
        let (rectifier, rectifier_variance) = moments(self.labelled.iter().map(rectifier));
        if self.others == 0.0 {
            return (rectifier, rectifier_variance / self.n);
        }
        let imputed = |group: &Predicted| (group.weight * tuning * group.machine, group.count as f64);
        let (imputed, imputed_variance) = moments(self.unlabelled.iter().map(imputed));
        (imputed + rectifier, imputed_variance / self.others + rectifier_variance / self.n)
    }

    /// The λ with the least variance, by the gradients at the untuned estimate.
    fn tuning(&self) -> f64 {
        if self.others == 0.0 {
            return 0.0;
        }
        let (centre, _) = self.mean(1.0);
        let labelled = self.labelled.iter().map(|unit| (unit.weight * (unit.machine - centre), 1.0));
        let unlabelled =
            self.unlabelled.iter().map(|group| (group.weight * (group.machine - centre), group.count as f64));
        let all = self.n + self.others;
        let variance = moments(labelled.clone().chain(unlabelled)).1 * all / (all - 1.0);
        let human = self.labelled.iter().map(|unit| unit.weight * (unit.human - centre));
        let (human_mean, _) = moments(human.clone().map(|value| (value, 1.0)));
        let (machine_mean, _) = moments(labelled.clone());
        let products = human.zip(labelled).map(|(human, (machine, _))| (human - human_mean) * (machine - machine_mean));
        let covariance = products.sum::<f64>() / self.n;
        if variance > 0.0 { (covariance / ((1.0 + self.n / self.others) * variance)).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// Mean and variance of values, each as often as its count.
fn moments(values: impl Iterator<Item = (f64, f64)> + Clone) -> (f64, f64) {
    let all: f64 = values.clone().map(|(_, count)| count).sum();
    let mean = values.clone().map(|(value, count)| value * count).sum::<f64>() / all;
    (mean, values.map(|(value, count)| (value - mean).powi(2) * count).sum::<f64>() / all)
}
