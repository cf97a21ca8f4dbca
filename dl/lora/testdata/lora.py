"""What PyTorch computes with low-rank additions: writes lora.json, and the folder adapter as save_pretrained of Hugging
Face's peft 0.14 writes it. The formulas are those of peft's tuners/lora/layer.py and of transformers' modeling_gpt2, written
out with torch alone; the model is dl/lm/testdata/gpt2.

    python3 lora.py"""
import json, math, os, struct
import torch, torch.nn.functional as F

torch.manual_seed(3)
HERE = os.path.dirname(os.path.abspath(__file__))
MODEL = os.path.join(HERE, "..", "..", "lm", "testdata", "gpt2")
flat = lambda t: [float(f"{v:.7g}") for v in t.detach().double().flatten().tolist()]


def write(path, tensors):
    header, body = {"__metadata__": {"format": "pt"}}, b""
    for k, v in sorted(tensors.items()):
        b = v.detach().contiguous().numpy().tobytes()
        header[k] = {"dtype": "F32", "shape": list(v.shape), "data_offsets": [len(body), len(body) + len(b)]}
        body += b
    h = json.dumps(header, separators=(",", ":")).encode()
    h += b" " * (-len(h) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(h)) + h + body)


def read(path):
    b = open(path, "rb").read()
    n = struct.unpack("<Q", b[:8])[0]
    header, tensors = json.loads(b[8:8 + n]), {}
    for k, v in header.items():
        if k != "__metadata__":
            lo, hi = v["data_offsets"]
            tensors[k] = torch.frombuffer(bytearray(b[8 + n + lo:8 + n + hi]), dtype=torch.float32).view(v["shape"])
    return tensors


def linear(in_first):
    """One matrix, [out, in] or as GPT-2's [in, out]: result, gradients, and the merged weights."""
    i, o, r, scale = 5, 7, 2, 3 / 2
    x, w, b = torch.randn(2, 3, i), torch.randn(o, i), torch.randn(o)
    A, B, dy = torch.randn(r, i), torch.randn(o, r), torch.randn(2, 3, o)
    for t in (x, A, B):
        t.requires_grad_()
    y = F.linear(x, w, b) + F.linear(F.linear(x, A), B) * scale
    (y * dy).sum().backward()
    merged = (w + scale * B @ A).detach()
    return {"InFirst": in_first, "X": flat(x), "W": flat(w.T if in_first else w), "Bias": flat(b), "A": flat(A), "B": flat(B), "DY": flat(dy),
            "Y": flat(y), "DX": flat(x.grad), "DA": flat(A.grad), "DB": flat(B.grad), "Merged": flat(merged.T if in_first else merged)}


# GPT-2

config = json.load(open(os.path.join(MODEL, "config.json")))
weights = read(os.path.join(MODEL, "model.safetensors"))
D, H, L, V = config["n_embd"], config["n_head"], config["n_layer"], config["vocab_size"]
RANK, ALPHA = 3, 12
targets = ["c_attn", "mlp.c_proj"]
lora = {}
for name, w in sorted(weights.items()):
    module = name.removesuffix(".weight")
    if name.endswith(".weight") and any(module.endswith("." + t) for t in targets):
        a, b = torch.empty(RANK, w.shape[0]), torch.randn(w.shape[1], RANK) * 0.2
        torch.nn.init.kaiming_uniform_(a, a=math.sqrt(5))
        lora[module] = (a.requires_grad_(), b.requires_grad_())


def gpt2(ids):
    n = ids.shape[1]
    ln = lambda x, p: F.layer_norm(x, (D,), weights[p + ".weight"], weights[p + ".bias"], config["layer_norm_epsilon"])
    heads = lambda x: x.view(x.shape[0], n, H, -1).transpose(1, 2)

    def conv(x, p):
        y = x @ weights[p + ".weight"] + weights[p + ".bias"]
        if p in lora:
            a, b = lora[p]
            y = y + F.linear(F.linear(x, a), b) * (ALPHA / RANK)
        return y

    x = weights["transformer.wte.weight"][ids] + weights["transformer.wpe.weight"][:n]
    later = torch.ones(n, n, dtype=torch.bool).triu(1)
    for i in range(L):
        p = f"transformer.h.{i}."
        q, k, v = (heads(y) for y in conv(ln(x, p + "ln_1"), p + "attn.c_attn").split(D, -1))
        s = (q @ k.transpose(-1, -2) / math.sqrt(D // H)).masked_fill(later, float("-inf")).softmax(-1)
        x = x + conv((s @ v).transpose(1, 2).flatten(2), p + "attn.c_proj")
        x = x + conv(F.gelu(conv(ln(x, p + "ln_2"), p + "mlp.c_fc"), approximate="tanh"), p + "mlp.c_proj")
    return ln(x, "transformer.ln_f") @ weights["transformer.wte.weight"].T


os.makedirs(os.path.join(HERE, "adapter"), exist_ok=True)
write(os.path.join(HERE, "adapter", "adapter_model.safetensors"),
      {f"base_model.model.{m}.lora_{k}.weight": t for m, ab in lora.items() for k, t in zip("AB", ab)})
with open(os.path.join(HERE, "adapter", "adapter_config.json"), "w") as f:
    json.dump({"alpha_pattern": {}, "auto_mapping": None, "base_model_name_or_path": "gpt2", "bias": "none", "eva_config": None, "exclude_modules": None,
               "fan_in_fan_out": True, "inference_mode": True, "init_lora_weights": True, "layer_replication": None, "layers_pattern": None,
               "layers_to_transform": None, "loftq_config": {}, "lora_alpha": ALPHA, "lora_bias": False, "lora_dropout": 0.0, "megatron_config": None,
               "megatron_core": "megatron.core", "modules_to_save": None, "peft_type": "LORA", "r": RANK, "rank_pattern": {}, "revision": None,
               "target_modules": targets, "task_type": "CAUSAL_LM", "use_dora": False, "use_rslora": False}, f, indent=2)

tokens = torch.randint(V, (3, 9))
labels = torch.roll(tokens, -1, 1)
labels[:, -1] = -100
labels[0, :4] = -100  # a prompt
labels[1, :2] = -100
labels[1, 6:] = -100  # padding
record = {"Linear": [linear(False), linear(True)], "Tokens": tokens.tolist(), "Labels": labels.tolist(), "Logits": flat(gpt2(tokens)), "Losses": []}
all = [t for m in sorted(lora) for t in lora[m]]
for step in range(6):  # plain gradient descent
    loss = F.cross_entropy(gpt2(tokens).view(-1, V), labels.view(-1))
    record["Losses"].append(loss.item())
    grads = torch.autograd.grad(loss, all)
    if step == 0:
        record["Gradients"] = {f"{m}.lora_{k}.weight": flat(grads[2 * i + j]) for i, m in enumerate(sorted(lora)) for j, k in enumerate("AB")}
    with torch.no_grad():
        for t, g in zip(all, grads):
            t -= 0.05 * g
record["After"] = flat(gpt2(tokens))
with open(os.path.join(HERE, "lora.json"), "w") as f:
    json.dump(record, f)
