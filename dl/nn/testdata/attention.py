"""Attention with masks, groups, positions and other sequences, and the layers of transformers: writes attention.json.
Those that PyTorch has, nn.MultiheadAttention, nn.TransformerEncoderLayer, nn.TransformerDecoderLayer, the chains of these and
nn.Transformer, compute with the recorded weights; rotary positions are those of transformers' modeling_llama."""
from record import *
import torch.nn as nn
from torch.func import functional_call

D, T, S = 4, 3, 5


def names(params):
    """The parameters of layers under PyTorch's names, and in its layouts."""
    own = {"weight": "in_proj_weight", "bias": "in_proj_bias", "out_weight": "out_proj.weight", "out_bias": "out_proj.bias"}
    out = {}
    for k, v in params.items():
        path = k.split("__")
        if path[-1] in own and (len(path) == 1 or path[-2].endswith("attn")):
            path[-1] = own[path[-1]]
        path[-1] = {"gamma": "weight", "beta": "bias"}.get(path[-1], path[-1])
        out[".".join(path)] = v.t() if v.dim() == 2 else v
    return out


def attention(prefix="", d=D, width=3 * D, bias=True):
    p = {prefix + "weight": away(d, width), prefix + "out_weight": away(d, d)}
    return p | ({prefix + "bias": away(width), prefix + "out_bias": away(d)} if bias else {})


def norm(name):
    return {name + "__gamma": away(D), name + "__beta": away(D)}


def layer(prefix="", hidden=6, decoder=False):
    p = attention("self_attn__") | (attention("multihead_attn__") if decoder else {})
    p |= {"linear1__weight": away(D, hidden), "linear1__bias": away(hidden), "linear2__weight": away(hidden, D), "linear2__bias": away(D)}
    for n in ["norm1", "norm2"] + (["norm3"] if decoder else []):
        p |= norm(n)
    return {prefix + k: v for k, v in p.items()}


def call(module, *args, **kw):
    return lambda params: functional_call(module, names(params), args, kw)


# PyTorch's own attention. Its masks of bools say what is hidden.
mha = nn.MultiheadAttention(D, 2, batch_first=True)
shown = torch.tensor([[1, 0, 1, 1, 0], [0, 1, 0, 0, 1], [1, 1, 1, 0, 1]]) > 0
padded = torch.arange(S)[None] >= torch.tensor([4, 2])[:, None]
case("MultiHeadAttention to another", lambda x, c, **p: call(mha, x, c, c)(p)[0], away(2, T, D), away(2, S, D), **attention())
case("MultiHeadAttention shown", lambda x, c, m, **p: call(mha, x, c, c, attn_mask=~m)(p)[0], away(2, T, D), away(2, S, D), shown, **attention())
case("MultiHeadAttention added", lambda x, c, m, **p: call(mha, x, c, c, attn_mask=m)(p)[0], away(2, T, D), away(2, S, D), away(T, S), **attention())
case("MultiHeadAttention lengths", lambda x, **p: call(mha, x, x, x, key_padding_mask=padded)(p)[0], away(2, S, D), **attention())


def wide(x, c, **p):
    """To a sequence of other channels, PyTorch's kdim and vdim."""
    q, (k, v) = p["weight"].t(), p["kv_weight"].t().chunk(2)
    y, _ = F.multi_head_attention_forward(x.transpose(0, 1), c.transpose(0, 1), c.transpose(0, 1), D, 2, None, torch.cat([p["bias"], p["kv_bias"]]), None, None, False,
                                          0.0, p["out_weight"].t(), p["out_bias"], need_weights=False, use_separate_proj_weight=True,
                                          q_proj_weight=q, k_proj_weight=k, v_proj_weight=v)
    return y.transpose(0, 1)


case("MultiHeadAttention to another of 3 channels", wide, away(2, T, D), away(2, S, 3), kv_weight=away(3, 2 * D), kv_bias=away(2 * D), **attention(width=D))


def rotate(x, at=0):
    """modeling_llama's apply_rotary_pos_emb for [N, heads, T, size]."""
    n, size = x.shape[-2:]
    angle = torch.outer(torch.arange(n) + at + 0.0, 10000.0 ** (-torch.arange(0, size, 2) / size))
    angle = torch.cat([angle, angle], -1)
    a, b = x.chunk(2, -1)
    return x * angle.cos() + torch.cat([-b, a], -1) * angle.sin()


def grouped(x, weight, bias, out_weight, out_bias, heads, kv, size, turn=lambda x: x, mask=None):
    q, k, v = [y.unflatten(-1, (-1, size)).transpose(1, 2) for y in (x @ weight + bias).split([heads * size, kv * size, kv * size], -1)]
    y = F.scaled_dot_product_attention(turn(q), turn(k), v, attn_mask=mask, enable_gqa=True)
    return y.transpose(1, 2).flatten(2) @ out_weight + out_bias


def weights(heads, kv, size):
    w = (heads + 2 * kv) * size
    return dict(weight=away(D, w), bias=away(w), out_weight=away(heads * size, D), out_bias=away(D))


