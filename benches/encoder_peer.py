#!/usr/bin/env python3
"""The encoder against onnxruntime in single precision: the same weights, the same tokens, one core, the same run.

usage: python3 benches/encoder_peer.py TEXTS.jsonl [ROUNDS]
needs: pip install onnx onnxruntime numpy safetensors, and `cargo build --release --example encode`

Both get batches of 32 texts sorted by length. Rounds alternate; the ratio is that of the medians of encoding time, tokenisation
counted for causerie and not for onnxruntime.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnxruntime

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "data", "models"))
import onnx_model  # noqa: E402

ENCODE = os.path.join(ROOT, "target", "release", "examples", "encode")


def ours(texts, vectors=None):
    command = [ENCODE, texts, *([vectors] if vectors else []), "--plain"]
    out = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | {"RAYON_NUM_THREADS": "1"})
    return min(json.loads(out.stdout)["seconds"])


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    texts, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7
    with tempfile.TemporaryDirectory() as folder:
        vectors = os.path.join(folder, "vectors.jsonl")
        ours(texts, vectors)
        with open(vectors, encoding="utf-8") as lines:
            rows = [json.loads(line)["ids"] for line in lines]
    rows.sort(key=len)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx_model.build().SerializeToString(), options, providers=["CPUExecutionProvider"])

    def theirs():
        started = time.perf_counter()
        for at in range(0, len(rows), 32):
            batch = rows[at:at + 32]
            longest = max(map(len, batch))
            ids = np.array([row + [0] * (longest - len(row)) for row in batch])
            mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in batch])
            session.run(None, {"ids": ids, "mask": mask})
        return time.perf_counter() - started

    theirs()
    pairs = [(ours(texts), theirs()) for _ in range(rounds)]
    mine, peer = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    print(f"{len(rows)} texts, {sum(map(len, rows))} tokens, medians of {rounds}")
    print(f"causerie     {mine:.2f} s  {len(rows) / mine:.0f} texts/s")
    print(f"onnxruntime  {peer:.2f} s  {len(rows) / peer:.0f} texts/s")
    print(f"ratio        {peer / mine:.2f}")


if __name__ == "__main__":
    main()
