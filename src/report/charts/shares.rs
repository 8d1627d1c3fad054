use super::by_code::open_note;
use super::figure::{Figure, Plot, Table, largest};
use super::format::{Language, drawable, ticks};
use super::svg::{Anchor, BASELINE, LINE, Layout, Svg, needs_two_lines};
use super::words::sentence;

/// Codes that are drawn; the table has all.
const MOST: usize = 20;

/// Right edges of the columns of numbers in the wide drawing.
const CODER: f64 = 490.0;
const CORRECTED: f64 = 558.0;

/// How often each code was assigned.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shares {
    /// What names the figure.
    pub figure: Figure,
    /// One entry a code, in any order.
    pub rows: Vec<ShareRow>,
    /// For each code, comments of which it was left undecided.
    pub open: Vec<u64>,
}

/// One code.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ShareRow {
    /// Its name for people.
    pub label: String,
    /// Comments that carry it, as the coder has it.
    pub n: u64,
    /// Their share of the comments of which it was decided whether they carry it, from 0 to 1; none where it was decided of no comment.
    pub share: Option<f64>,
    /// The share in truth, as far as hand codings tell.
    pub corrected: Option<Corrected>,
}

/// A share corrected by hand codings, with the interval it lies in; each from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Corrected {
    /// The estimate.
    pub share: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// Horizontal bars of the coder's shares; where there are corrected ones, each as a point with its whisker. The largest 20 are drawn.
pub fn shares(data: &Shares, language: Language) -> String {
    let words = language.words();
    let (rows, left_out) = largest(&data.rows, MOST, language, |row| (drawn(row.share) * 1e9) as u64);
    let open = open_note(data.open.iter(), language);
    let sheet = Sheet { max: scale(&rows), corrected: rows.iter().any(|row| row.corrected.is_some()), rows, language };
    let key = if sheet.corrected { &*words.shares_key_corrected } else { "" };
    let plot = Plot {
        figure: &data.figure,
        language,
        kind: "shares",
        title: &words.shares_title,
        notes: vec![&words.shares_note, key, open, &left_out],
        desc: describe(&sheet),
        table: table(data, language),
    };
    if data.rows.is_empty() { plot.render_empty() } else { plot.render(|layout| sheet.draw(layout)) }
}

/// The length of a bar.
fn drawn(share: Option<f64>) -> f64 {
    share.map_or(0.0, drawable)
}

fn percent(share: Option<f64>, language: Language) -> String {
    share.map_or_else(|| "–".to_owned(), |share| language.exact_percent(share))
}

struct Sheet<'a> {
    rows: Vec<&'a ShareRow>,
    corrected: bool,
    /// Where the scale ends.
    max: f64,
    language: Language,
}

fn scale(rows: &[&ShareRow]) -> f64 {
    let ends =
        rows.iter().map(|row| drawn(row.share).max(row.corrected.map_or(0.0, |corrected| drawable(corrected.high))));
    ticks(ends.fold(0.01, f64::max)).last().copied().unwrap_or(1.0).min(1.0)
}

