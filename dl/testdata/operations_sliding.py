# The gamma function, and sliding windows. Channels are last in dl, and behind the batch in PyTorch.
first, last = lambda x: x.movedim(-1, 1), lambda x: x.movedim(1, -1)
x = torch.cat([pos(2, 4) * 3 + 0.3, torch.tensor([[-0.5, -1.4, -2.6, 5.5]], dtype=torch.float64)])
case("Lgamma", torch.lgamma, x)
case("Digamma", torch.digamma, x)
# PyTorch's own polygamma keeps ten digits for order 1; the zeta function is exact, above 0.
for n in 1, 2, 3, 4:
    case("Polygamma %d" % n, lambda x: (-1) ** (n + 1) * math.factorial(n) * torch.special.zeta(n + 1.0, x), pos(3, 4) * 3 + 0.5)
case("Lgamma of special values", torch.lgamma, torch.tensor([1.0, 2.0, 0.0, 171.0, math.inf, math.nan], dtype=torch.float64), grad=False)
case("Digamma of special values", torch.digamma, torch.tensor([0.0, -0.0, -1.0, -3.0, math.inf, math.nan, 10.0], dtype=torch.float64), grad=False)

case("Unfold", lambda x: x.unfold(1, 3, 1), away(2, 6, 3))
case("Unfold with steps", lambda x: x.unfold(0, 4, 3), away(11, 2))
case("Unfold apart", lambda x: x.unfold(-1, 2, 3), away(2, 8))
case("Unfold twice", lambda x: x.unfold(0, 2, 1).unfold(1, 3, 2), away(3, 6))


def rows(y, c):
    """[N, C*K, L] as [N, L, K*C]"""
    n, _, l = y.shape
    return y.reshape(n, c, -1, l).permute(0, 3, 2, 1).reshape(n, l, -1)


def columns(x, c):
    n, l, _ = x.shape
    return x.reshape(n, l, -1, c).permute(0, 3, 2, 1).reshape(n, -1, l)


for name, size, o in [
    ("", (2, 3), {}),
    (" with stride and padding", (3, 2), dict(stride=(2, 1), padding=(1, 1))),
    (" with dilation", (2, 2), dict(dilation=(2, 1), padding=(0, 1), stride=(1, 2))),
]:
    case("dl.Unfold" + name, lambda x: rows(F.unfold(first(x), size, **o), 2), away(2, 5, 4, 2))
    n = F.unfold(torch.zeros(1, 1, 5, 4), size, **o).shape[-1]
    case("dl.Fold" + name, lambda x: last(F.fold(columns(x, 2), (5, 4), size, **o)), away(1, n, size[0] * size[1] * 2))
