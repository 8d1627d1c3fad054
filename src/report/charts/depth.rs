use super::figure::{Figure, Plot, Table};
use super::format::{Language, drawable, share};
use super::sentiment::{Tally, Tone};
use super::svg::{Anchor, BASELINE, Layout, Svg, needs_two_lines};
use super::words::fill;

/// Levels with fewer coded comments are drawn pale.
const FEW: u64 = 10;

/// Codes that are drawn; the table has all.
const MOST: usize = 16;

/// Comments by how deep in the thread they stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ByDepth {
    /// What names the figure.
    pub figure: Figure,
    /// Names of the codes for people.
    pub codes: Vec<String>,
    /// One entry a level, in any order.
    pub levels: Vec<Level>,
}

/// Comments of one level.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Level {
    /// 1 for a comment on the article, 2 for a reply to one, and so on.
    pub depth: u32,
    /// Comments of it that were coded: what shares of codes are of.
    pub n: u64,
    /// Its comments by sentiment.
    pub tally: Tally,
    /// How many carry each code, in the order of [`ByDepth::codes`].
    pub codes: Vec<u64>,
}

/// Shares of sentiment and codes at each level, as a heat map. Deep levels are drawn as one; the table has all.
pub fn by_depth(data: &ByDepth, language: Language) -> String {
    let words = language.words();
    let mut sorted: Vec<&Level> = data.levels.iter().collect();
    sorted.sort_by_key(|level| level.depth);
    let mut order: Vec<usize> = (0..data.codes.len()).collect();
    order.sort_by_key(|&code| {
        std::cmp::Reverse(sorted.iter().map(|level| level.count(code)).fold(0, u64::saturating_add))
    });
    let left_out = match order.len() {
        ..=MOST => String::new(),
        all => {
            order.truncate(MOST);
            let (shown, of) = (language.count(MOST as u64), language.count(all as u64));
            fill(&words.largest_of, &[("shown", &shown), ("of", &of)])
        }
    };
    let plot = Plot {
        figure: &data.figure,
        language,
        kind: "depth",
        title: &words.depth_title,
        note: format!("{} {left_out}", words.depth_note),
        desc: describe(&sorted, language),
        table: table(&sorted, &data.codes, language),
    };
    if sorted.is_empty() {
        return plot.render_empty();
    }
    plot.render(|layout| draw(&columns(&sorted, layout.pick(9, 6)), &data.codes, &order, layout, language))
}

impl Level {
    fn count(&self, code: usize) -> u64 {
        self.codes.get(code).copied().unwrap_or(0)
    }

    fn add(&mut self, other: &Self) {
        self.n = self.n.saturating_add(other.n);
        self.tally.add(&other.tally);
        self.codes.resize(self.codes.len().max(other.codes.len()), 0);
        for (sum, n) in self.codes.iter_mut().zip(&other.codes) {
            *sum = sum.saturating_add(*n);
        }
    }
}

/// Levels that stand in columns: `most` at most, the last of them and all that are deeper in one.
fn columns(sorted: &[&Level], most: usize) -> Vec<(String, Level)> {
    let mut columns: Vec<(String, Level)> = Vec::new();
    for level in sorted {
        match columns.last_mut() {
            Some((_, last)) if last.depth == level.depth => last.add(level),
            Some((name, last)) if columns_full(last.depth, level.depth, most) => {
                last.add(level);
                if !name.ends_with('+') {
                    name.push('+');
                }
            }
            _ => columns.push((level.depth.to_string(), (*level).clone())),
        }
    }
    columns
}

fn columns_full(last: u32, next: u32, most: usize) -> bool {
    last as usize >= most && next as usize > most
}

fn describe(sorted: &[&Level], language: Language) -> Vec<String> {
    let words = language.words();
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    let (levels, n) = (language.count(u64::from(last.depth)), language.count(first.n));
    let mut said = vec![fill(&words.depth_desc, &[("levels", &levels), ("n", &n)])];
    let mut below = Tally::default();
    for level in &sorted[1..] {
        below.add(&level.tally);
    }
    if first.tally.coded() > 0 && below.coded() > 0 {
        let [top, deep] = [&first.tally, &below].map(|tally| language.percent(tally.share(Tone::Negative)));
        said.push(fill(&words.depth_change, &[("top", &top), ("deep", &deep)]));
    }
    said
}