i, j = torch.arange(S)[:, None], torch.arange(S)[None]
slopes = torch.tensor([2.0 ** -4, 2.0 ** -8]).reshape(2, 1, 1)
case("MultiHeadAttention grouped", lambda x, **p: grouped(x, heads=4, kv=2, size=3, **p), away(2, T, D), **weights(4, 2, 3))
case("MultiHeadAttention rotary", lambda x, **p: grouped(x, heads=2, kv=1, size=2, turn=rotate, mask=j <= i, **p), away(2, S, D), **weights(2, 1, 2))
case("MultiHeadAttention window", lambda x, **p: grouped(x, heads=2, kv=2, size=2, mask=(j <= i) & (j > i - 2), **p), away(2, S, D), **weights(2, 2, 2))
case("MultiHeadAttention ALiBi", lambda x, **p: grouped(x, heads=2, kv=2, size=2, mask=-slopes * (i - j).abs(), **p), away(2, S, D), **weights(2, 2, 2))


def sinusoids(n, d):
    """The encoding of PyTorch's tutorial on transformers."""
    pe, position, div = torch.zeros(n, d), torch.arange(n).unsqueeze(1), torch.exp(torch.arange(0, d, 2) * (-math.log(10000.0) / d))
    pe[:, 0::2], pe[:, 1::2] = torch.sin(position * div), torch.cos(position * div)
    return pe.float().double()  # modelbook's are float32


case("SinusoidalEmbedding", lambda x: x + sinusoids(S, 6), away(2, S, 6))

# PyTorch's layers and chains.
encoder = lambda **o: nn.TransformerEncoderLayer(D, 2, 6, dropout=0, batch_first=True, **o)
decoder = lambda **o: nn.TransformerDecoderLayer(D, 2, 6, dropout=0, batch_first=True, **o)
causal = torch.ones(T, T).tril() == 0
case("TransformerEncoderLayer", lambda x, **p: call(encoder(), x)(p), away(2, T, D), **layer())
case("TransformerEncoderLayer norm first", lambda x, **p: call(encoder(norm_first=True, activation="gelu", layer_norm_eps=1e-3), x, src_mask=causal)(p), away(2, T, D), **layer())
case("TransformerEncoderLayer lengths", lambda x, **p: call(encoder(), x, src_key_padding_mask=padded)(p), away(2, S, D), **layer())
case("TransformerDecoderLayer", lambda x, m, **p: call(decoder(), x, m, tgt_mask=causal)(p), away(2, T, D), away(2, S, D), **layer(decoder=True))
case("TransformerDecoderLayer norm first", lambda x, m, s, **p: call(decoder(norm_first=True, activation="gelu"), x, m, memory_mask=~s, memory_key_padding_mask=padded)(p),
     away(2, T, D), away(2, S, D), torch.tensor([[1, 0, 1, 1, 0], [0, 1, 0, 0, 1], [1, 1, 1, 0, 1]]) > 0, **layer(decoder=True))


def llama(x, **p):
    """A layer as transformers' modeling_llama has it, the gate behind the other half."""
    rms = lambda x, w: F.rms_norm(x, (D,), w, 1e-6)
    w = p["self_attn__weight"]
    x = x + grouped(rms(x, p["norm1__gamma"]), w, 0, p["self_attn__out_weight"], 0, heads=2, kv=1, size=2, turn=rotate, mask=j <= i)
    up, gate = (rms(x, p["norm2__gamma"]) @ p["linear1__weight"]).chunk(2, -1)
    return x + (F.silu(gate) * up) @ p["linear2__weight"]


case("TransformerEncoderLayer of Llama", llama, away(2, S, D), self_attn__weight=away(D, 8), self_attn__out_weight=away(4, D), linear1__weight=away(D, 12),
     linear2__weight=away(6, D), norm1__gamma=away(D), norm2__gamma=away(D))


def chain(prefix="", final=True, layers=2, **o):
    p = {}
    for i in range(layers):
        p |= layer(f"{prefix}layers__{i}__", **o)
    return p | ({f"{prefix}norm__{k}": v for k, v in {"gamma": away(D), "beta": away(D)}.items()} if final else {})


case("TransformerEncoder", lambda x, **p: call(nn.TransformerEncoder(encoder(norm_first=True), 2, nn.LayerNorm(D), enable_nested_tensor=False), x)(p), away(2, T, D), **chain())
case("TransformerEncoder without norm", lambda x, **p: call(nn.TransformerEncoder(encoder(), 1, enable_nested_tensor=False), x)(p), away(2, T, D),
     **chain(final=False, layers=1))
case("TransformerDecoder", lambda x, m, **p: call(nn.TransformerDecoder(decoder(), 2, nn.LayerNorm(D)), x, m, tgt_mask=causal)(p), away(2, T, D), away(2, S, D),
     **chain(decoder=True))
whole = nn.Transformer(D, 2, 1, 1, 6, dropout=0, batch_first=True)
case("Transformer", lambda s, x, **p: call(whole, s, x, tgt_mask=causal, src_key_padding_mask=padded, memory_key_padding_mask=padded)(p), away(2, S, D), away(2, T, D),
     **chain("encoder__", layers=1), **chain("decoder__", layers=1, decoder=True))
save(__file__)
