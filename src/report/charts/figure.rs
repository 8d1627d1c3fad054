use std::fmt::Write as _;

use super::format::Language;
use super::svg::{Anchor, BASELINE, Layout, Svg, clean, escape, extent};
use super::words::fill;

/// What names a figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figure {
    /// Its `id` in the page, of letters, digits, `-` and `_`; others become `-`. No two figures of a page may share one.
    pub id: String,
    /// The headline; where empty, the chart names itself.
    pub title: String,
    /// A sentence below it, such as what is counted; may be empty.
    pub note: String,
}

impl Figure {
    /// A figure that names itself.
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    pub(super) fn title_or<'a>(&'a self, title: &'a str) -> &'a str {
        if self.title.trim().is_empty() { title } else { &self.title }
    }

    fn safe_id(&self) -> String {
        let safe = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
        let id: String = self.id.chars().map(safe).collect();
        if id.is_empty() { "chart".to_owned() } else { id }
    }
}

/// A chart but for its drawings.
#[derive(Debug)]
pub(super) struct Plot<'a> {
    pub(super) figure: &'a Figure,
    pub(super) language: Language,
    pub(super) kind: &'static str,
    /// The headline where the figure has none.
    pub(super) title: &'a str,
    /// What the chart says of itself, behind the figure's note; empty ones are left out.
    pub(super) notes: Vec<&'a str>,
    /// What it shows, in sentences as HTML: see [`super::words::sentence`].
    pub(super) desc: Vec<String>,
    pub(super) table: Table,
}

impl Plot<'_> {
    /// The figure, drawn for both widths.
    pub(super) fn render(&self, draw: impl Fn(Layout) -> Svg) -> String {
        let id = self.figure.safe_id();
        let mut out = self.open(&id);
        for layout in [Layout::Wide, Layout::Narrow] {
            self.drawing(&mut out, &id, &draw(layout));
        }
        self.table.render(&mut out, &id, self.title(), &self.language.words().data);
        out.push_str("</figure>\n");
        out
    }

    /// The figure where there is nothing to draw.
    pub(super) fn render_empty(&self) -> String {
        let mut out = self.open(&self.figure.safe_id());
        let _ = writeln!(out, "<p class=\"empty\">{}</p></figure>", escape(&self.language.words().no_data));
        out
    }

    fn title(&self) -> &str {
        self.figure.title_or(self.title)
    }

    fn open(&self, id: &str) -> String {
        let mut out = format!("<figure class=\"chart chart-{}\" id=\"{id}\">\n<figcaption>", self.kind);
        let _ = write!(out, "<strong>{}</strong>", escape(self.title()));
        let own: Vec<&str> = self.notes.iter().copied().filter(|note| !note.is_empty()).collect();
        for note in [self.figure.note.trim(), &own.join(" ")].into_iter().filter(|note| !note.is_empty()) {
            let _ = write!(out, " <span class=\"note\">{}</span>", escape(note));
        }
        out.push_str("</figcaption>\n");
        out
    }

    fn drawing(&self, out: &mut String, id: &str, svg: &Svg) {
        let class = svg.layout.class();
        let (width, height) = (svg.layout.width(), svg.height.ceil());
        let _ = write!(
            out,
            "<svg class=\"{class}\" role=\"img\" aria-labelledby=\"{id}-{class}-title {id}-{class}-desc\" \
             viewBox=\"0 0 {width} {height}\" font-size=\"13\" xmlns=\"http://www.w3.org/2000/svg\">\
             <title id=\"{id}-{class}-title\">{}</title><desc id=\"{id}-{class}-desc\">{}</desc>",
            escape(self.title()),
            self.desc.join(" "),
        );
        out.push_str(&svg.body);
        out.push_str("</svg>\n");
    }
}

/// The numbers of a chart. The first cell of each row names it.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(head: &[&str]) -> Self {
        Self { head: head.iter().map(|&cell| cell.to_owned()).collect(), rows: Vec::new() }
    }

    fn render(&self, out: &mut String, id: &str, caption: &str, summary: &str) {
        let _ = write!(
            out,
            "<details class=\"data\"><summary>{}</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" \
             aria-labelledby=\"{id}-caption\"><table><caption id=\"{id}-caption\">{}</caption>\n<thead><tr>",
            escape(summary),
            escape(caption),
        );
        for cell in &self.head {
            let _ = write!(out, "<th scope=\"col\"><bdi>{}</bdi></th>", escape(&clean(cell)));
        }
        out.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            out.push_str("<tr>");
            for (at, cell) in row.iter().enumerate() {
                let cell = clean(cell);
                let _ = match at {
                    0 => write!(out, "<th scope=\"row\"><bdi>{}</bdi></th>", escape(&cell)),
                    _ => write!(out, "<td>{}</td>", escape(&cell)),
                };
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</tbody></table></div></details>\n");
    }
}

/// A line of swatches with their names, at the middle `y`; wraps at the right edge. Gives back how many lines it took.
pub(super) fn legend(svg: &mut Svg, y: f64, entries: &[(&str, &str)]) -> usize {
    let (mut x, mut line) = (0.0, 0);
    for (class, name) in entries {
        let width = 16.0 + extent(name) + 14.0;
        if x > 0.0 && x + width > svg.layout.width() {
            (x, line) = (0.0, line + 1);
        }
        let middle = y + line as f64 * 20.0;
        if *class == "hollow" {
            svg.circle(class, x + 5.0, middle, 4.5);
        } else {
            svg.rect(class, x, middle - 5.0, 10.0, 10.0);
        }
        let room = svg.layout.width() - x - 16.0;
        svg.label("label", Anchor::Start, (x + 16.0, middle + BASELINE), room, name);
        x += width;
    }
    line + 1
}

/// The largest items first, as many as there is room for, and what to say where some are left out.
pub(super) fn largest<T>(items: &[T], most: usize, language: Language, size: impl Fn(&T) -> u64) -> (Vec<&T>, String) {
    let mut all: Vec<&T> = items.iter().collect();
    all.sort_by_key(|item| std::cmp::Reverse(size(item)));
    if all.len() <= most {
        return (all, String::new());
    }
    all.truncate(most);
    let (shown, of) = (language.count(most as u64), language.count(items.len() as u64));
    (all, fill(&language.words().largest_of, &[("shown", &shown), ("of", &of)]))
}
