# Writes operations.json: for each case the operands, what PyTorch makes of them,
# and the gradients of the operands. The first word of a case's name is the
# operation in dl. The gradient is that of the sum of sin(i+1) times element i of
# each float result, in row-major order; a case without gradients has none in
# PyTorch, or an operand that is no float.
# Each operations_AREA.py beside it is a further part, which writes operations_AREA.json.
#   python3 operations.py          writes all
#   python3 operations.py AREA     writes that part
import json, math, numpy, pathlib, sys, torch
import torch.nn.functional as F

torch.manual_seed(1)
rng = numpy.random.default_rng(1)
cases = []


def number(v):
    if isinstance(v, (bool, int)):
        return int(v)
    return v if math.isfinite(v) else str(v)


def pack(t):
    return {"dtype": str(t.dtype).removeprefix("torch."), "shape": list(t.shape), "data": [number(v) for v in t.flatten().tolist()]}


def case(name, f, *xs, grad=True):
    """Records f(*xs); the operands that are float64 get gradients."""
    xs = [x.detach().clone() for x in xs]
    floats = [x for x in xs if x.dtype == torch.float64] if grad else []
    for x in floats:
        x.requires_grad_()
    ys = f(*xs)
    ys = list(ys) if isinstance(ys, (tuple, list)) else [ys]
    record = {"name": name, "in": [pack(x) for x in xs], "out": [pack(y) for y in ys]}
    loss = sum((y * torch.sin(torch.arange(y.numel(), dtype=torch.float64) + 1).reshape(y.shape)).sum() for y in ys if y.dtype == torch.float64)
    if floats and isinstance(loss, torch.Tensor) and loss.requires_grad:
        grads = dict(zip(map(id, floats), torch.autograd.grad(loss, floats, allow_unused=True)))
        record["grad"] = [None if id(x) not in grads else pack(grads[id(x)] if grads[id(x)] is not None else torch.zeros_like(x)) for x in xs]
    cases.append(record)


def away(*shape):
    """Values away from 0, 1 and from each other, positive or negative."""
    n = int(numpy.prod(shape))
    v = 0.15 + 0.75 * (rng.permutation(n) + rng.random(n) * 0.5) / max(n, 1)
    return torch.tensor((v * rng.choice([-1.0, 1.0], n)).reshape(shape))


def pos(*shape):
    return away(*shape).abs()


def ints(*values):
    return torch.tensor(values)


def special():
    return torch.tensor([math.nan, math.inf, -math.inf, 0.0, -0.0, 1.5, -2.5, 1e-12, 80.0], dtype=torch.float64)


A, B, row, col = away(3, 4), away(3, 4), away(4), away(3, 1)
cube = away(2, 3, 4)
mask = A > 0

# Elementwise functions of one operand.
for name, f in {"Neg": torch.neg, "Exp": torch.exp, "Square": torch.square, "Abs": torch.abs, "Tanh": torch.tanh, "Sigmoid": torch.sigmoid,
                "ReLU": torch.relu, "GELU": F.gelu, "Sin": torch.sin, "Cos": torch.cos, "Tan": torch.tan, "Asin": torch.asin, "Acos": torch.acos,
                "Atan": torch.atan, "Sinh": torch.sinh, "Cosh": torch.cosh, "Asinh": torch.asinh, "Atanh": torch.atanh, "Expm1": torch.expm1,
                "Exp2": torch.exp2, "Erf": torch.erf, "Erfc": torch.erfc, "Erfinv": torch.erfinv, "Softplus": F.softplus,
                "Reciprocal": torch.reciprocal, "Frac": torch.frac}.items():
    case(name, f, A)
    case(name + " of special values", f, special(), grad=False)
for name, f in {"Log": torch.log, "Sqrt": torch.sqrt, "Rsqrt": torch.rsqrt, "Log1p": torch.log1p, "Log2": torch.log2, "Log10": torch.log10}.items():
    case(name, f, pos(3, 4))
    case(name + " of special values", f, special(), grad=False)
case("Acosh", torch.acosh, pos(3, 4) + 1)
for name, f in {"Floor": torch.floor, "Ceil": torch.ceil, "Round": torch.round, "Trunc": torch.trunc, "Sign": torch.sign}.items():
    case(name, f, 3 * A)
    case(name + " of special values", f, torch.cat([special(), torch.tensor([0.5, 2.5, -0.5, -1.0], dtype=torch.float64)]), grad=False)
    if name != "Trunc":
        case(name + " of integers", f, ints(-2, 0, 3), grad=False)
