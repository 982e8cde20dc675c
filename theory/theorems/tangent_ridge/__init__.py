"""Ridge regression in the tangent space of a ReLU network: how many neurons memorise, what they
cost, and which polynomial they learn.

symbols   the vocabulary
width     the kernel of N neurons: its mean, its rank, its least eigenvalue
risk      N neurons against infinitely many; a network that is the tangent model
degrees   infinitely many neurons against polynomials with a self-induced ridge
"""

from theory.theorems.tangent_ridge import degrees, risk, width

CLAIMS = (*width.CLAIMS, *risk.CLAIMS, *degrees.CLAIMS)
