#!/usr/bin/env python3
"""How fast comments are extracted, against two peers, in one run and on one core.

usage: extraction_peers.py FOLDER [ROUNDS] [--binary PATH] [--without trafilatura]

    pip install resiliparse==2.0.1 trafilatura==2.3.1 lxml_html_clean
    cargo build --release --example extract_speed
    taskset -c 0 benches/extraction_peers.py PAGES

FOLDER holds pages (.html, .html.gz). All are read and decoded before any clock starts, by each of the three. Measured is the
processor time of the fastest of ROUNDS (5) rounds over all pages, so that other work on the machine counts little:

  causerie     site::read: articles, comments, authors, dates, parents, quotes (examples/extract_speed.rs)
  resiliparse  extract_plain_text(html, main_content=False): the whole page as plain text, nothing else (C++)
  trafilatura  extract(html, include_comments=True): main text and comments as plain text

Prints pages/s of each, and how often causerie's speed is that of each peer. Rounds of causerie stand before and after those
of the peers; the better counts, so that a machine that slows down under way does not favour anyone.
"""
import argparse
import gzip
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


def decoded(path):
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    named = re.search(rb"<meta[^>]+charset=[\"']?([\w-]+)", data[:4096])
    try:
        return data.decode(named[1].decode() if named else "utf-8", errors="replace")
    except LookupError:
        return data.decode("utf-8", errors="replace")


def fastest(rounds, work, pages):
    best = float("inf")
    for _ in range(rounds):
        start = time.thread_time()
        for page in pages:
            work(page)
        best = min(best, time.thread_time() - start)
    return best


def ours(binary, folder, rounds):
    said = subprocess.run([binary, folder, str(rounds)], check=True, capture_output=True, text=True).stdout.strip()
    print(f"causerie     {said}")
    return float(re.search(r"([\d.]+) s,", said)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("rounds", nargs="?", type=int, default=5)
    parser.add_argument("--binary", default=HERE.parent / "target/release/examples/extract_speed")
    parser.add_argument("--without", action="append", default=[], choices=["resiliparse", "trafilatura"])
    options = parser.parse_args()
    if not pathlib.Path(options.binary).exists():
        sys.exit(f"{options.binary} is missing; build it: cargo build --release --example extract_speed")
    paths = sorted(p for p in pathlib.Path(options.folder).iterdir() if p.name.endswith((".html", ".html.gz")))
    pages = [decoded(path) for path in paths]

    peers = {}
    if "resiliparse" not in options.without:
        from resiliparse.extract.html2text import extract_plain_text

        peers["resiliparse"] = (lambda page: extract_plain_text(page, main_content=False), options.rounds)
    if "trafilatura" not in options.without:
        from trafilatura import extract

        # Two rounds: it caches, and a round takes as long as fifty of the others.
        peers["trafilatura"] = (lambda page: extract(page, include_comments=True), min(options.rounds, 2))

    mine = ours(options.binary, options.folder, options.rounds)
    seconds = {}
    for name, (work, rounds) in peers.items():
        seconds[name] = fastest(rounds, work, pages)
        print(f"{name:12} {len(pages)} pages: {seconds[name]:.4f} s, {len(pages) / seconds[name]:.0f} pages/s")
    mine = min(mine, ours(options.binary, options.folder, options.rounds))
    for name, took in seconds.items():
        print(f"causerie is {took / mine:.2f} x as fast as {name}")


if __name__ == "__main__":
    main()
