"""Records what PyTorch computes for layers and losses. The scripts beside this one, one for each AREA of package nn, use
it and write AREA.json:

    from record import *
    case("GroupNorm of 2 groups", lambda x, gamma, beta: ..., away(2, 3, 4), gamma=away(4), beta=away(4))
    save(__file__)

The first word of a case's name is the exported name in package nn. The first arguments after the function are the
layer's inputs, the named ones its parameters, under the names of nn.NamedParameters with "__" for ".". Values are
float64; layouts are modelbook's, channels last and weights [in, out], so a case's function transposes for PyTorch.
What is recorded: the results, and the gradients of the sum over all float results of sin(i+1) times element i, in
row-major order.

Run as  python3 AREA.py  with PyTorch 2.6 (Debian 13).
"""
import json, math, os
import numpy, torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
cases = []
rng = numpy.random.default_rng(1)


def number(v):
    if isinstance(v, (bool, int)):
        return int(v)
    return float("%.13g" % v) if math.isfinite(v) else str(v)


def pack(t):
    return {"dtype": str(t.dtype).removeprefix("torch."), "shape": list(t.shape), "data": [number(v) for v in t.detach().flatten().tolist()]}


def rounded(v):
    """Numbers of few digits, so that the files are small."""
    return torch.tensor(numpy.round(v, 4))


def away(*shape):
    """Values away from 0, from 1 and from each other, positive or negative."""
    n = int(numpy.prod(shape))
    v = 0.15 + 0.75 * (rng.permutation(n) + rng.random(n) * 0.5) / max(n, 1)
    return rounded((v * rng.choice([-1.0, 1.0], n)).reshape(shape))


def pos(*shape):
    return away(*shape).abs()


def normal(*shape):
    return rounded(rng.standard_normal(shape))


def ints(*values):
    return torch.tensor(values)


def nchw(x):
    """Channels behind the batch, as PyTorch has them."""
    return x.movedim(-1, 1)


def nhwc(x):
    """Channels last, as modelbook has them."""
    return x.movedim(1, -1)


def case(name, f, *inputs, training=False, grad=True, before=None, after=None, **params):
    """Records f(*inputs, **params), a tensor or several. Float inputs and the parameters get gradients unless grad is
    False, or the tensor is float32, for inputs like targets, whose gradients dl does not compute. before are the
    layer's statistics (parameters that it changes itself) by their names, and after() gives them when f has run; training
    says that the layer is to be in training."""
    inputs = [x.detach().clone() for x in inputs]
    params = {k: v.detach().clone() for k, v in params.items()}
    floats = [x for x in [*inputs, *params.values()] if x.dtype == torch.float64] if grad else []
    start = {k.replace("__", "."): pack(v) for k, v in {**params, **(before or {})}.items()}
    for x in floats:
        x.requires_grad_()
    ys = f(*inputs, **params)
    ys = list(ys) if isinstance(ys, (tuple, list)) else [ys]
    record = {"name": name, "training": training, "in": [pack(x) for x in inputs], "params": start, "out": [pack(y) for y in ys]}
    loss = sum((y * torch.sin(torch.arange(y.numel()) + 1.0).reshape(y.shape)).sum() for y in ys if y.dtype == torch.float64)
    if floats and isinstance(loss, torch.Tensor) and loss.requires_grad:
        grads = torch.autograd.grad(loss, floats, allow_unused=True)
        of = {id(x): pack(torch.zeros_like(x) if g is None else g) for x, g in zip(floats, grads)}
        record["grad"] = [of.get(id(x)) for x in inputs]
        record["grads"] = {k.replace("__", "."): of[id(v)] for k, v in params.items() if id(v) in of}
    if after:
        record["after"] = {k.replace("__", "."): pack(v) for k, v in after().items()}
    cases.append(record)


def save(script):
    with open(os.path.splitext(os.path.abspath(script))[0] + ".json", "w") as out:
        lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
        out.write('{"torch":"%s","cases":[\n%s\n]}\n' % (torch.__version__, lines))
