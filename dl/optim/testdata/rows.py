"""Writes rows.json beside it: the table of an embedding after each of 12 steps of the optimizers that PyTorch gives
gradients of rows (sparse=True). The gradient of a step is that of the sum of all looked up values times u.

Made with PyTorch 2.6.0 (Debian 13), Python 3.13:  python3 rows.py
"""
import json, os
import torch
import torch.nn.functional as F

torch.manual_seed(3)
ROWS, COLUMNS, STEPS, LENGTH = 40, 3, 12, 3
start = torch.randn(ROWS, COLUMNS)
tokens = torch.randint(0, 10, (STEPS, LENGTH)) * 4
tokens[2] = tokens[2, 0]  # one row, three times
u = torch.randn(STEPS, LENGTH, COLUMNS)


def steps(make):
    p = start.clone().requires_grad_()
    o, path = make([p]), []
    for t, g in zip(tokens, u):
        o.zero_grad()
        (F.embedding(t, p, sparse=True) * g).sum().backward()
        o.step()
        path.append([float("%.9g" % v) for v in p.detach().flatten().tolist()])
    return path[:3] + path[-1:]


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "rows.json"), "w") as out:
    json.dump({"start": start.flatten().tolist(), "tokens": tokens.tolist(), "u": u.tolist(), "after": [1, 2, 3, STEPS], "paths": {
        "SGD": steps(lambda p: torch.optim.SGD(p, lr=0.1)),
        "Adagrad": steps(lambda p: torch.optim.Adagrad(p, lr=0.1, initial_accumulator_value=0.1, eps=1e-7)),
        "Adam lazy": steps(lambda p: torch.optim.SparseAdam(p, lr=0.01, eps=1e-7)),
    }}, out, separators=(",", ":"))
