"""Principal components and t-SNE as scikit-learn has them, for reference_test.go.

    python3 manifold.py > manifold.json
"""
import json
import sys
import numpy as np
import sklearn
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.manifold._t_sne import _joint_probabilities
from sklearn.metrics import pairwise_distances
from scipy.spatial.distance import squareform

out = {"version": sklearn.__version__}


def pca(x, k):
    p = PCA(n_components=k, svd_solver="full").fit(x)
    return {"shape": list(x.shape), "x": np.asarray(x, float).reshape(-1).tolist(), "mean": p.mean_.tolist(), "components": p.components_.reshape(-1).tolist(),
            "variance": p.explained_variance_.tolist(), "ratio": p.explained_variance_ratio_.tolist(), "transformed": p.transform(x).reshape(-1).tolist()}


out["pca tall"] = pca(load_iris().data[::3], 3)
out["pca wide"] = pca(load_digits().data[:12] + np.arange(64) / 7, 4)

digits = load_digits()
x = digits.data[:120]
distances = pairwise_distances(x.astype(np.float32), metric="euclidean", squared=True)
p = squareform(_joint_probabilities(distances, 20, 0))
layouts = {}
for rate in ("auto", 100.0):
    t = TSNE(perplexity=20, method="exact", init="pca", learning_rate=rate, n_iter=1000, random_state=0)
    t.fit_transform(x)
    layouts[f"{rate} 1000"] = float(t.kl_divergence_)
random = []
for seed in range(6):
    t = TSNE(perplexity=20, method="exact", init="random", random_state=seed)
    t.fit_transform(x)
    random.append(float(t.kl_divergence_))
out["tsne"] = {"shape": list(x.shape), "x": x.reshape(-1).astype(int).tolist(), "labels": digits.target[:120].tolist(), "p": p[:3].reshape(-1).tolist(),
               "divergences": layouts, "random": random}
json.dump(out, sys.stdout, separators=(",", ":"))
