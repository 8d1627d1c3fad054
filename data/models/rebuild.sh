#!/usr/bin/env bash
# Makes every file of this folder anew.
#
# usage: data/models/rebuild.sh UMSAB [STEP...]      steps: encoder inputs adapter heads posts linear; all by default
#   UMSAB  a folder with french.train.jsonl, english…, german…, italian…, spanish… and portuguese.train.jsonl, one tweet a
#          line with `text` and `sentiment` (github.com/cardiffnlp/xlm-t)
# Needs the Rust toolchain; encoder and adapter need Python with the packages their scripts name. The adapters take about
# three quarters of an hour on two cores and differ a little from run to run; the heads come out the same from the same adapters.
set -euo pipefail
umsab=$(cd "${1:?usage: rebuild.sh UMSAB [STEP...]}" && pwd)
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=target/models
mkdir -p "$work"
steps=${*:-encoder inputs adapter heads posts linear}
does() { case " $steps " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

# The tweets in the words of `causerie train`; every tenth is held out.
python3 - "$umsab" "$work/tweets.jsonl" <<'PY'
import json, sys
folder, out = sys.argv[1:]
number = 0
with open(out, "w", encoding="utf-8") as target:
    for language in ("french", "english", "german", "italian", "spanish", "portuguese"):
        with open(f"{folder}/{language}.train.jsonl", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                held_out = int(number % 10 == 9)
                number += 1
                print(json.dumps({"text": row["text"], "sentiment": row["sentiment"], "polarity": row["sentiment"],
                                  "umsab": language, "held_out": held_out}, ensure_ascii=False), file=target)
PY

does encoder && python3 data/models/prune.py
if does inputs; then
    cargo run --quiet --example encoder_inputs -- data/training/comments.jsonl "$work/tweets.jsonl" > "$work/inputs.jsonl"
fi
does adapter && python3 data/models/finetune.py "$work/inputs.jsonl"

# Built once a step, with the encoder that lies here now: models are part of the program, and each that changes would build it anew.
causerie() { "${CARGO_TARGET_DIR:-target}/debug/causerie" "$@"; }
heads() {
    local coder=$1
    shift
    causerie train data/training/comments.jsonl "$work/tweets.jsonl" "$@" --sentiment polarity --held-out held_out \
        --coder "$coder" --name builtin-sentiment-2 -o "data/models/sentiment.$coder.safetensors"
    for heads in themes:distrust,fraud_speculation,data_pricing irony:irony; do
        causerie train data/training/comments.jsonl --codes "${heads#*:}" --held-out held_out --coder "$coder" \
            --name "builtin-${heads%:*}-2" -o "data/models/${heads%:*}.$coder.safetensors"
    done
}
if does heads; then
    cargo build --quiet
    heads encoder
fi
# What the encoder says of the comments where each stands alone, as a post does: `linear` learns from it where it is sure.
if does posts; then
    cargo run --quiet --example score_coding -- data/training/comments.jsonl "$work/said.jsonl" --alone > /dev/null
    python3 - "$work" <<'PY'
import json, sys
work = sys.argv[1]
with open("data/training/comments.jsonl", encoding="utf-8") as comments, open(f"{work}/said.jsonl", encoding="utf-8") as said, \
        open(f"{work}/posts.jsonl", "w", encoding="utf-8") as posts:
    for comment, answer in zip(map(json.loads, comments), map(json.loads, said)):
        label, score = answer["sentiment"], answer["score"]
        sure = label and (abs(score) < 0.25 if label == "neutral" else abs(score) > 0.45)
        if sure and not comment["held_out"]:
            print(json.dumps({"text": comment["text"], "polarity": label, "held_out": 0}, ensure_ascii=False), file=posts)
PY
fi
if does linear; then
    cargo build --quiet
    heads linear "$work/posts.jsonl"
fi
