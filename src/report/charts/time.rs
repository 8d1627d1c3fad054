use std::collections::BTreeMap;

use jiff::civil::DateTime;

use super::by_code::{ByCode, add_each, open_note};
use super::calendar::{Mark, Step, marks};
use super::figure::{Figure, Plot, Table, largest, legend};
use super::format::{Language, ticks, whole_ticks};
use super::sentiment::{Tally, Tone, tally_cells, tally_head};
use super::svg::{Anchor, BASELINE, LINE, Layout, Svg, extent};
use super::words::{fill, sentence};

/// Bins from the first to the last that are drawn: more would be thinner than a pixel of a phone.
const MOST_BINS: i64 = 200;

/// Codes that are drawn; the table has all.
const MOST_CODES: usize = 8;

/// Comments by time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverTime {
    /// What names the figure.
    pub figure: Figure,
    /// How long the bins are; [`Step::of_span`] tells a good one.
    pub step: Step,
    /// Names of the codes for people.
    pub codes: Vec<String>,
    /// Bins that have comments, in any order; two that begin in the same step are added. Others are gaps.
    pub bins: Vec<Bin>,
}

/// Comments of one stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bin {
    /// A moment in it.
    pub start: DateTime,
    /// Its comments by sentiment.
    pub tally: Tally,
    /// Its comments that were coded.
    pub n: u64,
    /// How many of them carry each code, in the order of [`OverTime::codes`].
    pub codes: Vec<u64>,
    /// Of how many of the `n` it was left open whether they carry each code: its share is of the others. Where the list is
    /// shorter, of none.
    pub open: Vec<u64>,
}

/// Comments over time as bars stacked by sentiment.
pub fn over_time(data: &OverTime, language: Language) -> String {
    let words = language.words();
    let line = TimeLine::new(data);
    let mut table = Table::new(&tally_head(&words.period, language));
    table.rows = line.named(language).map(|(name, bin)| tally_cells(&name, &bin.tally, language)).collect();
    let note = fill(&words.time_note, &[("per", line.step.per(language))]);
    let plot = Plot {
        figure: &data.figure,
        language,
        kind: "time",
        title: &words.time_title,
        notes: vec![&note],
        desc: line.describe(language),
        table,
    };
    if line.bins.is_empty() { plot.render_empty() } else { plot.render(|layout| line.draw(layout, language)) }
}

/// Shares of codes over time: one row of bars a code, all on one scale, the eight most frequent codes.
pub fn codes_over_time(data: &OverTime, language: Language) -> String {
    let words = language.words();
    let line = TimeLine::new(data);
    let counted = data.codes.iter().enumerate().map(|(at, label)| CodeRow { at, label, n: line.total(at) });
    let counted: Vec<CodeRow> = counted.collect();
    let (rows, left_out) = largest(&counted, MOST_CODES, language, |row| row.n);
    let mut head = vec![&*words.period, "n"];
    head.extend(data.codes.iter().flat_map(|code| [&**code, "%"]));
    let mut table = Table::new(&head);
    let cells = |(name, bin): (String, &Bin)| {
        let of_codes = bin.by_code().cells(data.codes.len(), language);
        [name, language.count(bin.n)].into_iter().chain(of_codes).collect()
    };
    table.rows = line.named(language).map(cells).collect();
    let note = fill(&words.code_time_note, &[("per", line.step.per(language))]);
    let open = open_note(data.bins.iter().flat_map(|bin| &bin.open), language);
    let plot = Plot {
        figure: &data.figure,
        language,
        kind: "code-time",
        title: &words.code_time_title,
        notes: vec![&note, open, &left_out],
        desc: rows.iter().flat_map(|row| line.describe_code(row, language)).collect(),
        table,
    };
    if line.bins.is_empty() || rows.is_empty() {
        return plot.render_empty();
    }
    plot.render(|layout| line.draw_codes(&rows, layout, language))
}

struct CodeRow<'a> {
    at: usize,
    label: &'a str,
    n: u64,
}

impl Bin {
    fn add(&mut self, other: &Self) {
        self.tally.add(&other.tally);
        self.n = self.n.saturating_add(other.n);
        add_each(&mut self.codes, &other.codes);
        add_each(&mut self.open, &other.open);
    }

    fn by_code(&self) -> ByCode<'_> {
        ByCode { n: self.n, carrying: &self.codes, open: &self.open }
    }
}

impl Step {
    fn per(self, language: Language) -> &'static str {
        let words = language.words();
        match self {
            Self::Hour => &words.per_hour,
            Self::Day => &words.per_day,
            Self::Week => &words.per_week,
            Self::Month => &words.per_month,
            Self::Year => &words.per_year,
        }
    }
}

/// Bins by their number, coarse enough to be seen.
struct TimeLine {
    step: Step,
    bins: BTreeMap<i64, Bin>,
}

