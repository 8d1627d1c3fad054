use proptest::prelude::*;
use scraper::Html;

use super::*;
use crate::site::guard::guard;

fn body(html: &str) -> BodyText {
    let options = Options { base: Some("https://example.org/f/t.1/"), ..Options::default() };
    read_with(Html::parse_fragment(&guard(html).html).root_element(), options, |_| false)
}

fn text(html: &str) -> String {
    body(html).text
}

/// Quotes as their words and writer.
fn quotes(html: &str) -> Vec<(String, Option<String>)> {
    let body = body(html);
    body.quotes.iter().map(|quote| (quote.span.of(&body.text).to_owned(), quote.author.clone())).collect()
}

fn quote(words: &str, author: &str) -> Vec<(String, Option<String>)> {
    vec![(words.to_owned(), (!author.is_empty()).then(|| author.to_owned()))]
}

#[test]
fn paragraphs_breaks_and_pictures() {
    let html = "<p>Bravo <img alt=\"👏\">\n !</p><p>Une<br>deux<br><br>trois</p><ul><li>a</li><li>b</li></ul>";
    assert_eq!(text(html), "Bravo 👏 !\n\nUne\ndeux\n\ntrois\n\na\nb");
    assert_eq!(text("<p>a</p><p>&nbsp;</p><p>b&nbsp;<br>c&shy;d</p><p>&shy;</p>"), "a\n\nb\ncd");
}

#[test]
fn smileys_are_read_and_photographs_are_not() {
    for (img, said) in [
        ("class=smilie alt=':)' title='Smile :)'", ":)"),
        ("class=inlineimg title=Wink src=images/smilies/wink.gif", "Wink"),
        ("class=inlineimg alt='View Post' src=buttons/viewpost.gif", ""),
        ("src=/forum/Smileys/default/cheesy.gif alt=Cheesy", "Cheesy"),
        ("src=/up/IMG_2041.jpg alt='A smiling family on a beach' width=690", ""),
        ("src=/up/smile-01.jpg alt='smile-01'", ""),
        ("src=/e.png alt=':grimacing:'", ":grimacing:"),
        ("src=/avatar/5.png class=avatar alt=Zoé width=24 height=24", ""),
        ("src=/s/8.gif alt=rire width=15 height=15", "rire"),
    ] {
        assert_eq!(text(&format!("<p><img {img}></p>")), said, "{img}");
    }
}

#[test]
fn chrome_is_left_out_and_no_break_space_kept() {
    assert_eq!(text("<p>20\u{a0}€ <button>Reply</button><span class=sr-only>x</span></p>"), "20\u{a0}€");
    assert_eq!(
        text("<p>a<span style='color:red;display:none'>b</span><i aria-hidden=true>x</i><b hidden>y</b></p>"),
        "a"
    );
    assert_eq!(text("<p>Oui.</p><a role=button>Cliquez pour agrandir...</a><a href='#'>Répondre</a>"), "Oui.");
    assert_eq!(text("<p><a href='https://example.org/x'>Read more</a></p>"), "Read more");
    assert_eq!(text("<p>a</p><noscript><img alt=':)'>b</noscript>"), "a");
}

#[test]
fn lists_and_tables() {
    assert_eq!(text("<ol start=3><li>a</li><li></li><li><p>b</p></li></ol>x"), "3. a\n\n5. b\n\nx");
    assert_eq!(text("<ol><li>a<ul><li>b</li></ul></li><li value=9>c</li></ol>"), "1. a\n\nb\n\n9. c");
    assert_eq!(text("<table><tr><td>a</td><td>b</td></tr><tr><td>c<td>d</table>"), "a\tb\nc\td");
}

#[test]
fn code_keeps_its_lines() {
    assert_eq!(text("<p>a</p><pre>\n  x\n  y\n</pre><p>b</p>"), "a\n\n  x\n  y\n\nb");
    let phpbb =
        "<div class=codebox><p>Code: <a href='#'>Select all</a></p><pre><code>if (a &lt; b)\n  c();</code></pre></div>";
    assert_eq!(text(phpbb), "if (a < b)\n  c();");
}

