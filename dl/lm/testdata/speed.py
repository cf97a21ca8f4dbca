"""GPT-2 124M with random weights in PyTorch: a prompt of 128 tokens, and one token at a time behind it with a key/value cache,
at PyTorch's best setting (one addmm a matrix, scaled_dot_product_attention, a cache taken once). Prints the least times of
the processor, as BenchmarkSpeed does, so that the two can be compared on a busy machine:

    python3 speed.py"""
import time
import torch, torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(0)
D, L, H, V, P, ROUNDS = 768, 12, 12, 50257, 256, 12
wte, wpe = torch.randn(V, D) * 0.02, torch.randn(1024, D) * 0.02
blocks = [{n: (torch.randn(a, b) * 0.02, torch.zeros(b)) for n, a, b in [("attn", D, 3 * D), ("proj", D, D), ("fc", D, 4 * D), ("out", 4 * D, D)]} for _ in range(L)]
one, zero = torch.ones(D), torch.zeros(D)
keys, values = torch.zeros(L, 1, H, P, D // H), torch.zeros(L, 1, H, P, D // H)


def step(ids, at):
    n = ids.shape[1]
    x = (wte[ids] + wpe[at:at + n])[0]
    for i, b in enumerate(blocks):
        conv = lambda x, name: torch.addmm(b[name][1], x, b[name][0])
        q, k, v = (y.view(1, n, H, D // H).transpose(1, 2) for y in conv(F.layer_norm(x, (D,), one, zero), "attn").split(D, -1))
        keys[i, :, :, at:at + n], values[i, :, :, at:at + n] = k, v
        y = F.scaled_dot_product_attention(q, keys[i, :, :, :at + n], values[i, :, :, :at + n], is_causal=n > 1)
        x = x + conv(y.transpose(1, 2).reshape(n, D), "proj")
        x = x + conv(F.gelu(conv(F.layer_norm(x, (D,), one, zero), "fc"), approximate="tanh"), "out")
    return F.layer_norm(x[-1:], (D,), one, zero) @ wte.T


def least(f, times):
    best = float("inf")
    for _ in range(times):
        t = time.process_time()
        f()
        best = min(best, time.process_time() - t)
    return best


with torch.inference_mode():
    prompt, token = torch.zeros(1, 128, dtype=torch.long), torch.zeros(1, 1, dtype=torch.long)
    step(prompt, 0), step(token, 128)
    p, t = least(lambda: step(prompt, 0), ROUNDS), least(lambda: step(token, 128), 4 * ROUNDS)
print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads: prompt {1e3 * p:.1f} ms, token {1e3 * t:.2f} ms")
