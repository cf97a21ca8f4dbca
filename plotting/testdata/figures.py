"""Numbers of figures as scikit-learn, SciPy and NumPy have them, for reference_test.go.

    python3 figures.py > figures.json

Smoothing follows TensorBoard's line chart (debiased exponential moving average).
"""
import json
import numpy as np
from scipy.stats import gaussian_kde
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.preprocessing import label_binarize

rng = np.random.default_rng(14)
f32 = np.float32


def listed(a):
    return np.asarray(a, dtype=float).tolist()


out = {}

labels = rng.integers(0, 2, 80)
scores = np.round(1 / (1 + np.exp(-(2 * labels - 1 + rng.normal(0, 1.3, 80)))), 2).astype(f32)
edges = np.linspace(0, 1, 11)
share, probability = calibration_curve(labels, scores, n_bins=10)
place = np.searchsorted(edges[1:-1], scores)
counts = np.bincount(place, minlength=10)
counted = counts[counts > 0]
out["binary"] = {
    "labels": labels.tolist(), "scores": listed(scores),
    "auc": metrics.roc_auc_score(labels, scores), "ap": metrics.average_precision_score(labels, scores),
    "share": listed(share), "probability": listed(probability), "counts": counts.tolist(),
    "ece": float(np.sum(counted * np.abs(share - probability)) / counted.sum()),
}

labels = rng.integers(0, 4, 90)
logits = rng.normal(0, 1, (90, 4)) + 1.4 * np.eye(4)[labels]
p = (np.exp(logits) / np.exp(logits).sum(1, keepdims=True)).astype(f32)
onehot = label_binarize(labels, classes=range(4))
out["classes"] = {
    "labels": labels.tolist(), "scores": listed(p.reshape(-1)),
    "auc": [metrics.roc_auc_score(onehot[:, i], p[:, i]) for i in range(4)],
    "auc_macro": metrics.roc_auc_score(onehot, p, average="macro"), "auc_micro": metrics.roc_auc_score(onehot, p, average="micro"),
    "ap": [metrics.average_precision_score(onehot[:, i], p[:, i]) for i in range(4)],
    "ap_macro": metrics.average_precision_score(onehot, p, average="macro"), "ap_micro": metrics.average_precision_score(onehot, p, average="micro"),
}

values = np.round(np.concatenate([rng.normal(0, 1, 37), rng.normal(4, 0.4, 14), [9.5, -6]]), 3)
q1, median, q3 = np.percentile(values, [25, 50, 75])
inside = values[(values >= q1 - 1.5 * (q3 - q1)) & (values <= q3 + 1.5 * (q3 - q1))]
at = np.linspace(-7, 10, 23)
kde = gaussian_kde(values)
half = gaussian_kde(values, lambda k: 0.5 * k.scotts_factor())
many = np.array([(i * 7919 % 10007) / 10007 for i in range(10000)]) ** 2
out["values"] = {
    "values": listed(values), "quartiles": listed([q1, median, q3]), "whiskers": listed([inside.min(), inside.max()]),
    "bandwidth": float(np.sqrt(kde.covariance[0, 0])), "at": listed(at), "density": listed(kde(at)), "half": listed(half(at)),
    "many_at": listed(np.linspace(-0.1, 1.1, 13)), "many": listed(gaussian_kde(many)(np.linspace(-0.1, 1.1, 13))),
}

x = np.round(rng.normal(0, 1, (25, 3)) @ np.array([[1, 0.7, -0.3], [0, 0.5, 0.2], [0, 0, 1]]), 3)
out["correlation"] = {"x": listed(x.reshape(-1)), "r": listed(np.corrcoef(x.T).reshape(-1))}

line = np.round(rng.normal(1, 0.5, 30), 3)
for share in (0.6, 0.99):
    last, smooth = 0.0, []
    for i, v in enumerate(line):
        last = last * share + (1 - share) * v
        smooth.append(last / (1 - share ** (i + 1)))
    out[f"smoothed {share}"] = {"values": listed(line), "smoothed": listed(smooth)}

json.dump(out, __import__("sys").stdout, indent=None, separators=(",", ":"))
