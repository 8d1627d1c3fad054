"""The spreadsheet CSV opened by LibreOffice in French and English locale, read back from the XLSX it saves."""

import datetime
import os
import re
import subprocess

import openpyxl

from command import SAMPLES, WORK, analyze, rows
from verdict import check, same

# option, separator, its code, LibreOffice's number of the locale
DIALECTS = [("fr", ";", 59, 1036), ("en", ",", 44, 1033)]
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
# What one cell of a spreadsheet holds.
CELL = 32_767


def convert(path, separator, locale):
    """Lets LibreOffice open a CSV with that locale and save it as XLSX; returns the sheet."""
    profile = (WORK / "profile").as_uri()
    done = subprocess.run(
        ["soffice", f"-env:UserInstallation={profile}", "--headless", "--norestore",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML",
         f"--infilter=CSV:{separator},34,76,1,,{locale},false,true", "--outdir", str(WORK), str(path)],
        capture_output=True, text=True, timeout=240, check=False, stdin=subprocess.DEVNULL,
        env=os.environ | {"HOME": str(WORK)},
    )
    xlsx = path.with_suffix(".xlsx")
    assert done.returncode == 0 and xlsx.is_file(), f"LibreOffice: {done.stdout} {done.stderr}"
    return openpyxl.load_workbook(xlsx).worksheets[0]


def text_of(cell):
    """The cell's text as written; a control character comes back as _xNNNN_ from the XLSX format."""
    value = "" if cell is None else str(cell)
    value = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), value)
    return value.replace("\r\n", "\n")


def guarded(text):
    """What the guard makes of a text: a leading apostrophe before anything that could start a formula."""
    return "'" + text if text.startswith(DANGEROUS) else text


def is_number(text):
    return re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", text) is not None


def naive(iso):
    """An ISO time as the clock of the source shows it, and the same instant in UTC, both without offset."""
    moment = datetime.datetime.fromisoformat(iso.replace("Z", "+00:00"))
    utc = moment.astimezone(datetime.timezone.utc) if moment.tzinfo else moment
    return {moment.replace(tzinfo=None, microsecond=0), utc.replace(tzinfo=None, microsecond=0)}


def offset_of(iso):
    """What stands beside a date: how far its clock is from UTC."""
    found = re.search(r"T[\d:.]+(Z|[+-]\d\d:\d\d)$", iso)
    return f"UTC{found[1].removeprefix('Z')}" if found else ""