#[test]
fn raised_and_glossed() {
    assert_eq!(text("10<sup>2</sup> m, le 1<sup>er</sup>, CO<sub>2</sub>"), "10² m, le 1er, CO2");
    assert_eq!(text("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>"), "漢(kan)");
}

#[test]
fn quotes_are_spans_into_the_text() {
    let html = "<blockquote><p>« Jamais »</p><blockquote>x</blockquote></blockquote><p>Ben voyons.</p>";
    assert_eq!(text(html), "« Jamais »\n\nx\n\nBen voyons.");
    assert_eq!(quotes(html), quote("« Jamais »\n\nx", ""));
    let own = Html::parse_fragment("<blockquote class=postcontent>mine</blockquote>");
    assert!(read(own.root_element(), |_| false).quotes.is_empty());
}

#[test]
fn quotes_of_boards() {
    let xenforo = "<blockquote data-quote=Zoé class='bbCodeBlock bbCodeBlock--quote'><div class=bbCodeBlock-title><a \
        href='/goto/1'>Zoé said:</a></div><div class=bbCodeBlock-content>Non.<div class=bbCodeBlock-expandLink><a \
        role=button>Click to expand...</a></div></div></blockquote>Si.";
    assert_eq!((text(xenforo), quotes(xenforo)), ("Zoé said:\nNon.\n\nSi.".into(), quote("Zoé said:\nNon.", "Zoé")));
    assert!(body(xenforo).links.is_empty());
    let phpbb = "<blockquote><div><cite>Léo Blin wrote: <a href='#p5'>↑</a> <span class=responsive-hide>Sat Feb 24, 2024 \
        12:41 pm</span></cite>Non.</div></blockquote>Si.";
    assert_eq!(quotes(phpbb), quote("Léo Blin wrote: Sat Feb 24, 2024 12:41 pm\nNon.", "Léo Blin"));
    let smf = "<div class=quoteheader><a href='?msg=5'>Quote from: Léo on May 3, 2024</a></div><blockquote \
        class=bbc_standard_quote>Non.</blockquote><div class=quotefooter></div>Si.";
    assert_eq!(quotes(smf), quote("Quote from: Léo on May 3, 2024\n\nNon.", "Léo"));
    assert!(body(smf).links.is_empty());
    let vbulletin3 = "Eh.<div style='margin:20px'><div class=smallfont>Quote:</div><table><tr><td class=alt2><div>Originally \
        Posted by <strong>Léo</strong> <a href='?p=1'><img class=inlineimg alt='View Post'></a></div><div>Non.</div></td>\
        </tr></table></div>Si.";
    assert_eq!(quotes(vbulletin3), quote("Quote:\n\nOriginally Posted by Léo\nNon.", "Léo"));
    let discourse = "<aside class=quote data-username=leo><div class=title><div class=quote-controls>x</div><img class=avatar \
        alt=''> leo:</div><blockquote><p>Non.</p></blockquote></aside><p>Si.</p>";
    assert_eq!(quotes(discourse), quote("leo:\n\nNon.", "leo"));
    let nodebb =
        "<p><a href='/user/leo'>@leo</a> said in <a href='/t/1'>Fils</a>:</p><blockquote><p>Non.</p></blockquote>Si.";
    assert_eq!(quotes(nodebb), quote("@leo said in Fils:\n\nNon.", "leo"));
    let next = "<div class=quote_bloc>Zoé a dit :<br>Non.</div>Si.";
    assert_eq!(quotes(next), quote("Zoé a dit :\nNon.", "Zoé"));
    let phpbb2 = "<table><tr><td><span class=genmed><b>Zoé a écrit:</b></span></td></tr><tr><td class=quote>Non.</td></tr>\
        </table><span class=postbody>Si.</span>";
    assert_eq!(quotes(phpbb2), quote("Zoé a écrit:\nNon.", "Zoé"));
}

