// The study as the page carries it: words, codes, threads, and the comments as columns.

let study;
let words = {};

/** What is written of something, in the language of the report: `say("page", {page: 2, pages: 9})`. */
function say(key, values = {}) {
  const text = Object.hasOwn(words, key) ? words[key] : key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** The same for one and for many: the key of one thing ends in `One`. */
function sayCount(key, count) {
  return count === 1 ? say(`${key}One`) : say(key, { count: numeral(count) });
}

const formats = {};

/** English dates have the day before the month here, and 24 hours. */
function locale() {
  return study.lang === "en" ? "en-GB" : study.lang;
}

function numeral(value) {
  formats.number ??= new Intl.NumberFormat(locale());
  return formats.number.format(value);
}

const POLARITIES = ["negative", "neutral", "positive"];
const STATES = ["visible", "deleted", "hidden", "pending"];

/** Where a value may say nothing, the column may too: it is missing as a whole. */
function column(name, at) {
  return study.comments[name]?.[at] ?? null;
}

function polarityOf(at) {
  const polarity = column("polarity", at);
  return polarity === null ? null : POLARITIES[polarity + 1];
}

function codingsOf(at) {
  return column("codings", at) ?? [];
}

/** Whether the machine coded the comment: one without codes was coded as well. */
function isCoded(at) {
  return column("codings", at) !== null;
}

function codersOf(at) {
  const coder = column("coder", at);
  return coder === null ? study.coders.join(", ") : study.coders[coder];
}

/** What the machine says where a person was asked; null where it says nothing. */
function machineSays(at, question) {
  if (question === "polarity") return polarityOf(at);
  if (question === "irony") return column("irony", at) === null ? null : String(column("irony", at));
  const code = study.codes.findIndex(({ name }) => name === question);
  if (code < 0 || !isCoded(at) || (column("undecided", at) ?? []).includes(code)) return null;
  return codingsOf(at).some(([coded]) => coded === code) ? "1" : "0";
}

function unlikeMachine(at, question, value) {
  const said = machineSays(at, question);
  return said !== null && said !== value;
}

/** A date as the site shows it, without regard to where the report is read; with its offset where that is known: other times are local ones. */
function dateOf(posted) {
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?:[:.\d]*(Z|[+-]\d\d:\d\d)$)?)?/.exec(posted ?? "");
  if (!found) return posted ?? "";
  const [year, month, day, hour, minute] = found.slice(1, 6).map((part) => Number(part ?? 0));
  formats.day ??= new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeZone: "UTC" });
  formats.minute ??= new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
  const shown = formats[found[4] ? "minute" : "day"].format(Date.UTC(year, month - 1, day, hour, minute));
  return found[6] ? `${shown} UTC${/[1-9]/.test(found[6]) ? found[6] : ""}` : shown;
}

function threadOf(at) {
  return study.threads[study.comments.thread[at]];
}

function titleOf(thread) {
  return thread.title || say("untitled");
}

function authorOf(at) {
  return column("author", at) ?? say("anonymous");
}

// --- text compared without case and accents ---

const SPELLED = { "œ": "oe", "æ": "ae", "ß": "ss", "ς": "σ", "’": "'" };

function fold(text) {
  const low = text.toLowerCase();
  return /^[\0-\x7f]*$/.test(low) ? low : low.normalize("NFD").replace(/[\u0300-\u036f\u00adœæßς’]/g, (letter) => SPELLED[letter] ?? "");
}

const folded = [];

function foldedText(at) {
  return (folded[at] ??= fold(study.comments.text[at]));
}

/** Folds all texts in short turns, so that the first search finds them ready. */
function foldAhead(from = 0) {
  const until = performance.now() + 8;
  let at = from;
  for (; at < study.comments.text.length && performance.now() < until; at += 1) foldedText(at);
  if (at < study.comments.text.length) setTimeout(foldAhead, 4, at);
}

/** Words all of which are looked for; what stands in quotation marks is looked for as it is. */
function needles(query) {
  const parts = query.match(/["“«][^"”»]+["”»]|[^\s"“”«»]+/g) ?? [];
  return parts.map((part) => fold(part.replace(/^["“«]\s*|\s*["”»]$/g, ""))).filter((part) => part !== "");
}

/** Where the needles stand in a text, as [start, end] in UTF-16 units of the text itself; the first few hundred. */
function found(text, sought, limit = 300) {
  let flat = "";
  const places = [];
  let at = 0;
  for (const letter of text) {
    const part = fold(letter);
    for (let unit = 0; unit < part.length; unit += 1) places.push(at);
    flat += part;
    at += letter.length;
  }
  places.push(at);
  const hits = [];
  for (const needle of sought) {
    for (let from = flat.indexOf(needle); from >= 0 && hits.length < limit; from = flat.indexOf(needle, from + needle.length)) {
      // Accents that were folded away belong to the letter before them.
      let end = places[from + needle.length];
      while (end < at && fold(text[end]) === "") end += 1;
      hits.push([places[from], end]);
    }
  }
  return hits;
}
