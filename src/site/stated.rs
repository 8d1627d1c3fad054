//! What a page states as the number of its comments.

mod labels;

use scraper::ElementRef;

use super::words::WORDS;
use super::{Document, believable, body, css};
use crate::text::fold;

/// What a heading or label of the page states as the number of comments. Headings in or right before the discussion
/// come first; the article's own title ("5 comments that …") and headings of its text say nothing.
pub(super) fn stated_count(html: &Document, title: Option<&str>) -> Option<u64> {
    let count = |el: ElementRef<'_>| {
        let line = body::line(el);
        let is_title = title.is_some_and(|title| title.contains(&line));
        if is_title { None } else { WORDS.stated_count(&line).filter(|count| believable(*count)) }
    };
    let heading_count = |el: ElementRef<'_>| count(el).or_else(|| labels::apart(el).filter(|count| believable(*count)));
    let headings = || {
        html.select(css!("h1, h2, h3, h4, h5"))
            .filter_map(|el| Some((el, heading_count(el)?)))
            .filter(|(el, _)| !in_text(*el))
    };
    headings()
        .find(|(el, _)| inside_discussion(*el))
        .or_else(|| headings().find(|(el, _)| before_discussion(*el)))
        .map(|(_, count)| count)
        .or_else(|| {
            html.select(css!("[class*='comment-count'], [class*='comments-count'], [class*='comments-title'], [id*='comment-count'], [class*='commentCount']"))
                .filter(|el| !above(*el).any(|el| matches!(el.value().name(), "aside" | "nav")))
                .find_map(count)
        })
        .or_else(|| labels::count(html).filter(|count| believable(*count)))
        .or_else(|| headings().find(|(el, _)| !in_article(*el)).map(|(_, count)| count))
}

fn above(el: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    el.ancestors().filter_map(ElementRef::wrap)
}

/// Whether id or classes name a discussion.
fn names_discussion(el: ElementRef<'_>) -> bool {
    let words = fold(&format!("{} {}", el.attr("id").unwrap_or_default(), el.attr("class").unwrap_or_default()));
    ["comment", "kommentar", "coment", "discuss", "reaction", "replies"].iter().any(|word| words.contains(word))
}

/// Whether a heading stands in a discussion.
fn inside_discussion(heading: ElementRef<'_>) -> bool {
    above(heading).filter(|el| !matches!(el.value().name(), "body" | "html")).any(names_discussion)
}

/// Whether a heading stands right before a discussion: before what is named so, or holds dates.
fn before_discussion(heading: ElementRef<'_>) -> bool {
    let is_heading = |el: &ElementRef<'_>| matches!(el.value().name(), "h1" | "h2" | "h3" | "h4" | "h5");
    let mut next = heading.next_siblings().filter_map(ElementRef::wrap).take_while(|el| !is_heading(el)).take(2);
    next.any(|el| names_discussion(el) || el.select(css!("time, [datetime]")).next().is_some())
}

/// Whether an element is part of the article's text.
fn in_text(el: ElementRef<'_>) -> bool {
    above(el).any(|el| {
        el.attr("itemprop") == Some("articleBody")
            || el.value().classes().any(|class| {
                matches!(
                    class,
                    "entry-content" | "post-content" | "article-content" | "article-body" | "article__content"
                )
            })
    })
}

