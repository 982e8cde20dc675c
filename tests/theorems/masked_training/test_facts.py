"""What the theory says of itself: limits, monotonicity, special cases, the displayed form.

Proved symbolically unless a test says that it samples; samples are exact rationals.
"""

import itertools
import random
from functools import cache

import mpmath
import pytest
import sympy as sp

from theory.language.numeric import expand
from theory.theorems.masked_training import corollaries
from theory.theorems.masked_training.laws import BERNOULLI
from theory.theorems.masked_training.limit_law import floor
from theory.theorems.masked_training.stochastic_recursion import (
    displayed_form,
    main_theorem,
    spectrum_of_P,
)
from theory.theorems.masked_training.symbols import (
    Phi,
    R,
    V,
    alpha,
    c,
    eta,
    k,
    lam,
    mu,
    n,
    p,
    r,
    rho,
    s,
    sigma,
    tau,
    theta,
    xi,
    zeta,
)

Q = sp.Rational
PHI = sp.symbols("Phi_0 Phi_1", positive=True)
MU = sp.symbols("mu_0 mu_1", positive=True)
kappa = sp.Symbol("kappa", positive=True)


def small(expression, size=2):
    """The expression for `size` eigenpairs, lambda = mu_0 being the smallest."""
    written = sp.sympify(expression).subs(n, size).doit()
    entries = {Phi[i, i]: PHI[i] for i in range(size)} | {mu[i]: MU[i] for i in range(size)}
    return written.xreplace(entries).subs(lam, MU[0])


def same(a, b):
    return sp.simplify(small(a) - small(b)) == 0


def contraction(statement):
    return 1 - statement.definitions[r]


def noise(statement):
    return statement.definitions[s].subs(R, 0) ** 2


def trace_H2_Phi():
    return MU[0] ** 2 * PHI[0] + MU[1] ** 2 * PHI[1]


GD = corollaries.gradient_descent()
DROPOUT = corollaries.dropout()
MULTI = corollaries.multi_sample_dropout()
SUBNETS = corollaries.independent_subnet_training()
BERNOULLI_THETA = 1 - (1 - xi) ** p


@pytest.mark.parametrize(
    ("statement", "contracts", "injects"),
    [
        (GD, (1 - eta * lam) ** tau, 0),
        (DROPOUT, 1 - eta * lam, eta**2 * (1 - xi) / xi * trace_H2_Phi()),
        (
            MULTI,
            1 - BERNOULLI_THETA * zeta * lam,
            BERNOULLI_THETA**2 * zeta**2 * (1 - xi) / (xi * p) * trace_H2_Phi(),
        ),
        (SUBNETS, (1 - p * eta * lam) ** tau, 0),
    ],
    ids=["gradient descent", "dropout", "multi-sample dropout", "IST"],
)
def test_contraction_and_noise(statement, contracts, injects):
    assert same(contraction(statement), contracts)
    assert same(noise(statement), injects)


def test_a_dropped_theta_is_noticed():
    assert not same(contraction(MULTI), 1 - zeta * lam)
    assert not same(noise(MULTI), zeta**2 * (1 - xi) / (xi * p) * trace_H2_Phi())


@pytest.mark.parametrize(
    ("statement", "limit", "plain"),
    [
        (DROPOUT, {xi: 1}, {tau: 1}),
        (MULTI, {xi: 1, zeta: eta}, {tau: 1}),
        (SUBNETS, {p: 1}, {}),
    ],
    ids=["dropout", "multi-sample dropout", "IST"],
)
def test_gradient_descent_is_the_limit_of_unmasked_training(statement, limit, plain):
    """xi -> 1; for IST, where xi = 1/p, that is p = 1."""
    gd = GD.subs(plain)
    for symbol in (r, s, sigma):
        assert same(statement.definitions[symbol].subs(limit), gd.definitions[symbol])
    assert statement.bound == gd.bound == displayed_form().bound
    assert not same(statement.definitions[r].subs(limit), gd.definitions[r] / 2)


def test_multi_sample_dropout_with_one_sample_is_dropout():
    for symbol in (r, s, sigma):
        one = MULTI.definitions[symbol].subs({p: 1, zeta: eta / xi})
        assert same(one, DROPOUT.definitions[symbol])


def neighbourhood(law=True, size=2):
    st = displayed_form()
    found = small(expand(st.parts["neighbourhood"], st.definitions), size)
    return found.subs({theta: BERNOULLI_THETA, V: (1 - xi) / (xi * p)}) if law else found


def rationals(*symbols, seed=0, count=30):
    """Exact rational points with zeta mu <= 1 and mu_0 <= mu_1."""
    rng = random.Random(seed)
    for _ in range(count):
        at = {symbol: Q(rng.randint(1, 99), 100) for symbol in symbols}
        low, high = sorted((at[MU[0]], at[MU[1]]))
        yield at | {MU[0]: low, MU[1]: high}


@cache
def compiled(expression):
    symbols = sorted(expression.free_symbols, key=str)
    return symbols, sp.lambdify(symbols, expression, "mpmath")


def numbers(expression, points):
    """Its values at points of exact rationals, to 40 digits."""
    symbols, function = compiled(expression)
    with mpmath.workdps(40):
        rows = [[Q(at[symbol]) for symbol in symbols] for at in points]
        return [function(*(mpmath.mpf(x.p) / x.q for x in row)) for row in rows]


def test_values_are_those_of_substitution():
    found = neighbourhood().subs(tau, 3)
    (at,) = rationals(*PHI, *MU, zeta, xi, R, alpha, p, count=1)
    exact = found.subs(at | {p: 2}).evalf(40)
    assert abs(numbers(found, [at | {p: 2}])[0] - exact) < 1e-35 * exact


