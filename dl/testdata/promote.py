# Writes promote.json: for each pair of dtypes what torch.promote_types says.
# uint16 came to PyTorch in 2.3 without promotion to other integers: there the
# table has what numpy.promote_types says; with floats it is the float, as for
# every integer in PyTorch.
#   python3 promote.py > promote.json
import json, numpy, torch

names = ["float32", "float64", "int32", "int64", "uint8", "bool", "float16", "bfloat16", "int16", "int8", "uint16"]

def promote(a, b):
    if "uint16" not in (a, b):
        return str(torch.promote_types(getattr(torch, a), getattr(torch, b))).removeprefix("torch.")
    if a == b:
        return a
    other = b if a == "uint16" else a
    if "float" in other:
        return other
    return str(numpy.promote_types(a, b))

print(json.dumps({"torch": torch.__version__, "numpy": numpy.__version__,
    "types": {a: {b: promote(a, b) for b in names} for a in names}}, indent=1))
