"""Records what scikit-learn and the formulas of Fairlearn 0.12 (fairlearn.metrics._fairness_metrics) and AI Fairness 360
(Reweighing.fit) give for random decisions:

    python3 dl/fair/testdata/reference.py > dl/fair/testdata/reference.json
"""
import json
import numpy as np
from sklearn.metrics import accuracy_score, precision_score, recall_score

cases = []
for seed, sizes in [(1, [40, 60]), (2, [15, 30, 55]), (3, [5, 5, 5, 85]), (4, [200, 300])]:
    r = np.random.default_rng(seed)
    groups = np.repeat([f"g{i}" for i in range(len(sizes))], sizes)
    base = r.uniform(0.2, 0.8, len(sizes))
    outcomes = r.uniform(size=len(groups)) < np.repeat(base, sizes)
    scores = np.round(np.clip(0.35 * outcomes + r.uniform(0, 0.65, len(groups)) + np.repeat(r.uniform(-0.1, 0.1, len(sizes)), sizes), 0, 1), 3)
    selected = scores >= 0.5
    rates, ece = [], []
    for g in np.unique(groups):
        o, s, p = outcomes[groups == g], selected[groups == g], scores[groups == g]
        bins = np.minimum((p * 10).astype(int), 9)
        error = sum(abs(p[bins == b].mean() - o[bins == b].mean()) * (bins == b).mean() for b in range(10) if (bins == b).any())
        rates.append([o.mean(), s.mean(), recall_score(o, s), s[~o].mean(), precision_score(o, s), accuracy_score(o, s), error])
    rates = np.array(rates)
    span = lambda i: float(rates[:, i].max() - rates[:, i].min())
    weights = [float((groups == g).mean() * (outcomes == o).mean() / ((groups == g) & (outcomes == o)).mean()) for g, o in zip(groups, outcomes)]
    cases.append({"Groups": groups.tolist(), "Outcomes": outcomes.tolist(), "Scores": scores.tolist(), "Rates": rates.tolist(),
                  "Criteria": [span(1), span(2), max(span(2), span(3)), span(4), span(6), float(rates[:, 1].min() / rates[:, 1].max())], "Weights": weights})
print(json.dumps(cases))
