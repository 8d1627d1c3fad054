// The reader: the comments that are asked for, a page at a time.

const PAGE = 50;
const PRINTED = 200;

class Reader {
  constructor(place) {
    this.asked = nothingAsked();
    this.page = 0;
    this.current = null;
    this.reason = new Reason();
    const keys = button("keys-button", "?", () => this.help(), { ariaLabel: say("help"), title: say("help") });
    this.form = new Form(this.asked, () => this.refresh(), keys);
    this.count = make("p.counted", { role: "status" });
    this.list = make("div.list");
    this.pagers = [make("nav.pager", { ariaLabel: say("pageChoice") }), make("nav.pager", { ariaLabel: say("pageChoice") })];
    const above = make("div.above", {}, this.count, this.form.author, this.form.order());
    place.append(this.form.bar, make("div.columns", {}, this.form.panel, make("div.shown", {}, above, this.pagers[0], this.list, this.pagers[1])),
      make("p.toast", { id: "said", role: "status" }));
    this.reason.watch(this.list);
    this.keysOn = true;
    this.acts = {
      "/": () => this.seek(), j: () => this.step(1), k: () => this.step(-1), "[": () => this.form.step(-1), "]": () => this.form.step(1),
      "?": () => this.help(),
    };
    document.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("click", ({ target }) => (this.led = target.closest?.("a[href^='#']")?.hash ?? null));
    window.addEventListener("hashchange", () => this.follow());
    window.addEventListener("beforeprint", () => this.print());
    window.addEventListener("afterprint", () => this.draw());
    this.list.addEventListener("focusin", ({ target }) => this.hold(target.closest("article")));
  }

  /** Shows what the address asks for, or everything. */
  begin() {
    if (!this.restore()) this.refresh(false);
  }

  /**
   * Goes where a link or the browser's history leads. A link of the page that asks for nothing leaves what is asked for, unless its comment is
   * not among that.
   */
  follow() {
    const led = this.led === location.hash;
    this.led = null;
    const read = readAddress(location.hash);
    if (!led || !read || read.asks || read.at === null || !this.show(read.at)) this.restore();
  }

  restore() {
    const read = readAddress(location.hash);
    if (!read) return false;
    Object.assign(this.asked, read.asked);
    this.refresh(false);
    if (read.at !== null && !this.show(read.at)) {
      // A link leads to its comment, whatever the filters would have hidden.
      Object.assign(this.asked, nothingAsked(), { thread: study.comments.thread[read.at] });
      this.refresh(false);
      this.show(read.at);
    } else if (read.at === null) {
      this.list.closest("section").scrollIntoView();
    }
    return true;
  }

  /** Selects anew and shows the first page. */
  refresh(told = true) {
    this.selection = select(this.asked);
    this.page = 0;
    this.current = null;
    const { hits, all } = this.selection;
    this.count.textContent = hits === all ? sayCount("countedAll", all) : say("counted", { hits: numeral(hits), all: numeral(all) });
    this.form.show();
    this.draw();
    if (!told) return;
    this.remember();
    if (this.list.getBoundingClientRect().top < 0) this.form.bar.scrollIntoView();
  }

  remember() {
    try {
      history.replaceState(null, "", addressFor(this.asked, this.current));
    } catch {
      // Some browsers let no page from a file change its address: only the link to come back is lost.
    }
  }

  get pages() {
    return Math.max(1, Math.ceil(this.selection.rows.length / PAGE));
  }

  draw() {
    this.fill(this.page * PAGE, PAGE);
    for (const pager of this.pagers) this.drawPager(pager);
  }

  /** Shows some of the rows. */
  fill(from, many) {
    this.reason.hide();
    const { rows, hit } = this.selection;
    const several = study.threads.length > 1;
    const indented = this.asked.sort === "thread";
    const titled = several && !indented && this.asked.thread < 0;
    const view = { sought: needles(this.asked.text), indented, titled, onAuthor: (author) => this.form.only(author) };
    const made = [];
    let before = null;
    for (const at of rows.subarray(from, from + many)) {
      const thread = threadOf(at);
      if (several && !titled && thread !== before) made.push(threadElement(thread));
      before = thread;
      made.push(commentElement(at, hit[at] === 1, view));
    }
    if (made.length === 0) made.push(make("p.empty", {}, say("none"), " ", button("clear", say("clear"), () => this.form.clear())));
    this.list.replaceChildren(...made);
  }

