# Writes generate.json: sets of scikit-learn without noise, in their order, and what its formulas make of inputs.
#   python3 generate.py > generate.json
import json, sklearn
from sklearn import datasets as d


def pack(xy):
    return {"x": [[round(v, 12) for v in row] for row in xy[0].tolist()], "y": xy[1].tolist()}


out = {"scikit-learn": sklearn.__version__}
out["moons"] = pack(d.make_moons(7, shuffle=False))
out["circles"] = pack(d.make_circles(7, shuffle=False, factor=0.8))
out["friedman1"] = pack(d.make_friedman1(6, 7, random_state=1))
out["friedman2"] = pack(d.make_friedman2(6, random_state=1))
out["friedman3"] = pack(d.make_friedman3(6, random_state=1))
out["swiss"] = pack(d.make_swiss_roll(6, random_state=1))
out["s"] = pack(d.make_s_curve(6, random_state=1))
print(json.dumps(out))
