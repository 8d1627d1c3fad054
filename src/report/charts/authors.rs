use super::figure::{Figure, Plot, Table, legend};
use super::format::{Language, share};
use super::svg::{Anchor, BASELINE, Layout, Svg};
use super::words::{fill, sentence};

/// Smallest numbers of comments of the groups that authors are put in.
const GROUPS: [u64; 6] = [1, 2, 5, 10, 20, 50];

/// How many comments each author wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authors {
    /// What names the figure.
    pub figure: Figure,
    /// One entry an author, in any order.
    pub comments: Vec<u64>,
}

/// Authors in groups by how much they wrote: the share of authors above the share of comments.
pub fn authors(data: &Authors, language: Language) -> String {
    let words = language.words();
    let groups = groups(&data.comments);
    let totals = (sum(groups.iter().map(|group| group.authors)), sum(groups.iter().map(|group| group.comments)));
    let mut table = Table::new(&[&words.authors_writing, &words.authors, "%", &words.comments, "%"]);
    for group in &groups {
        table.rows.push(vec![
            group.name(language),
            language.count(group.authors),
            language.part(group.authors, totals.0),
            language.count(group.comments),
            language.part(group.comments, totals.1),
        ]);
    }
    let plot = Plot {
        figure: &data.figure,
        language,
        kind: "authors",
        title: &words.authors_title,
        notes: Vec::new(),
        desc: describe(&data.comments, totals, language),
        table,
    };
    if groups.is_empty() { plot.render_empty() } else { plot.render(|layout| draw(&groups, totals, layout, language)) }
}

/// Authors who wrote from `least` to `most` comments.
#[derive(Debug, PartialEq, Eq)]
struct Group {
    least: u64,
    most: Option<u64>,
    authors: u64,
    comments: u64,
}

impl Group {
    fn name(&self, language: Language) -> String {
        match self.most {
            Some(most) if most == self.least => language.count(self.least),
            Some(most) => format!("{}–{}", language.count(self.least), language.count(most)),
            None => fill(&language.words().and_more, &[("n", &language.count(self.least))]),
        }
    }
}

fn groups(comments: &[u64]) -> Vec<Group> {
    let most = comments.iter().copied().max().unwrap_or(0);
    let groups = GROUPS.into_iter().enumerate().filter(|(_, least)| *least <= most).map(|(at, least)| {
        let next = GROUPS.get(at + 1).copied();
        let of = || comments.iter().copied().filter(move |&n| n >= least && next.is_none_or(|next| n < next));
        Group { least, most: next.map(|next| next - 1), authors: of().count() as u64, comments: sum(of()) }
    });
    groups.collect()
}

fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0, u64::saturating_add)
}

fn describe(comments: &[u64], (authors, all): (u64, u64), language: Language) -> Vec<String> {
    let mut sorted: Vec<u64> = comments.iter().copied().filter(|&n| n > 0).collect();
    sorted.sort_unstable_by_key(|&n| std::cmp::Reverse(n));
    let tenth = sorted.len().div_ceil(10);
    let part = share(sum(sorted.iter().take(tenth).copied()), all);
    let once = language.percent(share(sorted.iter().filter(|&&n| n == 1).count() as u64, authors));
    let (authors, comments) = (language.count(authors), language.count(all));
    let (tenth, part) = (language.count(tenth as u64), language.percent(part));
    let values =
        [("authors", &*authors), ("comments", &*comments), ("tenth", &*tenth), ("part", &*part), ("once", &*once)];
    vec![sentence(&language.words().authors_desc, &values)]
}

fn draw(groups: &[Group], (authors, comments): (u64, u64), layout: Layout, language: Language) -> Svg {
    let words = language.words();
    let mut svg = Svg::new(layout, 0.0);
    legend(&mut svg, 10.0, &[("people", &words.of_authors), ("machine", &words.of_comments)]);
    let left = layout.pick(190.0, 84.0);
    let room = layout.width() - left - layout.pick(130.0, 110.0);
    svg.label("head", Anchor::Start, (0.0, 42.0), layout.width(), &words.authors_writing);
    let shares = groups.iter().map(|group| share(group.authors, authors).max(share(group.comments, comments)));
    let most = shares.fold(0.01, f64::max);
    let mut y = 54.0;
    for group in groups {
        svg.label("label", Anchor::Start, (0.0, y + 16.0 + BASELINE), left - 8.0, &group.name(language));
        for (at, class, n, of) in [(0.0, "people", group.authors, authors), (1.0, "machine", group.comments, comments)]
        {
            let width = room * share(n, of) / most;
            svg.rect(class, left, y + at * 16.0 + 1.0, width.max(0.5), 13.0);
            let text = format!("{} · {}", language.percent(share(n, of)), language.count_in(n, 52.0));
            svg.text("label soft", Anchor::Start, left + width + 6.0, y + at * 16.0 + 8.0 + BASELINE, &text);
        }
        y += 42.0;
    }
    svg.line("axis", (left, 54.0), (left, y - 8.0));
    svg.height = y;
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_author_is_in_one_group() {
        let comments: Vec<u64> = (0..200).collect();
        let groups = groups(&comments);
        assert_eq!(groups.iter().map(|group| group.authors).sum::<u64>(), 199);
        assert_eq!(groups.iter().map(|group| group.comments).sum::<u64>(), comments.iter().sum::<u64>());
        assert_eq!(groups[1], Group { least: 2, most: Some(4), authors: 3, comments: 9 });
        assert_eq!(groups[5].name(Language::English), "50 or more");
    }
}
