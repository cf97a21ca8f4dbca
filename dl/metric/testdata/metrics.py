"""Values of metrics as scikit-learn, SciPy and NLTK have them, for reference_test.go.

    python3 metrics.py > metrics.json

What these do not have is counted here by its formula, plainly. NaN is written as null.
"""
import json, math, sys, warnings
import numpy as np
import sklearn, scipy, nltk
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve
from scipy import stats
from nltk.translate import bleu_score
from nltk.metrics.distance import edit_distance

warnings.filterwarnings("ignore")
rng = np.random.default_rng(7)
f32 = np.float32


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return (e / e.sum(-1, keepdims=True)).astype(f32)


data, values = {}, {}


def put(name, p, t, w=None):
    data[name] = {"p": p, "t": t, "w": w}
    values[name] = {}
    return values[name]


def occurring(t, guess):
    return sorted(set(t) | set(guess))


def specificity(t, guess, w):
    """By class, of those that occur; NaN where all samples are of the class."""
    out = {}
    for c in occurring(t, guess):
        neg = w[t != c].sum()
        out[c] = w[(t != c) & (guess != c)].sum() / neg if neg else math.nan
    return out


def per_class(out, t, guess, w):
    labels = occurring(t, guess)
    for average in ("macro", "micro", "weighted"):
        for name, f in (("Precision", sk.precision_score), ("Recall", sk.recall_score), ("F1", sk.f1_score),
                        ("Jaccard", sk.jaccard_score)):
            out[f"{name} {average}"] = f(t, guess, labels=labels, average=average, sample_weight=w)
        for beta in (0.5, 2):
            out[f"FBeta {beta} {average}"] = sk.fbeta_score(t, guess, beta=beta, labels=labels, average=average, sample_weight=w)
    ones = np.ones(len(t)) if w is None else w
    s = specificity(t, guess, ones)
    out["Specificity macro"] = np.nanmean(list(s.values()))
    out["BalancedAccuracy"] = sk.balanced_accuracy_score(t, guess, sample_weight=w)
    out["BalancedAccuracy adjusted"] = sk.balanced_accuracy_score(t, guess, sample_weight=w, adjusted=True)
    out["Accuracy"] = sk.accuracy_score(t, guess, sample_weight=w)
    out["Hamming"] = sk.hamming_loss(t, guess, sample_weight=w)
    out["MCC"] = sk.matthews_corrcoef(t, guess, sample_weight=w)
    for weights in (None, "linear", "quadratic"):
        labels = np.arange(max(labels) + 1)
        out[f"CohenKappa {weights or ''}".strip()] = sk.cohen_kappa_score(t, guess, labels=labels, weights=weights, sample_weight=w)
    out["MeanIoU"] = sk.jaccard_score(t, guess, labels=occurring(t, guess), average="macro", sample_weight=w)
    out["Dice"] = sk.f1_score(t, guess, labels=occurring(t, guess), average="macro", sample_weight=w)


def calibration(conf, hit, w, bins):
    at = np.clip(np.ceil(conf.astype(float) * bins) - 1, 0, bins - 1).astype(int)
    gaps, n = [], []
    for b in range(bins):
        m = at == b
        if w[m].sum() > 0:
            gaps.append(abs(np.average(conf[m].astype(float), weights=w[m]) - np.average(hit[m], weights=w[m])))
            n.append(w[m].sum())
    return np.average(gaps, weights=n), max(gaps)


def two_classes(name, p, t, w=None, both=True):
    out = put(name, p, t, w)
    guess = (p > 0.5).astype(int)
    per_class(out, t, guess, w)
    out["Precision"] = sk.precision_score(t, guess, sample_weight=w)
    out["Recall"] = sk.recall_score(t, guess, sample_weight=w)
    out["F1"] = sk.f1_score(t, guess, sample_weight=w)
    out["FBeta 2"] = sk.fbeta_score(t, guess, beta=2, sample_weight=w)
    out["Jaccard"] = sk.jaccard_score(t, guess, sample_weight=w)
    out["Specificity"] = sk.recall_score(1 - t, 1 - guess, sample_weight=w)
    if both:
        out["ROCAUC"] = sk.roc_auc_score(t, p, sample_weight=w)
        out["AveragePrecision"] = sk.average_precision_score(t, p, sample_weight=w)
        if w is None:
            fpr, tpr, thr = sk.roc_curve(t, p, drop_intermediate=False)
            pr, rc, at = sk.precision_recall_curve(t, p)
            share, prob = calibration_curve(t, p, n_bins=10)
            data[name]["curves"] = {"fpr": fpr, "tpr": tpr, "roc": thr[1:], "precision": pr, "recall": rc, "pr": at,
                                    "share": share, "probability": prob, "pr_auc": sk.auc(rc, pr)}
    out["LogLoss"] = sk.log_loss(t, p, sample_weight=w, labels=[0, 1])
    out["BrierScore"] = sk.brier_score_loss(t, p, sample_weight=w, pos_label=1)
    ones = np.ones(len(t)) if w is None else w
    out["CalibrationError"], out["CalibrationError max"] = calibration(p, t == 1, ones, 15)


