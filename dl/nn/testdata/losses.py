"""Losses: writes losses.json. PyTorch's functions where it has them; the others are Keras's or the papers' formulas in
PyTorch's arithmetic. Targets are float32 or integers, which get no gradient.
"""
from record import *

inf = math.inf


def probabilities(*shape):
    x = torch.softmax(normal(*shape), -1)
    x = torch.round(x * 1e4) / 1e4
    x[..., 0] += 1 - x.sum(-1)
    return x


def target(x):
    return x.float()


def double(f):
    """Targets are given as float64."""
    return lambda x, y, *more: f(x, y.double() if y.dtype == torch.float32 else y, *more)


def mean(values):
    return double(lambda x, y: values(x, y).mean())


y = target(away(4, 3))
x = 2 * away(4, 3)
labels = ints(2, 0, 1, 2)
soft = target(probabilities(4, 3))
onehot = target(F.one_hot(labels, 3).double())
weights = torch.tensor([0.5, 2.0, 1.0])
yes = target(torch.tensor(rng.integers(0, 2, (4, 3)).astype(float)))
CE = F.cross_entropy

# Cross-entropies with options.
case("SparseCrossEntropyLogits smoothing", lambda x, y: CE(x, y, label_smoothing=0.2), x, labels)
case("SparseCrossEntropyLogits weights", lambda x, y: CE(x, y, weight=weights), x, labels)
case("SparseCrossEntropyLogits weights and smoothing", lambda x, y: CE(x, y, weight=weights, label_smoothing=0.2), x, labels)
case("SparseCrossEntropyLogits ignore", lambda x, y: CE(x, y), x, ints(2, -100, 1, -100))
case("SparseCrossEntropyLogits everything", lambda x, y: CE(x, y, weight=weights, label_smoothing=0.1, ignore_index=0), x, labels)
case("SparseCrossEntropyLogits sum", lambda x, y: CE(x, y, weight=weights, reduction="sum"), x, labels)
case("SparseCrossEntropyLogits places", lambda x, y: CE(x.movedim(-1, 1), y, weight=weights), normal(2, 4, 3), ints(0, 1, 2, 1, 2, 2, 0, 1).reshape(2, 4))
case("SparseCrossEntropyLogits large", lambda x, y: CE(x, y), 1e4 * away(4, 3), labels)
case("CategoricalCrossEntropyLogits soft", double(CE), x, soft)
case("CategoricalCrossEntropyLogits soft and smoothing", double(lambda x, y: CE(x, y, label_smoothing=0.3)), x, soft)
case("CategoricalCrossEntropyLogits soft, weights, sum", double(lambda x, y: CE(x, y, weight=weights, reduction="sum")), x, soft)
case("CategoricalCrossEntropyLogits weights", double(lambda x, y: CE(x, y.argmax(-1), weight=weights)), x, onehot)
BCE = F.binary_cross_entropy_with_logits
case("BinaryCrossEntropyLogits positive", double(lambda x, y: BCE(x, y, pos_weight=torch.tensor(3.0))), x, yes)
case("BinaryCrossEntropyLogits positive columns", double(lambda x, y: BCE(x, y, pos_weight=torch.tensor([3.0, 0.5, 1.5]))), x, soft)
case("BinaryCrossEntropyLogits positive large", double(lambda x, y: BCE(x, y, pos_weight=torch.tensor(3.0))), 1e3 * x, yes)
case("BinaryCrossEntropy positive", double(lambda p, y: BCE(torch.logit(p), y, pos_weight=torch.tensor(3.0))), pos(4, 3), yes)
case("NLL", lambda x, y: F.nll_loss(x, y), torch.log_softmax(x, -1), labels)
case("NLL weights, ignore", lambda x, y: F.nll_loss(x, y, weight=weights, ignore_index=1), torch.log_softmax(x, -1), labels)


# Focal losses: torchvision's sigmoid_focal_loss, Keras's categorical form.
def focal(x, y, alpha=-1, gamma=2):
    p = torch.sigmoid(x)
    loss = BCE(x, y, reduction="none") * (1 - (p * y + (1 - p) * (1 - y))) ** gamma
    return ((alpha * y + (1 - alpha) * (1 - y)) * loss if alpha >= 0 else loss).mean()


def categorical(p, y, alpha=0.25, gamma=2):
    return (-alpha * (1 - p) ** gamma * y * torch.log(p)).sum(-1).mean()


case("BinaryFocalLogits", double(focal), x, yes)
case("BinaryFocalLogits options", double(lambda x, y: focal(x, y, 0.25, 1.5)), x, yes)
case("BinaryFocalLogits large", double(lambda x, y: focal(x, y)), 50 * x, yes)
case("BinaryFocal", double(lambda p, y: focal(torch.logit(p), y)), pos(4, 3), yes)
case("CategoricalFocal", double(lambda p, y: categorical(p, y)), torch.softmax(x, -1), onehot)
case("CategoricalFocal options", double(lambda p, y: categorical(p, y, 1, 0.5)), torch.softmax(x, -1), onehot)
case("SparseFocal", lambda p, y: categorical(p, F.one_hot(y, 3).double()), torch.softmax(x, -1), labels)

