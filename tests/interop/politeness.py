"""How `causerie fetch` treats servers, and what servers can do to it: its pace, kills and resumption, later snapshots, servers that
misbehave.
"""

import csv
import email.utils
import gzip
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter

import brotlicffi

from command import BIN, WORK, plain_signals, run
from servers import SAYINGS, Server, end_with_signal, free_port, not_there, page
from verdict import check, same, same_keys

HTML = {"Content-Type": "text/html; charset=utf-8"}
PAGES = "/article/"
# Asked for once a host, too: whether text and data mining is reserved.
RESERVATIONS = "/.well-known/tdmrep.json"


def addresses(name, urls):
    path = WORK / f"{name}.txt"
    path.write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")
    return path


def table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def article(asked):
    """Answers /article/N with an article of that number, and nothing else."""
    if not asked.path.startswith(PAGES):
        return not_there(asked)
    number = int(asked.path.removeprefix(PAGES))
    return 200, HTML, page(f"Article {number}", number)


def is_page(path):
    return path.startswith(PAGES)


def pace():
    """Requests to one host keep the interval on average, one after the other, robots.txt first and once."""
    interval, count = 0.2, 101
    with Server(article) as server:
        urls = addresses("pace", [f"{server.url}{PAGES}{number}" for number in range(count)])
        done = run("fetch", "-i", urls, "-o", WORK / "pace", "--interval", interval)
        with check("politeness-pace-fetched"):
            same(done.returncode, 0, f"exit code ({done.stderr.decode()[-300:]})")
            same([row["state"] for row in table(WORK / "pace" / "addresses.csv")], ["done"] * count, "states")
            same([path for path in server.paths() if is_page(path)], [f"{PAGES}{n}" for n in range(count)], "requests")
        with check("politeness-pace-robots-first-and-once"):
            same(server.log[0].path, "/robots.txt", "first request")
            asked = Counter(path for path in server.paths() if not is_page(path))
            same(asked, {"/robots.txt": 1} | ({RESERVATIONS: 1} if RESERVATIONS in asked else {}), "requests beside pages")
        with check("politeness-pace-interval"):
            times = [asked.at for asked in server.log if is_page(asked.path)]
            mean = (times[-1] - times[0]) / (len(times) - 1)
            least = min(after - before for before, after in zip(times, times[1:]))
            assert 0.9 * interval <= mean <= 1.1 * interval, f"mean gap {mean:.4f} s for {interval} s"
            # A quarter less at random is meant; a thread of this server may note a request a little late.
            assert least >= 0.5 * interval, f"a gap of {least:.4f} s"
            print(f"  mean gap {mean:.4f} s, least {least:.4f} s")
        with check("politeness-pace-one-connection"):
            same(server.most_open, 1, "most connections open at once")


