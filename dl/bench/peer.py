#!/usr/bin/python3
"""The workloads of workload.go with PyTorch: prints one line of JSON.

    OPENBLAS_CORETYPE=SkylakeX /usr/bin/python3 peer.py --model cnn2 --threads 2 --layout nhwc --foreach

Run by compare.go, which tries the settings. Thread library, BLAS core and malloc are set by the environment.
"""
import argparse, json, resource, statistics, time

parser = argparse.ArgumentParser()
parser.add_argument("--model", choices=["flagship", "cnn2", "mlp", "gpt", "lstm", "tokens", "finetune", "resnet18", "separable", "conv1d", "concat", "slice"], default="flagship")
parser.add_argument("--mode", choices=["train", "infer"], default="train")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--batch", type=int, default=0, help="0: the workload's own")
parser.add_argument("--seconds", type=float, default=3)
parser.add_argument("--warmup", type=float, default=0.5)
parser.add_argument("--layout", choices=["nchw", "nhwc"], default="nchw")
parser.add_argument("--foreach", action="store_true", help="the optimizer's multi-tensor form")
parser.add_argument("--fused", action="store_true", help="the optimizer's fused form, where the version has one")
parser.add_argument("--onednn-linear", action="store_true", help="oneDNN for dense layers")
parser.add_argument("--sdpa", action="store_true", help="scaled_dot_product_attention")
parser.add_argument("--compile", action="store_true", help="torch.compile of model and loss")
parser.add_argument("--jit", action="store_true", help="inference: trace and freeze")
o = parser.parse_args()

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(o.threads)
torch.manual_seed(1)