#[test]
fn spoilers_are_opened() {
    let xenforo = "<div class=bbCodeSpoiler><button><span>Spoiler: fin</span></button><div class=bbCodeSpoiler-content \
        style='display:none'><div>Il meurt.</div></div></div>";
    assert_eq!(text(xenforo), "Il meurt.");
    assert_eq!(text("<details><summary>Spoiler</summary>Il meurt.</details>"), "Il meurt.");
    assert_eq!(text("<details><summary>La fin</summary>Il meurt.</details>"), "La fin\nIl meurt.");
}

#[test]
fn edit_marks_are_kept_apart() {
    let edited = |html: &str| {
        let body = body(html);
        (body.text, body.edited, body.edited_at.map(|at| at.iso))
    };
    let xenforo =
        "Oui.<div class=message-lastEdit>Last edited: <time datetime='2024-07-25T13:05:02-0400'>Jul 25</time></div>";
    assert_eq!(edited(xenforo), ("Oui.".into(), true, Some("2024-07-25T13:05:02-04:00".into())));
    let phpbb = "Oui.<div class=notice>Last edited by <a href='?u=1'>Zoé</a> on Tue Aug 27, 2019 10:03 pm, edited 2 times in \
        total.</div>";
    assert_eq!(edited(phpbb), ("Oui.".into(), true, Some("2019-08-27T22:03:00".into())));
    let own = "<p>Edited: I was wrong on 3 May 2024, it is 5 %.</p>";
    assert!(!edited(own).1);
    assert!(!edited("<p>Oui.</p><p>Edit: non, le 3 mai 2024.</p>").1);
    let french = "<p>Oui.</p><p><em>Dernière modification par Zoé le 3 mai 2024 à 14:02.</em></p>";
    assert_eq!(edited(french), ("Oui.".into(), true, Some("2024-05-03T14:02:00".into())));
}

#[test]
fn signatures_are_left_out() {
    assert_eq!(text("Oui.<div class=signature>Zoé</div>"), "Oui.");
    assert_eq!(text("Oui.<br>_________________<br>Zoé<br>Lyon"), "Oui.");
    assert_eq!(text("Oui.<br>-- <br>Zoé"), "Oui.");
    assert_eq!(text("Oui.<br>--<br>Non."), "Oui.\n--\nNon.");
    assert_eq!(text("Oui.<br>____<br>Non."), "Oui.\n____\nNon.");
}

#[test]
fn links_lead_somewhere() {
    let body = body(
        "<p>Voir <a href='../t.2/'>là</a>, <a href='#x'>ici</a>, <a href='https://a.org'>ça <b>aussi</b> </a>.</p>",
    );
    let links: Vec<_> = body.links.iter().map(|link| (link.span.of(&body.text), link.url.as_str())).collect();
    assert_eq!(links, [("là", "https://example.org/f/t.2/"), ("ça aussi", "https://a.org/")]);
}

#[test]
fn raw_form_lacks_what_is_left_out() {
    let page = Html::parse_fragment(
        "<div class=vcard>Zoé</div>a &lt; b<p id=x>c <i>d</i><br><b class=vcard>e</b></p><button>Reply</button>\
         <p>Edited by Zoé on 3 May 2024</p>",
    );
    let raw = html(page.root_element(), |el| el.value().classes().any(|class| class == "vcard"));
    assert_eq!(raw, "a &lt; b<p id=\"x\">c <i>d</i><br></p>");
}

#[test]
fn a_line_has_no_gaps() {
    let line_of = |html: &str| line(Html::parse_fragment(html).root_element());
    assert_eq!(
        line_of(" Zoé<b>lle</b> <br>\n de<div>x</div><span hidden>y</span><img class=emoji alt=👏> "),
        "Zoélle de x 👏"
    );
    assert_eq!(line_of("<div>a</div><div>b</div>"), "a b");
}

