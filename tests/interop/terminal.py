"""The command as a person meets it: in a terminal, in a pipe, interrupted, killed."""

import fcntl
import os
import pty
import re
import select
import shlex
import signal
import struct
import subprocess
import termios
import time

from command import BIN, SAMPLES, WORK, analyze, run, rows, sample_pages, start
from verdict import Skip, check, one_line, same

STYLE = re.compile(r"\x1b\[[0-9;]*m")
# Foreground and background colours; bold, faint and reset are no colours.
COLOUR = re.compile(r"\x1b\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9]+)*m")


def in_terminal(*arguments, columns=100, lines=40, environment=None, limit=120):
    """Runs the command with a terminal of that size on standard input, output and error."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR", "CI")}
    env |= {"TERM": "xterm-256color"} | (environment or {})
    process = start(*arguments, stdin=follower, stdout=follower, stderr=follower, env=env, start_new_session=True)
    os.close(follower)
    out, deadline = b"", time.monotonic() + limit
    try:
        while True:
            ready, _, _ = select.select([leader], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"still running after {limit} s; last words: {one_line(out[-300:])}"
            try:
                chunk = os.read(leader, 65536)
            except OSError:  # Linux: the other end is closed
                break
            if not chunk:
                break
            out += chunk
        return process.wait(timeout=30), out.decode("utf-8", errors="replace").replace("\r\n", "\n")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(leader)


def calm(text):
    """No sign of a crash in what the command said."""
    assert "panicked" not in text and "RUST_BACKTRACE" not in text, one_line(text[-400:])


def crowd(copies):
    """A folder with that many copies of the sample pages, each copy under addresses of its own."""
    folder = WORK / f"crowd-{copies}"
    if not folder.exists():
        folder.mkdir()
        pages = [page.read_bytes() for page in sample_pages()]
        for number in range(copies):
            page = pages[number % len(pages)]
            own = re.sub(rb"(https?://[A-Za-z0-9.-]+)/", rb"\1/copy-%d/" % number, page)
            (folder / f"page-{number:06}.html").write_bytes(own)
    return folder


def visible(folder):
    """What a person sees in a folder: names that do not start with a dot."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def interrupted(name, with_signal, output, wait=1.0):
    """Starts a long run, sends it the signal in the middle and returns exit code, messages and seconds to the end."""
    copies = 2000
    while copies <= 128_000:
        folder = WORK / name
        folder.mkdir(exist_ok=True)
        process = start("analyze", crowd(copies), "-o", folder / output if not output.endswith("/") else f"{folder}/{output}",
                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            process.wait(timeout=wait)
        except subprocess.TimeoutExpired:
            sent = time.monotonic()
            process.send_signal(with_signal)
            try:
                _, errors = process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                raise AssertionError(f"still running 60 s after {with_signal.name}") from None
            done = process.returncode == 0 or (process.returncode == 1 and (folder / output).exists())
            if not done:
                return folder, process.returncode, errors.decode(errors="replace"), time.monotonic() - sent
            # It came to its end between the wait and the signal: a longer run is needed.
        else:
            _, errors = process.communicate()
            assert process.returncode in (0, 1), f"exit code {process.returncode}: {one_line(errors[-300:])}"
        for path in folder.rglob("*"):
            if path.is_file():
                path.unlink()
        copies *= 4
    raise Skip(f"{copies // 4} pages are done before a signal can reach the command")


def page_with_comments():
    """A sample page that yields comments on its own: the smallest one with at least two."""
    for page in sample_pages():
        out = WORK / "probe.csv"
        out.unlink(missing_ok=True)
        if run("analyze", page, "-o", out).returncode == 0 and out.is_file() and len(rows(out)[1]) >= 2:
            return page
    raise AssertionError("no sample page gives two comments")


def main():
    page = None
    with check("terminal-sample"):
        page = page_with_comments()
    if page is None:
        return

    with check("terminal-summary-colour"):
        status, text = in_terminal("analyze", page)
        calm(text)
        same(status, 0, "exit code")
        assert COLOUR.search(text), f"no colour in the summary: {one_line(text[:300])}"
        assert len(STYLE.sub("", text).strip().splitlines()) >= 6, f"the summary is short: {one_line(text)}"

    with check("terminal-no-color"):
        status, text = in_terminal("analyze", page, environment={"NO_COLOR": "1"})
        calm(text)
        same(status, 0, "exit code")
        found = COLOUR.search(text)
        assert not found, f"colour {found[0]!r} in spite of NO_COLOR"
        assert text.strip(), "no summary"

    for columns in (40, 12):
        with check(f"terminal-{columns}-columns"):
            status, text = in_terminal("analyze", page, columns=columns)
            calm(text)
            same(status, 0, "exit code")
            assert STYLE.sub("", text).strip(), "no summary"

    with check("terminal-progress"):
        # On a terminal there may be progress; into a file or pipe there is none, and no colour.
        done = run("analyze", page)
        text = (done.stdout + done.stderr).decode(errors="replace")
        calm(text)
        same(done.returncode, 0, "exit code")
        assert "\x1b" not in text and "\r" not in text, f"escape codes or carriage returns in a pipe: {one_line(repr(text[:300]))}"
        done = run("analyze", "--quiet", page, "-o", WORK / "quiet.csv")
        same((done.returncode, done.stdout, done.stderr), (0, b"", b""), "exit code and words of --quiet")

    with check("terminal-help"):
        for arguments in (["--help"], ["analyze", "--help"]):
            done = run(*arguments)
            text = done.stdout.decode()
            same(done.returncode, 0, f"exit code of {arguments}")
            assert re.search("example", text, re.I) and "causerie analyze" in text, f"no examples in {arguments}"
        same(run("--version").stdout.decode().split()[0], "causerie", "first word of --version")

    with check("terminal-usage"):
        for arguments in (["analyze", "--no-such-option"], ["no-such-command"], ["analyze"]):
            done = run(*arguments)
            same(done.returncode, 2, f"exit code of {arguments}")
            assert done.stderr.strip() and not done.stdout, f"{arguments} says nothing on standard error"

    with check("terminal-pipe"):
        out = WORK / "piped.csv"
        command = f"cat {shlex.quote(str(page))} | {shlex.quote(BIN)} analyze - -o - >{shlex.quote(str(out))}"
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, timeout=120, check=False)
        calm(done.stderr.decode(errors="replace"))
        same(done.returncode, 0, "exit code")
        header, body = rows(out)
        direct = WORK / "direct.csv"
        analyze(page, "-o", direct)
        same(header, rows(direct)[0], "columns, by pipe and by file")
        at = [header.index(name) for name in ("comment_id", "reply_to", "posted_at", "text")]
        same([[row[i] for i in at] for row in body], [[row[i] for i in at] for row in rows(direct)[1]], "rows, by pipe and by file")

    with check("terminal-head"):
        # A reader that stops early is no error worth a word, and never a panic.
        command = f"{shlex.quote(BIN)} analyze {shlex.quote(str(SAMPLES))} -o - | head -n 1; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=120, check=False)
        calm(done.stderr.decode(errors="replace"))
        assert done.returncode in (0, 1, 141), f"exit code {done.returncode}: {one_line(done.stderr)}"
        assert b"comment_id" in done.stdout, f"no header: {one_line(done.stdout)}"
        same(done.stdout.count(b"\n"), 1, "lines")

    with check("terminal-closed-pipe"):
        for arguments in (["analyze", SAMPLES, "-o", "-"], ["analyze", page], ["--help"]):
            reading, writing = os.pipe()
            os.close(reading)
            process = start(*arguments, stdin=subprocess.DEVNULL, stdout=writing, stderr=subprocess.PIPE)
            os.close(writing)
            _, errors = process.communicate(timeout=120)
            calm(errors.decode(errors="replace"))
            assert process.returncode in (0, 1, 141, -signal.SIGPIPE), (
                f"exit code {process.returncode} of {arguments[0]}: {one_line(errors)}")

    with check("terminal-ctrl-c-file"):
        folder, status, errors, seconds = interrupted("ctrl-c", signal.SIGINT, "thread.csv")
        calm(errors)
        same(status, 130, "exit code")
        same(sorted(p.name for p in folder.iterdir()), [], "files left")
        assert seconds < 10, f"{seconds:.0f} s to stop"

    with check("terminal-ctrl-c-folder"):
        folder, status, errors, _ = interrupted("ctrl-c-folder", signal.SIGINT, "study/")
        calm(errors)
        same(status, 130, "exit code")
        left = [str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()]
        same(left, [], "files left")

    with check("terminal-ctrl-c-keeps-old"):
        (WORK / "old").mkdir()
        (WORK / "old" / "thread.csv").write_text("yesterday\n")
        process = start("analyze", crowd(2000), "-o", WORK / "old" / "thread.csv", stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            process.communicate(timeout=0.5)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        if process.returncode in (0, 1):
            raise Skip("the run ended before the signal")
        same((WORK / "old" / "thread.csv").read_text(), "yesterday\n", "the file of an earlier run")

    with check("terminal-killed"):
        folder, status, _, _ = interrupted("killed", signal.SIGKILL, "thread.csv")
        same(status, -signal.SIGKILL, "exit code")
        same(visible(folder), [], "files left that a person would take for the result")
        folder, status, _, _ = interrupted("killed-folder", signal.SIGKILL, "study/")
        same([str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and not any(
            part.startswith(".") for part in p.relative_to(folder).parts)], [], "files left of a study")

    with check("terminal-no-such-input"):
        done = run("analyze", WORK / "nowhere.html", "-o", WORK / "nowhere.csv")
        calm(done.stderr.decode(errors="replace"))
        assert done.returncode not in (0, 101), f"exit code {done.returncode}"
        assert b"nowhere.html" in done.stderr, f"the message does not name the file: {one_line(done.stderr)}"
        assert not (WORK / "nowhere.csv").exists(), "an output file without input"


main()
