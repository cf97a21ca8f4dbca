"""ConvLSTM: writes convlstm.json. Keras's formulas, with PyTorch's convolutions: the gates are i, f, g, o."""
from record import *


def run(conv, x, weight, recurrent_weight, bias=None, back=False, gates=torch.sigmoid, activation=torch.tanh, **o):
    turned = lambda w: w.movedim(-1, 0).movedim(-1, 1)
    h = c = None
    outs = []
    steps = range(x.shape[1])
    for t in reversed(steps) if back else steps:
        z = conv(nchw(x[:, t]), turned(weight), bias, **o)
        if h is None:
            h = c = torch.zeros_like(z[:, : z.shape[1] // 4])
        z = z + conv(h, turned(recurrent_weight), padding="same")
        i, f, g, q = z.chunk(4, 1)
        c = gates(f) * c + gates(i) * activation(g)
        h = gates(q) * activation(c)
        outs.append(nhwc(h))
    return torch.stack(outs, 1)


def parameters(*kernel, channels, filters, bias=True):
    p = dict(weight=away(*kernel, channels, 4 * filters), recurrent_weight=away(*kernel, filters, 4 * filters))
    return {**p, "bias": away(4 * filters)} if bias else p


film, line = away(2, 3, 4, 3, 2), away(2, 3, 5, 2)
case("ConvLSTM2D", lambda x, **p: run(F.conv2d, x, **p)[:, -1], film, **parameters(3, 2, channels=2, filters=2))
case("ConvLSTM2D of sequences, backwards", lambda x, **p: run(F.conv2d, x, back=True, stride=(2, 1), padding=1, **p), film, **parameters(3, 3, channels=2, filters=1))
case("ConvLSTM1D", lambda x, **p: run(F.conv1d, x, **p)[:, -1], line, **parameters(3, channels=2, filters=2))
case("ConvLSTM1D of sequences, softplus", lambda x, **p: run(F.conv1d, x, padding="same", activation=torch.nn.functional.softplus, **p), line, **parameters(3, channels=2, filters=2, bias=False))
save(__file__)
