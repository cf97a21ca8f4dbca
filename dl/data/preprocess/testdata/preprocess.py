# Writes preprocess.json: what scikit-learn makes of a test part, fitted to a training part.
#   python3 preprocess.py > preprocess.json
import json, math, warnings
import numpy as np, sklearn
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import KBinsDiscretizer, MinMaxScaler, OneHotEncoder, OrdinalEncoder, RobustScaler, StandardScaler

warnings.simplefilter("ignore")
nan = math.nan
train = np.array([[1.5, 100, 3], [2.25, nan, 3], [-4, 350, 3], [8, 120, 3], [nan, 90, 3], [2.25, 5000, 3], [0.5, 100, 3], [3, 260.5, 3]])
test = np.array([[0.0, 200, 3], [9, 80, 4], [2.25, 100, 2.5], [-7, 9999, 3]])
gaps = np.array([[nan, 200, 3], [9, nan, nan]])
words = np.array([["red", "L"], ["green", "S"], ["red", "M"], ["blue", "L"]], dtype=object)
unseen = np.array([["blue", "S"], ["red", "L"], ["green", "M"]], dtype=object)
full = np.nan_to_num(train, nan=1.0)


def pack(x):
    return [[None if isinstance(v, float) and math.isnan(v) else v for v in row] for row in np.asarray(x).tolist()]


out = {"scikit-learn": sklearn.__version__, "train": pack(train), "test": pack(test), "gaps": pack(gaps), "full": pack(full), "results": {
    "standard": pack(StandardScaler().fit(train).transform(test)),
    "standard no mean": pack(StandardScaler(with_mean=False).fit(train).transform(test)),
    "minmax": pack(MinMaxScaler().fit(train).transform(test)),
    "minmax -1 3": pack(MinMaxScaler((-1, 3)).fit(train).transform(test)),
    "robust": pack(RobustScaler().fit(train).transform(test)),
    "impute mean": pack(SimpleImputer().fit(train).transform(gaps)),
    "impute median": pack(SimpleImputer(strategy="median").fit(train).transform(gaps)),
    "impute most": pack(SimpleImputer(strategy="most_frequent").fit(train).transform(gaps)),
    "impute constant": pack(SimpleImputer(strategy="constant", fill_value=-9).fit(train).transform(gaps)),
    "bins": pack(KBinsDiscretizer(5, encode="ordinal", strategy="quantile").fit(full).transform(test)),
    "bins uniform": pack(KBinsDiscretizer(4, encode="ordinal", strategy="uniform").fit(full).transform(test)),
    "one hot": pack(OneHotEncoder(sparse_output=False).fit(words).transform(unseen)),
    "one hot drop": pack(OneHotEncoder(sparse_output=False, drop="first").fit(words).transform(unseen)),
    "ordinal": pack(OrdinalEncoder().fit(words).transform(unseen)),
}}
print(json.dumps(out))
