// The filters as a form; it shows what is asked for and says when that changes.

class Form {
  /** `asked` is changed in place; `changed` is called after. `keys` is the button that stands beside the search. */
  constructor(asked, changed, keys) {
    Object.assign(this, { asked, changed, fields: [] });
    this.open = button("open-filters", "", () => this.toggle(), { aria: { expanded: "false", controls: "filters" } });
    this.reset = button("clear", say("clear"), () => this.clear());
    this.author = make("div.only");
    this.panel = make("form.filters", { id: "filters", ariaLabel: say("filters"), submit: (event) => event.preventDefault() },
      this.codes(), this.polarity(), this.selects(), this.reset);
    this.bar = make("div.toolbar", { role: "search" }, this.thread(), this.search(), this.open, keys);
  }

  toggle() {
    const open = this.panel.classList.toggle("open");
    this.open.setAttribute("aria-expanded", String(open));
  }

  /** Remembers how a field is brought to what is asked for. */
  bind(show) {
    this.fields.push(show);
  }

  set(name, value) {
    this.asked[name] = value;
    this.changed();
  }

  /** Shows one author's comments; the focus goes to what takes that back. */
  only(author) {
    this.set("author", author);
    this.author.querySelector("button").focus({ preventScroll: true });
  }

  clear() {
    const { thread, sort, context } = this.asked;
    Object.assign(this.asked, nothingAsked(), { thread, sort, context });
    this.changed();
  }

  /** Brings all fields to what is asked for. */
  show() {
    for (const show of this.fields) show();
    const set = filtersSet(this.asked);
    this.open.textContent = set > 0 ? say("filtersActive", { count: set }) : say("filters");
    this.reset.hidden = set === 0;
    const { author } = this.asked;
    this.author.replaceChildren(...(author === null ? [] : [
      button("chip", [apart(say("onlyAuthor", { author })), make("span", { ariaHidden: "true" }, " ×")], () => this.set("author", null),
        { title: say("removeAuthor") })]));
  }

  thread() {
    if (study.threads.length < 2) return null;
    const count = numeral(study.threads.length);
    const options = [["-1", say("allThreads", { count })], ...study.threads.map((thread, at) => [String(at), titleOf(thread)])];
    const [label, field] = choice(say("thread"), options, (value) => this.set("thread", Number(value)));
    this.bind(() => { field.value = String(this.asked.thread); });
    return make("div.threads", {}, label,
      button("step", "‹", () => this.step(-1), { ariaLabel: say("previousThread"), title: `${say("previousThread")} [` }),
      button("step", "›", () => this.step(1), { ariaLabel: say("nextThread"), title: `${say("nextThread")} ]` }));
  }

  /** One thread on or back; before the first and behind the last stand all together. */
  step(by) {
    const many = study.threads.length + 1;
    if (many > 2) this.set("thread", ((this.asked.thread + 1 + by + many) % many) - 1);
  }

  search() {
    let typing;
    const field = make("input", { type: "search", id: "search", placeholder: say("searchHint"), autocomplete: "off", spellcheck: false, dir: "auto" });
    field.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => this.set("text", field.value), 120);
    });
    this.bind(() => { if (field.value !== this.asked.text && document.activeElement !== field) field.value = this.asked.text; });
    this.field = field;
    return make("label.field.grow", {}, make("span", {}, say("search")), field);
  }

  /** A box for each member of a set. */
  boxes(name, members) {
    return members.map(([value, label, count]) => {
      const [line, box] = tick([...label, count !== null && make("span.count", {}, numeral(count))], (on) => {
        this.asked[name][on ? "add" : "delete"](value);
        this.changed();
      });
      this.bind(() => { box.checked = this.asked[name].has(value); });
      return line;
    });
  }

  codes() {
    const counts = new Map([[NO_CODE, 0]]);
    for (const codings of study.comments.codings) {
      if (codings?.length === 0) counts.set(NO_CODE, counts.get(NO_CODE) + 1);
      for (const [code] of codings ?? []) counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    const known = study.codes.map(({ label, definition }, code) =>
      [code, [make(`span.swatch.hue-${hue(code)}`), make("span.name", { dir: "auto", title: definition ?? "" }, label)], counts.get(code) ?? 0]);
    const none = [NO_CODE, [make("span.swatch"), make("span.name", {}, say("noCode"))], counts.get(NO_CODE)];
    const how = ["false", "true"].map((value) => {
      const radio = make("input", { type: "radio", name: "how", value, change: () => this.set("all", value === "true") });
      this.bind(() => { radio.checked = String(this.asked.all) === value; });
      return make("label.check", {}, radio, say(value === "true" ? "allCodes" : "anyCode"));
    });
    const hows = make("div.how", {}, how);
    this.bind(() => { hows.hidden = this.asked.codes.size < 2; });
    return make("fieldset", {}, make("legend", {}, say("codes")), this.boxes("codes", [...known, none]), hows);
  }

  polarity() {
    const counts = { negative: 0, neutral: 0, positive: 0, none: 0 };
    for (let at = 0; at < study.comments.thread.length; at += 1) counts[polarityOf(at) ?? "none"] += 1;
    const shown = (value) => {
      const name = make("span.name", {}, say(value === "none" ? "noSentiment" : value));
      return [value, [make(`span.dot.${value}`), name], counts[value]];
    };
    const values = Object.keys(counts).filter((value) => value !== "none" || counts.none > 0);
    return make("fieldset", {}, make("legend", {}, say("sentiment")), this.boxes("polarity", values.map(shown)));
  }

  /** Selections of one: those that would divide nothing are left out. */
  selects() {
    const some = (name, test) => study.comments[name]?.some(test) ?? false;
    const made = [
      some("irony", (value) => value === 1) && this.one("irony", [["1", say("ironic")], ["0", say("notIronic")]]),
      some("people", (value) => value !== null) && this.one("people", [["coded", say("byPeople")], ["differ", say("differ")]]),
      some("state", (value) => value > 0) && this.one("state", STATES.map((state) => [state, say(state)])),
      some("depth", (value) => value > 0) && this.one("depth", ["0", "1", "2", "3", "unknown"].map((depth) => [depth, say(`depth-${depth}`)])),
    ].filter(Boolean);
    return make("div.selects", {}, made);
  }

  one(name, options) {
    const [label, field] = choice(say(name), [["", say("any")], ...options], (value) => this.set(name, value));
    this.bind(() => { field.value = this.asked[name]; });
    return label;
  }

  /** The order, and whether matches stand among what they answer. */
  order() {
    const sorts = ["thread", ...Object.keys(RANKS)].filter((sort) => sort !== "votes" || study.comments.votes?.some((votes) => votes !== null));
    const [label, field] = choice(say("sort"), sorts.map((sort) => [sort, say(`sort-${sort}`)]), (value) => this.set("sort", value));
    const [line, box] = tick(say("context"), (on) => this.set("context", on));
    line.title = say("contextHint");
    this.bind(() => {
      field.value = this.asked.sort;
      box.checked = this.asked.context && this.asked.sort === "thread";
      box.disabled = this.asked.sort !== "thread";
      line.classList.toggle("off", box.disabled);
    });
    return [label, line];
  }
}
