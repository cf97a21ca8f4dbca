"""Suggestions of fastai's learning-rate finder for a curve, for findrate_test.go.

    python3 findrate.py > findrate.json

fastai is not installed here: its functions valley, steep and minimum (fastai/callback/schedule.py, version 2.7, Apache
licence) are written out in NumPy, with the trimming of lr_find.
"""
import json
import numpy as np


def valley(lrs, losses):
    n = len(losses)
    max_start, max_end = 0, 0
    lds = [1] * n
    for i in range(1, n):
        for j in range(0, i):
            if losses[i] < losses[j] and lds[i] < lds[j] + 1:
                lds[i] = lds[j] + 1
            if lds[max_end] < lds[i]:
                max_end = i
                max_start = max_end - lds[max_end]
    sections = (max_end - max_start) / 3
    return lrs[max_start + int(sections) + int(sections / 2)]


def steep(lrs, losses):
    grads = (losses[1:] - losses[:-1]) / (np.log(lrs[1:]) - np.log(lrs[:-1]))
    return lrs[grads.argmin()]


def minimum(lrs, losses):
    return lrs[losses.argmin()] / 10


rng = np.random.default_rng(3)
out = []
for n, stop in ((100, 100), (100, 83), (60, 60)):
    lrs = 1e-7 * (10 / 1e-7) ** (np.arange(n) / (n - 1))
    x = np.log10(lrs)
    raw = 2.3 - 1.6 / (1 + np.exp(-2.5 * (x + 2.5))) + np.exp(3 * (x - 0.2)) + rng.normal(0, 0.05, n)
    lrs, raw = lrs[:stop], raw[:stop]
    smooth, losses = 0.0, []
    for i, v in enumerate(raw):
        smooth = v + (smooth - v) * 0.98
        losses.append(smooth / (1 - 0.98 ** (i + 1)))
    losses = np.array(losses)
    a, b = lrs[stop // 10:-5], losses[stop // 10:-5]
    out.append({"rates": lrs.tolist(), "raw": raw.tolist(), "losses": losses.tolist(), "valley": valley(a, b), "steepest": steep(a, b),
                "minimum": minimum(a, b)})
print(json.dumps(out, separators=(",", ":")))
