# Writes table.json: what pandas makes of penguins.csv.
#   python3 table.py > table.json
import json, math, os
import pandas as pd

t = pd.read_csv(os.path.join(os.path.dirname(os.path.abspath(__file__)), "penguins.csv"))


def plain(v):
    if v is None or isinstance(v, float) and math.isnan(v) or v is pd.NaT:
        return None
    return v.item() if hasattr(v, "item") else v


def rows(f):
    return {"names": [str(c) for c in f.columns], "rows": [[plain(v) for v in row] for row in f.values.tolist()]}


out = {"pandas": pd.__version__}
out["describe"] = rows(t[["mass", "flipper"]].describe().T.reset_index())
out["describe_other"] = rows(t[["species", "island", "sex"]].describe().T.reset_index())
out["counts"] = rows(t["species"].value_counts().reset_index())
g = t.groupby(["species", "sex"])
out["group"] = rows(g.agg(n=("species", "size"), present=("flipper", "count"), unique=("island", "nunique"), sum=("mass", "sum"),
    mean=("flipper", "mean"), median=("mass", "median"), std=("mass", "std"), var=("flipper", "var"), min=("island", "min"),
    max=("flipper", "max"), first=("flipper", "first"), last=("island", "last")).reset_index())
out["quantile"] = rows(t.groupby("species")["mass"].quantile(0.3).reset_index())
other = pd.DataFrame({"island": ["Dream", "Biscoe", "Dream", "Nowhere"], "mass": [1, 2, 3, 4], "area": [10.5, 20.5, 30.5, 40.5]})
key = t[["species", "island", "mass"]]
out["inner"] = rows(key.merge(other, on="island", suffixes=("", "_right")).sort_values(["mass", "mass_right"]))
out["left"] = rows(key.merge(other, on="island", how="left", suffixes=("", "_right")))
out["sort"] = rows(t[["species", "mass", "flipper"]].sort_values(["species", "mass"], ascending=[False, True], kind="stable"))
out["unique"] = rows(t[["species", "island"]].drop_duplicates())
print(json.dumps(out))