fn in_article(el: ElementRef<'_>) -> bool {
    above(el).any(|el| matches!(el.value().name(), "article" | "header"))
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    #[test]
    fn titles_are_no_counts() {
        let title = "5 comments that changed my mind";
        let page = |rest: &str| {
            Document::from(Html::parse_document(&format!(
                "<article><h1>{title}</h1><h2>7 comments of readers</h2>{rest}</article>"
            )))
        };
        assert_eq!(stated_count(&page(""), Some(title)), None);
        assert_eq!(stated_count(&page("<h3>12 comments</h3><div><time>2 May</time></div>"), Some(title)), Some(12));
        assert_eq!(stated_count(&page("<div id=comments><h3>12 comments</h3></div>"), Some(title)), Some(12));
        let huge = Document::from(Html::parse_document("<h2>18446744073709551615 comments</h2>"));
        assert_eq!(stated_count(&huge, None), None);
    }

    #[test]
    fn numbers_stand_beside_their_word() {
        let count = |html: &str| stated_count(&Document::from(Html::parse_document(html)), None);
        let list = "<div class=c><b>Zoé</b> <i>3 mai 2024 à 10:02</i><p>Oui.</p></div>";
        for (head, expected) in [
            ("<div class=head>3 commentaires</div>", Some(3)),
            ("<div><span>4 avis</span><select><option>Plus récents</option></select></div>", Some(4)),
            ("<h2>Contributions <span>5</span></h2>", Some(5)),
            ("<h2>Commentaires</h2><span>6</span>", Some(6)),
            ("<h2><span>7</span> <span>Comments</span></h2>", Some(7)),
            ("<h2><span>7</span><span>Comments</span></h2>", Some(7)),
            ("<h3>8 réactions à cet article</h3>", Some(8)),
            ("<header><h3>9 Reader Comments</h3></header>", Some(9)),
            ("<p>Discussion (10)</p>", Some(10)),
            ("<div>Commentaires · 11</div>", Some(11)),
            ("<div><button>Trier</button></div>", None),
            ("<div>3 commentaires ont été retirés</div>", None),
            ("<div>2 réponses</div><div>5 avis</div>", None),
        ] {
            assert_eq!(count(&format!("<main>{head}{list}{list}</main>")), expected, "{head}");
        }
        assert_eq!(count("<article><a href='#reactions'>12 commentaires</a><p>Texte</p></article>"), Some(12));
    }

    #[test]
    fn counts_of_other_articles_are_not_taken() {
        let count = |html: &str| stated_count(&Document::from(Html::parse_document(html)), None);
        let teaser = |n: u32, at: &str| {
            format!(
                "<li><h3><a href='/{n}'>Titre</a></h3><i>{n} mai 2024</i> <a href='/{n}{at}'>{n} commentaires</a></li>"
            )
        };
        for page in [
            format!("<ul>{}{}</ul>", teaser(3, "#c"), teaser(4, "#c")),
            format!("<div class=comments-top><ul>{}</ul></div>", teaser(3, "")),
            "<aside><div>12 commentaires</div><div><i>3 mai 2024</i></div></aside>".into(),
            "<div class=most-commented><div>12 commentaires</div><div><i>3 mai 2024</i></div></div>".into(),
            "<div id=comments><div><i>3 mai 2024</i><p>Oui</p><div>2 commentaires</div></div><div><i>4 mai 2024</i></div></div>".into(),
        ] {
            assert_eq!(count(&page), None, "{page}");
        }
    }

    #[test]
    fn many_labels_cost_no_more_than_others() {
        let begun = std::time::Instant::now();
        for part in [
            "<div>3 commentaires",
            "<div>3 commentaires</div>",
            "<span>commentaires</span>",
            "<div id=comments><i>3 commentaires</i></div>",
        ] {
            let _ = stated_count(&Document::from(Html::parse_document(&part.repeat(3000))), None);
        }
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }

    #[test]
    fn headings_by_where_they_stand() {
        let count = |html: &str| stated_count(&Document::from(Html::parse_document(html)), None);
        // Widgets count other threads.
        assert_eq!(count("<aside><span class=comment-count>9 comments</span></aside><p>Text</p>"), None);
        assert_eq!(count("<p>Text</p><span class=comment-count>9 comments</span>"), Some(9));
        // A heading of the discussion goes before one that merely stands earlier.
        assert_eq!(count("<h2>40 réponses</h2><section class=reactions><h2>Commentaires (3)</h2></section>"), Some(3));
        assert_eq!(count("<div class=entry-content><h2>12 comments</h2></div><h3>4 comments</h3>"), Some(4));
        assert_eq!(count("<h3>Aucun commentaire</h3>"), Some(0));
        assert_eq!(count("<h3>Les commentaires sont fermés</h3>"), None);
    }
}
