"""Workbook, data package, Parquet and Arrow of `causerie export`, opened by the programs they are for."""

import datetime
import json
import os
import re
import subprocess

import duckdb
import frictionless
import openpyxl
import pandas
import polars
import pyarrow
import pyarrow.parquet

from command import SAMPLES, WORK, analyze, rows, run
from verdict import check, same

# What one cell of a spreadsheet holds, in UTF-16 units.
CELL = 32_767
HOSTILE = {
    "c1": "=HYPERLINK(\"http://a.example\")",
    "c2": "+1 @home -2",
    "c3": "one\r\ntwo\rthree\nfour",
    "c4": "nul\x00 bell\x07 and \u202eright to left\u202c, \u200f שלום",
    "c5": "🙄é" * 15_000,
    "c6": "1234567890123456789",
    "c7": "00123",
    "c8": "1/2",
}


def export(form, study, to, *more):
    """Runs `causerie export FORM STUDY -o TO`, which has to go well."""
    done = run("export", form, study, "-o", to, *more)
    assert done.returncode == 0, f"export {form}: exit code {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}"


def units(text):
    return len(text.encode("utf-16-le")) // 2


def shown(value):
    """A cell's text; a control character comes back as _xNNNN_ from the XLSX format."""
    value = "" if value is None else str(value)
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), value)


def hostile_study():
    """A study of one thread whose texts harm careless programs."""
    table = WORK / "hostile.ndjson"
    with table.open("w", encoding="utf-8") as file:
        for place, (comment, text) in enumerate(HOSTILE.items(), 1):
            row = {"thread_id": "t1", "comment_id": comment, "position": place, "text": text, "own_text": text, "state": "visible",
                   "posted_at": "2024-04-03T06:55:00+02:00", "price": place % 2}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return table


def by_libreoffice(path, locale):
    """The workbook as LibreOffice saves it again."""
    out = WORK / f"again-{locale}"
    done = subprocess.run(
        ["soffice", f"-env:UserInstallation={(WORK / f'profile-{locale}').as_uri()}", "--headless", "--norestore",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), str(path)],
        capture_output=True, text=True, timeout=240, check=False, stdin=subprocess.DEVNULL,
        env=os.environ | {"HOME": str(WORK), "LC_ALL": f"{locale}.UTF-8"},
    )
    again = out / path.name
    assert done.returncode == 0 and again.is_file(), f"LibreOffice: {done.stdout} {done.stderr}"
    return openpyxl.load_workbook(again)


def check_workbook(study, header, body):
    path = WORK / "study.xlsx"
    export("xlsx", study, path)
    book = openpyxl.load_workbook(path)
    same(book.sheetnames[:4], ["comments", "codings", "threads", "errors"], "sheets")
    sheet = book["comments"]
    place = {cell.value: number for number, cell in enumerate(sheet[1], 1)}
    # Dates of a workbook have their offsets in a column behind them.
    same([name for name in place if not name.endswith("_offset")], header, "columns")
    same(place["posted_at_offset"], place["posted_at"] + 1, "the place of the offsets of posted_at")
    same(sheet.max_row - 1, len(body), "rows")
    assert sheet.freeze_panes == "C2" and sheet.auto_filter.ref, "header neither frozen nor a filter"
    assert sheet.conditional_formatting, "no code has a colour"
    for name in ("comment_id", "thread_id", "text"):
        at = header.index(name)
        for number, row in enumerate(body, 2):
            cell = sheet.cell(number, place[name])
            if row[at]:
                assert cell.data_type == "s", f"{name} in row {number} is no text"
                if units(row[at]) <= CELL:
                    same(shown(cell.value).replace("\r\n", "\n"), row[at].replace("\r\n", "\n").replace("\r", "\n"), f"{name} in row {number}")
    at = header.index("posted_at")
    dated = [(row[at], sheet.cell(number, place["posted_at"]).value) for number, row in enumerate(body, 2) if len(row[at]) > 10]
    assert dated and all(isinstance(value, datetime.datetime) for _, value in dated), "a date is no date"
    for iso, value in dated:
        same(value, datetime.datetime.fromisoformat(iso.replace("Z", "+00:00")).replace(tzinfo=None, microsecond=0), iso)
    dictionary = {(row[0], row[1]): row[5] for row in book["columns"].iter_rows(min_row=2, values_only=True)}
    undescribed = [name for name in header if not dictionary.get(("comments", name))]
    assert not undescribed, f"columns that the dictionary does not describe: {undescribed}"
    for locale in ("fr_FR", "en_US"):
        again = by_libreoffice(path, locale)["comments"]
        same(again.max_row - 1, len(body), f"rows after LibreOffice ({locale})")
        at = header.index("text")
        for number, row in enumerate(body, 2):
            got = shown(again.cell(number, place["text"]).value)
            same(re.sub(r"[\x00-\x1f]", "", got), re.sub(r"[\x00-\x1f]", "", row[at]), f"text in row {number} after LibreOffice ({locale})")


