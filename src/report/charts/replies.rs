use super::figure::{Figure, Plot, Table};
use super::format::{Language, share};
use super::sentiment::Tone;
use super::svg::{Anchor, BASELINE, LINE, Layout, Svg};
use super::words::sentence;

/// Standardised residuals beyond it are marked: what chance gives once in twenty.
const MARKED: f64 = 1.96;

/// Sentiment of replies given that of what they reply to. Rows are of the parent, columns of the reply, both negative, neutral,
/// positive.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Replies {
    /// What names the figure.
    pub figure: Figure,
    /// Pairs of comment and reply.
    pub counts: [[u64; 3]; 3],
    /// Adjusted standardised residuals against independence, where they were computed.
    pub residuals: Option<[[f64; 3]; 3]>,
}

/// Three by three cells with the share of each reply among those to a kind of parent, and where it is more or less than chance.
pub fn replies(data: &Replies, language: Language) -> String {
    let words = language.words();
    let plot = Plot {
        figure: &data.figure,
        language,
        kind: "replies",
        title: &words.replies_title,
        notes: vec![&words.replies_note],
        desc: data.describe(language),
        table: data.table(language),
    };
    if data.counts.iter().flatten().all(|&n| n == 0) {
        return plot.render_empty();
    }
    plot.render(|layout| data.draw(layout, language))
}

impl Replies {
    fn total(&self, parent: usize) -> u64 {
        self.counts[parent].iter().copied().fold(0, u64::saturating_add)
    }

    fn share(&self, parent: usize, reply: usize) -> f64 {
        share(self.counts[parent][reply], self.total(parent))
    }

    fn residual(&self, parent: usize, reply: usize) -> Option<f64> {
        self.residuals.map(|residuals| residuals[parent][reply]).filter(|residual| residual.is_finite())
    }

    fn describe(&self, language: Language) -> Vec<String> {
        let words = language.words();
        let mut said = Vec::new();
        for (parent, tone) in Tone::ALL.into_iter().enumerate().filter(|(parent, _)| self.total(*parent) > 0) {
            let [negative, neutral, positive] = [0, 1, 2].map(|reply| language.percent(self.share(parent, reply)));
            let (tone, n) = (words.tone(tone).to_lowercase(), language.count(self.total(parent)));
            let shares = [("negative", &*negative), ("neutral", &*neutral), ("positive", &*positive)];
            let values: Vec<(&str, &str)> = [("parent", &*tone), ("n", &*n)].into_iter().chain(shares).collect();
            said.push(sentence(&words.replies_desc, &values));
        }
        for (parent, above) in Tone::ALL.into_iter().enumerate() {
            for (reply, below) in Tone::ALL.into_iter().enumerate() {
                if self.residual(parent, reply).is_some_and(|residual| residual >= MARKED) {
                    let [above, below] = [above, below].map(|tone| words.tone(tone).to_lowercase());
                    said.push(sentence(&words.replies_more, &[("parent", &above), ("reply", &below)]));
                }
            }
        }
        said
    }

    fn table(&self, language: Language) -> Table {
        let words = language.words();
        let mut table = Table::new(&[&words.parent, &words.reply, "n", &words.share, &words.residual]);
        for (parent, above) in Tone::ALL.into_iter().enumerate() {
            for (reply, below) in Tone::ALL.into_iter().enumerate() {
                table.rows.push(vec![
                    words.tone(above).to_owned(),
                    words.tone(below).to_owned(),
                    language.count(self.counts[parent][reply]),
                    language.exact_percent(self.share(parent, reply)),
                    self.residual(parent, reply)
                        .map_or_else(|| "–".to_owned(), |residual| language.decimal(residual, 1)),
                ]);
            }
        }
        table
    }

    fn draw(&self, layout: Layout, language: Language) -> Svg {
        let words = language.words();
        let names = [&words.reply_to_negative, &words.reply_to_neutral, &words.reply_to_positive];
        let left = layout.pick(210.0, 88.0);
        let cell = layout.pick(120.0, 84.0);
        let (top, height) = (26.0, 58.0);
        let mut svg = Svg::new(layout, top + 3.0 * height + 2.0);
        for (parent, name) in names.into_iter().enumerate() {
            let centre = top + height * (parent as f64 + 0.5);
            let n = format!("n\u{a0}{}", language.count(self.total(parent)));
            match layout {
                Layout::Wide => svg.text("label", Anchor::Start, 0.0, centre - 3.0, name),
                Layout::Narrow => {
                    svg.label("label", Anchor::Start, (0.0, centre - 3.0), left - 6.0, words.tone(Tone::ALL[parent]));
                }
            }
            svg.text("label soft", Anchor::Start, 0.0, centre - 3.0 + LINE, &n);
            for (reply, tone) in Tone::ALL.into_iter().enumerate() {
                let place = [left + cell * reply as f64, top + height * parent as f64, cell, height];
                self.cell(&mut svg, (parent, reply), place, language);
                if parent == 0 {
                    svg.text("head", Anchor::Middle, place[0] + cell / 2.0, 14.0, words.tone(tone));
                }
            }
        }
        svg
    }

    fn cell(
        &self,
        svg: &mut Svg,
        (parent, reply): (usize, usize),
        [x, y, width, height]: [f64; 4],
        language: Language,
    ) {
        let (middle, centre) = (x + width / 2.0, y + height / 2.0);
        if self.total(parent) == 0 {
            return svg.text("label soft", Anchor::Middle, middle, centre + BASELINE, "–");
        }
        let share = self.share(parent, reply);
        svg.pale_rect(Tone::ALL[reply].class(), 0.06 + 0.39 * share, [x + 1.0, y + 1.0, width - 2.0, height - 2.0]);
        svg.text("label strong", Anchor::Middle, middle, centre - 2.0, &language.percent(share));
        let sign = match self.residual(parent, reply) {
            Some(residual) if residual >= MARKED => " ▲",
            Some(residual) if residual <= -MARKED => " ▼",
            _ => "",
        };
        let below = format!("{}{sign}", language.count(self.counts[parent][reply]));
        svg.text("label", Anchor::Middle, middle, centre - 2.0 + LINE, &below);
    }
}