def main():
    canonical = WORK / "canonical.csv"
    header, body = [], []
    with check("spreadsheet-canonical"):
        analyze(SAMPLES, "--authors", "keep", "-o", canonical)
        raw = canonical.read_bytes()
        assert not raw.startswith(b"\xef\xbb\xbf"), "the canonical CSV starts with a BOM"
        header, body = rows(canonical)
        same(raw.split(b"\n", 1)[0].rstrip(b"\r").decode(), ",".join(header), "header line")
        texts = [row[header.index("text")] for row in body]
        assert any(text.startswith("=") for text in texts), "no comment starts with '=': left out, or changed by the guard"
        assert not any(text.startswith(tuple("'" + c for c in DANGEROUS)) for text in texts), "the guard is in the canonical CSV"
        assert any(re.search("[éèàçêœ]", text) for text in texts), "no accents in the sample comments"
        assert any(re.search("[\U0001f300-\U0001faff]", text) for text in texts), "no emoji in the sample comments"
    if not body:
        return

    for name, separator, code, locale in DIALECTS:
        path = WORK / f"sheet-{name}.csv"
        written = []
        with check(f"spreadsheet-{name}-file"):
            analyze(SAMPLES, "--authors", "keep", "--excel", name, "-o", path)
            assert path.read_bytes().startswith(b"\xef\xbb\xbf"), "no BOM"
            got, written = rows(path, separator, "utf-8-sig")
            dates = [name for name in got if f"{name}_offset" in got]
            assert "posted_at" in dates, f"no offsets of posted_at among {got}"
            for name in dates:
                same(got.index(f"{name}_offset"), got.index(name) + 1, f"the place of the offsets of {name}")
                for plain, sheet in zip(body, written):
                    same(sheet[got.index(name) + 1], offset_of(plain[header.index(name)]), f"offset of {name}")
            kept = [at for at, name in enumerate(got) if name.removesuffix("_offset") not in dates or name in dates]
            got, written = [got[at] for at in kept], [[row[at] for at in kept] for row in written]
            same(got, header, "columns")
            same(len(written), len(body), "rows")
            for column in ("text", "own_text", "author"):
                if column not in header:
                    continue
                at = header.index(column)
                for number, (plain, sheet) in enumerate(zip(body, written), 2):
                    if len(plain[at]) < CELL:
                        same(sheet[at], guarded(plain[at]), f"{column} in row {number}")
            at = header.index("posted_at")
            wrong = [row[at] for row in written if not re.fullmatch(r"(\d{4}(-\d\d(-\d\d( \d\d:\d\d:\d\d)?)?)?)?", row[at])]
            assert not wrong, f"posted_at {wrong[0]!r}, which not every spreadsheet takes for a date"
        if not written:
            continue

        table = []
        with check(f"spreadsheet-{name}-shape"):
            sheet = convert(path, code, locale)
            table = [[row[at] for at in kept] for row in sheet.iter_rows()]
            same([cell.value for cell in table[0]], header, "columns in LibreOffice")
            same(len(table) - 1, len(body), "rows in LibreOffice")
        if not table:
            continue

        with check(f"spreadsheet-{name}-no-formula"):
            formulas = [cell.coordinate for row in table for cell in row if cell.data_type == "f"]
            assert not formulas, f"formula cells {formulas[:5]}"
            errors = [cell.coordinate for row in table for cell in row if cell.data_type == "e"]
            assert not errors, f"error cells {errors[:5]}"

        with check(f"spreadsheet-{name}-text"):
            for column in ("text", "own_text", "author", "article_title", "comment_id", "thread_id", "reply_to"):
                if column not in header:
                    continue
                at = header.index(column)
                for plain, cells in zip(body, table[1:]):
                    cell = cells[at]
                    if len(plain[at]) >= CELL:
                        continue
                    same(text_of(cell.value), guarded(plain[at]), f"{column} in {cell.coordinate}")

        with check(f"spreadsheet-{name}-numbers"):
            seen = 0
            for column in ("polarity_score", "position", "depth", "parsed_count", "stated_count"):
                if column not in header:
                    assert column != "polarity_score", f"no column polarity_score among {header}"
                    continue
                at = header.index(column)
                for plain, cells in zip(body, table[1:]):
                    value = cells[at].value
                    if plain[at] == "":
                        assert value is None, f"{cells[at].coordinate} ({column}) holds {value!r} for an empty cell"
                        continue
                    assert is_number(plain[at]), f"{column} holds {plain[at]!r} in the canonical CSV"
                    assert isinstance(value, (int, float)) and not isinstance(value, bool), (
                        f"{cells[at].coordinate} ({column}) is {type(value).__name__} {value!r}, not a number")
                    assert abs(value - float(plain[at])) < 1e-9, f"{cells[at].coordinate}: {value} for {plain[at]}"
                    seen += column == "polarity_score" and value != int(value)
            assert seen, "no polarity_score has decimals: the decimal sign was not checked"

        with check(f"spreadsheet-{name}-dates"):
            at, seen = header.index("posted_at"), 0
            for plain, cells in zip(body, table[1:]):
                iso, value = plain[at], cells[at].value
                if iso == "":
                    assert value is None, f"{cells[at].coordinate} holds {value!r} for an empty posted_at"
                    continue
                if len(iso) < 10:
                    continue  # only a year or a month is known: no date to make of it
                assert isinstance(value, (datetime.datetime, datetime.date)), (
                    f"{cells[at].coordinate} is {type(value).__name__} {value!r} for {iso}, not a date")
                if len(iso) > 10:
                    # An XLSX date is a fraction of a day: it may miss the second by less than a half.
                    near = (value + datetime.timedelta(milliseconds=500)).replace(microsecond=0)
                    assert near in naive(iso), f"{cells[at].coordinate}: {value} for {iso}"
                seen += 1
            assert seen, "no comment has a full posted_at"


main()
