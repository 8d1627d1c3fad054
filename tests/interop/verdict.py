"""How a Python check says what it found; `run` counts these lines."""

import contextlib
import traceback


class Skip(Exception):
    """The check cannot be made here; the reason is its message."""


@contextlib.contextmanager
def check(name):
    """Prints `ok NAME`, or `FAILED NAME: reason` when the block raises; the next check runs in any case."""
    try:
        yield
    except Skip as reason:
        print(f"skipped {name}: {reason}", flush=True)
    except AssertionError as reason:
        print(f"FAILED {name}: {one_line(str(reason)) or where(reason)}", flush=True)
    except Exception as error:  # noqa: BLE001 - a check that breaks is a check that failed
        print(f"FAILED {name}: {type(error).__name__}: {one_line(str(error))} ({where(error)})", flush=True)
    else:
        print(f"ok {name}", flush=True)


def one_line(text, limit=600):
    """The text on one line, cut to a length a terminal shows."""
    text = " ".join(str(text).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def where(error):
    """File, line and source of the innermost frame."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}: {frame.line}"


def same(got, expected, what):
    """Asserts equality and says how the two differ."""
    assert got == expected, f"{what}: got {got!r}, expected {expected!r}"


def same_keys(got, expected, what):
    """Asserts that two collections hold the same keys, and names those that differ."""
    missing, extra = sorted(set(expected) - set(got)), sorted(set(got) - set(expected))
    assert not missing and not extra, f"{what}: missing {missing}, unexpected {extra}"