impl TimeLine {
    fn new(data: &OverTime) -> Self {
        let mut line = Self { step: data.step, bins: BTreeMap::new() };
        loop {
            line.bins = BTreeMap::new();
            for bin in &data.bins {
                let same = line.bins.entry(line.step.index(bin.start));
                same.and_modify(|sum| sum.add(bin)).or_insert_with(|| bin.clone());
            }
            match line.step.coarser() {
                Some(coarser) if line.slots() > MOST_BINS => line.step = coarser,
                _ => return line,
            }
        }
    }

    fn ends(&self) -> (i64, i64) {
        let first = self.bins.first_key_value().map_or(0, |(&first, _)| first);
        (first, self.bins.last_key_value().map_or(first, |(&last, _)| last))
    }

    fn slots(&self) -> i64 {
        let (first, last) = self.ends();
        last - first + 1
    }

    fn named(&self, language: Language) -> impl Iterator<Item = (String, &Bin)> {
        self.bins.iter().map(move |(&at, bin)| (self.name(at, language), bin))
    }

    fn name(&self, at: i64, language: Language) -> String {
        self.step.start(at).map_or_else(String::new, |start| self.step.name(start, language))
    }

    fn total(&self, code: usize) -> u64 {
        self.bins.values().map(|bin| bin.by_code().count(code)).fold(0, u64::saturating_add)
    }

    fn describe(&self, language: Language) -> Vec<String> {
        let words = language.words();
        let Some((&peak, most)) = self.bins.iter().max_by_key(|(_, bin)| bin.tally.all()) else { return Vec::new() };
        let (first, last) = self.ends();
        let [peak, first_name, last_name] = [peak, first, last].map(|at| self.name(at, language));
        let most = language.count(most.tally.all());
        let values = [("first", &*first_name), ("last", &*last_name), ("peak", &*peak), ("most", &*most)];
        let mut said = vec![sentence(&words.time_desc, &values)];
        let middle = first + (last - first) / 2;
        let (mut early, mut late) = (Tally::default(), Tally::default());
        for (&at, bin) in &self.bins {
            if at <= middle { early.add(&bin.tally) } else { late.add(&bin.tally) }
        }
        if early.coded() > 0 && late.coded() > 0 {
            let [early, late] = [early, late].map(|half| language.percent(half.share(Tone::Negative)));
            said.push(sentence(&words.time_trend, &[("early", &early), ("late", &late)]));
        }
        said
    }

    fn describe_code(&self, row: &CodeRow, language: Language) -> Vec<String> {
        let words = language.words();
        let by_share = |(_, bin): &(&i64, &Bin)| (bin.by_code().share(row.at) * 1e9) as u64;
        let Some((&peak, most)) = self.bins.iter().max_by_key(by_share) else { return Vec::new() };
        let mut said = vec![sentence(&words.code_time_desc, &[("code", row.label), ("n", &language.count(row.n))])];
        if row.n > 0 {
            let most = most.by_code();
            let (at, share) = (self.name(peak, language), language.percent(most.share(row.at)));
            let of = language.count(most.decided(row.at));
            said.push(sentence(&words.code_time_peak, &[("peak", &at), ("share", &share), ("n", &of)]));
        }
        said
    }

    fn draw(&self, layout: Layout, language: Language) -> Svg {
        let words = language.words();
        let most = self.bins.values().map(|bin| bin.tally.all()).max().unwrap_or(0);
        let scale = whole_ticks(most);
        let top_value = scale.last().copied().unwrap_or(1.0);
        let mut svg = Svg::new(layout, 0.0);
        let mut names: Vec<(&str, &str)> = Tone::ALL.map(|tone| (tone.class(), words.tone(tone))).to_vec();
        if self.bins.values().any(|bin| bin.tally.uncoded > 0) {
            names.push(("s-none", &words.uncoded));
        }
        let top = 22.0 + 20.0 * legend(&mut svg, 10.0, &names) as f64;
        let bottom = top + layout.pick(190.0, 170.0);
        let left = (extent(&language.count(top_value as u64)) + 8.0).clamp(28.0, 80.0);
        let plot = Frame { left, right: layout.width() - 6.0, slots: self.slots() };
        for &tick in &scale {
            let y = bottom - (bottom - top) * tick / top_value;
            svg.line(if tick == 0.0 { "axis" } else { "grid" }, (plot.left, y), (plot.right, y));
            let n = language.count_in(tick as u64, plot.left - 6.0);
            svg.text("label soft", Anchor::End, plot.left - 6.0, y + BASELINE, &n);
        }
        let first = self.ends().0;
        for (&at, bin) in &self.bins {
            let (x, width) = plot.bar(at - first);
            let mut y = bottom;
            svg.open_titled(&format!("{} · {}", self.name(at, language), language.count(bin.tally.all())));
            let parts = Tone::ALL.map(|tone| (tone.class(), bin.tally.of(tone)));
            for (class, n) in parts.into_iter().chain([("s-none", bin.tally.uncoded)]).filter(|(_, n)| *n > 0) {
                let height = (bottom - top) * n as f64 / top_value;
                y -= height;
                svg.rect(class, x, y, width, height);
            }
            svg.close();
        }
        self.axis(&mut svg, &plot, bottom, language);
        svg
    }

