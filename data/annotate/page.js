// The page: who codes, the bar above, and which screen is shown.

import { Coding } from "/code.js";
import { Comparing } from "/compare.js";
import { act, alarm, make, screen, sheet, state } from "/dom.js";
import { get, post } from "/server.js";
import { LANGUAGE, say } from "/words.js";

const NAME = /^[\p{L}\p{N}._-]{1,40}$/u;
const KEPT = "causerie-coder";

/** What a coder has before them: the form, their units, and how far they are. */
class Desk {
  constructor(form) {
    this.form = form;
  }

  async sit(coder) {
    const { units, done, progress } = await get("/api/work", { coder });
    Object.assign(this, { coder, units, done: new Set(done), progress });
    sessionStorage.setItem(KEPT, coder);
    this.coding = new Coding(this);
    await this.toCoding();
  }

  firstOpen() {
    return this.units.find((at) => !this.done.has(at));
  }

  /** The first unit behind this one that is not done. */
  nextOpen(at) {
    return this.units.slice(this.units.indexOf(at) + 1).find((other) => !this.done.has(other));
  }

  count(at, done, progress) {
    if (done) this.done.add(at);
    else this.done.delete(at);
    this.progress = progress;
    this.bar();
  }

  toCoding() {
    return this.change(this.coding);
  }

  toDifferences() {
    if (this.units.length === this.done.size) return this.change(new Comparing(this));
    const close = () => dialog.close();
    const dialog = sheet(say("differences"), say("close"), make("p", {}, say("third")),
      make("div.row", {}, act(say("thirdYes"), () => (close(), this.change(new Comparing(this))), null, { className: "act main" })));
    return dialog;
  }

  async change(shown) {
    this.shown = shown;
    // What was said of the view before is not true of this one.
    state("");
    this.bar();
    try {
      await shown.begin();
      alarm();
    } catch (failure) {
      alarm(failure.message, say("retry"), () => this.change(shown));
    }
  }

  differencesButton() {
    const button = act(say("differences"), () => this.toDifferences());
    this.allowDifferences(button);
    return button;
  }

  /** What others said is shown when the own units are done, or to who has coded none. */
  allowDifferences(button) {
    const left = this.units.length - this.done.size;
    button.disabled = left > 0 && this.done.size > 0;
    button.title = button.disabled ? say("differencesLater", { left }) : "";
  }

  /** Builds the bar once, so that its buttons keep the focus, and brings its figures up to date. */
  bar() {
    this.far ??= this.buildBar();
    const { progress } = this;
    const many = (count, one, more) => (count === 1 ? say(one) : say(more, { count }));
    const codings = many(progress.codings, "coding", "codings");
    const others = progress.codings > 0 && make("span", {}, say("others", { codings, people: many(progress.people, "person", "people") }));
    const said = say("progress", progress);
    this.far.replaceChildren(
      make("progress", { max: Math.max(1, progress.units), value: progress.done, aria: { label: said } }),
      make("p", {}, make("span.mine", {}, said), others));
    this.allowDifferences(this.differences);
  }

  buildBar() {
    this.differences = this.differencesButton();
    const far = make("div.far");
    const bar = document.getElementById("bar");
    bar.hidden = false;
    bar.replaceChildren(
      make("div.who", {}, make("span.brand", {}, "causerie"), make("span.coder", { dir: "auto" }, this.coder)), far,
      make("nav", {}, this.differences, act(say("link"), () => newLink()), act(say("help"), () => help(this.shown), "?"),
        act(say("leave"), () => this.leave())));
    return far;
  }

  leave() {
    sessionStorage.removeItem(KEPT);
    location.reload();
  }
}

function login(desk) {
  const field = make("input", { id: "name", autocomplete: "off", autocapitalize: "none", spellcheck: false, maxLength: 40, required: true });
  const rule = make("p.rule", { id: "rule" }, say("nameRule"));
  const wrong = make("p.wrong", { role: "alert" });
  field.setAttribute("aria-describedby", "rule");
  const enter = async (typed) => {
    const name = typed.trim().normalize("NFC");
    if (!NAME.test(name) || name.toLowerCase() === "adjudicated") {
      rule.classList.add("wrong");
      field.setAttribute("aria-invalid", "true");
      return field.focus();
    }
    // Two spellings of one name would be two coders.
    const known = desk.form.coders.find((coder) => coder.toLowerCase() === name.toLowerCase());
    try {
      await desk.sit(known ?? name);
    } catch (failure) {
      wrong.textContent = failure.message;
    }
    return undefined;
  };
  const submit = (event) => (event.preventDefault(), enter(field.value));
  screen("plain", make("p.brand", {}, "causerie"), make("h1", {}, say("who")),
    desk.form.coders.length > 0 && make("div.row.coders", {}, desk.form.coders.map((coder) => act(coder, () => enter(coder)))),
    make("form", { submit, noValidate: true }, make("label", { htmlFor: "name" }, say("name")),
      make("div.row", {}, field, make("button.act.main", { type: "submit" }, say("begin"))),
      rule, wrong),
    make("p.note", {}, say("blind")));
  field.focus();
}

async function newLink() {
  try {
    const { link } = await post("/api/link", {});
    const field = make("input.link", { readOnly: true, value: link, aria: { label: say("linkTitle") }, focus: () => field.select() });
    const copy = async () => {
      field.select();
      await navigator.clipboard?.writeText(link);
      button.firstChild.textContent = say("copied");
    };
    const button = act(say("copy"), copy, null, { className: "act main" });
    const local = ["127.0.0.1", "localhost", "[::1]"].includes(location.hostname);
    sheet(say("linkTitle"), say("close"), make("p", {}, say("linkWhat")), make("div.row", {}, field, button),
      local && make("p.note", {}, say("linkLocal")));
  } catch (failure) {
    alarm(failure.message, say("retry"), newLink);
  }
}

function help(shown) {
  const caps = (keys) => keys.split(" ").map((key) => make("kbd", {}, key));
  const lines = shown.help().map(([keys, words]) => make("div", {}, make("dt", {}, caps(keys)), make("dd", {}, say(words))));
  sheet(say("keys"), say("close"), make("dl.keys", {}, lines), make("p", {}, say("helpMark")), make("p.note", {}, say("helpSaved")));
}

function onKey(desk, event) {
  const { target } = event;
  if (!desk.shown || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]") || target.closest("input, textarea, select")) return;
  // Buttons that act by themselves take Enter; the questions' take the space bar, so that Enter saves.
  if (event.key === "Enter" && (event.repeat || target.closest(".act, a, summary"))) return;
  if (event.key === "?") help(desk.shown);
  else if (!desk.shown.key(event)) return;
  event.preventDefault();
}

async function begin() {
  document.documentElement.lang = LANGUAGE;
  document.title = `${say("title")} · causerie`;
  // The token has done its work and is no part of the address to keep.
  history.replaceState(null, "", "/");
  state(say("loading"));
  try {
    const desk = new Desk(await get("/api/form"));
    state("");
    document.addEventListener("keydown", (event) => onKey(desk, event));
    window.addEventListener("beforeunload", (event) => desk.coding?.unsaved && event.preventDefault());
    const coder = sessionStorage.getItem(KEPT);
    if (coder) await desk.sit(coder);
    else login(desk);
  } catch (failure) {
    alarm(failure.message, say("retry"), () => location.reload());
  }
}

begin();
