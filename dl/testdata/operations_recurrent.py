# Recurrent layers, by torch's own functions. Sequences are computed one by one, each as long as it is.
from torch import _VF


def layer(kind, x, w, u, b, bh=None, h=None, c=None, lengths=None, reverse=False):
    """Outputs, last states and last cells of a layer of PyTorch; x is [N, T, D], w [D, gates*H]."""
    n, steps, size = x.shape[0], x.shape[1], u.shape[0]
    weights = [w.T, u.T, b, torch.zeros_like(b) if bh is None else bh]
    h, c = (torch.zeros(n, size, dtype=x.dtype) if s is None else s for s in (h, c))
    ys, hs, cs = [], [], []
    for i in range(n):
        k = steps if lengths is None else lengths[i]
        seq, first = x[i : i + 1, :k], (h[i : i + 1][None], c[i : i + 1][None])
        if k == 0:
            ys.append(torch.zeros(steps, size, dtype=x.dtype)), hs.append(h[i]), cs.append(c[i])
            continue
        seq = seq.flip(1) if reverse else seq
        out = getattr(_VF, kind)(seq, first if kind == "lstm" else first[0], weights, True, 1, 0.0, False, False, True)
        y = out[0][0].flip(0) if reverse else out[0][0]
        ys.append(F.pad(y, (0, 0, 0, steps - k))), hs.append(out[1][0, 0]), cs.append(out[-1][0, 0])
    return [torch.stack(ys), torch.stack(hs)] + ([torch.stack(cs)] if kind == "lstm" else [])


def before(x, w, u, b, lengths=None):
    """GRU with the reset gate before the product."""
    size, h, ys = u.shape[0], torch.zeros(x.shape[0], u.shape[0], dtype=x.dtype), []
    for t in range(x.shape[1]):
        a = x[:, t] @ w + b
        r, z = torch.sigmoid(a[:, : 2 * size] + h @ u[:, : 2 * size]).chunk(2, 1)
        n = torch.tanh(a[:, 2 * size :] + (r * h) @ u[:, 2 * size :])
        new = (1 - z) * n + z * h
        on = torch.ones(x.shape[0], 1, dtype=torch.bool) if lengths is None else torch.tensor(lengths)[:, None] > t
        ys.append(torch.where(on, new, 0 * new))
        h = torch.where(on, new, h)
    return [torch.stack(ys, 1), h]


def operands(gates, n=3, steps=4, size=2, units=3):
    return away(n, steps, size), away(size, gates * units), away(units, gates * units), away(gates * units)


x, w, u, b = operands(4)
state, cells = away(3, 3), away(3, 3)
case("dl.LSTM", lambda *a: layer("lstm", *a), x, w, u, b)
case("dl.LSTM with states", lambda x, w, u, b, h, c: layer("lstm", x, w, u, b, None, h, c), x, w, u, b, state, cells)
case("dl.LSTM Reverse", lambda x, w, u, b, h, c: layer("lstm", x, w, u, b, None, h, c, None, True), x, w, u, b, state, cells)
case("dl.LSTM Lengths", lambda x, w, u, b, h, c: layer("lstm", x, w, u, b, None, h, c, [2, 4, 0]), x, w, u, b, state, cells)
case("dl.LSTM Lengths, Reverse", lambda x, w, u, b, h, c: layer("lstm", x, w, u, b, None, h, c, [3, 1, 4], True), x, w, u, b, state, cells)
case("dl.LSTM without bias", lambda x, w, u: layer("lstm", x, w, u, torch.zeros(12, dtype=x.dtype)), x, w, u)
x, w, u, b = operands(3)
bh = away(9)
case("dl.GRU", lambda *a: layer("gru", *a), x, w, u, b, bh)
case("dl.GRU Lengths, Reverse", lambda x, w, u, b, bh, h: layer("gru", x, w, u, b, bh, h, None, [3, 1, 4], True), x, w, u, b, bh, state)
case("dl.GRU Mask", lambda x, w, u, b, bh, h: layer("gru", x, w, u, b, bh, h, None, [3, 1, 4]), x, w, u, b, bh, state)
case("dl.GRU ResetBefore", before, x, w, u, b)
case("dl.GRU ResetBefore, Lengths", lambda *a: before(*a, [2, 4, 3]), x, w, u, b)
x, w, u, b = operands(1)
case("dl.RNN", lambda *a: layer("rnn_tanh", *a), x, w, u, b)
case("dl.RNN ReLU", lambda x, w, u, b, h: layer("rnn_relu", x, w, u, b, None, h), x, w, u, b, state)
case("dl.RNN Lengths, Reverse", lambda x, w, u, b, h: layer("rnn_tanh", x, w, u, b, None, h, None, [3, 1, 4], True), x, w, u, b, state)
