"""Benign overfitting in ridge regression: certificates, two-sided bounds, laws, negative ridge.

symbols       the vocabulary
certificates  any data, any sign of the ridge: bounds of bias and variance given the design
gaussian      Gaussian rows: two-sided bounds of which nothing is measured, exact means, exponents
laws          the limit of proportional sizes, and how sharp the published form is
boundary      where the best ridge is negative, and where it never is
"""

from theory.theorems.ridge_overfitting import boundary, certificates, gaussian, laws

CLAIMS = (*certificates.CLAIMS, *gaussian.CLAIMS, *laws.CLAIMS, *boundary.CLAIMS)
