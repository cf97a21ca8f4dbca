"""Activations, gates, and layers of products: writes activations.json. PyTorch's own HardSigmoid and CELU have constants
of single precision in their gradients."""
from record import *

for name, f in {"GELUTanh": lambda x: F.gelu(x, approximate="tanh"), "SiLU": F.silu, "Mish": F.mish, "ELU": F.elu, "SELU": F.selu,
                "CELU": lambda x: torch.where(x > 0, x, torch.expm1(x.clamp(max=0))), "Softplus": F.softplus, "Softsign": F.softsign, "ReLU6": F.relu6,
                "HardSwish": F.hardswish, "HardSigmoid": lambda x: (x / 6 + 0.5).clamp(0, 1), "HardTanh": F.hardtanh, "LogSigmoid": F.logsigmoid,
                "LogSoftmax": lambda x: F.log_softmax(x, -1), "Softmin": lambda x: F.softmin(x, -1), "TanhShrink": F.tanhshrink,
                "SoftShrink": F.softshrink, "HardShrink": F.hardshrink, "Exponential": torch.exp}.items():
    case(name, f, 5 * away(3, 4))
for name, f in {"LeakyReLU": lambda x: F.leaky_relu(x, 0.3), "ELU": lambda x: F.elu(x, 0.5), "SoftShrink": lambda x: F.softshrink(x, 0.25)}.items():
    case("ActivationLayer of " + name, f, 5 * away(3, 4))
case("Threshold", lambda x: F.threshold(x, 0.25, -1), away(3, 4))
case("PReLU", lambda x, slope: nhwc(F.prelu(nchw(x), slope)), away(2, 3, 2, 4), slope=away(4))
case("PReLU shared", lambda x, slope: F.prelu(x, slope), away(3, 4), slope=away(1))
case("GLU", F.glu, away(2, 3, 4))
gate = lambda f: lambda x: x.chunk(2, -1)[0] * f(x.chunk(2, -1)[1])
for name, f in {"SwiGLU": F.silu, "GeGLU": F.gelu, "ReGLU": F.relu}.items():
    case(name, gate(f), away(2, 6))
case("Maxout", lambda x: x.unflatten(-1, (2, 3)).amax(-1), away(2, 2, 6))
for shape in [(4, 3), (2, 3, 2, 2, 3)]:
    case(f"Dense of {len(shape) - 1} axes", lambda x, weight, bias: F.gelu(x @ weight + bias), away(*shape), weight=away(3, 2), bias=away(2))
case("Bilinear", lambda a, b, weight, bias: F.bilinear(a, b, weight.permute(2, 0, 1), bias), away(4, 3), away(4, 2), weight=away(3, 2, 5), bias=away(5))
case("Bilinear of sequences", lambda a, b, weight: F.bilinear(a, b, weight.permute(2, 0, 1)), away(2, 3, 2), away(2, 3, 2), weight=away(2, 2, 3))
for name, equation, x, weight, bias, f in [
        ("", "ab,bc->ac", (4, 3), (3, 2), (2,), torch.relu), (" to heads", "abc,cde->abde", (2, 3, 4), (4, 2, 3), (2, 3), F.gelu),
        (" from heads", "abde,dec->abc", (2, 3, 2, 2), (2, 2, 3), (3,), torch.tanh), (" of any axes", "...x,xy->...y", (2, 3, 2, 3), (3, 2), (2,), torch.relu),
        (" over places", "abc,bd->adc", (2, 3, 4), (3, 2), (2, 1), F.gelu), (" of each place", "abc,bcd->abd", (2, 3, 4), (3, 4, 2), (3, 2), torch.tanh),
        (" of channels first", "ab...,bc->ac...", (2, 3, 2, 2), (3, 4), (4, 1, 1), torch.relu)]:
    case("EinsumDense" + name, lambda x, weight, bias: f(torch.einsum(equation, x, weight) + bias), away(*x), weight=away(*weight), bias=away(*bias))
case("EinsumDense without bias", lambda x, weight: torch.einsum("abc,cd->ad", x, weight), away(2, 3, 4), weight=away(4, 2))
case("RReLU", F.rrelu, away(3, 4))
case("RReLU of a range", lambda x: F.rrelu(x, -0.1, 0.5), away(3, 4))
save(__file__)
