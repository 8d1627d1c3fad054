use super::svg::extent;
use super::words::Words;

/// The language of numbers and words in a chart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// `1,234.5` and `12%`.
    #[default]
    English,
    /// `1 234,5` and `12 %`, with narrow no-break blanks.
    French,
}

/// A blank that neither breaks nor stretches: between thousands and before `%` in French.
const NARROW_BLANK: char = '\u{202f}';

impl Language {
    /// Its two-letter code, as HTML has it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    pub(super) fn words(self) -> &'static Words {
        Words::of(self)
    }

    /// A count with its thousands set apart.
    pub(in crate::report) fn count(self, n: u64) -> String {
        let digits = n.to_string();
        let mut out = String::with_capacity(digits.len() * 2);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(if self == Self::French { NARROW_BLANK } else { ',' });
            }
            out.push(digit);
        }
        out
    }

    /// A count that takes no more than `room`, in thousands or millions where it must.
    pub(in crate::report) fn count_in(self, n: u64, room: f64) -> String {
        let blank = if self == Self::French { "\u{202f}" } else { "" };
        let shorter = [(1e3, 'k'), (1e6, 'M'), (1e9, 'G'), (1e12, 'T')].map(|(unit, sign)| {
            let units = n as f64 / unit;
            let decimals = usize::from(units < 9.95 && (units * 10.0).round() % 10.0 > 0.0);
            format!("{}{blank}{sign}", self.decimal(units, decimals))
        });
        let mut forms = std::iter::once(self.count(n)).chain(shorter);
        forms.find(|form| extent(form) <= room).unwrap_or_else(|| "…".to_owned())
    }

    /// A number with so many decimals; `–` for one that is none.
    pub(in crate::report) fn decimal(self, value: f64, decimals: usize) -> String {
        let plain = match value {
            value if !value.is_finite() => return "–".to_owned(),
            value if value.abs() < 1e9 => format!("{value:.decimals$}"),
            value => format!("{value:.1e}"),
        };
        let plain = plain.replace('-', "\u{2212}");
        if self == Self::French { plain.replace('.', ",") } else { plain }
    }

    /// A share of 1 as a whole percentage; what is above nothing never reads as nothing.
    pub(in crate::report) fn percent(self, share: f64) -> String {
        format!("{}{}", self.bare_percent(share), self.percent_sign())
    }

    /// The same without its sign, for cells.
    pub(super) fn bare_percent(self, share: f64) -> String {
        if share > 0.0 && share < 0.005 { "<1".to_owned() } else { self.hundredfold(share, 0) }
    }

    /// A share of 1 as a percentage with one decimal.
    pub(in crate::report) fn exact_percent(self, share: f64) -> String {
        format!("{}{}", self.hundredfold(share, 1), self.percent_sign())
    }

    /// A share of a whole as a percentage with one decimal, without its sign; `–` for a share of nothing.
    pub(super) fn part(self, part: u64, whole: u64) -> String {
        if whole == 0 { "–".to_owned() } else { self.hundredfold(share(part, whole), 1) }
    }

    /// Two shares of 1 as one range: `12.0–23.4%`.
    pub(super) fn exact_percent_range(self, low: f64, high: f64) -> String {
        format!("{}–{}{}", self.hundredfold(low, 1), self.hundredfold(high, 1), self.percent_sign())
    }

    fn hundredfold(self, share: f64, decimals: usize) -> String {
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { share };
        self.decimal(share * 100.0, decimals)
    }

    pub(super) fn percent_sign(self) -> &'static str {
        if self == Self::French { "\u{202f}%" } else { "%" }
    }
}

/// `part` of `whole`; nothing of nothing is nothing.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A share as it can be drawn: from 0 to 1, and 0 where it is no number.
pub(super) fn drawable(share: f64) -> f64 {
    if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
}

/// Marks of a scale from 0 to at least `max`, at round numbers, three to six of them.
pub(super) fn ticks(max: f64) -> Vec<f64> {
    scale(max, &[1.0, 2.0, 2.5, 5.0, 10.0])
}

/// Marks of a scale of counts: whole numbers, from 0 to at least `max`.
pub(super) fn whole_ticks(max: u64) -> Vec<f64> {
    match max {
        ..=5 => (0..=max.max(1)).map(|n| n as f64).collect(),
        max => scale(max as f64, &[1.0, 2.0, 5.0, 10.0]),
    }
}

fn scale(max: f64, steps: &[f64]) -> Vec<f64> {
    let max = if max.is_finite() && max > 0.0 { max } else { 1.0 };
    let magnitude = 10_f64.powf((max / 5.0).log10().floor());
    let step = steps.iter().map(|step| step * magnitude).find(|step| max / step <= 5.0 + 1e-9).unwrap_or(max);
    let last = (max / step - 1e-9).ceil().max(1.0) as usize;
    (0..=last).map(|at| at as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_language() {
        assert_eq!(Language::English.count(1_234_567), "1,234,567");
        assert_eq!(Language::French.count(1_234), "1\u{202f}234");
        assert_eq!(Language::French.count(999), "999");
        assert_eq!(Language::English.count_in(1_234, 40.0), "1,234");
        assert_eq!(Language::English.count_in(123_456, 40.0), "123k");
        assert_eq!(Language::English.count_in(1_500, 35.0), "1.5k");
        assert_eq!(Language::French.count_in(u64::MAX, 1.0), "…");
        assert_eq!(Language::English.percent(0.1234), "12%");
        assert_eq!(Language::French.exact_percent(0.1234), "12,3\u{202f}%");
        assert_eq!(Language::French.percent(0.001), "<1\u{202f}%");
        assert_eq!(Language::French.part(1, 8), "12,5");
        assert_eq!(Language::English.part(0, 0), "–");
        assert_eq!(Language::English.exact_percent_range(0.1, 0.255), "10.0–25.5%");
        assert_eq!(Language::English.decimal(-1.25, 1), "\u{2212}1.2");
        assert_eq!(Language::English.decimal(f64::NAN, 1), "–");
    }

    #[test]
    fn scales_end_at_round_numbers() {
        assert_eq!(ticks(0.5), [0.0, 0.1, 0.2, 0.1 + 0.2, 0.4, 0.5]);
        assert_eq!(ticks(1.0).last(), Some(&1.0));
        assert_eq!(whole_ticks(3), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(whole_ticks(0), [0.0, 1.0]);
        assert_eq!(whole_ticks(11), [0.0, 5.0, 10.0, 15.0]);
        for max in [f64::NAN, f64::INFINITY, 0.0, 1e-300, 1e300] {
            assert!((2..=7).contains(&ticks(max).len()), "{max}");
        }
    }

    #[test]
    fn a_scale_of_counts_reaches_its_largest() {
        for max in 1..2_000 {
            let ticks = whole_ticks(max);
            assert!(ticks.last().is_some_and(|&last| last >= max as f64), "{max}");
            assert!(ticks.iter().all(|tick| tick.fract() == 0.0) && ticks.len() <= 6, "{max}");
        }
    }
}
