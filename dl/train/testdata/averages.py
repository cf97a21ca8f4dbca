"""Writes averages.json beside it: averages of weights in 12 steps by torch.optim.swa_utils.AveragedModel, and the rates of
ReduceLROnPlateau, with a cooldown, on given values.

Made with PyTorch 2.6.0 (Debian 13), Python 3.13:  python3 averages.py
"""
import json, os
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

torch.manual_seed(2)
torch.set_default_dtype(torch.float64)
model = torch.nn.Linear(3, 2, bias=False)
weights = [torch.randn(2, 3, dtype=torch.float32).double() for _ in range(12)]


def run(**options):
    averaged, path = AveragedModel(model, **options), []
    for w in weights:
        model.weight.data.copy_(w)
        averaged.update_parameters(model)
        path.append(averaged.module.weight.flatten().tolist())
    return path


def plateau(values):
    o = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    s = torch.optim.lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=2, threshold=0.01, threshold_mode="abs", cooldown=2, min_lr=0.1)
    out = []
    for v in values:
        s.step(v)
        out.append(o.param_groups[0]["lr"])
    return out


values = [1, 0.9, 0.895, 0.9, 0.9, 0.8] + [0.8] * 7 + [0.7] * 14
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "averages.json"), "w") as out:
    json.dump({"torch": torch.__version__, "weights": [w.flatten().tolist() for w in weights],
               "ema": run(multi_avg_fn=get_ema_multi_avg_fn(0.9)), "swa": run(), "values": values, "rates": plateau(values)}, out)
    out.write("\n")
