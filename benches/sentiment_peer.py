#!/usr/bin/env python3
"""Sentiment on UMSAB beside a linear model of words, runs of letters and a lexicon: the same texts, the same measure.

usage: python3 benches/sentiment_peer.py UMSAB
needs: pip install scikit-learn vaderSentiment vaderSentiment-fr, and `cargo build --release --example score_coding`

UMSAB has LANGUAGE.train.jsonl and LANGUAGE.val.jsonl, one tweet a line with `text` and `sentiment` (github.com/cardiffnlp/xlm-t).
The peer is trained on each language's train set, its penalty chosen by cross-validation there; French and English get the features of
vaderSentiment. Prints macro-F1 on the val sets with 95 % bootstrap intervals.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import f1_score
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer as English
from vaderSentiment_fr.vaderSentiment import SentimentIntensityAnalyzer as French

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCORE = os.path.join(ROOT, "target", "release", "examples", "score_coding")
LANGUAGES = ("french", "german", "english", "spanish", "italian", "portuguese")
LABELS = ("negative", "neutral", "positive")


def read(path):
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row["text"] for row in rows], [row["sentiment"] for row in rows]


def peer(language, folder):
    texts, gold = read(os.path.join(folder, f"{language}.train.jsonl"))
    unseen, _ = read(os.path.join(folder, f"{language}.val.jsonl"))
    kinds = [TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
             TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)]
    train, test = [kind.fit_transform(texts) for kind in kinds], [kind.transform(unseen) for kind in kinds]
    lexicon = {"french": French, "english": English}.get(language)
    if lexicon:
        analyzer = lexicon()
        for into, some in ((train, texts), (test, unseen)):
            scores = [analyzer.polarity_scores(text) for text in some]
            into.append(csr_matrix([[s["neg"], s["neu"], s["pos"], s["compound"]] for s in scores]))
    model = LogisticRegressionCV(Cs=[0.3, 1, 3, 10], cv=5, scoring="f1_macro", max_iter=500, n_jobs=2)
    return model.fit(hstack(train).tocsr(), gold).predict(hstack(test).tocsr())


def ours(language, folder, coder):
    with tempfile.TemporaryDirectory() as work:
        said = os.path.join(work, "said.jsonl")
        path = os.path.join(folder, f"{language}.val.jsonl")
        subprocess.run([SCORE, path, said, "--coder", coder], check=True, capture_output=True)
        with open(said, encoding="utf-8") as lines:
            return [json.loads(line)["sentiment"] or "none" for line in lines]


def measure(gold, said):
    score = lambda rows: 100 * f1_score([gold[i] for i in rows], [said[i] for i in rows], labels=LABELS, average="macro")
    draw = random.Random(7)
    rows = range(len(gold))
    scores = sorted(score(draw.choices(rows, k=len(gold))) for _ in range(500))
    return f"{score(rows):.1f} ({scores[12]:.1f}-{scores[487]:.1f})"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    print(f"{'':<11} {'words + lexicon':<18} {'linear':<18} encoder")
    for language in LANGUAGES:
        _, gold = read(os.path.join(folder, f"{language}.val.jsonl"))
        said = [peer(language, folder), *(ours(language, folder, coder) for coder in ("linear", "encoder"))]
        print(f"{language:<11} " + " ".join(f"{measure(gold, list(one)):<18}" for one in said), flush=True)


if __name__ == "__main__":
    main()