n = 60
t = rng.integers(0, 2, n)
p = np.round(np.clip(rng.normal(0.35 + 0.25 * t, 0.25), 0, 1), 1).astype(f32)  # rounded: many ties
p[:3] = [0.5, 0.0, 1.0]
two_classes("two", p, t)
two_classes("two weighted", p, t, np.round(rng.uniform(0, 2, n), 2).astype(f32).astype(float))
two_classes("all alike", np.full(8, 0.7, f32), np.array([0, 1, 1, 0, 1, 1, 1, 1]))


def classes(name, p, t, w=None):
    out = put(name, p, t, w)
    guess = p.argmax(1)
    per_class(out, t, guess, w)
    columns = range(p.shape[1])
    for k in (2, 3):
        out[f"TopK {k}"] = sk.top_k_accuracy_score(t, p, k=k, labels=list(columns), sample_weight=w)
    there = [c for c in columns if (t == c).any()]
    onehot = np.eye(p.shape[1])[t]
    aucs = {c: sk.roc_auc_score(onehot[:, c], p[:, c], sample_weight=w) for c in there}
    aps = {c: sk.average_precision_score(onehot[:, c], p[:, c], sample_weight=w) for c in there}
    ones = np.ones(len(t)) if w is None else w
    support = [ones[t == c].sum() for c in there]
    out["ROCAUC macro"] = np.mean(list(aucs.values()))
    out["ROCAUC weighted"] = np.average(list(aucs.values()), weights=support)
    out["ROCAUC micro"] = sk.roc_auc_score(onehot.ravel(), p.ravel(), sample_weight=np.repeat(ones, p.shape[1]))
    out["ROCAUC 1"] = aucs[1]
    out["AveragePrecision macro"] = np.mean(list(aps.values()))
    out["AveragePrecision weighted"] = np.average(list(aps.values()), weights=support)
    out["AveragePrecision micro"] = sk.average_precision_score(onehot.ravel(), p.ravel(), sample_weight=np.repeat(ones, p.shape[1]))
    if w is None and len(there) == p.shape[1]:
        out["ROCAUC macro"] = sk.roc_auc_score(t, p, multi_class="ovr", average="macro")
        out["ROCAUC weighted"] = sk.roc_auc_score(t, p, multi_class="ovr", average="weighted")
        out["ROCAUC ovo macro"] = sk.roc_auc_score(t, p, multi_class="ovo", average="macro")
        out["ROCAUC ovo weighted"] = sk.roc_auc_score(t, p, multi_class="ovo", average="weighted")
    out["LogLoss"] = sk.log_loss(t, p, sample_weight=w, labels=list(columns))
    out["BrierScore"] = np.average(((p.astype(float) - onehot) ** 2).sum(1), weights=ones)
    out["Perplexity"] = math.exp(np.average(-np.log(p[np.arange(len(t)), t].astype(float)), weights=ones))
    out["CalibrationError"], out["CalibrationError max"] = calibration(p.max(1), guess == t, ones, 15)


n = 80
t = rng.integers(0, 4, n)
p = softmax(rng.normal(0, 1, (n, 4)) + 1.2 * np.eye(4)[t])
classes("four", p, t)
classes("four weighted", p, t, np.round(rng.uniform(0, 3, n), 2).astype(f32).astype(float))
t = np.array([0, 1, 1, 4, 4, 0, 1, 4, 1, 0])  # 2, 3, 5 never occur; 2 is predicted
p = softmax(rng.normal(0, 1, (10, 6)) + 2 * np.eye(6)[t] - 6 * np.eye(6)[5] - 6 * np.eye(6)[3])
p[2] = softmax(np.array([[0.2, 0.1, 3, -0.1, 0.3, -0.2]]))
classes("some never occur", p, t)

