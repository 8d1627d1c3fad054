use statrs::function::erf::erfc;

/// Stands for a count of 0 in a ratio (Hardie 2014).
const LEAST: f64 = 0.5;

/// Log-likelihood G2 of a word found `a` times among `c` words of one corpus and `b` times among `d` of another (Rayson & Garside 2000, after Dunning 1993):
/// 2 (a ln(a/E₁) + b ln(b/E₂)), E₁ = c (a + b) / (c + d), E₂ = d (a + b) / (c + d). 0 if it is as frequent in both, or where a corpus is empty.
///
/// ```
/// use causerie::study::talk::log_likelihood;
///
/// let g2 = log_likelihood(10, 1, 1000, 1000);
/// assert!((g2 - 8.5472).abs() < 1e-4);
/// ```
pub fn log_likelihood(a: u64, b: u64, c: u64, d: u64) -> f64 {
    let (a, b, c, d) = (a as f64, b as f64, c as f64, d as f64);
    if c <= 0.0 || d <= 0.0 {
        return 0.0;
    }
    let expected = |words: f64| words * (a + b) / (c + d);
    (2.0 * (times_log(a, expected(c)) + times_log(b, expected(d)))).max(0.0)
}

/// Whether `a` among `c` is a larger share than `b` among `d`.
pub(super) fn is_more(a: u64, b: u64, c: u64, d: u64) -> bool {
    u128::from(a) * u128::from(d) > u128::from(b) * u128::from(c)
}

fn times_log(observed: f64, expected: f64) -> f64 {
    if observed > 0.0 { observed * (observed / expected).ln() } else { 0.0 }
}

/// Binary logarithm of how many times as frequent a word is in the first corpus as in the second (Hardie 2014); a count of 0 is taken for 0.5. Arguments
/// as of [`log_likelihood`].
pub fn log_ratio(a: u64, b: u64, c: u64, d: u64) -> f64 {
    let rate = |count: u64, words: u64| (count as f64).max(LEAST) / words as f64;
    (rate(a, c) / rate(b, d)).log2()
}

/// logDice (Rychlý 2008): 14 + log₂(2 f(x,y) / (f(x) + f(y))). 14 where two words never stand without each other, one less for each halving.
pub fn log_dice(both: u64, first: u64, second: u64) -> f64 {
    14.0 + (2.0 * both as f64 / (first + second) as f64).log2()
}

/// Probability that a chi-squared of one degree of freedom is as large.
pub(super) fn chance_of(g2: f64) -> f64 {
    erfc((g2 / 2.0).sqrt())
}

/// Benjamini & Hochberg's (1995) adjusted p-values, in the order given: what share of the tests that are at least as clear would be false finds.
pub(super) fn false_discovery(chances: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_unstable_by(|one, other| chances[*other].total_cmp(&chances[*one]));
    let (mut adjusted, mut least) = (vec![1.0; chances.len()], 1.0_f64);
    for (at, rank) in order.into_iter().zip((1..=chances.len()).rev()) {
        least = least.min(chances[at] * chances.len() as f64 / rank as f64);
        adjusted[at] = least;
    }
    adjusted
}
