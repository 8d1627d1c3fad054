#!/usr/bin/env python3
"""`--coder linear` against vaderSentiment-fr: the same texts, one core, the same run.

usage: python3 benches/linear_peer.py TEXTS.jsonl [ROUNDS]
needs: pip install vaderSentiment-fr, and `cargo build --release --example coding_speed`

Prints texts a second of both, sentiment and codes with their probabilities for causerie, first without evidence, then with it.
"""
import json
import os
import statistics
import subprocess
import sys
import time

from vaderSentiment_fr.vaderSentiment import SentimentIntensityAnalyzer

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SPEED = os.path.join(ROOT, "target", "release", "examples", "coding_speed")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    path, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7
    with open(path, encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    analyzer = SentimentIntensityAnalyzer()

    def theirs():
        started = time.perf_counter()
        for text in texts:
            analyzer.polarity_scores(text)
        return len(texts) / (time.perf_counter() - started)

    def ours():
        out = subprocess.run([SPEED, path], check=True, capture_output=True, text=True, env=os.environ | {"RAYON_NUM_THREADS": "1"})
        return json.loads(out.stdout)

    theirs()
    runs = [(theirs(), ours()) for _ in range(rounds)]
    peer = statistics.median(run[0] for run in runs)
    print(f"{len(texts)} texts, medians of {rounds}\nvaderSentiment-fr {peer:.0f} texts/s")
    for what in runs[0][1]:
        mine = statistics.median(run[1][what] for run in runs)
        print(f"{what}: {mine:.0f} texts/s, {mine / peer:.1f} x")


if __name__ == "__main__":
    main()
