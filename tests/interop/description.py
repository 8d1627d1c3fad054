"""What `causerie describe` says of threads and talk, against networkx, scipy and numpy: on the sample pages, and on threads made here at random with
orphans, circles, comments without author or date, dates of two clocks.
"""

import collections
import csv
import datetime
import itertools
import math
import random

import networkx as nx
import numpy as np
import scipy.stats

from command import SAMPLES, WORK, analyze, rows, run
from verdict import check, same

CLOSE = 1e-8
POLARITIES = ["negative", "neutral", "positive"]
CODES = ["price", "trust", "doubt"]
HEADER = ["thread_id", "comment_id", "reply_to", "author", "posted_at", "posted_precision", "text", "language", "polarity", *CODES]
LEAST_G2 = scipy.stats.chi2.isf(0.05, 1)


def made(path, threads=40, seed=7):
    """A table of comments at random: words stand for their codes, sentiment goes from comment to reply."""
    chance = random.Random(seed)
    vocabulary = ["".join(chance.choices("bdfklmnprstv", k=2)) + "".join(chance.choices("aeio", k=2)) + "q" for _ in range(300)]
    weights = [1 / (rank + 1) for rank in range(len(vocabulary))]
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(HEADER)
        for thread in range(threads):
            size = chance.choice([1, 2, 5, 30, 120])
            polarities = {}
            for at in range(size):
                parent = chance.randrange(at) if at and chance.random() < 0.7 else None
                reply_to = "" if parent is None else f"c{parent}"
                if chance.random() < 0.04:
                    reply_to = chance.choice(["gone", f"c{at}", f"c{min(at + 1, size - 1)}"])
                polarity = polarities.get(parent) if chance.random() < 0.4 else chance.choice(POLARITIES)
                polarities[at] = polarity
                codes = [chance.choices([0, 1, ""], [8, 3, 1])[0] for _ in CODES]
                words = chance.choices(vocabulary, weights, k=chance.randint(1, 25))
                for code, name in enumerate(CODES):
                    words += [vocabulary[20 + code]] * (codes[code] == 1 and chance.random() < 0.6)
                chance.shuffle(words)
                text = "".join(word + chance.choice([" "] * 8 + [", ", ". ", "! "]) for word in words).strip()
                when = datetime.datetime(2024, 4, 1) + datetime.timedelta(minutes=chance.randrange(3000) + 20 * at)
                shown = chance.choices(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+02:00", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d", ""], [6, 2, 1, 1, 1])[0]
                date = when.strftime(shown)
                precision = {0: "", 10: "day"}.get(len(date), "second")
                author = chance.choices(["", f"a{chance.randrange(12)}"], [1, 9])[0]
                row = [f"t{thread}", f"c{at}", reply_to, author, date, precision, text, "en", polarity or "", *codes]
                out.writerow(row)
    return path


def table(path):
    """Rows of a table as dictionaries."""
    header, body = rows(path)
    return [dict(zip(header, row)) for row in body]


def by_thread(comments):
    threads = collections.defaultdict(list)
    for comment in comments:
        threads[comment["thread_id"]].append(comment)
    return threads


def near(cell, expected, what):
    """Asserts that a cell is this number, or empty for None."""
    if expected is None or (isinstance(expected, float) and math.isnan(expected)):
        assert cell == "", f"{what}: got {cell}, expected nothing"
        return
    assert cell != "", f"{what}: empty, expected {expected}"
    assert abs(float(cell) - expected) <= CLOSE * max(1, abs(expected)), f"{what}: got {cell}, expected {expected}"


def parent_of(comment, ids):
    """The id of the comment it answers, if that is another one of the thread."""
    parent = comment["reply_to"]
    return parent if parent in ids and parent != comment["comment_id"] else None


def shows_structure(thread):
    """Whether the page itself shows what answers what; that one comment quotes another does not."""
    return len(thread) < 2 or any(
        comment.get("reply_basis") != "quote" if comment["reply_to"] else comment.get("depth", "") != ""
        for comment in thread
    )


