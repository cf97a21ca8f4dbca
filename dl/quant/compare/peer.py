"""GPT-2 124M with random weights in PyTorch, float32, at its best setting (one addmm a matrix, scaled_dot_product_attention, a
cache taken once): a prompt, then one token at a time behind it. Prints the least time of the prompt and the lower decile of the
times of tokens:

    python3 peer.py THREADS PROMPT TOKENS [compile]

With compile the two functions go through torch.compile, whose time is not counted; the cache then has one size and what is not
filled yet is masked, so that a token compiles once."""
import sys, time, torch, torch.nn.functional as F

threads, P, T = map(int, sys.argv[1:4])
compiled = sys.argv[4:] == ["compile"]
torch.set_num_threads(threads)
torch.manual_seed(0)
D, L, H, V = 768, 12, 12, 50257
wte, wpe = torch.randn(V, D) * 0.02, torch.randn(1024, D) * 0.02
blocks = [{n: (torch.randn(a, b) * 0.02, torch.zeros(b)) for n, a, b in [("attn", D, 3 * D), ("proj", D, D), ("fc", D, 4 * D), ("out", 4 * D, D)]} for _ in range(L)]
one, zero = torch.ones(D), torch.zeros(D)
keys, values = torch.zeros(L, 1, H, P + T + 8, D // H), torch.zeros(L, 1, H, P + T + 8, D // H)


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
    return (F.layer_norm(x[-1:], (D,), one, zero) @ wte.T).argmax(-1, keepdim=True)


def timed(*args):
    start = time.perf_counter()
    y = step(*args)
    return y, 1e3 * (time.perf_counter() - start)


places = torch.arange(P + T + 8)


def fixed(ids, at):
    """step with a cache of one size; at is a tensor of the positions."""
    n = ids.shape[1]
    x = (wte[ids] + wpe[at])[0]
    mask = places[None, :] <= at[:, None]
    for i, b in enumerate(blocks):
        conv = lambda x, name: torch.addmm(b[name][1], x, b[name][0])
        q, k, v = (y.view(1, n, H, D // H).transpose(1, 2) for y in conv(F.layer_norm(x, (D,), one, zero), "attn").split(D, -1))
        keys[i].index_copy_(2, at, k), values[i].index_copy_(2, at, v)
        if n == P:  # the prompt comes first
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            y = F.scaled_dot_product_attention(q, keys[i], values[i], attn_mask=mask)
        x = x + conv(y.transpose(1, 2).reshape(n, D), "proj")
        x = x + conv(F.gelu(conv(F.layer_norm(x, (D,), one, zero), "fc"), approximate="tanh"), "out")
    return (F.layer_norm(x[-1:], (D,), one, zero) @ wte.T).argmax(-1, keepdim=True)


if compiled:
    ways = {n: torch.compile(fixed, dynamic=False, fullgraph=True) for n in (1, P)}
    step = lambda ids, at: ways[ids.shape[1]](ids, torch.arange(at, at + ids.shape[1]))

with torch.inference_mode():
    prompt = (torch.arange(P) * 31 + 7)[None] % 50000
    least = min(timed(prompt, 0)[1] for _ in range(4))
    token, times = step(prompt, 0), []
    step(token, P)  # compiles
    for i in range(T):
        token, t = timed(token, P + i)
        times.append(t)
print(f"prompt {least:.2f} ms, token {sorted(times)[T // 10]:.3f} ms")
