"""Convolutions in int8 by PyTorch: images quantized to quint8 between two bounds, filters per channel to qint8 from -127 to 127,
as torch.ao.quantization does for x86, and sums of products of these integers, which are exact in float64:

    python3 quantizedconv.py > quantizedconv.json"""
import json
import torch
import torch.nn.functional as F

torch.manual_seed(3)
cases = []
for n, h, w, c, f, kernel, stride, padding, dilation, relu, low, high in [
    (2, 6, 5, 3, 4, (3, 3), (1, 1), (1, 1), (1, 1), True, 0.0, 1.0),
    (1, 9, 8, 2, 5, (3, 2), (2, 2), (0, 1), (1, 1), False, -2.0, 1.5),
    (1, 9, 9, 1, 3, (3, 3), (1, 1), (2, 2), (2, 2), True, -1.0, 1.0),
    (3, 1, 1, 70, 6, (1, 1), (1, 1), (0, 0), (1, 1), False, -1.0, 2.0),
]:
    x = torch.rand(n, c, h, w) * (high - low) * 1.1 + low
    weight, bias = torch.randn(f, c, *kernel), torch.randn(f)
    scale = (high - low) / 255
    zero = int(torch.round(torch.tensor(-low / scale, dtype=torch.float64)))
    q = torch.quantize_per_tensor(x, scale, zero, torch.quint8)
    scales = weight.abs().amax((1, 2, 3)) / 127
    qw = torch.quantize_per_channel(weight, scales.double(), torch.zeros(f, dtype=torch.long), 0, torch.qint8)
    y = F.conv2d(q.int_repr().double() - zero, qw.int_repr().double(), stride=stride, padding=padding, dilation=dilation)
    y = y * (scales.double() * scale)[None, :, None, None] + bias.double()[None, :, None, None]
    if relu:
        y = y.relu()
    nhwc = lambda t: t.permute(0, 2, 3, 1).contiguous()
    kernels = weight.permute(2, 3, 1, 0).contiguous()
    cases.append({"X": nhwc(x).flatten().tolist(), "XShape": list(nhwc(x).shape), "W": kernels.flatten().tolist(), "WShape": list(kernels.shape), "B": bias.tolist(),
                  "Y": nhwc(y).float().flatten().tolist(), "YShape": list(nhwc(y).shape), "Low": low, "High": high, "Stride": stride, "Padding": padding, "Dilation": dilation, "ReLU": relu})
print(json.dumps({"torch": torch.__version__, "Cases": cases}))
