// What is asked for, which comments answer to it, and in which order they are shown.

const NO_CODE = -1;

/** Everything, in the order of the threads. */
function nothingAsked() {
  return {
    thread: -1, text: "", codes: new Set(), all: false, polarity: new Set(), irony: "", people: "", state: "", depth: "", author: null,
    sort: "thread", context: true,
  };
}

/** How many filters are set; the thread, the order and the context are none. */
function filtersSet(asked) {
  return [asked.text, asked.codes.size, asked.polarity.size, asked.irony, asked.people, asked.state, asked.depth, asked.author]
    .filter((value) => value !== null && value !== "" && value !== 0).length;
}

/** The places of the first comment asked for and of the one behind the last. */
function reach(asked) {
  const thread = study.threads[asked.thread];
  return thread ? [thread.first, thread.first + thread.count] : [0, study.comments.thread.length];
}

function depthClass(at) {
  const depth = column("depth", at);
  return depth === null ? "unknown" : String(Math.min(depth, 3));
}

/** One test for each filter that is set. */
function tests(asked) {
  const made = [];
  const { id, author, state, polarity, irony } = study.comments;
  if (asked.author !== null) made.push((at) => author[at] === asked.author);
  if (asked.state !== "") made.push((at) => state[at] === STATES.indexOf(asked.state));
  if (asked.polarity.size > 0) made.push((at) => asked.polarity.has(polarity[at] === null ? "none" : POLARITIES[polarity[at] + 1]));
  if (asked.irony !== "") made.push((at) => irony[at] === Number(asked.irony));
  if (asked.depth !== "") made.push((at) => depthClass(at) === asked.depth);
  if (asked.people !== "") made.push((at) => (asked.people === "differ" ? differs(at) : column("people", at) !== null));
  if (asked.codes.size > 0) made.push(codeTest(asked));
  const sought = needles(asked.text);
  // An id only as a whole: parts of one are in too many.
  const whole = asked.text.trim();
  if (sought.length > 0) made.push((at) => id[at] === whole || sought.every((needle) => foldedText(at).includes(needle)));
  return made;
}

function codeTest({ codes, all }) {
  // A comment that was never coded is not one without codes.
  const has = (at, code) => (code === NO_CODE ? isCoded(at) && codingsOf(at).length === 0 : codingsOf(at).some(([coded]) => coded === code));
  const wanted = [...codes];
  return all ? (at) => wanted.every((code) => has(at, code)) : (at) => wanted.some((code) => has(at, code));
}

function differs(at) {
  return (column("people", at) ?? []).some(([, question, value]) => unlikeMachine(at, question, value));
}

/** The comments to show: `rows` in order, `hit` tells those that were asked for from those around them. */
function select(asked) {
  const [first, end] = reach(asked);
  const asks = tests(asked);
  const hit = new Uint8Array(study.comments.thread.length);
  let hits = 0;
  for (let at = first; at < end; at += 1) {
    if (!asks.every((test) => test(at))) continue;
    hit[at] = 1;
    hits += 1;
  }
  const rows = asked.sort === "thread" ? inTree(asked, hit, hits) : inRank(asked, hit, first, end);
  return { rows, hit, hits, all: end - first };
}

function inTree(asked, hit, hits) {
  const [first, end] = reach(asked);
  const shown = Uint8Array.from(hit);
  if (asked.context && hits < end - first) {
    for (let at = first; at < end; at += 1) {
      if (!hit[at]) continue;
      for (let above = parentOf(at); above >= 0 && !shown[above]; above = parentOf(above)) shown[above] = 1;
    }
  }
  return tree.order.subarray(first, end).filter((at) => shown[at]);
}

function inRank(asked, hit, first, end) {
  const rank = new Float64Array(hit.length);
  const rows = [];
  const of = RANKS[asked.sort];
  for (let at = first; at < end; at += 1) {
    if (!hit[at]) continue;
    rank[at] = of(at, asked);
    rows.push(at);
  }
  return Int32Array.from(rows.sort((one, other) => rank[one] - rank[other] || one - other));
}

const times = [];

function timeOf(at) {
  return (times[at] ??= Date.parse(column("posted", at) ?? ""));
}

/** The highest confidence of a comment's codings, of those asked for where codes are; in percent, -1 where none is known. */
function confidenceOf(at, { codes }) {
  const some = codes.size > 0 && !codes.has(NO_CODE);
  return codingsOf(at).reduce((most, [code, , , percent]) => (some && !codes.has(code) ? most : Math.max(most, percent ?? -1)), -1);
}

const or = (value, other) => (Number.isNaN(value) || value === null ? other : value);

/** What comments are put in order by, the least first; those that say nothing come last. */
const RANKS = {
  old: (at) => or(timeOf(at), Infinity),
  new: (at) => or(-timeOf(at), Infinity),
  sure: (at, asked) => -confidenceOf(at, asked),
  unsure: (at, asked) => (confidenceOf(at, asked) < 0 ? Infinity : confidenceOf(at, asked)),
  votes: (at) => -(column("votes", at) ?? -Infinity),
};
