"""A step of fine-tuning GPT-2 124M with random weights in PyTorch, batch 4 of 256 tokens, as BenchmarkStep does it: in full, or
by LoRA of rank 8 at all matrices of the layers. Prints the least time and the most memory that the process had.

    python3 step.py full THREADS
    python3 step.py lora THREADS

A third argument compile sends loss and gradients through torch.compile, whose time is not counted."""
import math, resource, sys, time
import torch, torch.nn.functional as F

torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(0)
D, L, H, V, N, T, R, ROUNDS = 768, 12, 12, 50257, 4, 256, 8, 4
low = sys.argv[1] == "lora"
trained = []


def weight(*shape, std=0.02, train=not low):
    w = (torch.randn(*shape) * std if std else torch.zeros(*shape)).requires_grad_(train)
    if train:
        trained.append(w)
    return w


def matrix(i, o):
    m = [weight(i, o), weight(o, std=0)]
    if low:
        a = torch.empty(R, i)
        torch.nn.init.kaiming_uniform_(a, a=math.sqrt(5))
        trained.append(a.requires_grad_())
        m += [a, weight(o, R, std=0, train=True)]
    return m


def norm():
    return [(weight(D, std=0).data.fill_(1)).requires_grad_(not low), weight(D, std=0)]


wte, wpe = weight(V, D), weight(1024, D)
blocks = [{"ln1": norm(), "ln2": norm(), "attn": matrix(D, 3 * D), "proj": matrix(D, D), "fc": matrix(D, 4 * D), "out": matrix(4 * D, D)} for _ in range(L)]
last = norm()
opt = torch.optim.AdamW(trained, lr=1e-4, fused=True)
ids = torch.arange(N * T).mul(37).remainder(50000).view(N, T)
labels = (torch.arange(N * T) + 1).mul(37).remainder(50000)


def conv(x, m):
    y = torch.addmm(m[1], x, m[0])
    return y if len(m) == 2 else y + F.linear(F.linear(x, m[2]), m[3])  # alpha / rank = 1


def loss():
    x = (wte[ids] + wpe[:T]).view(N * T, D)
    for b in blocks:
        q, k, v = (y.reshape(N, T, H, D // H).transpose(1, 2) for y in conv(F.layer_norm(x, (D,), *b["ln1"]), b["attn"]).split(D, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(N * T, D)
        x = x + conv(y, b["proj"])
        x = x + conv(F.gelu(conv(F.layer_norm(x, (D,), *b["ln2"]), b["fc"]), approximate="tanh"), b["out"])
    return F.cross_entropy(F.layer_norm(x, (D,), *last) @ wte.T, labels)


if sys.argv[3:] == ["compile"]:
    loss = torch.compile(loss)


def step():
    loss().backward()
    opt.step()
    opt.zero_grad(set_to_none=True)


step()
best = float("inf")
for _ in range(ROUNDS):
    t = time.perf_counter()
    step()
    best = min(best, time.perf_counter() - t)
print(f"PyTorch {torch.__version__}, {sys.argv[1]}: {1e3 * best:.0f} ms, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6:.0f} MB")
