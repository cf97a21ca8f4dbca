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
save(__file__)
