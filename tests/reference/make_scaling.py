#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes scaling.json: points and the curves that SciPy fits to them, for tests/unit/stats/test_scaling.c.

usage: make_scaling.py > scaling.json     (needs numpy, scipy)

Huber's loss with 1e-3 on residuals of logarithms, from a grid of starts, each in coordinates of order one.
"""
import itertools
import json

import numpy as np
import scipy
from scipy import stats
from scipy.optimize import least_squares

rng = np.random.default_rng(20)


def power(p, u):
    return p[0] - p[1] * u


def floor(p, u):
    return np.logaddexp(p[0] - p[1] * u, p[2])


def log(p, u):
    return np.log(np.maximum(p[0] - p[1] * u, 1e-300))


def constant(p, u):
    return p[0] + 0 * u


def bent(p, u):
    return np.logaddexp(p[0] - p[1] * np.logaddexp(0, u - p[3]), p[2])


GRIDS = {
    "P2": (power, [[-1, 0, 1], [0, .1, .3, .6]]),
    "P3": (floor, [[-3, -1, 0, 1], [.05, .1, .3, .6, 1, 1.5], [-5, -2, -1, -.3, -.05]]),
    "LG": (log, [[.8, 1, 1.2], [-.1, 0, .1, .3]]),
    "K": (constant, [[-1, 0, 1]]),
    "S": (bent, [[-2, -.5, .5], [.1, .3, .6, 1.2], [-3, -1, -.3, -.05], [-2, 0, 2]]),
}


def best(residuals, starts):
    found = None
    for start in starts:
        f = least_squares(residuals, start, loss="huber", f_scale=1e-3, xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=20000)
        if found is None or f.cost < found.cost:
            found = f
    return found


def fit(model, x, y):
    curve, grid = GRIDS[model]
    x0, y0 = np.exp(np.mean(np.log(x))), np.exp(np.mean(np.log(y)))
    u, v = np.log(x / x0), np.log(y / y0)
    f = best(lambda p: curve(p, u) - v, itertools.product(*grid))
    p, out = f.x, {"model": model, "loss": f.cost / 1e-3}
    if model in ("P2", "P3"):
        out.update(a=np.exp(p[0] + p[1] * np.log(x0)) * y0, b=p[1])
    elif model == "LG":
        out.update(a=(p[0] + p[1] * np.log(x0)) * y0, b=p[1] * y0)
    else:
        out["a"] = np.exp(p[0]) * y0
    if model in ("P3", "S"):
        out["c"] = np.exp(p[2]) * y0
    if model == "S":
        out.update(b=p[1], n0=np.exp(p[3]) * x0)
    out["at"] = [float(np.exp(curve(p, np.log(t * x[-1] / x0))) * y0) for t in (.3, 1, 2, 4)]
    return {k: v if isinstance(v, (str, list)) else float(v) for k, v in out.items()}


def fit_two(x, d, y):
    x0, d0, y0 = (np.exp(np.mean(np.log(v))) for v in (x, d, y))
    u, w, v = np.log(x / x0), np.log(d / d0), np.log(y / y0)

    def residuals(p):
        return np.logaddexp(np.logaddexp(p[0], p[1] - p[2] * u), p[3] - p[4] * w) - v

    f = best(residuals, itertools.product([-2, -.7, -.1], [-2, -1, 0], [.1, .3, .6], [-2, -1, 0], [.1, .3, .6]))
    p = f.x
    return {"e": float(np.exp(p[0]) * y0), "a": float(np.exp(p[1] + p[2] * np.log(x0)) * y0), "alpha": float(p[2]),
            "b": float(np.exp(p[3] + p[4] * np.log(d0)) * y0), "beta": float(p[4]), "loss": f.cost / 1e-3}


def rounded(values):
    return [float(f"{v:.6g}") for v in values]


def case(name, truth, models, sizes=6, noise=.004, outlier=None):
    x = rounded(2e4 * 3.0 ** np.arange(sizes))
    y = truth(np.array(x)) * np.exp(rng.normal(0, noise, sizes))
    if outlier is not None:
        y[outlier] *= 1.08
    y = rounded(y)
    return {"name": name, "x": x, "y": y, "fits": [fit(m, np.array(x), np.array(y)) for m in models]}


def two():
    x, d = (rounded(v.ravel()) for v in np.meshgrid(2e4 * 3.0 ** np.arange(5), 1e5 * 4.0 ** np.arange(4)))
    y = rounded((1.7 + 40 * np.array(x) ** -.35 + 60 * np.array(d) ** -.3) * np.exp(rng.normal(0, .003, len(x))))
    return {"x": x, "d": d, "y": y, **fit_two(np.array(x), np.array(d), np.array(y))}


def main():
    cases = [
        case("power", lambda x: 9 * x**-.11, ["P2", "LG", "K"]),
        case("power, one size off", lambda x: 9 * x**-.11, ["P2"], outlier=2),
        case("steep", lambda x: 300 * x**-.5, ["P2", "K"]),
        case("floor", lambda x: 2 + 80 * x**-.4, ["P2", "P3"], 7, .002),
        case("floor, exact", lambda x: 2 + 80 * x**-.4, ["P3"], 6, 0),
        case("log", lambda x: 6 - .3 * np.log(x), ["LG", "P2"]),
        case("bent", lambda x: 1.5 + 3 / (1 + x / 3e5)**.7, ["S"], 9, 0),
    ]
    f = [{"f": v, "df1": a, "df2": b, "p": float(stats.f.sf(v, a, b))}
         for v in (.3, 1, 2.7, 9, 60) for a in (1, 3, 4) for b in (4, 12, 30)]
    json.dump({"scipy": scipy.__version__, "numpy": np.__version__, "cases": cases, "two": two(), "f": f},
              __import__("sys").stdout, indent=1)
    print()


main()
