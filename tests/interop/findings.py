"""From codes to findings: samples filled in with openpyxl and LibreOffice, agreement against scikit-learn, krippendorff and irrCAC, corrected
means against ppi-python.

The comments are the invented ones of data/training/, their codes the machine's; coders are made here, and err at random.
"""

import csv
import json
import random
import subprocess
import time

import numpy as np
import openpyxl
from ppi_py import ppi_mean_ci
from sklearn.metrics import precision_recall_fscore_support

import agreement_peers as peers
from command import ROOT, WORK, rows, run
from verdict import check, same

COMMENTS = 5000
SAMPLE = 200
POLARITIES = ["negative", "neutral", "positive"]
CODES = ["distrust", "fraud_speculation", "data_pricing"]
CLOSE = 1e-9


def truth():
    """The comments, by id, as they were coded when they were written."""
    with open(ROOT / "data" / "training" / "comments.jsonl", encoding="utf-8") as file:
        return {(row["thread_id"], row["comment_id"]): row for row in (json.loads(line) for _, line in zip(range(COMMENTS), file))}


def machine_table(comments):
    """A table of comments whose machine misses a third of what has a code, and finds it in one of twenty that have not."""
    chance = random.Random(1)

    def noisy(value):
        return value if chance.random() > (0.33 if value else 0.05) else 1 - value

    path = WORK / "comments.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["thread_id", "comment_id", "reply_to", "text", "polarity", *CODES, "state"])
        for (thread, comment), row in comments.items():
            polarity = row["polarity"] if chance.random() < 0.75 else chance.choice(POLARITIES)
            codes = [noisy(int(row[code])) for code in CODES]
            out.writerow([thread, comment, row["reply_to"], row["text"], polarity, *codes, "visible"])
    return path


def fill(path, comments, seed, left_out=0.0):
    """Answers in a workbook as a coder would who errs once in twelve times and leaves some out."""
    chance = random.Random(seed)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    header = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        said = comments[(sheet.cell(row, header["thread_id"]).value, sheet.cell(row, header["comment_id"]).value)]
        for code in CODES:
            value = int(said[code])
            value = 1 - value if chance.random() < 0.08 else value
            if chance.random() >= left_out:
                sheet.cell(row, header[code]).value = chance.choice(["oui", "x", 1]) if value else chance.choice(["non", 0])
        if chance.random() >= left_out:
            sheet.cell(row, header["polarity"]).value = said["polarity"] if chance.random() > 0.1 else chance.choice(POLARITIES)
    book.save(path)