    fn draw_codes(&self, rows: &[&CodeRow], layout: Layout, language: Language) -> Svg {
        let bins = || self.bins.values();
        let most = rows.iter().flat_map(|row| bins().map(|bin| bin.by_code().share(row.at))).fold(0.01, f64::max);
        let top_value = ticks(most).last().copied().unwrap_or(1.0).min(1.0);
        let plot = Frame { left: 46.0, right: layout.width() - 6.0, slots: self.slots() };
        let (bars, step) = (layout.pick(44.0, 40.0), layout.pick(76.0, 72.0));
        let mut svg = Svg::new(layout, 0.0);
        let first = self.ends().0;
        let mut bottom = 0.0;
        for (place, row) in rows.iter().enumerate() {
            let top = place as f64 * step + 24.0;
            bottom = top + bars;
            let n = format!("n\u{a0}{}", language.count(row.n));
            svg.label("label", Anchor::Start, (plot.left, top - 8.0), plot.right - plot.left - 70.0, row.label);
            svg.text("label soft", Anchor::End, plot.right, top - 8.0, &n);
            svg.line("grid", (plot.left, top), (plot.right, top));
            svg.text("label soft", Anchor::End, plot.left - 6.0, top + BASELINE, &language.percent(top_value));
            let class = format!("s-code-{}", row.at % 8 + 1);
            for (&at, bin) in &self.bins {
                let height = bars * (bin.by_code().share(row.at) / top_value).min(1.0);
                if height > 0.0 {
                    let (x, width) = plot.bar(at - first);
                    svg.rect(&class, x, bottom - height, width, height);
                }
            }
            svg.line("axis", (plot.left, bottom), (plot.right, bottom));
            svg.text("label soft", Anchor::End, plot.left - 6.0, bottom + BASELINE, "0");
        }
        self.axis(&mut svg, &plot, bottom, language);
        svg
    }

    /// Marks of time below `bottom`; ends the drawing.
    fn axis(&self, svg: &mut Svg, plot: &Frame, bottom: f64, language: Language) {
        let marks = marks(self.step, self.ends(), svg.layout.pick(9, 4), language);
        let lines = if marks.iter().all(|mark| mark.context.is_empty()) { 0.0 } else { LINE };
        for Mark { slot, label, context } in marks {
            let (x, width) = plot.slot(slot);
            // A mark is where its bin begins; where bins are wide, it names the bar.
            let x = if width > 30.0 { x + width / 2.0 } else { x };
            svg.line("axis", (x, bottom), (x, bottom + 5.0));
            let anchor = match x {
                x if x < plot.left + 20.0 => Anchor::Start,
                x if x > plot.right - 20.0 => Anchor::End,
                _ => Anchor::Middle,
            };
            svg.text("label soft", anchor, x, bottom + 19.0, &label);
            if !context.is_empty() {
                svg.text("label soft", anchor, x, bottom + 19.0 + LINE, &context);
            }
        }
        svg.height = bottom + 19.0 + lines + 6.0;
    }
}

/// Where bins stand.
struct Frame {
    left: f64,
    right: f64,
    slots: i64,
}

impl Frame {
    /// Left edge and width of a bin.
    fn slot(&self, at: i64) -> (f64, f64) {
        let width = (self.right - self.left) / self.slots.max(1) as f64;
        (self.left + width * at as f64, width)
    }

    /// Left edge and width of its bar: never wider than a finger, never thinner than can be seen.
    fn bar(&self, at: i64) -> (f64, f64) {
        let (x, width) = self.slot(at);
        let air = if width >= 4.0 { 1.0 } else { 0.0 };
        let bar = (width - air).clamp(0.8, 60.0);
        (x + (width - bar).max(0.0) / 2.0, bar)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_comment_left_open_counts_neither_for_nor_against_a_code() {
        let bin = |day, n, open: &[u64]| Bin {
            start: date(2026, 3, day).into(),
            tally: Tally::default(),
            n,
            codes: vec![10],
            open: open.to_vec(),
        };
        let data = OverTime {
            figure: Figure::new("t"),
            step: Step::Day,
            codes: vec!["a".to_owned()],
            bins: vec![bin(1, 20, &[5]), bin(1, 20, &[]), bin(2, 30, &[10, 99]), bin(3, 10, &[10])],
        };
        let html = codes_over_time(&data, Language::English);
        for row in ["<td>40</td><td>20</td><td>57.1</td>", "<td>30</td><td>10</td><td>50.0</td>"] {
            assert!(html.contains(row), "{row} in {html}");
        }
        assert!(html.contains("<td>10</td><td>10</td><td>–</td>"), "nothing was decided: {html}");
        assert!(html.contains("a: 40 comments. Largest share: 1 Mar 2026, 57% of 35."), "{html}");
    }
}