def tree_of(thread):
    """The tree below the article as networkx has it: what can be reached from it."""
    ids = {comment["comment_id"] for comment in thread}
    graph = nx.DiGraph()
    graph.add_node("article")
    if not shows_structure(thread):
        # A page that shows no structure, or only who quotes whom, does not say that all answer the article.
        return graph
    for comment in thread:
        parent = parent_of(comment, ids)
        if parent or (not comment["reply_to"] and comment.get("depth", "") in ("", "0")):
            graph.add_edge(parent or "article", comment["comment_id"])
    return graph.subgraph({"article"} | nx.descendants(graph, "article"))


def network_of(threads):
    """Who answers whom, without replies to oneself."""
    graph = nx.DiGraph()
    for thread in threads:
        authors = {comment["comment_id"]: comment["author"] for comment in thread}
        for comment in thread:
            to = authors.get(parent_of(comment, authors))
            if comment["author"] and to and to != comment["author"]:
                graph.add_edge(comment["author"], to)
    return graph


def gini(amounts):
    """Half of the mean difference over the mean."""
    amounts = np.array(amounts, dtype=float)
    if len(amounts) < 2:
        return None
    return np.abs(amounts[:, None] - amounts[None, :]).mean() / (2 * amounts.mean())


def date_of(comment):
    """Clock and hours; None without a time."""
    if len(comment["posted_at"]) < 11 or comment.get("posted_precision") in ("day", "month", "year"):
        return None
    date = datetime.datetime.fromisoformat(comment["posted_at"])
    known = date.tzinfo is not None
    return known, (date if known else date.replace(tzinfo=datetime.UTC)).timestamp() / 3600


def reply_hours(thread):
    dates = {comment["comment_id"]: date_of(comment) for comment in thread}
    for comment in thread:
        parent, reply = dates.get(parent_of(comment, dates)), dates[comment["comment_id"]]
        if parent and reply and parent[0] == reply[0] and reply[1] >= parent[1]:
            yield reply[1] - parent[1]


def half_life(thread):
    dates = [date for date in map(date_of, thread) if date]
    known = [hours for clock, hours in dates if clock]
    local = [hours for clock, hours in dates if not clock]
    most = sorted(local if len(local) > len(known) else known)
    return most[math.ceil(len(most) / 2) - 1] - most[0] if len(most) > 1 else None


def median(numbers):
    numbers = [number for number in numbers if number is not None]
    return float(np.median(numbers)) if numbers else None


def reciprocity(graph):
    return nx.overall_reciprocity(graph) if graph.number_of_edges() else None


def virality(tree):
    return nx.average_shortest_path_length(tree.to_undirected()) if len(tree) > 1 else None


def check_shape(comments, found):
    threads = by_thread(comments)
    shapes = {row["thread_id"]: row for row in found}
    for name, thread in threads.items():
        row, tree = shapes[name], tree_of(thread)
        depths = nx.single_source_shortest_path_length(tree, "article")
        levels = collections.Counter(depth - 1 for node, depth in depths.items() if node != "article")
        for comment in thread:
            if comment["comment_id"] not in tree and comment.get("depth"):
                levels[int(comment["depth"])] += 1
        authors = collections.Counter(comment["author"] for comment in thread if comment["author"])
        same(int(row["comments"]), len(thread), f"comments of {name}")
        same(int(row["detached"]), len(thread) - len(tree) + 1, f"detached of {name}")
        near(row["max_depth"], max(levels, default=None), f"max_depth of {name}")
        near(row["mean_depth"], np.mean(list(levels.elements())) if levels else None, f"mean_depth of {name}")
        near(row["max_width"], max(levels.values(), default=None), f"max_width of {name}")
        near(row["virality"], virality(tree), f"virality of {name}")
        if len(tree) > 1:
            pairs = len(tree) * (len(tree) - 1) / 2
            near(row["virality"], nx.wiener_index(tree.to_undirected()) / pairs, f"Wiener index of {name}")
        near(row["reciprocity"], reciprocity(network_of([thread])), f"reciprocity of {name}")
        near(row["author_gini"], gini(list(authors.values())), f"author_gini of {name}")
        near(row["reply_after"], median(reply_hours(thread)), f"reply_after of {name}")
        near(row["half_life"], half_life(thread), f"half_life of {name}")
        answered = {parent_of(comment, {c["comment_id"] for c in thread}) for comment in thread} - {None}
        near(row["answered_share"], len(answered) / len(thread) if shows_structure(thread) else None, f"answered_share of {name}")
    everything, authors = shapes[""], collections.Counter(comment["author"] for comment in comments if comment["author"])
    near(everything["reciprocity"], reciprocity(network_of(threads.values())), "reciprocity of all")
    near(everything["virality"], median(virality(tree_of(thread)) for thread in threads.values()), "virality of all")
    near(everything["author_gini"], gini(list(authors.values())), "author_gini of all")
    near(everything["reply_after"], median(itertools.chain(*map(reply_hours, threads.values()))), "reply_after of all")