def kills():
    """Killed ten times and resumed, a batch asks for no more than one page a kill twice, and gives the same tables."""
    count, rounds = 500, 10
    chance = random.Random(20260301)
    moments = sorted(chance.sample(range(20, count - 20), rounds))
    with Server(article) as server:
        urls = addresses("kills", [f"{server.url}{PAGES}{number}" for number in range(count)])
        calm = run("fetch", "-i", urls, "-o", WORK / "calm", "--interval", 0, "--quiet")
        server.log.clear()

        killed = 0
        for round_number, moment in enumerate(moments):
            more = ["--resume"] if round_number else ["-i", urls]
            one = subprocess.Popen(
                [BIN, "fetch", *more, "-o", WORK / "killed", "--interval", "0", "--quiet"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=plain_signals,
            )
            server.wait_for(moment, is_page)
            # Somewhere between this request and one of the next.
            time.sleep(chance.random() * 0.02)
            one.send_signal(signal.SIGKILL)
            killed += one.wait() == -signal.SIGKILL
        done = run("fetch", "--resume", "-o", WORK / "killed", "--interval", 0)

        with check("politeness-kills-happened"):
            same(calm.returncode, 0, f"exit code of the undisturbed batch ({calm.stderr.decode()[-300:]})")
            same(killed, rounds, "runs that were killed before they ended")
        with check("politeness-kills-all-fetched"):
            same(done.returncode, 0, f"exit code of the last run ({done.stderr.decode()[-300:]})")
            same([row["state"] for row in table(WORK / "killed" / "addresses.csv")], ["done"] * count, "states")
            same_keys(set(filter(is_page, server.paths())), {f"{PAGES}{n}" for n in range(count)}, "pages asked for")
        with check("politeness-kills-asked-twice"):
            asked = Counter(filter(is_page, server.paths()))
            again = sum(times - 1 for times in asked.values())
            assert again <= killed, f"{again} requests more than pages, after {killed} kills: {asked.most_common(5)}"
            print(f"  {again} of {count} pages asked for again after {killed} kills")
        with check("politeness-kills-same-tables"):
            folders = {}
            for name in ("calm", "killed"):
                folders[name] = WORK / f"{name}-tables"
                read = run("analyze", WORK / name, "--coder", "rules", "--authors", "keep", "-o", f"{folders[name]}/")
                same(read.returncode, 0, f"exit code of analyze on {name} ({read.stderr.decode()[-300:]})")
            same_tables(folders["calm"], folders["killed"])
            same(len(table(folders["calm"] / "comments.csv")), 3 * count, "comments")
            same(table(WORK / "calm" / "addresses.csv"), table(WORK / "killed" / "addresses.csv"), "addresses.csv")


def renewals():
    """A second snapshot asks for no page again that still holds; killed and resumed, it is the same snapshot."""
    count, version = 80, [1]

    def answer(asked):
        if not is_page(asked.path):
            return not_there(asked)
        number = int(asked.path.removeprefix(PAGES))
        # Every other page gets two comments more.
        changed = version[0] > 1 and number % 2 == 1
        tag = f'"{number}-{"b" if changed else "a"}"'
        if asked.headers.get("if-none-match") == tag:
            return 304, {"ETag": tag}, b""
        return 200, HTML | {"ETag": tag}, page(f"Article {number}", number, 5 if changed else 3)

    with Server(answer) as server:
        urls = addresses("renewals", [f"{server.url}{PAGES}{number}" for number in range(count)])
        first = run("fetch", "-i", urls, "-o", WORK / "renewed", "--interval", 0, "--quiet")
        shutil.copytree(WORK / "renewed", WORK / "renewed-killed")
        version[0] = 2
        server.log.clear()
        again = run("fetch", "-i", urls, "-o", WORK / "renewed", "--interval", 0, "--quiet")
        with check("politeness-renewal-asks-whether"):
            same([first.returncode, again.returncode], [0, 0], f"exit codes ({again.stderr.decode()[-300:]})")
            asked = [one for one in server.log if is_page(one.path)]
            same(len(asked), count, "requests of the second snapshot")
            assert all("if-none-match" in one.headers for one in asked), "asked without saying what is there already"

        server.log.clear()
        killed = 0
        for more, moment in ((["-i", urls], 20), (["--resume"], 45), (["--resume"], 70)):
            one = subprocess.Popen(
                [BIN, "fetch", *more, "-o", WORK / "renewed-killed", "--interval", "0", "--quiet"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=plain_signals,
            )
            server.wait_for(moment, is_page)
            one.send_signal(signal.SIGKILL)
            killed += one.wait() == -signal.SIGKILL
        done = run("fetch", "--resume", "-o", WORK / "renewed-killed", "--interval", 0)
        with check("politeness-renewal-kills"):
            same((killed, done.returncode), (3, 0), f"kills and exit code ({done.stderr.decode()[-300:]})")
            asked = [one for one in server.log if is_page(one.path)]
            same_keys({one.path for one in asked}, {f"{PAGES}{n}" for n in range(count)}, "pages asked for")
            assert len(asked) <= count + killed, f"{len(asked)} requests for {count} pages after {killed} kills"
            # A page that was under way when the run was killed may be asked for afresh.
            afresh = sum("if-none-match" not in one.headers for one in asked)
            assert afresh <= killed, f"{afresh} pages asked for without saying what is there already"
        with check("politeness-renewal-same-tables"):
            for name in ("renewed", "renewed-killed"):
                read = run("analyze", WORK / name, "--coder", "rules", "--authors", "keep", "-o", f"{WORK / name}-tables/")
                same(read.returncode, 0, f"exit code of analyze on {name} ({read.stderr.decode()[-300:]})")
            same_tables(WORK / "renewed-tables", WORK / "renewed-killed-tables")
            same(len(table(WORK / "renewed-tables" / "comments.csv")), 4 * count, "comments")
        with check("politeness-renewal-archive"):
            for name in ("renewed", "renewed-killed", "killed"):
                for path in sorted((WORK / name).glob("*.warc.gz")):
                    judged = subprocess.run([sys.executable, "-m", "warcio.cli", "check", "-v", str(path)],
                                            capture_output=True, text=True, check=False, timeout=120)
                    said = judged.stdout + judged.stderr
                    assert judged.returncode == 0 and "fail" not in said.lower(), f"{path.name} of {name}: {said[-300:]}"


def same_tables(one, other):
    """The CSV tables of two folders are the same but for when the pages were fetched."""
    names = sorted(path.name for path in one.glob("*.csv"))
    same(sorted(path.name for path in other.glob("*.csv")), names, "tables")
    assert "comments.csv" in names, f"no comments.csv among {names}"
    for name in names:
        here, there = table(one / name), table(other / name)
        same(len(there), len(here), f"rows of {name}")
        for number, (before, after) in enumerate(zip(here, there), 1):
            differ = {c: (before[c], after[c]) for c in before if c != "fetched_at" and before[c] != after[c]}
            assert not differ, f"row {number} of {name}: {differ}"


# --- servers that misbehave ----------------------------------------------------------------------------------
def head(*lines):
    return "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", *lines, "", ""]).encode()


