"""Times a step of each of PyTorch's optimizers on 1,048,576 weights, in its fastest form, on one thread; the peer of

    GOMAXPROCS=1 go test ./dl/optim -run xxx -bench Step/

Muon is Jordan's code in float32 and in bfloat16, LAMB and Lion are the papers' formulas, which PyTorch 2.6 has not.
Run:  python3 speed.py
"""
import time
import torch

torch.set_num_threads(1)
torch.manual_seed(1)
O = torch.optim


def least(name, make, times=60):
    p = torch.randn(1024, 1024, requires_grad=True)
    p.grad = 2 * p.detach()
    o = make([p])
    best = 1e9
    for _ in range(times):
        begin = time.perf_counter()
        o.step()
        best = min(best, time.perf_counter() - begin)
    return best


class Muon:
    def __init__(self, ps, dtype, lr=0.001, momentum=0.95, decay=0.1):
        self.p, self.dtype, self.lr, self.momentum, self.decay = ps[0], dtype, lr, momentum, decay
        self.m = torch.zeros_like(self.p)

    @torch.no_grad()
    def step(self):
        g = self.p.grad
        self.m.lerp_(g, 1 - self.momentum)
        x = g.lerp(self.m, self.momentum).to(self.dtype)
        x /= x.norm() + 1e-7
        for _ in range(5):
            a = x @ x.T
            b = torch.addmm(a, a, a, beta=-4.7750, alpha=2.0315)
            x = torch.addmm(x, b, x, beta=3.4445)
        self.p.mul_(1 - self.lr * self.decay).add_(x.to(self.p.dtype), alpha=-self.lr)


class Lion:
    def __init__(self, ps):
        self.p, self.m = ps[0], torch.zeros_like(ps[0])

    @torch.no_grad()
    def step(self):
        c = self.m.lerp(self.p.grad, 0.1).sign_()
        self.p.mul_(1 - 1e-4).add_(c, alpha=-1e-3)
        self.m.lerp_(self.p.grad, 0.01)


class LAMB:
    def __init__(self, ps):
        self.p, self.m, self.v = ps[0], torch.zeros_like(ps[0]), torch.zeros_like(ps[0])

    @torch.no_grad()
    def step(self):
        g = self.p.grad
        self.m.lerp_(g, 0.1)
        self.v.mul_(0.999).addcmul_(g, g, value=0.001)
        r = self.m / (self.v.sqrt().add_(1e-7))
        self.p.add_(r, alpha=-1e-3 * float(self.p.norm() / r.norm()))


def forms(make, **other):
    """The fastest of the forms that an optimizer has."""
    all = {}
    for form in [{}, {"foreach": True}, {"fused": True}]:
        try:
            all[next(iter(form), "loop")] = least("", lambda p: make(p, **form, **other))
        except (TypeError, RuntimeError):
            pass
    form = min(all, key=all.get)
    return all[form], form


for name, (seconds, form) in {
    "SGD": forms(O.SGD, momentum=0.9, lr=1e-3),
    "Adam": forms(O.Adam),
    "Adam amsgrad": forms(O.Adam, amsgrad=True),
    "RMSprop": forms(O.RMSprop),
    "RMSprop momentum": forms(O.RMSprop, momentum=0.9),
    "RMSprop centered": forms(O.RMSprop, centered=True),
    "Adamax": forms(O.Adamax),
    "NAdam": forms(O.NAdam),
    "RAdam": forms(O.RAdam),
    "Adagrad": forms(O.Adagrad),
    "Adadelta": forms(O.Adadelta),
    "Adafactor": forms(O.Adafactor),
    "ASGD": forms(O.ASGD),
    "Rprop": forms(O.Rprop),
    "Lion": (least("", Lion), "formula"),
    "LAMB": (least("", LAMB), "formula"),
    "Muon": (least("", lambda p: Muon(p, torch.float32), 8), "formula"),
    "Muon bfloat16": (least("", lambda p: Muon(p, torch.bfloat16), 8), "formula"),
}.items():
    print(f"{name:18} {1e3 * seconds:8.2f} ms  {form}")
