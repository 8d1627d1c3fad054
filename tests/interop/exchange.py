"""Exports read by the tools they are for: ConvoKit, networkx, a CSV reader as 4CAT and Taguette use it, PyYAML; and a dictionary taken in.

What the files should say is worked out here from comments.csv.
"""

import collections
import contextlib
import csv
import datetime
import io
import json
import math
import os
import re
import tomllib

import networkx
import yaml

from command import SAMPLES, WORK, analyze, rows, run
from verdict import check, same, same_keys

SIGNS = {"negative": -1, "neutral": 0, "positive": 1}
DICTIONARY = """\
# Nested keys, wildcards, words that look like other types.
Economy:
  Tax & duty: [tax*, 'value added tax', "no", 007]
  jobs:
    - emploi*
    - "perte d'emploi"
"vie privée": [données personnelles, '*surveill*', 'wom?n', 'a*']
author: [auteur]
bilingual:
  fr: [oui]
  en: [yes]
empty: []
"""


def export(kind, study, path):
    """Runs `causerie export KIND STUDY -o PATH`."""
    done = run("export", kind, study, "-o", path)
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}"
    return path


class Study:
    """A study's comments as its tables show them, and what follows for exports."""

    def __init__(self, folder):
        header, body = rows(folder / "comments.csv")
        self.comments = {(row["thread_id"], row["comment_id"]): row for row in (dict(zip(header, cells)) for cells in body)}
        header, body = rows(folder / "threads.csv")
        self.threads = {row["thread_id"]: row for row in (dict(zip(header, cells)) for cells in body)}
        self.codes = [name.removesuffix("_share") for name in header if name.endswith("_share") and name.split("_")[0] not in SIGNS]
        assert self.comments and self.codes, f"no comments or no codes in {folder}"

    def parent(self, row):
        """The row of the comment answered; none for the article, and where it is not in the thread."""
        return self.comments.get((row["thread_id"], row["reply_to"]))

    def parent_id(self, row):
        """The id of what is answered, as exports write it."""
        parent = self.parent(row)
        return f"{row['thread_id']}:{row['reply_to']}" if parent else row["thread_id"]


def mean(values):
    """The mean; none of no values."""
    values = list(values)
    return sum(values) / len(values) if values else None


def seconds(moment):
    """Seconds since 1970 of an ISO date, as if in UTC where it has no offset; none where the day is not known."""
    if len(moment) < len("2000-01-01"):
        return None
    at = datetime.datetime.fromisoformat(moment)
    return int((at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)).timestamp())


def flag(cell):
    """A code's column as exports have it."""
    return int(cell) if cell else None


def check_convokit(study, folder):
    """A corpus against the tables."""
    # ConvoKit writes its settings into the home folder as soon as it is imported.
    os.environ["HOME"] = str(WORK)
    from convokit import Corpus

    path = export("convokit", folder, WORK / "convokit")
    # It announces what it does.
    with contextlib.redirect_stdout(io.StringIO()):
        corpus = Corpus(filename=str(path))

    with check("exchange-convokit-trees"):
        conversations = list(corpus.iter_conversations())
        same_keys([c.id for c in conversations], study.threads, "conversations")
        broken = [c.id for c in conversations if not c.check_integrity(verbose=False)]
        assert not broken, f"no tree: {broken}"
        for conversation in conversations:
            walked = [utterance.id for utterance in conversation.traverse("dfs")]
            same_keys(walked, conversation.get_utterance_ids(), f"utterances below the article of {conversation.id}")
            same(walked[0], conversation.id, "the root")

    with check("exchange-convokit-shape"):
        run("describe", folder, "-o", WORK / "described", "-q")
        header, body = rows(WORK / "described" / "shape.csv")
        measured = 0
        for shape in (dict(zip(header, cells)) for cells in body):
            # ConvoKit hangs what has lost its parent below the article.
            if shape["thread_id"] and shape["max_depth"] and shape["detached"] == "0":
                conversation = corpus.get_conversation(shape["thread_id"])
                depths = {len(path) - 2 for path in conversation.get_longest_paths()}
                same(depths, {int(shape["max_depth"])}, f"levels of {conversation.id}")
                comments, leaves = int(shape["comments"]), len(conversation.get_root_to_leaf_paths())
                same(leaves, round(comments * (1 - float(shape["answered_share"]))), f"unanswered comments of {conversation.id}")
                measured += 1
        assert measured, "no thread has a shape"

    with check("exchange-convokit-utterances"):
        rows_of = {f"{thread}:{comment}": row for (thread, comment), row in study.comments.items()}
        same_keys(corpus.get_utterance_ids(), list(rows_of) + list(study.threads), "utterances")
        for name, row in rows_of.items():
            utterance = corpus.get_utterance(name)
            same(utterance.text, row["text"], f"text of {name}")
            same(utterance.reply_to, study.parent_id(row), f"what {name} answers")
            known = seconds(row["posted_at"])
            same((utterance.timestamp, utterance.meta["timestamp_known"]), (known or 0, known is not None), f"timestamp of {name}")
            same(utterance.meta["orphan"], bool(row["reply_to"]) and not study.parent(row), f"orphan of {name}")
            same(utterance.meta["polarity"], row["polarity"] or None, f"polarity of {name}")
            for code in study.codes:
                same(utterance.meta[code], flag(row[code]), f"{code} of {name}")
        for thread, row in study.threads.items():
            assert row["article_title"] in corpus.get_utterance(thread).text, f"no title in the article of {thread}"

    with check("exchange-convokit-evidence"):
        seen = 0
        for utterance in corpus.iter_utterances(lambda utterance: utterance.reply_to is not None):
            for words in utterance.meta["evidence"]:
                same(utterance.text[words["start"] : words["end"]], words["text"], f"evidence of {utterance.id}")
                seen += 1
        assert seen, "no utterance carries evidence"

    with check("exchange-convokit-speakers"):
        kinds = collections.defaultdict(set)
        for speaker in corpus.iter_speakers():
            kinds[speaker.meta["kind"]].add(speaker.id)
        same_keys(kinds["author"], {row["author"] for row in study.comments.values()} - {""}, "speakers")
        nameless = sum(not row["author"] for row in study.comments.values())
        assert nameless, "no comment is without author: the check itself is broken"
        same(len(kinds["unknown"]), 1, "speakers of comments without author")
        same(len(list(corpus.get_speaker(*kinds["unknown"]).iter_utterances())), nameless, "their comments")

    with check("exchange-convokit-index"):
        index = json.loads((path / "index.json").read_text(encoding="utf-8"))
        with contextlib.redirect_stdout(io.StringIO()):
            corpus.dump("again", base_path=str(WORK))
        again = json.loads((WORK / "again" / "index.json").read_text(encoding="utf-8"))
        for part in ("utterances-index", "speakers-index", "conversations-index", "overall-index"):
            same({key: set(types) for key, types in index[part].items() if types},
                 {key: set(types) for key, types in again[part].items() if types}, part)


