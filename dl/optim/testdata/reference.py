"""Writes reference.json beside it: 10 steps of each optimizer as PyTorch takes them, on given gradients.

Parameters: Keras's defaults where modelbook has them (epsilon 1e-7, RMSprop's rho 0.9), given to PyTorch explicitly.

Made with PyTorch 1.13.1 (Debian 12), Python 3.11:  python3 reference.py
"""
import json, os
import torch

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)
start = torch.randn(7, dtype=torch.float32).double()
gradients = torch.randn(10, 7, dtype=torch.float32).double()


def flat(t):
    return [float("%.9g" % v) for v in t.detach().flatten().tolist()]


def steps(make, clip=None):
    p = start.clone().requires_grad_()
    o = make([p])
    path = []
    for g in gradients:
        p.grad = g.clone()
        if clip == "norm":
            torch.nn.utils.clip_grad_norm_([p], 1.5)
        if clip == "value":
            torch.nn.utils.clip_grad_value_([p], 0.5)
        o.step()
        path.append(flat(p))
    return path


O = torch.optim
paths = {
    "sgd": steps(lambda p: O.SGD(p, lr=0.1)),
    "sgd momentum": steps(lambda p: O.SGD(p, lr=0.1, momentum=0.9)),
    "sgd nesterov": steps(lambda p: O.SGD(p, lr=0.1, momentum=0.9, nesterov=True)),
    "sgd decay": steps(lambda p: O.SGD(p, lr=0.1, momentum=0.5, weight_decay=0.01)),
    "adam": steps(lambda p: O.Adam(p, lr=0.01, eps=1e-7)),
    "adam betas": steps(lambda p: O.Adam(p, lr=0.01, betas=(0.8, 0.95), eps=1e-3)),
    "adamw": steps(lambda p: O.AdamW(p, lr=0.01, eps=1e-7, weight_decay=0.004)),
    "rmsprop": steps(lambda p: O.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-7)),
    "rmsprop momentum": steps(lambda p: O.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-7, momentum=0.9)),
    "clip norm": steps(lambda p: O.SGD(p, lr=0.1), "norm"),
    "clip value": steps(lambda p: O.SGD(p, lr=0.1), "value"),
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.json"), "w") as out:
    json.dump({"made_with": "PyTorch " + torch.__version__, "start": flat(start), "gradients": [flat(g) for g in gradients],
               "paths": paths}, out, separators=(",", ":"))
    out.write("\n")
