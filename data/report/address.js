// What is shown as the part of the address behind `#`: `#t1/c12?code=0&sort=new`.

const SHORT = { text: "q", irony: "irony", people: "people", state: "state", depth: "depth", author: "author" };

/** What is asked for as an address; `at` is the comment it points to, or null. */
function addressFor(asked, at) {
  const query = new URLSearchParams();
  for (const [name, short] of Object.entries(SHORT)) if (asked[name] !== null && asked[name] !== "") query.set(short, asked[name]);
  if (asked.codes.size > 0) query.set("code", [...asked.codes].map((code) => study.codes[code]?.name ?? "-").join(","));
  if (asked.all) query.set("all", "1");
  if (asked.polarity.size > 0) query.set("sentiment", [...asked.polarity].join(","));
  if (asked.sort !== "thread") query.set("sort", asked.sort);
  if (!asked.context) query.set("context", "0");
  if (asked.thread < 0) query.set("threads", "all");
  const thread = at !== null ? threadOf(at) : study.threads[asked.thread];
  const place = at !== null ? addressOf(at) : `${encodeURIComponent(thread?.id ?? "")}/`;
  return `#${place}${query.size > 0 ? `?${query}` : ""}`;
}

/** Reads an address back: what is asked for, whether it says so itself, and the comment it points to; null for one of another kind. */
function readAddress(hash) {
  const found = /^#([^/?]*)\/([^?]*)(?:\?(.*))?$/.exec(hash);
  if (!found) return null;
  const query = new URLSearchParams(found[3] ?? "");
  const thread = study.threads.findIndex(({ id }) => id === decoded(found[1]));
  const asked = nothingAsked();
  for (const [name, short] of Object.entries(SHORT)) asked[name] = query.get(short) ?? asked[name];
  const list = (name) => (query.get(name) ?? "").split(",").filter(Boolean);
  const codes = new Map([["-", NO_CODE], ...study.codes.map(({ name }, code) => [name, code])]);
  asked.codes = new Set(list("code").filter((name) => codes.has(name)).map((name) => codes.get(name)));
  asked.polarity = new Set(list("sentiment"));
  asked.all = query.has("all");
  asked.context = query.get("context") !== "0";
  asked.sort = Object.hasOwn(RANKS, query.get("sort")) ? query.get("sort") : "thread";
  asked.thread = query.get("threads") === "all" ? -1 : thread;
  return { asked, asks: found[3] !== undefined, at: commentAt(study.threads[thread], decoded(found[2])) };
}

function commentAt(thread, id) {
  if (!thread || id === "") return null;
  const at = study.comments.id.indexOf(id, thread.first);
  return at >= 0 && at < thread.first + thread.count ? at : null;
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
