"""Blocks of each quantized type and their values, by the formulas of llama.cpp's gguf-py (gguf/quants.py), and a small file
written byte by byte as its documentation (ggml/docs/gguf.md) says: writes blocks.json and small.gguf.

    python3 blocks.py"""
import json, os, struct
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
r = np.random.default_rng(3)


def half(b):
    return b.view(np.float16).astype(np.float32)


def q8_0(x):
    d = abs(x).max(1, keepdims=True) / np.float32(127)
    with np.errstate(divide="ignore"):
        inverse = np.where(d == 0, 0, 1 / d)
    v = x * inverse
    a = abs(v)
    q = np.sign(v) * (np.floor(a) + np.floor(2 * (a - np.floor(a))))
    return np.concatenate([d.astype(np.float16).view(np.uint8), q.astype(np.int8).view(np.uint8)], 1)


def un_q8_0(b):
    return half(b[:, :2]) * b[:, 2:].view(np.int8).astype(np.float32)


def q4_0(x):
    d = np.take_along_axis(x, abs(x).argmax(-1, keepdims=True), -1) / np.float32(-8)
    with np.errstate(divide="ignore"):
        inverse = np.where(d == 0, 0, 1 / d)
    q = np.trunc(np.float64(x) * np.float64(inverse) + 8.5).astype(np.uint8).clip(0, 15).reshape(len(x), 2, 16)
    return np.concatenate([d.astype(np.float16).view(np.uint8), q[:, 0] | (q[:, 1] << 4)], 1)


def un_q4_0(b):
    q = b[:, 2:].reshape(len(b), -1, 1, 16) >> np.array([0, 4], np.uint8).reshape(1, 1, 2, 1)
    return half(b[:, :2]) * ((q & 15).reshape(len(b), -1).astype(np.int8) - np.int8(8)).astype(np.float32)


def un_q4_k(b):
    n = len(b)
    d, least, s, q = half(b[:, :2]), half(b[:, 2:4]), b[:, 4:16].reshape(n, 3, 4), b[:, 16:]
    lo, mid, hi = s[:, 0], s[:, 1], s[:, 2]
    scales = np.concatenate([lo & 63, (hi & 15) | ((lo >> 2) & 48)], -1)
    offsets = np.concatenate([mid & 63, (hi >> 4) | ((mid >> 2) & 48)], -1)
    scales, offsets = (d * scales.astype(np.float32)).reshape(n, -1, 1), (least * offsets.astype(np.float32)).reshape(n, -1, 1)
    q = ((q.reshape(n, -1, 1, 32) >> np.array([0, 4], np.uint8).reshape(1, 1, 2, 1)) & 15).reshape(n, -1, 32).astype(np.float32)
    return (scales * q - offsets).reshape(n, 256)


def un_q6_k(b):
    n = len(b)
    ql, qh, s, d = b[:, :128], b[:, 128:192], b[:, 192:208].view(np.int8).astype(np.float32), half(b[:, 208:])
    d = (d * s).reshape(n, 16, 1)
    ql = ((ql.reshape(n, -1, 1, 64) >> np.array([0, 4], np.uint8).reshape(1, 1, 2, 1)) & 15).reshape(n, -1, 32)
    qh = ((qh.reshape(n, -1, 1, 32) >> np.array([0, 2, 4, 6], np.uint8).reshape(1, 1, 4, 1)) & 3).reshape(n, -1, 32)
    q = (ql | (qh << 4)).astype(np.int8) - np.int8(32)
    return (d * q.reshape(n, 16, -1).astype(np.float32)).reshape(n, 256)


def case(blocks, values, of=None):
    c = {"blocks": blocks.tobytes().hex(), "values": [float(v) for v in values.astype(np.float32).flatten()]}
    return c | ({"of": [float(v) for v in of.astype(np.float32).flatten()]} if of is not None else {})


x = np.concatenate([r.standard_normal((5, 32)), np.zeros((1, 32)), np.full((1, 32), -3.5), r.standard_normal((1, 32)) * 1e-3]).astype(np.float32)
b8, b4 = q8_0(x), q4_0(x)
scale = lambda n: (r.standard_normal((n, 1)) * 0.01).astype(np.float16).view(np.uint8)
k4 = np.concatenate([scale(3), scale(3), r.integers(0, 256, (3, 140), dtype=np.uint8)], 1)
k6 = np.concatenate([r.integers(0, 256, (3, 208), dtype=np.uint8), scale(3)], 1)
out = {"Q8_0": case(b8, un_q8_0(b8), x), "Q4_0": case(b4, un_q4_0(b4), x), "Q4_K": case(k4, un_q4_k(k4)), "Q6_K": case(k6, un_q6_k(k6))}
with open(os.path.join(HERE, "blocks.json"), "w") as f:
    json.dump(out, f, separators=(",", ":"))
    f.write("\n")

text = lambda s: struct.pack("<Q", len(s.encode())) + s.encode()
meta = [("general.architecture", 8, text("gpt2")), ("general.name", 8, text("größe")), ("a.u8", 0, struct.pack("<B", 200)), ("a.i8", 1, struct.pack("<b", -2)),
        ("a.u16", 2, struct.pack("<H", 60000)), ("a.i16", 3, struct.pack("<h", -3)), ("a.u32", 4, struct.pack("<I", 4000000000)), ("a.i32", 5, struct.pack("<i", -4)),
        ("a.f32", 6, struct.pack("<f", 0.5)), ("a.bool", 7, b"\1"), ("a.u64", 10, struct.pack("<Q", 2**63)), ("a.i64", 11, struct.pack("<q", -5)),
        ("a.f64", 12, struct.pack("<d", 0.1)), ("a.tokens", 9, struct.pack("<IQ", 8, 3) + text("a") + text("") + text("ß")), ("a.scores", 9, struct.pack("<IQ", 6, 2) + struct.pack("<2f", 1, -1))]
tensors = [("f32", (2, 3), 0, np.arange(6, dtype=np.float32).tobytes()), ("f16", (3,), 1, np.array([1, -2, 0.5], np.float16).tobytes()),
           ("q8", (8, 32), 8, b8.tobytes()), ("unknown", (32,), 6, bytes(22)), ("bf16", (2, 1), 30, bytes([0x80, 0x3f, 0, 0xc0]))]
h = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(meta))
for k, kind, v in meta:
    h += text(k) + struct.pack("<I", kind) + v
body = b""
for name, shape, kind, data in tensors:
    body += bytes(-len(body) % 32)
    h += text(name) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", d) for d in reversed(shape)) + struct.pack("<IQ", kind, len(body))
    body += data
with open(os.path.join(HERE, "small.gguf"), "wb") as f:
    f.write(h + bytes(-len(h) % 32) + body)
