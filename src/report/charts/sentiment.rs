use super::figure::{Figure, Plot, Table, largest, legend};
use super::format::{Language, share};
use super::svg::{Anchor, BASELINE, Layout, Svg, extent, needs_two_lines};
use super::words::sentence;

/// Themes that are drawn; the table has all.
const MOST: usize = 16;

/// Negative, neutral or positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    /// Criticism.
    Negative,
    /// Neither.
    Neutral,
    /// Approval.
    Positive,
}

impl Tone {
    /// All, in the order they stand in.
    pub(super) const ALL: [Self; 3] = [Self::Negative, Self::Neutral, Self::Positive];

    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Negative => "s-negative",
            Self::Neutral => "s-neutral",
            Self::Positive => "s-positive",
        }
    }
}

/// Comments by sentiment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Negative ones.
    pub negative: u64,
    /// Neutral ones.
    pub neutral: u64,
    /// Positive ones.
    pub positive: u64,
    /// Those without a sentiment: deleted, without words, in a language the coder does not know.
    pub uncoded: u64,
}

impl Tally {
    pub(in crate::report) fn of(&self, tone: Tone) -> u64 {
        match tone {
            Tone::Negative => self.negative,
            Tone::Neutral => self.neutral,
            Tone::Positive => self.positive,
        }
    }

    /// Comments with a sentiment: what shares are of.
    pub(in crate::report) fn coded(&self) -> u64 {
        self.negative.saturating_add(self.neutral).saturating_add(self.positive)
    }

    pub(in crate::report) fn all(&self) -> u64 {
        self.coded().saturating_add(self.uncoded)
    }

    pub(super) fn share(&self, tone: Tone) -> f64 {
        share(self.of(tone), self.coded())
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.negative = self.negative.saturating_add(other.negative);
        self.neutral = self.neutral.saturating_add(other.neutral);
        self.positive = self.positive.saturating_add(other.positive);
        self.uncoded = self.uncoded.saturating_add(other.uncoded);
    }
}

/// Sentiment of the comments that carry each theme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentimentByTheme {
    /// What names the figure.
    pub figure: Figure,
    /// Of all comments, with a theme or without.
    pub all: Tally,
    /// One entry a theme, in any order.
    pub rows: Vec<SentimentRow>,
}

/// One theme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentimentRow {
    /// Its name for people.
    pub label: String,
    /// The comments that carry it.
    pub tally: Tally,
}

/// Stacked bars of shares: all comments first, then the 16 most frequent themes.
pub fn sentiment_by_theme(data: &SentimentByTheme, language: Language) -> String {
    let words = language.words();
    let (themes, left_out) = largest(&data.rows, MOST, language, |row| row.tally.coded());
    let all = SentimentRow { label: words.all_comments.clone(), tally: data.all };
    let rows: Vec<&SentimentRow> = std::iter::once(&all).chain(themes).collect();
    let mut table = Table::new(&tally_head(&words.code, language));
    table.rows =
        std::iter::once(&all).chain(&data.rows).map(|row| tally_cells(&row.label, &row.tally, language)).collect();
    let plot = Plot {
        figure: &data.figure,
        language,
        kind: "sentiment",
        title: &words.sentiment_title,
        notes: vec![&left_out],
        desc: describe(&data.all, &rows[1..], language),
        table,
    };
    if data.all.coded() == 0 { plot.render_empty() } else { plot.render(|layout| draw(&rows, layout, language)) }
}

fn describe(all: &Tally, themes: &[&SentimentRow], language: Language) -> Vec<String> {
    let words = language.words();
    let [negative, neutral, positive] = Tone::ALL.map(|tone| language.percent(all.share(tone)));
    let n = language.count(all.coded());
    let values = [("negative", &*negative), ("neutral", &*neutral), ("positive", &*positive), ("n", &*n)];
    let mut said = vec![sentence(&words.sentiment_desc, &values)];
    let share = |row: &&&SentimentRow| (row.tally.share(Tone::Negative) * 1e9) as u64;
    let coded = || themes.iter().filter(|row| row.tally.coded() > 0);
    if let (Some(most), Some(least)) = (coded().max_by_key(share), coded().min_by_key(share)) {
        let [most_share, least_share] = [most, least].map(|row| language.percent(row.tally.share(Tone::Negative)));
        let values = [
            ("most", &*most.label),
            ("most_share", &*most_share),
            ("least", &*least.label),
            ("least_share", &*least_share),
        ];
        said.push(sentence(&words.sentiment_extremes, &values));
    }
    said
}

