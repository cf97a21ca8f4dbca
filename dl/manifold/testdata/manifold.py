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
from sklearn.manifold._t_sne import _gradient_descent, _joint_probabilities, _kl_divergence
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
divergences = []
for init, seed in (("pca", 0), ("random", 0), ("random", 1), ("random", 2), ("random", 3), ("random", 4)):
    t = TSNE(perplexity=20, method="exact", init=init, random_state=seed)
    t.fit_transform(x)
    divergences.append(float(t.kl_divergence_))

# Fifty iterations of scikit-learn's descent from given points.
rng = np.random.default_rng(3)
small = digits.data[:40]
q = _joint_probabilities(pairwise_distances(small.astype(np.float32), squared=True), 8, 0)
q = q.astype(np.float32).astype(np.float64)
y = np.round(rng.normal(0, 1e-2, (40, 2)), 5)
moved, cost, _ = _gradient_descent(_kl_divergence, y.ravel().copy(), it=0, n_iter=50, n_iter_check=50, momentum=0.5, learning_rate=50.0,
                                   args=[q, 1, 40, 2], kwargs={"skip_num_points": 0})
out["tsne"] = {"shape": list(x.shape), "x": x.reshape(-1).astype(int).tolist(), "labels": digits.target[:120].tolist(), "p": p[:3].reshape(-1).tolist(),
               "divergences": divergences}
out["descent"] = {"p": squareform(q).reshape(-1).tolist(), "x": y.reshape(-1).tolist(), "transformed": moved.tolist(), "divergences": [float(cost)]}
json.dump(out, sys.stdout, separators=(",", ":"))