def check_replies(comments, found):
    expected = collections.Counter()
    for name, thread in by_thread(comments).items():
        authors = {comment["comment_id"]: comment["author"] for comment in thread}
        for comment in thread:
            to = authors.get(parent_of(comment, authors))
            if comment["author"] and to:
                expected[name, comment["author"], to] += 1
    same({(row["thread_id"], row["from"], row["to"]): int(row["replies"]) for row in found}, dict(expected), "replies")


def check_breakdown(comments, found):
    assert {row["by"] for row in found} >= {"depth", "author_comments", "date"}, "no rows on depth, date or authors"
    written = collections.Counter(comment["author"] for comment in comments)
    for row in (row for row in found if row["by"] in ("author_comments", "date")):
        low, _, high = row["group"].rstrip("+").partition("-")
        if row["by"] == "date":
            group = [c for c in comments if c["posted_at"][:10] == row["group"]]
        else:
            most = int(high or (math.inf if row["group"].endswith("+") else low)) if not row["group"].endswith("+") else math.inf
            group = [c for c in comments if c["author"] and int(low) <= written[c["author"]] <= most]
        coded = [c for c in group if c[row["question"]] != ""]
        count = sum(c[row["question"]] == row["value"] for c in coded)
        what = f"{row['question']}={row['value']} by {row['by']} {row['group']}"
        same([int(row[n]) for n in ("comments", "coded", "count")], [len(group), len(coded), count], what)
        near(row["share"], count / len(coded) if coded else None, what)


def check_responses(comments, found, questions):
    for question, values in questions.items():
        counts = np.zeros((len(values), len(values)))
        for thread in by_thread(comments).values():
            by_id = {comment["comment_id"]: comment for comment in thread}
            for reply in thread:
                parent = by_id.get(parent_of(reply, by_id))
                own = parent and reply["author"] and reply["author"] == parent["author"]
                if parent and not own and parent[question] != "" and reply[question] != "":
                    counts[values.index(parent[question]), values.index(reply[question])] += 1
        of_question = {(row["parent"], row["reply"]): row for row in found if row["question"] == question}
        for (one, parent), (other, reply) in itertools.product(enumerate(values), repeat=2):
            same(int(of_question[parent, reply]["replies"]), int(counts[one, other]), f"{question}: {parent} → {reply}")
        filled = counts[counts.sum(1) > 0][:, counts.sum(0) > 0]
        if min(filled.shape, default=0) < 2:
            continue
        chi_squared, _, degrees, expected = scipy.stats.chi2_contingency(filled, correction=False)
        near(of_question["", ""]["chi_squared"], chi_squared, f"chi-squared of {question}")
        near(of_question["", ""]["degrees"], degrees, f"degrees of {question}")
        near(of_question["", ""]["cramers_v"], scipy.stats.contingency.association(filled.astype(int), "cramer"), f"V of {question}")
        if filled.shape != counts.shape:
            continue
        rest = np.outer(1 - counts.sum(1) / counts.sum(), 1 - counts.sum(0) / counts.sum())
        residuals = (counts - expected) / np.sqrt(expected * rest)
        for (one, parent), (other, reply) in itertools.product(enumerate(values), repeat=2):
            near(of_question[parent, reply]["expected"], expected[one, other], f"expected of {question}")
            near(of_question[parent, reply]["residual"], residuals[one, other], f"residual of {question}")


