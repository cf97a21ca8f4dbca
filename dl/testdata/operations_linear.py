# Linear algebra. Factors are recorded as far as their signs are no matter of
# taste.
square, wide = away(2, 3, 3) + 2 * torch.eye(3, dtype=torch.float64), away(2, 3, 4)
symmetric = lambda x: x @ x.mT + torch.eye(x.shape[-2], dtype=torch.float64)
case("dl.Solve", torch.linalg.solve, square, away(2, 3, 2))
case("dl.Solve broadcast", lambda a, b: torch.linalg.solve(a, b.expand(2, 3, 2)), square, away(3, 2))
case("dl.Solve of a vector", torch.linalg.solve, square[0], away(3))
case("dl.SolveLower", lambda a, b: torch.linalg.solve_triangular(a.tril(), b, upper=False), square, away(2, 3, 2))
case("dl.SolveUpper", lambda a, b: torch.linalg.solve_triangular(a.triu(), b, upper=True), square, away(2, 3, 2))
case("Inv", torch.linalg.inv, square)
case("Det", torch.linalg.det, square)
# torch.linalg.det has no exact gradient of a singular matrix; the definition has.
leibniz = lambda x: sum(s * x[0, i] * x[1, j] * x[2, k] for i, j, k, s in [(0, 1, 2, 1), (1, 2, 0, 1), (2, 0, 1, 1), (2, 1, 0, -1), (0, 2, 1, -1), (1, 0, 2, -1)])
case("Det of singular", leibniz, torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [5.0, 7.0, 9.0]], dtype=torch.float64))
case("SlogDet", torch.linalg.slogdet, square)
case("Trace", torch.trace, square[0])
case("Cholesky", lambda x: torch.linalg.cholesky(symmetric(x)), wide)
case("QR", torch.linalg.qr, away(2, 4, 3))
case("QR square", torch.linalg.qr, square)
case("QR wide", torch.linalg.qr, wide, grad=False)
case("Eigh values", lambda x: torch.linalg.eigh(symmetric(x)).eigenvalues, wide)
case("Eigh vectors", lambda x: torch.linalg.eigh(symmetric(x)).eigenvectors.square(), wide)
for name, x in [("wide", wide), ("tall", away(2, 4, 3)), ("square", square)]:
    case(f"SVD {name}, values", lambda x: torch.linalg.svd(x, full_matrices=False).S, x)
    case(f"SVD {name}, left", lambda x: torch.linalg.svd(x, full_matrices=False).U.square(), x)
    case(f"SVD {name}, right", lambda x: torch.linalg.svd(x, full_matrices=False).Vh.square(), x)
case("dl.LstSq tall", lambda a, b: torch.linalg.lstsq(a, b).solution, away(2, 4, 3), away(2, 4, 2))
case("dl.LstSq wide", lambda a, b: torch.linalg.lstsq(a, b, driver="gelsd").solution, wide, away(2, 3, 2), grad=False)
case("Pinv tall", torch.linalg.pinv, away(2, 4, 3))
case("Pinv wide", torch.linalg.pinv, wide)
rank1 = torch.outer(away(3), away(4))
case("Pinv of rank 1", torch.linalg.pinv, rank1, grad=False)

# Einsum.
for equation, xs in [("ij,jk->ik", (A, away(4, 2))), ("bij,bjk->bik", (cube, away(2, 4, 2))), ("bij,jk", (cube, away(4, 2))), ("ii->i", (square[0],)),
                     ("ii", (square[0],)), ("i,j->ij", (away(3), away(4))), ("ijk->ki", (cube,)), ("...ij,...jk->...ik", (cube, away(4, 2))),
                     ("i...,j...->...ij", (A, away(2, 4))), ("bi,ij,bj->b", (away(2, 3), away(3, 3), away(2, 3))), ("ij,ij", (A, B)),
                     ("ij,kj->", (A, away(2, 4))), ("bii,i->bi", (square, away(3))), ("ba", (A,))]:
    case("dl.Einsum " + equation, lambda *x: torch.einsum(equation, *x), *xs)

# Grids.
case("dl.Meshgrid", lambda x, y: torch.meshgrid(x, y, indexing="ij"), away(2), away(3))
case("dl.Linspace", lambda: torch.linspace(-1, 2, 7))
case("dl.Logspace", lambda: torch.logspace(-1, 2, 4))
case("dl.Range", lambda: torch.arange(1, 2.5, 0.5))
case("dl.Range down", lambda: torch.arange(3, -1, -2).float())
case("dl.Tri", lambda: torch.ones(3, 4).tril(-1))

# Vectors in products of matrices.
for name, x, y in [("of vectors", away(4), away(4)), ("of a matrix and a vector", away(3, 4), away(4)), ("of a vector and a matrix", away(3), away(3, 4)),
                   ("of matrices and a vector", away(2, 3, 4), away(4)), ("of a vector and matrices", away(4), away(2, 2, 4, 3))]:
    case("MatMul " + name, torch.matmul, x, y)

# Indices of size 1 stretch.
for equation, xs in [("ij,jk->ik", (away(2, 1), away(3, 4))), ("bij,bjk->bik", (away(1, 2, 3), away(4, 3, 2))), ("i,i->", (away(1), away(3))),
                     ("ij,ij->ij", (away(2, 1), away(1, 3))), ("ij,jk,kl->il", (away(2, 1), away(3, 1), away(4, 2))), ("ij,j,i->j", (away(1, 3), away(1), away(4)))]:
    case("dl.Einsum " + equation + " stretched", lambda *x: torch.einsum(equation, *x), *xs)