# Numbers.
case("MAPE", mean(lambda x, y: 100 * (x - y).abs() / y.abs().clamp(min=1e-7)), x, y)
case("MSLE", mean(lambda x, y: (torch.log1p(x.clamp(min=1e-7)) - torch.log1p(y.clamp(min=1e-7))) ** 2), x, y)
case("LogCosh", mean(lambda x, y: torch.log(torch.cosh(x - y))), x, y)
case("LogCosh large", mean(lambda x, y: (x - y).abs() - math.log(2)), 1e4 * x, y)
case("Huber delta", double(lambda x, y: F.huber_loss(x, y, delta=0.5)), x, y)
case("SmoothL1", double(F.smooth_l1_loss), x, y)
case("SmoothL1 delta", double(lambda x, y: F.smooth_l1_loss(x, y, beta=0.5)), x, y)


def pinball(x, y, q):
    d = y - x
    return torch.maximum(q * d, (q - 1) * d).mean()


case("Quantile", double(lambda x, y: pinball(x, y, 0.5)), x, y)
case("Quantile 0.9", double(lambda x, y: pinball(x, y, 0.9)), x, y)
case("Quantile several", double(lambda x, y: pinball(x, y[:, None], torch.tensor([0.1, 0.5, 0.9]))), x, target(away(4)))
case("Poisson", mean(lambda x, y: x - y * torch.log(x + 1e-7)), pos(4, 3), target(pos(4, 3)))
case("PoissonNLL", double(F.poisson_nll_loss), x, target(ints(0, 1, 5, 2, 0, 3, 1, 0, 2, 7, 0, 1).reshape(4, 3).double()))
case("CosineSimilarity", mean(lambda x, y: -F.cosine_similarity(x, y, dim=-1)), x, y)

# Probabilities.
case("KLDivergence", double(lambda p, t: F.kl_div(torch.log(p), t, reduction="batchmean")), probabilities(4, 3), soft)
case("KLDivergence zeros", double(lambda p, t: F.kl_div(torch.log(p), t, reduction="batchmean")), probabilities(4, 3), onehot)


def divergence(p, t):  # of t from p
    return (torch.special.xlogy(t, t) - torch.special.xlogy(t, p)).sum(-1)


case("JensenShannon", mean(lambda p, t: (divergence((p + t) / 2, p) + divergence((p + t) / 2, t)) / 2), probabilities(4, 3), soft)
case("JensenShannon zeros", mean(lambda p, t: (divergence((p + t) / 2, p) + divergence((p + t) / 2, t)) / 2), probabilities(4, 3), onehot)

# Margins.
sign = lambda y: 2 * y - 1
case("Hinge", mean(lambda x, y: (1 - sign(y) * x).clamp(min=0)), x, yes)
case("Hinge signs", mean(lambda x, y: (1 - y * x).clamp(min=0)), x, sign(yes))
case("SquaredHinge", mean(lambda x, y: (1 - sign(y) * x).clamp(min=0) ** 2), x, yes)
case("CategoricalHinge", mean(lambda x, y: (1 + ((1 - y) * x).max(-1).values - (y * x).sum(-1)).clamp(min=0)), x, onehot)
case("SoftMargin", double(lambda x, y: F.soft_margin_loss(x, y)), x, sign(yes))
case("HingeEmbedding", double(lambda x, y: F.hinge_embedding_loss(x, y)), pos(4, 3), sign(yes))
case("HingeEmbedding margin", double(lambda x, y: F.hinge_embedding_loss(x, y, margin=0.4)), pos(4, 3), sign(yes))
case("MultiMargin", lambda x, y: F.multi_margin_loss(x, y), x, labels)
case("MultiMargin margin", lambda x, y: F.multi_margin_loss(x, y, margin=0.3), x, labels)


def lists(y):
    """PyTorch's targets: the numbers of the classes that are there, then -1."""
    out = -torch.ones(y.shape, dtype=torch.long)
    for i, row in enumerate(y):
        there = torch.nonzero(row).flatten()
        out[i, : len(there)] = there
    return out


case("MultiLabelMargin", lambda x, y: F.multilabel_margin_loss(x, lists(y)), x, yes)
case("MultiLabelSoftMargin", double(F.multilabel_soft_margin_loss), x, yes)


# Regions.
def tversky(p, t, alpha, beta, smooth=1e-7):
    p, t = p.flatten(1), t.flatten(1)
    both = (p * t).sum(-1)
    return (1 - (both + smooth) / (both + alpha * (p.sum(-1) - both) + beta * (t.sum(-1) - both) + smooth)).mean()


p, t = pos(2, 3, 4, 1), target(torch.tensor(rng.integers(0, 2, (2, 3, 4, 1)).astype(float)))
case("Dice", double(lambda p, t: tversky(p, t, 0.5, 0.5, 1e-7 / 2)), p, t)
case("Dice smooth", double(lambda p, t: tversky(p, t, 0.5, 0.5, 1)), p, t)
case("Dice nothing", double(lambda p, t: tversky(p, t, 0.5, 0.5, 1e-7 / 2)), p, 0 * t)
case("Tversky", double(lambda p, t: tversky(p, t, 0.3, 0.7)), p, t)
case("Jaccard", double(lambda p, t: tversky(p, t, 1, 1)), p, t)

