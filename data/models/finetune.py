#!/usr/bin/env python3
"""Trains adapter.safetensors: low-rank adapters on the encoder's matrices, for sentiment and for the codes.

usage: finetune.py INPUTS.jsonl [--epochs 3] [--rank 16] [--rate 4e-4] [--seed 1] [--out adapter.safetensors]
needs: pip install torch==2.15.0 numpy safetensors

INPUTS.jsonl comes from `cargo run --example encoder_inputs -- data/training/comments.jsonl UMSAB.jsonl`: lines
with `ids`, `own`, and either `sentiment` (UMSAB, the train sets of six languages) or `polarity`, `irony` and the codes. Rows with
`held_out` 1, and every tenth row of UMSAB, are never trained on: the figures printed after each epoch are theirs.

One linear layer for sentiment and one for irony and codes read the mean of the comment's token states; both are
thrown away afterwards (`causerie train` fits what ships). Runs take some twenty minutes on two cores; the order of
sums differs between machines, so a second run gives another adapter of the same quality, not the same bytes.
"""
import argparse
import hashlib
import json
import math
import os
import random
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

import model

POLARITY = {"negative": 0, "neutral": 1, "positive": 2}
CODES = ("distrust", "fraud_speculation", "data_pricing", "irony")
BATCH = 32
DROPOUT = 0.1
SMOOTHING = 0.1
# How often a comment is shown without its context, so that texts without one are read as well.
ALONE = 0.2
# A comment counts as often as two tweets: there are fewer of them, and they are what the tool is for.
COMMENT_TWICE = 2


def read(path):
    train, held = [], []
    tweet = 0
    with open(path, encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if "sentiment" in row:
                row["y"], row["codes"], row["group"] = POLARITY[row["sentiment"]], None, row.get("umsab", "tweets")
                hold, tweet = tweet % 10 == 9, tweet + 1
            else:
                row["y"], row["codes"], row["group"] = POLARITY[row["polarity"]], [float(row[c]) for c in CODES], "comments"
                hold = row["held_out"] == 1
            row["ids"], row["own"] = row["ids"][:200], min(row["own"], 200)
            (held if hold else train).append(row)
    return train, held


def f1(gold, said):
    hit = sum(g and s for g, s in zip(gold, said))
    return 2 * hit / max(1, sum(gold) + sum(said))


def macro(gold, said):
    return sum(f1([g == c for g in gold], [s == c for s in said]) for c in range(3)) / 3


class Task(torch.nn.Module):
    def __init__(self, rank):
        super().__init__()
        self.encoder = model.Encoder(rank=rank, dropout=DROPOUT)
        self.polarity = torch.nn.Linear(384, 3)
        self.codes = torch.nn.Linear(384, len(CODES))
        for head in (self.polarity, self.codes):
            torch.nn.init.zeros_(head.weight)
        self.centre, self.spread = torch.zeros(384), torch.ones(384)

    def settle(self, rows):
        """Centres the vectors of the untrained encoder: all of them lie close together."""
        with torch.no_grad():
            pooled = torch.cat([self.pooled(batch, [False] * len(batch)) for batch in batches(rows, False)])
        self.centre, self.spread = pooled.mean(0), pooled.std(0)

    def pooled(self, rows, alone):
        batch = [row["ids"][:row["own"]] if single else row["ids"] for row, single in zip(rows, alone)]
        states, mask = self.encoder(batch, half=True)
        own = torch.tensor([row["own"] for row in rows])
        mask = mask & (torch.arange(mask.shape[1])[None] < own[:, None])
        return (states * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)

    def forward(self, rows, alone):
        pooled = F.dropout((self.pooled(rows, alone) - self.centre) / self.spread, DROPOUT, self.training)
        return self.polarity(pooled), self.codes(pooled)


def batches(rows, shuffle):
    order = list(range(len(rows)))
    if not shuffle:
        order.sort(key=lambda i: len(rows[i]["ids"]))
        return [[rows[i] for i in order[k:k + BATCH]] for k in range(0, len(order), BATCH)]
    random.shuffle(order)
    out = []
    for at in range(0, len(order), BATCH * 20):
        # Texts of like length together, in batches of random order.
        part = sorted(order[at:at + BATCH * 20], key=lambda i: len(rows[i]["ids"]))
        out += [[rows[i] for i in part[k:k + BATCH]] for k in range(0, len(part), BATCH)]
    random.shuffle(out)
    return out


def figures(task, held, alone):
    task.eval()
    said, scores, rows = [], [], []
    with torch.no_grad():
        for batch in batches(held, False):
            polarity, codes = task(batch, [alone] * len(batch))
            said += polarity.argmax(1).tolist()
            scores += codes.tolist()
            rows += batch
    out = {}
    for group in sorted({row["group"] for row in rows}):
        mine = [i for i, row in enumerate(rows) if row["group"] == group]
        out[group] = round(100 * macro([rows[i]["y"] for i in mine], [said[i] for i in mine]), 1)
    mine = [i for i, row in enumerate(rows) if row["codes"]]
    for k, code in enumerate(CODES):
        out[code] = [round(100 * f1([rows[i]["codes"][k] > 0 for i in mine], [scores[i][k] > cut for i in mine]), 1) for cut in (-1, -0.5, 0)]
    task.train()
    return out


def save(task, path, facts):
    tensors = {}
    for name, value in task.encoder.adapter.items():
        layer, part, side = name.split("_")
        tensors[f"{layer}.{part}.w.{side}"] = value.detach().numpy().astype(np.float16)
    save_file(tensors, path, facts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default=os.path.join(model.HERE, "adapter.safetensors"))
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    random.seed(args.seed)
    train, held = read(args.inputs)
    shown = [row for row in train for _ in range(COMMENT_TWICE if row["codes"] else 1)]
    task = Task(args.rank)
    task.settle(random.sample(train, 1000))
    parameters = [*task.encoder.adapter.values(), *task.polarity.parameters(), *task.codes.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=args.rate, weight_decay=0.01)
    steps = args.epochs * math.ceil(len(shown) / BATCH)
    warm = steps // 10
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / warm) * (1 + math.cos(math.pi * step / steps)) / 2)
    with open(args.inputs, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    facts = {"seed": str(args.seed), "epochs": str(args.epochs), "rate": str(args.rate), "inputs_sha256": digest,
             "torch": torch.__version__, "trained": str(len(train)), "held_out": str(len(held))}
    print(facts, f"{steps} steps", flush=True)
    started, step = time.time(), 0
    for epoch in range(args.epochs):
        for rows in batches(shown, True):
            polarity, codes = task(rows, [random.random() < ALONE for _ in rows])
            loss = F.cross_entropy(polarity, torch.tensor([row["y"] for row in rows]), label_smoothing=SMOOTHING)
            mine = [i for i, row in enumerate(rows) if row["codes"]]
            if mine:
                gold = torch.tensor([rows[i]["codes"] for i in mine])
                loss = loss + F.binary_cross_entropy_with_logits(codes[mine], gold, reduction="sum") / len(rows)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            rate.step()
            step += 1
            if step % 50 == 0:
                print(f"step {step}/{steps} {time.time() - started:.0f} s loss {loss.item():.3f}", flush=True)
        print(f"epoch {epoch + 1}: in context {figures(task, held, False)}", flush=True)
        print(f"epoch {epoch + 1}: alone      {figures(task, held, True)}", flush=True)
        save(task, args.out, facts | {"epoch": str(epoch + 1)})


if __name__ == "__main__":
    sys.exit(main())
