"""Times of operations of PyTorch on one thread, in the order and by the names of BenchmarkMemorySpeed: the median of
repeated runs, in ns."""
import statistics, time
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
images = torch.randn(32, 64, 32, 32).contiguous(memory_format=torch.channels_last)
rows, scores, matrix, numbers = torch.randn(4096, 512), torch.randn(4096, 1000), torch.randn(2048, 2048), torch.randn(256, 4096)
ones, zeros, wide, wide_zeros = torch.ones(64), torch.zeros(64), torch.ones(512), torch.zeros(512)
places = torch.randint(0, 2048, (2048, 2048))
for name, x, grad, f in [
    ("BatchNorm", images, True, lambda x: F.batch_norm(x, zeros.clone(), ones.clone(), ones, zeros, training=True)),
    ("GroupNorm", images, True, lambda x: F.group_norm(x, 32, ones, zeros)),
    ("LayerNorm", rows, True, lambda x: F.layer_norm(x, (512,), wide, wide_zeros)),
    ("RMSNorm", rows, True, lambda x: F.rms_norm(x, (512,), wide)),
    ("Softmax", scores, True, lambda x: torch.softmax(x, -1)),
    ("GELU", rows, True, F.gelu), ("SiLU", rows, True, F.silu), ("Mish", rows, True, F.mish),
    ("Sum", rows, False, torch.sum), ("Sum0", rows, False, lambda x: x.sum(0)), ("Sum1", rows, False, lambda x: x.sum(1)),
    ("Max1", rows, False, lambda x: x.amax(1)),
    ("Transpose", matrix, False, lambda x: x.T.contiguous()), ("Sort", numbers, False, lambda x: torch.sort(x, 1).values),
    ("Gather", matrix, False, lambda x: torch.gather(x, 1, places)),
]:
    x, dy = x.detach().clone(memory_format=torch.preserve_format), torch.ones_like(x)
    times = []
    for _ in range(15):
        x.grad = None
        x.requires_grad_(grad)
        start = time.perf_counter()
        y = f(x)
        if grad:
            y.backward(dy)
        times.append(time.perf_counter() - start)
    print(f"{name:12} {statistics.median(times) * 1e9:12.0f} (least {min(times) * 1e9:.0f})", flush=True)
