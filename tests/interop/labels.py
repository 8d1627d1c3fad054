"""Studies for Label Studio and doccano: held against Label Studio's own rules (its SDK) and against the tables, and read back.

What the files should say is worked out here from comments.csv, codings.csv and a sheet that is filled in here.
"""

import csv
import json

from label_studio_sdk.label_interface import LabelInterface

from command import SAMPLES, WORK, analyze, rows, run
from verdict import check, same, same_keys

WORDS = "marked-words"
POLARITIES = ("negative", "neutral", "positive")
# A member of Label Studio, and somebody it has no account for.
CODERS = ("anne@example.org", "Ben")


def has_emoji(text):
    """Whether code points and UTF-16 units of a text differ."""
    return any(ord(sign) > 0xFFFF for sign in text)


def table(path):
    """The rows of a table by column, and its header."""
    header, body = rows(path)
    return [dict(zip(header, cells)) for cells in body], header


class Study:
    """A study's comments with words, what was found in them, and what two people say of them."""

    def __init__(self, folder):
        comments, header = table(folder / "comments.csv")
        self.comments = {(row["thread_id"], row["comment_id"]): row for row in comments}
        self.worded = {key: row for key, row in self.comments.items() if row["text"].strip()}
        self.codes = header[header.index("polarity_score") + 1 : header.index("irony")]
        self.codings = {}
        for row in table(folder / "codings.csv")[0]:
            self.codings.setdefault((row["thread_id"], row["comment_id"]), {})[row["code"]] = row
        assert self.codes and self.codings and len(self.worded) < len(self.comments), f"{folder} lacks what is checked here"
        self.questions = ["polarity", "irony", *self.codes]

    def machine(self, key):
        """The machine's answers to what it did not leave open."""
        return {name: self.comments[key][name] for name in self.questions if self.comments[key][name]}

    def confidence(self, key, question):
        """How sure the machine is; none where no table says it."""
        cell = self.codings.get(key, {}).get(question, {}).get("confidence") or ""
        return float(cell) if cell and float(cell) > 0 else None

    def marks(self, key):
        """Code, place and words of the machine's evidence for codes and irony."""
        found = self.codings.get(key, {}).items()
        return {(code, int(row["start"]), int(row["end"]), row["evidence"]) for code, row in found
                if code != "polarity" and row["value"] == "1" and row["start"] and row["start"] != row["end"]}

    def people(self):
        """What two people answer to everything, by comment and coder: value and words."""
        made = {}
        for at, (key, row) in enumerate(self.worded.items()):
            for nth, coder in enumerate(CODERS):
                answers = {"polarity": (POLARITIES[(at + nth) % 3], "")}
                for place, name in enumerate(self.questions[1:]):
                    applies = (at * 7 + nth + place) % 4 == 0
                    marked = applies and (at % 2 or has_emoji(row["text"]))
                    answers[name] = (str(int(applies)), row["text"].split()[-1] if marked else "")
                made[key, coder] = answers
        return made


def write_sheet(study, people, path):
    """What people say as a sheet that comes back."""
    names = study.questions + [f"evidence_{name}" for name in study.questions[1:]]
    with open(path, "w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(["thread_id", "comment_id", "coder", *names])
        for ((thread, comment), coder), answers in people.items():
            words = [answers[name][1] for name in study.questions[1:]]
            sheet.writerow([thread, comment, coder, *(answers[name][0] for name in study.questions), *words])


def export(kind, folder, path, *more):
    """Runs `causerie export KIND STUDY -o PATH`."""
    done = run("export", kind, folder, "-o", path, *more)
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}"
    return path


def tasks_of(path):
    """Tasks by comment."""
    tasks = {}
    for task in json.loads(path.read_text(encoding="utf-8")):
        key = task["data"]["thread_id"], task["data"]["comment_id"]
        assert key not in tasks, f"two tasks of {key}"
        tasks[key] = task
    return tasks


