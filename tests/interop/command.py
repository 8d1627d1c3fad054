"""The command under test, as the Python checks run it, and the tables it writes."""

import csv
import os
import pathlib
import signal
import subprocess

BIN = os.environ["CAUSERIE_BIN"]
ROOT = pathlib.Path(os.environ["ROOT"])
WORK = pathlib.Path(os.environ["WORK"])
SAMPLES = ROOT / "data" / "pages"

csv.field_size_limit(2**31 - 1)


def plain_signals():
    """A shell starts background jobs with SIGINT ignored, Python itself ignores SIGPIPE: the command shall see neither."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def start(*arguments, **options):
    """Starts `causerie ARGUMENTS`."""
    return subprocess.Popen([BIN, *map(str, arguments)], preexec_fn=plain_signals, **options)


def run(*arguments, **options):
    """Runs `causerie ARGUMENTS` to its end and returns exit code, standard output and standard error as bytes."""
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 300} | options
    return subprocess.run([BIN, *map(str, arguments)], preexec_fn=plain_signals, check=False, **options)


def analyze(*arguments):
    """Runs `causerie analyze ARGUMENTS` on input of which some page may be unreadable (exit code 1)."""
    done = run("analyze", *arguments)
    assert done.returncode in (0, 1), f"exit code {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}"
    return done


def rows(path, delimiter=",", encoding="utf-8"):
    """Header and rows of a CSV file; every row has as many cells as the header."""
    with open(path, encoding=encoding, newline="") as file:
        header, *body = csv.reader(file, delimiter=delimiter, strict=True)
    for number, row in enumerate(body, 2):
        assert len(row) == len(header), f"row {number} of {path} has {len(row)} cells, the header {len(header)}"
    return header, body


def sample_pages():
    """The sample pages that are one file each, smallest first."""
    pages = [p for p in SAMPLES.rglob("*") if p.is_file() and p.suffix in (".html", ".htm", ".txt", ".json")]
    assert pages, f"no sample pages under {SAMPLES}"
    return sorted(pages, key=lambda p: p.stat().st_size)
