from record import *
from torch import _VF
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def weights(params, layers=1, directions=1):
    """PyTorch's list of weights, and those here: a bias is theirs of the inputs, and recurrent_bias the other one."""
    flat = []
    for k in range(layers):
        for d in range(directions):
            suffix = (f"_{k}" if k else "") + ("_reverse" if d else "")
            bias = params["bias" + suffix]
            flat += [params["weight" + suffix].T, params["recurrent_weight" + suffix].T, bias, params.get("recurrent_bias" + suffix, torch.zeros_like(bias))]
    return flat


def parameters(kind, size, units, layers=1, directions=1):
    gates, all = {"lstm": 4, "gru": 3}.get(kind, 1), {}
    for k in range(layers):
        for d in range(directions):
            suffix = (f"_{k}" if k else "") + ("_reverse" if d else "")
            all["weight" + suffix] = away(size if k == 0 else units * directions, gates * units)
            all["recurrent_weight" + suffix] = away(units, gates * units)
            all["bias" + suffix] = away(gates * units)
            if kind == "gru":
                all["recurrent_bias" + suffix] = away(gates * units)
    return all


def run(kind, x, params, units, layers=1, directions=1, state=None, lengths=None):
    """Outputs and states of PyTorch's layer."""
    zero = torch.zeros(layers * directions, x.shape[0], units)
    state = state or [zero] * (2 if kind == "lstm" else 1)
    hx = state if kind == "lstm" else state[0]
    f, flat = getattr(_VF, kind), weights(params, layers, directions)
    if lengths is None:
        return f(x, hx, flat, True, layers, 0.0, False, directions == 2, True)
    p = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True)  # lengths descend
    data, *states = f(p.data, p.batch_sizes, hx, flat, True, layers, 0.0, False, directions == 2)
    y, _ = pad_packed_sequence(torch.nn.utils.rnn.PackedSequence(data, p.batch_sizes), batch_first=True, total_length=x.shape[1])
    return y, *states


def last(kind, layers=1, directions=1):
    """The states of the last layer beside each other: Keras's output."""
    def f(x, **params):
        h = run(kind, x, params, 3, layers, directions)[1]
        return torch.cat(list(h[-directions:]), -1)
    return f


x = away(3, 4, 2)
for name, kind in [("LSTM", "lstm"), ("GRU", "gru"), ("SimpleRNN", "rnn_tanh")]:
    case(name, last(kind), x, **parameters(kind, 2, 3))
    case(name + " of 2 layers, sequences", lambda x, **p: run(kind, x, p, 3, 2)[0], x, **parameters(kind, 2, 3, 2))
    case(name + " bidirectional", last(kind, 1, 2), x, **parameters(kind, 2, 3, 1, 2))
    case(name + " backwards", lambda x, **p: run(kind, x.flip(1), p, 3)[0], x, **parameters(kind, 2, 3))
case("LSTM of 2 layers, bidirectional, lengths, states", lambda x, h, c, **p: run("lstm", x, p, 3, 2, 2, [h, c], [4, 3, 1]), x, away(4, 3, 3), away(4, 3, 3), **parameters("lstm", 2, 3, 2, 2))
case("GRU of 2 layers, bidirectional, lengths, states", lambda x, h, **p: run("gru", x, p, 3, 2, 2, [h], [4, 3, 1]), x, away(4, 3, 3), **parameters("gru", 2, 3, 2, 2))
case("SimpleRNN with ReLU", last("rnn_relu"), x, **parameters("rnn_relu", 2, 3))


padded = x.clone()
padded[0, 3:], padded[1, 2:] = 0, 0
case("Masking", lambda x: torch.where((x != 0).any(-1, keepdim=True), x, torch.zeros(())), padded)

# Cells: one step.
for name, kind in [("LSTMCell", "lstm"), ("GRUCell", "gru"), ("SimpleRNNCell", "rnn_tanh")]:
    def step(x, h, *c, **p):
        out = run(kind, x[:, None], p, 3, 1, 1, [s[None] for s in (h, *c)])
        return [s[0] for s in out[1:]]
    states = [away(3, 3) for _ in range(2 if kind == "lstm" else 1)]
    case(name, lambda x, **p: step(x, torch.zeros(3, 3), *([torch.zeros(3, 3)] if kind == "lstm" else []), **p)[0], away(3, 2), **parameters(kind, 2, 3))
    case(name + " with states", step, away(3, 2), *states, **parameters(kind, 2, 3))