n, k = 40, 5
t = (rng.uniform(size=(n, k)) < [0.5, 0.3, 0.2, 0.6, 0.1]).astype(int)
t[0] = 0
p = np.round(np.clip(rng.normal(0.3 + 0.35 * t, 0.25), 0, 1), 2).astype(f32)
p[0] = 0.1
p[1] = 0.1
for name, w in (("labels", None), ("labels weighted", np.round(rng.uniform(0, 2, n), 2).astype(f32).astype(float))):
    out = put(name, p, t, w)
    g = (p > 0.5).astype(int)
    for average in ("macro", "micro", "weighted", "samples"):
        for key, f in (("Precision", sk.precision_score), ("Recall", sk.recall_score), ("F1", sk.f1_score), ("Jaccard", sk.jaccard_score)):
            out[f"{key} labels {average}"] = f(t, g, average=average, sample_weight=w)
        out[f"FBeta labels 2 {average}"] = sk.fbeta_score(t, g, beta=2, average=average, sample_weight=w)
        if average != "samples":
            out[f"ROCAUC labels {average}"] = sk.roc_auc_score(t, p, average=average, sample_weight=w)
            out[f"AveragePrecision labels {average}"] = sk.average_precision_score(t, p, average=average, sample_weight=w)
    out["Specificity labels macro"] = sk.recall_score(1 - t, 1 - g, average="macro", sample_weight=w)
    out["Hamming labels"] = sk.hamming_loss(t, g, sample_weight=w)
    out["ExactMatch"] = sk.accuracy_score(t, g, sample_weight=w)


def regression(name, p, t, w=None):
    out = put(name, p, t, w)
    one = p.ndim == 1
    out["MSE"] = sk.mean_squared_error(t, p, sample_weight=w)
    out["RMSE"] = math.sqrt(out["MSE"])
    out["MAE"] = sk.mean_absolute_error(t, p, sample_weight=w)
    out["MAPE"] = sk.mean_absolute_percentage_error(t, p, sample_weight=w)
    out["R2"] = sk.r2_score(t, p, sample_weight=w)
    out["ExplainedVariance"] = sk.explained_variance_score(t, p, sample_weight=w)
    out["MaxError"] = sk.max_error(t, p) if one else np.abs(t - p).max()
    out["MSLE"] = sk.mean_squared_log_error(np.maximum(t, 0), np.maximum(p, 0), sample_weight=w)
    if w is None and len(t) > 1:
        out["MedianAE"] = sk.median_absolute_error(t, p)
        columns = [(t, p)] if one else list(zip(t.T, p.T))
        out["Pearson"] = np.mean([stats.pearsonr(a, b)[0] for a, b in columns])
        out["Spearman"] = np.mean([stats.spearmanr(a, b)[0] for a, b in columns])
        out["Kendall"] = np.mean([stats.kendalltau(a, b)[0] for a, b in columns])


n = 50
t = np.round(rng.normal(3, 2, n), 1).astype(f32).astype(float)
t[t == 0] = 0.1
p = np.round(t + rng.normal(0, 1, n), 1).astype(f32).astype(float)
regression("numbers", p, t)
regression("numbers weighted", p, t, np.round(rng.uniform(0, 2, n), 2).astype(f32).astype(float))
regression("far from 0", (p + 1e6).astype(f32).astype(float), (t + 1e6).astype(f32).astype(float))
t2, p2 = np.stack([t, rng.permutation(t), 5 * t], 1), np.stack([p, p, 5 * p + 1], 1)
regression("three outputs", p2.astype(f32).astype(float), t2.astype(f32).astype(float))
regression("targets alike", np.array([1.0, 2, 3]), np.array([2.0, 2, 2]))
regression("all right, alike", np.array([2.0, 2, 2]), np.array([2.0, 2, 2]))
regression("one number", np.array([1.5]), np.array([2.0]))

