"""Normalisation, containers and weights that are computed: writes norms.json."""
from record import *

group = lambda n: lambda x, gamma, beta: nhwc(F.group_norm(nchw(x), n, gamma, beta, 1e-3))
case("GroupNorm", group(2), away(2, 3, 2, 4), gamma=away(4), beta=away(4))
case("GroupNorm of rows", group(3), away(3, 6), gamma=away(6), beta=away(6))
case("InstanceNorm", lambda x: nhwc(F.instance_norm(nchw(x))), away(2, 3, 2, 3))
case("InstanceNorm affine", lambda x, gamma, beta: nhwc(F.instance_norm(nchw(x), weight=gamma, bias=beta, eps=1e-3)), away(2, 5, 3), gamma=away(3), beta=away(3))
case("RMSNorm", lambda x, gamma: F.rms_norm(x, (4,), gamma, 1e-6), away(2, 3, 4), gamma=away(4))

# Containers.
case("Reshape", lambda x: x.reshape(2, 3, 4), away(2, 2, 6))
case("Permute", lambda x: x.permute(0, 3, 1, 2), away(2, 2, 3, 4))
case("RepeatVector", lambda x: x[:, None].expand(-1, 3, -1), away(2, 4))
dense = lambda x, p, name: x @ p[name + "__weight"] + p[name + "__bias"]
case("Residual", lambda x, **p: x + torch.tanh(dense(x, p, "dense")), away(3, 4), dense__weight=away(4, 4), dense__bias=away(4))
case("Residual with a shortcut", lambda x, **p: torch.relu(dense(x, p, "shortcut__dense") + torch.tanh(dense(x, p, "dense"))), away(3, 4),
     dense__weight=away(4, 2), dense__bias=away(2), shortcut__dense__weight=away(4, 2), shortcut__dense__bias=away(2))
for name, f in {"": lambda ys: torch.cat(ys, -1), " sum": sum, " mean": lambda ys: sum(ys) / len(ys), " product": lambda ys: math.prod(ys),
                " max": lambda ys: torch.stack(ys).amax(0)}.items():
    case("Parallel" + name, lambda x, **p: f([dense(x, p, "branch_0__dense"), x, torch.tanh(dense(x, p, "branch_2__dense"))]), away(3, 4),
         branch_0__dense__weight=away(4, 4), branch_0__dense__bias=away(4), branch_2__dense__weight=away(4, 4), branch_2__dense__bias=away(4))
case("TimeDistributed", lambda x, **p: dense(x.flatten(2), p, "dense"), away(2, 3, 2, 2), dense__weight=away(4, 3), dense__bias=away(3))
case("Lambda", lambda x: x.flip(-1) * 2, away(2, 3))

# Rules and weights.
linear = lambda x, weight, bias: torch.relu(x @ weight + bias)
case("Regularized", linear, away(3, 4), weight=away(4, 2), bias=away(2))
case("Constrained", linear, away(3, 4), weight=away(4, 2), bias=away(2))
for name, f in {"L1": lambda w: 0.1 * w.abs().sum(), "L2": lambda w: 0.1 * w.square().sum(), "L1L2": lambda w: 0.1 * w.abs().sum() + 0.2 * w.square().sum()}.items():
    case(name, f, away(3, 4))
norm = lambda w: w.square().sum(tuple(range(w.dim() - 1)), keepdim=True).sqrt()
for name, f in {"MaxNorm": lambda w: w * norm(w).clamp(0, 0.9) / (1e-7 + norm(w)), "NonNeg": lambda w: w * (w >= 0), "UnitNorm": lambda w: w / (1e-7 + norm(w)),
                "MinMaxNorm": lambda w: w * (0.5 * norm(w).clamp(0.8, 1.1) + 0.5 * norm(w)) / (1e-7 + norm(w))}.items():
    case(name, f, away(3, 4))
    case(name + " of a kernel", f, away(2, 2, 3, 4))
case("WeightNorm", lambda x, weight, bias, g: torch.tanh(x @ torch._weight_norm(weight.T, g[:, None], 0).T + bias), away(3, 4), weight=away(4, 2), bias=away(2), g=away(2))
case("WeightNorm of a convolution", lambda x, weight, bias, g: nhwc(F.conv2d(nchw(x), torch._weight_norm(weight.permute(3, 2, 0, 1).contiguous(), g.reshape(-1, 1, 1, 1), 0), bias)),
     away(1, 4, 3, 2), weight=away(2, 2, 2, 3), bias=away(3), g=away(3))


def spectral(x, weight, bias):
    """PyTorch's parametrization, with given vectors."""
    layer = torch.nn.Linear(4, 3)
    norm = torch.nn.utils.parametrizations._SpectralNorm(weight.T, 1)
    norm.train(training)
    norm._u.copy_(u)
    norm._v.copy_(v)
    y = x @ norm(weight.T).T + bias
    u.copy_(norm._u)
    v.copy_(norm._v)
    return y


for training in [False, True]:
    u, v = F.normalize(away(3), dim=0), F.normalize(away(4), dim=0)
    case("SpectralNorm" + (" in training" if training else ""), spectral, away(2, 4), training=training, before={"u": u.clone(), "v": v.clone()},
         after=lambda: {"u": u, "v": v}, weight=away(4, 3), bias=away(3))

# Channels that are neighbours.
local = lambda size, **o: lambda x: nhwc(F.local_response_norm(nchw(x), size, **o))
case("LocalResponseNorm", local(3, alpha=0.9, beta=1.25, k=2), away(2, 3, 2, 5))
case("LocalResponseNorm of even size", local(4, alpha=2), away(2, 3, 6))
case("LocalResponseNorm of all channels", local(9), away(2, 3, 4))

# Cosines between rows, or between columns.
for name, dim in {"": 1, " of columns": 0}.items():
    def cosines(w):
        w = F.normalize(w, dim=dim)
        c = (w @ w.T if dim else w.T @ w).abs()
        return 0.1 * c.fill_diagonal_(0).sum() / (len(c) * (len(c) - 1))
    case("OrthogonalRegularizer" + name, cosines, away(3, 4))
save(__file__)