const PIECES: &[&str] = &[
    "<p>",
    "</p>",
    "<blockquote>",
    "</blockquote>",
    "<div class=quote data-username='é'>",
    "</div>",
    "<cite>",
    "</cite>",
    "<pre>",
    "</pre>",
    "<ol>",
    "<li>",
    "</ol>",
    "<a href=x>",
    "</a>",
    "<br>",
    "<td>",
    "<table>",
    "</table>",
    "<q>",
    "</q>",
    "<ruby>",
    "<rt>",
    "<div class=quoteheader>",
    "<div class='signature'>",
    "<details>",
    "<summary>",
    "Zoé a dit :",
    " ",
    "\n",
    "\u{a0}",
    "\u{200b}",
    "mot",
    "é",
    "👏",
    "-- ",
    "_________________",
    "Quote:",
    "<img class=emoji alt='é'>",
    "<sup>2</sup>",
    "Edited on 3 May 2024",
    "<span style='display:none'>",
    "</span>",
    "<em>",
    "</em>",
    "&shy;",
    "<div>",
    "<li value=-9223372036854775808>",
];

proptest! {
    #[test]
    fn spans_fit_whatever_the_markup(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let body = body(&pieces.concat());
        prop_assert_eq!(body.text.trim(), &body.text);
        for line in body.text.split("\n\n\n") {
            prop_assert!(pieces.contains(&"<pre>") || line.len() == body.text.len(), "empty lines in {:?}", body.text);
        }
        let mut end = 0;
        for quote in &body.quotes {
            prop_assert!(quote.span.start >= end);
            end = quote.span.end;
        }
        let spans = body.quotes.iter().map(|quote| quote.span).chain(body.links.iter().map(|link| link.span));
        for span in spans {
            let words = body.text.get(span.start..span.end);
            prop_assert!(words.is_some_and(|words| !words.is_empty() && words.trim() == words), "{:?} of {:?}", span, body.text);
        }
    }

    #[test]
    fn text_read_again_stays(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        // Written as markup again, line by line, it reads the same, but for what plain text says of itself.
        let once = text(&pieces.concat());
        prop_assume!(!once.contains(['_', '-', '\t']) && !once.contains("  ") && !once.contains("\n\n\n"));
        prop_assume!(!once.lines().any(|line| line.trim() != line) && !once.contains("Edited"));
        let escaped = once.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>");
        prop_assert_eq!(text(&escaped), once);
    }
}

#[test]
fn texts_shown_in_part_are_read_whole() {
    let whole = "Je trouve cela trop cher. Et qui paie ?\n\nNous tous.";
    let rest = "<p>Je trouve cela trop cher. Et qui paie ?</p><p>Nous tous.</p>";
    for part in [
        format!(
            "<div>Je trouve cela trop cher. Et q… <a href='#'>Lire la suite</a></div><div style='display:none'>{rest}</div>"
        ),
        format!("<p>Je trouve cela trop cher. Et q...</p><div class=full-text>{rest}</div><a>Lire plus</a>"),
        format!("<div>Je trouve cela trop cher.</div><div hidden>{rest}<button>Lire moins</button></div>"),
    ] {
        assert_eq!(text(&part), whole, "{part}");
    }
    let rest = "Je trouve cela trop cher.<span class=dots>…</span><span style='display:none'> Et qui paie ?</span>";
    assert_eq!(text(&format!("{rest} <button>Voir plus</button>")), "Je trouve cela trop cher. Et qui paie ?");
    // Nothing asks for it.
    assert_eq!(text(rest), "Je trouve cela trop cher.…");
    // What begins alike is another paragraph, what is hidden something else.
    assert_eq!(
        text("<p>Tout cela, mais...</p><p>Tout cela, mais non.</p>"),
        "Tout cela, mais...\n\nTout cela, mais non."
    );
    let form = "<p>Et alors…</p><div hidden>Signaler ce commentaire</div>";
    assert_eq!(text(form), "Et alors…");
}
