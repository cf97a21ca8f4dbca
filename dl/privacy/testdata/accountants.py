"""Records what published accountants say of subsampled Gaussian steps.

    python3 accountants.py opacus/accountants/analysis/rdp.py dp_accounting/rdp/rdp_privacy_accountant.py > accountants.json

The first file is of Opacus (commit b5b0286e313b), the second of Google's differential-privacy library (commit
4d0ebc84613d), which TensorFlow Privacy uses. Both need NumPy and SciPy; what else the second imports is for its classes, not
for the functions that are called here, and is replaced by nothing.
"""

import importlib.util
import json
import sys
import types
import warnings

warnings.simplefilter("ignore")


class Anything(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything(name)

    def __call__(self, *args, **kwargs):
        return None

    def __mro_entries__(self, bases):
        return (object,)


for name in ["absl", "absl.logging", "dp_accounting", "dp_accounting.dp_event", "dp_accounting.privacy_accountant"]:
    sys.modules[name] = Anything(name)


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


opacus, google = load("opacus_rdp", sys.argv[1]), load("google_rdp", sys.argv[2])

# Those of Go's Orders.
orders = [1 + x / 10 for x in range(1, 100)] + list(range(11, 64)) + [80, 96, 128, 192, 256, 384, 512, 1024]

cases = [  # rate, noise, steps, delta
    (256 / 60000, 1.1, 60 * 235, 1e-5),  # MNIST, as in TensorFlow Privacy's tutorial
    (256 / 60000, 1.3, 15 * 235, 1e-5),
    (256 / 60000, 0.7, 45 * 235, 1e-5),
    (0.01, 1.0, 1000, 1e-5),
    (0.01, 4.0, 10000, 1e-5),
    (0.04, 2.0, 2000, 1e-6),
    (0.001, 0.6, 20000, 1e-6),
    (0.2, 5.0, 500, 1e-5),
    (0.5, 3.0, 100, 1e-4),
    (1.0, 10.0, 50, 1e-5),
    (1.0, 1.0, 1, 1e-5),
    (1e-5, 1.0, 10, 1e-5),
    (0.02, 20.0, 100, 1e-8),
    (0.05, 0.5, 10, 1e-5),
]
out = {"opacus": [], "google": [], "divergences": []}
for q, sigma, steps, delta in cases:
    rdp = opacus.compute_rdp(q=q, noise_multiplier=sigma, steps=steps, orders=orders)
    epsilon, order = opacus.get_privacy_spent(orders=orders, rdp=rdp, delta=delta)
    out["opacus"].append({"rate": q, "noise": sigma, "steps": steps, "delta": delta, "epsilon": float(epsilon), "order": float(order)})
    rdp = google._compute_rdp_poisson_subsampled_gaussian(q, sigma, orders) * steps
    epsilon, order = google.compute_epsilon(orders, rdp, delta)
    back, _ = google.compute_delta(orders, rdp, float(epsilon))
    out["google"].append({"rate": q, "noise": sigma, "steps": steps, "delta": delta, "epsilon": float(epsilon), "order": float(order), "back": float(back)})
for q, sigma in [(0.01, 1.1), (0.2, 2.0), (0.004, 0.8), (1.0, 3.0)]:
    for order in [1.25, 1.5, 2.5, 7.3, 2, 3, 8, 32, 64, 256]:
        out["divergences"].append({"rate": q, "noise": sigma, "order": order,
                                   "divergence": float(opacus.compute_rdp(q=q, noise_multiplier=sigma, steps=1, orders=[order])[0])})

# Two kinds of steps, one after the other.
rdp = sum(opacus.compute_rdp(q=q, noise_multiplier=s, steps=n, orders=orders) for q, s, n in [(1e-3, 1.0, 1000), (4e-3, 3.0, 500)])
epsilon, order = opacus.get_privacy_spent(orders=orders, rdp=rdp, delta=1e-5)
out["together"] = float(epsilon)
json.dump(out, sys.stdout, indent=1)
