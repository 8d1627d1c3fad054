//! Text copied from a browser or printed from a page: no ids, no parents, often no authors.
//!
//! Grammar: the article; a stated count ("Commentaires (19)", "59 comments"); blocks, each begun by the avatar's
//! alternative text, which repeats, by an author's line with a date line below it, or by a line that says both, or ended
//! by a date among buttons; buttons ("Répondre"), marks of edits and the next writer's card at a block's end; the page's
//! footer.
//!
//! `heads` finds where comments begin, `lines` tells what a line can be, `body` what of a block is the comment's text.

mod article;
mod avatars;
mod body;
mod bounds;
mod closed;
mod flat;
mod heads;
mod lines;
mod words;
mod writers;

pub(super) use self::flat::of_page;
use self::heads::{Head, Heads};
use self::lines::author_and_date;
use self::words::PRINTED;
use super::words::WORDS;
use super::{Fragment, Origin, Site, SiteError, Verified, View};
use crate::model::{Certainty, Comment, CommentState, FoundBy, Moment, PageKind};
use crate::text::dates::{DayOrder, find_printed, order_of};
use crate::text::fold;

/// Pasted or printed text.
#[derive(Debug)]
pub(super) struct Pasted;

impl Site for Pasted {
    fn name(&self) -> &str {
        "pasted"
    }

    fn reads(&self) -> &str {
        "text copied from a browser or printed to text, in the site's order, without ids and parents"
    }

    fn gives(&self) -> &str {
        "authors, dates, votes and states where printed"
    }

    fn verified(&self) -> Verified {
        Verified::RealPages
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.page.kind == PageKind::Text
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(text) = view.text() else { return Err(SiteError::NoThread) };
        if text.trim_start_matches('\u{feff}').starts_with("thread_id")
            && text.lines().next().is_some_and(|l| l.contains("comment_id"))
        {
            return Err(SiteError::OwnTable);
        }
        let lines: Vec<&str> = text.lines().map(|line| line.trim_matches(['\u{c}', '\u{feff}']).trim_end()).collect();
        let order = order_of(lines.iter().copied(), language(&lines));
        let heads = Heads::find(&lines, order);
        let reader = Reader { lines: &lines, read_at: view.page.fetched_at.as_ref(), order, heads };
        let mut fragment = reader.read()?;
        fragment.origin = Origin::Structure;
        fragment.found_by = FoundBy::Pasted;
        let counted = fragment.stated_count == Some(fragment.comments.len() as u64);
        fragment.certainty = if counted { Certainty::Medium } else { Certainty::Low };
        Ok(fragment)
    }
}

/// The writer that a line names beside a date: "Posté par Zoé le 3 avril 2024".
pub(super) fn writer_and_date(line: &str, order: DayOrder) -> Option<String> {
    let line = lines::bare(line);
    let found = author_and_date(line, order).or_else(|| lines::label(line, find_printed(line, order).as_ref()));
    found.map(|(name, _)| name)
}

/// Whether a text says that a comment was deleted or hidden, and no more.
pub(super) fn is_removed(text: &str) -> bool {
    PRINTED.state(text) != CommentState::Visible
}

/// Marks a comment of which a page prints only that it was deleted or hidden: "[deleted]", "Ce commentaire a été supprimé." Single words
/// may be what somebody wrote.
pub(super) fn mark_removed(comment: &mut Comment) {
    let is_said = comment.text.starts_with(['[', '(']) || comment.text.split_whitespace().nth(1).is_some();
    if comment.state != CommentState::Visible || !is_said {
        return;
    }
    comment.state = PRINTED.state(&comment.text);
    if comment.state != CommentState::Visible {
        comment.text.clear();
        comment.quotes.clear();
        comment.links.clear();
        comment.author = comment.author.take().filter(|author| !PRINTED.is_nobody(&author.name));
    }
}

/// "3:05 pm" next to a numeric date is American usage.
fn language(lines: &[&str]) -> &'static str {
    let american = lines.iter().any(|line| {
        let line = line.trim();
        line.len() < 60 && line.contains(['/', '-']) && {
            let folded = fold(line);
            (folded.ends_with("am") || folded.ends_with("pm")) && folded.bytes().any(|b| b.is_ascii_digit())
        }
    });
    if american { "en-US" } else { "" }
}

/// Count lines that are tried: pages state counts of other things above the discussion, and buttons below comments.
const MAX_COUNTS: usize = 16;

