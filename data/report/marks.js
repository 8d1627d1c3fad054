// Words marked in a text: what codes and the sentiment rest on, and what was searched for.

/** What stands behind a mark or a label: the comment, and which of its codings. */
const reasons = new WeakMap();

/** The colour of a code; there are eight. */
function hue(code) {
  return (code % 8) + 1;
}

/** The marks of a comment, each `{start, end, coding}`, `{start, end, feeling}` or `{start, end}` for what was searched for. */
function marksOf(at, sought) {
  const text = study.comments.text[at];
  const codings = codingsOf(at).map(([code, start, end], coding) => ({ start, end, coding, code }));
  const feeling = column("feeling", at);
  const felt = feeling && polarityOf(at) ? [{ start: feeling[0], end: feeling[1], feeling: polarityOf(at) }] : [];
  const hits = sought.length > 0 ? found(text, sought).map(([start, end]) => ({ start, end })) : [];
  return [...codings, ...felt, ...hits].filter(({ start, end }) => start < end);
}

/** Writes the first `limit` UTF-16 units of a text with its marks. */
function paint(element, at, marks, limit) {
  const text = study.comments.text[at].slice(0, limit);
  const edges = new Set([0, text.length]);
  for (const { start, end } of marks) edges.add(Math.min(start, text.length)).add(Math.min(end, text.length));
  const cuts = [...edges].sort((one, other) => one - other);
  const begun = new Set();
  const parts = cuts.slice(0, -1).map((start, cut) => {
    const over = marks.filter((mark) => mark.start <= start && mark.end > start);
    const part = text.slice(start, cuts[cut + 1]);
    return over.length > 0 ? piece(part, at, over, begun) : part;
  });
  element.replaceChildren(...parts);
}

/** Words under one or more marks. The shortest gives the colour, a second one a line below. */
function piece(part, at, over, begun) {
  const coded = over.filter(({ coding }) => coding !== undefined).sort((one, other) => one.end - one.start - (other.end - other.start));
  const felt = over.find(({ feeling }) => feeling);
  const sought = over.some(({ coding, feeling }) => coding === undefined && !feeling);
  const inner = sought ? make("mark.found", {}, part) : part;
  if (coded.length === 0 && !felt) return inner;
  const mark = make("mark", {}, inner);
  if (coded.length > 0) mark.classList.add(`hue-${hue(coded[0].code)}`);
  if (coded.length > 1) mark.classList.add("several", `under-${hue(coded[1].code)}`);
  if (felt) mark.classList.add(`felt-${felt.feeling}`);
  reasons.set(mark, { at, codings: coded.map(({ coding }) => coding), feeling: Boolean(felt) });
  const fresh = [...coded, felt].filter((one) => one && !begun.has(one));
  // One stop of the tab key for each reason: where its words begin.
  if (fresh.length > 0) {
    fresh.forEach((one) => begun.add(one));
    mark.tabIndex = 0;
    mark.setAttribute("role", "button");
    mark.setAttribute("aria-description", [...coded.map(({ code }) => study.codes[code].label), ...(felt ? [say(felt.feeling)] : [])].join(", "));
  }
  return mark;
}