case("LeakyReLU", lambda x: F.leaky_relu(x, 0.1), A)
case("Pow to 2.5", lambda x: x ** 2.5, pos(3, 4))
case("Pow to 3", lambda x: x ** 3, A)
case("AddScalar", lambda x: x + 3, A)
case("MulScalar", lambda x: x * 3, A)
case("Clip", lambda x: x.clamp(-0.5, 0.5), A)
case("To", lambda x: x.to(torch.int64), 5 * A, grad=False)
for name, f in {"IsNaN": torch.isnan, "IsInf": torch.isinf, "IsFinite": torch.isfinite, "Not": torch.logical_not}.items():
    case(name, f, special(), grad=False)

# Of two operands.
for name, f in {"Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Maximum": torch.maximum, "Minimum": torch.minimum, "Atan2": torch.atan2,
                "Hypot": torch.hypot, "LogAddExp": torch.logaddexp}.items():
    case(name, f, A, B)
    case(name + " broadcast", f, col, row)
for name, f in {"Div": torch.div, "Fmod": torch.fmod, "Remainder": torch.remainder}.items():
    case(name, f, 5 * A, B)
    case(name + " broadcast", f, 5 * col, row)
case("FloorDiv", lambda x, y: torch.floor_divide(x, y), 5 * A, B, grad=False)
case("dl.Pow", torch.pow, pos(3, 4), B)
case("dl.Pow broadcast", torch.pow, pos(3, 1), row)
case("dl.Pow of zeros", torch.pow, torch.tensor([0.0, 0.0, 2.0]), torch.tensor([2.0, 0.0, 0.0]), grad=False)
case("Lerp", lambda x, y: torch.lerp(x, y, 0.3), A, B)
i1, i2 = ints(7, -7, 7, -7, 6), ints(3, 3, -3, -3, 3)
for name, f in {"Fmod": torch.fmod, "Remainder": torch.remainder, "FloorDiv": torch.floor_divide, "Add": torch.add, "Mul": torch.mul}.items():
    case(name + " of integers", f, i1, i2, grad=False)
case("dl.Pow of integers", torch.pow, ints(2, -3, 5, 0), ints(10, 3, 0, 0), grad=False)
for name, f in {"Eq": torch.eq, "Ne": torch.ne, "Gt": torch.gt, "Ge": torch.ge, "Lt": torch.lt, "Le": torch.le}.items():
    case(name, f, torch.tensor([1.0, 2.0, 3.0, float("nan")]), torch.tensor([2.0, 2.0, 2.0, float("nan")]), grad=False)
bits1, bits2 = torch.tensor([True, True, False, False]), torch.tensor([True, False, True, False])
for name, f in {"And": torch.logical_and, "Or": torch.logical_or, "Xor": torch.logical_xor}.items():
    case(name, f, bits1, bits2, grad=False)
    case(name + " of numbers", f, torch.tensor([0.0, 2.0, float("nan")]), ints(1, 0, 0), grad=False)
case("dl.Where", torch.where, mask, A, B)
case("dl.Where broadcast", torch.where, mask, col, row)

# Reductions.
for name, f in {"Sum": torch.sum, "Mean": torch.mean, "LogSumExp": torch.logsumexp, "Max": torch.amax, "Min": torch.amin}.items():
    case(name, lambda x: f(x, dim=(0, 1, 2)), cube)
    case(name + " over 1", lambda x: f(x, dim=1), cube)
    case(name + " over 0 and -1", lambda x: f(x, dim=(0, -1)), cube)
case("Prod", torch.prod, cube)
case("Prod over 1", lambda x: torch.prod(x, 1), cube)
case("Prod over 0 and -1", lambda x: torch.prod(torch.prod(x, -1), 0), cube)
case("Prod with zeros", lambda x: torch.prod(x, 1), torch.tensor([[0.0, 2.0, 3.0], [0.0, 0.0, 5.0], [1.0, 2.0, 3.0]], dtype=torch.float64))
case("Prod of integers", torch.prod, ints(2, 3, 4), grad=False)
for name, unbiased in [("Var", False), ("VarUnbiased", True)]:
    case(name, lambda x: torch.var(x, unbiased=unbiased), cube)
    case(name + " over 1", lambda x: torch.var(x, 1, unbiased=unbiased), cube)
