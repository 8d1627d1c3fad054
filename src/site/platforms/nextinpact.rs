//! Next INpact as it was until 2020, found in archives: `div.actu_comm`, its own number in `data-content-id` or `id=cN`, its
//! place in the thread in `.actu_comm_num`; who is answered in `a.link_reply_to`, who is quoted in `.quote_bloc .qname`.
//! Of a deleted comment, `.commentaire_supprime` keeps the place. Printed times are Paris time.
//! Source: readers of the site whose code is public, such as <https://github.com/search?q=actu_comm_content&type=code>.

use std::collections::{HashMap, HashSet};

use scraper::ElementRef;

use crate::model::{Author, Comment, CommentState, Quote, ReplyBasis, Span};
use crate::site::naming::name_rows;
use crate::site::nest::Nest;
use crate::site::platforms::parts::trailing;
use crate::site::quoted::{Quoted, answer};
use crate::site::words::WORDS;
use crate::site::{Document, Fragment, Origin, Site, SiteError, Verified, View, address, article, body, css, stated};
use crate::text::dates::{DayOrder, in_zone};

const ZONE: &str = "Europe/Paris";

/// nextinpact.com before next.ink.
#[derive(Debug)]
pub(in crate::site) struct NextInpact;

impl Site for NextInpact {
    fn name(&self) -> &str {
        "nextinpact"
    }

    fn reads(&self) -> &str {
        "archived article pages with their comments, up to 2020"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, states"
    }

    fn hints(&self) -> &[&str] {
        &["actu_comm"]
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.html().is_some_and(|html| html.select(css!("div.actu_comm, .commentaire_supprime")).next().is_some())
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(html) = view.html() else { return Err(SiteError::UnknownJson) };
        let mut article = article::read(view.page, html);
        article.published_at = article.published_at.map(|moment| in_zone(moment, ZONE));
        let mut notes = Vec::new();
        let comments = comments(html, view.page.url.as_deref(), &mut notes);
        Ok(Fragment {
            stated_count: stated::stated_count(html, article.title.as_deref()),
            article,
            comments,
            origin: Origin::Markup,
            notes,
            ..Fragment::default()
        })
    }
}

fn comments(html: &Document, base: Option<&str>, notes: &mut Vec<String>) -> Vec<Comment> {
    // A deleted comment's element stands alone, or in that of the comment.
    let inside = css!("div.actu_comm .commentaire_supprime");
    let nested: HashSet<_> = html.select(inside).map(|el| el.id()).collect();
    let rows = html.select(css!("div.actu_comm, .commentaire_supprime")).filter(|el| !nested.contains(&el.id()));
    let nest = Nest::new(html, rows);
    let rows: Vec<Read> = (0..nest.len()).map(|at| read(&nest, at, base)).collect();
    let ids: Vec<Option<String>> = rows.iter().map(|row| row.id.clone()).collect();
    let numbers: HashMap<String, usize> =
        rows.iter().enumerate().filter_map(|(at, row)| Some((row.number.clone()?, at))).collect();
    let (mut comments, rest): (Vec<Comment>, Vec<_>) =
        rows.into_iter().map(|row| (row.comment, (row.answers, row.quoted))).unzip();
    let names = name_rows(&ids, &comments, notes);
    for (at, (comment, (answers, _))) in comments.iter_mut().zip(&rest).enumerate() {
        comment.id.clone_from(&names[at]);
        comment.reply_to = answers.as_ref().and_then(|answers| match answers {
            Answers::Id(id) => Some(format!("c{id}")),
            Answers::Number(number) => {
                numbers.get(number).filter(|above| **above != at).map(|above| names[*above].clone())
            }
        });
        comment.reply_basis = comment.reply_to.is_some().then_some(ReplyBasis::Link);
    }
    let quoted: Vec<Option<Quoted>> = rest.into_iter().map(|(_, quoted)| quoted).collect();
    answer(&mut comments, &quoted);
    comments
}

