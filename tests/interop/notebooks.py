"""Executes each notebook of a folder and looks at what came out; compares other programs' tables with it.

usage: notebooks.py FOLDER [--r TABLES] [--described TABLES]

  --r          what first-look.R wrote: the same figures as first-look.ipynb?
  --described  what `causerie describe` wrote: the same figures as threads-and-replies.ipynb, which are networkx's?

A notebook must carry no outputs and have named cells, each cell must run without an error or a warning, and the charts
below must hold rows. Needs nbclient, and from the environment what the notebooks read (CAUSERIE_STUDY, CAUSERIE_BIN).
"""

import argparse
import csv
import json
import math
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

CHARTS = {
    "first-look": {"counts-chart", "sentiment", "themes", "tone-of-themes", "time", "time-themes", "depth"},
    "comparing-articles": {"shares", "heat", "standard", "losing"},
    "threads-and-replies": {"tree", "forest", "shape-chart", "authors", "network", "tone", "theme-answers"},
    "validation": {"agreement", "confusion", "shares", "luck", "groups"},
}
# What a cell must say, as a pattern: that a notebook ran does not mean that it found anything.
SAID = {
    "first-look": {
        "check": r"^(\d+) of \1 pieces of evidence",
        "read": r"background:#[0-9a-f]{6};color:#111;[^>]*title=",
    },
    "comparing-articles": {"chance": r"\d+ cells: ", "missing": r"1 of 12 articles lack comments"},
    "threads-and-replies": {"trees": r"8 threads have a shape; flat: 3", "network": r"reciprocity 0\.\d\d"},
    "validation": {
        "code": r"60 of 60 comments of the sheet coded",
        "luck": r"(1[89]|20) of 20 intervals",
        "disagreements": r"machine: ",
    },
}


def untidy(notebook):
    """What the notebook in the repository should not have."""
    for cell in notebook.cells:
        if not re.fullmatch(r"[a-z]+(-[a-z]+)*", cell.id):
            yield f"cell {cell.id} has no name of words"
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count is not None):
            yield f"cell {cell.id} carries outputs: clear them (notebooks/README.md)"


def said(cell):
    """All text of a cell's outputs."""
    for output in cell.outputs:
        yield output.get("text", "")
        yield from (text for mime, text in output.get("data", {}).items() if mime.startswith("text/"))


def specifications(cell):
    """The Vega-Lite specifications of a cell: of their own mime type, or the argument of the script in its HTML."""
    for output in cell.outputs:
        data = output.get("data", {})
        yield from (spec for mime, spec in data.items() if mime.startswith("application/vnd.vegalite."))
        page = data.get("text/html", "")
        if "vega-lite" in page and "})({" in page:
            yield json.JSONDecoder().raw_decode(page, page.index("})({") + 3)[0]


def drawn(cell):
    """The rows of each dataset that a cell draws."""
    return [rows for spec in specifications(cell) for rows in spec.get("datasets", {}).values()]


def faults(name, cells):
    """What an executed notebook lacks."""
    for ident, cell in cells.items():
        if cell.execution_count is None:
            yield f"cell {ident} did not run"
        if warnings := "".join(output.text for output in cell.outputs if output.get("name") == "stderr"):
            yield f"cell {ident} warns: {warnings.strip().splitlines()[0]}"
    for ident in sorted(CHARTS[name]):
        rows = drawn(cells[ident]) if ident in cells else []
        if not rows:
            yield f"no chart from cell {ident}"
        elif not all(rows):
            yield f"the chart of cell {ident} has no data"
    for ident, pattern in SAID[name].items():
        if ident not in cells or not re.search(pattern, "\n".join(said(cells[ident])), re.M):
            yield f"cell {ident} does not say {pattern}"


def same(one, other):
    """Whether two figures are the same, one of them as text; an empty cell is no figure."""
    if one is None or one == "":
        return other in (None, "")
    return math.isclose(float(one), float(other), rel_tol=1e-5, abs_tol=1e-5)


# A chart of a notebook, another program's table, what names a row in both, the figures in both.
SAME = {
    "r": (
        "first-look",
        [
            ("counts-chart", "completeness", ["article"], ["stated_count", "parsed_count", "missing"]),
            ("sentiment", "sentiment", ["article", "polarity"], ["comments", "share"]),
            ("themes", "themes", ["code"], ["carry", "coded", "share", "low", "high"]),
            ("time", "time", ["span", "polarity"], ["comments"]),
            ("depth", "depth", ["level", "code"], ["carry", "coded", "share", "low", "high"]),
        ],
    ),
    "described": (
        "threads-and-replies",
        [
            (
                "shape-chart",
                "shape",
                ["thread_id"],
                ["comments", "authors", "detached", "max_depth", "max_width", "reply_share", "answered_share"]
                + ["virality", "reciprocity", "author_gini", "reply_after"],
            )
        ],
    ),
}


def differences(charts, cells, tables):
    """Figures of another program's tables that are not those the notebook draws. The tables may have more rows."""
    for ident, table, key, figures in charts:
        ours = [row for rows in drawn(cells[ident]) for row in rows if all(name in row for name in key + figures)]
        ours = {tuple(row[name] for name in key): row for row in ours}
        with open(tables / f"{table}.csv", newline="", encoding="utf-8") as file:
            theirs = {tuple(row[name] for name in key): row for row in csv.DictReader(file)}
        if not ours:
            yield f"{table}: the chart of cell {ident} has no such rows"
        for row, found in ours.items():
            if row not in theirs:
                yield f"{table}: no row {row}"
            elif wrong := [name for name in figures if not same(found[name], theirs[row][name])]:
                yield f"{table} {row}: {wrong[0]} is {found[wrong[0]]} here, {theirs[row][wrong[0]]} there"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    for program in SAME:
        arguments.add_argument(f"--{program}", type=Path)
    asked = arguments.parse_args()
    folder, bad = asked.folder, 0

    def verdict(name, found, more):
        nonlocal bad
        bad += bool(found)
        print(f"FAILED {name}: {'; '.join(found[:5])}" if found else f"ok {name}", flush=True)
        if not found:
            print(f"-- {name}: {more}", flush=True)

    there = {path.stem for path in folder.glob("*.ipynb")}
    if there != CHARTS.keys():
        verdict(
            "notebook-list",
            [f"notebooks that are not looked at, or not there: {', '.join(sorted(there ^ CHARTS.keys()))}"],
            "",
        )
    for name in CHARTS:
        path = folder / f"{name}.ipynb"
        if not path.is_file():
            continue
        notebook, started = nbformat.read(path, as_version=4), time.monotonic()
        found = list(untidy(notebook))
        try:
            NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(folder)}}).execute()
        except CellExecutionError as error:
            found.append(re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip().splitlines()[-1])
        cells = {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}
        found += faults(name, cells) if not found else []
        charts, seconds = sum(map(bool, map(drawn, cells.values()))), time.monotonic() - started
        verdict(f"notebook-{name}", found, f"{len(cells)} cells, {charts} charts, {seconds:.0f} s")
        for program, (notebook_of, pairs) in SAME.items():
            if (tables := getattr(asked, program)) and notebook_of == name and not found:
                verdict(f"notebook-{program}", list(differences(pairs, cells, tables)), f"{tables} equals {name}.ipynb")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
