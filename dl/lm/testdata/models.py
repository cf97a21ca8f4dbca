"""Small models with random weights, as transformers saves them, and what PyTorch computes with them: writes the folders
gpt2, llama, qwen2, yarn, bert_mlm, bert_classes, bert_tokens, and models.json. The formulas are those of transformers' modeling_gpt2, modeling_llama,
modeling_qwen2, modeling_rope_utils, modeling_bert and generation/utils, written out with torch alone.

    python3 models.py"""
import json, math, os, struct
import torch, torch.nn.functional as F

torch.manual_seed(7)
HERE = os.path.dirname(os.path.abspath(__file__))


def save(name, config, tensors):
    """A folder as save_pretrained writes it."""
    d = os.path.join(HERE, name)
    os.makedirs(d, exist_ok=True)
    with open(os.path.join(d, "config.json"), "w") as f:
        json.dump(config, f, indent=1)
    header, body = {"__metadata__": {"format": "pt"}}, b""
    for k, v in sorted(tensors.items()):
        b = v.contiguous().numpy().tobytes()
        header[k] = {"dtype": "F32", "shape": list(v.shape), "data_offsets": [len(body), len(body) + len(b)]}
        body += b
    h = json.dumps(header, separators=(",", ":")).encode()
    h += b" " * (-len(h) % 8)
    with open(os.path.join(d, "model.safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(h)) + h + body)


def normal(*shape, std=0.3):
    return torch.randn(*shape) * std


def linear(t, name, i, o, bias=True):
    t[name + ".weight"] = normal(o, i)
    if bias:
        t[name + ".bias"] = normal(o)


def norm(t, name, d, bias=True):
    t[name + ".weight"] = 1 + normal(d)
    if bias:
        t[name + ".bias"] = normal(d)


def heads(x, n):
    return x.view(x.shape[0], x.shape[1], n, -1).transpose(1, 2)


def attend(q, k, v, hidden):
    s = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    return (s.masked_fill(hidden, float("-inf")).softmax(-1) @ v).transpose(1, 2).flatten(2)


# GPT-2


def gpt2_weights(c):
    d, t = c["n_embd"], {}
    t["transformer.wte.weight"], t["transformer.wpe.weight"] = normal(c["vocab_size"], d), normal(c["n_positions"], d)
    for i in range(c["n_layer"]):
        p = f"transformer.h.{i}."
        norm(t, p + "ln_1", d)
        norm(t, p + "ln_2", d)
        for name, a, b in [("attn.c_attn", d, 3 * d), ("attn.c_proj", d, d), ("mlp.c_fc", d, 4 * d), ("mlp.c_proj", 4 * d, d)]:
            t[p + name + ".weight"], t[p + name + ".bias"] = normal(a, b), normal(b)
    norm(t, "transformer.ln_f", d)
    return t


def gpt2(c, t, ids):
    d, n = c["n_embd"], ids.shape[1]
    ln = lambda x, p: F.layer_norm(x, (d,), t[p + ".weight"], t[p + ".bias"], c["layer_norm_epsilon"])
    conv = lambda x, p: x @ t[p + ".weight"] + t[p + ".bias"]
    x = t["transformer.wte.weight"][ids] + t["transformer.wpe.weight"][:n]
    later = torch.ones(n, n, dtype=torch.bool).triu(1)
    for i in range(c["n_layer"]):
        p = f"transformer.h.{i}."
        q, k, v = (heads(y, c["n_head"]) for y in conv(ln(x, p + "ln_1"), p + "attn.c_attn").split(d, -1))
        x = x + conv(attend(q, k, v, later), p + "attn.c_proj")
        h = conv(ln(x, p + "ln_2"), p + "mlp.c_fc")
        h = 0.5 * h * (1 + torch.tanh(math.sqrt(2 / math.pi) * (h + 0.044715 * h ** 3)))  # NewGELUActivation
        x = x + conv(h, p + "mlp.c_proj")
    return ln(x, "transformer.ln_f") @ t["transformer.wte.weight"].T


# Llama and Qwen2


def llama_weights(c):
    d, t = c["hidden_size"], {}
    size = c.get("head_dim", d // c["num_attention_heads"])
    q, kv = c["num_attention_heads"] * size, c["num_key_value_heads"] * size
    qwen = c["model_type"] == "qwen2"
    t["model.embed_tokens.weight"] = normal(c["vocab_size"], d)
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        norm(t, p + "input_layernorm", d, False)
        norm(t, p + "post_attention_layernorm", d, False)
        for name, a, b, bias in [("q", d, q, qwen), ("k", d, kv, qwen), ("v", d, kv, qwen), ("o", q, d, False)]:
            linear(t, p + f"self_attn.{name}_proj", a, b, bias)
        for name, a, b in [("gate", d, c["intermediate_size"]), ("up", d, c["intermediate_size"]), ("down", c["intermediate_size"], d)]:
            linear(t, p + f"mlp.{name}_proj", a, b, False)
    norm(t, "model.norm", d, False)
    if not c["tie_word_embeddings"]:
        linear(t, "lm_head", d, c["vocab_size"], False)
    return t


def inverse_frequencies(c, size):
    base, s = c["rope_theta"], c.get("rope_scaling")
    inv = 1.0 / (base ** (torch.arange(0, size, 2, dtype=torch.int64).float() / size))
    if s is None:
        return inv, 1.0
    if s["rope_type"] == "linear":
        return inv / s["factor"], 1.0
    if s["rope_type"] == "llama3":
        old = s["original_max_position_embeddings"]
        low, high = old / s["low_freq_factor"], old / s["high_freq_factor"]
        wave = 2 * math.pi / inv
        out = torch.where(wave > low, inv / s["factor"], inv)
        smooth = (old / wave - s["low_freq_factor"]) / (s["high_freq_factor"] - s["low_freq_factor"])
        mid = (1 - smooth) * out / s["factor"] + smooth * out
        return torch.where(~(wave < high) & ~(wave > low), mid, out), 1.0
    if s["rope_type"] == "yarn":
        old = s["original_max_position_embeddings"]
        dim = lambda turns: size * math.log(old / (turns * 2 * math.pi)) / (2 * math.log(base))
        low, high = max(math.floor(dim(32)), 0), min(math.ceil(dim(1)), size - 1)
        ramp = ((torch.arange(size // 2).float() - low) / (high - low)).clamp(0, 1)
        extrapolated = 1 - ramp
        return inv / s["factor"] * (1 - extrapolated) + inv * extrapolated, 0.1 * math.log(s["factor"]) + 1.0


def llama(c, t, ids):
    d, n, h = c["hidden_size"], ids.shape[1], c["num_attention_heads"]
    size, groups = c.get("head_dim", d // h), h // c["num_key_value_heads"]
    rms = lambda x, p: t[p + ".weight"] * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + c["rms_norm_eps"]))
    lin = lambda x, p: F.linear(x, t[p + ".weight"], t.get(p + ".bias"))
    inv, scale = inverse_frequencies(c, size)
    angles = torch.arange(n).float()[:, None] * inv[None]
    angles = torch.cat((angles, angles), -1)
    cos, sin = angles.cos() * scale, angles.sin() * scale
    turn = lambda x: x * cos + torch.cat((-x[..., size // 2:], x[..., :size // 2]), -1) * sin
    x = t["model.embed_tokens.weight"][ids]
    later = torch.ones(n, n, dtype=torch.bool).triu(1)
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        y = rms(x, p + "input_layernorm")
        q, k, v = (heads(lin(y, p + f"self_attn.{a}_proj"), m) for a, m in [("q", h), ("k", h // groups), ("v", h // groups)])
        q, k, v = turn(q), turn(k).repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
        x = x + lin(attend(q, k, v, later), p + "self_attn.o_proj")
        y = rms(x, p + "post_attention_layernorm")
        x = x + lin(F.silu(lin(y, p + "mlp.gate_proj")) * lin(y, p + "mlp.up_proj"), p + "mlp.down_proj")
    x = rms(x, "model.norm")
    return x @ t.get("lm_head.weight", t["model.embed_tokens.weight"]).T


# BERT


def bert_weights(c):
    d, t, m = c["hidden_size"], {}, c["intermediate_size"]
    e = "bert.embeddings."
    for name, n in [("word", c["vocab_size"]), ("position", c["max_position_embeddings"]), ("token_type", 2)]:
        t[e + name + "_embeddings.weight"] = normal(n, d)
    norm(t, e + "LayerNorm", d)
    for i in range(c["num_hidden_layers"]):
        p = f"bert.encoder.layer.{i}."
        for name, a, b in [("attention.self.query", d, d), ("attention.self.key", d, d), ("attention.self.value", d, d),
                           ("attention.output.dense", d, d), ("intermediate.dense", d, m), ("output.dense", m, d)]:
            linear(t, p + name, a, b)
        norm(t, p + "attention.output.LayerNorm", d)
        norm(t, p + "output.LayerNorm", d)
    kind = c["architectures"][0]
    if kind == "BertForMaskedLM":
        linear(t, "cls.predictions.transform.dense", d, d)
        norm(t, "cls.predictions.transform.LayerNorm", d)
        t["cls.predictions.bias"] = normal(c["vocab_size"])
    if kind == "BertForSequenceClassification":
        linear(t, "bert.pooler.dense", d, d)
    if kind != "BertForMaskedLM":
        linear(t, "classifier", d, len(c["id2label"]))
    return t


def bert_hidden(c, t, ids, types, mask):
    d, n = c["hidden_size"], ids.shape[1]
    ln = lambda x, p: F.layer_norm(x, (d,), t[p + ".weight"], t[p + ".bias"], c["layer_norm_eps"])
    lin = lambda x, p: F.linear(x, t[p + ".weight"], t[p + ".bias"])
    e = "bert.embeddings."
    x = t[e + "word_embeddings.weight"][ids] + t[e + "token_type_embeddings.weight"][types] + t[e + "position_embeddings.weight"][:n]
    x = ln(x, e + "LayerNorm")
    for i in range(c["num_hidden_layers"]):
        p = f"bert.encoder.layer.{i}."
        q, k, v = (heads(lin(x, p + "attention.self." + a), c["num_attention_heads"]) for a in ("query", "key", "value"))
        x = ln(x + lin(attend(q, k, v, ~mask[:, None, None, :].bool()), p + "attention.output.dense"), p + "attention.output.LayerNorm")
        x = ln(x + lin(F.gelu(lin(x, p + "intermediate.dense")), p + "output.dense"), p + "output.LayerNorm")
    return x


def bert(c, t, ids, types, mask):
    x = bert_hidden(c, t, ids, types, mask)
    lin = lambda x, p: F.linear(x, t[p + ".weight"], t[p + ".bias"])
    kind = c["architectures"][0]
    if kind == "BertForMaskedLM":
        p = "cls.predictions.transform."
        h = F.layer_norm(F.gelu(lin(x, p + "dense")), (c["hidden_size"],), t[p + "LayerNorm.weight"], t[p + "LayerNorm.bias"], c["layer_norm_eps"])
        return h @ t["bert.embeddings.word_embeddings.weight"].T + t["cls.predictions.bias"]
    if kind == "BertForSequenceClassification":
        x = torch.tanh(lin(x[:, 0], "bert.pooler.dense"))
    return lin(x, "classifier")


# Generation, as transformers does it.


def process(logits, ids, penalty=1.0, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    """RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper, MinPLogitsWarper, in
    this order."""
    s = logits.clone()
    if penalty != 1:
        seen = torch.tensor(sorted(set(ids)))
        s[seen] = torch.where(s[seen] < 0, s[seen] * penalty, s[seen] / penalty)
    s = s / temperature
    if top_k:
        s = s.masked_fill(s < torch.topk(s, min(top_k, len(s)))[0][-1], float("-inf"))
    if top_p < 1:
        values, order = torch.sort(s, descending=False)
        remove = values.softmax(-1).cumsum(-1) <= 1 - top_p
        remove[-1:] = False
        s = s.masked_fill(torch.zeros_like(remove).scatter(0, order, remove), float("-inf"))
    if min_p:
        p = s.softmax(-1)
        s = s.masked_fill(p < min_p * p.max(), float("-inf"))
    return s


def greedy(model, prompt, new, eos, **options):
    ids = list(prompt)
    for _ in range(new):
        ids.append(int(process(model(torch.tensor([ids]))[0, -1], ids, **options).argmax()))
        if ids[-1] == eos:
            break
    return ids[len(prompt):]


def beams(model, prompt, new, eos, count, length_penalty=1.0, early=False):
    """BeamSearchScorer: 2*count candidates a step; those that end are kept with their scores by length."""
    running, done = [(0.0, list(prompt))] + [(-1e9, list(prompt))] * (count - 1), []
    worst = lambda: min(s for s, _ in done)
    for step in range(1, new + 1):
        scores = torch.stack([model(torch.tensor([ids]))[0, -1].log_softmax(-1) + s for s, ids in running])
        top, at = torch.topk(scores.flatten(), 2 * count)
        nxt = []
        for rank, (s, a) in enumerate(zip(top.tolist(), at.tolist())):
            beam, token = a // scores.shape[1], a % scores.shape[1]
            if token == eos:
                if rank >= count:
                    continue
                done.append((s / step ** length_penalty, running[beam][1][len(prompt):] + [eos]))
                if len(done) > count:
                    done.remove(min(done, key=lambda h: h[0]))
            elif len(nxt) < count:
                nxt.append((s, running[beam][1] + [token]))
        running = nxt
        if len(done) == count and (early or worst() >= top[0].item() / step ** length_penalty):
            break
    else:
        for s, ids in running:
            h = (s / new ** length_penalty, ids[len(prompt):])
            if len(done) < count or h[0] > worst():
                done.append(h)
                if len(done) > count:
                    done.remove(min(done, key=lambda h: h[0]))
    return max(done, key=lambda h: h[0])[1]


def number(t):
    return [round(float(v), 6) for v in t.flatten()]


out = {}
rope3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}
yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}
base = dict(vocab_size=29, hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
            max_position_embeddings=64, hidden_act="silu", rms_norm_eps=1e-5, bos_token_id=1, eos_token_id=2)
DECODERS = {
    "gpt2": dict(model_type="gpt2", architectures=["GPT2LMHeadModel"], vocab_size=29, n_positions=64, n_embd=16, n_layer=2, n_head=2, activation_function="gelu_new",
                 layer_norm_epsilon=1e-5, resid_pdrop=0.1, embd_pdrop=0.1, attn_pdrop=0.1, bos_token_id=2, eos_token_id=2, task_specific_params={"text-generation": {"max_length": 50}}),
    "llama": dict(model_type="llama", architectures=["LlamaForCausalLM"], rope_theta=500000.0, rope_scaling=rope3, tie_word_embeddings=False, **base),
    "qwen2": dict(model_type="qwen2", architectures=["Qwen2ForCausalLM"], rope_theta=1000000.0, tie_word_embeddings=True, sliding_window=8, use_sliding_window=False, **base),
    "yarn": dict(model_type="llama", architectures=["LlamaForCausalLM"], rope_theta=10000.0, rope_scaling=yarn, head_dim=8, tie_word_embeddings=True, **base),
}
for name, c in DECODERS.items():
    weights, forward = (gpt2_weights, gpt2) if name == "gpt2" else (llama_weights, llama)
    t = weights(c)
    save(name, c, t)
    ids = torch.randint(0, 29, (2, 20))
    model = lambda ids: forward(c, t, ids)
    prompts = [ids[0, :6].tolist(), ids[1, :3].tolist()]
    g = {"prompts": prompts}
    g["greedy"] = [greedy(model, p, 24, 2) for p in prompts]
    g["penalty"] = [greedy(model, p, 24, 2, penalty=1.8) for p in prompts]
    g["beams"] = [beams(model, p, 12, 2, 3) for p in prompts]
    g["beams_long"] = [beams(model, p, 12, 2, 4, length_penalty=2.0) for p in prompts]
    g["beams_early"] = [beams(model, p, 12, 2, 2, early=True) for p in prompts]
    out[name] = {"tokens": ids.tolist(), "logits": number(model(ids)), "generated": g}

s = normal(29, std=2)
cases = [dict(), dict(temperature=0.7), dict(top_k=5), dict(top_p=0.8), dict(top_p=0.3), dict(min_p=0.1), dict(penalty=1.3), dict(temperature=1.5, top_k=12, top_p=0.9, min_p=0.05, penalty=1.2)]
out["processed"] = {"logits": number(s), "ids": [3, 5, 3, 11, 20], "cases": [{"options": o, "probabilities": number(process(s, [3, 5, 3, 11, 20], **o).softmax(-1))} for o in cases]}

b = dict(model_type="bert", vocab_size=23, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, max_position_embeddings=16, type_vocab_size=2,
         hidden_act="gelu", layer_norm_eps=1e-12, hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1, position_embedding_type="absolute", pad_token_id=0)
labels = {"id2label": {"0": "B", "1": "I", "2": "O"}, "label2id": {"B": 0, "I": 1, "O": 2}}
for name, c in {"bert_mlm": b | {"architectures": ["BertForMaskedLM"]}, "bert_classes": b | {"architectures": ["BertForSequenceClassification"]} | labels,
                "bert_tokens": b | {"architectures": ["BertForTokenClassification"]} | labels}.items():
    t = bert_weights(c)
    save(name, c, t)
    ids, types = torch.randint(1, 23, (2, 9)), torch.zeros(2, 9, dtype=torch.long)
    types[:, 5:] = 1
    mask = torch.ones(2, 9, dtype=torch.long)
    mask[1, 6:] = 0
    h = bert_hidden(c, t, ids, types, mask)
    m = mask[..., None].float()
    out[name] = {"tokens": ids.tolist(), "types": types.tolist(), "lengths": [9, 6], "logits": number(bert(c, t, ids, types, mask)),
                 "mean": number(F.normalize((h * m).sum(1) / m.sum(1))), "cls": number(h[:, 0])}
with open(os.path.join(HERE, "models.json"), "w") as f:
    json.dump(out, f, separators=(",", ":"))
    f.write("\n")