/// Filled lines that may be left out behind a wide gap without a remark.
const LINES_NOT_MENTIONED: usize = 3;

struct Reader<'a> {
    lines: &'a [&'a str],
    read_at: Option<&'a Moment>,
    order: DayOrder,
    heads: Heads<'a>,
}

impl Reader<'_> {
    fn read(&self) -> Result<Fragment, SiteError> {
        let anywhere = self.heads.anywhere();
        let above = |at: usize| anywhere.partition_point(|head| head.at < at);
        // The count nearest the comments: the first one below which blocks are found. What a writer's card counts is none.
        let found = self
            .heads
            .counts()
            .filter(|(at, _)| !(self.heads.is_card(*at) && above(*at) > 0))
            .take(MAX_COUNTS)
            .map(|(at, count)| (at, count, self.heads.below(at + 1, Some(count))))
            .max_by_key(|(at, count, heads)| {
                (heads.len().min(usize::try_from(*count).unwrap_or(usize::MAX)), std::cmp::Reverse(*at))
            });
        // "Voir les 2 réponses" stands among the comments, and counts others.
        let stands_among = |(at, count, heads): &(usize, u64, Vec<Head>)| {
            let is_other = heads.len() as u64 != *count || WORDS.is_loose_count(self.lines[*at]);
            is_other && above(*at) >= 2 && anywhere.len() > heads.len()
        };
        let (from, stated, heads) = match found.filter(|found| !stands_among(found)) {
            Some((at, count, heads)) if !heads.is_empty() || count == 0 => (at, Some(count), heads),
            _ => {
                let Some(from) = anywhere.first().map(|head| head.at) else { return self.without_comments() };
                let stated = self.heads.counts().find(|(at, _)| *at < from).map(|(_, count)| count);
                (from, stated, anywhere)
            }
        };
        let article = self.article(from);
        let end = heads
            .last()
            .map_or(from, |head| head.end.unwrap_or_else(|| self.end_of_thread(head.body, article.title.as_deref())));
        let end = self.end_by_buttons(&heads, end).unwrap_or(end);
        let comments = self.comments(&heads, end, article.title.as_deref());
        let notes = if heads.is_empty() { Vec::new() } else { self.note_of_rest(end).into_iter().collect() };
        Ok(Fragment { article, comments, stated_count: stated, notes, ..Fragment::default() })
    }

    /// A text that says that comments are closed, and shows none.
    fn without_comments(&self) -> Result<Fragment, SiteError> {
        let closed = self.heads.closed_at(0).ok_or(SiteError::NoThread)?;
        let notes = vec!["the text says that comments are closed, and none stand in it".to_owned()];
        Ok(Fragment { article: self.article(closed), notes, ..Fragment::default() })
    }

    /// Where the last comment ends: at the page's footer, at the article's title coming again, or at a wide gap, as
    /// printed pages have.
    fn end_of_thread(&self, from: usize, title: Option<&str>) -> usize {
        let mut empty = 0;
        let mut begun = false;
        for at in from..self.lines.len() {
            let line = self.lines[at].trim();
            if line.is_empty() {
                empty += 1;
                if begun && empty >= 3 {
                    return at;
                }
                continue;
            }
            let is_title = begun && title.is_some_and(|title| title == line);
            let leads_away = WORDS.is_footer(line) || PRINTED.is_related(line) || PRINTED.is_navigation(line);
            if leads_away || PRINTED.is_foot(line) || is_title {
                return at;
            }
            (begun, empty) = (true, 0);
        }
        self.lines.len()
    }

    /// What to say of the text behind a wide gap: it may have belonged to the last comment.
    fn note_of_rest(&self, end: usize) -> Option<String> {
        // A footer or the title would have ended the thread as well.
        let is_gap = self.lines.get(end)?.trim().is_empty();
        let rest = self.lines[end..].iter().map(|line| line.trim()).filter(|line| !line.is_empty());
        let ended_anyway = WORDS.is_footer(rest.clone().next()?);
        let left_out = rest.count();
        (is_gap && !ended_anyway && left_out > LINES_NOT_MENTIONED).then(|| {
            format!(
                "the last comment was ended at three empty lines (line {}), and {left_out} lines below were left out; if \
                 comments are among them, remove the empty lines",
                end + 1
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::model::Page;

    fn page(text: &str) -> Page {
        Page {
            source: "pasted.txt".into(),
            url: None,
            fetched_at: None,
            kind: PageKind::Text,
            frame_of: None,
            posted: None,
            headers: std::collections::BTreeMap::default(),
            body: text.into(),
        }
    }

    pub(super) fn read(text: &str) -> Fragment {
        super::super::read(&page(text)).expect("a thread")
    }

    pub(super) fn told(fragment: &Fragment) -> Vec<(&str, &str, &str)> {
        fragment
            .comments
            .iter()
            .map(|comment| {
                let author = comment.author.as_ref().map_or("", |author| author.name.as_str());
                (author, comment.posted_at.as_ref().map_or("", |at| at.iso.as_str()), comment.text.as_str())
            })
            .collect()
    }

    #[test]
    fn repeated_lines_cost_no_more_than_others() {
        let begun = Instant::now();
        for line in
            ["2 commentaires\n", "Une réponse\nZoé\n12 mars 2024\n", "Avatar de Zoé\n", "Un titre de quatre mots\n"]
        {
            let _ =
                read(&format!("Titre de la page\n2 commentaires\nZoé\n12 mars 2024\n\nOui.\n{}", line.repeat(8000)));
            let _ = read(&format!("{}2 commentaires\nZoé\n12 mars 2024\n\nOui.\n", line.repeat(8000)));
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }

    #[test]
    fn a_sentence_about_avatar_begins_no_comment() {
        let thread = read(
            "Commentaires (3)\nTrier par : plus récents\nvotre avatar\nUn.\nvotre avatar\nVous avez vu Avatar 2 ?\n\
             J’ai revu avatar\nOui.\nvotre avatar\nTrois.\n",
        );
        let told = told(&thread);
        assert_eq!(
            told,
            [("", "", "Un."), ("", "", "Vous avez vu Avatar 2 ?\nJ’ai revu avatar\nOui."), ("", "", "Trois.")]
        );
    }

    #[test]
    fn avatars_with_names() {
        let thread = read(
            "3 commentaires\nAvatar de Zoé\nZoé\n12 mars 2024 à 9h29\nAvatar de la honte, ce film.\nAvatar d’Élise Roux\n\
             Élise Roux\n12 mars 2024 à 9h30\nDeux.\nAvatar de Zoé\nZoé\n12 mars 2024 à 9h31\nTrois.\n",
        );
        let told = told(&thread);
        assert_eq!(told[0], ("Zoé", "2024-03-12T09:29:00", "Avatar de la honte, ce film."));
        assert_eq!(told[1], ("Élise Roux", "2024-03-12T09:30:00", "Deux."));
        assert_eq!(told.len(), 3);
    }

    #[test]
    fn a_page_may_show_fewer_comments_than_it_states() {
        let text = "Commentaires (1 234)\nAvatar de Zoé\nZoé\n12 mars 2024 à 9h29\nAvatar 2 était mieux\n\
                    Avatar de Jean Roux\nJean Roux\n12 mars 2024 à 9h30\nNon\n12\nRépondre\n";
        let thread = read(text);
        assert_eq!(thread.stated_count, Some(1234));
        let expected =
            [("Zoé", "2024-03-12T09:29:00", "Avatar 2 était mieux"), ("Jean Roux", "2024-03-12T09:30:00", "Non")];
        assert_eq!(told(&thread), expected);
    }

    #[test]
    fn an_articles_own_byline_begins_no_comment_where_no_count_is_stated() {
        let thread = read("Un titre\nPar Jeanne Roux\n12 mars 2024\nZoé\n13 mars 2024\nOui\nBob\n14 mars 2024\nNon\n");
        assert_eq!(told(&thread), [("Zoé", "2024-03-13", "Oui"), ("Bob", "2024-03-14", "Non")]);
    }

    #[test]
    fn a_sentence_that_ends_with_a_date_is_no_card() {
        for line in ["They have sold it since 2019.", "On le sait depuis 2019.", "Das machen die seit Mai 2019."] {
            let thread = read(&format!(
                "Title\n2 comments\nOrla M.\n14 March 2026\n\n{line}\nReply\nBob\n14 March 2026\nNo.\nReply\n"
            ));
            assert_eq!(told(&thread), [("Orla M.", "2026-03-14", line), ("Bob", "2026-03-14", "No.")]);
        }
    }

    #[test]
    fn a_single_sentence_is_no_title() {
        for byline in ["", "By Ruth Ames\n14 March 2026\n"] {
            let thread = read(&format!(
                "Loyalty cards and your basket\n{byline}\nSupermarkets sell basket data.\n\n1 comment\nOrla\n15 March 2026\nNo.\n"
            ));
            assert_eq!(thread.article.title.as_deref(), Some("Loyalty cards and your basket"));
        }
    }

    #[test]
    fn a_byline_is_no_title() {
        let text = "Titre court\n12 mars 2024 par Jeanne Roux\nLe texte de l’article, assez long pour être reconnu comme tel \
                    par ce programme.\n1 commentaire\nZoé\n13 mars 2024\nOui.\n";
        for text in [text.to_owned(), text.replace("12 mars 2024 par Jeanne Roux", "Par Jeanne Roux, le 12 mars 2024")]
        {
            let article = read(&text).article;
            assert_eq!(article.title.as_deref(), Some("Titre court"));
            assert_eq!(article.author.as_deref(), Some("Jeanne Roux"));
            assert_eq!(article.published_at.map(|at| at.iso).as_deref(), Some("2024-03-12"));
        }
    }

    #[test]
    fn layouts_of_heads() {
        let expected = [("Zoé", "2024-03-12T09:29:00", "Oui."), ("Bob Lee", "2024-03-12T09:40:00", "Non merci")];
        for text in [
            "2 comments\nZoé\n\n12 March 2024 at 9:29\n\nOui.\nBob Lee\n\n12 March 2024 at 9:40\nNon merci\n",
            "2 comments\n12 March 2024 at 9:29\nZoé\nOui.\n12 March 2024 at 9:40\nBob Lee\nNon merci\n",
            "2 comments\nZoé\n12 March 2024 at 9:29\nOui.\n12\nReply\n  ↳ Bob Lee replied to Zoé\n  > 12 March 2024 at 9:40\nNon merci\n3\nReply",
            "2 comments\n* Zoé\n12 March 2024 at 9:29\nOui.\nReply\n4\n1 reply\n* Bob Lee\nIn reply to Zoé\n12 March 2024 at 9:40\nNon merci\nReply",
        ] {
            assert_eq!(told(&read(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_changelog_in_a_comment_begins_none() {
        let thread = read(
            "2 comments\nZoé\n12 March 2024 at 9:29\nSee:\nVersion two\nMarch 1, 2024\nFixes\nBob\n12 March 2024 at 9:40\n42\nReply\n",
        );
        let told = told(&thread);
        assert_eq!(told[0].2, "See:\nVersion two\nMarch 1, 2024\nFixes");
        assert_eq!(told[1], ("Bob", "2024-03-12T09:40:00", "42"));
    }

    proptest::proptest! {
        #[test]
        fn no_mixture_of_lines_panics(
            lines in proptest::collection::vec(
                proptest::sample::select(vec![
                    "", "Zoé", "12 mars 2024", "2 commentaires", "Répondre", "Oui.", "“ Non", "____________", "Z", "Re: x", "3 sem.", "Membre", "#2", "42",
                    "Avatar de Zoé", "Joined", "@Zoé:", "Zoé2026-03-14", "ici < https://a.b/> là", "< http", "Modifié", "Beitrag von Zoé » 3. Apr 2024", "[deleted]",
                    "—", "é\u{301}", "Laisser un commentaire", "[–]zoe -2 points 2 years ago",
                ]),
                0..40,
            ),
        ) {
            let page = page(&lines.join("\n"));
            if let Ok(fragment) = super::super::read(&page) {
                for comment in &fragment.comments {
                    let spans = comment.quotes.iter().map(|quote| quote.span).chain(comment.links.iter().map(|link| link.span));
                    spans.for_each(|span| assert!(comment.text.get(span.start..span.end).is_some()));
                }
            }
        }
    }

    #[test]
    fn what_a_wide_gap_cuts_off_is_told() {
        let head = "1 comment\nZoé\n12 March 2024\nOui.\n\n\n\n";
        assert!(read(&format!("{head}a\nb\n")).notes.is_empty());
        assert!(read(&format!("{head}Leave a comment\na\nb\nc\nd\n")).notes.is_empty());
        let notes = read(&format!("{head}a\nb\n\nc\nd\n")).notes;
        assert!(notes.len() == 1 && notes[0].contains("4 lines"), "{notes:?}");
    }
}
