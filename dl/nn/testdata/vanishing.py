# What BenchmarkVanishing does, with PyTorch: python3 vanishing.py [--flush]
# Prints the least time of five, forward and back through 300 steps, in ms.
import sys, time
import torch

torch.set_num_threads(2)
torch.manual_seed(1)
if "--flush" in sys.argv:
    torch.set_flush_denormal(True)
x = torch.randn(32, 300, 64)
for layer in (torch.nn.RNN, torch.nn.GRU, torch.nn.LSTM):
    model = layer(64, 128, batch_first=True)
    least = float("inf")
    for _ in range(5):
        model.zero_grad()
        start = time.perf_counter()
        model(x)[0][:, -1].sum().backward()
        least = min(least, time.perf_counter() - start)
    print(f"{layer.__name__} {least * 1000:.0f}")
