// The screen on which units are coded, one at a time.

import { act, cap, make, screen, sheet, state, stay } from "/dom.js";
import { Steps, get, post } from "/server.js";
import { add, paint, selected, words } from "/spans.js";
import { label, moment, say, value } from "/words.js";

/** Keys of codes behind the ninth: letters that do nothing else. */
const LETTERS = "qwertyiopfghzxcvbnma";
const SENTIMENT = { j: "negative", k: "neutral", l: "positive", "-": "negative", 0: "neutral", "+": "positive" };

/** The screen for a coder's units. */
export class Coding extends Steps {
  constructor(desk) {
    super();
    this.desk = desk;
    this.codes = desk.form.questions.filter((question) => question.name !== "polarity");
    this.sentiment = desk.form.questions.find((question) => question.name === "polarity");
    this.defined = this.codes[0] ?? this.sentiment;
    this.drafts = new Map();
    this.ahead = new Map();
    document.addEventListener("selectionchange", () => this.onSelection());
  }

  /** Begins at the first unit that is not done. */
  begin() {
    const open = this.desk.firstOpen();
    return open === undefined ? this.end() : this.show(open);
  }

  get unsaved() {
    return [...this.drafts.values()].filter((draft) => draft.touched).length;
  }

  // --- one unit -----------------------------------------------------------------------------------------------

  async show(at) {
    this.pending = null;
    this.unit = (await this.ahead.get(at)) ?? (await this.fetch(at));
    this.ahead.clear();
    this.at = at;
    this.draft = this.draftOf(this.unit);
    this.build();
    const next = this.neighbour(1);
    if (next !== undefined) this.ahead.set(next, this.fetch(next).catch(() => null));
  }

  fetch(at) {
    return get("/api/unit", { coder: this.desk.coder, at });
  }

  /** What is chosen on the screen: kept until it is saved, whatever is shown in between. */
  draftOf(unit) {
    const kept = this.drafts.get(unit.at);
    if (kept && (kept.touched || !unit.answers)) return kept;
    const draft = { values: {}, spans: {}, touched: false };
    for (const { question, value: said, spans } of unit.answers ?? []) {
      draft.values[question] = said;
      draft.spans[question] = spans ?? [];
    }
    this.drafts.set(unit.at, draft);
    return draft;
  }

  build() {
    const { unit } = this;
    this.text = make("p.text", { dir: "auto", pointerdown: () => this.forget() });
    this.hint = make("div.pending", { hidden: true });
    const remark = (said) => make("article.remark", {}, byline(said), make("p.text", { dir: "auto" }, said.text));
    const reading = make("section.reading", { aria: { label: say("unit") } },
      unit.article_title && make("p.article", {}, make("span.label", {}, say("article")), make("cite", { dir: "auto" }, unit.article_title)),
      unit.ancestors.length > 0 && make("div.ancestors", {}, make("p.label", {}, say("answersTo")), unit.ancestors.map(remark)),
      this.card = make("article.unit", { tabIndex: -1, aria: { label: say("unit") } },
        make("div.unit-head", {}, byline(unit), this.badge = make("span.badge")), this.text),
      this.hint,
      unit.replies.length > 0 && make("details.replies", {},
        make("summary", {}, say("replies", { count: unit.replies.length })), unit.replies.map(remark)));
    this.asked = make("section.asked", { aria: { label: say("questions") } });
    this.book = make("aside.book", { aria: { label: say("codebook") } });
    screen("coding", reading, make("div.answers", {}, this.asked, this.buttons()), this.book);
    this.refresh();
    this.card.focus({ preventScroll: true });
    if (unit.ancestors.length) this.card.scrollIntoView({ block: "nearest" });
  }

  buttons() {
    return make("div.deeds", {},
      make("p.unmarked", {}, say("unmarked")),
      act(say("confirm"), () => this.confirm(), "⏎", { className: "act main confirm" }),
      make("div.small", {},
        act(say("back"), () => this.move(-1), "←"), act(say("undo"), () => this.undo(), "u"),
        act(say("skip"), () => this.skip(), "s"), act(say("next"), () => this.move(1), "→")));
  }

  /** Brings the screen to what is chosen. */
  refresh() {
    const focus = document.activeElement?.dataset?.focus;
    this.asked.replaceChildren(...[this.sentiment && this.feeling(), ...this.codes.map((code, at) => this.code(code, at))].filter(Boolean));
    if (focus) this.asked.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
    const marks = this.codes.flatMap((code, at) => this.isYes(code)
      ? this.spans(code).map((span) => ({ span, hue: hue(at), label: label(code) })) : []);
    paint(this.text, this.unit.text, marks);
    const kept = this.unit.answers && !this.draft.touched;
    this.badge.textContent = kept ? say("saved") : this.draft.touched ? say("notSaved") : "";
    this.badge.className = kept ? "badge kept" : "badge";
    this.book.replaceChildren(make("h2", {}, say("codebook")), definition(this.defined));
  }

