"""Claims in the limit: true limits are kept, wrong ones and wrong rates refuted."""

import math

import numpy as np
import pytest
import sympy as sp

from theory import EXACT_LIMIT, Claim, InvalidArgument
from verify.judging import extrapolation
from verify.judging.extrapolation import DECAY, remainder, weights
from verify.judging.sample import Sample
from verify.judging.verdict import Verdict, judge

LEVEL = 1e-6
HOLDS, REFUTED, VACUOUS, UNDERPOWERED, OUT = Verdict
SIZES = np.array([20.0, 40.0, 80.0])

n, R, q = sp.symbols("n R q", real=True)


def claim(rate=1, bound=R, **statement):
    return Claim.of("limit", bound, kind=EXACT_LIMIT, source="-", size=n, rate=sp.S(rate),
                    **statement)  # fmt: skip


LIMIT, HALF = claim(), claim(sp.S.Half)


def sample(error, *, limit=1.0, seeds=400, spread=0.05, sizes=SIZES, law=1.0, **fields):
    """Means with this relative error, a function of s = n_0/n; noise with mean exactly 0."""
    scaled = sizes.min() / sizes
    noise = np.random.default_rng(4).standard_normal((len(sizes), seeds))
    noise -= noise.mean(axis=1, keepdims=True) if seeds > 1 else 0
    means = limit * (1 + error(scaled))
    values = means[:, None] + limit * spread * scaled[:, None] * noise
    return Sample(values, {"n": sizes, "R": law, "q": 1.0}, **fields)


def usual(s):
    return -0.15 * s + 0.03 * s**2


def slowest(s):
    """As much as the premise allows, all of it left in the fit."""
    return 0.15 * (s - DECAY * s**2 + sum(DECAY ** (j - 1) * s**j for j in range(3, 40)))


KNOWN = {"seeds": 1, "spread": 0.0, "deterministic": True}
TABLE = [
    ("true", LIMIT, sample(usual), HOLDS),
    ("no error at all", LIMIT, sample(lambda s: 0 * s), HOLDS),
    ("slowest", LIMIT, sample(slowest, seeds=4000), HOLDS),
    ("10 % off", LIMIT, sample(usual, limit=1.1), REFUTED),
    ("10 % off, below", LIMIT, sample(usual, limit=0.9), REFUTED),
    ("5 % off", LIMIT, sample(usual, limit=1.05), REFUTED),
    ("the means are near, the limit is not", LIMIT, sample(usual, limit=1.15), REFUTED),
    ("a slower rate", LIMIT, sample(lambda s: -0.2 * s**0.5), REFUTED),
    ("its own rate", HALF, sample(lambda s: -0.2 * s**0.5), HOLDS),
    ("a faster rate", HALF, sample(lambda s: -0.15 * s, seeds=4000), OUT),
    ("second term too large", LIMIT, sample(lambda s: -0.1 * s + 0.1 * s**2, seeds=4000), OUT),
    ("third order", LIMIT, sample(lambda s: 0.2 * s**3), OUT),
    ("out and false", LIMIT, sample(lambda s: 0.2 * s**3, limit=1.3), OUT),
    ("few seeds", LIMIT, sample(usual, seeds=19), UNDERPOWERED),
    ("noise", LIMIT, sample(usual, spread=3.0), UNDERPOWERED),
    ("limit 0", LIMIT, sample(lambda s: -1 + s / 2, law=0.0), UNDERPOWERED),
    ("negative", LIMIT, sample(usual, limit=-1.0, law=-1.0), HOLDS),
    ("negative, off", LIMIT, sample(usual, limit=-1.1, law=-1.0), REFUTED),
    ("NaN", claim(bound=R + sp.log(q - 2)), sample(usual), VACUOUS),
    ("rare event", LIMIT, sample(usual, share=0.4), VACUOUS),
    ("out of regime", claim(premises=[q > 2]), sample(usual), OUT),
    ("known", LIMIT, sample(usual, **KNOWN), HOLDS),
    ("known, false", LIMIT, sample(usual, limit=1.02, **KNOWN), REFUTED),
    ("known, slowest", LIMIT, sample(slowest, **KNOWN), HOLDS),
    ("four sizes", LIMIT, sample(usual, sizes=np.array([20.0, 30, 60, 120])), HOLDS),
    ("four sizes, off", LIMIT, sample(usual, sizes=np.array([20.0, 30, 60, 120]), limit=1.05),
     REFUTED),
    ("any order", LIMIT, sample(usual, sizes=SIZES[::-1] / 2), HOLDS),
    ("the law moves with the size", claim(bound=R * (1 - 10 / n)),
     sample(lambda s: -0.5 * s, spread=0.02), HOLDS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "sample", "verdict"), [pytest.param(*row[1:], id=row[0]) for row in TABLE]
)
def test_verdict(claim, sample, verdict):
    judgement = judge(claim, sample, LEVEL)
    assert judgement.verdict is verdict, judgement