fn table(sorted: &[&Level], codes: &[String], language: Language) -> Table {
    let words = language.words();
    let mut head = vec![&*words.level, "n", &words.negative, "%", &words.neutral, "%", &words.positive, "%"];
    head.extend(codes.iter().flat_map(|code| [&**code, "%"]));
    let mut table = Table::new(&head);
    let pair = |n: u64, share: f64| [language.count(n), language.decimal(share * 100.0, 1)];
    for level in sorted {
        let tones = Tone::ALL.into_iter().flat_map(|tone| pair(level.tally.of(tone), level.tally.share(tone)));
        let of_codes = (0..codes.len()).flat_map(|code| pair(level.count(code), share(level.count(code), level.n)));
        let head = [language.count(u64::from(level.depth)), language.count(level.n)];
        table.rows.push(head.into_iter().chain(tones).chain(of_codes).collect());
    }
    table
}

/// One row of cells: its name, its class, and the share in each column with what it is a share of.
struct Row<'a> {
    name: &'a str,
    class: &'a str,
    cells: Vec<(f64, u64)>,
}

fn draw(columns: &[(String, Level)], codes: &[String], order: &[usize], layout: Layout, language: Language) -> Svg {
    let words = language.words();
    let sentiment = Tone::ALL.map(|tone| Row {
        name: words.tone(tone),
        class: tone.class(),
        cells: columns.iter().map(|(_, level)| (level.tally.share(tone), level.tally.coded())).collect(),
    });
    let coded = order.iter().map(|&code| Row {
        name: &codes[code],
        class: "heat",
        cells: columns.iter().map(|(_, level)| (share(level.count(code), level.n), level.n)).collect(),
    });
    let coded: Vec<Row> = coded.collect();
    let left = layout.pick(200.0, 112.0);
    let cell = ((layout.width() - left) / columns.len() as f64).min(layout.pick(90.0, 60.0));
    let tall = coded.iter().any(|row| needs_two_lines(row.name, left - 8.0));
    let row_height = if tall { 36.0 } else { 28.0 };
    let mut svg = Svg::new(layout, 0.0);
    svg.text("head", Anchor::Start, 0.0, 13.0, &words.level);
    svg.text("label soft", Anchor::Start, 0.0, 33.0, &words.comments);
    for (at, (name, level)) in columns.iter().enumerate() {
        let x = left + cell * (at as f64 + 0.5);
        svg.text("head", Anchor::Middle, x, 13.0, name);
        let n = language.count_in(level.tally.all().max(level.n), cell);
        svg.text("label soft", Anchor::Middle, x, 33.0, &n);
    }
    let mut y = 44.0;
    for group in [&sentiment[..], &coded[..]].into_iter().filter(|group| !group.is_empty()) {
        let most = group.iter().flat_map(|row| row.cells.iter().filter(|(_, of)| *of >= FEW));
        let most = most.map(|(share, _)| drawable(*share)).fold(0.05, f64::max);
        for row in group {
            svg.label_block("label", 0.0, y + row_height / 2.0, left - 8.0, row.name);
            for (at, &(share, of)) in row.cells.iter().enumerate() {
                let x = left + cell * at as f64;
                let (middle, base) = (x + cell / 2.0, y + row_height / 2.0 + BASELINE);
                if of == 0 {
                    svg.text("label soft", Anchor::Middle, middle, base, "–");
                    continue;
                }
                let strength = if of < FEW { 0.05 } else { 0.06 + 0.39 * (drawable(share) / most).min(1.0) };
                svg.pale_rect(row.class, strength, [x + 1.0, y + 1.0, cell - 2.0, row_height - 2.0]);
                let class = if of < FEW { "label soft" } else { "label" };
                svg.text(class, Anchor::Middle, middle, base, &language.bare_percent(share));
            }
            y += row_height;
        }
        y += 10.0;
    }
    svg.height = y - 6.0;
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_levels_share_the_last_column() {
        let level = |depth| Level { depth, n: 1, codes: vec![1], ..Level::default() };
        let levels: Vec<Level> = (1..=1_000).map(level).collect();
        let sorted: Vec<&Level> = levels.iter().collect();
        let columns = columns(&sorted, 6);
        let names: Vec<&str> = columns.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["1", "2", "3", "4", "5", "6+"]);
        assert_eq!(columns[5].1.n, 995);
    }
}
