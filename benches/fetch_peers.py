#!/usr/bin/env python3
"""How fast `causerie fetch` is beside curl and wget: the same pages of 50 local hosts, in one run, turn and turn about.

usage: fetch_peers.py [--bin target/release/causerie] [--urls 2000] [--hosts 50] [--rounds 3] [--servers N] [--work FOLDER]

Each host is a port of 127.0.0.1, served by processes of this script from pages rendered beforehand; nothing else is asked.
Compared are
  causerie fetch --no-archive      every page fetched and its comments read, nothing kept
  curl --parallel                  every page fetched, nothing kept
  causerie fetch                   the same with every request and answer in an archive
  wget --warc-file                 one process a host, all at once, every request and answer in an archive
Printed are the seconds of the best round, the ratio to curl or to wget, processor seconds, and the peak of memory in MB (for wget
the sum over its processes). The servers take processor time, too: with few cores look at the processor seconds as well.
"""

import argparse
import asyncio
import csv
import gzip
import multiprocessing
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

HOST = "127.0.0.1"
# Texts of the pages; machine-written.
SENTENCES = (
    "Les données personnelles ont un prix, et ce prix n'est presque jamais affiché.",
    "Un courtier achète, un autre revend, et le lecteur n'en sait rien.",
    "The market is larger than the newspapers that write about it.",
    "Nobody reads the terms; those who wrote them count on it.",
    "La commission a rendu son avis au printemps, sans fixer de date.",
    "Deux euros par mois : c'est ce que rapporterait un profil complet.",
    "Asked for comment, the company sent a link to its home page.",
    "Reste à savoir qui contrôlera les contrôleurs.",
)
OPINIONS = (
    "Je n'y crois pas une seconde.", "Thank you for naming them.", "Et la CNIL, elle dort ?", "I would sell mine for ten.",
    "« Confiance », disent-ils…", "Bravo pour l'enquête 👏", "Not new: we read this in 2018.", "Il faudrait une loi.",
)


def page(number):
    """A page of 30 to 100 KB: an article, what stands around it, some comments."""
    chance = random.Random(number)
    size, comments = chance.randrange(30_000, 100_000), chance.randrange(0, 41)
    items = []
    for at in range(1, comments + 1):
        text = " ".join(chance.choice(OPINIONS) for _ in range(chance.randrange(1, 6)))
        own = f"{number * 100 + at}"
        items.append(
            f'<li id="comment-{own}" class="comment even thread-even depth-1"><article id="div-comment-{own}" '
            f'class="comment-body"><footer class="comment-meta"><div class="comment-author vcard"><b class="fn">Lectrice {at}'
            f'</b><span class="says">dit :</span></div><div class="comment-metadata"><a href="#comment-{own}"><time '
            f'datetime="2026-03-{at % 28 + 1:02}T{at % 24:02}:15:00+01:00">le {at % 28 + 1} mars 2026</time></a></div></footer>'
            f'<div class="comment-content"><p>{text} ({own})</p></div></article></li>')
    body = "".join(items)
    story, length, left = [], 0, size - len(body.encode()) - 2500
    while length < left:
        part = "<p>" + " ".join(chance.choice(SENTENCES) for _ in range(5)) + "</p>\n"
        menu = f'<div class="card card--s"><a class="card__link" href="/a/{chance.randrange(10**9)}.html" data-id="{length}"></a></div>\n'
        story.append(part + menu)
        length += len((part + menu).encode())
    return (
        f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Article {number}</title>'
        f'<link rel="stylesheet" href="/style.css"><script>window.page={number};</script></head><body><nav>'
        + '<a href="/">Une</a> ' * 40 + f'</nav><article class="post"><h1>Article {number}</h1>{"".join(story)}</article>'
        f'<div id="comments" class="comments-area"><h2 class="comments-title">{comments} commentaires</h2>'
        f'<ol class="comment-list">{body}</ol></div><footer>Mentions</footer></body></html>'
    ).encode(), comments


def message(status, media, body):
    return f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


class Answering(asyncio.Protocol):
    """Answers from a dictionary."""

    missing = message("404 Not Found", "text/plain", b"not here")

    def __init__(self, pages):
        self.pages, self.had = pages, b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.had += data
        while (end := self.had.find(b"\r\n\r\n")) >= 0:
            path = self.had[: self.had.index(b"\r\n")].split(b" ")[1]
            self.had = self.had[end + 4 :]
            self.transport.write(self.pages.get(path, self.missing))


def serve(sockets, ready):
    """Serves some hosts: pairs of a listening socket and the numbers of its pages."""
    async def forever():
        loop, servers = asyncio.get_running_loop(), []
        for listener, numbers in sockets:
            pages = {b"/a/%d.html" % n: message("200 OK", "text/html; charset=utf-8", page(n)[0]) for n in numbers}
            servers.append(await loop.create_server(lambda pages=pages: Answering(pages), sock=listener))
        ready.set()
        await asyncio.Event().wait()

    asyncio.run(forever())


def watch_memory(processes, peaks, ended):
    """Notes the peak of each process (VmHWM, in kB) every hundredth of a second."""
    while not ended.wait(0.01):
        for process in processes:
            try:
                status = pathlib.Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
            except OSError:
                continue
            found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.M)
            if found:
                peaks[process] = max(peaks.get(process, 0), int(found[1]))


