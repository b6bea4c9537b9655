#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the coefficients of core/tensor/kernels_vector.c: erfc(z) exp(z^2) = sum_k c_k t^k with t = 1 / (1 + .3 z),
z in [0, 10], smallest largest relative error (Lawson's reweighting). Needs numpy and scipy."""
import numpy as np
from scipy.special import erfcx

z = np.linspace(0, 10, 20001)
t = 1 / (1 + .3 * z)
rows = np.stack([t**k for k in range(1, 10)], 1) / erfcx(z)[:, None]
weight = np.ones(len(z))
for _ in range(100):
    c = np.linalg.lstsq(rows * np.sqrt(weight)[:, None], np.sqrt(weight), rcond=None)[0]
    error = abs(rows @ c - 1)
    weight = weight * error / (weight * error).sum()
print("largest relative error %.2g" % error.max())
print(", ".join("%.9gf" % x for x in c))
