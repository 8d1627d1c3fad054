// Starts the reader once the static part of the page is painted.

/** Tells in the contents which section is read. */
function followSections() {
  const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      const link = links.get(target.id);
      link.setAttribute("aria-current", "true");
      // On a narrow screen the contents are one line that scrolls.
      link.closest("ul").scrollLeft = link.offsetLeft - 24;
    }
  }, { rootMargin: "-20% 0px -75% 0px" });
  for (const section of document.querySelectorAll("main > section[id]")) if (links.has(section.id)) watch.observe(section);
}

function readStudy() {
  study = JSON.parse(document.getElementById("study-data").textContent);
  words = study.words;
}

function begin() {
  const place = document.getElementById("reader-app");
  try {
    readStudy();
  } catch (failure) {
    place.append(make("p.note", { role: "alert" }, place.dataset.broken.replace("{reason}", failure.message)));
    return;
  }
  growTree();
  new Reader(place).begin();
  place.dataset.ready = "";
  setTimeout(foldAhead, 50);
}

followSections();
// Without a paint the page waits no longer than this: it may stand in a tab behind others.
const painted = new Promise((go) => {
  requestAnimationFrame(() => setTimeout(go));
  setTimeout(go, 1000);
});
painted.then(begin);