def test_the_weights_remove_two_terms():
    scaled = SIZES[0] / SIZES
    fit = weights(scaled)
    assert fit[0] == pytest.approx(np.array([1, -6, 8]) / 3)
    assert fit @ (7 + 5 * scaled - 3 * scaled**2) == pytest.approx([7, 5, -3])


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0])
def test_the_remainder_is_the_worst_of_all_series(rate):
    scaled = (SIZES[0] / SIZES) ** rate
    fit = weights(scaled)
    left = remainder(scaled, fit)
    powers = scaled ** np.arange(1, 60)[:, None]
    bounds = DECAY ** np.arange(59.0)

    def ratio(terms):
        constant, first, _ = fit @ (terms @ powers)
        return abs(constant / first)

    rng = np.random.default_rng(0)
    for _ in range(200):
        terms = rng.uniform(-1, 1, 59) * bounds
        terms[0] = 1
        assert ratio(terms) <= left
    assert ratio(bounds) == pytest.approx(left, rel=1e-9)  # all of one sign
    assert ratio(np.where(np.arange(59) == 1, -bounds, bounds)) == pytest.approx(left, rel=1e-9)


def test_sizes_too_close_for_the_rate_bound_nothing():
    scaled = (SIZES[0] / SIZES) ** 0.1
    assert remainder(scaled, weights(scaled)) == math.inf
    assert judge(claim(sp.Rational(1, 10)), sample(usual), LEVEL).verdict is UNDERPOWERED


def test_two_sizes_refute_a_true_limit():
    """|2 X_2n - X_n - R| <= |X_n - X_2n| fails for A_1 = -A_2; three sizes see that."""

    def early(s):
        return -0.1 * s + 0.1 * s**2

    first, second, _ = 1 + early(SIZES[0] / SIZES)
    assert abs(2 * second - first - 1) > abs(first - second)
    assert judge(LIMIT, sample(early, **KNOWN), LEVEL).verdict is OUT


@pytest.mark.parametrize("seed", range(3))
def test_no_true_series_is_refuted(seed):
    """Known means with any error that the premise allows: HOLDS or OUT_OF_REGIME."""
    rng, seen = np.random.default_rng(seed), set()
    for _ in range(100):
        terms = rng.uniform(-1, 1, 30) * DECAY ** np.arange(30) * rng.choice([-0.3, 0.3])
        terms[0] = rng.choice([-0.3, 0.3])
        found = judge(
            LIMIT, sample(lambda s, c=terms: c @ s ** np.arange(1, 31)[:, None], **KNOWN), LEVEL
        )
        seen.add(found.verdict)
    assert HOLDS in seen
    assert seen <= {HOLDS, OUT}


@pytest.mark.parametrize("third", np.linspace(-1, 1, 41))
def test_the_premise_fails_before_the_limit_is_refuted(third):
    """A third term beyond the premise: told by the fit of the second."""
    found = judge(LIMIT, sample(lambda s: 0.2 * (s + third * s**3), **KNOWN), LEVEL)
    assert found.verdict in (HOLDS, OUT)
    assert (found.verdict is HOLDS) or abs(third) > DECAY**2


def test_power_is_as_stated():
    """The numbers of docs/kinds.md, at its level: 40 samples each."""
    rng, scaled = np.random.default_rng(7), (SIZES[0] / SIZES)[:, None]

    def refuted(error, limit, seeds):
        return sum(
            judge(
                LIMIT,
                Sample(
                    limit * (1 + error(scaled)) * (1 + 0.06 * scaled * rng.normal(size=(3, seeds))),
                    {"n": SIZES, "R": 1.0},
                ),
                1e-6 / 64,
            ).verdict
            is REFUTED
            for _ in range(40)
        )

    assert refuted(usual, 1.05, 200) >= 38
    assert refuted(usual, 1.02, 200) <= 2
    assert refuted(usual, 1.02, 1000) >= 15
    assert refuted(lambda s: -0.15 * s**0.5, 1.0, 1000) >= 38
    assert refuted(usual, 1.0, 200) == 0


@pytest.mark.parametrize("sizes", [[20, 40], [20, 40, 40], [20, 30, 40], [-20, 40, 80]])
def test_sizes_that_cannot_be_fitted(sizes):
    values = np.ones((len(sizes), 30))
    with pytest.raises(InvalidArgument, match=r"^n = "):
        judge(LIMIT, Sample(values, {"n": np.array(sizes), "R": 1.0}), LEVEL)
    with pytest.raises(InvalidArgument, match=r"^n = "):
        judge(LIMIT, Sample(values, {"n": 20.0, "R": 1.0}), LEVEL)


def test_the_factor_is_the_smallest_that_is_refuted():
    found = judge(LIMIT, sample(usual), LEVEL)
    assert 1.01 < found.factor < 1.06
    for f, verdict in ((1.002, REFUTED), (1 / 1.002, HOLDS)):
        sides = [sample(usual, law=x) for x in (found.factor * f, 1 / (found.factor * f))]
        verdicts = {judge(LIMIT, side, LEVEL).verdict for side in sides}
        assert (verdicts == {REFUTED}) == (verdict is REFUTED)


def test_seeds_may_be_shared_by_the_sizes():
    """The same noise at all sizes: the fit of each seed is what varies, and hardly does."""
    noise = np.random.default_rng(5).standard_normal(100) * 0.1
    values = 1 + (0.1 / SIZES * 20)[:, None] + noise
    shared = judge(LIMIT, Sample(values, {"n": SIZES, "R": 1.0}), LEVEL)
    assert shared.standard_error == pytest.approx(noise.std(ddof=1) / 10)
    assert math.isfinite(shared.factor)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("remainder", lambda *_: 0.0), ("DECAY", 0.05)],
    ids=["remainder", "decay"],
)
def test_without_the_allowance_a_true_limit_is_lost(monkeypatch, attribute, value):
    monkeypatch.setattr(extrapolation, attribute, value)
    assert judge(LIMIT, sample(slowest, **KNOWN), LEVEL).verdict in (REFUTED, OUT)