n, k = 12, 7
t = rng.integers(0, 4, (n, k)) * (rng.uniform(size=(n, k)) < 0.5)
t[3] = 0
p = np.round(rng.normal(0, 1, (n, k)) + 0.7 * t, 0).astype(f32)  # rounded: ties
out = put("queries", p, t)
out["NDCG"] = sk.ndcg_score(t, p)
out["NDCG 3"] = sk.ndcg_score(t, p, k=3)
out["NDCG 3 exponential"] = sk.ndcg_score(2.0**t - 1, p, k=3)
order = np.argsort(-p, axis=1, kind="stable")
rel = np.take_along_axis(t > 0, order, 1)
out["MRR"] = np.mean([1 / (1 + r.argmax()) if r.any() else 0 for r in rel])
out["MRR 2"] = np.mean([1 / (1 + r.argmax()) if r[:2].any() else 0 for r in rel])
out["PrecisionAtK 3"] = rel[:, :3].mean()
out["RecallAtK 3"] = np.mean([r[:3].sum() / max(r.sum(), 1) for r in rel])
precisions = np.cumsum(rel, 1) / np.arange(1, k + 1)
out["MeanAveragePrecision"] = np.mean([(pr * r).sum() / max(r.sum(), 1) for pr, r in zip(precisions, rel)])
for i in np.flatnonzero(rel.any(1))[:1]:  # the formula is scikit-learn's where there are no ties
    s = np.arange(k, 0, -1)
    assert abs(sk.average_precision_score(rel[i], s) - (precisions[i] * rel[i]).sum() / rel[i].sum()) < 1e-12

texts = [
    ("the cat sat on the mat today", ["the cat is on the mat today", "there is a cat on the mat"]),
    ("a quick brown fox jumps over a lazy dog", ["the quick brown fox jumps over the lazy dog"]),
    ("hello world again my friend", ["hello there world", "hello world again"]),
]
short = [("the cat sat there", ["a cat sat here now then"])]


def rouge(h, r, n):
    h, r = h.split(), r.split()
    if n:
        grams = lambda x: [tuple(x[i:i + n]) for i in range(len(x) - n + 1)]
        a, b = grams(h), grams(r)
        both = sum(min(a.count(g), b.count(g)) for g in set(a))
        own, want = len(a), len(b)
    else:
        L = np.zeros((len(h) + 1, len(r) + 1), int)
        for i, x in enumerate(h):
            for j, y in enumerate(r):
                L[i + 1, j + 1] = L[i, j] + 1 if x == y else max(L[i, j + 1], L[i + 1, j])
        both, own, want = int(L[-1, -1]), len(h), len(r)
    precision, recall = both / own, both / want
    return (2 * precision * recall / (precision + recall) if both else 0.0), recall, precision


textual = {}
smooth = bleu_score.SmoothingFunction()
for name, pairs in (("texts", texts), ("short", short)):
    refs, hyps = [[r.split() for r in rs] for _, rs in pairs], [h.split() for h, _ in pairs]
    out = textual[name] = {"texts": pairs, "values": {}}
    out = out["values"]
    for n in (1, 2, 4):
        out[f"BLEU {n}"] = bleu_score.corpus_bleu(refs, hyps, weights=[1 / n] * n)
    for key, f in (("floor", smooth.method1), ("add", smooth.method2), ("exp", smooth.method3)):
        out[f"BLEU {key}"] = bleu_score.corpus_bleu(refs, hyps, smoothing_function=f)
    for n in (0, 1, 2):
        best = [max(rouge(h, r, n) for r in rs) for h, rs in pairs]
        out[f"ROUGE {n}"] = np.mean([b[0] for b in best])
    first = [rouge(h, rs[0], 1) for h, rs in pairs]
    out["ROUGE 1 recall first"], out["ROUGE 1 precision first"] = np.mean([f[1] for f in first]), np.mean([f[2] for f in first])
    edits = [edit_distance(h.split(), rs[0].split()) for h, rs in pairs]
    out["EditDistance first"] = np.mean(edits)
    out["WordErrorRate first"] = sum(edits) / sum(len(rs[0].split()) for _, rs in pairs)
    out["CharacterErrorRate first"] = sum(edit_distance(h, rs[0]) for h, rs in pairs) / sum(len(rs[0]) for _, rs in pairs)


def plain(x):
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if isinstance(x, np.ndarray):
        return {"shape": list(x.shape), "values": plain(x.ravel().tolist())}
    if isinstance(x, (float, np.floating)):
        return None if math.isnan(x) else float(f"{x:.9g}") if isinstance(x, np.float32) else float(x)
    if isinstance(x, np.integer):
        return int(x)
    return x


json.dump(plain({"versions": {"sklearn": sklearn.__version__, "scipy": scipy.__version__, "nltk": nltk.__version__},
                 "data": data, "values": values, "text": textual}), sys.stdout, indent=None, separators=(",", ":"))
print()
