# Writes small models by torch.onnx.export, NAME.onnx, and torch_models.json: an input of each and what PyTorch makes of it.
#   python3 torch_models.py
import json, torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(5)
torch.backends.mkldnn.enabled = False  # whose LSTM of two directions has other outputs, in 2.6, than PyTorch's own and onnxruntime's


class Block(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        self.down = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o)) if stride > 1 else None

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.down is None else self.down(x)))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(11, 8), nn.Parameter(torch.randn(6, 8))
        self.layers = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, activation="gelu"), 1)
        self.head = nn.Linear(8, 11)

    def forward(self, tokens):
        return self.head(self.layers(self.embed(tokens) + self.place)).log_softmax(-1)


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.cells, self.head = kind(3, 4, 2, batch_first=True, bidirectional=True), nn.Linear(8, 2)

    def forward(self, x):
        return self.head(self.cells(x)[0][:, -1])


class Pieces(nn.Module):
    """Operators that the others do not have."""

    def forward(self, x):
        y = F.pad(x, (1, 2, 0, 1), mode="reflect")
        y = F.interpolate(F.avg_pool2d(y, 3, 2, 1, count_include_pad=False), scale_factor=2, mode="nearest")
        y = torch.cat([y[:, :, ::2], y[:, :, 1::2].flip(3)], 1)
        a, b = F.elu(y, 0.7).chunk(2, 1)
        y = torch.where(a > b, F.softplus(a), F.hardswish(b)) ** 2 + F.leaky_relu(a, 0.2).mean((2, 3), keepdim=True)
        y = F.max_pool2d(F.pixel_shuffle(torch.cat([y, a], 1), 2), 3, 2, ceil_mode=True)
        y = y.transpose(1, 3).reshape(len(x), -1)
        return torch.stack([y.sum(1), y.amax(1), y.norm(dim=1), y.logsumexp(1)], 1).unsqueeze(1).expand(-1, 2, -1)


cnn = nn.Sequential(nn.Conv2d(3, 4, 7, 2, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(3, 2, 1), Block(4, 4, 1), Block(4, 8, 2),
                    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5))
mobile = nn.Sequential(nn.Conv2d(2, 6, 3, 2, 1), nn.ReLU6(), nn.Conv2d(6, 6, 3, 1, 2, dilation=2, groups=6), nn.BatchNorm2d(6), nn.ReLU6(), nn.Conv2d(6, 4, 1),
                       nn.ConvTranspose2d(4, 3, 3, 2, 1, 1), nn.Conv2d(3, 6, 3, groups=3), nn.Sigmoid(), nn.Flatten(), nn.Linear(6 * 8 * 8, 3))
mlp = nn.Sequential(nn.Linear(5, 8), nn.GELU(), nn.LayerNorm(8), nn.Linear(8, 8), nn.SiLU(), nn.Dropout(0.5), nn.Linear(8, 3), nn.Softmax(1))
models = {
    "cnn": (cnn, torch.rand(2, 3, 17, 16)), "mobile": (mobile, torch.rand(2, 2, 10, 10)), "mlp": (mlp, torch.randn(3, 5)),
    "transformer": (Transformer(), torch.randint(0, 11, (2, 6))), "lstm": (Recurrent(nn.LSTM), torch.randn(2, 5, 3)),
    "gru": (Recurrent(nn.GRU), torch.randn(2, 5, 3)), "rnn": (Recurrent(nn.RNN), torch.randn(2, 5, 3)), "pieces": (Pieces(), torch.randn(2, 2, 6, 7)),
}
records = {}
for name, (model, x) in models.items():
    for b in model.buffers():
        if b.dtype == torch.float32:
            b.data = torch.rand(b.shape) + 0.5
    for p in model.parameters():
        if p.dim() == 1:
            p.data = torch.rand(p.shape) + 0.5
    model.eval()
    torch.onnx.export(model, x, name + ".onnx", opset_version=17, input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "N"}}, do_constant_folding=name != "cnn",
                      training=torch.onnx.TrainingMode.PRESERVE if name == "cnn" else torch.onnx.TrainingMode.EVAL)
    with torch.no_grad():
        y = model(x)
    records[name] = {"DType": str(x.dtype).removeprefix("torch."), "X": {"Shape": list(x.shape), "Values": [float("%.8g" % v) for v in x.flatten().tolist()]},
                     "Y": {"Shape": list(y.shape), "Values": [float("%.8g" % v) for v in y.flatten().tolist()]}}
json.dump(records, open("torch_models.json", "w"), separators=(",", ":"))