class Block(nn.Module):
    """A transformer block that normalises first (GPT-2); its attention is written out, but for --sdpa."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.project = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, mask):
        batch, length, width = x.shape
        split = lambda t: t.view(batch, length, self.heads, width // self.heads).transpose(1, 2)
        q, k, v = map(split, self.qkv(self.norm1(x)).split(width, dim=2))
        if o.sdpa:
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = (q @ k.transpose(-2, -1)) * (width // self.heads) ** -0.5
            mixed = F.softmax(scores + mask, dim=-1) @ v
        x = x + self.project(mixed.transpose(1, 2).reshape(batch, length, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class GPT(nn.Module):
    def __init__(self, vocabulary=256, context=128, width=128, layers=4, heads=4):
        super().__init__()
        self.token, self.position = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)
        self.register_buffer("mask", torch.full((context, context), float("-inf")).triu(1))
        self.register_buffer("places", torch.arange(context))

    def forward(self, tokens):
        x = self.token(tokens) + self.position(self.places)
        for block in self.blocks:
            x = block(x, self.mask)
        return self.head(self.norm(x))


class LSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent, self.out = nn.LSTM(256, 256, 2, batch_first=True), nn.Linear(256, 10)

    def forward(self, x):
        return self.out(self.recurrent(x)[0][:, -1])


def flagship():
    return nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Flatten(),
                         nn.Linear(32 * 26 * 26, 128), nn.ReLU(), nn.Linear(128, 10))


def cnn2():
    return nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(),
                         nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64 * 5 * 5, 128), nn.ReLU(), nn.Linear(128, 10))


def mlp():
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


class Basic(nn.Module):
    """A block of ResNet-18."""

    def __init__(self, inputs, filters, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, filters, 3, stride, 1, bias=False), nn.BatchNorm2d(filters)
        self.conv2, self.bn2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False), nn.BatchNorm2d(filters)
        self.short = nn.Identity()
        if stride > 1 or inputs != filters:
            self.short = nn.Sequential(nn.Conv2d(inputs, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)), inplace=True)))
        return F.relu(y.add_(self.short(x)), inplace=True)


def resnet18():
    blocks = [Basic(i, o, s) for i, o, s in [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1),
                                             (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1)]]
    return nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(True), *blocks,
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


def separable():
    layers = []
    for channels in (64, 128):
        layers += [nn.Conv2d(channels, channels, 3, 1, 1, groups=channels, bias=False), nn.BatchNorm2d(channels), nn.ReLU(True),
                   nn.Conv2d(channels, 128, 1, bias=False), nn.BatchNorm2d(128), nn.ReLU(True)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10))


def conv1d():
    return nn.Sequential(nn.Conv1d(16, 64, 5), nn.ReLU(True), nn.Conv1d(64, 64, 5), nn.ReLU(True), nn.MaxPool1d(2),
                         nn.Conv1d(64, 128, 5), nn.ReLU(True), nn.Conv1d(128, 128, 5), nn.ReLU(True),
                         nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(128, 10))


ROWS, COLUMNS, EPOCH = 2048, 4096, 16  # of concat and slice; batches of an epoch of tokens
build, batch, sample, items = {
    "flagship": (flagship, 64, (1, 28, 28), 1),
    "cnn2": (cnn2, 64, (1, 28, 28), 1),
    "mlp": (mlp, 128, (784,), 1),
    "lstm": (LSTM, 32, (64, 256), 1),
    "gpt": (GPT, 16, (128,), 128),
    "tokens": (lambda: GPT(256, 64, 64, 2, 4), 16, (64,), 64),
    "finetune": (cnn2, 64, (1, 28, 28), 1),
    "resnet18": (resnet18, 32, (3, 32, 32), 1),
    "separable": (separable, 32, (64, 32, 32), 1),
    "conv1d": (conv1d, 32, (16, 512), 1),
    "concat": (nn.Module, 1, (), 4 * ROWS * COLUMNS // 10**6),
    "slice": (nn.Module, 1, (), 4 * ROWS * COLUMNS // 10**6),
}[o.model]
model, batch = build(), o.batch or batch
if o.model == "gpt":
    xs = [torch.randint(0, 256, (batch,) + sample) for _ in range(4)]
    ys = [torch.randint(0, 256, (batch * items,)) for _ in range(4)]
elif o.model == "tokens":
    X = torch.randint(0, 256, (batch * EPOCH,) + sample)
    Y = torch.randint(0, 256, (batch * EPOCH,) + sample)
elif o.model == "concat":
    a, b = (torch.randn(ROWS, COLUMNS // 2, requires_grad=True) for _ in range(2))
    dy = torch.randn(ROWS, COLUMNS)
elif o.model == "slice":
    a, dy = torch.randn(ROWS, 2 * COLUMNS, requires_grad=True), torch.randn(ROWS, COLUMNS)
else:
    xs = [torch.rand((batch,) + sample) for _ in range(4)]
    ys = [torch.randint(0, 10, (batch,)) for _ in range(4)]
if o.layout == "nhwc" and len(sample) == 3:
    model = model.to(memory_format=torch.channels_last)
    xs = [x.contiguous(memory_format=torch.channels_last) for x in xs]


class OneDNNLinear(nn.Linear):
    def forward(self, x):
        return torch._C._nn.mkldnn_linear(x.to_mkldnn(), self.weight, self.bias).to_dense()


if o.model == "concat":

    def step(i):
        a.grad = b.grad = None
        torch.cat([a, b], 1).backward(dy)
        return 0
elif o.model == "slice":

    def step(i):
        a.grad = None
        a[:, COLUMNS // 2:3 * COLUMNS // 2].contiguous().backward(dy)
        return 0
elif o.mode == "train":
    model.train()
    if o.model == "finetune":
        model.requires_grad_(False)
        model[-1].requires_grad_(True)
    if o.onednn_linear:
        for layer in model.modules():
            if type(layer) is nn.Linear and layer.bias is not None:
                layer.__class__ = OneDNNLinear
    rule = torch.optim.AdamW if o.model in ("gpt", "tokens") else torch.optim.Adam
    learned = [p for p in model.parameters() if p.requires_grad]
    optimizer = rule(learned, lr=1e-3, foreach=o.foreach)
    if o.fused:
        try:
            optimizer = rule(learned, lr=1e-3, fused=True)
        except (RuntimeError, TypeError):
            pass

    def error(x, y):
        logits = model(x)
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), y)

    if o.compile:
        error = torch.compile(error)

    def learn(x, y):
        optimizer.zero_grad(set_to_none=True)
        loss = error(x, y)
        loss.backward()
        optimizer.step()
        return loss

    def step(i):
        return learn(xs[i % 4], ys[i % 4])

    if o.model == "tokens":
        items *= EPOCH

        def step(i):  # an epoch
            order, total = torch.randperm(len(X)), 0.0
            for at in order.split(batch):
                total += learn(X[at], Y[at].view(-1)).item()
            return total / EPOCH
else:
    model.eval()
    fast = model
    if o.onednn_linear:
        from torch.utils import mkldnn
        fast = mkldnn.to_mkldnn(model)
        xs = [x.to_mkldnn() for x in xs]
    if o.jit:
        with torch.no_grad():
            # Not optimize_for_inference, whose result computes for ever where the batch is 1.
            fast = torch.jit.freeze(torch.jit.trace(model, xs[0]))
    if o.compile:
        fast = torch.compile(model)

    def step(i):
        with torch.inference_mode():
            return fast(xs[i % 4])

i, start = 0, time.perf_counter()
while i < 5 or time.perf_counter() - start < o.warmup:
    step(i)
    i += 1
times, start, used = [], time.perf_counter(), time.process_time()
while len(times) < 5 or time.perf_counter() - start < o.seconds:
    t = time.perf_counter()
    result = step(i)
    times.append(time.perf_counter() - t)
    i += 1
used = time.process_time() - used
median = statistics.median(times)
print(json.dumps({
    "model": o.model, "mode": o.mode, "threads": o.threads, "batch": batch, "steps": len(times),
    "per_s": batch * items / median, "best_per_s": batch * items / min(times), "median_ms": median * 1e3,
    "cpu_ms": used / len(times) * 1e3,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    "loss": float(result) if o.mode == "train" else 0,
}))