# Several tensors.
a, b, c = normal(5, 4), normal(5, 4), normal(5, 4)
pair = ints(1, -1, 1, -1, -1)
case("GaussianNLL", lambda m, t, v: F.gaussian_nll_loss(m, t, v), a, b, pos(5, 4))
case("GaussianNLL full", lambda m, t, v: F.gaussian_nll_loss(m, t, v, full=True, reduction="sum"), a, b, pos(5, 1))
case("GaussianNLL small", lambda m, t, v: F.gaussian_nll_loss(m, t, v, eps=0.5), a, b, pos(5, 4))
case("CosineEmbedding", lambda a, b, y: F.cosine_embedding_loss(a, b, y), a, b, pair)
case("CosineEmbedding margin", lambda a, b, y: F.cosine_embedding_loss(a, b, y, margin=-0.5), a, b, pair)
case("MarginRanking", lambda a, b, y: F.margin_ranking_loss(a, b, y, margin=0.3), normal(5), normal(5), pair)
case("Triplet", lambda a, p, n: F.triplet_margin_loss(a, p, n), a, b, c)
case("Triplet options", lambda a, p, n: F.triplet_margin_loss(a, p, n, margin=0.4, p=3, swap=True, reduction="sum"), a, b, c)
case("Triplet distance", lambda a, p, n: F.triplet_margin_with_distance_loss(a, p, n, distance_function=lambda x, y: 1 - F.cosine_similarity(x, y), margin=0.5), a, b, c)


def contrastive(a, b, y, margin=3.0):
    d = (a - b).norm(dim=-1)
    return torch.where(y > 0, d**2, (margin - d).clamp(min=0) ** 2).mean()


case("Contrastive", contrastive, a, b, pair)


def semihard(e, labels, margin=1.0):
    d = torch.cdist(e.detach(), e.detach())
    losses = []
    n = len(e)
    for i in range(n):
        for j in range(n):
            if i == j or labels[i] != labels[j]:
                continue
            others = [k for k in range(n) if labels[k] != labels[i]]
            outside = [k for k in others if d[i, k] > d[i, j]]
            k = min(outside, key=lambda k: d[i, k]) if outside else max(others, key=lambda k: d[i, k])
            losses.append(((e[i] - e[j]).norm() - (e[i] - e[k]).norm() + margin).clamp(min=0))
    return torch.stack(losses).mean()


case("TripletSemiHard", semihard, normal(7, 3), ints(0, 1, 0, 2, 1, 0, 2))


def infonce(q, k, t=0.07, symmetric=False):
    logits = F.normalize(q) @ F.normalize(k).T / t
    own = torch.arange(len(q))
    return (CE(logits, own) + CE(logits.T, own)) / 2 if symmetric else CE(logits, own)


def ntxent(a, b, t=0.5):
    z = F.normalize(torch.cat([a, b]))
    logits = z @ z.T / t
    logits = logits.masked_fill(torch.eye(len(z), dtype=torch.bool), -inf)
    return CE(logits, torch.arange(len(z)).roll(len(a)))


case("InfoNCE", infonce, a, b)
case("InfoNCE symmetric", lambda a, b: infonce(a, b, 0.5, True), a, b)
case("NTXent", ntxent, a, b)
case("NTXent temperature", lambda a, b: ntxent(a, b, 0.1), a, b)


# CTC: sequences [N, T, C]; lengths are fixed by the case.
def ctc(lengths, sizes, **options):
    def f(x, y):
        n = torch.tensor(lengths or [x.shape[1]] * len(x))
        s = torch.tensor(sizes or [y.shape[1]] * len(y))
        return F.ctc_loss(torch.log_softmax(x, -1).transpose(0, 1), y, n, s, **options)
    return f


x = normal(3, 6, 4)
y = ints(1, 2, 3, 2, 2, 0, 3, 0, 0).reshape(3, 3)
case("CTC", ctc(None, None), x, ints(1, 2, 1, 2, 2, 1, 3, 1, 3).reshape(3, 3))
case("CTC lengths", ctc([6, 4, 3], [3, 2, 1]), x, y)
case("CTC no labels", ctc([6, 4, 3], [3, 2, 0]), x, y)
case("CTC blank, sum", ctc([6, 5, 3], [3, 2, 1], blank=3, reduction="sum"), x, ints(1, 2, 0, 2, 2, 0, 0, 0, 0).reshape(3, 3))
case("CTC zero infinity", ctc([6, 2, 3], [3, 2, 1], zero_infinity=True), x, y)
case("CTC infinity", ctc([6, 2, 3], [3, 2, 1], reduction="none"), x, y, grad=False)
case("CTC large", ctc(None, [3, 2, 1]), 300 * x, y)
save(__file__)
