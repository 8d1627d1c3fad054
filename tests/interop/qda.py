"""REFI-QDA: a study as a project and its codes as a codebook, opened with the published schema, qc and pyrefiqda.

Every selection is read again in the document it lies in: it must be the words that codings.csv, or a coder's sheet, has for it.
The comments are the sample pages'; the machine coded them, and two coders made here agree with it at times.
"""

import collections
import csv
import importlib.util
import os
import pathlib
import random
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile

import xmlschema
from pyrefiqda import RefiCodebook, RefiProject

from command import SAMPLES, WORK, analyze, rows, run
from verdict import check, same, same_keys

PROJECT = "{urn:QDA-XML:project:1.0}"
CODEBOOK = "{urn:QDA-XML:codebook:1.0}"
CODERS = ["anne", "ben"]
QC = pathlib.Path(sys.executable).parent / "qc"

# Where a coding lies (None: on the whole comment) and what it says.
Mark = collections.namedtuple("Mark", "user thread comment question value start end words")


def table(path):
    header, body = rows(path)
    return [dict(zip(header, row)) for row in body]


def shown(text):
    """The text as a document shows it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join("\ufffd" if (c < " " and c not in "\t\n") or c in "\ufffe\uffff" else c for c in text)


def mark(user, row, question, value, text, start, end):
    """A coding on the code points `start` to `end` of a comment, or on all of it."""
    key = user, row["thread_id"], row["comment_id"], question, value
    if start is None:
        return Mark(*key, 0, len(shown(text)), shown(text))
    return Mark(*key, len(shown(text[:start])), len(shown(text[:end])), shown(text[start:end]))


def machine_marks(study, texts):
    """What codings.csv says."""
    marks = []
    for row in table(study / "codings.csv"):
        place = (int(row["start"]), int(row["end"])) if row["start"] else (None, None)
        text = texts[row["thread_id"], row["comment_id"]]
        if place[0] is not None:
            same(text[slice(*place)], row["evidence"], f"evidence of {row['comment_id']} in codings.csv")
        marks.append(mark(f"machine: {row['coder']}", row, row["code"], row["value"], text, *place))
    return marks


def fill(path, coder, texts):
    """Answers in a sheet, half of them with a word of the comment as evidence; returns what was said."""
    chance = random.Random(coder)
    header, body = rows(path)
    codes = [name.removeprefix("evidence_") for name in header if name.startswith("evidence_")]
    marks = []
    for cells in body:
        row = dict(zip(header, cells))
        text = texts[row["thread_id"], row["comment_id"]]
        row["polarity"] = chance.choice(["negative", "neutral", "positive"])
        marks.append(mark(coder, row, "polarity", row["polarity"], text, None, None))
        for code in codes:
            row[code] = chance.choice("01")
            start = end = None
            if row[code] == "1" and chance.random() < 0.5:
                row[f"evidence_{code}"] = word = chance.choice(text.split())
                start = text.index(word)
                end = start + len(word)
            if row[code] == "1":
                marks.append(mark(coder, row, code, "1", text, start, end))
        cells[:] = [row[name] for name in header]
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *body])
    return marks


def children(element, name):
    return element.iter(PROJECT + name)


def questions(root):
    """What each code stands for in the tables, by its id."""
    found = {}
    for code in children(root, "Code"):
        if code.get("isCodable") == "true":
            line = code.findtext(PROJECT + "Description").splitlines()[-1]
            found[code.get("guid")] = tuple(line.removeprefix("In tables: ").rsplit(" = ", 1))
    return found


def variables(root, source):
    names = {variable.get("guid"): variable.get("name") for variable in children(root, "Variable")}
    values = source.iterfind(PROJECT + "VariableValue")
    return {names[value[0].get("targetGUID")]: value[1].text for value in values}


def places(document, thread, texts):
    """Where each comment of a thread begins in its document; finds them in order and asserts that their words follow."""
    found, at = {}, 0
    for (its_thread, comment), text in texts.items():
        if its_thread != thread:
            continue
        at = document.index(f"\n[{comment}]", at) + 1
        start = document.find("\n", at) + 1
        text = shown(text)
        same(document[start : start + len(text)], text, f"text of {comment} in the document of {thread}")
        found[comment] = start
        at = start + max(len(text) - 1, 0)
    return found


def project_marks(root, documents, texts):
    """What the project says, and how often each user laid each code on a line, by names."""
    users = {user.get("guid"): user.get("name") for user in children(root, "User")}
    names = {code.get("guid"): code.get("name") for code in children(root, "Code")}
    meanings, marks, lines = questions(root), [], set()
    for source in children(root, "TextSource"):
        thread = variables(root, source)["thread_id"]
        document = documents[source.get("plainTextPath").removeprefix("internal://")]
        starts = places(document, thread, texts)
        for selection in children(source, "PlainTextSelection"):
            start, end = int(selection.get("startPosition")), int(selection.get("endPosition"))
            line, comment = selection.get("name").removeprefix("line:").split(" ", 1)
            same(int(line), document[:start].count("\n"), f"line of {selection.get('name')} in {thread}")
            for coding in children(selection, "Coding"):
                same(coding.get("creatingUser"), selection.get("creatingUser"), f"users of {selection.get('name')}")
                user, code = users[coding.get("creatingUser")], coding[0].get("targetGUID")
                place = start - starts[comment], end - starts[comment]
                marks.append(Mark(user, thread, comment, *meanings[code], *place, document[start:end]))
                lines.add((user, names[code], thread, line))
    return marks, collections.Counter((user, code) for user, code, _, _ in lines)


def same_marks(got, expected, what):
    assert expected, f"no {what}: nothing was compared"
    missing = sorted((collections.Counter(expected) - collections.Counter(got)).elements())
    extra = sorted((collections.Counter(got) - collections.Counter(expected)).elements())
    assert not missing and not extra, f"{what}: {len(missing)} missing {missing[:2]}, {len(extra)} unexpected {extra[:2]}"


def qc(*arguments):
    # qc 1.7.8 stops at a breakpoint its author left in.
    done = subprocess.run([QC, *map(str, arguments)], cwd=WORK / "qc", env=os.environ | {"PYTHONBREAKPOINT": "0"}, timeout=300,
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
    same(done.returncode, 0, f"exit code of qc {arguments[0]} ({done.stderr.decode()[-400:]})")


def qc_counts():
    """Lines by user and code, as qc counts them."""
    qc("codes", "stats", "--by-coder", "--zeros", "--outfile", WORK / "stats.csv")
    with open(WORK / "stats.csv", encoding="utf-8", newline="") as file:
        header, *body = csv.reader(file)
    counts = {(user, code): int(count) for code, *cells in body for user, count in zip(header, cells) if user != "Total"}
    return {key: count for key, count in counts.items() if count}


def codes_of(code):
    """A code and those below it, as pyrefiqda has them."""
    yield code.guid, code.name, code.description, code.color, code.is_codable
    for below in code.code:
        yield from codes_of(below)


def as_project(codebook):
    """The codebook in a project, whose schema has the same codes."""
    for element in codebook.iter():
        element.tag = element.tag.replace(CODEBOOK, PROJECT)
    codebook.attrib.clear()
    project = ET.Element(PROJECT + "Project", name="codebook")
    project.append(codebook)
    return project


def export(*arguments):
    done = run("export", *arguments)
    same(done.returncode, 0, f"exit code of export {arguments[0]} ({done.stderr.decode()[-400:]})")


def main():
    study, file = WORK / "study", WORK / "study.qdpx"
    analyze(SAMPLES, "--coder", "linear", "-o", f"{study}/")
    texts = {(row["thread_id"], row["comment_id"]): row["text"] for row in table(study / "comments.csv")}
    done = run("sample", study, "-n", 60, "--coders", ",".join(CODERS), "--overlap", 0.5, "-o", WORK / "sheet.csv")
    same(done.returncode, 0, f"exit code of sample ({done.stderr.decode()[-400:]})")
    sheets = [WORK / f"sheet.{coder}.csv" for coder in CODERS]
    people = [said for coder, sheet in zip(CODERS, sheets) for said in fill(sheet, coder, texts)]
    machine = machine_marks(study, texts)

    folder = importlib.util.find_spec("qualitative_coding").submodule_search_locations[0]
    schema = xmlschema.XMLSchema(pathlib.Path(folder) / "refi_qda" / "schema.xsd")
    with check("qda-archive"):
        export("qdpx", study, "-o", file, "--hand", *sheets)
        export("qdpx", study, "-o", WORK / "again.qdpx", "--hand", *sheets)
        assert file.read_bytes() == (WORK / "again.qdpx").read_bytes(), "the same study gave two files"
        with zipfile.ZipFile(file) as archive:
            same(archive.testzip(), None, "broken member")
            names = archive.namelist()
            same(names[0], "project.qde", "first member")
            assert all(name.startswith("sources/") and name.count("/") == 1 for name in names[1:]), f"members: {names[:3]}"
            members = {name: archive.read(name) for name in names}
        for name, member in members.items():
            assert not member.startswith(b"\xef\xbb\xbf"), f"{name} has a byte order mark"
            assert b"\r" not in member and b"\0" not in member, f"{name} holds CR or NUL"
    root = ET.fromstring(members["project.qde"])
    documents = {name.removeprefix("sources/"): member.decode() for name, member in members.items() if name != "project.qde"}
    with check("qda-schema"):
        faults = [f"{fault.path}: {fault.reason}" for fault in schema.iter_errors(root)]
        assert not faults, f"{len(faults)} faults: {faults[:3]}"
    with check("qda-pyrefiqda"):
        project = RefiProject.load(file, WORK / "pyrefiqda")
        same(len(project.sources.text_source), len(table(study / "threads.csv")), "documents")
        for source in project.sources.text_source:
            path = RefiProject.resolve_source_path(source.plain_text_path, WORK / "pyrefiqda")
            same(path.read_text(encoding="utf-8"), documents[path.name], f"document {source.name}")
    with check("qda-ids"):
        ids = collections.Counter(element.get("guid") for element in root.iter() if element.get("guid"))
        twice = [guid for guid, count in ids.items() if count > 1]
        targets = {element.get("targetGUID") for element in root.iter()} - {None}
        assert not twice and targets <= set(ids), f"ids given twice: {twice[:3]}, unknown: {sorted(targets - set(ids))[:3]}"

    got, lines = project_marks(root, documents, texts)
    with check("qda-machine"):
        same_marks([one for one in got if one.user.startswith("machine: ")], machine, "codings of the machine")
    with check("qda-people"):
        same_marks([one for one in got if one.user in CODERS], people, "codings of people")
    with check("qda-users"):
        same_keys({one.user for one in got}, {one.user for one in machine + people}, "users who coded")
    with check("qda-emoji"):
        assert any(ord(c) > 0xFFFF for one in got for c in one.words), "no selection holds an emoji: UTF-16 was not told apart"
    with check("qda-qc"):
        (WORK / "qc").mkdir()
        qc("init", "--import", file)
        same(qc_counts(), dict(lines), "lines by user and code")

    with check("qda-codebook"):
        export("qdc", study, "-o", WORK / "study.qdc")
        codebook = RefiCodebook.load(WORK / "study.qdc")
        codes = [one for code in codebook.codes.code for one in codes_of(code)]
        same(codes, [one for code in project.code_book.codes.code for one in codes_of(code)], "codes of codebook and project")
        wrapped = as_project(ET.parse(WORK / "study.qdc").getroot())
        faults = [f"{fault.path}: {fault.reason}" for fault in schema.iter_errors(wrapped)]
        assert not faults, f"{len(faults)} faults: {faults[:3]}"
    print(f"  {len(got)} codings in {len(documents)} documents")


main()