def sheet_answers(path, question):
    """What a filled workbook says to a question, as numbers by key."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    header = {cell.value: cell.column for cell in sheet[1]}
    said = {}
    for row in range(2, sheet.max_row + 1):
        value = sheet.cell(row, header[question]).value
        key = (sheet.cell(row, header["thread_id"]).value, sheet.cell(row, header["comment_id"]).value)
        if question == "polarity":
            said[key] = None if value is None else float(POLARITIES.index(value) - 1)
        else:
            said[key] = {"oui": 1.0, "x": 1.0, 1: 1.0, "non": 0.0, 0: 0.0}.get(value)
    return said


def close(got, expected, what):
    got = None if got == "" else float(got)
    if got is None or expected is None:
        assert got == expected, f"{what}: got {got}, expected {expected}"
    else:
        assert abs(got - expected) < CLOSE, f"{what}: got {got}, expected {expected}"


def main():
    comments = truth()
    table = machine_table(comments)
    header, body = rows(table)
    machine = {(row[0], row[1]): dict(zip(header, row)) for row in body}
    coders = ["anne", "ben", "chloe"]
    started = time.monotonic()
    with check("findings-sample"):
        done = run("sample", table, "-n", SAMPLE, "--coders", ",".join(coders), "--overlap", 0.5, "-o", WORK / "sheet.xlsx")
        same(done.returncode, 0, f"exit code ({done.stderr.decode()[-400:]})")
    spent = time.monotonic() - started
    sheets = {coder: WORK / f"sheet.{coder}.xlsx" for coder in coders}
    with check("findings-workbook"):
        book = openpyxl.load_workbook(sheets["anne"])
        sheet = book.worksheets[0]
        assert len(book.worksheets) == 2, "no sheet with the codebook"
        assert sheet.freeze_panes, "the header is not frozen"
        lists = [validation for validation in sheet.data_validations.dataValidation if validation.type == "list"]
        assert len(lists) >= 4, f"{len(lists)} drop-downs for four questions"
        words = {cell for row in book.worksheets[1].iter_rows(values_only=True) for cell in row if cell}
        assert "distrust" in words, "the codebook does not name its codes"
        names = {cell.value for cell in sheet[1]}
        assert not names & {"machine", "stratum", "inclusion_probability", "confidence"}, f"not blind: {names}"
    for seed, (coder, path) in enumerate(sheets.items()):
        fill(path, comments, seed, left_out=0.05)
    started = time.monotonic()
    with check("findings-validate"):
        done = run("validate", table, *sheets.values(), "-o", WORK / "v")
        same(done.returncode, 0, f"exit code ({done.stderr.decode()[-600:]})")
    with check("findings-estimate"):
        done = run("estimate", table, *sheets.values(), "-o", WORK / "e", "--superpopulation")
        same(done.returncode, 0, f"exit code ({done.stderr.decode()[-600:]})")
    print(f"  sample, validate and estimate: {spent + time.monotonic() - started:.1f} s for {COMMENTS} comments")

    header, body = rows(WORK / "v" / "agreement.csv")
    measured = {(row["question"], row["between"], row["measure"], row["value"]): row["estimate"]
                for row in (dict(zip(header, line)) for line in body) if not row["group_by"]}
    for question in ["polarity", *CODES]:
        said = {coder: sheet_answers(path, question) for coder, path in sheets.items()}
        keys = sorted(set().union(*said.values()))
        levels = [-1.0, 0.0, 1.0] if question == "polarity" else [0.0, 1.0]
        units = [[said[coder].get(key) for coder in coders] for key in keys]
        with check(f"findings-{question}-people"):
            for level in ["nominal"] + (["ordinal", "interval"] if question == "polarity" else []):
                close(measured[question, "people", f"alpha_{level}", ""], peers.alpha(units, level), f"alpha {level}")
            close(measured[question, "people", "ac1", ""], peers.ac1(units, levels), "AC1")
            close(measured[question, "people", "per_cent", ""], peers.per_cent(units, levels), "per cent")
        with check(f"findings-{question}-pairs"):
            for one in range(len(coders)):
                for other in range(one + 1, len(coders)):
                    between = f"{coders[one]} / {coders[other]}"
                    a, b = [unit[one] for unit in units], [unit[other] for unit in units]
                    close(measured[question, between, "kappa", ""], peers.kappa(a, b, labels=levels), f"kappa of {between}")
                    for weights in ["linear", "quadratic"] if question == "polarity" else []:
                        close(measured[question, between, f"kappa_{weights}", ""], peers.kappa(a, b, weights, labels=levels),
                              f"{weights} kappa of {between}")
                    both = [(one, other) for one, other in zip(a, b) if None not in (one, other)]
                    first, second = [pair[0] for pair in both], [pair[1] for pair in both]
                    # The first is measured against the second.
                    found = precision_recall_fscore_support(second, first, labels=levels)
                    for at, value in enumerate(POLARITIES if question == "polarity" else ["0", "1"]):
                        for name, figures in zip(["precision", "recall", "f1"], found) if value != "0" else []:
                            close(measured[question, between, name, value], figures[at], f"{name} of {value}, {between}")
    with check("findings-superpopulation"):
        header, body = rows(WORK / "e" / "shares.csv")
        shares = {row["question"]: row for row in (dict(zip(header, line)) for line in body)}
        for code in CODES:
            said = {coder: sheet_answers(path, code) for coder, path in sheets.items()}
            votes = {}
            for answers in said.values():
                for key, value in answers.items():
                    if value is not None:
                        votes.setdefault(key, []).append(value)
            people = {key: float(np.mean(values) > 0.5) for key, values in votes.items() if np.mean(values) != 0.5}
            y = np.array([people[key] for key in people])
            found = np.array([float(machine[key][code]) for key in people])
            rest = np.array([float(row[code]) for key, row in machine.items() if key not in people])
            low, high = ppi_mean_ci(y, found, rest, alpha=0.05)
            close(shares[code]["low"], float(np.ravel(low)[0]), f"lower end for {code}")
            close(shares[code]["high"], float(np.ravel(high)[0]), f"upper end for {code}")
    with check("findings-libreoffice"):
        folder = WORK / "office"
        folder.mkdir()
        subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{WORK}/profile", "--convert-to", "ods", "--outdir",
                        folder, sheets["anne"]], check=True, capture_output=True, timeout=180)
        done = run("validate", table, folder / "sheet.anne.ods", "-o", WORK / "ods")
        same(done.returncode, 0, f"exit code ({done.stderr.decode()[-600:]})")
        done = run("validate", table, sheets["anne"], "--design", WORK / "sheet.design.csv", "-o", WORK / "xlsx")
        same(done.returncode, 0, f"exit code ({done.stderr.decode()[-600:]})")
        ods, xlsx = (rows(WORK / form / "disagreements.csv") for form in ("ods", "xlsx"))
        same(ods, xlsx, "disagreements by way of LibreOffice")


main()