def check_4cat(study, folder):
    """The table for 4CAT against the tables."""
    path = export("4cat", folder, WORK / "4cat.csv")
    header, body = rows(path)
    posts = {row["id"]: row for row in (dict(zip(header, cells)) for cells in body)}

    with check("exchange-4cat-columns"):
        same(header[:5], ["id", "thread_id", "author", "body", "timestamp"], "first columns")
        same(len(set(header)), len(header), "columns with a name of their own")
        same(len(posts), len(body), "rows with an id of their own")
        assert not path.read_bytes().startswith(b"\xef\xbb\xbf"), "a BOM"
        first = {}
        for row in posts.values():
            first.setdefault(row["thread_id"], row["id"])
        assert all(thread == post for thread, post in first.items()), f"a thread does not begin with its article: {first}"

    with check("exchange-4cat-rows"):
        same(len(posts), len(study.comments) + len(study.threads), "posts")
        for (thread, comment), row in study.comments.items():
            post = posts[f"{thread}:{comment}"]
            same((post["thread_id"], post["author"], post["body"]), (thread, row["author"], row["text"]), f"post {comment}")
            same(post["parent_id"], study.parent_id(row), f"parent of {comment}")
            same(post["polarity"], row["polarity"], f"polarity of {comment}")
            for code in study.codes:
                same(post[f"code_{code}"], row[code], f"{code} of {comment}")
        for post in posts.values():
            expected = seconds(post["posted_at"])
            if expected is None:
                same(post["timestamp"], "", f"timestamp of {post['id']}")
                continue
            at = datetime.datetime.strptime(post["timestamp"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=datetime.timezone.utc)
            same(int(at.timestamp()), expected, f"timestamp of {post['id']}")


def figures(study):
    """Of each author the values of the node, of each pair those of the edge."""
    authors, replies = collections.defaultdict(list), collections.defaultdict(list)
    for row in study.comments.values():
        parent = study.parent(row)
        if row["author"]:
            authors[row["author"]].append(row)
        if row["author"] and parent and parent["author"]:
            replies[row["author"], parent["author"]].append(row)

    def polarity(comments):
        return mean(SIGNS[row["polarity"]] for row in comments if row["polarity"])

    nodes = {
        name: {"comments": len(comments), "mean_polarity": polarity(comments)}
        | {f"share_{code}": mean(int(row[code]) for row in comments if row[code]) for code in study.codes}
        for name, comments in authors.items()
    }
    edges = {pair: {"weight": len(comments), "mean_polarity": polarity(comments)} for pair, comments in replies.items()}
    return nodes, edges


def same_figures(got, expected, what):
    """Compares values, those that are not known among them."""
    for name, value in expected.items():
        near = got.get(name) == value or (None not in (got.get(name), value) and math.isclose(got[name], value, abs_tol=1e-12))
        assert near, f"{name} of {what}: got {got.get(name)}, expected {value}"


def check_network(study, folder, kind, read):
    """A network as networkx reads it against the tables."""
    with check(f"exchange-{kind}"):
        graph = read(export(kind, folder, WORK / f"network.{kind}"))
        assert graph.is_directed() and not graph.is_multigraph(), f"a {type(graph).__name__}"
        nodes, edges = figures(study)
        labels = networkx.get_node_attributes(graph, "label")
        same_keys(labels.values(), nodes, "authors")
        same(len(labels), len(nodes), "nodes")
        for node, name in labels.items():
            same_figures(graph.nodes[node], nodes[name], name)
        drawn = {(labels[one], labels[other]): values for one, other, values in graph.edges(data=True)}
        same_keys(drawn, edges, "replies")
        for pair, values in edges.items():
            same_figures(drawn[pair], values, pair)
        print(f"  {len(nodes)} authors, {len(edges)} edges, {sum(edge['weight'] for edge in edges.values())} replies")


def words_of(node):
    """The words below a key of a dictionary, whatever keys stand in between."""
    if isinstance(node, dict):
        return [word for child in node.values() for word in words_of(child)]
    return list(node)


def import_codebook(path):
    """The codebook `causerie codebook import` makes of a dictionary, as text and as read, once `codebook check` has taken it."""
    done = run("codebook", "import", path)
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}"
    text = done.stdout.decode()
    made = WORK / "imported.toml"
    made.write_text(text, encoding="utf-8")
    checked = run("codebook", "check", made)
    assert checked.returncode == 0, f"codebook check: {(checked.stdout + checked.stderr).decode(errors='replace')[-500:]}"
    return text, {code["name"]: code["patterns"] for code in tomllib.loads(text)["codes"]}