/// Which comment a link names: by the site's id, or by its place in the thread.
enum Answers {
    Id(String),
    Number(String),
}

struct Read {
    id: Option<String>,
    number: Option<String>,
    answers: Option<Answers>,
    quoted: Option<Quoted>,
    comment: Comment,
}

fn read(nest: &Nest<'_>, at: usize, base: Option<&str>) -> Read {
    let row = nest.record(at);
    let digits = |text: &str| (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned());
    let first = |selector| nest.all(at, selector).next();
    let id = row
        .attr("data-content-id")
        .and_then(digits)
        .or_else(|| row.attr("id").and_then(|id| digits(id.strip_prefix('c')?)));
    let number = first(css!(".actu_comm_num")).and_then(|el| digits(body::line(el).trim_start_matches('#')));
    let is_gone = |el: ElementRef<'_>| el.value().classes().any(|class| class == "commentaire_supprime");
    let mut comment = Comment {
        author: first(css!(".author_name")).map(body::line).filter(|name| !name.is_empty()).map(|name| {
            let avatar = nest.all(at, css!("img[class*=avatar]")).find_map(|img| img.attr("src")).map(str::to_owned);
            Author { name, avatar }
        }),
        posted_at: first(css!(".date_comm"))
            .and_then(|el| article::moment(el, DayOrder::DayFirst, None))
            .map(|moment| in_zone(moment, ZONE)),
        permalink: id.as_ref().and_then(|id| address::absolute(Some(base?), &format!("#c{id}"))),
        ..Comment::default()
    };
    let mut quoted = None;
    if nest.whole(at).any(is_gone) {
        comment.state = CommentState::Deleted;
    } else if let Some(content) = first(css!(".actu_comm_content")) {
        let head = |el: ElementRef<'_>| el.value().classes().any(|class| matches!(class, "qname" | "link_reply_to"));
        body::read(content, head).fill(&mut comment);
        comment.html = Some(body::html(content, |_| false));
        quoted = quotes(content, &mut comment, head);
    }
    Read { answers: answers(nest, at, id.as_deref()), id, number, quoted, comment }
}

/// Sets the quotes of a comment; gives the one it begins with.
fn quotes(
    content: ElementRef<'_>,
    comment: &mut Comment,
    head: impl Fn(ElementRef<'_>) -> bool + Copy,
) -> Option<Quoted> {
    let mut from = 0;
    let mut first = None;
    for block in content.select(css!(".quote_bloc")) {
        let words = body::read(block, head).text;
        let Some(start) = comment.text[from..].find(&words).map(|at| from + at).filter(|_| !words.is_empty()) else {
            continue;
        };
        let named = block.select(css!(".qname")).next().map(body::line);
        let name = named.map(|line| WORDS.author(&line).to_owned()).filter(|name| !name.is_empty());
        if start == 0 {
            first = name.clone().map(|name| Quoted { name, words: words.clone() });
        }
        from = start + words.len();
        let span = Span::new(start, from);
        comment.quotes.retain(|quote| !quote.span.overlaps(span));
        comment.quotes.push(Quote { span, author: name });
    }
    first
}

/// The comment that "En réponse à …" or the head of a quote links to.
fn answers(nest: &Nest<'_>, at: usize, own: Option<&str>) -> Option<Answers> {
    nest.all(at, css!("a.link_reply_to, .link_reply_to a, .quote_bloc .qname a")).find_map(|link| {
        let anchor = link.attr("href").and_then(|href| Some(href.rsplit_once('#')?.1));
        let id = anchor.map(trailing).filter(|id| id.len() > 3 && id.bytes().all(|b| b.is_ascii_digit()));
        if let Some(id) = id {
            return (Some(id) != own).then(|| Answers::Id(id.to_owned()));
        }
        let line = body::line(link);
        let number: String = line.split_once('#')?.1.chars().take_while(char::is_ascii_digit).collect();
        (!number.is_empty()).then_some(Answers::Number(number))
    })
}
