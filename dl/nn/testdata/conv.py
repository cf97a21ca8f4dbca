"""Convolutions: writes conv.json. Weights of PyTorch are [F, C/groups, window...], those of its transposed convolutions
[C, F/groups, window...]."""
from record import *

turn = lambda w: w.movedim((-1, -2), (0, 1))
convs, transposes = [None, F.conv1d, F.conv2d, F.conv3d], [None, F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d]


def conv(name, x, weight, act=lambda y: y, bias=True, **o):
    f = convs[x.dim() - 2]
    more = {"bias": away(weight.shape[-1])} if bias else {}
    case(name, lambda x, weight, bias=None: act(nhwc(f(nchw(x), turn(weight), bias, **o))), x, weight=weight, **more)


def transpose(name, x, weight, act=lambda y: y, bias=True, **o):
    f = transposes[x.dim() - 2]
    more = {"bias": away(weight.shape[-2] * o.get("groups", 1))} if bias else {}
    case(name, lambda x, weight, bias=None: act(nhwc(f(nchw(x), turn(weight), bias, **o))), x, weight=weight, **more)


conv("Conv1D", away(2, 6, 2), away(3, 2, 3), torch.relu, stride=2, padding=1)
conv("Conv1D dilated, groups", away(1, 7, 4), away(2, 2, 2), torch.tanh, dilation=3, groups=2, bias=False)
case("Conv1D causal", lambda x, weight, bias: nhwc(F.conv1d(F.pad(nchw(x), (4, 0)), turn(weight), bias, dilation=2)), away(1, 5, 2), weight=away(3, 2, 2), bias=away(2))
conv("Conv2D dilated, groups", away(1, 5, 6, 4), away(2, 2, 2, 2), dilation=(1, 2), groups=2, padding=(1, 0))
conv("Conv3D", away(1, 3, 4, 3, 2), away(2, 2, 3, 2, 2), torch.relu, stride=(1, 2, 1), padding=(1, 0, 1))
conv("Conv3D dilated, groups", away(1, 4, 3, 3, 2), away(2, 2, 2, 1, 2), dilation=(2, 1, 2), groups=2, bias=False)

transpose("ConvTranspose1D", away(2, 3, 2), away(3, 2, 2), torch.relu, stride=2, padding=1, output_padding=1)
transpose("ConvTranspose2D", away(1, 3, 2, 2), away(3, 2, 2, 2), torch.tanh, stride=(2, 1), padding=(1, 0), output_padding=(1, 0))
transpose("ConvTranspose2D groups", away(1, 2, 3, 4), away(2, 2, 1, 4), groups=2, dilation=2, bias=False)
case("ConvTranspose2D same", lambda x, weight, bias: nhwc(F.conv_transpose2d(nchw(x), turn(weight), bias, stride=2)[..., :6, :4]), away(1, 3, 2, 2), weight=away(3, 3, 1, 2), bias=away(1))
transpose("ConvTranspose3D", away(1, 2, 3, 2, 2), away(2, 2, 3, 2, 2), stride=(2, 1, 1), padding=(0, 1, 1), output_padding=(1, 0, 0))


def depthwise(x, weight, bias=None, **o):
    n, c = x.dim() - 2, x.shape[-1]
    w = weight.flatten(-2).unsqueeze(-2)
    return nhwc(convs[n](nchw(x), turn(w), bias, groups=c, **o))


case("DepthwiseConv1D", lambda x, weight, bias: depthwise(x, weight, bias, padding=1), away(2, 5, 3), weight=away(3, 3, 1), bias=away(3))
case("DepthwiseConv1D multiplied", lambda x, weight: torch.tanh(depthwise(x, weight, stride=2)), away(1, 6, 2), weight=away(3, 2, 2))
case("DepthwiseConv2D", lambda x, weight, bias: torch.relu(depthwise(x, weight, bias, padding=1, stride=2)), away(2, 5, 4, 3), weight=away(3, 3, 3, 1), bias=away(3))
case("DepthwiseConv2D multiplied", lambda x, weight: depthwise(x, weight, dilation=2), away(1, 5, 4, 2), weight=away(2, 2, 2, 2))
case("SeparableConv1D", lambda x, depth_weight, point_weight, bias: torch.relu(depthwise(x, depth_weight, padding=2, dilation=2) @ point_weight[0] + bias),
     away(1, 5, 2), depth_weight=away(3, 2, 2), point_weight=away(1, 4, 3), bias=away(3))
case("SeparableConv2D", lambda x, depth_weight, point_weight: depthwise(x, depth_weight, stride=2) @ point_weight[0, 0],
     away(2, 5, 5, 2), depth_weight=away(3, 3, 2, 1), point_weight=away(1, 1, 2, 3))
save(__file__)