def check_cooccurrence(comments, found):
    def said(label):
        question, _, value = label.partition("=")
        return [None if c[question] == "" else c[question] == (value or "1") for c in comments]

    assert found, "no pairs"
    for row in found:
        pairs = [(a, b) for a, b in zip(said(row["first"]), said(row["second"])) if a is not None and b is not None]
        counts = np.array([[pairs.count((a, b)) for b in (True, False)] for a in (True, False)])
        what = f"{row['first']} and {row['second']}"
        same([int(row[n]) for n in ("both", "only_first", "only_second", "neither")], counts.ravel().tolist(), what)
        if 0 in (*counts.sum(0), *counts.sum(1)):
            same(row["phi"] + row["log_odds"], "", what)
            continue
        expected = scipy.stats.contingency.expected_freq(counts)
        near(row["expected"], expected[0, 0], f"expected of {what}")
        near(row["lift"], counts[0, 0] / expected[0, 0], f"lift of {what}")
        near(row["phi"], float(np.corrcoef(np.array(pairs, dtype=float).T)[0, 1]), f"phi of {what}")
        near(row["jaccard"], counts[0, 0] / (counts.sum() - counts[1, 1]), f"Jaccard of {what}")
        same(row["sparse"], str(int((expected < 5).any())), f"sparse of {what}")
        half = counts + 0.5
        log_odds = np.log(half[0, 0] * half[1, 1] / (half[0, 1] * half[1, 0]))
        low, high = scipy.stats.norm.interval(0.95, log_odds, np.sqrt((1 / half).sum()))
        for name, value in ("log_odds", log_odds), ("low", low), ("high", high):
            near(row[name], float(value), f"{name} of {what}")


def cut(text):
    """Words of the texts made here: number of the sentence, of the clause, word."""
    cut_up = []
    for number, sentence in enumerate(text.replace("!", ".").split(".")):
        for clause, words in enumerate(sentence.split(",")):
            cut_up += [(number, (number, clause), word) for word in words.split()]
    return cut_up


def people(comments):
    """Named authors, and comments that name none."""
    named = {c["author"] for c in comments if c["author"]}
    return len(named), sum(not c["author"] for c in comments)


def listed(comments):
    return len(comments) >= 3 and sum(people(comments)) >= 2


def g2(a, b, c, d):
    expected = np.array([c, d]) * (a + b) / (c + d)
    return scipy.stats.power_divergence([a, b], expected, lambda_="log-likelihood").statistic


def used(comments, terms_of):
    """For each term how often it is used, and the comments that use it; how many terms there are."""
    times, users, size = collections.Counter(), collections.defaultdict(list), 0
    for comment in comments:
        terms = terms_of(comment)
        size += len(terms)
        times.update(terms)
        for term in set(terms):
            users[term].append(comment)
    return times, users, size


def words_of(comment):
    return [word for _, _, word in comment["cut"]]


def pairs_of(comment):
    return [f"{a[2]} {b[2]}" for a, b in itertools.pairwise(comment["cut"]) if a[1] == b[1]]


def check_words(comments, keyness, collocations):
    # A comment without any code or sentiment was not coded.
    comments = [dict(c, cut=cut(c["text"])) for c in comments]
    for question, value in [("polarity", p) for p in POLARITIES] + [(code, "1") for code in CODES]:
        ours = [c for c in comments if c[question] == value]
        rest = [c for c in comments if c[question] not in ("", value)]
        of_case = lambda found: [row for row in found if (row["question"], row["value"]) == (question, value)]  # noqa: E731
        nodes = []
        for length, terms_of in (1, words_of), (2, pairs_of):
            what = f"keyness of {question}={value}, {length}"
            (a, users, c), (b, others, d) = used(ours, terms_of), used(rest, terms_of)
            tested = [term for term in set(a) | set(b) if len(users[term]) + len(others[term]) >= 3]
            likelihoods = [g2(a[term], b[term], c, d) for term in tested]
            chances = scipy.stats.chi2.sf(likelihoods, 1)
            adjusted = scipy.stats.false_discovery_control(chances)
            figures = {term: figure for term, *figure in zip(tested, likelihoods, chances, adjusted)}
            clear = [t for t in tested if a[t] / c > b[t] / d and figures[t][0] >= LEAST_G2 and listed(users[t])]
            rows_here = [row for row in of_case(keyness) if int(row["words"]) == length]
            same(len(rows_here), min(50, len(clear)), f"rows of {what}")
            best = sorted(clear, key=lambda term: -figures[term][0])[: len(rows_here)]
            for row, term in zip(rows_here, best):
                near(row["log_likelihood"], figures[term][0], f"order of {what}")
            for row in rows_here:
                term = row["term"]
                counts = [a[term], b[term], len(users[term]), len(others[term]), people(users[term])[0]]
                same([int(row[n]) for n in ("count", "count_rest", "comments", "comments_rest", "authors")], counts, f"{what}: {term}")
                near(row["log_likelihood"], figures[term][0], f"G2 of {term}, {what}")
                near(row["p"], figures[term][1], f"p of {term}, {what}")
                near(row["q"], figures[term][2], f"q of {term}, {what}")
                near(row["log_ratio"], math.log2((a[term] / c) / (max(b[term], 0.5) / d)), f"log ratio of {term}, {what}")
                near(row["rate"], 1e6 * a[term] / c, f"rate of {term}, {what}")
            if length == 1:
                nodes = [row["term"] for row in rows_here if float(row["log_ratio"]) >= 1][:20]
                sizes = c, d
        check_collocations(ours, rest, nodes, sizes, of_case(collocations), f"collocations of {question}={value}")