  drawPager(pager) {
    pager.hidden = this.pages < 2;
    if (!pager.firstChild) this.buildPager(pager);
    const [back, where, slider, on] = pager.children;
    back.disabled = this.page === 0;
    on.disabled = this.page === this.pages - 1;
    where.textContent = say("page", { page: numeral(this.page + 1), pages: numeral(this.pages) });
    Object.assign(slider, { max: this.pages, value: this.page + 1, hidden: this.pages < 4 });
    slider.setAttribute("aria-valuetext", where.textContent);
  }

  buildPager(pager) {
    const slider = make("input", { type: "range", min: 1, ariaLabel: say("pageChoice"), input: () => this.turn(Number(slider.value) - 1) });
    const step = (by) => {
      this.turn(this.page + by);
      this.list.firstElementChild.scrollIntoView({ block: "nearest" });
    };
    pager.append(button("step", say("previous"), () => step(-1)), make("span.where"), slider, button("step", say("next"), () => step(1)));
  }

  turn(page) {
    this.page = Math.max(0, Math.min(page, this.pages - 1));
    this.draw();
  }

  /** Goes to a comment; false where it is not among those asked for. */
  show(at) {
    const row = this.selection.rows.indexOf(at);
    if (row < 0) return false;
    const page = Math.floor(row / PAGE);
    if (page !== this.page) this.turn(page);
    const element = this.list.querySelector(`[data-at="${at}"]`);
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: element.offsetHeight > window.innerHeight * 0.7 ? "start" : "center" });
    this.hold(element);
    return true;
  }

  /** Takes a comment for the one that is read. */
  hold(element) {
    if (!element) return;
    this.list.querySelector(".current")?.classList.remove("current");
    element.classList.add("current");
    const changed = this.current !== Number(element.dataset.at);
    this.current = Number(element.dataset.at);
    if (changed) this.remember();
  }

  /** The next match behind the comment that is read, or before it. */
  step(by) {
    const { rows, hit } = this.selection;
    const start = this.current === null ? this.page * PAGE - (by > 0 ? 1 : 0) : rows.indexOf(this.current);
    for (let row = start + by; row >= 0 && row < rows.length; row += by) if (hit[rows[row]]) return this.show(rows[row]);
    return false;
  }

  print() {
    const { rows } = this.selection;
    this.fill(0, PRINTED);
    const all = numeral(rows.length);
    const told = rows.length > PRINTED ? say("printed", { shown: numeral(PRINTED), all }) : say("printedAll", { all });
    if (rows.length > 0) this.list.prepend(make("p.printed", {}, told));
  }

  onKey(event) {
    const { target, key } = event;
    // Some keyboards write brackets with AltGr, which counts as Ctrl and Alt.
    const held = (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");
    if (held || event.isComposing || document.querySelector("dialog[open]")) return undefined;
    if (key === "Escape") return this.escape(target);
    if (!this.keysOn || target.closest("input:not([type=checkbox], [type=radio], [type=range]), textarea, select")) return undefined;
    const act = this.acts[key];
    if (!act) return undefined;
    event.preventDefault();
    return act();
  }

  escape(target) {
    if (this.reason.open) return this.reason.hide();
    return target === this.form.field && target.blur();
  }

  seek() {
    this.form.field.focus();
    this.form.field.select();
  }

  help() {
    const lines = [["/", "search"], ["j", "next"], ["k", "previous"], ["[ ]", "thread"], ["?", "help"], ["Esc", "escape"]].map(([keys, what]) =>
      make("div", {}, make("dt", {}, keys.split(" ").map((key) => make("kbd", {}, key))), make("dd", {}, say(`key-${what}`))));
    const [line, box] = tick(say("keysOn"), (on) => { this.keysOn = on; });
    box.checked = this.keysOn;
    sheet(say("keys"), make("dl.keys", {}, lines), line);
  }
}