# Bidirectional.
def both(merge, sequences):
    def f(x, **p):
        one = {k.split("__")[-1]: v for k, v in p.items() if k.startswith("forward")}
        other = {k.split("__")[-1] + "_reverse": v for k, v in p.items() if k.startswith("backward")}
        y, h = run("gru", x, {**one, **other}, 3, 1, 2)
        a, b = y.chunk(2, -1) if sequences else h
        return merge(a, b)
    return f


for name, merge, sequences in [("Bidirectional", lambda a, b: torch.cat([a, b], -1), False), ("Bidirectional sum of sequences", lambda a, b: a + b, True),
                               ("Bidirectional product", lambda a, b: a * b, False), ("Bidirectional mean", lambda a, b: (a + b) / 2, False)]:
    case(name, both(merge, sequences), x, **{f"{d}__gru__{k}": v for d in ("forward", "backward") for k, v in parameters("gru", 2, 3).items()})

# Embeddings. A word that is too long is shortened before it is looked up.
words, table = ints([2, 0, 2], [1, 4, 0]), normal(5, 3)
blank = table.clone()
blank[0] = 0
case("Embedding Padding", lambda x, weight: F.embedding(x, weight, padding_idx=0), words, weight=blank)


def shortened(weight, x, most, p):
    with torch.no_grad():
        torch.embedding_renorm_(weight, x.flatten(), most, p)
    return weight


case("Embedding MaxNorm", lambda x, weight: F.embedding(x, shortened(weight, x, 0.9, 2)), words, weight=table.clone())
case("Embedding MaxNorm of the norm 1", lambda x, weight: F.embedding(x, shortened(weight, x, 1.2, 1)), words, weight=table.clone())
for mode in ["mean", "sum", "max"]:
    case("EmbeddingBag " + mode, lambda x, weight: F.embedding_bag(x, weight, mode=mode), words, weight=table)
    bags = ints([2, 0, 2], [1, 4, 0], [0, 0, 0])
    case(f"EmbeddingBag {mode}, Padding", lambda x, weight: F.embedding_bag(x, weight, mode=mode, padding_idx=0), bags, weight=blank)
case("EmbeddingBag of weights", lambda x, w, weight: F.embedding_bag(x, weight, mode="sum", per_sample_weights=w), words, away(2, 3), weight=table)


def projected(x, *state, layers=1, directions=1, lengths=None, **p):
    """An LSTM whose hidden states, of 2 values, are projections of 3 (proj_size)."""
    n, flat = layers * directions, []
    for k in range(layers):
        for d in range(directions):
            suffix = (f"_{k}" if k else "") + ("_reverse" if d else "")
            bias = p["bias" + suffix]
            flat += [p["weight" + suffix].T, p["recurrent_weight" + suffix].T, bias, torch.zeros_like(bias), p["projection" + suffix].T]
    hx = list(state) or [torch.zeros(n, x.shape[0], 2), torch.zeros(n, x.shape[0], 3)]
    if lengths is None:
        return _VF.lstm(x, hx, flat, True, layers, 0.0, False, directions == 2, True)
    packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True)
    data, h, c = _VF.lstm(packed.data, packed.batch_sizes, hx, flat, True, layers, 0.0, False, directions == 2)
    y, _ = pad_packed_sequence(torch.nn.utils.rnn.PackedSequence(data, packed.batch_sizes), batch_first=True, total_length=x.shape[1])
    return y, h, c


def projections(size, layers=1, directions=1):
    all = {}
    for k in range(layers):
        for d in range(directions):
            suffix = (f"_{k}" if k else "") + ("_reverse" if d else "")
            all["weight" + suffix] = away(size if k == 0 else 2 * directions, 12)
            all["recurrent_weight" + suffix] = away(2, 12)
            all["bias" + suffix] = away(12)
            all["projection" + suffix] = away(3, 2)
    return all


case("LSTM projected", lambda x, **p: projected(x, **p)[1][-1], x, **projections(2))
case("LSTM projected, of 2 layers, bidirectional, lengths, states", lambda x, h, c, **p: projected(x, h, c, layers=2, directions=2, lengths=[4, 3, 1], **p),
     x, away(4, 3, 2), away(4, 3, 3), **projections(2, 2, 2))
save(__file__)
