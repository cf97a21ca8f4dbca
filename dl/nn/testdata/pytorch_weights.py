# Writes pytorch_weights.safetensors: the state_dict of a model of torch.nn, an input and its output, and weights of
# types that are to be converted.
#   python3 pytorch_weights.py
# With a file of SaveWeights it loads that strictly, and prints the largest difference to the recorded output:
#   python3 pytorch_weights.py FILE
import sys, torch
from torch import nn
from safetensors.torch import load_file, save_file

torch.manual_seed(3)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                                      nn.Dropout(0.5), nn.Linear(4 * 2 * 3, 8))
        self.norm = nn.LayerNorm(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.head = nn.Linear(8, 5, bias=False)

    def forward(self, x):
        y = self.norm(self.features(x)).reshape(len(x) // 2, 2, 8)
        return self.head(self.attention(y, y, y, need_weights=False)[0])


net = Net().eval()
for p in list(net.parameters()) + list(net.buffers()):
    if p.dtype.is_floating_point:
        p.data = torch.rand(p.shape) * 0.8 + 0.1 - 0.4 * (p.dim() > 1)
if len(sys.argv) > 1:
    record = load_file("pytorch_weights.safetensors")
    net.load_state_dict(load_file(sys.argv[1]))
    print((net(record["input"]) - record["output"]).abs().max().item())
    raise SystemExit
x = torch.rand(4, 3, 4, 6)
with torch.no_grad():
    record = {k: v.contiguous() for k, v in net.state_dict().items()} | {"input": x, "output": net(x)}
record["head.weight"] = record["head.weight"].to(torch.float64)
save_file(record, "pytorch_weights.safetensors")
