use super::figure::{Figure, Plot, Table};
use super::format::Language;
use super::svg::{Anchor, BASELINE, Layout, Svg};
use super::words::sentence;

/// Pairs that fewer comments share are drawn without colour: their lift says little.
const FEW: u64 = 5;

/// Codes that are drawn on wide pages and on phones; the table has all.
const WIDE: usize = 10;
const PHONE: usize = 6;

/// How often codes stand together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CoOccurrence {
    /// What names the figure.
    pub figure: Figure,
    /// Names of the codes for people.
    pub codes: Vec<String>,
    /// Comments that carry both the code of the row and that of the column; on the diagonal those that carry the code. The lower
    /// half is read.
    pub counts: Vec<Vec<u64>>,
    /// Observed over expected, of the same shape; empty where it is not defined.
    pub lift: Vec<Vec<Option<f64>>>,
}

/// A triangle of cells with the count and the lift of each pair: the 10 most frequent codes, 6 on phones.
pub fn co_occurrence(data: &CoOccurrence, language: Language) -> String {
    let words = language.words();
    let mut order: Vec<usize> = (0..data.codes.len()).collect();
    order.sort_by_key(|&code| std::cmp::Reverse(data.count(code, code)));
    let plot = Plot {
        figure: &data.figure,
        language,
        kind: "co-occurrence",
        title: &words.co_occurrence_title,
        notes: vec![&words.co_occurrence_note, if order.len() > PHONE { &words.co_occurrence_left_out } else { "" }],
        desc: data.describe(language),
        table: data.table(language),
    };
    if data.codes.is_empty() {
        return plot.render_empty();
    }
    plot.render(|layout| data.draw(&order[..order.len().min(layout.pick(WIDE, PHONE))], layout, language))
}

impl CoOccurrence {
    fn count(&self, first: usize, second: usize) -> u64 {
        let (row, column) = (first.max(second), first.min(second));
        self.counts.get(row).and_then(|counts| counts.get(column)).copied().unwrap_or(0)
    }

    fn lift(&self, first: usize, second: usize) -> Option<f64> {
        let (row, column) = (first.max(second), first.min(second));
        self.lift.get(row)?.get(column).copied().flatten().filter(|lift| lift.is_finite())
    }

    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.codes.len()).flat_map(|second| (0..second).map(move |first| (first, second)))
    }

    fn describe(&self, language: Language) -> Vec<String> {
        let words = language.words();
        let said = |words: &str, (first, second): (usize, usize)| {
            let (n, lift) = (language.count(self.count(first, second)), self.lift_text(first, second, language));
            let [first, second] = [first, second].map(|code| &*self.codes[code]);
            sentence(words, &[("first", first), ("second", second), ("n", &n), ("lift", &lift)])
        };
        let seen = || self.pairs().filter(|&(first, second)| self.count(first, second) > 0);
        let most = seen().max_by_key(|&(first, second)| self.count(first, second));
        let solid = seen().filter(|&(first, second)| self.count(first, second) >= FEW);
        let tight = solid
            .filter_map(|pair| Some((pair, self.lift(pair.0, pair.1)?)))
            .max_by(|(_, a), (_, b)| a.total_cmp(b))
            .map(|(pair, _)| pair);
        let most = most.map(|pair| said(&words.co_occurrence_desc, pair));
        most.into_iter().chain(tight.map(|pair| said(&words.co_occurrence_most, pair))).collect()
    }

    fn lift_text(&self, first: usize, second: usize, language: Language) -> String {
        self.lift(first, second).map_or_else(|| "–".to_owned(), |lift| language.decimal(lift, usize::from(lift < 9.95)))
    }

    fn table(&self, language: Language) -> Table {
        let words = language.words();
        let mut table = Table::new(&[&words.first_code, &words.second_code, &words.both, &words.lift]);
        for (code, name) in self.codes.iter().enumerate() {
            table.rows.push(vec![name.clone(), "–".to_owned(), language.count(self.count(code, code)), "–".to_owned()]);
        }
        for (first, second) in self.pairs() {
            let lift = self.lift(first, second).map_or_else(|| "–".to_owned(), |lift| language.decimal(lift, 2));
            let both = language.count(self.count(first, second));
            table.rows.push(vec![self.codes[first].clone(), self.codes[second].clone(), both, lift]);
        }
        table
    }

    fn draw(&self, order: &[usize], layout: Layout, language: Language) -> Svg {
        let left = layout.pick(210.0, 100.0);
        let cell = ((layout.width() - left) / order.len() as f64).min(layout.pick(84.0, 60.0));
        let height = 38.0;
        let mut svg = Svg::new(layout, order.len() as f64 * height + 26.0);
        for (row, &code) in order.iter().enumerate() {
            let y = row as f64 * height;
            let number = (row + 1).to_string();
            svg.text("head", Anchor::Start, 0.0, y + height / 2.0 + BASELINE, &number);
            svg.label_block("label", 20.0, y + height / 2.0, left - 28.0, &self.codes[code]);
            for (column, &other) in order[..=row].iter().enumerate() {
                self.cell(&mut svg, (code, other), [left + column as f64 * cell, y, cell, height], language);
            }
            let x = left + cell * (row as f64 + 0.5);
            svg.text("head", Anchor::Middle, x, order.len() as f64 * height + 18.0, &number);
        }
        svg
    }

    fn cell(&self, svg: &mut Svg, (code, other): (usize, usize), [x, y, width, height]: [f64; 4], language: Language) {
        let n = self.count(code, other);
        let (middle, centre) = (x + width / 2.0, y + height / 2.0);
        let place = [x + 1.0, y + 1.0, width - 2.0, height - 2.0];
        let text = language.count_in(n, width);
        if code == other {
            svg.pale_rect("s-none", 0.35, place);
            return svg.label("label strong", Anchor::Middle, (middle, centre + BASELINE), width, &text);
        }
        if n == 0 {
            svg.pale_rect("s-none", 0.08, place);
            return svg.text("label soft", Anchor::Middle, middle, centre + BASELINE, "·");
        }
        let lift = self.lift(code, other);
        let strength = lift.filter(|_| n >= FEW).map_or(0.0, |lift| lift.max(0.01).log2().abs() / 2.0);
        let class = match lift {
            Some(lift) if strength > 0.0 && lift > 1.0 => "heat",
            Some(_) if strength > 0.0 => "cool",
            _ => "s-none",
        };
        svg.pale_rect(class, 0.08 + 0.37 * strength.min(1.0), place);
        svg.label("label strong", Anchor::Middle, (middle, centre - 3.0), width, &text);
        let lift = format!("×{}", self.lift_text(code, other, language));
        svg.label("label", Anchor::Middle, (middle, centre + 12.0), width + 4.0, &lift);
    }
}
