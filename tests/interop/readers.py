"""The tables of a study read by pandas, polars, DuckDB, pyarrow and Python's csv and json: all see the same cells.

CSV has one kind of empty: an unknown value and an empty text look alike there. So null and "" count as equal below;
the number of texts that are empty in one reader and null in another is printed.
"""

import json
import math

import duckdb
import pandas
import polars
import pyarrow.parquet

from command import SAMPLES, WORK, analyze, rows
from verdict import check, same

TEXTS = ("thread_id", "comment_id", "reply_to", "author", "text", "own_text", "evidence", "state", "polarity")


def empty(value):
    """Null in any library's dress."""
    return value is None or value is pandas.NaT or value is pandas.NA or (isinstance(value, float) and math.isnan(value))


def same_texts(got, header, body, reader):
    """Compares the text columns; `got` gives the values of a column by name."""
    differ, nulls = [], 0
    for column in (name for name in TEXTS if name in header):
        values, at = got(column), header.index(column)
        same(len(values), len(body), f"rows of {column} in {reader}")
        for row, value in zip(body, values):
            nulls += empty(value)
            text = "" if empty(value) else value
            if text != row[at]:
                differ.append(f"{column} of {row[header.index('comment_id')]}: {text!r} for {row[at]!r}")
    assert not differ, f"{len(differ)} cells differ in {reader}: " + "; ".join(differ[:3])
    print(f"  {reader}: {nulls} empty text cells read as null")


def same_value(cell, value):
    """Whether a typed value is the one that the CSV spells."""
    if empty(value):
        return cell == ""
    if isinstance(value, bool):
        return cell in (("1", "true") if value else ("0", "false"))
    if isinstance(value, (int, float)):
        try:
            return math.isclose(float(cell), value, rel_tol=1e-9, abs_tol=1e-9)
        except ValueError:
            return False
    return cell == str(value)


def same_cells(header, body, columns, get, reader):
    """Compares every cell, whatever its type."""
    same(list(columns), header, f"columns in {reader}")
    differ = []
    for number, row in enumerate(body):
        for name, cell in zip(header, row):
            value = get(number, name)
            if not same_value(cell, value):
                differ.append(f"{name} in row {number + 1}: {value!r} for {cell!r}")
    assert not differ, f"{len(differ)} cells differ in {reader}: " + "; ".join(differ[:3])


def main():
    study = WORK / "study"
    # One key for all runs: the pseudonyms must agree.
    key = WORK / "author.key"
    key.touch(mode=0o600)
    key.write_text("07" * 32 + "\n")
    header, body = [], []

    with check("readers-csv"):
        analyze(SAMPLES, "--author-key", key, "-o", f"{study}/")
        header, body = rows(study / "comments.csv")
        assert body, "comments.csv has no rows"
        assert len(set(header)) == len(header), f"columns twice: {header}"
        keys = [(row[header.index("thread_id")], row[header.index("comment_id")]) for row in body]
        same(len(set(keys)), len(keys), "rows with a key (thread_id, comment_id) of their own")
        assert b"\r" not in (study / "comments.csv").read_bytes(), "a carriage return in the canonical CSV"
        tables = sorted(path.name for path in study.iterdir())
        for name in ("codings.csv", "comments.csv", "errors.csv", "threads.csv"):
            assert name in tables, f"the study has no {name}: {tables}"
            rows(study / name)
    if not body:
        return

    with check("readers-pandas"):
        frame = pandas.read_csv(study / "comments.csv", keep_default_na=False, na_values=[""])
        same(frame.shape, (len(body), len(header)), "shape in pandas")
        same(list(frame.columns), header, "columns in pandas")
        same_texts(lambda name: frame[name].tolist(), header, body, "pandas")

    with check("readers-polars"):
        frame = polars.read_csv(study / "comments.csv", infer_schema_length=None)
        same(frame.shape, (len(body), len(header)), "shape in polars")
        same(frame.columns, header, "columns in polars")
        same_texts(lambda name: frame[name].to_list(), header, body, "polars")

    with check("readers-duckdb"):
        with duckdb.connect() as database:
            table = database.execute("SELECT * FROM read_csv(?)", [str(study / "comments.csv")])
            columns = [column[0] for column in table.description]
            cells = table.fetchall()
        same((len(cells), len(columns)), (len(body), len(header)), "shape in DuckDB")
        same(columns, header, "columns in DuckDB")
        same_texts(lambda name: [row[columns.index(name)] for row in cells], header, body, "DuckDB")

    with check("readers-parquet-pyarrow"):
        analyze(SAMPLES, "--author-key", key, "-o", WORK / "comments.parquet")
        frame = pyarrow.parquet.read_table(WORK / "comments.parquet")
        same((frame.num_rows, frame.num_columns), (len(body), len(header)), "shape in pyarrow")
        values = {name: frame[name].to_pylist() for name in frame.column_names}
        same_cells(header, body, frame.column_names, lambda row, name: values[name][row], "pyarrow")

    with check("readers-parquet-duckdb"):
        with duckdb.connect() as database:
            table = database.execute("SELECT * FROM read_parquet(?)", [str(WORK / "comments.parquet")])
            columns = [column[0] for column in table.description]
            cells = table.fetchall()
        same(len(cells), len(body), "rows in DuckDB")
        same_cells(header, body, columns, lambda row, name: cells[row][columns.index(name)], "DuckDB")

    with check("readers-ndjson"):
        analyze(SAMPLES, "--author-key", key, "-o", WORK / "comments.ndjson")
        lines = (WORK / "comments.ndjson").read_text(encoding="utf-8").split("\n")
        same(lines.pop(), "", "what follows the last line break")
        records = [json.loads(line) for line in lines]
        same(len(records), len(body), "records")
        same_cells(header, body, list(records[0]), lambda row, name: records[row].get(name), "json")

    with check("readers-codings-evidence"):
        names, codings = rows(study / "codings.csv")
        assert codings, "codings.csv has no rows"
        texts = {(row[header.index("thread_id")], row[header.index("comment_id")]): row[header.index("text")] for row in body}
        seen = beyond_ascii = 0
        for coding in codings:
            coding = dict(zip(names, coding))
            if coding["start"] == "":
                same(coding["evidence"], "", "evidence of a coding without a span")
                continue
            text = texts[coding["thread_id"], coding["comment_id"]]
            first, end = int(coding["start"]), int(coding["end"])
            assert 0 <= first < end <= len(text), f"{coding['comment_id']}: {first}..{end} in {len(text)} characters"
            same(text[first:end], coding["evidence"], f"evidence of {coding['comment_id']} at {first}..{end}")
            seen += 1
            beyond_ascii += not text[:first].isascii()
        assert seen, "no coding carries evidence"
        assert beyond_ascii, "no evidence follows an accent or an emoji: bytes and characters were not told apart"

    with check("readers-codings-agree"):
        names, codings = rows(study / "codings.csv")
        code = "code" if "code" in names else None
        assert code, f"no column code among {names}"
        marked = {(c[names.index("thread_id")], c[names.index("comment_id")], c[names.index("code")]) for c in codings}
        for name in {entry[2] for entry in marked} & set(header):
            at = header.index(name)
            wide = {(r[header.index("thread_id")], r[header.index("comment_id")], name) for r in body if r[at] == "1"}
            if any(r[at] in ("0", "1") for r in body):
                same(wide, {entry for entry in marked if entry[2] == name}, f"comments with the code {name}, wide and long")


main()