  feeling() {
    const choice = (said, key) => make(`button.feel.${said}`, {
      type: "button", data: { focus: said }, mousedown: stay, click: () => this.feel(said),
      aria: { pressed: this.draft.values.polarity === said, keyshortcuts: key },
    }, value(this.sentiment, said), cap(key));
    return make("div.question", { role: "group", aria: { label: label(this.sentiment) } },
      make("div.question-head", {}, make("span.name", {}, label(this.sentiment)), this.asker(this.sentiment)),
      make("div.feelings", {}, choice("negative", "j"), choice("neutral", "k"), choice("positive", "l")));
  }

  code(code, at) {
    const yes = this.isYes(code);
    const key = at < 9 ? `${at + 1}` : LETTERS[at - 9];
    const toggle = make("button.code", {
      type: "button", data: { focus: code.name, code: code.name }, mousedown: stay, click: () => this.press(code),
      aria: { pressed: yes, ...(key && { keyshortcuts: key }) },
    }, key && cap(key), make(`span.swatch.hue-${hue(at)}`), make("span.name", {}, label(code)),
    make("span.said", {}, say(yes ? "yes" : "no")));
    const chips = yes && this.spans(code).map((span) => {
      const marked = words(this.unit.text, span);
      return make("li", {}, make("q", { dir: "auto" }, marked),
        act("×", () => this.unmark(code, span), null, { className: "act chip", aria: { label: say("remove", { words: marked }) } }));
    });
    return make("div.question", {}, make("div.question-head", {}, toggle, this.asker(code)),
      chips && chips.length > 0 && make("ul.chips", {}, chips));
  }

  asker(question) {
    const shown = question === this.defined;
    return act("?", () => this.define(question, true), null, {
      className: shown ? "act ask shown" : "act ask",
      aria: { label: `${say("define")} ${label(question)}` },
    });
  }

  // --- choices ------------------------------------------------------------------------------------------------

  isYes(code) {
    return this.draft.values[code.name] === "1";
  }

  spans(code) {
    return this.draft.spans[code.name] ?? [];
  }

  touch() {
    this.draft.touched = true;
    state("");
  }

  feel(said) {
    this.draft.values.polarity = said;
    this.defined = this.sentiment;
    this.touch();
    this.refresh();
  }

  /** A code's key: marks the words that are selected, or else says yes or no. */
  press(code) {
    if (this.pending) {
      this.draft.spans[code.name] = add(this.spans(code), this.pending);
      this.draft.values[code.name] = "1";
      document.getSelection().removeAllRanges();
      this.forget();
    } else {
      this.draft.values[code.name] = this.isYes(code) ? "0" : "1";
    }
    this.defined = code;
    this.touch();
    this.refresh();
  }

  unmark(code, span) {
    this.draft.spans[code.name] = this.spans(code).filter((other) => other !== span);
    this.touch();
    this.refresh();
  }

  define(question, asked) {
    this.defined = question;
    this.refresh();
    // Where there is no room for the codebook beside the questions it comes as a sheet.
    if (asked && getComputedStyle(this.book).display === "none") sheet(label(question), say("close"), definition(question, true));
  }

  /** Follows the selection; on a phone a tap on a button ends it, so the words are kept until they are used. */
  onSelection() {
    if (!this.text?.isConnected) return;
    const span = selected(this.text, this.unit.text);
    if (!span) return;
    this.pending = span;
    this.hint.hidden = false;
    this.hint.replaceChildren(
      make("p", {}, make("strong", {}, say("pending")), " ", make("q", { dir: "auto" }, words(this.unit.text, span)),
        make("small", {}, say("pendingHow"))),
      act(say("cancel"), () => this.forget()));
  }

  forget() {
    this.pending = null;
    this.hint.hidden = true;
  }

  // --- steps --------------------------------------------------------------------------------------------------

  answers() {
    return this.desk.form.questions.map(({ name }) => {
      const said = this.draft.values[name] ?? "0";
      return { question: name, value: said, spans: said === "1" ? this.draft.spans[name] ?? [] : [] };
    });
  }

  async confirm() {
    if (this.sentiment && !this.draft.values.polarity) {
      state(say("missing"));
      this.asked.querySelector(".feel").focus();
      return;
    }
    if (this.draft.touched || !this.unit.answers) {
      const saved = await this.ask(() => post("/api/code", { coder: this.desk.coder, at: this.at, answers: this.answers() }), () => this.confirm());
      if (!saved) return;
      this.draft.touched = false;
      this.desk.count(this.at, true, saved);
      state(say("savedState", saved));
    }
    await this.toOpen();
  }

