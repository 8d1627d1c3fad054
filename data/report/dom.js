// Elements are made here, and words get into them as text only.

/** Makes an element: `make("p.note", {title: "…"}, "words", another)`. Functions are listeners, `aria` is a group. */
function make(kind, properties, ...inside) {
  const [tag, ...classes] = kind.split(".");
  const element = document.createElement(tag);
  element.classList.add(...classes);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (name === "aria") for (const [key, said] of Object.entries(value)) element.setAttribute(`aria-${key}`, said);
    else element[name] = value;
  }
  element.append(...inside.flat().filter((part) => part !== null && part !== undefined && part !== false));
  return element;
}

/** Words of others among one's own, whichever way they run. */
function apart(text) {
  return make("bdi", {}, text);
}

function button(kind, label, pressed, properties = {}) {
  return make(`button.${kind}`, { type: "button", click: pressed, ...properties }, label);
}

/** A choice of one among several: `[[value, label], …]`. */
function choice(label, options, changed) {
  const field = make("select", { change: () => changed(field.value) },
    options.map(([value, said]) => make("option", { value }, said)));
  return [make("label.field", {}, make("span", {}, label), field), field];
}

/** A box to tick: its label, with what stands beside it, and the box. */
function tick(label, changed) {
  const box = make("input", { type: "checkbox", change: () => changed(box.checked) });
  return [make("label.check", {}, box, label), box];
}

let clearing;

/** Says what was done, for eyes and for readers of the screen, and falls silent after a while. */
function announce(text) {
  const place = document.getElementById("said");
  place.textContent = text;
  clearTimeout(clearing);
  clearing = setTimeout(() => { place.textContent = ""; }, 4000);
}

/** Shows a sheet over the page until it is closed. */
function sheet(title, ...inside) {
  const shut = () => dialog.close();
  const dialog = make("dialog", { aria: { labelledby: "sheet-title" } },
    make("div.sheet-head", {}, make("h2", { id: "sheet-title" }, title), button("close", "×", shut, { ariaLabel: say("close") })), inside);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && shut());
  document.body.append(dialog);
  dialog.showModal();
}

/** Copies text; where the browser does not let pages do so, it is shown selected. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    announce(say("copied"));
  } catch {
    const field = make("textarea", { readOnly: true, value: text, rows: 6, ariaLabel: say("cite") });
    sheet(say("citeHint"), make("p", {}, say("notCopied")), field);
    field.select();
  }
}
