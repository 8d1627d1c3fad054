// One comment as it is shown: who and when, its text with marks, its codes, what people said.

/** A longer text is folded: UTF-16 units shown of it. */
const FOLD = 1500;
const INDENTS = 12;
const ANSWERS = new Map([["1", "yes"], ["0", "no"]]);

/** The address of a comment in this page. */
function addressOf(at) {
  return `${encodeURIComponent(threadOf(at).id)}/${encodeURIComponent(study.comments.id[at])}`;
}

/** Builds a comment. `view`: what was searched for, whether replies are indented and threads named, and what its buttons do. */
function commentElement(at, isHit, view) {
  const id = study.comments.id[at];
  const label = say("commentBy", { id, author: authorOf(at) });
  const element = make("article.comment", { tabIndex: -1, aria: { label: isHit ? label : say("context-row", { label }) } });
  element.dataset.at = at;
  if (!isHit) element.classList.add("aside");
  if (view.indented) element.classList.add(`level-${Math.min(tree.level[at], INDENTS)}`);
  element.append(head(at, view), body(at, isHit ? marksOf(at, view.sought) : []), ...labels(at));
  return element;
}

function head(at, view) {
  const { author, state, posted, id } = study.comments;
  const who = author[at] === null || author[at] === undefined
    ? make("span.author", {}, say("anonymous"))
    : button("author", apart(author[at]), () => view.onAuthor(author[at]), { title: say("authorHint") });
  const when = make("a.when", { href: `#${addressOf(at)}`, ariaLabel: `${say("permalink", { id: id[at] })}, ${dateOf(posted?.[at])}` },
    posted?.[at] ? make("time", { dateTime: posted[at] }, dateOf(posted[at])) : id[at]);
  const votes = column("votes", at);
  return make("header", {}, who, when, answered(at), view.titled && make("span.within", { dir: "auto" }, titleOf(threadOf(at))),
    votes !== null && make("span.votes", {}, sayCount("votes", votes)),
    state[at] > 0 && make("span.state", {}, say(STATES[state[at]])),
    button("cite", say("cite"), () => copy(citation(at)), { title: say("citeHint") }));
}

function answered(at) {
  const above = parentOf(at);
  if (above === -2) return make("span.answers", {}, say("answersMissing"));
  if (above < 0) return null;
  return make("a.answers", { href: `#${addressOf(above)}` }, apart(say("answers", { author: authorOf(above) })));
}

function body(at, marks) {
  const text = study.comments.text[at];
  const language = column("language", at);
  const place = make("div.text", { dir: "auto", ...(language && { lang: language }) });
  if (text === "") {
    place.append(make("span.soft", {}, say(column("state", at) > 0 ? STATES[column("state", at)] : "noText")));
    return place;
  }
  const end = foldEnd(text);
  // What was searched for is not left under the fold.
  const sought = marks.some((mark) => mark.coding === undefined && !mark.feeling && mark.end > end);
  const draw = (open) => {
    paint(place, at, marks, open ? text.length : end);
    if (end < text.length) place.append(open ? "" : "…", foldButton(text, open, () => (draw(!open), place.querySelector(".fold").focus())));
  };
  draw(sought);
  return place;
}

function foldButton(text, open, pressed) {
  const label = open ? say("showLess") : say("showAll", { count: numeral(text.length) });
  return button("fold", label, pressed, { aria: { expanded: String(open) } });
}

/** Where a long text is cut: at a blank, and never through a letter. */
function foldEnd(text) {
  if (text.length <= FOLD * 1.2) return text.length;
  const blank = text.lastIndexOf(" ", FOLD);
  const end = blank > FOLD / 2 ? blank : FOLD;
  return /[\udc00-\udfff]/.test(text[end]) ? end - 1 : end;
}

/** What the machine said below the text, and what people said. */
function labels(at) {
  const polarity = polarityOf(at);
  const feeling = polarity !== null && label(at, { feeling: true }, make(`span.dot.${polarity}`), say(polarity));
  const irony = column("irony", at) === 1 && make("li", {}, make("span.plain-label", {}, say("ironic")));
  const codes = codingsOf(at).map(([code, , , percent], coding) =>
    label(at, { codings: [coding] }, make(`span.swatch.hue-${hue(code)}`), apart(study.codes[code].label),
      percent !== null && make("span.percent", {}, `${percent} %`)));
  const said = [feeling, irony, ...codes].filter(Boolean);
  const answers = column("people", at) ?? [];
  const people = [...new Set(answers.map(([coder]) => coder))].map((coder) =>
    make("li", {}, apart(coder), make("ul", {}, answers.filter(([by]) => by === coder).map(([, ...answer]) => personSaid(at, answer)))));
  return [said.length > 0 && make("ul.labels", {}, said), people.length > 0 && make("ul.people", {}, people)].filter(Boolean);
}

function label(at, reason, ...inside) {
  const made = make("button.why", { type: "button" }, inside);
  reasons.set(made, { at, ...reason });
  return make("li", {}, made);
}

function personSaid(at, [question, value]) {
  const code = study.codes.find(({ name }) => name === question);
  const asked = code?.label ?? say(question === "polarity" ? "sentiment" : question);
  const answer = say(ANSWERS.get(value) ?? value).toLowerCase();
  const unlike = unlikeMachine(at, question, value);
  return make(`li${unlike ? ".unlike" : ""}`, {}, `${asked} `, make("b", {}, answer), unlike && make("span.soft", {}, ` (${say("unlike")})`));
}

function citation(at) {
  const thread = threadOf(at);
  const posted = dateOf(column("posted", at));
  return say("citation", {
    author: authorOf(at), id: study.comments.id[at], date: posted && say("citationDate", { date: posted }), title: titleOf(thread),
    site: thread.site ? ` (${thread.site})` : "", text: study.comments.text[at], url: thread.url ? `, ${thread.url}` : "",
  });
}

/** The head of a thread's comments. */
function threadElement({ title, url, site, count }) {
  const safe = /^https?:\/\//i.test(url ?? "");
  const where = safe ? make("a", { href: url, rel: "noreferrer noopener", target: "_blank" }, apart(site || url)) : site && apart(site);
  return make("header.thread", {}, make("h3", { dir: "auto" }, titleOf({ title })),
    make("p.soft", {}, where, where && " · ", sayCount("threadCount", count)));
}