  /** To the next unit that is not done. */
  toOpen() {
    const open = this.desk.nextOpen(this.at);
    return open === undefined ? this.end() : this.go(open);
  }

  async undo() {
    const undone = await this.ask(() => post("/api/undo", { coder: this.desk.coder }), () => this.undo());
    if (!undone) return;
    if (undone.at === null) return state(say("nothingUndone"));
    this.ahead.clear();
    const draft = this.drafts.get(undone.at);
    await this.go(undone.at);
    if (this.at !== undone.at) return;
    if (!this.unit.answers && draft) draft.touched = true;
    this.desk.count(undone.at, Boolean(this.unit.answers), undone.progress);
    this.refresh();
    state(say("undone"));
  }

  skip() {
    const open = this.desk.nextOpen(this.at);
    return open === undefined ? this.end() : this.go(open);
  }

  move(by) {
    const at = this.neighbour(by);
    if (at !== undefined) return this.go(at);
    return by > 0 ? this.end() : undefined;
  }

  neighbour(by) {
    const { units } = this.desk;
    return units[units.indexOf(this.at) + by];
  }

  go(at) {
    return this.ask(async () => (await this.show(at), true), () => this.go(at));
  }

  end() {
    this.text = null;
    const { units, done, coder } = this.desk;
    const left = units.length - done.size;
    const again = units.length > 0 && act(say("review"), () => this.go(units[0]));
    if (!units.length) return screen("plain", make("h1", {}, say("title")), make("p", {}, say("none", { coder })),
      make("div.row", {}, this.desk.differencesButton()));
    if (left) {
      return screen("plain", make("h1", {}, say("skipTitle")), make("p", {}, say("skipped", { left, units: units.length })),
        make("div.row", {}, act(say("toSkipped"), () => this.go(this.desk.firstOpen()), "⏎", { className: "act main" }), again));
    }
    return screen("plain", make("p.tick", { aria: { hidden: "true" } }, "✓"), make("h1", {}, say("endTitle")),
      make("p", {}, say("end", { units: units.length })), make("div.row", {}, this.desk.differencesButton(), again));
  }

  // --- keys ---------------------------------------------------------------------------------------------------

  /** What a key does; false if it is none of this screen's. */
  key(event) {
    if (!this.text?.isConnected) return this.keyAtEnd(event.key);
    const { key } = event;
    // By place, so that digits need no shift on French keyboards.
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    const code = digit ? this.codes[digit - 1] : this.codes[9 + LETTERS.indexOf(key.toLowerCase())];
    const feeling = !digit && SENTIMENT[key.toLowerCase()];
    if (digit ? code : LETTERS.includes(key.toLowerCase()) && code) this.press(code);
    else if (feeling && this.sentiment) this.feel(feeling);
    else if (key === "Enter") this.confirm();
    else if (key === "ArrowLeft") this.move(-1);
    else if (key === "ArrowRight") this.move(1);
    else if (key === "u") this.undo();
    else if (key === "s") this.skip();
    else if (key === "d") this.defineNext();
    else if (key === "Escape") this.forget();
    else return false;
    return true;
  }

  keyAtEnd(key) {
    if (key === "u") this.undo();
    else if (key === "ArrowLeft" && this.desk.units.length) this.go(this.desk.units.at(-1));
    else if (key === "Enter" && this.desk.firstOpen() !== undefined) this.go(this.desk.firstOpen());
    else return false;
    return true;
  }

  defineNext() {
    const { questions } = this.desk.form;
    this.define(questions[(questions.indexOf(this.defined) + 1) % questions.length], true);
  }

  help() {
    return [[`1 … ${Math.min(9, this.codes.length)}`, "keyCode"], ["j k l", "keySentiment"], ["− 0 +", "keySentiment"], ["⏎", "keyEnter"],
      ["u", "keyUndo"], ["s", "keySkip"], ["← →", "keyMove"], ["d", "keyDefine"], ["Esc", "keyEscape"], ["?", "keyHelp"]];
  }
}

/** Colours come round again behind the eighth code. */
export function hue(at) {
  return at % 8 + 1;
}

/** Who wrote a comment, and when. */
export function byline({ author, posted_at: at }) {
  return make("p.byline", {}, make("span.author", { dir: "auto" }, author ?? say("anonymous")), at && make("time", {}, moment(at)));
}

/** What a question means: definition, what counts and what does not, examples. */
function definition(question, titled) {
  const list = (key, kind, texts) => texts.length > 0 && [make("h4", {}, say(key)),
    make(`ul.${kind}`, {}, texts.map((text) => make("li", { dir: "auto" }, text)))];
  return make("div.definition", {}, !titled && make("h3", {}, label(question)), make("p", { dir: "auto" }, question.definition),
    list("include", "counts", question.include), list("exclude", "not", question.exclude),
    list("positives", "quotes", question.positive), list("negatives", "quotes.not", question.negative));
}
