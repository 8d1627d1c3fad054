"""Compares the comments that causerie wrote with what WordPress' database says.

usage: compare.py NAME TRUTH rest|html [FOLDER] WORK
rest: every approved comment, as the REST API serves them. html: those the saved pages in FOLDER show.
"""

import csv
import datetime
import html
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from reading import as_read, instant, plain  # noqa: E402
from verdict import Skip, check, same, same_keys  # noqa: E402

csv.field_size_limit(2**31 - 1)


def gmt(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)


def number(text):
    """A count, whether the table wrote 26 or 26.0; None for an empty cell."""
    return int(float(text)) if text else None


def column(row, name):
    """A cell, or a failure that names the columns there are."""
    assert name in row, f"no column {name} among {list(row)}"
    return row[name]


def shown(folder):
    """Ids of the comments in the HTML of the saved pages."""
    found = set()
    for page in pathlib.Path(folder).glob("*.html"):
        found |= set(re.findall(r'<li[^>]*\bid="comment-(\d+)"', page.read_text(encoding="utf-8")))
    return {int(number) for number in found}


def main(name, truth_name, mode, *rest):
    work = pathlib.Path(rest[-1])
    truth = json.loads((work / f"truth-{truth_name}.json").read_text(encoding="utf-8"))
    every = {comment["id"]: comment for comment in truth["comments"]}
    approved = {i for i, c in every.items() if c["status"] == "approved"}
    pingbacks = {i for i in approved if every[i]["type"] != "comment"}
    expected = approved - pingbacks
    if mode == "html":
        expected &= shown(rest[0])

    rows = {}
    with check(f"wordpress-{name}-table"):
        path = work / f"out-{name}" / "comments.csv"
        assert path.is_file(), f"no comments.csv; the folder holds {sorted(p.name for p in path.parent.glob('*'))}"
        with path.open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
        rows = {row["comment_id"]: row for row in table}
        same(len(rows), len(table), "rows with a comment_id of their own")
        assert len({row["thread_id"] for row in table}) == 1, "the pages of one article became several threads"
    if not rows:
        return

    with check(f"wordpress-{name}-ids"):
        assert len(expected) >= 20, f"the site shows only {len(expected)} comments: the check itself is broken"
        # A theme prints pingbacks among the comments; whether a reader of the HTML takes them is left open.
        tolerated = {f"c{i}" for i in pingbacks} if mode == "html" else set()
        same_keys(set(rows) - tolerated, {f"c{i}" for i in expected}, "comment ids")
    known = {i: rows[f"c{i}"] for i in sorted(expected) if f"c{i}" in rows}

    with check(f"wordpress-{name}-reply-to"):
        wrong = []
        for i, row in known.items():
            chain, parent = [], every[i]["parent"]
            while parent:
                chain.append(f"c{parent}")
                parent = every[parent]["parent"] if parent in every else 0
            allowed = {chain[0] if chain else ""}
            if mode == "html" and len(chain) >= truth["depth"]:
                # Past the depth of the setting WordPress prints replies as siblings: their parent cannot be read.
                allowed |= {"", *chain}
            if row["reply_to"] not in allowed:
                wrong.append(f"c{i} answers {row['reply_to'] or 'nobody'}, not {chain[0] if chain else 'nobody'}")
        assert not wrong, "; ".join(wrong)

    with check(f"wordpress-{name}-author"):
        wrong = [f"c{i}: {row['author']!r} for {every[i]['author']!r}" for i, row in known.items()
                 if row["author"] != html.unescape(every[i]["author"])]
        assert not wrong, "; ".join(wrong)

    with check(f"wordpress-{name}-posted-at"):
        wrong = [f"c{i}: {row['posted_at']} for {every[i]['date_gmt']} UTC" for i, row in known.items()
                 if instant(row["posted_at"]) != gmt(every[i]["date_gmt"])]
        assert not wrong, "; ".join(wrong)

    with check(f"wordpress-{name}-text"):
        wrong = [f"c{i}: {row['text']!r} for {as_read(every[i]['html'])!r}" for i, row in known.items()
                 if plain(row["text"]) != as_read(every[i]["html"])]
        assert not wrong, f"{len(wrong)} differ: " + "; ".join(wrong)

    with check(f"wordpress-{name}-counts"):
        row = next(iter(known.values()))
        same(number(row["stated_count"]), truth["stated"], "stated_count")
        same(number(row["parsed_count"]), len(rows), "parsed_count")

    if mode == "rest":
        with check(f"wordpress-{name}-orphans"):
            orphans = [i for i, c in every.items() if i in expected and c["parent"]
                       and every.get(c["parent"], {}).get("status") != "approved"]
            assert orphans, "the site has no orphan: the check itself is broken"
            for i in orphans:
                same(known[i]["reply_to"], f"c{every[i]['parent']}", f"reply_to of the orphan c{i}")
                assert f"c{every[i]['parent']}" not in rows, f"the deleted comment c{every[i]['parent']} has a row"
            if "orphan" in next(iter(known.values())):
                marked = {i for i, row in known.items() if row["orphan"] == "1"}
                same(marked, set(orphans), "comments marked as orphans")

    with check(f"wordpress-{name}-article"):
        row = next(iter(known.values()))
        title = column(row, "article_title")
        same(plain(title), plain(truth["title"]), "title of the article")
        date = column(row, "article_published_at")
        if len(date) > 10 and re.search(r"(Z|[+-]\d\d:?\d\d)$", date):
            same(instant(date), gmt(truth["date_gmt"]), "date of the article")
        else:
            # Without an offset: the day on the site's clock.
            same(date[:10], truth["date_gmt"][:10], "day of the article")
        same(column(row, "article_author"), truth["author"], "author of the article")
        url = column(row, "article_url")
        same(url.rstrip("/"), truth["url"].rstrip("/"), "address of the article")

    if name.endswith(("-saved", "-warc", "-page2")):
        stem = name.removesuffix("-saved").removesuffix("-warc").removesuffix("-page2")
        live = work / f"out-{stem if mode == 'html' else stem + '-live'}"
        with check(f"wordpress-{name}-same-as-live"):
            path = live / "comments.csv"
            if not path.is_file():
                raise Skip("the live run left no table to compare with")
            with path.open(encoding="utf-8", newline="") as file:
                other = {row["comment_id"]: row for row in csv.DictReader(file)}
            same_keys(rows, other, "comment ids")
            for key, row in rows.items():
                for cell in ("thread_id", "reply_to", "author", "posted_at", "text"):
                    same(row[cell], other[key][cell], f"{cell} of {key}, here and in the live run")


main(*sys.argv[1:])
