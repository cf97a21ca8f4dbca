"""Writes transformer.json beside it: ten steps of training a small transformer, as PyTorch computes them.

Parameters have their names in modelbook, and weights are [in, out]; PyTorch gets them transposed. Epsilons are given:
modelbook's default is Keras's 1e-3, PyTorch's is 1e-5. GELU is the exact one, PyTorch's default. The training is AdamW
with PyTorch's defaults but for the rate (betas 0.9 and 0.999, epsilon 1e-8, weight decay 0.01).

Made with PyTorch 2.6.0 (Debian 13):  python3 transformer.py
"""
import json, os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)


def pack(t):
    return {"shape": list(t.shape), "data": [float("%.9g" % v) for v in t.detach().contiguous().flatten().tolist()]}


def rnd(*shape):
    # float32 values, so that both sides begin with the same numbers
    return torch.randn(*shape, dtype=torch.float32).double()


def attend(x, p, heads, causal):
    """torch.nn.functional's own attention, from the packed weights."""
    mask = torch.full((x.shape[1], x.shape[1]), float("-inf")).triu(1) if causal else None
    d = x.shape[2]
    y, _ = F.multi_head_attention_forward(x.transpose(0, 1), x.transpose(0, 1), x.transpose(0, 1), d, heads, p["weight"].t(), p.get("bias"),
                                          None, None, False, 0.0, p["out_weight"].t(), p.get("out_bias"), need_weights=False, attn_mask=mask)
    return y.transpose(0, 1)


def norm(x, p, epsilon):
    return F.layer_norm(x, x.shape[-1:], p["gamma"], p["beta"], epsilon)


def below(p, prefix):
    return {k[len(prefix):]: v for k, v in p.items() if k.startswith(prefix)}


def block(x, p, heads, causal, epsilon):
    a, m = below(p, "residual."), below(p, "residual_1.")
    x = x + attend(norm(x, below(a, "layernorm."), epsilon), below(a, "multiheadattention."), heads, causal)
    h = F.gelu(norm(x, below(m, "layernorm."), epsilon) @ m["dense.weight"] + m["dense.bias"])
    return x + h @ m["dense_1.weight"] + m["dense_1.bias"]


def attention_params(d):
    return {"weight": rnd(d, 3 * d) * 0.4, "bias": rnd(3 * d) * 0.1, "out_weight": rnd(d, d) * 0.4, "out_bias": rnd(d) * 0.1}


def block_params(d, hidden):
    p = {}
    for r in ("residual.", "residual_1."):
        p[r + "layernorm.gamma"], p[r + "layernorm.beta"] = 1 + 0.1 * rnd(d), 0.1 * rnd(d)
    p.update({"residual.multiheadattention." + k: v for k, v in attention_params(d).items()})
    p["residual_1.dense.weight"], p["residual_1.dense.bias"] = rnd(d, hidden) * 0.3, rnd(hidden) * 0.1
    p["residual_1.dense_1.weight"], p["residual_1.dense_1.bias"] = rnd(hidden, d) * 0.3, rnd(d) * 0.1
    return {k: v.float().double() for k, v in p.items()}


# Ten steps of AdamW on a small GPT.
vocabulary, t, d, heads = 11, 6, 8, 2
p = {"embedding.weight": rnd(vocabulary, d) * 0.5, "positionalembedding.weight": rnd(t, d) * 0.5}
for name in ("transformerblock.", "transformerblock_1."):
    p.update({name + k: v for k, v in block_params(d, 4 * d).items()})
p["layernorm.gamma"], p["layernorm.beta"], p["dense.weight"] = torch.ones(d), torch.zeros(d), rnd(d, vocabulary) * 0.3
p = {k: v.float().double().requires_grad_() for k, v in p.items()}
tokens, labels = torch.randint(0, vocabulary, (3, t)), torch.randint(0, vocabulary, (3, t))
gpt = {"tokens": pack(tokens), "labels": pack(labels), "start": {k: pack(v) for k, v in p.items()}, "losses": []}
rule = torch.optim.AdamW(p.values(), lr=1e-2)
for _ in range(10):
    x = F.embedding(tokens, p["embedding.weight"]) + p["positionalembedding.weight"]
    for name in ("transformerblock.", "transformerblock_1."):
        x = block(x, below(p, name), heads, True, 1e-5)
    logits = norm(x, below(p, "layernorm."), 1e-5) @ p["dense.weight"]
    loss = F.cross_entropy(logits.view(-1, vocabulary), labels.view(-1))
    gpt["losses"].append(float("%.9g" % loss.item()))
    rule.zero_grad()
    loss.backward()
    rule.step()
gpt["end"] = {k: pack(v) for k, v in p.items()}

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "transformer.json"), "w") as f:
    json.dump({"torch": torch.__version__, "gpt": gpt}, f)