for name, unbiased in [("Std", False), ("StdUnbiased", True)]:
    case(name, lambda x: torch.std(x, unbiased=unbiased), cube)
    case(name + " over 1", lambda x: torch.std(x, 1, unbiased=unbiased), cube)
for p in [0, 1, 2, 3.5, math.inf, -math.inf]:
    case(f"Norm {p}", lambda x: torch.linalg.vector_norm(x, p, dim=1), cube, grad=p != 0)
case("Norm of zeros", lambda x: torch.linalg.vector_norm(x, 2, dim=1), torch.tensor([[0.0, 0.0], [3.0, 4.0]], dtype=torch.float64))
case("LogSumExp of infinities", lambda x: torch.logsumexp(x, 1), torch.tensor([[-math.inf, -math.inf], [math.inf, 1.0], [1000.0, 1000.0]], dtype=torch.float64), grad=False)
case("Any", torch.any, bits1, grad=False)
case("Any over 1", lambda x: torch.any(x, 1), mask, grad=False)
case("All", torch.all, bits1, grad=False)
case("All over 1", lambda x: torch.all(x, 1), mask, grad=False)
case("CountNonZero", torch.count_nonzero, torch.tensor([0.0, 2.0, 0.0, -1.0]), grad=False)
case("CountNonZero over 0", lambda x: torch.count_nonzero(x, 0), mask, grad=False)
for axis in [0, 1, 2]:
    case(f"ArgMax {axis}", lambda x: torch.argmax(x, axis), cube, grad=False)
    case(f"ArgMin {axis}", lambda x: torch.argmin(x, axis), cube, grad=False)
    case(f"CumSum {axis}", lambda x: torch.cumsum(x, axis), cube)
    case(f"CumProd {axis}", lambda x: torch.cumprod(x, axis), cube)
case("CumProd with zeros", lambda x: torch.cumprod(x, 1), torch.tensor([[2.0, 0.0, 3.0, 4.0], [0.0, 2.0, 0.0, 1.0]], dtype=torch.float64))
case("CumSum of integers", lambda x: torch.cumsum(x, 0), ints(3, -1, 4), grad=False)
case("CumProd of integers", lambda x: torch.cumprod(x, 0), ints(3, -1, 4), grad=False)
case("Median", lambda x: torch.median(x, 1).values, cube)
case("Median of a NaN", lambda x: torch.median(x, 1).values, torch.tensor([[1.0, math.nan, 2.0], [1.0, 2.0, 3.0]], dtype=torch.float64), grad=False)
case("Quantile", lambda x: torch.quantile(x, 0.3, dim=-1), cube)
case("dl.KeepDim", lambda x: torch.mean(x, (0, -1), keepdim=True), cube)

# Softmax.
case("Softmax", lambda x: torch.softmax(x, 1), cube)
case("LogSoftmax", lambda x: torch.log_softmax(x, -1), cube)

# Sorting and searching.
ties = torch.tensor([[3.0, 1.0, 3.0, 2.0], [math.nan, 5.0, -math.inf, 5.0]], dtype=torch.float64)
for name, descending in [("Sort", False), ("SortDescending", True)]:
    case(name, lambda x: torch.sort(x, 1, descending=descending).values, cube)
    case(name + " of ties", lambda x: torch.sort(x, dim=1, descending=descending, stable=True).values, ties, grad=False)
    case(name + " of integers", lambda x: torch.sort(x, descending=descending).values, ints(3, -1, 2), grad=False)
    case("Arg" + name, lambda x: torch.sort(x, dim=1, descending=descending, stable=True).indices, ties, grad=False)
case("TopK", lambda x: torch.topk(x, 2, 1), cube)
case("Unique", torch.unique, ints(3, 1, 3, 2, 1), grad=False)
case("UniqueCounts", lambda x: torch.unique(x, return_inverse=True, return_counts=True), ints(3, 1, 3, 2, 1), grad=False)
sorted_, values = torch.tensor([1.0, 3.0, 3.0, 5.0]), torch.tensor([[0.0, 1.0, 3.0], [4.0, 5.0, 6.0]])
case("SearchSorted", torch.searchsorted, sorted_, values, grad=False)
case("SearchSortedRight", lambda s, v: torch.searchsorted(s, v, right=True), sorted_, values, grad=False)
case("BinCount", lambda x: torch.bincount(x, minlength=6), ints(1, 4, 1, 0), grad=False)
case("Histogram", lambda x: torch.histc(x, 4, 0, 2).to(torch.int64), torch.tensor([0.0, 0.4, 0.5, 1.9, 2.0, 2.1, -1.0]), grad=False)