def check_dictionaries(study, folder):
    """Dictionaries and tags of the codebook, and a dictionary taken in."""
    path = WORK / "dictionary.yml"
    keys = {}

    with check("exchange-quanteda"):
        export("quanteda", folder, path)
        text = path.read_text(encoding="utf-8")
        keys = yaml.safe_load(text)
        same_keys(keys, study.codes, "keys")
        for name, node in keys.items():
            words = words_of(node)
            assert words and all(isinstance(word, str) for word in words), f"not words below {name}: {words[:5]}"
            odd = [word for word in words if re.search(r"[()|{}<>#]|\.\.\d", word)]
            assert not odd, f"signs of the codebook below {name}: {odd[:5]}"
        assert "left out of" in text, "the file says nothing of patterns that it cannot hold"
        print("  " + ", ".join(f"{name}: {len(words_of(node))}" for name, node in keys.items()))

    with check("exchange-quanteda-back"):
        text, codes = import_codebook(path)
        same_keys(codes, keys, "codes")
        for name, patterns in codes.items():
            # What begins with `*` is the second half of a word: no codebook says so.
            expected = {word for word in words_of(keys[name]) if not word.startswith("*")}
            same_keys({word for words in patterns.values() for word in words}, expected, f"patterns of {name}")

    with check("exchange-dictionary-import"):
        path = WORK / "theirs.yml"
        path.write_text(DICTIONARY, encoding="utf-8")
        text, codes = import_codebook(path)
        same(codes, {
            "economy_tax_duty": {"any": ["tax*", "value added tax", "no", "007"]},
            "economy_jobs": {"any": ["emploi*", "perte d'emploi"]},
            "vie_privee": {"any": ["données personnelles"]},
            "code_author": {"any": ["auteur"]},
            "bilingual": {"fr": ["oui"], "en": ["yes"]},
        }, "codes")
        remarks = [line for line in text.splitlines() if line.startswith("#")]
        for left in ("*surveill*", "wom?n", '"a*"', "empty", "code_author"):
            assert any(left in remark for remark in remarks), f"nothing is said of {left}: {remarks}"

    with check("exchange-dictionary-refused"):
        path = WORK / "broken.yml"
        path.write_text("a: [x]\nb: [y\nc: z\n", encoding="utf-8")
        done = run("codebook", "import", path)
        message = done.stderr.decode(errors="replace")
        assert done.returncode not in (0, 101), f"exit code {done.returncode}: {message}"
        assert re.search(r"broken\.yml:\d+", message), f"no line in the message: {message}"

    with check("exchange-taguette"):
        path = export("taguette", folder, WORK / "tags.csv")
        with open(path, encoding="utf-8", newline="") as file:
            tags = list(csv.DictReader(file, strict=True))
        same(list(tags[0]), ["tag", "description"], "columns")
        same([tag["tag"] for tag in tags], study.codes, "tags")
        assert all(tag["description"].strip() for tag in tags), "a tag without description"


def main():
    folder, study = WORK / "study", None
    with check("exchange-study"):
        analyze(SAMPLES, "-o", f"{folder}/")
        study = Study(folder)
    if not study:
        return
    with check("exchange-convokit"):
        check_convokit(study, folder)
    with check("exchange-4cat"):
        check_4cat(study, folder)
    check_network(study, folder, "gexf", networkx.read_gexf)
    check_network(study, folder, "graphml", networkx.read_graphml)
    check_dictionaries(study, folder)


if __name__ == "__main__":
    main()
