// The screen on which units that coders differ on get their final answers.

import { byline, hue } from "/code.js";
import { act, cap, make, screen, state, stay } from "/dom.js";
import { Steps, get, post } from "/server.js";
import { add, paint, words } from "/spans.js";
import { label, say, value } from "/words.js";

/** The screen for the differences, for one person. */
export class Comparing extends Steps {
  constructor(desk) {
    super();
    this.desk = desk;
  }

  async begin() {
    const { units, settled } = await get("/api/disagreements", { coder: this.desk.coder });
    this.units = units;
    this.settled = new Set(settled);
    const open = this.firstOpen();
    if (!units.length) return this.end(say("agree"));
    return open === undefined ? this.end(say("compareEnd")) : this.show(open);
  }

  firstOpen() {
    return this.units.find((at) => !this.settled.has(at));
  }

  async show(at) {
    const seen = await get("/api/disagreement", { coder: this.desk.coder, at });
    this.at = at;
    this.unit = seen.unit;
    this.codings = seen.codings;
    this.rows = this.desk.form.questions.map((question) => this.row(question));
    this.final = new Map((seen.settled ?? this.agreed()).map((answer) => [answer.question, answer]));
    this.active = Math.max(0, this.rows.findIndex((row) => row.differs));
    this.build();
  }

  /** What each coder answered to a question. */
  row(question) {
    const answers = this.codings.map(({ answers: given }) => given.find((answer) => answer.question === question.name));
    return { question, answers, differs: new Set(answers.map((answer) => answer.value)).size > 1 };
  }

  /** Where all say the same, that is final from the beginning, with what any of them marked. */
  agreed() {
    return this.rows.filter((row) => !row.differs).map(({ question, answers }) => ({
      question: question.name, value: answers[0].value,
      spans: answers.flatMap((answer) => answer.spans ?? []).reduce(add, []),
    }));
  }

  // --- the screen ---------------------------------------------------------------------------------------------

  build() {
    const { unit } = this;
    this.text = make("p.text", { dir: "auto" });
    this.table = make("div.table");
    const parent = unit.ancestors.at(-1);
    screen("comparing",
      make("div.compare-head", {}, make("h1", {}, say("compareAt", { at: this.units.indexOf(this.at) + 1, count: this.units.length })),
        make("p.label", {}, say("settled", { settled: this.settled.size, count: this.units.length }))),
      make("section.reading", { aria: { label: say("unit") } },
        unit.article_title && make("p.article", {}, make("span.label", {}, say("article")), make("cite", { dir: "auto" }, unit.article_title)),
        parent && make("div.ancestors", {}, make("p.label", {}, say("answersTo")),
          make("article.remark", {}, byline(parent), make("p.text", { dir: "auto" }, parent.text))),
        this.card = make("article.unit", { tabIndex: -1, aria: { label: say("unit") } },
          make("div.unit-head", {}, byline(unit), this.settled.has(this.at) && make("span.badge.kept", {}, say("decided"))), this.text)),
      this.table,
      make("div.deeds", {}, act(say("confirm"), () => this.confirm(), "⏎", { className: "act main confirm" }),
        make("div.small", {}, act(say("back"), () => this.move(-1), "←"), act(say("undo"), () => this.undo(), "u"),
          act(say("toCoding"), () => this.desk.toCoding(), "c"), act(say("next"), () => this.move(1), "→"))));
    this.refresh();
    this.card.focus({ preventScroll: true });
  }

  refresh() {
    const focus = document.activeElement?.dataset?.focus;
    const head = make("tr", {}, make("th", { scope: "col" }, say("question")),
      this.codings.map(({ coder }, at) => make("th", { scope: "col" }, cap(`${at + 1}`), ` ${coder}`)));
    this.table.replaceChildren(make("table", {}, make("thead", {}, head), make("tbody", {}, this.rows.map((row, at) => this.line(row, at)))));
    if (focus) this.table.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
    const { question, answers } = this.rows[this.active];
    const marks = answers.flatMap((answer, at) => (answer.spans ?? []).map((span) => (
      { span, hue: hue(at), label: `${this.codings[at].coder}: ${label(question)}` })));
    paint(this.text, this.unit.text, marks);
  }