def bad_once(behaviour):
    """A server whose /bad behaves as told, whose other pages are sound."""
    def answer(asked):
        return behaviour(asked) if asked.path == "/bad" else article(asked)
    return answer


def raw(*parts, pause=0.0, endless=False):
    """Writes parts to the socket, one after the other, the last again and again if endless (for a minute at most)."""
    def write(connection):
        for part in parts:
            connection.sendall(part)
        until = time.monotonic() + 60
        while endless and time.monotonic() < until:
            time.sleep(pause)
            connection.sendall(parts[-1])
    return lambda _: write


def silent(_):
    def write(connection):
        connection.settimeout(60)
        connection.recv(1)
    return write


def zeros(size, pack):
    """A page of zeros, packed: small on the wire, large in memory."""
    packed = pack[1](b"<!DOCTYPE html><p>" + b"\0" * size)
    return lambda _: (200, HTML | {"Content-Encoding": pack[0]}, packed)


def gzip_of(body):
    return gzip.compress(body, 9, mtime=0)


def misbehaviours():
    """Name → (behaviour, reason in the table of errors)."""
    whole = page("Cut", 1, 40)
    packed = gzip_of(whole)
    damaged = packed[:200] + bytes(byte ^ 0xA5 for byte in packed[200:400]) + packed[400:]
    million = b"%x\r\n" % (1 << 20) + (b"<p>encore " * 104858)[: 1 << 20] + b"\r\n"
    return {
        "cut-body": (raw(head("Content-Length: %d" % len(whole)), whole[: len(whole) // 2]), "broken_answer"),
        "length-too-large": (raw(head("Content-Length: 9999999"), whole), "broken_answer"),
        "cut-chunks": (raw(head("Transfer-Encoding: chunked"), b"1000\r\n" + whole[:500]), "broken_answer"),
        "no-http": (raw(b"220 mail.example ESMTP\r\n"), "broken_answer"),
        "closes-at-once": (raw(b""), "broken_answer"),
        "cut-gzip": (lambda _: (200, HTML | {"Content-Encoding": "gzip"}, packed[: len(packed) // 2]), "truncated"),
        "damaged-gzip": (lambda _: (200, HTML | {"Content-Encoding": "gzip"}, damaged), "corrupt"),
        "slow-drip": (raw(head("Content-Length: 100000"), b"<p>", pause=0.4, endless=True), "timeout"),
        "slow-head": (raw(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause=0.4, endless=True), "timeout"),
        "silence": (silent, "timeout"),
        "redirect-to-itself": (lambda _: (302, {"Location": "/bad"}, b""), "redirect_loop"),
        "gzip-bomb": (zeros(100_000_000, ("gzip", gzip_of)), "too_large"),
        "brotli-bomb": (zeros(100_000_000, ("br", lambda body: brotlicffi.compress(body, quality=3))), "too_large"),
        "endless-body": (raw(head("Transfer-Encoding: chunked"), million, endless=True), "too_large"),
        "endless-plain-body": (raw(head("Connection: close"), b"<p>encore " * 6553, endless=True), "too_large"),
        "endless-head": (raw(b"HTTP/1.1 200 OK\r\n", b"X-A: %s\r\n" % (b"b" * 900), endless=True), "broken_answer"),
        "always-503": (lambda _: (503, HTML, b"<p>later"), "server_error"),
        "not-there": (not_there, "not_found"),
        "empty": (lambda _: (200, HTML, b""), "empty"),
    }


def bad_servers():
    """Each misbehaviour is one row of errors.csv with its name; the rest of the batch goes on, in little memory."""
    cases = misbehaviours()
    servers = {name: Server(bad_once(behaviour)) for name, (behaviour, _) in cases.items()}
    # Redirects that never come back: every address leads to a new one.
    cases["redirects-without-end"] = (None, "redirect_loop")
    servers["redirects-without-end"] = Server(
        lambda asked: (302, {"Location": f"/bad{len(asked.path)}x{asked.path[-30:].strip('/')}"}, b"")
        if asked.path.startswith("/bad") else article(asked))
    closed = free_port()
    try:
        bad = {name: f"{server.url}/bad" for name, server in servers.items()}
        bad["nobody-there"] = f"http://127.0.0.1:{closed}/bad"
        expected = {bad[name]: reason for name, (_, reason) in cases.items()} | {bad["nobody-there"]: "unreachable"}
        good = [f"{server.url}{PAGES}{number}" for number, server in enumerate(servers.values())]
        urls = addresses("bad", [*bad.values(), *good])
        started = time.monotonic()
        code, usage, log = measured("fetch", "-i", urls, "-o", WORK / "bad", "--interval", "0", "--timeout", "6",
                                    "--parallel", "32")
        print(f"  {time.monotonic() - started:.1f} s, at most {usage.ru_maxrss / 1024:.0f} MB")

        with check("politeness-bad-servers-exit"):
            same(code, 1, f"exit code ({log})")
        errors = table(WORK / "bad" / "errors.csv")
        states = {row["url"]: row["state"] for row in table(WORK / "bad" / "addresses.csv")}
        names = {url: name for name, url in bad.items()}
        for url, reason in expected.items():
            with check(f"politeness-{names[url]}"):
                same([row["reason"] for row in errors if row["source"] == url], [reason], "reasons in errors.csv")
                assert all(row["message"] for row in errors if row["source"] == url), "no message in errors.csv"
                same(states.get(url), "failed", "state in addresses.csv")
        with check("politeness-bad-servers-rest"):
            same({url: state for url, state in states.items() if url in good}, dict.fromkeys(good, "done"),
                 "states of the sound pages on the same hosts")
            same(len(errors), len(expected), "rows of errors.csv")
        with check("politeness-bad-servers-repeats"):
            for name, times in (("always-503", 4), ("cut-body", 4), ("slow-drip", 1), ("gzip-bomb", 1), ("not-there", 1)):
                same(servers[name].paths().count("/bad"), times, f"requests for the page of {name}")
        with check("politeness-bad-servers-memory"):
            assert usage.ru_maxrss < 500 * 1024, f"{usage.ru_maxrss / 1024:.0f} MB of memory"
        with check("politeness-bad-servers-tables"):
            # The archive of such a batch is sound, and says the same.
            code, usage, log = measured("analyze", WORK / "bad", "--coder", "rules", "-o", f"{WORK / 'bad-tables'}/")
            same(code, 1, f"exit code of analyze ({log})")
            same(sorted(row["reason"] for row in table(WORK / "bad-tables" / "errors.csv")),
                 sorted(expected.values()), "reasons in the errors of analyze")
            same(len(table(WORK / "bad-tables" / "comments.csv")), 3 * len(good), "comments")
            assert usage.ru_maxrss < 500 * 1024, f"{usage.ru_maxrss / 1024:.0f} MB of memory"
    finally:
        for server in servers.values():
            server.__exit__()


def measured(*arguments):
    """Runs the command; its exit code, what it took, and the end of its messages."""
    log = WORK / "measured.log"
    with open(log, "wb") as out:
        one = subprocess.Popen([BIN, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                               preexec_fn=plain_signals)
        _, status, usage = os.wait4(one.pid, 0)
    one.returncode = os.waitstatus_to_exitcode(status)
    return one.returncode, usage, log.read_text(encoding="utf-8", errors="replace")[-400:]


def patience():
    """429 with Retry-After in seconds and as a date is obeyed, 503 is asked again; who wants to be left alone is."""
    until = {}

    def first(times, answer):
        """The first requests for /bad are answered so, later ones with a page."""
        asked_before = []

        def respond(asked):
            asked_before.append(asked)
            return answer() if len(asked_before) <= times else (200, HTML, page("Enfin", 7))
        return bad_once(respond)

    def date():
        until["date"] = int(time.time()) + 3
        return 429, HTML | {"Retry-After": email.utils.formatdate(until["date"], usegmt=True)}, SAYINGS[0].encode()

    servers = {
        "seconds": Server(first(1, lambda: (429, HTML | {"Retry-After": "2"}, b"<p>later"))),
        "date": Server(first(1, date)),
        "busy": Server(first(2, lambda: (503, HTML, b"<p>later"))),
        "alone": Server(first(99, lambda: (429, HTML | {"Retry-After": "3600"}, b"<p>much later"))),
    }
    try:
        bad = {name: f"{server.url}/bad" for name, server in servers.items()}
        next_one = {name: f"{server.url}{PAGES}1" for name, server in servers.items()}
        urls = addresses("patience", [*bad.values(), *next_one.values()])
        done = run("fetch", "-i", urls, "-o", WORK / "patience", "--interval", "0")
        states = {row["url"]: row["state"] for row in table(WORK / "patience" / "addresses.csv")}
        times = {name: [asked.at for asked in server.log if asked.path == "/bad"] for name, server in servers.items()}

        with check("politeness-retry-after-seconds"):
            same((states[bad["seconds"]], len(times["seconds"])), ("done", 2), "state and requests")
            wait = times["seconds"][1] - times["seconds"][0]
            assert 2 <= wait < 10, f"asked again after {wait:.2f} s for 2 s"
        with check("politeness-retry-after-date"):
            same((states[bad["date"]], len(times["date"])), ("done", 2), "state and requests")
            late = times["date"][1] - until["date"]
            assert 0 <= late < 10, f"asked again {late:.2f} s after the date"
        with check("politeness-503-repeated"):
            same((states[bad["busy"]], len(times["busy"])), ("done", 3), "state and requests")
        with check("politeness-left-alone"):
            same(done.returncode, 4, f"exit code ({done.stderr.decode()[-300:]})")
            asked = [path for path in servers["alone"].paths() if path != RESERVATIONS]
            same(asked, ["/robots.txt", "/bad"], "requests to the host that asks for an hour")
            same([states[bad["alone"]], states[next_one["alone"]]], ["waiting"] * 2, "states of its addresses")
            same([states[next_one[name]] for name in ("seconds", "date", "busy")], ["done"] * 3, "states elsewhere")
    finally:
        for server in servers.values():
            server.__exit__()


def wrong_lengths():
    """An answer longer than it says spoils none that follows."""
    cut = page("Short", 3, 3)
    def answer(asked):
        if asked.path == "/bad":
            # Behind the page that is promised comes a second, forged answer.
            forged = page("Forged", 66, 3)
            return raw(head("Content-Length: %d" % len(cut)), cut, head("Content-Length: %d" % len(forged)), forged)(asked)
        return article(asked)

    with Server(answer) as server:
        urls = addresses("lengths", [f"{server.url}/bad", f"{server.url}{PAGES}5"])
        done = run("fetch", "-i", urls, "-o", WORK / "lengths", "--interval", "0")
        with check("politeness-length-too-small"):
            same(done.returncode, 0, f"exit code ({done.stderr.decode()[-300:]})")
            read = run("analyze", WORK / "lengths", "--coder", "rules", "-o", f"{WORK / 'lengths-tables'}/")
            same(read.returncode, 0, f"exit code of analyze ({read.stderr.decode()[-300:]})")
            found = [row["article_title"] for row in table(WORK / "lengths-tables" / "threads.csv")]
            same(found, ["Short", "Article 5"], "articles read")


if __name__ == "__main__":
    end_with_signal()
    pace()
    kills()
    renewals()
    bad_servers()
    patience()
    wrong_lengths()
