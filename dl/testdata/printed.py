# Writes printed.json: what PyTorch prints for tensors, without dtype and shape.
#   python3 printed.py > printed.json
import json, math, re, torch

# Two things are other than there: numbers stay without an exponent up to 1e8
# (PyTorch: while the largest is at most 1000 times the smallest), and NaN and -0.
# are aligned with the other elements. So there is no case of these.
cases = [
    ([1.0, 2.0, 3.0], [3]), ([0.5, -2.25, 100.0], [3]), ([1e-5, 1.0], [2]), ([1e5, 0.5], [2]), ([1e10, 2e10], [2]), ([1e9, 1.0], [2]),
    ([math.inf, -10.0], [2]), ([math.nan, 0.5], [2]), ([], [0]), ([2.5], []), ([3.0], []), ([0.0, 0.0], [2]), ([1234.5678, 10.0], [2]),
    ([0.1, 0.25, 3.14159265, -1.0], [2, 2]), (list(map(float, range(8))), [2, 2, 2]), ([1e-2, 5.0], [2]), ([1e-10, 1e-9], [2]), ([3.25, math.inf], [1, 2]),
]
out = []
for values, shape in cases:
    text = str(torch.tensor(values, dtype=torch.float32).reshape(shape))
    out.append({"data": [v if math.isfinite(v) else str(v) for v in values], "shape": shape, "text": re.sub(r", size=\(\d+,?\)", "", text)})
print(json.dumps({"torch": torch.__version__, "cases": out}))