def lines_of(path):
    """Lines of doccano."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def choices(result):
    """The answers of a result by question."""
    items = [item for item in result if item["type"] == "choices"]
    made = {item["from_name"]: item["value"]["choices"] for item in items}
    same(len(made), len(items), "questions answered once")
    return {name: values[0] for name, values in made.items() if len(values) == 1}


def marks(result):
    """Code, place and words of the regions of a result."""
    values = [item["value"] for item in result if item["type"] == "labels"]
    return {(value["labels"][0], value["start"], value["end"], value["text"]) for value in values}


def check_interface(study, path):
    """The labeling interface, as Label Studio takes it in."""
    interface = LabelInterface(path.read_text(encoding="utf-8"))
    interface.validate()
    same_keys([control.name for control in interface.controls], [*study.questions, WORDS], "controls")
    same_keys(interface.get_control(WORDS).labels, study.questions[1:], "labels for words")
    same_keys(interface.get_control("polarity").labels, POLARITIES, "answers to polarity")
    return interface


def check_predictions(study, interface, tasks):
    """Predictions against Label Studio's rules and the tables."""
    for key, row in study.worded.items():
        predictions = tasks[key]["predictions"]
        said = study.machine(key)
        if not said:
            same(predictions, [], f"predictions of {key}, which was not coded")
            continue
        (prediction,) = predictions
        same(interface.validate_prediction(prediction, return_errors=True), [], f"errors in the prediction of {key}")
        same(prediction["model_version"], row["coder"], f"model of {key}")
        same(choices(prediction["result"]), said, f"answers of {key}")
        same(marks(prediction["result"]), study.marks(key), f"regions of {key}")
        for item in prediction["result"]:
            question = item["value"]["labels"][0] if item["type"] == "labels" else item["from_name"]
            same(item.get("score"), study.confidence(key, question), f"score of {question} in {key}")
        sure = [study.confidence(key, name) for name in said]
        same(prediction.get("score"), min((value for value in sure if value is not None), default=None), f"score of {key}")
        same(len({item["id"] for item in prediction["result"]}), len(prediction["result"]), f"ids of {key}")
        for _, start, end, words in marks(prediction["result"]):
            same(row["text"][start:end], words, f"words of {key}")


def check_annotations(study, people, interface, tasks):
    """Annotations against Label Studio's rules and the sheet."""
    told_apart = 0
    for (key, coder), answers in people.items():
        of_coder = [
            annotation for annotation in tasks[key]["annotations"]
            if coder == annotation.get("completed_by", {}).get("email", annotation.get("coder"))
        ]
        same(len(of_coder), 1, f"annotations of {key} by {coder}")
        annotation = of_coder[0]
        # An import with an annotator who is no member is refused as a whole.
        same("completed_by" in annotation, "@" in coder, f"whether {coder} is taken for a member")
        same(interface.validate_prediction(annotation, return_errors=True), [], f"errors in the annotation of {key}")
        same(annotation["ground_truth"], False, "whether it is the truth")
        same(choices(annotation["result"]), {name: value for name, (value, _) in answers.items()}, f"answers of {key}")
        marked = {(name, words) for name, (_, words) in answers.items() if words}
        regions = marks(annotation["result"])
        same({(name, words) for name, _, _, words in regions}, marked, f"regions of {key}")
        text = study.comments[key]["text"]
        for _, start, end, words in regions:
            same(text[start:end], words, f"words of {key}")
            told_apart += has_emoji(text[:end])
    assert told_apart, "no region ends behind an emoji: the check itself is broken"