impl Sheet<'_> {
    fn draw(&self, layout: Layout) -> Svg {
        match layout {
            Layout::Wide => self.wide(),
            Layout::Narrow => self.narrow(),
        }
    }

    /// Names, bars and numbers side by side.
    fn wide(&self) -> Svg {
        let (left, right) = (200.0, if self.corrected { 420.0 } else { 570.0 });
        let tall = self.rows.iter().any(|row| needs_two_lines(&row.label, left - 16.0));
        let step = if tall { 40.0 } else { 30.0 };
        let (top, bottom) = (26.0, 26.0 + step * self.rows.len() as f64);
        let mut svg = Svg::new(Layout::Wide, bottom + 24.0);
        self.heads(&mut svg);
        self.grid(&mut svg, (left, right), (top, bottom));
        self.scale_marks(&mut svg, (left, right), bottom);
        for (at, row) in self.rows.iter().enumerate() {
            let middle = top + step * (at as f64 + 0.5);
            svg.label_block("label", 0.0, middle, left - 16.0, &row.label);
            self.marks(&mut svg, row, (left, right), middle);
            let y = middle + BASELINE;
            if let Some(corrected) = row.corrected {
                svg.text("label", Anchor::End, CODER, y, &percent(row.share, self.language));
                svg.text("label strong", Anchor::End, CORRECTED, y, &self.language.exact_percent(corrected.share));
                let range = self.language.exact_percent_range(corrected.low, corrected.high);
                svg.text("label soft", Anchor::Start, CORRECTED + 8.0, y, &range);
            } else {
                let (class, at) = if self.corrected { ("label", CODER) } else { ("label strong", 650.0) };
                svg.text(class, Anchor::End, at, y, &percent(row.share, self.language));
            }
            svg.text("label soft", Anchor::End, 720.0, y, &self.language.count(row.n));
        }
        svg
    }

    fn heads(&self, svg: &mut Svg) {
        let words = self.language.words();
        svg.text("head", Anchor::End, 720.0, 12.0, "n");
        if self.corrected {
            svg.text("head", Anchor::End, CODER, 12.0, &words.machine);
            svg.text("head", Anchor::Start, CORRECTED - 50.0, 12.0, &words.corrected);
        } else {
            svg.text("head", Anchor::End, 650.0, 12.0, &words.share);
        }
    }

    /// Names and numbers on top of the bars.
    fn narrow(&self) -> Svg {
        let step = if self.corrected { 60.0 } else { 46.0 };
        let (top, bottom) = (4.0, 4.0 + step * self.rows.len() as f64);
        let mut svg = Svg::new(Layout::Narrow, bottom + 18.0);
        let ends = (0.0, 322.0);
        for (at, row) in self.rows.iter().enumerate() {
            let y = top + step * at as f64 + 14.0;
            let share = percent(row.share, self.language);
            let numbers = format!("{share} · n\u{a0}{}", self.language.count(row.n));
            let bar = y + if self.corrected { 31.0 } else { 15.0 };
            self.grid(&mut svg, ends, (bar - 10.0, bar + 10.0));
            self.marks(&mut svg, row, ends, bar);
            if self.corrected {
                svg.label("label", Anchor::Start, (0.0, y), 340.0, &row.label);
                svg.text("label soft", Anchor::Start, 0.0, y + LINE, &numbers);
            } else {
                svg.label("label", Anchor::Start, (0.0, y), 220.0, &row.label);
                svg.text("label", Anchor::End, 340.0, y, &numbers);
            }
            if let Some(corrected) = row.corrected {
                let share = self.language.exact_percent(corrected.share);
                let range = self.language.exact_percent_range(corrected.low, corrected.high);
                let said = format!("{} {share} ({range})", self.language.words().corrected);
                svg.text("label", Anchor::End, 340.0, y + LINE, &said);
            }
        }
        self.scale_marks(&mut svg, ends, bottom);
        svg
    }

    fn ticks(&self, (left, right): (f64, f64)) -> impl Iterator<Item = (f64, f64)> {
        let place = move |tick| (tick, left + (right - left) * tick / self.max);
        ticks(self.max).into_iter().filter(|&tick| tick <= self.max + 1e-9).map(place)
    }

    fn grid(&self, svg: &mut Svg, ends: (f64, f64), (top, bottom): (f64, f64)) {
        for (tick, x) in self.ticks(ends) {
            svg.line(if tick == 0.0 { "axis" } else { "grid" }, (x, top), (x, bottom));
        }
    }

    fn scale_marks(&self, svg: &mut Svg, ends: (f64, f64), bottom: f64) {
        let decimals = usize::from(self.max < 0.03);
        for (tick, x) in self.ticks(ends) {
            let anchor = if x == 0.0 { Anchor::Start } else { Anchor::Middle };
            let mark = self.language.decimal(tick * 100.0, decimals);
            let text = if tick == 0.0 { "0".to_owned() } else { format!("{mark}{}", self.language.percent_sign()) };
            svg.text("label soft", anchor, x, bottom + 16.0, &text);
        }
    }

    fn marks(&self, svg: &mut Svg, row: &ShareRow, (left, right): (f64, f64), middle: f64) {
        let place = |share: f64| left + (right - left) * (drawable(share) / self.max).min(1.0);
        if let Some(share) = row.share {
            svg.rect("machine", left, middle - 6.0, (place(share) - left).max(1.0), 12.0);
        }
        let Some(corrected) = row.corrected else { return };
        let (low, high) = (place(corrected.low), place(corrected.high));
        svg.line("people line", (low, middle), (high, middle));
        for end in [low, high] {
            svg.line("people line", (end, middle - 4.0), (end, middle + 4.0));
        }
        svg.circle("people", place(corrected.share), middle, 4.5);
    }
}

fn describe(sheet: &Sheet) -> Vec<String> {
    let (words, language) = (sheet.language.words(), sheet.language);
    let mut known = sheet.rows.iter().filter(|row| row.share.is_some());
    let Some(first) = known.next() else { return Vec::new() };
    let last = known.next_back();
    let [most_share, least_share] = [first, last.unwrap_or(first)].map(|row| percent(row.share, language));
    let values = [
        ("most", &*first.label),
        ("most_share", &*most_share),
        ("least", &*last.unwrap_or(first).label),
        ("least_share", &*least_share),
    ];
    vec![sentence(if last.is_none() { &words.shares_desc_one } else { &words.shares_desc }, &values)]
}

fn table(data: &Shares, language: Language) -> Table {
    let words = language.words();
    let any_corrected = data.rows.iter().any(|row| row.corrected.is_some());
    let mut head = vec![&*words.code, "n", &words.machine];
    if any_corrected {
        head.extend([&*words.corrected, &words.interval]);
    }
    let mut table = Table::new(&head);
    for row in &data.rows {
        let mut cells = vec![row.label.clone(), language.count(row.n), percent(row.share, language)];
        if any_corrected {
            let said = row.corrected.map(|Corrected { share, low, high }| {
                [language.exact_percent(share), language.exact_percent_range(low, high)]
            });
            cells.extend(said.unwrap_or_else(|| ["–", "–"].map(str::to_owned)));
        }
        table.rows.push(cells);
    }
    table
}