fn draw(rows: &[&SentimentRow], layout: Layout, language: Language) -> Svg {
    let words = language.words();
    let left = layout.pick(190.0, 0.0);
    let right = layout.pick(650.0, 340.0);
    let tall = rows.iter().any(|row| needs_two_lines(&row.label, left - 16.0));
    let step = layout.pick(if tall { 40.0 } else { 32.0 }, 50.0);
    let top = 30.0;
    // The line that sets all comments apart from the themes.
    let gap = if rows.len() > 1 { 10.0 } else { 0.0 };
    let mut svg = Svg::new(layout, top + step * rows.len() as f64 + gap + 4.0);
    legend(&mut svg, 10.0, &Tone::ALL.map(|tone| (tone.class(), words.tone(tone))));
    svg.text("head", Anchor::End, layout.width(), 10.0 + BASELINE, "n");
    for (at, row) in rows.iter().enumerate() {
        let y = top + step * at as f64 + if at > 0 { gap } else { 0.0 };
        let n = language.count(row.tally.coded());
        let (class, middle) = (if at == 0 { "label strong" } else { "label" }, y + layout.pick(step / 2.0, 32.0));
        match layout {
            Layout::Wide => {
                svg.label_block(class, 0.0, middle, left - 16.0, &row.label);
                svg.text("label soft", Anchor::End, 720.0, middle + BASELINE, &n);
            }
            Layout::Narrow => {
                svg.label(class, Anchor::Start, (0.0, y + 14.0), 270.0, &row.label);
                svg.text("label soft", Anchor::End, 340.0, y + 14.0, &n);
            }
        }
        stack(&mut svg, &row.tally, (left, right), middle, language);
        if at == 0 && gap > 0.0 {
            svg.line("grid", (0.0, y + step + gap / 2.0), (layout.width(), y + step + gap / 2.0));
        }
    }
    svg
}

/// The three shares of a tally as one bar, each with its percentage where there is room.
fn stack(svg: &mut Svg, tally: &Tally, (left, right): (f64, f64), middle: f64, language: Language) {
    let mut x = left;
    for tone in Tone::ALL {
        let width = (right - left) * tally.share(tone);
        if width > 0.0 {
            svg.rect(tone.class(), x, middle - 11.0, (width - 1.0).max(0.5), 22.0);
            let text = language.percent(tally.share(tone));
            if extent(&text) + 6.0 < width {
                svg.text("label on", Anchor::Middle, x + width / 2.0, middle + BASELINE, &text);
            }
        }
        x += width;
    }
    if tally.coded() == 0 {
        svg.text("label soft", Anchor::Start, left, middle + BASELINE, "–");
    }
}

/// Column heads of a table of tallies.
pub(super) fn tally_head(first: &str, language: Language) -> [&str; 8] {
    let words = language.words();
    [first, &words.negative, "%", &words.neutral, "%", &words.positive, "%", &words.uncoded]
}

/// One row of it.
pub(super) fn tally_cells(label: &str, tally: &Tally, language: Language) -> Vec<String> {
    let tones = tone_cells(tally, language);
    std::iter::once(label.to_owned()).chain(tones).chain([language.count(tally.uncoded)]).collect()
}

/// The part of it that says how many are of each sentiment, and which share of those with any.
pub(super) fn tone_cells(tally: &Tally, language: Language) -> impl Iterator<Item = String> {
    let cells = move |tone| [language.count(tally.of(tone)), language.part(tally.of(tone), tally.coded())];
    Tone::ALL.into_iter().flat_map(cells)
}
