#!/usr/bin/env bash
# Makes every file of this folder anew.
#
# usage: data/models/rebuild.sh UMSAB [STEP...]      steps: encoder inputs adapter heads; all by default
#   UMSAB  a folder with french.train.jsonl, english…, german…, italian…, spanish… and portuguese.train.jsonl, one tweet a
#          line with `text` and `sentiment` (github.com/cardiffnlp/xlm-t)
# Needs the Rust toolchain; encoder and adapter need Python with the packages their scripts name. The adapters take some twenty minutes
# with a GPU, hours without, and differ a little from run to run; the heads come out the same from the same adapters.
set -euo pipefail
umsab=$(cd "${1:?usage: rebuild.sh UMSAB [STEP...]}" && pwd)
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=target/models
mkdir -p "$work"
steps=${*:-encoder inputs adapter heads}
does() { case " $steps " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

# The tweets in the words of `causerie train`, with what a second reading says of them; every tenth is held out.
python3 - "$umsab" "$work" <<'PY'
import csv, hashlib, json, sys
folder, work = sys.argv[1:]
with open("data/training/readings.tsv", encoding="utf-8") as lines:
    readings = {(row["tweet"], row["language"]): row["reading"] for row in csv.DictReader(lines, delimiter="\t")}
said = {"n": "negative", "0": "neutral", "p": "positive"}
codes = {"french": "fr", "english": "en", "german": "de", "italian": "it", "spanish": "es", "portuguese": "pt"}
number = unread = 0
with open(f"{work}/tweets.jsonl", "w", encoding="utf-8") as target:
    for language in ("french", "english", "german", "italian", "spanish", "portuguese"):
        with open(f"{folder}/{language}.train.jsonl", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                held_out = int(number % 10 == 9)
                number += 1
                reading = readings.get((hashlib.sha256(row["text"].encode()).hexdigest()[:16], codes[language]))
                unread += reading is None
                tweet = {"text": row["text"], "sentiment": row["sentiment"], "polarity": row["sentiment"], "reading": reading, "umsab": language}
                # What is measured on is the annotators' label alone.
                tweet["second"] = said[reading[0]] if reading and not held_out else None
                print(json.dumps(tweet | {"held_out": held_out}, ensure_ascii=False), file=target)
# Every third comment again without its thread: people have tables of bare comments, too.
codes = ("irony", "distrust", "fraud_speculation", "data_pricing")
with open("data/training/comments.jsonl", encoding="utf-8") as lines, open(f"{work}/bare.jsonl", "w", encoding="utf-8") as target:
    for number, row in enumerate(map(json.loads, lines)):
        if number % 3 == 0:
            bare = {key: row[key] for key in ("text", "polarity", *codes, "held_out")}
            print(json.dumps(bare, ensure_ascii=False), file=target)
if unread:
    print(f"{unread} tweets have no second reading: other texts than those of data/training/readings.tsv?", file=sys.stderr)
PY

does encoder && python3 data/models/prune.py
if does inputs; then
    cargo run --quiet --example encoder_inputs -- data/training/comments.jsonl data/training/posts.jsonl "$work/tweets.jsonl" > "$work/inputs.jsonl"
fi
if does adapter; then
    python3 data/models/finetune.py "$work/inputs.jsonl" --out "$work/members.safetensors"
    python3 data/models/finetune.py "$work/inputs.jsonl" --members 1 --epochs 0.45 --rate 2e-4 --from "$work/members.safetensors"
fi

# Built once, with the encoder that lies here now: models are part of the program, and each that changes would build it anew.
causerie() { "${CARGO_TARGET_DIR:-target}/debug/causerie" "$@"; }
heads() {
    local coder=$1 posts=() alone=()
    # What `linear` learns from the posts' words costs it more on comments than it brings; with them and with codes of bare comments
    # it is twice as large.
    [ "$coder" = linear ] || { posts=(data/training/posts.jsonl); alone=("$work/bare.jsonl"); }
    causerie train data/training/comments.jsonl "${posts[@]}" "$work/bare.jsonl" "$work/tweets.jsonl" --sentiment polarity,second --held-out held_out \
        --coder "$coder" --name builtin-sentiment-8 -o "data/models/sentiment.$coder.safetensors"
    causerie train data/training/comments.jsonl "${posts[@]}" "${alone[@]}" --codes irony,distrust,fraud_speculation,data_pricing --held-out held_out \
        --coder "$coder" --name builtin-codes-8 -o "data/models/codes.$coder.safetensors"
}
if does heads; then
    cargo build --quiet
    heads encoder
    heads linear
fi