def test_theta_over_p_falls_in_p():
    """theta/p is the mean of (1-xi)^j over j < p, times xi: so theta V falls."""
    for count in range(1, 9):
        mean = sum((1 - xi) ** j for j in range(count)) / count
        assert sp.expand(BERNOULLI.theta(count) / count - xi * mean) == 0


def test_neighbourhood_falls_in_p():
    """Sampled, alpha and R held: 30 points, p = 1..8."""
    found = neighbourhood().subs(tau, 3)
    for at in rationals(*PHI, *MU, zeta, xi, R, alpha):
        values = numbers(found, [at | {p: count} for count in range(1, 9)])
        assert all(a > b for a, b in itertools.pairwise(values))


def test_neighbourhood_rises_in_kappa():
    """Phi is proportional to kappa^2. Sampled, alpha and R held: 10 points, five kappa."""
    found = neighbourhood(law=False).subs({phi: kappa**2 * phi for phi in PHI} | {tau: 3})
    for at in rationals(*PHI, *MU, zeta, xi, R, V, theta, alpha, count=10):
        values = numbers(found, [at | {kappa: Q(1, 4) * 2**i} for i in range(5)])
        assert all(a < b for a, b in itertools.pairwise(values))


def test_floor_rises_in_tau():
    """Each term theta q/(2 - theta q) rises in q, and q = 1 - (1 - zeta mu)^tau in tau."""
    q, share = sp.symbols("q theta", positive=True)
    slope = sp.factor(sp.diff(share * q / (2 - share * q), q))
    assert sp.simplify(slope - 2 * share / (2 - share * q) ** 2) == 0
    written = small(expand(floor(), spectrum_of_P()))
    for at in rationals(*PHI, *MU, zeta, V, theta, count=10):
        values = [written.subs(at | {tau: steps}) for steps in range(1, 7)]
        assert all(a < b for a, b in itertools.pairwise(values))


def at_step(steps):
    """The noise part of the displayed neighbourhood at R = 0."""
    return neighbourhood(law=False).subs({R: 0, alpha: 0, tau: steps})


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_noise_vanishes_to_first_order_in_the_step_and_grows_with_tau(steps):
    """2 s^2/r = 2 zeta tau theta V tr(H^2 Phi)/lambda + O(zeta^2), at R = 0."""
    first = sp.limit(sp.cancel(at_step(steps) / zeta), zeta, 0)
    expected = 2 * steps * theta * V * trace_H2_Phi() / MU[0]
    assert sp.simplify(first - expected) == 0


def test_at_large_steps_the_displayed_noise_may_fall_in_tau():
    """tr(P^2 Phi) saturates while r still grows; the floor of the limit law does not do that."""
    at = {MU[0]: Q(1, 10), MU[1]: 1, PHI[0]: Q(1, 100), PHI[1]: 1, zeta: 1, theta: 1, V: 1}
    assert at_step(1).subs(at) > 3 * at_step(10).subs(at)


def test_noise_alone_rises_in_tau_for_one_eigenvalue():
    """There 2 s^2/r = 2 theta V Phi q, q rising in tau."""
    found = neighbourhood(law=False, size=1).subs({R: 0, alpha: 0})
    q = 1 - (1 - zeta * MU[0]) ** tau
    assert sp.simplify(found - 2 * theta * V * PHI[0] * q) == 0


def test_algebra_of_the_displayed_form():
    """(1+r/2)(1-r)^2 = 1 - 3r/2 + r^3/2; rho - 13r/16 = r (1-r)(9+8r)/16 at alpha = r/4."""
    assert sp.expand((1 + r / 2) * (1 - r) ** 2 - (1 - 3 * r / 2 + r**3 / 2)) == 0
    total = main_theorem().definitions[rho].subs({c: r / 2, alpha: r / 4})
    assert sp.expand(total - 13 * r / 16 - r * (1 - r) * (9 + 8 * r) / 16) == 0
    # rho falls in alpha, so alpha = r/4 is the worst of alpha <= r/4
    slope = sp.diff(main_theorem().definitions[rho], alpha)
    assert sp.simplify(slope + 2 * alpha * (1 + 1 / c)) == 0
    assert sp.expand(total - 14 * r / 16).subs(r, Q(99, 100)) < 0


def test_displayed_form_follows_from_the_main_theorem():
    """At c = r/2 with rho >= 13r/16: rate, and both terms of the neighbourhood."""
    least = 13 * r / 16
    assert sp.simplify((1 - 4 * r / 5) - (1 - least)) == r / 80
    s_term = sp.expand(2 / r * least - (1 + r / 2))
    defect_term = sp.expand((2 / r) ** 2 * least - (1 + 2 / r))
    assert s_term == Q(5, 8) - r / 2  # >= 1/8 for r <= 1
    assert defect_term == Q(5, 4) / r - 1  # >= 1/4 for r <= 1


def test_displayed_form_dominates():
    """Sampled: 200 rational points, every k up to 5."""
    main, shown, start = main_theorem(), displayed_form(), sp.Symbol("e0_sq", nonnegative=True)
    strong = main.bound.subs(rho, main.definitions[rho]).subs(c, r / 2)
    gap = shown.bound - strong
    assert start in gap.free_symbols
    rng = random.Random(1)
    for _ in range(200):
        contracted = Q(rng.randint(1, 100), 100)
        at = {r: contracted, alpha: contracted / 4 * Q(rng.randint(0, 100), 100)}
        at |= {s: Q(rng.randint(0, 50), 10), sigma: Q(rng.randint(0, 50), 10), start: 3}
        assert gap.subs(at | {k: rng.randint(0, 5)}) >= 0
    # and not with half its noise
    halved = {r: 1, alpha: 0, s: 1, sigma: 0, start: 0, k: 3}
    assert (gap - s**2 / r).subs(halved) < 0