def measured(commands, log):
    """Runs commands at once: seconds, processor seconds, sum of the peaks of memory in MB."""
    started = time.monotonic()
    with open(log, "wb") as out:
        running = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out) for command in commands]
    # Looked at while they run: what the system says of a process that ended begins with the memory of this script, from which it was forked.
    peaks = {}
    ended = threading.Event()
    watch = threading.Thread(target=watch_memory, args=([one.pid for one in running], peaks, ended))
    watch.start()
    processor = 0.0
    for one in running:
        _, status, usage = os.wait4(one.pid, 0)
        one.returncode = os.waitstatus_to_exitcode(status)
        processor += usage.ru_utime + usage.ru_stime
    seconds = time.monotonic() - started
    ended.set()
    watch.join()
    for one in running:
        if one.returncode:
            sys.exit(f"{one.args[0]} ended with exit code {one.returncode}: {log.read_text(errors='replace')[-600:]}")
    return seconds, processor, sum(peaks.values()) / 1024


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bin", default="target/release/causerie", help="the command; a release build")
    options.add_argument("--urls", type=int, default=2000)
    options.add_argument("--hosts", type=int, default=50)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--servers", type=int, default=max(2, (os.cpu_count() or 2) // 2), help="processes that serve")
    options.add_argument("--work", help="folder for what is fetched")
    given = options.parse_args()
    causerie = str(pathlib.Path(given.bin).resolve())
    for command in (causerie, "curl", "wget"):
        if not shutil.which(command):
            sys.exit(f"{command} is not here")

    hosts = []
    for host in range(given.hosts):
        listener = socket.create_server((HOST, 0), backlog=256)
        hosts.append((listener, range(host, given.urls, given.hosts)))
    fork = multiprocessing.get_context("fork")
    flags = []
    for number in range(given.servers):
        flags.append(fork.Event())
        fork.Process(target=serve, args=(hosts[number :: given.servers], flags[-1]), daemon=True).start()
    for flag in flags:
        flag.wait()

    by_host = [[f"http://{HOST}:{listener.getsockname()[1]}/a/{number}.html" for number in numbers] for listener, numbers in hosts]
    urls = [urls[at] for at in range(len(by_host[0])) for urls in by_host if at < len(urls)]
    sizes = [page(number) for number in range(given.urls)]
    total, comments = sum(len(body) for body, _ in sizes), sum(count for _, count in sizes)
    print(f"{len(urls)} pages of {given.hosts} hosts, {total / 1e6:.0f} MB, {comments} comments; {given.servers} processes serve "
          f"them on {os.cpu_count()} cores; best of {given.rounds}")

    with tempfile.TemporaryDirectory(prefix="fetch-peers.", dir=given.work) as work:
        work = pathlib.Path(work)
        (work / "urls.txt").write_text("".join(f"{url}\n" for url in urls))
        (work / "curl.txt").write_text("".join(f'url = "{url}"\noutput = "/dev/null"\nwrite-out = "%{{http_code}}\\n"\n' for url in urls))
        for number, own in enumerate(by_host):
            (work / f"host-{number}.txt").write_text("".join(f"{url}\n" for url in own))
        out = work / "out"
        fetch = [causerie, "fetch", "-i", str(work / "urls.txt"), "-o", str(out), "--interval", "0", "--parallel", str(given.hosts),
                 "--allow-private", "--quiet"]
        peers = {
            "causerie, no archive": [[*fetch, "--no-archive"]],
            "curl": [["curl", "-q", "--silent", "--show-error", "--fail", "--noproxy", "*", "--parallel", "--parallel-max",
                      str(given.hosts), "--config", str(work / "curl.txt")]],
            "causerie, archive": [fetch],
            "wget, WARC": [["wget", "-q", "--no-config", "--no-proxy", "-O", "/dev/null", f"--warc-file={out}/host-{number}",
                            "-i", str(work / f"host-{number}.txt")] for number in range(given.hosts)],
        }
        results = {name: [] for name in peers}
        kept = {}
        for _ in range(given.rounds):
            for name, commands in peers.items():
                shutil.rmtree(out, ignore_errors=True)
                out.mkdir()
                results[name].append(measured(commands, work / "log.txt"))
                kept[name] = sum(path.stat().st_size for path in out.rglob("*.warc.gz")) / 1e6
                if name == "curl":
                    got = (work / "log.txt").read_text().split().count("200")
                elif name.startswith("wget"):
                    records = (gzip.open(path).read() for path in out.glob("*.warc.gz"))
                    got = sum(record.count(b"WARC-Type: response") for record in records)
                else:
                    got = len(urls)
                if got != len(urls):
                    print(f"  {name}: {got} of {len(urls)} pages")
                if name.startswith("causerie"):
                    with open(out / "addresses.csv", encoding="utf-8", newline="") as file:
                        rows = list(csv.DictReader(file))
                    found = sum(int(row["parsed_count"]) for row in rows)
                    done = sum(row["state"] == "done" for row in rows)
                    if (done, found) != (len(urls), comments):
                        print(f"  {name}: {done} of {len(urls)} pages done, {found} of {comments} comments")

    print(f"{'':22}{'seconds':>9}{'ratio':>7}{'processor s':>13}{'peak MB':>9}{'archive MB':>12}")
    best = {name: min(runs) for name, runs in results.items()}
    for name, (seconds, processor, _) in best.items():
        peer = "wget, WARC" if name in ("causerie, archive", "wget, WARC") else "curl"
        memory = max(run[2] for run in results[name])
        print(f"{name:22}{seconds:9.2f}{seconds / best[peer][0]:7.2f}{processor:13.2f}{memory:9.0f}{kept[name]:12.1f}")


if __name__ == "__main__":
    main()