def check_hostile():
    path = WORK / "hostile.xlsx"
    export("xlsx", hostile_study(), path)
    book = openpyxl.load_workbook(path)
    sheet = book["comments"]
    head = [cell.value for cell in sheet[1]]
    at, name = head.index("text") + 1, head.index("comment_id") + 1
    rest = {}
    for row in book["long_texts"].iter_rows(min_row=2, values_only=True):
        if row[4] == "text":
            same(sheet.cell(int(row[3]), name).value, row[2], "comment in the row that long_texts names")
            rest.setdefault(row[2], []).append((int(row[5]), row[6]))
    for number in range(2, sheet.max_row + 1):
        comment, cell = sheet.cell(number, name).value, sheet.cell(number, at)
        assert cell.data_type == "s", f"{comment} is no text: {cell.data_type}"
        wanted = HOSTILE[comment].replace("\r\n", "\n").replace("\r", "\n")
        got = shown(cell.value)
        assert units(got) <= CELL, f"{comment} is too long for a cell"
        if comment in rest:
            got = got.split(" […] goes on")[0] + "".join(text for _, text in sorted(rest[comment]))
        same(got, wanted, comment)


def check_package(study):
    folder = WORK / "package"
    export("data-package", study, folder, "--licence", "CC-BY-4.0")
    report = frictionless.validate(str(folder / "datapackage.json"))
    faults = report.flatten(["title", "rowNumber", "fieldName", "note"])
    assert report.valid, f"frictionless: {faults[:5]} {report.errors[:3]}"
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    same([resource["name"] for resource in package["resources"]], ["comments", "codings", "threads", "errors"], "resources")
    same(package["licenses"], [{"name": "CC-BY-4.0"}], "licence")
    assert package["sources"], "no sources"
    for resource in package["resources"]:
        same((folder / resource["path"]).read_bytes(), (study / resource["path"]).read_bytes(), resource["path"])
        lacking = [field["name"] for field in resource["schema"]["fields"] if not field["description"]]
        assert not lacking, f"fields without a description: {lacking}"
    for name in ("DICTIONARY.md", "CODEBOOK.md", "codebook.csv", "codebook.toml", "columns.csv"):
        assert (folder / name).stat().st_size > 100, f"{name} is empty"
    # A fault must be found: a comment twice.
    table = folder / "comments.csv"
    lines = table.read_bytes()
    table.write_bytes(lines + lines.split(b"\n", 1)[1])
    assert not frictionless.validate(str(folder / "datapackage.json")).valid, "frictionless lets two comments of one id pass"


def check_described(study, header):
    parquet, arrow = WORK / "parquet", WORK / "arrow"
    export("parquet", study, parquet)
    export("arrow", study, arrow)
    table = pyarrow.parquet.read_table(parquet / "comments.parquet")
    with pyarrow.memory_map(str(arrow / "comments.arrow")) as source:
        ipc = pyarrow.ipc.open_file(source).read_all()
    for read, name in ((table, "Parquet"), (ipc, "Arrow")):
        same(read.column_names, header, f"columns in {name}")
        for field in read.schema:
            assert field.metadata and field.metadata[b"description"], f"{name}: {field.name} is not described"
        assert b"datapackage" in read.schema.metadata, f"{name}: no data package in the metadata"
        described = json.loads(read.schema.metadata[b"datapackage"])
        same([field["name"] for field in described["schema"]["fields"]], header, f"fields in the metadata of {name}")
    assert table.cast(ipc.schema).equals(ipc), "Parquet and Arrow differ"
    keys = duckdb.sql(f"SELECT decode(key) FROM parquet_kv_metadata('{parquet / 'comments.parquet'}')").fetchall()
    assert ("datapackage",) in keys, f"DuckDB sees {keys}"
    assert "datapackage" in polars.read_parquet_metadata(parquet / "comments.parquet"), "polars sees no data package"
    frame = pandas.read_parquet(parquet / "comments.parquet")
    same(len(frame), table.num_rows, "rows in pandas")
    # What was exported is a study again.
    for folder in (parquet, arrow):
        again = WORK / f"again-{folder.name}"
        export("csv", folder, again)
        same((again / "comments.csv").read_bytes(), (study / "comments.csv").read_bytes(), f"comments from {folder.name} as CSV again")


def main():
    study = WORK / "study"
    with check("exports-study"):
        analyze(SAMPLES, "--coder", "linear", "-o", f"{study}/")
    header, body = rows(study / "comments.csv")
    with check("exports-workbook"):
        check_workbook(study, header, body)
    with check("exports-hostile"):
        check_hostile()
    with check("exports-package"):
        check_package(study)
    with check("exports-described"):
        check_described(study, header)


if __name__ == "__main__":
    main()
