"""Writes reference.json beside it: where PyTorch's LBFGS with strong Wolfe conditions ends, on Rosenbrock's function of ten
variables and on a logistic regression with L2.

Made with PyTorch 2.6.0 (Debian 13), Python 3.13:  python3 reference.py
"""
import json, os
import torch

torch.manual_seed(4)
torch.set_default_dtype(torch.float64)


def minimise(start, loss):
    ps = [p.clone().requires_grad_() for p in start]
    o = torch.optim.LBFGS(ps, max_iter=500, max_eval=2000, line_search_fn="strong_wolfe", tolerance_grad=1e-10, tolerance_change=1e-14)

    def closure():
        o.zero_grad()
        l = loss(*ps)
        l.backward()
        return l

    for _ in range(3):
        o.step(closure)
    return {"loss": float(loss(*ps)), "evaluations": o.state[ps[0]]["func_evals"], "parameters": [p.detach().flatten().tolist() for p in ps]}


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


inputs = torch.randn(40, 3, dtype=torch.float32).double()
labels = (inputs @ torch.tensor([1.0, -2.0, 0.5]) + torch.randn(40) > 0).double()


def logistic(w, b):
    return torch.nn.functional.binary_cross_entropy_with_logits(inputs @ w + b, labels) + 0.01 * (w**2).sum()


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.json"), "w") as out:
    json.dump({"torch": torch.__version__, "rosenbrock": minimise([torch.full((10,), -1.0)], rosenbrock), "inputs": inputs.flatten().tolist(),
               "labels": labels.tolist(), "logistic": minimise([torch.zeros(3), torch.zeros(1)], logistic)}, out)
    out.write("\n")
