//! What a training prints.

use std::fmt::Write as _;

use crate::coding::{CurvePoint, HandCoded, Labels, Model, Output};

/// Points of F1 that a doubling of the codes has to bring to pay: fewer are lost in chance.
const PAYS: f64 = 1.0;

/// What parts of the codes reached, and whether more would pay.
pub(super) fn learning_curve(model: &Model, curve: &[CurvePoint]) -> String {
    let outputs = &model.facts.outputs;
    let mean = |f1: &[f64]| f1.iter().sum::<f64>() / f1.len().max(1) as f64;
    let whole = CurvePoint { rows: model.facts.rows, f1: outputs.iter().map(|output| output.figures.f1).collect() };
    let mut out = String::new();
    let Some(half) = curve.iter().min_by_key(|point| (2 * point.rows).abs_diff(whole.rows)) else { return out };
    let _ = write!(out, "\nF1 by rows{:>10}", "all");
    for output in outputs {
        let _ = write!(out, " {:>18}", output.name);
    }
    for point in curve.iter().chain([&whole]) {
        let _ = write!(out, "\n{:>10}{:>10.3}", point.rows, mean(&point.f1));
        for f1 in &point.f1 {
            let _ = write!(out, " {f1:>18.3}");
        }
    }
    let gain = 100.0 * (mean(&whole.f1) - mean(&half.f1));
    let chance: Vec<f64> =
        outputs.iter().filter_map(|output| output.figures.f1_95.map(|[low, high]| (high - low) / 2.0)).collect();
    let chance = if chance.is_empty() {
        String::new()
    } else {
        let points = 100.0 * mean(&chance);
        format!(" (each figure is ± {points:.0} points by the comments it is measured on, the same for all)")
    };
    let verdict =
        if gain < PAYS { "coding more comments will hardly pay" } else { "coding more comments would probably pay" };
    let _ = writeln!(out, "\nthe last doubling of the codes brought {gain:+.1} points of F1: {verdict}{chance}");
    out
}

/// How often several people said the same of the sentiment; nothing where nobody coded what another did.
pub(super) fn agreement(coded: &[HandCoded]) -> Option<String> {
    let labels = coded.iter().flat_map(|coded| &coded.labels);
    let shared: Vec<&Labels> = labels.filter(|labels| labels.polarities.len() > 1).collect();
    let alike =
        shared.iter().filter(|labels| labels.polarities.iter().all(|said| *said == labels.polarities[0])).count();
    (!shared.is_empty()).then(|| {
        format!(
            "the sentiment of {} comments was coded by several people, of {alike} alike ({:.0} %); where no opinion prevails, a comment is learnt from and not measured on",
            shared.len(),
            100.0 * alike as f64 / shared.len() as f64
        )
    })
}

/// The figures of a model, a line an output.
pub(super) fn figures(model: &Model) -> String {
    let facts = &model.facts;
    let mut out = format!(
        "{} rows fitted, {}; languages {}\n{:<22} {:>6} {:>9}  {:<18} {:>9} {:>7} {:>9} {:>6}\n",
        facts.rows,
        facts.measured,
        facts.languages.join(" "),
        "",
        "rows",
        "positive",
        "F1 (95 %)",
        "precision",
        "recall",
        "threshold",
        "ECE"
    );
    for output in &facts.outputs {
        let of = &output.figures;
        let interval = of.f1_95.map(|[low, high]| format!(" ({low:.3}-{high:.3})")).unwrap_or_default();
        let f1 = format!("{:.3}{interval}", of.f1);
        let name = if output.columns == 1 { output.name.clone() } else { format!("{} (macro)", output.name) };
        let some = |value: f64| if output.columns == 1 { format!("{value:.3}") } else { String::new() };
        let positives = if output.columns == 1 { of.positives.to_string() } else { String::new() };
        let _ = writeln!(
            out,
            "{name:<22} {:>6} {positives:>9}  {f1:<18} {:>9} {:>7} {:>9} {:>6.3}",
            of.rows,
            some(of.precision),
            some(of.recall),
            if output.columns == 1 { format!("{:.2}", output.threshold) } else { String::new() },
            of.calibration_error,
        );
    }
    for line in facts.outputs.iter().filter_map(in_vain) {
        let _ = writeln!(out, "{line}");
    }
    out
}

/// Says of a code that nothing was learnt of it.
fn in_vain(output: &Output) -> Option<String> {
    // Of a code given to all, precision is its share and recall 1.
    let (positives, rows) = (output.figures.positives as f64, output.figures.rows as f64);
    let given_to_all = 2.0 * positives / (rows + positives);
    (output.columns == 1 && output.figures.f1 <= given_to_all).then(|| {
        format!(
            "{}: no better than giving the code to every comment (F1 {given_to_all:.3}); do not use it",
            output.name
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::Figures;

    #[test]
    fn a_code_of_which_nothing_was_learnt_is_told() {
        let of = |columns: usize, f1: f64| {
            let figures = Figures { rows: 60, positives: 20, f1, ..Figures::default() };
            in_vain(&Output { name: "hope".into(), columns, threshold: 0.5, figures })
        };
        assert_eq!((of(1, 0.51), of(3, 0.2)), (None, None));
        for f1 in [0.0, 0.5] {
            assert!(of(1, f1).unwrap().starts_with("hope: no better than giving the code to every comment (F1 0.500)"));
        }
    }
}
