// Why a code was given: shown beside marks and labels on hover, focus and tap.

const REST = 150;

class Reason {
  constructor() {
    this.box = make("div.reason", { id: "reason", role: "tooltip", popover: "manual" });
    document.body.append(this.box);
    this.box.addEventListener("pointerenter", () => clearTimeout(this.leaving));
    this.box.addEventListener("pointerleave", () => this.leave());
    document.addEventListener("scroll", () => this.open && this.follow(), { passive: true });
    document.addEventListener("pointerdown", (event) => this.open && !this.box.contains(event.target) && !this.about.contains(event.target) && this.hide());
  }

  get open() {
    return this.box.matches(":popover-open");
  }

  /** Listens to the marks and labels inside an element. */
  watch(element) {
    const about = ({ target }) => {
      const near = target.closest?.("mark, .why");
      return near && (reasons.has(near) ? near : near.parentElement.closest("mark"));
    };
    element.addEventListener("pointerover", (event) => event.pointerType === "mouse" && !this.pinned && about(event) && this.show(about(event)));
    element.addEventListener("pointerout", (event) => event.pointerType === "mouse" && about(event) && this.leave());
    element.addEventListener("focusin", (event) => about(event)?.matches(":focus-visible") && this.show(about(event)));
    element.addEventListener("focusout", () => this.pinned || this.hide());
    element.addEventListener("click", (event) => about(event) && this.toggle(about(event)));
    element.addEventListener("keydown", (event) => {
      if (!["Enter", " "].includes(event.key) || event.target.tagName !== "MARK") return;
      event.preventDefault();
      this.toggle(about(event));
    });
  }

  toggle(about) {
    const again = this.open && this.pinned && this.about === about;
    if (again) return this.hide();
    this.show(about);
    this.pinned = true;
    return undefined;
  }

  show(about) {
    clearTimeout(this.leaving);
    if (!reasons.has(about) || (this.open && this.about === about)) return;
    this.hide();
    this.about = about;
    this.box.replaceChildren(...explain(reasons.get(about)));
    this.box.showPopover();
    about.setAttribute("aria-describedby", "reason");
    about.classList.add("lit");
    this.follow();
  }

  /** Stays beside what it is about, and goes when that leaves the window. */
  follow() {
    const box = this.about.getClientRects()[0];
    if (box && box.bottom > 0 && box.top < document.documentElement.clientHeight) this.place(box);
    else this.hide();
  }

  /** Below the first line of what it is about, or above where there is no room. */
  place({ left, top, bottom }) {
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const { clientWidth, clientHeight } = document.documentElement;
    const below = bottom + 6 + height <= clientHeight || top < height + 6;
    this.box.style.left = `${Math.max(8, Math.min(left, clientWidth - width - 8))}px`;
    this.box.style.top = `${below ? bottom + 6 : top - height - 6}px`;
  }

  leave() {
    clearTimeout(this.leaving);
    if (!this.pinned) this.leaving = setTimeout(() => this.hide(), REST);
  }

  hide() {
    clearTimeout(this.leaving);
    this.pinned = false;
    if (!this.open) return;
    this.about.removeAttribute("aria-describedby");
    this.about.classList.remove("lit");
    this.box.hidePopover();
  }
}

/** What is said of codings and of the sentiment, one block each. A table without its codings tells neither basis nor confidence. */
function explain({ at, codings = [], feeling }) {
  const blocks = codings.map((coding) => {
    const [code, start, end, percent, basis] = codingsOf(at)[coding];
    const { label, definition } = study.codes[code];
    return make("div", {}, make("p.reason-head", {}, make(`span.swatch.hue-${hue(code)}`), apart(label)),
      definition && make("p", { dir: "auto" }, definition), basis !== null && start >= end && make("p", {}, say("evidenceNone")),
      basis !== null && percent !== null && make("p.soft", {}, say(`sure-${basis}`, { percent })),
      make("p.soft", {}, say("coder", { coder: codersOf(at) })));
  });
  if (feeling) blocks.push(explainFeeling(at));
  return blocks;
}

function explainFeeling(at) {
  const polarity = polarityOf(at);
  const [start, end, percent] = column("feeling", at) ?? [0, 0, null];
  return make("div", {}, make("p.reason-head", {}, make(`span.dot.${polarity}`), say("sentimentOf", { value: say(polarity).toLowerCase() })),
    start >= end && make("p", {}, say("evidenceNone")), percent !== null && make("p.soft", {}, say("sure", { percent })),
    make("p.soft", {}, say("coder", { coder: codersOf(at) })));
}
