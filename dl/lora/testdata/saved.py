"""Reads a GPT-2 that was fine-tuned, merged and saved here, and computes its logits with PyTorch: writes saved.json.

    go test ./dl/lora -run PyTorchReads -saved /tmp/saved; python3 dl/lora/testdata/saved.py /tmp/saved

The file is read by its format alone, a JSON header and the numbers behind it, the formulas are those of transformers'
modeling_gpt2."""
import json, math, os, struct, sys
import torch, torch.nn.functional as F

folder = sys.argv[1]
config = json.load(open(os.path.join(folder, "config.json")))
b = open(os.path.join(folder, "model.safetensors"), "rb").read()
n = struct.unpack("<Q", b[:8])[0]
w = {}
for k, v in json.loads(b[8:8 + n]).items():
    if k != "__metadata__":
        assert v["dtype"] == "F32"
        lo, hi = v["data_offsets"]
        w[k] = torch.frombuffer(bytearray(b[8 + n + lo:8 + n + hi]), dtype=torch.float32).view(v["shape"])
D, H = config["n_embd"], config["n_head"]
ids = torch.tensor([[3, 1, 4, 1, 5, 9, 2, 6]])
T = ids.shape[1]
ln = lambda x, p: F.layer_norm(x, (D,), w[p + ".weight"], w[p + ".bias"], config["layer_norm_epsilon"])
conv = lambda x, p: x @ w[p + ".weight"] + w[p + ".bias"]
x = w["transformer.wte.weight"][ids] + w["transformer.wpe.weight"][:T]
for i in range(config["n_layer"]):
    p = f"transformer.h.{i}."
    q, k, v = (y.view(1, T, H, -1).transpose(1, 2) for y in conv(ln(x, p + "ln_1"), p + "attn.c_attn").split(D, -1))
    s = (q @ k.transpose(-1, -2) / math.sqrt(D // H)).masked_fill(torch.ones(T, T, dtype=torch.bool).triu(1), float("-inf"))
    x = x + conv((s.softmax(-1) @ v).transpose(1, 2).flatten(2), p + "attn.c_proj")
    x = x + conv(F.gelu(conv(ln(x, p + "ln_2"), p + "mlp.c_fc"), approximate="tanh"), p + "mlp.c_proj")
logits = ln(x, "transformer.ln_f") @ w["transformer.wte.weight"].T
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "saved.json"), "w") as f:
    json.dump({"torch": torch.__version__, "logits": [round(v, 6) for v in logits.flatten().tolist()]}, f)