# Indexing.
index = torch.tensor([[2, 0, 1, 1], [0, 0, 2, 1]])
case("Gather 0", lambda x, i: torch.gather(x, 0, i), A, index)
case("Gather 1", lambda x, i: torch.gather(x, 1, i), A, index)
case("ScatterAdd", lambda x, i, s: x.scatter_add(0, i, s), A, index, away(2, 4))
unique_index = torch.tensor([[2, 0, 1, 1], [0, 1, 2, 0]])
case("Scatter", lambda x, i, s: x.scatter(0, i, s), A, unique_index, away(2, 4))
case("Take", torch.take, A, torch.tensor([[0, 11], [5, -1]]))
case("IndexSelect", lambda x: x.index_select(1, torch.tensor([2, 0, 2])), A)
case("Rows", lambda x: x[[2, 0, 2]], A)
case("MaskedSelect", torch.masked_select, A, mask)
case("MaskedFill", lambda x, m: x.masked_fill(m, 7.5), A, mask)
case("NonZero", torch.nonzero, mask, grad=False)

# Other places.
case("Roll 1", lambda x: torch.roll(x, 1, 0), A)
case("Roll -6", lambda x: torch.roll(x, -6, 1), A)
case("Flip", lambda x: torch.flip(x, (0, 2)), cube)
case("Tile", lambda x: torch.tile(x, (2, 1, 3)), A)
case("Repeat", lambda x: torch.repeat_interleave(x, 3, 1), A)
case("Pad", lambda x: F.pad(x, (1, 2, 0, 1)), A)
case("PadConstant", lambda x: F.pad(x, (1, 2, 0, 1), value=2.5), A)
for name, mode in [("PadReflect", "reflect"), ("PadReplicate", "replicate"), ("PadCircular", "circular")]:
    case(name, lambda x: F.pad(x[None, None], (3, 2, 1, 2), mode=mode)[0, 0], A)
case("SwapAxes", lambda x: x.swapaxes(0, 2), cube)
case("MoveAxis", lambda x: x.movedim(0, -1), cube)
case("Tril", lambda x: torch.tril(x, 1), cube)
case("Triu", lambda x: torch.triu(x, -1), cube)
case("DiagEmbed", lambda x: torch.diag_embed(x, 1), A)
case("Outer", torch.outer, away(3), away(4))
case("Diff", lambda x: torch.diff(x, dim=1), cube)
case("Reshape", lambda x: x.reshape(2, -1), A)
case("Flatten", lambda x: x.flatten(1), cube)
case("T", lambda x: x.transpose(-1, -2), cube)
case("Transpose", lambda x: x.permute(2, 0, 1), cube)
case("Permute", lambda x: x.permute(1, 2, 0), cube)
case("Slice", lambda x: x[:, 1:3], A)
case("Narrow", lambda x: x.narrow(0, 1, 2), A)
case("Index", lambda x: x[-1], cube)
case("Select", lambda x: x.select(1, 2), cube)
case("Diagonal", lambda x: torch.diagonal(x, 1, -2, -1), cube)
case("Expand", lambda x: x.expand(2, 3, 5), col)
case("Unsqueeze", lambda x: x.unsqueeze(1), A)
case("Squeeze", lambda x: x.squeeze(), col)
case("Unbind", lambda x: x.unbind(1), A)
case("Split", lambda x: x.split(3, 1), A)
case("Chunk", lambda x: x.chunk(3, 1), A)
case("Contiguous", lambda x: x.transpose(0, 1).contiguous(), A)
case("dl.Concat", lambda x, y: torch.cat([x, y, x], 1), A, away(3, 2))
case("dl.Stack", lambda x, y: torch.stack([x, y]), A, B)
case("OneHot", lambda x: F.one_hot(x, 4).float(), ints(2, 0, 3), grad=False)

