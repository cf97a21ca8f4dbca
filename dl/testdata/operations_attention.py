# Attention with its options, and positions. Rules that PyTorch has no argument for
# are given to it as masks, but for grouped queries, which it repeats.
T, S = 3, 5
q2, k2, v2, k1, v1 = away(2, T, 4), away(2, S, 4), away(2, S, 4), away(2, S, 2), away(2, S, 2)


def attention(q, k, v, mask=None, kv=2, **options):
    split = heads(q, 2), heads(k, kv), heads(v, kv)
    return merge(F.scaled_dot_product_attention(*split, attn_mask=mask, enable_gqa=kv != 2, **options))


seen = torch.tensor([[1, 0, 1, 1, 0], [0, 0, 0, 0, 1], [1, 1, 1, 0, 1]]) > 0
per_sample = torch.stack([seen, ~seen])
i, j = torch.arange(T)[:, None], torch.arange(S)[None, :]
later = i + S - T  # the position of a query among the keys
case("dl.Attention grouped", lambda q, k, v: attention(q, k, v, kv=1), q2, k1, v1)
case("dl.Attention scale", lambda q, k, v: attention(q, k, v, scale=0.3), q2, k2, v2)
case("dl.Attention shown to all", lambda q, k, v, m: attention(q, k, v, m), q2, k2, v2, seen)
case("dl.Attention shown by sample", lambda q, k, v, m: attention(q, k, v, m[:, None]), q2, k2, v2, per_sample)
case("dl.Attention padding", lambda q, k, v, m: attention(q, k, v, m[:, None]), q2, k2, v2, per_sample[:, :1])
case("dl.Attention added", lambda q, k, v, m: attention(q, k, v, m), q2, k2, v2, away(1, 2, T, S))
case("dl.Attention added to keys", lambda q, k, v, m: attention(q, k, v, m[:, None]), q2, k2, v2, away(2, 1, S))
case("dl.Attention added to queries", lambda q, k, v, m: attention(q, k, v, m), q2, k2, v2, away(T, 1))
case("dl.Attention causal", lambda q, k, v: attention(q, k, v, j <= later), q2, k2, v2)
case("dl.Attention window", lambda q, k, v: attention(q, k, v, (j <= later) & (j > later - 2)), q2, k2, v2)
first = torch.tensor([0, 2]).reshape(2, 1, 1, 1)
case("dl.Attention offsets", lambda q, k, v: attention(q, k, v, j <= i + first), q2, k2, v2)
length = torch.tensor([4, 2]).reshape(2, 1, 1, 1)
case("dl.Attention lengths", lambda q, k, v: attention(q, k, v, j < length), q2, k2, v2)
slopes = torch.tensor([2.0 ** (-4 * (h + 1)) for h in range(2)]).double().reshape(1, 2, 1, 1)
case("dl.Attention slopes", lambda q, k, v: attention(q, k, v, -slopes * (later - j).abs()), q2, k2, v2)


def packed(x):
    q, k, v = x.split([4, 2, 2], -1)
    return attention(q, k, v, kv=1, mask=torch.ones(T, T).tril() > 0)


case("dl.SelfAttention grouped", packed, away(2, T, 8))


# Rotary as Llama's first code has it, by complex numbers, and as transformers' modeling_llama has it, by halves.
def angles(n, size, base=10000.0, at=0, scale=1.0):
    return torch.outer((torch.arange(n).double() + at) / scale, base ** (-torch.arange(0, size, 2).double() / size))


def pairs(x, n, angle):
    z = torch.view_as_complex(heads(x, n).unflatten(-1, (-1, 2)))
    return merge(torch.view_as_real(z * torch.polar(torch.ones_like(angle), angle)).flatten(-2))


def halves(x, n, angle, size=None):
    x = heads(x, n)
    x, rest = x[..., :size], x[..., size or x.shape[-1]:]
    a, b = x.chunk(2, -1)
    angle = torch.cat([angle, angle], -1)
    return merge(torch.cat([x * angle.cos() + torch.cat([-b, a], -1) * angle.sin(), rest], -1))


x = away(2, T, 12)
case("dl.Rotary", lambda x: halves(x, 2, angles(T, 6)), x)
case("dl.Rotary interleaved", lambda x: pairs(x, 2, angles(T, 6, base=500.0, at=7)), x)
case("dl.Rotary of a part", lambda x: halves(x, 2, angles(T, 4, at=2, scale=4.0), 4), x)
case("dl.Rotary of some heads", lambda x: torch.cat([halves(x[..., :8], 2, angles(T, 4)), x[..., 8:]], -1), x)
case("dl.Rotary of samples", lambda x: torch.cat([halves(x[:1], 2, angles(T, 6, at=4)), halves(x[1:], 2, angles(T, 6, at=1))]), x)


def llama3(size, base, factor, low, high, length):
    """transformers.modeling_rope_utils._compute_llama3_parameters"""
    f = 1.0 / base ** (torch.arange(0, size, 2).double() / size)
    wave = 2 * math.pi / f
    slow = torch.where(wave > length / low, f / factor, f)
    smooth = (length / wave - low) / (high - low)
    medium = ~(wave < length / high) & ~(wave > length / low)
    return torch.where(medium, (1 - smooth) * slow / factor + smooth * slow, slow)


case("dl.Rotary of Llama 3", lambda x: halves(x, 1, torch.outer(torch.arange(3).double() * 100, llama3(16, 500000.0, 8.0, 1.0, 4.0, 8192))),
     away(1, 3, 16))


def sinusoids():
    """The encoding of PyTorch's tutorial on transformers."""
    pe, position = torch.zeros(7, 6).double(), torch.arange(7).double().unsqueeze(1)
    div = torch.exp(torch.arange(0, 6, 2).double() * (-math.log(10000.0) / 6))
    pe[:, 0::2], pe[:, 1::2] = torch.sin(position * div), torch.cos(position * div)
    return pe.float()


case("dl.Sinusoids", sinusoids)