  line({ question, answers, differs }, at) {
    const final = this.final.get(question.name);
    const cells = answers.map((answer, who) => {
      const said = value(question, answer.value);
      const taken = final?.value === answer.value;
      return make("td", { data: { coder: this.codings[who].coder } }, make("button.take", {
        type: "button", data: { focus: `${question.name} ${who}` }, mousedown: stay, click: () => this.take(at, who),
        aria: { pressed: taken, label: say("take", { coder: this.codings[who].coder, value: said }) },
      }, said), (answer.spans ?? []).map((span) => make(`q.hue-${hue(who)}`, { dir: "auto" }, words(this.unit.text, span))));
    });
    const name = make("th", { scope: "row", click: () => this.step(at - this.active) }, label(question), !final && make("em", {}, say("choose")));
    const row = make("tr", { aria: { ...(at === this.active && { current: "true" }) } }, name, cells);
    row.classList.toggle("differs", differs);
    return row;
  }

  /** Takes a coder's answer, with the words marked by all who gave it. */
  take(at, who) {
    const { question, answers } = this.rows[at];
    const { value: said } = answers[who];
    const spans = answers.filter((answer) => answer.value === said).flatMap((answer) => answer.spans ?? []).reduce(add, []);
    this.final.set(question.name, { question: question.name, value: said, spans });
    const open = this.rows.findIndex((row) => !this.final.has(row.question.name));
    this.active = open < 0 ? at : open;
    state("");
    this.refresh();
  }

  step(by) {
    this.active = (this.active + by + this.rows.length) % this.rows.length;
    this.refresh();
  }

  // --- steps --------------------------------------------------------------------------------------------------

  async confirm() {
    const open = this.rows.filter(({ question }) => !this.final.has(question.name));
    if (open.length) return state(say("undecided", { names: open.map(({ question }) => label(question)).join(", ") }));
    const { coder } = this.desk;
    const saved = await this.ask(() => post("/api/adjudicate", { coder, at: this.at, answers: [...this.final.values()] }), () => this.confirm());
    if (!saved) return undefined;
    this.settled.add(this.at);
    state(say("settled", { settled: this.settled.size, count: this.units.length }));
    const next = this.firstOpen();
    return next === undefined ? this.end(say("compareEnd")) : this.go(next);
  }

  async undo() {
    const undone = await this.ask(async () => {
      const { at } = await post("/api/undo", { coder: this.desk.coder, adjudicated: true });
      this.settled = new Set((await get("/api/disagreements", { coder: this.desk.coder })).settled);
      return { at };
    }, () => this.undo());
    if (!undone) return;
    if (undone.at !== null) await this.go(undone.at);
    state(say(undone.at === null ? "nothingUndone" : "undone"));
  }

  move(by) {
    const at = this.units[this.units.indexOf(this.at) + by];
    return at === undefined ? undefined : this.go(at);
  }

  go(at) {
    return this.ask(async () => (await this.show(at), true), () => this.go(at));
  }

  end(said) {
    this.text = null;
    const again = this.units.length > 0 && act(say("review"), () => this.go(this.units[0]));
    screen("plain", make("h1", {}, say("compareTitle")), make("p", {}, said),
      make("div.row", {}, act(say("toCoding"), () => this.desk.toCoding(), "c"), again));
  }

  key({ key, code }) {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code)?.[1];
    if (key === "c") this.desk.toCoding();
    else if (key === "u") this.undo();
    else if (!this.text?.isConnected) return false;
    else if (digit && this.codings[digit - 1]) this.take(this.active, digit - 1);
    else if (key === "ArrowDown" || key === "j") this.step(1);
    else if (key === "ArrowUp" || key === "k") this.step(-1);
    else if (key === "ArrowLeft") this.move(-1);
    else if (key === "ArrowRight") this.move(1);
    else if (key === "Enter") this.confirm();
    else return false;
    return true;
  }

  help() {
    return [["↑ ↓", "keyRow"], ["1 2 …", "keyTake"], ["⏎", "keyEnter"], ["u", "keyUndo"], ["← →", "keyMove"], ["c", "toCoding"], ["?", "keyHelp"]];
  }
}
