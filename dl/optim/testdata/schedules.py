"""Writes schedules.json beside it: the factors of the learning rate in 40 steps, by PyTorch's schedulers.

Keras's schedules (inverse time, polynomial with cycles, restarts with shrinking, piecewise) are the formulas of its
sources in NumPy; PyTorch has none of these forms.

Made with PyTorch 2.6.0 (Debian 13), Python 3.13:  python3 schedules.py
"""
import json, math, os
import torch
from torch.optim import lr_scheduler as S

STEPS = 40


def run(make, rate=1.0):
    p = torch.zeros(1, requires_grad=True)
    o = torch.optim.SGD([p], lr=rate, momentum=0.9)
    s = make(o)
    out = []
    for _ in range(STEPS):
        out.append(float("%.12g" % o.param_groups[0]["lr"]))
        o.step()
        s.step()
    return out


def keras_polynomial(t, steps=7, end=0.1, power=2):
    n = steps * (1 if t == 0 else math.ceil(t / steps))
    return (1 - end) * (1 - t / n) ** power + end


def keras_restarts(t, first=5, t_mul=2.0, m_mul=0.8, alpha=0.1):
    done = t / first
    i = math.floor(math.log(1 - done * (1 - t_mul)) / math.log(t_mul))
    r = (1 - t_mul**i) / (1 - t_mul)
    done = (done - r) / t_mul**i
    return (1 - alpha) * 0.5 * m_mul**i * (1 + math.cos(math.pi * done)) + alpha


paths = {
    "Step": run(lambda o: S.StepLR(o, 7, 0.5)),
    "MultiStep": run(lambda o: S.MultiStepLR(o, [3, 4, 20], 0.3)),
    "Exponential": run(lambda o: S.ExponentialLR(o, 0.9)),
    "Cosine": [0.1 + 0.9 * (1 + math.cos(math.pi * min(t / 30, 1))) / 2 for t in range(STEPS)],
    "Polynomial": run(lambda o: S.PolynomialLR(o, 25, 2.0)),
    "Polynomial cycle": [keras_polynomial(t) for t in range(STEPS)],
    "InverseTime": [1 / (1 + 0.5 * t / 4) for t in range(STEPS)],
    "InverseTime staircase": [1 / (1 + 0.5 * (t // 4)) for t in range(STEPS)],
    "InverseRoot": run(lambda o: S.LambdaLR(o, lambda t: min((t + 1) / 10, (10 / (t + 1)) ** 0.5))),
    "Piecewise": [1 if t <= 5 else 0.5 if t <= 10 else 0.1 for t in range(STEPS)],
    "Linear": run(lambda o: S.LinearLR(o, 0.25, 0.75, 10)),
    "Constant": run(lambda o: S.ConstantLR(o, 0.25, 10)),
    "CosineRestarts": run(lambda o: S.CosineAnnealingWarmRestarts(o, 6, eta_min=0.1)),
    "CosineRestarts longer": run(lambda o: S.CosineAnnealingWarmRestarts(o, 5, 2)),
    "CosineRestarts shrinking": [keras_restarts(t) for t in range(STEPS)],
    "OneCycle": run(lambda o: S.OneCycleLR(o, 1.0, total_steps=STEPS + 1))[:STEPS],
    "OneCycle linear": run(lambda o: S.OneCycleLR(o, 1.0, total_steps=STEPS + 1, pct_start=0.4, anneal_strategy="linear", div_factor=10, final_div_factor=100)),
    "OneCycle three phases": run(lambda o: S.OneCycleLR(o, 1.0, total_steps=STEPS + 1, three_phase=True)),
    "Cyclic": run(lambda o: S.CyclicLR(o, 0.2, 1.0, 4, 6)),
    "Cyclic halving": run(lambda o: S.CyclicLR(o, 0.2, 1.0, 5, mode="triangular2")),
    "Cyclic gamma": run(lambda o: S.CyclicLR(o, 0.2, 1.0, 4, mode="exp_range", gamma=0.95)),
    "WarmUp": run(lambda o: S.SequentialLR(o, [S.LinearLR(o, 0.1, 1, 9), S.CosineAnnealingLR(o, 40)], [10])),
    "Sequence": run(lambda o: S.SequentialLR(o, [S.ConstantLR(o, 0.5, 100), S.ExponentialLR(o, 0.9), S.StepLR(o, 4, 0.5)], [8, 20])),
    "Chained": run(lambda o: S.ChainedScheduler([S.ConstantLR(o, 0.5, 6), S.ExponentialLR(o, 0.9)])),
    "ByEpoch": [0.5 ** ((t // 5) // 2) for t in range(STEPS)],
    "Func": run(lambda o: S.LambdaLR(o, lambda t: 1 / (t + 1))),
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "schedules.json"), "w") as out:
    json.dump({"made_with": "PyTorch " + torch.__version__, "paths": paths}, out, separators=(",", ":"))
    out.write("\n")