def cut(text, start, end):
    """The words between two places in UTF-16 units, as doccano cuts them."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def labels_of(answers):
    """Categories of answers."""
    named = [f"polarity: {value}" if name == "polarity" else name for name, value in answers.items()
             if name == "polarity" or value == "1"]
    return sorted(named)


def check_lines(lines, expected):
    """Lines of doccano: what it takes in, and what they say."""
    same_keys([key for key, _ in lines], expected, "lines")
    for key, line in lines:
        cats, marked = expected[key]
        assert all(value is not None for value in line.values()), f"an empty value in {key}"
        same_keys(line, lines[0][1], f"fields of {key}")
        same(sorted(line["cats"]), cats, f"categories of {key}")
        same({(code, cut(line["text"], start, end)) for start, end, code in line["entities"]}, marked, f"words of {key}")


def measured(folder, path, name):
    """The tables of `causerie validate` for what people said in a file."""
    done = run("validate", folder, path, "--resamples", 100, "-o", WORK / name)
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}"
    return {table: rows(WORK / name / f"{table}.csv") for table in ("agreement", "confusion", "disagreements")}


def check_label_studio(study, people, folder, sheet):
    """Label Studio."""
    path = export("label-studio", folder, WORK / "tasks.json")
    tasks, interface = tasks_of(path), None
    with check("labels-interface"):
        interface = check_interface(study, path.with_suffix(".config.xml"))
    with check("labels-tasks"):
        same_keys(tasks, study.worded, "comments with a task")
        for (thread, comment), row in study.worded.items():
            task = tasks[thread, comment]
            assert interface.validate_task({"data": task["data"]}), f"no task: {comment}"
            parent = study.comments.get((thread, row["reply_to"]), {"text": ""})
            expected = {name: row[name] for name in ("text", "article_title", "posted_at", "author")} | {"parent_text": parent["text"]}
            same({name: task["data"][name] for name in expected}, expected, f"what is shown of {comment}")
            same(task["annotations"], [], f"annotations of {comment}")
    with check("labels-predictions"):
        check_predictions(study, interface, tasks)
    with check("labels-rules"):
        prediction = next(task["predictions"][0] for task in tasks.values() if task["predictions"])
        prediction["result"][0]["value"]["choices"] = ["no such answer"]
        assert not interface.validate_prediction(prediction), "an answer that the interface has not was let through"
    with check("labels-annotations"):
        path = export("label-studio", folder, WORK / "annotated.json", "--hand", sheet)
        interface = check_interface(study, path.with_suffix(".config.xml"))
        check_annotations(study, people, interface, tasks_of(path))
    with check("labels-back"):
        same(measured(folder, path, "by-tasks"), measured(folder, sheet, "by-sheet"), "what annotations say against the sheet")


def check_doccano(study, people, folder, sheet):
    """doccano."""
    with check("labels-doccano"):
        lines = [((line["thread_id"], line["comment_id"]), line) for line in lines_of(export("doccano", folder, WORK / "lines.jsonl"))]
        same(len(lines), len(study.worded), "lines")
        check_lines(lines, {
            key: (labels_of(study.machine(key)), {(code, words) for code, _, _, words in study.marks(key)}) for key in study.worded
        })
        assert not any("coder" in line for _, line in lines), "the machine is named as a coder"
    with check("labels-doccano-people"):
        path = export("doccano", folder, WORK / "people.jsonl", "--hand", sheet)
        lines = [(((line["thread_id"], line["comment_id"]), line["coder"]), line) for line in lines_of(path)]
        check_lines(lines, {
            key: (labels_of({name: value for name, (value, _) in answers.items()}),
                  {(name, words) for name, (_, words) in answers.items() if words})
            for key, answers in people.items()
        })
    with check("labels-doccano-back"):
        same(measured(folder, path, "by-lines"), measured(folder, sheet, "by-sheet"), "what lines say against the sheet")


def main():
    folder, sheet, study = WORK / "study", WORK / "sheet.csv", None
    with check("labels-study"):
        analyze(SAMPLES, "--coder", "linear", "-o", f"{folder}/")
        study = Study(folder)
        people = study.people()
        write_sheet(study, people, sheet)
    if not study:
        return
    with check("labels-label-studio"):
        check_label_studio(study, people, folder, sheet)
    with check("labels-doccano-files"):
        check_doccano(study, people, folder, sheet)


if __name__ == "__main__":
    main()
