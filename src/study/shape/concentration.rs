/// Gini coefficient of how much each of several has (Gini 1912): 0 if all have the same, towards 1 if one has nearly all.
///
/// With the amounts x in order, G = Σ (2i − n − 1) xᵢ / (n Σ xᵢ), i from 1 to n: half of the mean difference between two of them over the
/// mean. With n of them it is (n − 1) / n at most: times n / (n − 1) it can be compared between small groups (Deltas 2003). `None` for fewer than two, or where nobody has anything.
///
/// ```
/// use causerie::study::shape::gini;
///
/// assert_eq!(gini(&[1, 2, 3, 4]), Some(0.25));
/// assert_eq!(gini(&[0, 0, 0, 12]), Some(0.75));
/// assert_eq!(gini(&[5]), None);
/// ```
pub fn gini(amounts: &[u64]) -> Option<f64> {
    let mut amounts = amounts.to_vec();
    amounts.sort_unstable();
    let n = amounts.len() as f64;
    let sum: f64 = amounts.iter().map(|&amount| amount as f64).sum();
    let weighted: f64 = amounts.iter().zip(1..).map(|(&x, i)| (2.0 * f64::from(i) - n - 1.0) * x as f64).sum();
    (amounts.len() > 1 && sum > 0.0).then(|| weighted / (n * sum))
}
