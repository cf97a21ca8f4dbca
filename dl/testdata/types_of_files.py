# Writes types.safetensors with the safetensors package and PyTorch: numbers of every type of element, beside each the
# same as F64 ("F16" and "F16 value"), and what PyTorch makes of the numbers of "source" in the smaller types of floats.
#   python3 types_of_files.py
# With the file of TestPyTorchReadsOurFiles, it prints what PyTorch reads from it:
#   go test ./dl -run TestPyTorchReadsOurFiles -types /tmp/types.safetensors
#   python3 types_of_files.py /tmp/types.safetensors > types_read.json
import hashlib, json, sys, torch
import safetensors.torch
from safetensors.torch import load_file, save_file

for name, t in {"U16": torch.uint16, "U32": torch.uint32, "U64": torch.uint64}.items():  # the format has them, 0.4.5's table does not
    safetensors.torch._SIZE[t], safetensors.torch._TYPES[name] = t.itemsize, t

if len(sys.argv) > 1:
    read = {name: {"DType": str(t.dtype).removeprefix("torch."), "Shape": list(t.shape), "Values": t.to(torch.float64).flatten().tolist()}
            for name, t in sorted(load_file(sys.argv[1]).items())}
    print(json.dumps({"SHA256": hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest(), "Tensors": read}, separators=(",", ":")))
    raise SystemExit

bits = torch.arange(256, dtype=torch.int64).to(torch.uint8)
words = torch.tensor([0, 1, -1, 2, 0x3C00, 0x3F80, 0x7BFF, 0x7C00, 0x7C01, 0x0400, 0x03FF, 0x7F80, -0x8000, 0x7FFF], dtype=torch.int16)
tensors = {
    "F8_E4M3": bits.view(torch.float8_e4m3fn).clone(), "F8_E5M2": bits.view(torch.float8_e5m2).clone(),
    "F16": words.view(torch.float16).clone(), "BF16": words.view(torch.bfloat16).clone(),
    "F32": torch.tensor([0.1, -3e38, 1e-45, float("inf")]), "F64": torch.tensor([[0.1], [-1e300]], dtype=torch.float64),
    "I8": torch.tensor([-128, 127], dtype=torch.int8), "I16": torch.tensor([-32768, 32767], dtype=torch.int16),
    "I32": torch.tensor([-2**31, 2**31 - 1], dtype=torch.int32), "I64": torch.tensor([-2**63, 2**53], dtype=torch.int64),
    "U8": torch.tensor([0, 255], dtype=torch.uint8), "U16": torch.tensor([0, 65535], dtype=torch.uint16),
    "U32": torch.tensor([0, 2**32 - 1], dtype=torch.uint32), "U64": torch.tensor([0, 2**53], dtype=torch.uint64),
    "BOOL": torch.tensor([True, False]),
}
tensors |= {name + " value": t.to(torch.float64).clone() for name, t in tensors.items()}
source = torch.tensor([0, -0.0, 1, -1, 1.0625, 1.1875, 1.1, 447.9, 448, 463.9, 464, 465, 1000, -1e9, 57344, 61439, 61440, 1e5, float("inf"),
                       -float("inf"), 2**-6, 2**-7, 2**-9, 2**-10, 1.5 * 2**-10, 2**-11, 2**-14, 2**-16, 2**-17, 3 * 2**-17, 1e-30, 0.3, -0.017, 65504, 65520],
                      dtype=torch.float64)
tensors["source"] = source
for name, t in {"F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2, "F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32}.items():
    tensors["source as " + name] = source.float().to(t)
save_file(tensors, "types.safetensors", {"format": "pt", "by": "safetensors 0.4.5, torch " + torch.__version__})
