"""Writes optimizers.json beside it: 12 steps of each optimizer on given gradients, of a matrix, a tall matrix and a vector.

Those that PyTorch has are PyTorch's, with modelbook's defaults given explicitly. Lion, LAMB, LARS, Ftrl and Muon are plain
NumPy scripts of the papers' algorithms (Ftrl: Keras's form; Muon: PyTorch 2.9's form, in float64), and so is
Lookahead, around optimizers of PyTorch.

Made with PyTorch 2.6.0 (Debian 13), Python 3.13:  python3 optimizers.py
"""
import json, os
import numpy as np
import torch

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)
SHAPES = [(2, 4), (3, 2), (3,)]
STEPS = 12
start = [torch.randn(*s, dtype=torch.float32).double() for s in SHAPES]
gradients = [[torch.randn(*s, dtype=torch.float32).double() for s in SHAPES] for _ in range(STEPS)]
gradients[3][2][0] = 0  # a value without a gradient
gradients[4][2][0] = 0


def flat(ts):
    return [float("%.9g" % v) for t in ts for v in np.asarray(t.detach() if torch.is_tensor(t) else t).flatten().tolist()]


def steps(make, schedule=None, slot=None):
    ps = [p.clone().requires_grad_() for p in start]
    o = make(ps)
    s = schedule(o) if schedule else None
    path = []
    for g in gradients:
        for p, d in zip(ps, g):
            p.grad = d.clone()
        o.step()
        if s:
            s.step()
        path.append(flat([o.state[p][slot] for p in ps] if slot else ps))
    return path


def script(step):
    """step(p, g, memory, t) returns the new p."""
    ps = [p.numpy().copy() for p in start]
    memory = [{} for _ in ps]
    path = []
    for t, g in enumerate(gradients):
        ps = [step(p, d.numpy(), m, t + 1) for p, d, m in zip(ps, g, memory)]
        path.append(flat(ps))
    return path


def moments(g, m, t, b1=0.9, b2=0.999):
    m["m"] = b1 * m.get("m", 0) + (1 - b1) * g
    m["v"] = b2 * m.get("v", 0) + (1 - b2) * g * g
    return m["m"] / (1 - b1**t), m["v"] / (1 - b2**t)


def lion(p, g, m, t, lr=0.01, b1=0.9, b2=0.99, decay=0.1):
    c = b1 * m.get("m", 0) + (1 - b1) * g
    m["m"] = b2 * m.get("m", 0) + (1 - b2) * g
    return p - lr * (np.sign(c) + decay * p)


def lamb(p, g, m, t, lr=0.01, eps=1e-7, decay=0.1):
    first, second = moments(g, m, t)
    r = first / (np.sqrt(second) + eps) + decay * p
    a, b = np.linalg.norm(p), np.linalg.norm(r)
    return p - lr * (a / b if a > 0 and b > 0 else 1) * r


def lars(p, g, m, t, lr=0.5, momentum=0.9, trust=0.01, decay=0.1, eps=1e-8):
    a, b = np.linalg.norm(p), np.linalg.norm(g)
    local = trust * a / (b + decay * a + eps) if a > 0 and b > 0 else 1
    m["v"] = momentum * m.get("v", 0) + local * (g + decay * p)
    return p - lr * m["v"]


def ftrl(p, g, m, t, lr=0.1, power=-0.5, l1=0.05, l2=0.01, beta=0.1, shrinkage=0.02):
    n = m.get("n", np.full_like(p, 0.1))
    new = n + g * g
    m["z"] = m.get("z", 0) + g + 2 * shrinkage * p - (new**-power - n**-power) / lr * p
    m["n"] = new
    quadratic = new**-power / lr + 2 * (l2 + beta / (2 * lr))
    return (np.clip(m["z"], -l1, l1) - m["z"]) / quadratic


def muon(p, g, m, t, lr=0.02, momentum=0.95, decay=0.1):
    if p.ndim < 2:  # AdamW with Keras's defaults
        first, second = moments(g, m, t)
        return p * (1 - lr * decay) - lr * first / (np.sqrt(second) + 1e-7)
    m["m"] = momentum * m.get("m", 0) + (1 - momentum) * g
    x = (1 - momentum) * g + momentum * m["m"]
    x = x / (np.linalg.norm(x) + 1e-7)
    x = x if x.shape[0] <= x.shape[1] else x.T
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    x = x if p.shape[0] <= p.shape[1] else x.T
    return p * (1 - lr * decay) - lr * max(1, p.shape[1] / p.shape[0]) ** 0.5 * x


