"""Does the convolutions of BenchmarkVolumeSpeed, by the same names, with PyTorch, channels last. Each line of the input is a
name and a number of threads; the answer is the least time, in seconds, of what fits into a fifth of a second."""
import re, sys, time
import torch


def least(f):
    best, n, start = float("inf"), 0, time.perf_counter()
    while n < 3 or time.perf_counter() - start < 0.2:
        begun = time.perf_counter()
        f()
        best, n = min(best, time.perf_counter() - begun), n + 1
    return best


def case(name):
    sizes, which = name.split("/")
    depth, size, _, channels, filters, stride, padding, groups = (int(n) for n in re.findall(r"\d+", sizes))
    last = torch.channels_last_3d
    x = torch.randn(4, channels, depth, size, size).contiguous(memory_format=last).requires_grad_(which == "input")
    conv = torch.nn.Conv3d(channels, filters, 3, stride=stride, padding=padding, groups=groups).to(memory_format=last)
    conv.requires_grad_(which == "weights")
    if which == "forward":
        return lambda: conv(x)
    y = conv(x)
    dy, of = torch.ones_like(y), [x] if which == "input" else list(conv.parameters())
    return lambda: torch.autograd.grad(y, of, dy, retain_graph=True)


for line in sys.stdin:
    name, threads = line.split()
    torch.set_num_threads(int(threads))
    print(least(case(name)), flush=True)
