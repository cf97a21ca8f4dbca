"""Writes reference.json beside it: outputs and gradients of layers, activations and losses as PyTorch computes them.

Every case has an input x, parameters, an upstream gradient u, the output y and the gradients of sum(y*u). Pictures are
NHWC and kernels [KH, KW, C, F], as in modelbook; PyTorch gets them transposed. "Same" padding is TensorFlow's: the odd
row and column of zeros come last. BatchNorm uses Keras's momentum 0.99 and epsilon 1e-3. Losses are means over all
values; cross-entropies means over the samples.

Made with PyTorch 1.13.1 (Debian 12), Python 3.11:  python3 reference.py
"""
import json, os
import torch
import torch.nn.functional as F

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
cases = []


def pack(t):
    return {"shape": list(t.shape), "data": [float("%.9g" % v) for v in t.detach().contiguous().flatten().tolist()]}


def rnd(*shape):
    # float32 values, so that both sides begin with the same numbers
    return torch.randn(*shape, dtype=torch.float32).double()


def case(name, f, x, config=None, extra=None, **params):
    x = x.clone().requires_grad_()
    params = {k: v.clone().requires_grad_() for k, v in params.items()}
    y = f(x, **params)
    u = rnd(*y.shape)
    grads = torch.autograd.grad((y * u).sum(), [x] + list(params.values()), allow_unused=True)
    c = {"name": name, "config": config or {}, "x": pack(x), "u": pack(u), "y": pack(y), "dx": pack(grads[0]),
         "params": {k: pack(v) for k, v in params.items()},
         "grads": {k: pack(g) for k, g in zip(params, grads[1:])}}
    if extra:
        c["after"] = {k: pack(v) for k, v in extra().items()}
    cases.append(c)


acts = {"linear": lambda t: t, "relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh,
        "softmax": lambda t: torch.softmax(t, -1), "gelu": lambda t: F.gelu(t, approximate="none"),
        "leaky_relu": lambda t: F.leaky_relu(t, 0.01)}
for a, f in acts.items():
    case("activation", f, rnd(3, 5), {"activation": a})
    case("dense", lambda x, weight, bias: f(x @ weight + bias), rnd(4, 6), {"units": 5, "activation": a},
         weight=rnd(6, 5), bias=rnd(5))
case("dense", lambda x, weight: x @ weight, rnd(4, 6), {"units": 5, "activation": "linear", "nobias": True}, weight=rnd(6, 5))


def same(x, size, stride, value):
    """Pads NCHW as TensorFlow does."""
    pads = []
    for n, k, s in reversed(list(zip(x.shape[2:], size, stride))):
        total = max((-(-n // s) - 1) * s + k - n, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value)


def nchw(f):
    return lambda x, *a, **k: f(x.permute(0, 3, 1, 2), *a, **k).permute(0, 2, 3, 1)


for (h, w, c, n, k, s, sm, a) in [(6, 7, 1, 3, (3, 3), (1, 1), False, "linear"), (6, 7, 2, 3, (3, 3), (1, 1), False, "relu"),
                                  (5, 6, 3, 4, (2, 3), (2, 1), False, "tanh"), (7, 7, 2, 4, (3, 3), (2, 2), False, "relu"),
                                  (5, 6, 2, 3, (3, 3), (1, 1), True, "linear"), (6, 5, 2, 3, (3, 3), (2, 2), True, "relu"),
                                  (5, 5, 3, 2, (2, 2), (1, 1), True, "linear"), (4, 4, 5, 6, (1, 1), (1, 1), False, "linear")]:
    @nchw
    def conv(x, weight, bias):
        if sm:
            x = same(x, k, s, 0)
        return acts[a](F.conv2d(x, weight.permute(3, 2, 0, 1), bias, stride=s))
    case("conv2d", conv, rnd(2, h, w, c), {"filters": n, "kernel": k, "stride": s, "same": sm, "activation": a},
         weight=rnd(*k, c, n), bias=rnd(n))

for (h, w, k, s, sm) in [(6, 6, (2, 2), (2, 2), False), (7, 5, (2, 2), (2, 2), False), (7, 5, (3, 2), (2, 1), False), (5, 7, (2, 2), (2, 2), True)]:
    config = {"size": k, "stride": s, "same": sm}
    case("maxpool2d", nchw(lambda x: F.max_pool2d(same(x, k, s, -1e30) if sm else x, k, s)), rnd(2, h, w, 3), config)

    @nchw
    def avg(x):
        if not sm:
            return F.avg_pool2d(x, k, s)
        ones = torch.ones_like(x)  # padding does not count
        return F.avg_pool2d(same(x, k, s, 0), k, s) / F.avg_pool2d(same(ones, k, s, 0), k, s)
    case("avgpool2d", avg, rnd(2, h, w, 3), config)

for shape in [(6, 4), (3, 4, 5, 2)]:
    c = shape[-1]
    for training in [True, False]:
        mean0, var0 = rnd(c), rnd(c).abs() + 0.5
        mean, var = mean0.clone(), var0.clone()

        def bn(x, gamma, beta):
            dims = [0, x.dim() - 1] + list(range(1, x.dim() - 1))
            y = F.batch_norm(x.permute(dims), mean, var, gamma, beta, training=training, momentum=0.01, eps=1e-3)
            return y.permute([0] + list(range(2, x.dim())) + [1])
        case("batchnorm", bn, rnd(*shape), {"training": training, "mean": pack(mean0)["data"], "variance": pack(var0)["data"]},
             extra=lambda: {"mean": mean, "variance": var}, gamma=rnd(c), beta=rnd(c))

labels = torch.tensor([2, 0, 1, 3])
onehot = F.one_hot(labels, 4).double()
target, binary = rnd(4, 3), (rnd(5, 1) > 0).double()


def loss(name, f, x, y):
    x = x.clone().requires_grad_()
    value = f(x)
    (dx,) = torch.autograd.grad(value, [x])
    cases.append({"name": "loss", "config": {"loss": name}, "x": pack(x), "target": pack(y), "y": pack(value), "dx": pack(dx)})


loss("mse", lambda x: F.mse_loss(x, target), rnd(4, 3), target)
loss("mae", lambda x: F.l1_loss(x, target), rnd(4, 3), target)
loss("binary_cross_entropy", lambda x: F.binary_cross_entropy(x, binary), torch.sigmoid(rnd(5, 1)).float().double(), binary)
loss("binary_cross_entropy logits", lambda x: F.binary_cross_entropy_with_logits(x, binary), 3 * rnd(5, 1), binary)
p = torch.softmax(rnd(4, 4), -1).float().double()
loss("categorical_cross_entropy", lambda x: -(onehot * torch.log(x)).sum() / 4, p, onehot)
loss("sparse_cross_entropy", lambda x: F.nll_loss(torch.log(x), labels), p, labels)
loss("categorical_cross_entropy logits", lambda x: F.cross_entropy(x, onehot), 3 * rnd(4, 4), onehot)
loss("sparse_cross_entropy logits", lambda x: F.cross_entropy(x, labels), 3 * rnd(4, 4), labels)

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.json"), "w") as out:
    json.dump({"made_with": "PyTorch " + torch.__version__, "cases": cases}, out, separators=(",", ":"))
    out.write("\n")
