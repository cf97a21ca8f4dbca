"""The first layers, activations and losses: writes basic.json. BatchNorm has Keras's momentum 0.99 and epsilon 1e-3,
PyTorch's momentum is 1 minus that. "Same" padding is TensorFlow's: the odd row and column of zeros come last."""
from record import *

acts = {"Identity": lambda t: t, "ReLU": torch.relu, "Sigmoid": torch.sigmoid, "Tanh": torch.tanh,
        "Softmax": lambda t: torch.softmax(t, -1), "GELU": F.gelu, "LeakyReLU": lambda t: F.leaky_relu(t, 0.01)}
for name, f in acts.items():
    case(name, f, away(3, 4))
    case("Dense with " + name, lambda x, weight, bias: f(x @ weight + bias), away(3, 4), weight=away(4, 3), bias=away(3))
case("ActivationLayer", torch.tanh, away(2, 3))
case("Dense without bias", lambda x, weight: x @ weight, away(4, 3), weight=away(3, 2))
case("Flatten", lambda x: x.flatten(1), away(2, 3, 2))


def same(x, size, stride, value):
    pads = []
    for n, k, s in reversed(list(zip(x.shape[2:], size, stride))):
        total = max((-(-n // s) - 1) * s + k - n, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value)


for name, k, s, sm, a in [("", (3, 3), (1, 1), False, "Identity"), (" stride", (2, 3), (2, 1), False, "Tanh"), (" strides and ReLU", (3, 3), (2, 2), False, "ReLU"),
                          (" same", (3, 3), (1, 1), True, "ReLU"), (" same, strides", (3, 3), (2, 2), True, "Identity"), (" 1x1", (1, 1), (1, 1), False, "Identity")]:
    def conv(x, weight, bias):
        x = nchw(x)
        return acts[a](nhwc(F.conv2d(same(x, k, s, 0) if sm else x, weight.permute(3, 2, 0, 1), bias, stride=s)))
    case("Conv2D" + name, conv, away(2, 5, 6, 2), weight=away(*k, 2, 3), bias=away(3))
for name, k, s, sm in [("", (2, 2), (2, 2), False), (" overlapping", (3, 2), (2, 1), False), (" same", (2, 2), (2, 2), True)]:
    case("MaxPool2D" + name, lambda x: nhwc(F.max_pool2d(same(nchw(x), k, s, -1e30) if sm else nchw(x), k, s)), away(2, 7, 5, 2))

    def avg(x):
        x = nchw(x)
        if not sm:
            return nhwc(F.avg_pool2d(x, k, s))
        ones = torch.ones_like(x)  # padding does not count
        return nhwc(F.avg_pool2d(same(x, k, s, 0), k, s) / F.avg_pool2d(same(ones, k, s, 0), k, s))
    case("AvgPool2D" + name, avg, away(2, 7, 5, 2))

for name, shape in [("", (6, 4)), (" of images", (3, 4, 5, 2))]:
    for training in [True, False]:
        c = shape[-1]
        mean, var = away(c), pos(c) + 0.5
        case("BatchNorm" + name + (" in training" if training else ""),
             lambda x, gamma, beta: nhwc(F.batch_norm(nchw(x), mean, var, gamma, beta, training=training, momentum=0.01, eps=1e-3)), away(*shape),
             training=training, before={"mean": mean.clone(), "variance": var.clone()}, after=lambda: {"mean": mean, "variance": var}, gamma=away(c), beta=away(c))
for name, shape, e in [("", (3, 4), 1e-3), (" of sequences", (2, 3, 6), 1e-5)]:
    case("LayerNorm" + name, lambda x, gamma, beta: F.layer_norm(x, shape[-1:], gamma, beta, e), away(*shape), gamma=away(shape[-1]), beta=away(shape[-1]))

case("Embedding", lambda x, weight: F.embedding(x, weight), ints([[2, 0, 2], [1, 4, 0]]), weight=away(5, 3))
case("PositionalEmbedding", lambda x, weight: x + weight, away(2, 3, 4), weight=away(3, 4))


def attend(x, p, heads, causal):
    """torch.nn.functional's own attention, from the packed weights."""
    mask = torch.full((x.shape[1], x.shape[1]), float("-inf")).triu(1) if causal else None
    x = x.transpose(0, 1)
    y, _ = F.multi_head_attention_forward(x, x, x, x.shape[2], heads, p["weight"].t(), p.get("bias"), None, None, False, 0.0,
                                          p["out_weight"].t(), p.get("out_bias"), need_weights=False, attn_mask=mask)
    return y.transpose(0, 1)


def norm(x, p, epsilon):
    return F.layer_norm(x, x.shape[-1:], p["gamma"], p["beta"], epsilon)


def below(p, prefix):
    return {k[len(prefix):]: v for k, v in p.items() if k.startswith(prefix)}


def block(x, p, heads, causal, epsilon):
    a, m = below(p, "residual__"), below(p, "residual_1__")
    x = x + attend(norm(x, below(a, "layernorm__"), epsilon), below(a, "multiheadattention__"), heads, causal)
    h = F.gelu(norm(x, below(m, "layernorm__"), epsilon) @ m["dense__weight"] + m["dense__bias"])
    return x + h @ m["dense_1__weight"] + m["dense_1__bias"]


def attention(d):
    return {"weight": away(d, 3 * d), "bias": away(3 * d), "out_weight": away(d, d), "out_bias": away(d)}


for name, causal, heads in [("", False, 2), (" causal", True, 2), (" of one head", True, 1)]:
    case("MultiHeadAttention" + name, lambda x, **p: attend(x, p, heads, causal), away(2, 4, 6), **attention(6))
case("MultiHeadAttention without bias", lambda x, **p: attend(x, p, 3, True), away(1, 4, 6), weight=away(6, 18), out_weight=away(6, 6))
case("MultiHeadAttention of 17 places", lambda x, **p: attend(x, p, 4, True), away(2, 17, 8), **attention(8))
d = 4
params = {"residual__layernorm__gamma": away(d), "residual__layernorm__beta": away(d), **{"residual__multiheadattention__" + k: v for k, v in attention(d).items()},
          "residual_1__layernorm__gamma": away(d), "residual_1__layernorm__beta": away(d), "residual_1__dense__weight": away(d, 4 * d),
          "residual_1__dense__bias": away(4 * d), "residual_1__dense_1__weight": away(4 * d, d), "residual_1__dense_1__bias": away(d)}
case("TransformerBlock", lambda x, **p: block(x, p, 2, True, 1e-5), away(2, 3, d), **params)

# Targets are float32: dl computes no gradients of theirs.
labels = ints(2, 0, 1, 3)
onehot = F.one_hot(labels, 4).float()
target, binary = away(4, 3).float(), ints([1], [0], [0], [1], [1]).float()
case("MSE", lambda x, y: F.mse_loss(x, y.double()), away(4, 3), target)
case("MAE", lambda x, y: F.l1_loss(x, y.double()), away(4, 3), target)
case("Huber", lambda x, y: F.huber_loss(x, y.double()), 2 * away(4, 3), target)
case("BinaryCrossEntropy", lambda x, y: F.binary_cross_entropy(x, y.double()), pos(5, 1), binary)
case("BinaryCrossEntropyLogits", lambda x, y: F.binary_cross_entropy_with_logits(x, y.double()), 3 * away(5, 1), binary)
p = torch.softmax(away(4, 4), -1)
case("CategoricalCrossEntropy", lambda x, y: -(y * torch.log(x)).sum() / 4, p, onehot)
case("SparseCrossEntropy", lambda x, y: F.nll_loss(torch.log(x), y), p, labels)
case("CategoricalCrossEntropyLogits", lambda x, y: F.cross_entropy(x, y.double()), 3 * away(4, 4), onehot)
case("SparseCrossEntropyLogits", F.cross_entropy, 3 * away(4, 4), labels)
save(__file__)
