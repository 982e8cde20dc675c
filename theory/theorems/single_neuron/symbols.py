"""The symbols of one neuron with adversarial label noise."""

from __future__ import annotations

from theory.language.vocabulary import (
    COUNT,
    INDEX,
    NONNEGATIVE,
    OPEN_UNIT,
    POSITIVE,
    Vocabulary,
)

VOCABULARY = Vocabulary()
_s = VOCABULARY.symbol

SOURCE = "after Diakonikolas, Kontonis, Tzamos, Zarifis (arXiv 2206.08918)"
PUBLISHED = "published, form unverified: Diakonikolas, Kontonis, Tzamos, Zarifis (arXiv 2206.08918)"

# any data, any w and w*
opt = _s("opt", "F(w*) = E e^2, e = y - relu(<w*, x>)", NONNEGATIVE)
Q = _s("Q", "E (relu(<w, x>) - relu(<w*, x>))^2", NONNEGATIVE)
I_w = _s("I_w", "E (relu(<w, x>) - relu(<w*, x>)) p D, D = <w - w*, x>, p = 1{<w, x> > 0}")
pull = _s("pull", "<grad F(w), w - w*>")
cross = _s("cross", "E e |<w*, x>| where p and p* differ, p* = 1{<w*, x> > 0}")
astray = _s("astray", "E e^2 where p and p* differ", NONNEGATIVE)
B = _s("B", "E <w*, x>^2 where p and p* differ", NONNEGATIVE)
noise = _s("noise", "E e p D")
both = _s("both", "E D^2 where p and p* are 1", NONNEGATIVE)
wrong = _s("wrong", "E <w, x>^2 + 2 |<w, x> <w*, x>| where p is 1 and p* is 0", NONNEGATIVE)
silent = _s("silent", "E <w*, x>^2 where p is 0 and p* is 1", NONNEGATIVE)

# rotation-invariant inputs
b = _s("b", "||w*||", POSITIVE)
omega = _s("omega", "opt/b^2", NONNEGATIVE, latex=r"\omega")
r = _s("r", "||w||/b", NONNEGATIVE)
t = _s("theta", "angle of w and w*", NONNEGATIVE, latex=r"\theta")
slope = _s("slope", "||grad F(w)||/b", NONNEGATIVE)
uneven = _s("uneven", "departure of the law of x from one that no rotation changes", NONNEGATIVE)
C_w = _s("C_w", "sup of (risk at a stationary point)/opt over r > 0, theta <= pi/2", POSITIVE)

# symmetric inputs with E x x^T = I
symmetric = _s("symmetric", "1 where the law of x is that of -x, else 0", INDEX)
skewed = _s("skewed", "largest eigenvalue of E x x^T - I, in size", NONNEGATIVE)
eta = _s("eta", "step size", POSITIVE)
k = _s("k", "steps taken", INDEX)
c = _s("c", "lambda_min(E x x^T where <w*, x> > rho b ||x||)", NONNEGATIVE)
rho = _s("rho", "radius of the ball of the certificate over b", POSITIVE)
r_0 = _s("r_0", "||w_0 - w*||", NONNEGATIVE)
r_k = _s("r_k", "certified bound on ||w_k - w*||", NONNEGATIVE)
B_r = _s("B_r", "E <w*, x>^2 where |<w*, x>| <= r_k ||x||", NONNEGATIVE)
grad = _s("grad", "||grad F(w_k)||", NONNEGATIVE)
start = _s("start", "a coordinate of w_0")
behind = _s("behind", "||w_0||/b of a start opposite to w*", POSITIVE)
power = _s("power", "E y^2", NONNEGATIVE)
leak = _s("leak", "largest |y| where <w*, x> < 0", NONNEGATIVE)
C = _s("C", "constant of the published guarantee, not stated", POSITIVE)
eps = _s("epsilon", "what the published guarantee adds", POSITIVE)

# sweeps
function = _s("function", "1 where the noise is a function of x, else 0", INDEX)
smallest = _s("smallest", "the smallest of a sweep", POSITIVE)
largest = _s("largest", "the largest of a sweep", POSITIVE)
sizes = _s("sizes", "how many of them", COUNT)
tolerance = _s("tolerance", "distance allowed between a slope and its exponent", OPEN_UNIT)
