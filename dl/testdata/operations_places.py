# Scattering with reductions, different slices, steps.
index = torch.tensor([[2, 0, 2, 1], [0, 0, 2, 1], [0, 1, 2, 0]])
x, src = away(4, 4), away(3, 4)
for how in ["sum", "mean", "prod", "amax", "amin"]:
    for rest, include in [("", True), (" without self", False)]:
        case("ScatterReduce " + how.removeprefix("a") + rest, lambda x, i, s: x.scatter_reduce(0, i, s, how, include_self=include), x, index, src)
zeros = src * torch.tensor([[1, 1, 0, 1], [0, 1, 0, 1], [1, 1, 1, 1]])
case("ScatterReduce prod of zeros", lambda x, i, s: x.scatter_reduce(0, i, s, "prod"), x, index, zeros)
case("ScatterReduce max along 1", lambda x, i, s: x.scatter_reduce(1, i, s, "amax"), x, torch.tensor([[0, 0, 3, 0, 1, 0], [1, 1, 1, 1, 1, 1]]), away(2, 6))
whole = torch.tensor([[3, -1, 4], [1, -5, 9]])
for how in ["prod", "amax", "amin"]:
    case("ScatterReduce " + how.removeprefix("a") + " of integers", lambda x, i, s: x.scatter_reduce(1, i, s, how), whole, torch.tensor([[0, 0, 2], [1, 1, 0]]), ints(*range(-2, 4)).reshape(2, 3))
case("ScatterReduce max of NaN", lambda x, i, s: x.scatter_reduce(0, i, s, "amax"), torch.tensor([1.0, math.nan, 3.0]).double(), ints(0, 1, 2, 2), torch.tensor([math.nan, 1.0, 2.0, math.nan]).double(), grad=False)

# Different slices.
few = torch.tensor([[[2, 1], [0, 3], [2, 1]], [[2, 1], [0, 2], [2, 1]], [[2, 1], [0, 3], [2, 1]], [[-1, 5], [0, 3], [0, 0]]])
for axis in range(3):
    case(f"UniqueAlong {axis}", lambda x: torch.unique(x, dim=axis, return_inverse=True, return_counts=True), few, grad=False)
    case(f"UniqueAlong {axis} of floats", lambda x: torch.unique(x, dim=axis, return_inverse=True, return_counts=True), few / 4.0, grad=False)

# Every n-th element.
strided = away(5, 7)
case("Every", lambda x: x[:, ::3], strided)
case("Every of a part", lambda x: x[1::2, 1:-1], strided)
