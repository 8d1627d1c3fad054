// Elements are made here, and words get into them as text only.

/** Makes an element: `make("p.note", {title: "…"}, "words", another)`. Functions are listeners, `aria` and `data` are groups. */
export function make(kind, properties, ...inside) {
  const [tag, ...classes] = kind.split(".");
  const element = document.createElement(tag);
  element.classList.add(...classes);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (name === "aria") for (const [key, said] of Object.entries(value)) element.setAttribute(`aria-${key}`, said);
    else if (name === "data") Object.assign(element.dataset, value);
    else element[name] = value;
  }
  element.append(...inside.flat().filter((part) => part !== null && part !== undefined && part !== false));
  return element;
}

/** A key as it is drawn on a keyboard; readers of the screen hear of it by `aria-keyshortcuts`. */
export function cap(key) {
  return make("kbd", { aria: { hidden: "true" } }, key);
}

/** A press of the mouse leaves the selection and the focus where they are: Enter goes on saving. */
export function stay(event) {
  event.preventDefault();
}

/** A button that acts by itself: where the tab key has led to it, Enter presses it. */
export function act(words, pressed, key, more) {
  const listeners = { mousedown: stay, click: pressed };
  const button = make("button.act", { type: "button", ...listeners, ...more }, make("span", {}, words), key && cap(key));
  if (key) button.setAttribute("aria-keyshortcuts", key);
  return button;
}

/** Shows a sheet over the page until it is closed. */
export function sheet(title, close, ...inside) {
  const heading = make("h2", { id: "sheet-title" }, title);
  const shut = () => dialog.close();
  const dialog = make("dialog", { aria: { labelledby: "sheet-title" } },
    make("div.sheet-head", {}, heading, make("button.act.close", { type: "button", click: shut, aria: { label: close } }, "×")), inside);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && shut());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Puts a screen in the place of the one before. */
export function screen(kind, ...inside) {
  const main = document.getElementById("main");
  main.className = kind;
  main.replaceChildren(...inside.flat().filter(Boolean));
  window.scrollTo(0, 0);
}

let clearing;

/** Says what was done, for eyes and for readers of the screen, and falls silent after a while. */
export function state(words) {
  const place = document.getElementById("state");
  place.textContent = words;
  clearTimeout(clearing);
  clearing = setTimeout(() => { place.textContent = ""; }, 5000);
}

/** Says loudly what went wrong, with a way on; without words it is silent again. */
export function alarm(words, label, again) {
  const place = document.getElementById("alarm");
  place.replaceChildren(...(words ? [make("p", {}, words), again && act(label, again)].filter(Boolean) : []));
  if (words) {
    state("");
    place.scrollIntoView({ block: "nearest" });
  }
}
