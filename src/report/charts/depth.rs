use super::by_code::{ByCode, add_each, open_note};
use super::figure::{Figure, Plot, Table, largest};
use super::format::Language;
use super::sentiment::{Tally, Tone, tone_cells};
use super::svg::{Anchor, BASELINE, Layout, Svg, needs_two_lines};
use super::words::sentence;

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
    /// Comments of it that were coded.
    pub n: u64,
    /// Its comments by sentiment.
    pub tally: Tally,
    /// How many carry each code, in the order of [`ByDepth::codes`].
    pub codes: Vec<u64>,
    /// Of how many it was left open whether they carry each code: its share is of the others of the `n`. Where the list is
    /// shorter, of none.
    pub open: Vec<u64>,
}

/// Shares of sentiment and codes at each level, as a heat map. Deep levels are drawn as one; the table has all.
pub fn by_depth(data: &ByDepth, language: Language) -> String {
    let words = language.words();
    let mut sorted: Vec<&Level> = data.levels.iter().collect();
    sorted.sort_by_key(|level| level.depth);
    let codes: Vec<usize> = (0..data.codes.len()).collect();
    let total = |&code: &usize| sorted.iter().map(|level| level.by_code().count(code)).fold(0, u64::saturating_add);
    let (order, left_out) = largest(&codes, MOST, language, total);
    let open = open_note(sorted.iter().flat_map(|level| &level.open), language);
    let plot = Plot {
        figure: &data.figure,
        language,
        kind: "depth",
        title: &words.depth_title,
        notes: vec![&words.depth_note, open, &left_out],
        desc: describe(&sorted, language),
        table: table(&sorted, &data.codes, language),
    };
    if sorted.is_empty() {
        return plot.render_empty();
    }
    plot.render(|layout| draw(&columns(&sorted, layout.pick(9, 6)), &data.codes, &order, layout, language))
}

impl Level {
    fn by_code(&self) -> ByCode<'_> {
        ByCode { n: self.n, carrying: &self.codes, open: &self.open }
    }

    fn add(&mut self, other: &Self) {
        self.n = self.n.saturating_add(other.n);
        self.tally.add(&other.tally);
        add_each(&mut self.codes, &other.codes);
        add_each(&mut self.open, &other.open);
    }
}

/// Levels that stand in columns: `most` at most, the last of them and all that are deeper in one.
fn columns(sorted: &[&Level], most: usize) -> Vec<(String, Level)> {
    let mut columns: Vec<(String, Level)> = Vec::new();
    for level in sorted {
        match columns.last_mut() {
            Some((_, last)) if last.depth == level.depth => last.add(level),
            Some((name, last)) if last.depth as usize >= most => {
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

fn describe(sorted: &[&Level], language: Language) -> Vec<String> {
    let words = language.words();
    let Some(last) = sorted.last() else { return Vec::new() };
    let (mut top, mut replies) = (Level::default(), Tally::default());
    for level in sorted {
        if level.depth <= 1 { top.add(level) } else { replies.add(&level.tally) }
    }
    let (levels, n) = (language.count(u64::from(last.depth)), language.count(top.n));
    let mut said = vec![sentence(&words.depth_desc, &[("levels", &levels), ("n", &n)])];
    if top.tally.coded() > 0 && replies.coded() > 0 {
        let [top, deep] = [&top.tally, &replies].map(|tally| language.percent(tally.share(Tone::Negative)));
        said.push(sentence(&words.depth_change, &[("top", &top), ("deep", &deep)]));
    }
    said
}

fn table(sorted: &[&Level], codes: &[String], language: Language) -> Table {
    let words = language.words();
    let mut head = vec![&*words.level, "n", &words.negative, "%", &words.neutral, "%", &words.positive, "%"];
    head.extend(codes.iter().flat_map(|code| [&**code, "%"]));
    let mut table = Table::new(&head);
    for level in sorted {
        let head = [language.count(u64::from(level.depth)), language.count(level.n)];
        let of_codes = level.by_code().cells(codes.len(), language);
        table.rows.push(head.into_iter().chain(tone_cells(&level.tally, language)).chain(of_codes).collect());
    }
    table
}

/// One row of cells: its name, its class, and the share in each column with what it is a share of.
struct Row<'a> {
    name: &'a str,
    class: &'a str,
    cells: Vec<(f64, u64)>,
}

fn draw(columns: &[(String, Level)], codes: &[String], order: &[&usize], layout: Layout, language: Language) -> Svg {
    let words = language.words();
    let sentiment = Tone::ALL.map(|tone| Row {
        name: words.tone(tone),
        class: tone.class(),
        cells: columns.iter().map(|(_, level)| (level.tally.share(tone), level.tally.coded())).collect(),
    });
    let coded = order.iter().map(|&&code| Row {
        name: &codes[code],
        class: "heat",
        cells: columns.iter().map(|(_, level)| (level.by_code().share(code), level.by_code().decided(code))).collect(),
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
        let most = most.map(|(share, _)| *share).fold(0.05, f64::max);
        for row in group {
            svg.label_block("label", 0.0, y + row_height / 2.0, left - 8.0, row.name);
            for (at, &(share, of)) in row.cells.iter().enumerate() {
                let x = left + cell * at as f64;
                let (middle, base) = (x + cell / 2.0, y + row_height / 2.0 + BASELINE);
                if of == 0 {
                    svg.text("label soft", Anchor::Middle, middle, base, "–");
                    continue;
                }
                let strength = if of < FEW { 0.05 } else { 0.06 + 0.39 * (share / most).min(1.0) };
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

    #[test]
    fn a_comment_left_open_counts_neither_for_nor_against_a_code() {
        let level =
            |depth, open: &[u64]| Level { depth, n: 40, codes: vec![10, 6], open: open.to_vec(), ..Level::default() };
        let mut sum = level(2, &[20]);
        sum.add(&level(3, &[0, 40]));
        assert_eq!((sum.n, &*sum.open), (80, &[20, 40][..]));
        assert_eq!((sum.by_code().share(0), sum.by_code().decided(1)), (20.0 / 60.0, 40));

        let mut data = ByDepth {
            figure: Figure::new("d"),
            codes: vec!["a".into(), "b".into()],
            levels: vec![level(1, &[20, 40])],
        };
        let html = by_depth(&data, Language::English);
        assert!(
            html.contains("<td>40</td>") && html.contains("<td>10</td><td>50.0</td><td>6</td><td>–</td>"),
            "{html}"
        );
        assert!(html.contains("40 coded comments on the article itself"), "{html}");
        assert!(html.contains("left open"), "{html}");
        data.levels[0].open.clear();
        let html = by_depth(&data, Language::English);
        assert!(html.contains("<td>10</td><td>25.0</td><td>6</td><td>15.0</td>"), "{html}");
        assert!(!html.contains("left open"), "{html}");
    }

    #[test]
    fn replies_are_not_taken_for_comments_on_the_article() {
        let levels = vec![Level { depth: 2, n: 7, ..Level::default() }];
        let html = by_depth(&ByDepth { figure: Figure::new("d"), codes: Vec::new(), levels }, Language::English);
        assert!(html.contains("0 coded comments on the article itself; the deepest reply is on level 2."), "{html}");
    }
}
