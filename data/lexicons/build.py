#!/usr/bin/env python3
"""Builds vader.fr.tsv and vader.en.tsv from the two published packages.

usage: pip download --no-deps vaderSentiment_fr==1.3.4 vaderSentiment==3.3.2
       (unpack both here) python3 build.py FR_LEXICON.txt EN_LEXICON.txt
Standard library only.
"""
import sys
import unicodedata
from pathlib import Path

HERE = Path(__file__).parent


def fold(text):
    text = text.lower().replace("œ", "oe").replace("æ", "ae").replace("’", "'").replace("-", " ")
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).strip()


def wordlike(word):
    """Smileys are causerie's own list, single letters and digits say nothing."""
    return len(word) > 2 and all(c.isalpha() or c in " '" for c in word)


def build(rows, out, origin):
    seen = {}
    for word, valence in rows:
        word = fold(word)
        if wordlike(word):
            seen.setdefault(word, []).append(float(valence))
    with open(HERE / out, "w", encoding="utf-8") as tsv:
        tsv.write(f"# folded form, valence (-4 to 4), from {origin}; built by build.py, see NOTICE.md\n")
        for word, valences in sorted(seen.items()):
            mean = sum(valences) / len(valences)
            # Forms that fold together with opposite signs ("péché", "pêche") cancel out.
            if abs(mean) >= 0.1 and not min(valences) < 0 < max(valences):
                tsv.write(f"{word}\t{mean:.1f}\n")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    french = [line.rstrip("\n").rsplit("->", 1) for line in open(sys.argv[1], encoding="utf-8") if "->" in line]
    english = [line.split("\t")[:2] for line in open(sys.argv[2], encoding="utf-8") if "\t" in line]
    build(french, "vader.fr.tsv", "vaderSentiment_fr 1.3.4")
    build(english, "vader.en.tsv", "vaderSentiment 3.3.2")


if __name__ == "__main__":
    main()
