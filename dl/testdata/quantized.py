"""Products with quantized weights, computed by NumPy from the definition of the blocks (ggml-common.h of llama.cpp; their
quantization is that of quantize_row_q8_0_ref and quantize_row_q4_0_ref in ggml-quants.c), and activations quantized to
signed bytes, 32 with a scale of max|x|/127:

    python3 quantized.py > quantized.json"""
import json
import numpy as np

r = np.random.default_rng(7)
f32 = np.float32


def q8(w):  # [out, groups, 32] -> bytes, integers, scales
    d = (np.abs(w).max(-1) / f32(127)).astype(f32)
    inverse = np.where(d != 0, f32(1) / np.where(d == 0, f32(1), d), f32(0)).astype(f32)
    v = w * inverse[..., None]
    q = (np.sign(v) * np.floor(np.abs(v) + f32(0.5))).astype(np.int8)  # roundf
    half = d.astype(np.float16)
    return np.concatenate([half[..., None].view(np.uint8), q.view(np.uint8)], -1), q, half.astype(f32)


def q4(w):
    at = np.abs(w).argmax(-1)[..., None]
    d = (np.take_along_axis(w, at, -1)[..., 0] / f32(-8)).astype(f32)
    inverse = np.where(d != 0, f32(1) / np.where(d == 0, f32(1), d), f32(0)).astype(f32)
    q = np.minimum((w * inverse[..., None] + f32(8.5)).astype(np.int8), 15).astype(np.uint8)
    half = d.astype(np.float16)
    return np.concatenate([half[..., None].view(np.uint8), q[..., :16] | q[..., 16:] << 4], -1), q.astype(np.int8) - 8, half.astype(f32)


cases = []
for name, make in ("Q8_0", q8), ("Q4_0", q4):
    for rows in 1, 3:
        out, groups = 5, 3
        w = (r.standard_normal((out, groups, 32)) * np.exp(r.standard_normal((out, groups, 1)))).astype(f32)
        x = (r.standard_normal((rows, groups, 32)) * np.exp(r.standard_normal((rows, groups, 1)))).astype(f32)
        b = r.standard_normal(out).astype(f32)
        blocks, q, d = make(w)
        most = np.abs(x).max(-1)
        scale = most / f32(127)
        a = np.rint(x * (f32(127) / most)[..., None]).astype(np.int32)
        sums = np.einsum("rgk,ogk->rog", a, q.astype(np.int32))
        y = (sums * (d[None].astype(np.float64) * scale[:, None])).sum(-1) + b
        weights = q.astype(np.float64) * d[..., None]
        grad = (np.ones((rows, out)) @ weights.reshape(out, -1))  # of the sum of all results by x
        cases.append({"Format": name, "Rows": rows, "Out": out, "In": 32 * groups, "Blocks": blocks.tobytes().hex(), "X": x.ravel().tolist(), "B": b.tolist(),
                      "Sums": sums.ravel().tolist(), "Y": y.ravel().tolist(), "Grad": grad.ravel().tolist()})
print(json.dumps({"numpy": np.__version__, "Cases": cases}))
