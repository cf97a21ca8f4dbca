# Activations. PyTorch's own HardSigmoid and CELU have constants of single precision in their gradients.
for name, f in {"SiLU": F.silu, "GELUTanh": lambda x: F.gelu(x, approximate="tanh"), "Mish": F.mish, "Softsign": F.softsign, "LogSigmoid": F.logsigmoid,
                "TanhShrink": F.tanhshrink, "HardSwish": F.hardswish, "HardSigmoid": lambda x: (x / 6 + 0.5).clamp(0, 1), "ReLU6": F.relu6, "SELU": F.selu,
                "ELU": lambda x: F.elu(x, 0.7), "CELU": lambda x: torch.where(x > 0, x, 0.7 * torch.expm1(x.clamp(max=0) / 0.7)), "HardTanh": lambda x: F.hardtanh(x, -1.5, 2.5),
                "Threshold": lambda x: F.threshold(x, 0.6, -0.3), "SoftShrink": lambda x: F.softshrink(x, 0.5), "HardShrink": lambda x: F.hardshrink(x, 0.5)}.items():
    case(name, f, 5 * away(3, 4))
    case(name + " of special values", f, torch.tensor([math.nan, math.inf, 0.0, -0.0, 1.5, -2.5, 1e-12, -1e-12, 80.0, -80.0], dtype=torch.float64), grad=False)
case("Softmin", lambda x: F.softmin(x, 1), cube)
case("PReLU", F.prelu, A, torch.tensor([0.25], dtype=torch.float64))
case("PReLU of channels", lambda x, s: F.prelu(x.transpose(0, 1)[None], s)[0].transpose(0, 1), A, away(4))
case("GLU", lambda x: F.glu(x, -1), cube)
case("GLU of axis 0", lambda x: F.glu(x, 0), cube)

