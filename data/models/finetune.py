#!/usr/bin/env python3
"""Trains adapter.safetensors: low-rank adapters on the encoder, for sentiment and for the codes, and the cues.

usage: finetune.py INPUTS.jsonl [--members 4] [--epochs 3] [--rank 32] [--rate 4e-4] [--seed 1] [--from FILE] [--out adapter.safetensors]
needs: pip install torch==2.15.0 numpy safetensors

INPUTS.jsonl comes from `cargo run --example encoder_inputs -- data/training/comments.jsonl data/training/posts.jsonl UMSAB.jsonl`:
lines with `ids`, `own` and `marked` (places of the tokens that carry a code), and either `umsab` (a language), `sentiment` and `reading` (a second
label), or `polarity`, `held_out` and those of the codes and `irony` that are known. Rows with `held_out` 1, and every tenth row
of UMSAB, are never trained on: the figures printed at the end are theirs.

What reads the token states and trains them:
- sentiment: their mean, against the annotator's label and the second reading together (a softer target than the label alone:
  annotators of tweets often disagree); one linear layer for all and one more for each group of rows, since each was
  coded by other people with other habits; thrown away afterwards (`causerie train` fits what ships);
- irony and codes: their mean, thrown away too;
- cues: each token, for irony and each code: whether a reader marked it; and, by its strongest run of three tokens, whether the comment
  carries the code. The cues ship with the adapters.

Several members learn side by side, each from its own start and in its own order; what they add to the weights is averaged (Wortsman et al.
2022, *Model soups*) and cut back to the rank (singular values). What the cut loses, a short second run wins back (`--from` the file of the
first, one member, part of an epoch; rebuild.sh has both). All members are one stack of matrices, so that a GPU has something
to do: four minutes there, hours on two cores; the second run takes a quarter of an hour on two cores. The order of sums differs between machines, so a second run gives other adapters of
the same quality, not the same bytes.
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
from safetensors import safe_open
from safetensors.numpy import save_file

import model

POLARITY = {"negative": 0, "neutral": 1, "positive": 2}
CODES = ("distrust", "fraud_speculation", "data_pricing", "irony")
PARTS = ("q", "k", "v", "ao", "fi", "fo")
WIDTH = 384
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
# How much faster the heads learn (all but the cues from nothing) on adapters that are there already.
AHEAD = 8


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


class Rows:
    """All rows as tensors, with what is known of each."""

    def __init__(self, path, device):
        with open(path, encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        n, tweets = len(rows), 0
        self.group, self.is_held = [], []
        ids, marked = np.zeros((n, LONGEST), np.int64), np.zeros((n, LONGEST, len(CODES)), np.float16)
        labels, targets, codes, known = [], [], [], []
        for at, row in enumerate(rows):
            row["ids"], row["own"] = row["ids"][:LONGEST], min(row["own"], LONGEST)
            ids[at, :len(row["ids"])] = row["ids"]
            for k, code in enumerate(CODES):
                marked[at, [place for place in row["marked"].get(code, []) if place < row["own"]], k] = 1
            if "umsab" in row:
                held, tweets = tweets % 10 == 9, tweets + 1
                self.group.append(row["umsab"])
            else:
                held = row["held_out"] == 1
                self.group.append("comments" if "thread_id" in row else "posts")
            self.is_held.append(held)
            labels.append(POLARITY[row["sentiment" if "umsab" in row else "polarity"]])
            targets.append(target(labels[-1], row.get("reading")))
            known.append([row.get(code) is not None for code in CODES])
            codes.append([float(row.get(code) or 0) for code in CODES])
        self.groups = sorted(set(self.group))
        self.lengths = [len(row["ids"]) for row in rows]
        to = lambda values, kind: torch.as_tensor(np.asarray(values, kind)).to(device)
        self.ids, self.marked = to(ids, np.int64), to(marked, np.float16)
        self.length, self.own = to(self.lengths, np.int64), to([row["own"] for row in rows], np.int64)
        self.habit = to([self.groups.index(group) for group in self.group], np.int64)
        self.label, self.target = to(labels, np.int64), to(targets, np.float32)
        self.code, self.known = to(codes, np.float32), to(known, np.float32)

    def train(self):
        return [at for at, held in enumerate(self.is_held) if not held]

    def held(self):
        return [at for at, held in enumerate(self.is_held) if held]


class Members(model.Encoder):
    """`count` networks side by side over the same frozen weights: each tensor of theirs has the member first."""

    def __init__(self, count, rank, groups, device):
        super().__init__(device=device)
        self.count, self.device = count, device
        new = lambda value: torch.nn.Parameter(value.to(device))
        self.a, self.b = torch.nn.ParameterDict(), torch.nn.ParameterDict()
        for layer in range(self.layers):
            for part in PARTS:
                rows, columns = self.w[f"l{layer}.{part}.w"].shape
                self.a[f"l{layer}_{part}"] = new(torch.randn(count, rank, columns) / math.sqrt(columns))
                self.b[f"l{layer}_{part}"] = new(torch.zeros(count, rows, rank))
        self.head = torch.nn.ParameterDict({
            "polarity": new(torch.zeros(count, WIDTH + 1, 3)),
            "habits": new(torch.zeros(count, groups, WIDTH + 1, 3)),
            "codes": new(torch.zeros(count, WIDTH + 1, len(CODES))),
            "cues": new(torch.cat([torch.zeros(count, WIDTH, len(CODES)), torch.full((count, 1, len(CODES)), -2.5)], 1)),
            "told": new(torch.tensor([[1.0] * len(CODES), [0.0] * len(CODES)])[None].repeat(count, 1, 1)),
        })
        self.centre, self.spread = torch.zeros(WIDTH, device=device), torch.ones(WIDTH, device=device)

    def linear(self, x, name):
        a, b = (side[name.replace(".", "_")].transpose(1, 2) for side in (self.a, self.b))
        added = x.reshape(self.count, -1, x.shape[-1]) @ a @ b
        return super().linear(x, name) + added.view(*x.shape[:-1], -1)

    def drop(self, x):
        """Dropout of the same numbers in all tokens of a text: as good here, and quicker."""
        if not self.training:
            return x
        return x * F.dropout(torch.ones(x.shape[0], 1, x.shape[2], device=x.device), DROPOUT)

    def read(self, rows, at, alone):
        """Token states, the mean of the text's own, and which are its own, of the rows `at` (members, rows)."""
        n, longest = at.shape[1], max(rows.lengths[i] for i in set(at.flatten().tolist()))
        lengths = torch.where(alone, rows.own[at], rows.length[at])
        with torch.autocast(self.device, torch.bfloat16, enabled=self.device != "cpu"):
            states = self.states(rows.ids[at][:, :, :longest].flatten(0, 1), lengths.flatten())
        states = states.float().view(self.count, n, longest, WIDTH)
        own = (torch.arange(longest, device=self.device) < rows.own[at][:, :, None]).float()[..., None]
        return states, (states * own).sum(2) / own.sum(2), own

    def forward(self, rows, at, alone):
        """Scores of the sentiment, of the codes by the mean, of the codes by cues, and of each token; and which tokens are the text's own."""
        states, pooled, own = self.read(rows, at, alone)
        pooled = F.dropout((pooled - self.centre) / self.spread, DROPOUT, self.training)
        score = lambda x, head: x @ head[..., :-1, :] + head[..., -1:, :]
        member = torch.arange(self.count, device=self.device)[:, None]
        habits = score(pooled[:, :, None], self.head["habits"][member, rows.habit[at]])[:, :, 0]
        cues = score(states, self.head["cues"][:, None])
        runs = cues.masked_fill(own == 0, -8.0).flatten(0, 1).transpose(1, 2)
        runs = F.avg_pool1d(runs, RUN, 1, RUN // 2, count_include_pad=False).amax(2).view(self.count, -1, len(CODES))
        told = runs * self.head["told"][:, :1] + self.head["told"][:, 1:]
        return score(pooled, self.head["polarity"]) + habits, score(pooled, self.head["codes"]), told, cues, own

    def load(self, path):
        """Starts all members from the adapters and cues of a file."""
        with safe_open(path, "pt") as file, torch.no_grad():
            for key in self.b:
                for name, side in (("a", self.a), ("b", self.b)):
                    side[key].copy_(file.get_tensor(f"{key.replace('_', '.')}.w.{name}"))
            self.head["cues"].copy_(torch.cat([file.get_tensor("cues.w").T, file.get_tensor("cues.b")[None]]))

    def soup(self, rank, groups):
        """One network of the members' mean, with adapters of this rank, in the precision they are stored in."""
        one = Members(1, rank, groups, self.device)
        with torch.no_grad():
            for key in self.b:
                u, s, v = torch.linalg.svd((self.b[key] @ self.a[key]).mean(0))
                root = s[:rank].sqrt()
                one.a[key][0] = (root[:, None] * v[:rank]).half()
                one.b[key][0] = (u[:, :rank] * root).half()
            for key, value in self.head.items():
                one.head[key].copy_(value.mean(0, keepdim=True))
        one.centre, one.spread = self.centre, self.spread
        return one


def batches(rows, pool, count):
    """`count` batches, texts of like length together."""
    random.shuffle(pool)
    pool, out = pool[:count * BATCH], []
    for at in range(0, len(pool), BATCH * 20):
        part = sorted(pool[at:at + BATCH * 20], key=lambda i: rows.lengths[i])
        out += [part[k:k + BATCH] for k in range(0, len(part), BATCH)]
    return out


def predictions(members, rows, at, alone=False):
    """Probabilities of the sentiment (members, rows, 3), and of the codes by the mean and by cues (members, rows, 8), of rows in this order."""
    members.eval()
    at = sorted(at, key=lambda i: rows.lengths[i])
    polarity, codes = (np.zeros((members.count, len(rows.lengths), width), np.float32) for width in (3, 2 * len(CODES)))
    with torch.no_grad():
        for k in range(0, len(at), 128):
            part = torch.tensor(at[k:k + 128], device=members.device).expand(members.count, -1)
            by_group, mean, told, _, _ = members(rows, part, torch.full(part.shape, alone, device=members.device))
            polarity[:, at[k:k + 128]] = by_group.softmax(-1).cpu().numpy()
            codes[:, at[k:k + 128]] = torch.cat([mean, told], -1).sigmoid().cpu().numpy()
    members.train()
    return polarity, codes


def f1(gold, said):
    return float(2 * (gold & said).sum() / max(1, gold.sum() + said.sum()))


def figures(rows, at, polarity, codes):
    """Macro-F1 of the sentiment by group; F1 of the codes by the mean, by cues and by both, each at its best cut of three."""
    out, at = {}, np.array(at)
    labels, group = rows.label.cpu().numpy(), np.array(rows.group)
    for name in rows.groups:
        mine = at[group[at] == name]
        said = polarity[mine].argmax(1)
        out[name] = round(100 * sum(f1(labels[mine] == c, said == c) for c in range(3)) / 3, 1) if len(mine) else None
    mine = at[group[at] == "comments"]
    gold, (mean, told) = rows.code.cpu().numpy()[mine] > 0, np.split(codes[mine], 2, axis=1)
    for k, code in enumerate(CODES):
        ways = {"mean": mean, "cues": told, "both": (mean + told) / 2}
        out[code] = {way: round(100 * max(f1(gold[:, k], by[:, k] > cut) for cut in (.25, .35, .5)), 1) for way, by in ways.items()}
    return out


def train(members, rows, args):
    """Each member learns from all rows to train on, in its own order."""
    pool, started, step = rows.train(), time.time(), 0
    steps_an_epoch = len(pool) // BATCH
    steps = int(args.epochs * steps_an_epoch)
    with torch.no_grad():
        # The vectors of the untrained encoder lie close together: they are centred.
        members.eval()
        pooled = []
        for part in torch.tensor(random.sample(pool, min(1000, len(pool))), device=members.device).split(50):
            at = part.expand(members.count, -1)
            pooled.append(members.read(rows, at, torch.zeros_like(at, dtype=torch.bool))[1][0])
        members.centre, members.spread = torch.cat(pooled).mean(0), torch.cat(pooled).std(0)
    members.train()
    # Most heads start from nothing on adapters that are there already: these must not follow them.
    groups = [{"params": [*members.a.values(), *members.b.values()], "lr": args.rate},
              {"params": list(members.head.values()), "lr": args.rate * (AHEAD if args.start else 1)}]
    parameters = [parameter for group in groups for parameter in group["params"]]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    falling = lambda step: (1 + math.cos(math.pi * step / steps)) / 2
    warmed = lambda step: min(1, (step + 1) / max(1, steps // 10)) * falling(step)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, [warmed, falling if args.start else warmed])
    crossed = lambda score, gold: F.binary_cross_entropy_with_logits(score, gold, reduction="none")
    for _ in range(math.ceil(args.epochs)):
        orders = [batches(rows, list(pool), steps_an_epoch) for _ in range(members.count)]
        for place in random.sample(range(steps_an_epoch), min(steps_an_epoch, steps - step)):
            at = torch.tensor([order[place] for order in orders], device=members.device)
            polarity, codes, told, cues, own = members(rows, at, torch.rand(at.shape, device=members.device) < ALONE)
            gold, marked = rows.code[at], rows.marked[at][:, :, :own.shape[2]].float()
            known = rows.known[at]
            tokens = (crossed(cues, marked) * own * known[:, :, None]).sum((2, 3)) / own.sum((2, 3))
            of_codes = ((crossed(codes, gold) + crossed(told, gold) / 2) * known).sum(2) + tokens
            loss = (F.cross_entropy(polarity.flatten(0, 1), rows.target[at].flatten(0, 1), reduction="sum") + of_codes.sum()) / BATCH
            optimiser.zero_grad()
            loss.backward()
            # Each member's gradient is clipped by itself.
            norms = sum(p.grad.flatten(1).square().sum(1) for p in parameters).sqrt()
            for p in parameters:
                p.grad *= (1 / norms.clamp(min=1)).view(-1, *[1] * (p.dim() - 1))
            optimiser.step()
            schedule.step()
            step += 1
            if step % 50 == 0:
                print(f"step {step}/{steps} {time.time() - started:.0f} s loss {loss.item() / members.count:.3f}", flush=True)


def digested(path):
    """SHA-256 of a file, nothing of none."""
    if not path:
        return ""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def save(one, path, facts):
    tensors = {}
    for key in one.b:
        name = key.replace("_", ".") + ".w"
        tensors[name + ".a"], tensors[name + ".b"] = (side[key][0].detach().cpu().numpy().astype(np.float16) for side in (one.a, one.b))
    cues = one.head["cues"][0].detach().cpu().numpy().astype(np.float32)
    tensors["cues.w"], tensors["cues.b"] = np.ascontiguousarray(cues[:-1].T), cues[-1]
    save_file(tensors, path, facts | {"cues": ",".join(CODES)})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs")
    parser.add_argument("--members", type=int, default=4)
    parser.add_argument("--epochs", type=float, default=3)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="start", help="adapters to go on with")
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "adapter.safetensors"))
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    random.seed(args.seed)
    torch.set_float32_matmul_precision("high")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    rows = Rows(args.inputs, device)
    held = rows.held()
    facts = {name: str(getattr(args, name)) for name in ("seed", "rank", "members", "epochs", "rate")}
    facts |= {"from": digested(args.start), "inputs_sha256": digested(args.inputs), "torch": torch.__version__,
              "trained": str(len(rows.train())), "held_out": str(len(held))}
    print(facts, device, flush=True)
    members = Members(args.members, args.rank, len(rows.groups), device)
    if args.start:
        members.load(args.start)
    train(members, rows, args)
    polarity, codes = predictions(members, rows, held)
    for k in range(args.members):
        print(f"member {k + 1}: {figures(rows, held, polarity[k], codes[k])}", flush=True)
    print(f"their mean prediction: {figures(rows, held, polarity.mean(0), codes.mean(0))}", flush=True)
    one = members.soup(args.rank, len(rows.groups))
    for name, alone in (("in context", False), ("alone", True)):
        polarity, codes = predictions(one, rows, held, alone)
        print(f"what ships, {name}: {figures(rows, held, polarity[0], codes[0])}", flush=True)
    save(one, args.out, facts)


if __name__ == "__main__":
    sys.exit(main())
