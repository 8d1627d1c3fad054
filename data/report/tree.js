// Who answers whom: the comments of a thread with replies below what they answer.

const tree = {};

/** The comment answered: its place, -1 for the article, -2 for one that is not in the thread. */
function parentOf(at) {
  return tree.parent[at];
}

/** Lays out all threads: `order` holds them one after another, `level` how far each comment is indented. */
function growTree() {
  const { parent, thread } = study.comments;
  const count = thread.length;
  const inThread = (at, above) => above >= 0 && above < count && above !== at && thread[above] === thread[at];
  tree.parent = Int32Array.from(parent, (above, at) => (above < 0 || inThread(at, above) ? above : -2));
  tree.order = new Int32Array(count);
  tree.level = new Uint32Array(count);
  const branches = { ...children(tree.parent), seen: new Uint8Array(count), filled: 0 };
  for (const { first, count: many } of study.threads) {
    for (let at = first; at < first + many; at += 1) if (tree.parent[at] < 0) walk(at, branches);
    // What answers in a circle hangs on no root.
    for (let at = first; at < first + many; at += 1) if (!branches.seen[at]) walk(at, branches);
  }
}

/** The first child of each comment and the next one of its parent, -1 for none. */
function children(parent) {
  const first = new Int32Array(parent.length).fill(-1);
  const next = new Int32Array(parent.length).fill(-1);
  for (let at = parent.length - 1; at >= 0; at -= 1) {
    if (parent[at] < 0) continue;
    next[at] = first[parent[at]];
    first[parent[at]] = at;
  }
  return { first, next };
}

/** Puts a comment and all below it in order. A stack, since replies go a hundred thousand deep. */
function walk(root, branches) {
  const put = (at, level) => {
    branches.seen[at] = 1;
    tree.level[at] = level;
    tree.order[branches.filled] = at;
    branches.filled += 1;
  };
  put(root, 0);
  const waiting = [branches.first[root]];
  while (waiting.length > 0) {
    const at = waiting.pop();
    if (at < 0) continue;
    waiting.push(branches.next[at]);
    if (branches.seen[at]) continue;
    put(at, tree.level[tree.parent[at]] + 1);
    waiting.push(branches.first[at]);
  }
}