def near_each_other(comment, nodes):
    words, pairs = comment["cut"], set()
    for (one, first), (other, second) in itertools.permutations(enumerate(words), 2):
        if first[2] in nodes and abs(one - other) <= 5 and first[0] == second[0] and first[2] != second[2]:
            pairs.add(frozenset((first[2], second[2])))
    return list(pairs)


def check_collocations(ours, rest, nodes, sizes, found, what):
    nodes = set(nodes)
    (here, users, _), (there, _, _) = (used(side, lambda c: near_each_other(c, nodes)) for side in (ours, rest))
    alone = used(ours, words_of)[1]
    c, d = sizes
    clear = [p for p in here if here[p] / c > there[p] / d and g2(here[p], there[p], c, d) >= LEAST_G2 and listed(users[p])]
    same(len(found), min(50, len(clear)), f"rows of {what}")
    for row in found:
        pair = frozenset((row["node"], row["collocate"]))
        assert row["node"] in nodes and pair in clear, f"{what}: {row['node']} {row['collocate']} should not be there"
        x, y = len(alone[row["node"]]), len(alone[row["collocate"]])
        counts = [here[pair], there[pair], x, y, people(users[pair])[0]]
        same([int(row[n]) for n in ("comments", "comments_rest", "node_comments", "collocate_comments", "authors")], counts, what)
        near(row["log_dice"], 14 + math.log2(2 * here[pair] / (x + y)), f"logDice of {what}")
        near(row["log_likelihood"], g2(here[pair], there[pair], c, d), f"G2 of {what}")


def described(study, name):
    """The tables `describe` makes of a study."""
    out = WORK / f"{name}-described"
    done = run("describe", study, "-o", out)
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}"
    tables = ["shape", "replies", "breakdown", "responses", "cooccurrence", "keyness", "collocations"]
    return {table_name: table(out / f"{table_name}.csv") for table_name in tables}


def main():
    random_study, sample_study = WORK / "random", WORK / "sample"
    random_study.mkdir()
    made(random_study / "comments.csv")
    analyze(SAMPLES, "-o", sample_study)
    codes = {"polarity": POLARITIES} | {code: ["0", "1"] for code in CODES}
    for name, study, questions in [("random", random_study, codes), ("sample", sample_study, {"polarity": POLARITIES})]:
        comments, found = table(study / "comments.csv"), {}
        with check(f"describe, {name} threads: tables"):
            found = described(study, name)
        if not found:
            continue
        with check(f"shape of {name} threads as networkx and numpy have it"):
            check_shape(comments, found["shape"])
        with check(f"replies in {name} threads"):
            check_replies(comments, found["replies"])
        with check(f"breakdown of {name} threads"):
            check_breakdown(comments, found["breakdown"])
        with check(f"responses in {name} threads as scipy has them"):
            check_responses(comments, found["responses"], questions)
        with check(f"co-occurrence in {name} threads as scipy has it"):
            check_cooccurrence(comments, found["cooccurrence"])
        if name == "random":
            with check("keyness and collocations as scipy has them"):
                check_words(comments, found["keyness"], found["collocations"])


if __name__ == "__main__":
    main()