# Products and layers.
case("MatMul", torch.matmul, A, away(4, 5))
case("MatMul batched", torch.matmul, cube, away(2, 4, 2))
case("MatMul broadcast", torch.matmul, cube, away(4, 2))
W, bias = away(4, 5), away(5)
case("dl.Affine", lambda x, w, b: x @ w + b, A, W, bias)
case("dl.Affine with ReLU", lambda x, w, b: torch.relu(x @ w + b), A, W, bias)
nchw = lambda x: x.permute(0, 3, 1, 2)
nhwc = lambda x: x.permute(0, 2, 3, 1)
image, kernel = away(2, 5, 6, 3), away(3, 2, 3, 4)
case("dl.Conv2D", lambda x, w, b: nhwc(F.conv2d(nchw(x), w.permute(3, 2, 0, 1), b, stride=(2, 1), padding=(1, 1))), image, kernel, away(4))
case("dl.MaxPool2D", lambda x: nhwc(F.max_pool2d(nchw(x), (3, 2), (2, 2), (1, 1))), image)
case("dl.AvgPool2D", lambda x: nhwc(F.avg_pool2d(nchw(x), (3, 2), (2, 2), (1, 1), count_include_pad=False)), image)
case("dl.AvgPool2D CountIncludePad", lambda x: nhwc(F.avg_pool2d(nchw(x), (3, 2), (2, 2), (1, 1), count_include_pad=True)), image)
case("dl.AvgPool2D same, CountIncludePad", lambda x: nhwc(F.avg_pool2d(F.pad(nchw(x), (0, 1, 0, 1)), 2, 1)), image)
case("dl.BatchNorm", lambda x, g, b: F.batch_norm(x, torch.zeros(4, dtype=torch.float64), torch.ones(4, dtype=torch.float64), g, b, training=True, eps=1e-3), A, row, away(4))
case("dl.LayerNorm", lambda x, g, b: F.layer_norm(x, (4,), g, b, 1e-3), A, row, away(4))
case("dl.Embedding", lambda w, i: F.embedding(i, w), A, torch.tensor([[2, 0], [2, 1]]))
heads = lambda x, n: x.reshape(x.shape[0], x.shape[1], n, -1).transpose(1, 2)
merge = lambda x: x.transpose(1, 2).flatten(2)
case("dl.Attention", lambda q, k, v: merge(F.scaled_dot_product_attention(heads(q, 2), heads(k, 2), heads(v, 2))), away(2, 3, 4), away(2, 5, 4), away(2, 5, 4))
case("dl.SelfAttention", lambda x: merge(F.scaled_dot_product_attention(*[heads(p, 2) for p in x.chunk(3, -1)], is_causal=True)), away(2, 3, 12))

# Losses.
case("dl.MSE", F.mse_loss, A, B)
case("dl.MAE", F.l1_loss, A, B)
# Targets are float32: dl computes no gradients of theirs.
probabilities, targets = pos(3, 4), pos(3, 4).float()
case("dl.BinaryCrossEntropy", lambda x, y: F.binary_cross_entropy(x, y.double()), probabilities, targets)
case("dl.BinaryCrossEntropyLogits", lambda x, y: F.binary_cross_entropy_with_logits(x, y.double()), A, targets)
case("dl.SparseCrossEntropy", F.cross_entropy, A, ints(2, 0, 3))
soft = torch.softmax(B, 1).float()
case("dl.CrossEntropy", lambda x, y: F.cross_entropy(x, y.double()), A, soft)
case("dl.LinearCrossEntropy", lambda x, w, y: F.cross_entropy(x @ w.T, y), A, B, ints(2, 0, 1))

case("dl.AffineAdd", lambda y, x, w, b: torch.addmm(y, x, w) + b, away(3, 5), A, W, bias)


def write(name):
    with open(name, "w") as out:
        out.write('{"torch": "%s", "numpy": "%s", "cases": [\n%s\n]}\n' % (torch.__version__, numpy.__version__, ",\n".join(map(json.dumps, cases))))
    cases.clear()


here, wanted = pathlib.Path(__file__).resolve().parent, sys.argv[1:]
if wanted:
    cases.clear()
else:
    write(here / "operations.json")
for part in sorted(here.glob("operations_*.py")):
    if not wanted or part.stem.removeprefix("operations_") in wanted:
        rng = numpy.random.default_rng(2)
        exec(part.read_text())
        write(part.with_suffix(".json"))
