# Convolutions. Channels are last in dl, and behind the batch in PyTorch; weights are [window...,
# C/groups, F] in dl, and [F, C/groups, window...] in PyTorch; those of transposed convolutions [window..., F/groups, C]
# and [C, F/groups, window...].
first, last = lambda x: x.movedim(-1, 1), lambda x: x.movedim(1, -1)
turn = lambda w: w.movedim((-1, -2), (0, 1))
convs, transposes = [None, F.conv1d, F.conv2d, F.conv3d], [None, F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d]


def conv(name, x, w, bias=True, **o):
    n = x.dim() - 2
    f = convs[n]
    args = [x, w] + ([away(w.shape[-1])] if bias else [])
    case(f"dl.Conv{n}D" + name, lambda x, w, b=None: last(f(first(x), turn(w), b, **o)), *args)


def transpose(name, x, w, bias=True, **o):
    n = x.dim() - 2
    f = transposes[n]
    args = [x, w] + ([away(w.shape[-2] * o.get("groups", 1))] if bias else [])
    case(f"dl.ConvTranspose{n}D" + name, lambda x, w, b=None: last(f(first(x), turn(w), b, **o)), *args)


conv("", away(2, 7, 2), away(3, 2, 3), stride=2, padding=1)
conv(" dilated, groups", away(1, 9, 4), away(2, 2, 6), stride=2, dilation=3, groups=2)
conv(" depthwise", away(1, 8, 3), away(3, 1, 3), padding=2, dilation=2, groups=3)
conv(" depthwise, two filters each", away(2, 6, 2), away(3, 1, 4), groups=2, bias=False)
case("dl.Conv1D causal", lambda x, w: last(F.conv1d(F.pad(first(x), (4, 0)), turn(w), dilation=2, stride=2)), away(1, 6, 2), away(3, 2, 2))
conv(" dilated", away(1, 6, 7, 2), away(2, 3, 2, 3), dilation=(2, 1), padding=(1, 2), stride=(1, 2))
conv(" groups", away(2, 4, 5, 4), away(3, 2, 2, 6), groups=2, padding=1)
conv(" depthwise", away(1, 5, 6, 3), away(3, 3, 1, 3), groups=3, padding=1, stride=2)
conv(" depthwise, dilated", away(1, 6, 6, 2), away(2, 3, 1, 2), groups=2, padding=(1, 2), dilation=2)
conv(" 1x1", away(2, 2, 3, 2), away(1, 1, 2, 3))
conv("", away(1, 4, 3, 4, 2), away(2, 2, 3, 2, 2), stride=(2, 1, 1), padding=(1, 0, 1))
conv(" dilated, groups", away(1, 5, 3, 3, 2), away(2, 2, 1, 1, 4), dilation=(2, 1, 2), groups=2)
conv(" flat", away(2, 2, 3, 3, 2), away(1, 2, 2, 2, 2), bias=False)

transpose("", away(2, 4, 2), away(3, 3, 2), stride=2, padding=1, output_padding=1)
transpose(" groups, dilated", away(1, 4, 4), away(2, 3, 4), dilation=3, groups=2, output_padding=2, bias=False)
transpose("", away(1, 3, 4, 2), away(3, 2, 3, 2), stride=(2, 3), padding=(1, 0), output_padding=(1, 2))
transpose(" depthwise", away(1, 3, 3, 3), away(3, 3, 1, 3), stride=2, padding=1, groups=3)
transpose(" groups", away(1, 2, 3, 4), away(2, 2, 3, 4), groups=2, dilation=(1, 2))
case("dl.ConvTranspose2D same", lambda x, w: last(F.conv_transpose2d(first(x), turn(w), stride=2)[..., :6, :8]), away(1, 3, 4, 2), away(3, 3, 2, 2))
transpose("", away(1, 2, 3, 2, 2), away(2, 3, 2, 2, 2), stride=(2, 1, 2), padding=(1, 1, 0), output_padding=(1, 0, 1))
transpose(" groups, dilated", away(1, 3, 2, 2, 2), away(2, 2, 1, 2, 2), dilation=(3, 1, 2), groups=2, bias=False)
