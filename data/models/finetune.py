#!/usr/bin/env python3
"""Trains adapter.safetensors: low-rank adapters on the encoder's upper layers, for sentiment and for the codes, and the cues.

usage: finetune.py INPUTS.jsonl [--epochs 3] [--rank 16] [--first 4] [--rate 4e-4] [--seed 1] [--out adapter.safetensors]
needs: pip install torch==2.15.0 numpy safetensors

INPUTS.jsonl comes from `cargo run --example encoder_inputs -- data/training/comments.jsonl UMSAB.jsonl`: lines
with `ids`, `own`, and either `sentiment` (UMSAB, the train sets of six languages) with `reading` (a second label) or `polarity`, `irony`, the codes and `marked`
(places of the tokens that carry them). Rows with `held_out` 1, and every tenth row of UMSAB, are never trained on: the figures
printed after each epoch are theirs.

What reads the token states and trains them:
- sentiment: their mean, against the annotator's label and the second reading together (a softer target than the label alone:
  annotators of tweets often disagree); one linear layer for all and one more for each language of UMSAB and for comments, since each was
  coded by other people with other habits; thrown away afterwards (`causerie train` fits what ships);
- irony and codes: their mean, thrown away too;
- cues: each token, for irony and each code: whether a reader marked it; and, by its strongest run of three tokens, whether the comment
  carries the code. The cues ship with the adapters.

The layers below `--first` stay as published, so their states are computed once. A run takes about three quarters of an hour on
two cores; the order of sums differs between machines, so a second run gives other adapters of the same quality, not the same bytes.
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
LONGEST = 160
DROPOUT = 0.1
SMOOTHING = 0.1
READ = {"n": 0, "0": 1, "p": 2}
# What the annotator's label counts beside the second reading. What a reading says of the label it names alone, of those it names first and
# second, and of any other.
LABEL = 0.6
ALONE_NAMED, FIRST, SECOND, OTHER = 0.86, 0.55, 0.38, 0.07
# How often a comment is shown without its context, so that texts without one are read as well.
ALONE = 0.2
# Tokens in a run of cues.
RUN = 3


def target(label, reading):
    """Probabilities of the three classes."""
    if not reading:
        return [1 - SMOOTHING + SMOOTHING / 3 if at == label else SMOOTHING / 3 for at in range(3)]
    said = [OTHER] * 3
    if len(reading) == 1:
        said[READ[reading]] = ALONE_NAMED
    else:
        said[READ[reading[0]]], said[READ[reading[1]]] = FIRST, SECOND
    return [LABEL * (at == label) + (1 - LABEL) * share for at, share in enumerate(said)]


def read(path):
    train, held = [], []
    tweet = 0
    with open(path, encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if "sentiment" in row:
                row["y"], row["codes"], row["group"] = POLARITY[row["sentiment"]], None, row["umsab"]
                hold, tweet = tweet % 10 == 9, tweet + 1
            else:
                row["y"], row["codes"], row["group"] = POLARITY[row["polarity"]], [float(row[c]) for c in CODES], "comments"
                hold = row["held_out"] == 1
            row["target"] = target(row["y"], row.get("reading"))
            row["ids"], row["own"] = row["ids"][:LONGEST], min(row["own"], LONGEST)
            (held if hold else train).append(row)
    return train, held


def f1(gold, said):
    hit = sum(g and s for g, s in zip(gold, said))
    return 2 * hit / max(1, sum(gold) + sum(said))


def macro(gold, said):
    return sum(f1([g == c for g in gold], [s == c for s in said]) for c in range(3)) / 3


class Task(torch.nn.Module):
    def __init__(self, rank, first, groups):
        super().__init__()
        self.encoder = model.Encoder(rank=rank, first=first, dropout=DROPOUT)
        width = 384
        self.groups = {group: at for at, group in enumerate(groups)}
        self.polarity = torch.nn.Linear(width, 3)
        self.habits = torch.nn.Parameter(torch.zeros(len(groups), 3, width + 1))
        self.codes = torch.nn.Linear(width, len(CODES))
        self.cues = torch.nn.Linear(width, len(CODES))
        self.told = torch.nn.Parameter(torch.tensor([[1.0] * len(CODES), [0.0] * len(CODES)]))
        for head in (self.polarity, self.codes, self.cues):
            torch.nn.init.zeros_(head.weight)
        torch.nn.init.constant_(self.cues.bias, -2.5)
        self.centre, self.spread = torch.zeros(width), torch.ones(width)

    def below(self, rows):
        """The states that no adapter changes, in half precision, with context and without."""
        with torch.no_grad():
            for key in ("states", "states_alone"):
                wanted = [row for row in rows if key == "states" or row["own"] < len(row["ids"])]
                for batch in batches(wanted, False):
                    ids = [row["ids"] if key == "states" else row["ids"][:row["own"]] for row in batch]
                    x, mask = self.encoder.embedded(ids)
                    x = self.encoder.through(x, mask, range(self.encoder.first))
                    for row, states, own in zip(batch, x, ids):
                        row[key] = states[:len(own)].half()

    def settle(self, rows):
        """Centres the vectors of the untrained encoder: all of them lie close together."""
        with torch.no_grad():
            pooled = torch.cat([self.read(batch, [False] * len(batch))[1] for batch in batches(rows, False)])
        self.centre, self.spread = pooled.mean(0), pooled.std(0)

    def read(self, rows, alone):
        """Token states, the mean of the text's own, and which are its own."""
        parts = [row.get("states_alone", row["states"]) if single else row["states"] for row, single in zip(rows, alone)]
        x = torch.nn.utils.rnn.pad_sequence(parts, batch_first=True).float()
        length, own = torch.tensor([len(part) for part in parts]), torch.tensor([row["own"] for row in rows])
        places = torch.arange(x.shape[1])[None]
        states = self.encoder.through(x, places < length[:, None], range(self.encoder.first, self.encoder.layers))
        mask = places < own[:, None]
        return states, (states * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True), mask

    def forward(self, rows, alone):
        """Scores of the sentiment, of the codes by the mean, of the codes by cues, and of each token."""
        states, pooled, mask = self.read(rows, alone)
        pooled = F.dropout((pooled - self.centre) / self.spread, DROPOUT, self.training)
        group = self.habits[torch.tensor([self.groups[row["group"]] for row in rows])]
        polarity = self.polarity(pooled) + (group[:, :, :-1] @ pooled[:, :, None])[:, :, 0] + group[:, :, -1]
        cues = self.cues(states)
        runs = F.avg_pool1d(cues.masked_fill(~mask[:, :, None], -8.0).transpose(1, 2), RUN, 1, RUN // 2, count_include_pad=False)
        told = runs.amax(2) * self.told[0] + self.told[1]
        return polarity, self.codes(pooled), told, cues, mask


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
            polarity, codes, told, _, _ = task(batch, [alone] * len(batch))
            said += polarity.argmax(1).tolist()
            scores += torch.stack([codes, told, (codes + told) / 2], 1).tolist()
            rows += batch
    out = {}
    for group in sorted({row["group"] for row in rows}):
        mine = [i for i, row in enumerate(rows) if row["group"] == group]
        out[group] = round(100 * macro([rows[i]["y"] for i in mine], [said[i] for i in mine]), 1)
    mine = [i for i, row in enumerate(rows) if row["codes"]]
    for k, code in enumerate(CODES):
        best = lambda way: max(f1([rows[i]["codes"][k] > 0 for i in mine], [scores[i][way][k] > cut for i in mine]) for cut in (-1, -.5, 0))
        out[code] = {name: round(100 * best(way), 1) for way, name in enumerate(("mean", "cues", "both"))}
    task.train()
    return out


def save(task, path, facts):
    tensors = {}
    for name, value in task.encoder.adapter.items():
        layer, part, side = name.split("_")
        tensors[f"{layer}.{part}.w.{side}"] = value.detach().numpy().astype(np.float16)
    tensors["cues.w"], tensors["cues.b"] = (p.detach().numpy().astype(np.float32) for p in (task.cues.weight, task.cues.bias))
    save_file(tensors, path, facts | {"cues": ",".join(CODES)})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--first", type=int, default=4)
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default=os.path.join(model.HERE, "adapter.safetensors"))
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    random.seed(args.seed)
    train, held = read(args.inputs)
    task = Task(args.rank, args.first, sorted({row["group"] for row in train}))
    started, step = time.time(), 0
    task.below(train + held)
    print(f"lower layers {time.time() - started:.0f} s", flush=True)
    task.settle(random.sample(train, 1000))
    parameters = [parameter for parameter in task.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=args.rate, weight_decay=0.01)
    steps = args.epochs * math.ceil(len(train) / BATCH)
    warm = steps // 10
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / warm) * (1 + math.cos(math.pi * step / steps)) / 2)
    with open(args.inputs, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    facts = {"seed": str(args.seed), "epochs": str(args.epochs), "rate": str(args.rate), "inputs_sha256": digest,
             "torch": torch.__version__, "trained": str(len(train)), "held_out": str(len(held))}
    print(facts, f"{steps} steps", flush=True)
    for epoch in range(args.epochs):
        for rows in batches(train, True):
            polarity, codes, told, cues, mask = task(rows, [random.random() < ALONE for _ in rows])
            loss = F.cross_entropy(polarity, torch.tensor([row["target"] for row in rows]))
            mine = [i for i, row in enumerate(rows) if row["codes"]]
            if mine:
                gold = torch.tensor([rows[i]["codes"] for i in mine])
                marked = torch.zeros(len(mine), mask.shape[1], len(CODES))
                for at, i in enumerate(mine):
                    for k, code in enumerate(CODES):
                        marked[at, [place for place in rows[i]["marked"].get(code, []) if place < rows[i]["own"]], k] = 1.0
                own = mask[mine].float()[:, :, None]
                tokens = F.binary_cross_entropy_with_logits(cues[mine], marked, reduction="none") * own
                loss = loss + (F.binary_cross_entropy_with_logits(codes[mine], gold, reduction="sum")
                               + F.binary_cross_entropy_with_logits(told[mine], gold, reduction="sum") / 2
                               + (tokens.sum(1) / own.sum(1)).sum()) / len(rows)
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