O = torch.optim
paths = {
    "SGD decoupled": steps(lambda p: O.SGD(p, lr=0.1, momentum=0.9)),  # with p *= 1 - lr*decay before it, below
    "Adam amsgrad": steps(lambda p: O.Adam(p, lr=0.01, eps=1e-7, amsgrad=True)),
    "AdamW amsgrad": steps(lambda p: O.AdamW(p, lr=0.01, eps=1e-7, weight_decay=0.1, betas=(0.8, 0.9), amsgrad=True)),
    "RMSprop centered": steps(lambda p: O.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-7, centered=True)),
    "RMSprop centered momentum": steps(lambda p: O.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-7, centered=True, momentum=0.9, weight_decay=0.1)),
    "RMSprop decay": steps(lambda p: O.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-7, weight_decay=0.1)),
    "Adamax": steps(lambda p: O.Adamax(p, lr=0.01, eps=1e-7)),
    "Adamax decay": steps(lambda p: O.Adamax(p, lr=0.01, eps=1e-7, weight_decay=0.1)),
    "NAdam": steps(lambda p: O.NAdam(p, lr=0.01, eps=1e-7)),
    "NAdam decay": steps(lambda p: O.NAdam(p, lr=0.01, eps=1e-7, weight_decay=0.1, momentum_decay=0.1)),
    "NAdam decoupled": steps(lambda p: O.NAdam(p, lr=0.01, eps=1e-7, weight_decay=0.1, decoupled_weight_decay=True)),
    "RAdam": steps(lambda p: O.RAdam(p, lr=0.01)),
    "RAdam decay": steps(lambda p: O.RAdam(p, lr=0.01, weight_decay=0.1, betas=(0.8, 0.9))),
    "RAdam decoupled": steps(lambda p: O.RAdam(p, lr=0.01, weight_decay=0.1, decoupled_weight_decay=True)),
    "Adagrad": steps(lambda p: O.Adagrad(p, lr=0.1, initial_accumulator_value=0.1, eps=1e-7)),
    "Adagrad decay": steps(lambda p: O.Adagrad(p, lr=0.1, eps=1e-10, weight_decay=0.1, lr_decay=0.2)),
    "Adadelta": steps(lambda p: O.Adadelta(p, lr=1, rho=0.95, eps=1e-7)),
    "Adadelta decay": steps(lambda p: O.Adadelta(p, lr=0.5, rho=0.9, eps=1e-6, weight_decay=0.1)),
    "ASGD": steps(lambda p: O.ASGD(p, lr=0.1)),
    "ASGD averaging": steps(lambda p: O.ASGD(p, lr=0.1, lambd=0.01, alpha=0.5, t0=2, weight_decay=0.1)),
    "ASGD averages": steps(lambda p: O.ASGD(p, lr=0.1, lambd=0.01, alpha=0.5, t0=2, weight_decay=0.1), slot="ax"),
    "Rprop": steps(lambda p: O.Rprop(p, lr=0.01)),
    "Rprop bounds": steps(lambda p: O.Rprop(p, lr=0.01, etas=(0.3, 1.5), step_sizes=(0.005, 0.02))),
    "Adafactor": steps(lambda p: O.Adafactor(p, lr=0.1)),
    "Adafactor decay": steps(lambda p: O.Adafactor(p, lr=0.3, beta2_decay=-0.5, eps=(1e-3, 1e-2), d=1.5, weight_decay=0.1)),
    "Lion": script(lion),
    "LAMB": script(lamb),
    "LARS": script(lars),
    "Ftrl": script(ftrl),
    "Muon": script(muon),
}


def sgdw():
    ps = [p.clone().requires_grad_() for p in start]
    o = O.SGD(ps, lr=0.1, momentum=0.9)
    path = []
    for g in gradients:
        for p, d in zip(ps, g):
            p.grad = d.clone()
            p.data.mul_(1 - 0.1 * 0.2)
        o.step()
        path.append(flat(ps))
    return path


paths["SGD decoupled"] = sgdw()


def lookahead(make, every=5, share=0.5):
    """The algorithm of Zhang et al., 2019, around an optimizer of PyTorch."""
    ps = [p.clone().requires_grad_() for p in start]
    slow = [p.clone() for p in start]
    o = make(ps)
    path = []
    for t, g in enumerate(gradients):
        for p, d in zip(ps, g):
            p.grad = d.clone()
        o.step()
        if (t + 1) % every == 0:
            for p, s in zip(ps, slow):
                s += share * (p.data - s)
                p.data.copy_(s)
        path.append(flat(ps))
    return path


paths["Lookahead"] = lookahead(lambda p: O.Adam(p, lr=0.01, eps=1e-7))
paths["Lookahead of SGD"] = lookahead(lambda p: O.SGD(p, lr=0.1, momentum=0.9), 3, 0.8)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "optimizers.json"), "w") as out:
    json.dump({"made_with": "PyTorch " + torch.__version__, "shapes": SHAPES, "start": flat(start),
               "gradients": [flat(g) for g in gradients], "paths": paths}, out, separators=(",", ":"))
    out.write("\n")
