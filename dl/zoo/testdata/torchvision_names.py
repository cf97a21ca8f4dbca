"""Writes torchvision.json: names and shapes of the state_dicts of torchvision's models.
    python3 torchvision_names.py > torchvision.json
"""
import json, sys, torchvision
from torchvision import models
out = {}
for name in ["resnet18", "resnet34", "resnet50", "vgg11_bn", "vgg16", "mobilenet_v2"]:
    state = getattr(models, name)().state_dict()
    out[name] = {k: list(v.shape) for k, v in state.items() if not k.endswith("num_batches_tracked")}
json.dump(out, sys.stdout, separators=(",", ":"))
