"""The criterion on models in one and two dimensions, where it is sharp; false twins are refuted."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from theory import InvalidArgument, claim
from verify.judging.sample import Sample
from verify.judging.verdict import Verdict, judge

CELLS = 400


def sample(kind, E, lengths, *, s, R, L, S_0, eta, eps):
    """Of a path with residual norms E (steps + 1,); `s` is a function of the radius."""
    rho = np.append(0, np.cumsum(lengths))
    left = np.append(np.cumsum(lengths[::-1])[::-1], 0)
    symbols = {
        "E_0": E[0], "epsilon": eps, "R": R, "L": L, "S_0": S_0, "eta": eta, "cells": CELLS,
        "s": s(R * np.arange(1, CELLS + 1) / CELLS), "k": np.arange(len(E)), "rho": rho,
    }  # fmt: skip
    values = {"loss": E**2, "path": rho, "remaining": left, "residual": E}[kind]
    return Sample(values, symbols, scale={"loss": E[0] ** 2, "remaining": R}.get(kind, E[0]))


def judged(name, found, change=None):
    """The verdict on a claim; `change` makes another statement of its own."""
    of = claim(f"criterion/{name}")
    if change is not None:
        statement = change(of.build())
        of = replace(of, build=lambda: statement)
    return judge(of, found, 0.0)


def without(premise):
    """The statement with another premise, or none, in place of its first one, the criterion."""
    return lambda st: replace(st, premises=(*premise, *st.premises[1:]))


# --- J constant: f = (a/4) |t - c|^2 --------------------------------------------------------------


def bowl(R, *, steps=400, c=(0.6, 0.8), eps=0.001, kind="path"):
    """u(t) = t, y = c with |c| = 1; s = S_0 = 1, L = 0, at the largest step."""
    eta, e = 2 * eps, -np.array(c)
    path = np.array([e * (1 - eta) ** k for k in range(steps + 1)])
    E = np.linalg.norm(path, axis=1)
    lengths = np.linalg.norm(np.diff(path, axis=0), axis=1)
    return sample(kind, E, lengths, s=np.ones_like, R=R, L=0.0, S_0=1.0, eta=eta, eps=eps)


def test_the_constant_4_is_best():
    """The ball holds the minimiser if and only if its criterion holds, as epsilon -> 0."""
    inside, outside = bowl(1.002, steps=3000), bowl(0.99, steps=3000)
    found = judged("ball-path", inside)
    assert found.verdict is Verdict.HOLDS
    assert found.tightness < 1.01
    assert judged("ball-path", outside).verdict is Verdict.OUT_OF_REGIME

    def with_3_9(st):
        """3.9 f_0 < (1-eps)^2 R^2 alpha."""
        criterion = st.premises[0]
        weaker = criterion.lhs * sqrt(3.9 / 4) < criterion.rhs
        return replace(st, premises=(weaker, *st.premises[1:]))

    assert judged("ball-path", inside, with_3_9).verdict is Verdict.HOLDS
    assert judged("ball-path", outside, with_3_9).verdict is Verdict.REFUTED


@pytest.mark.parametrize("name", ["ball", "ball-remaining", "integral", "remaining", "budget"])
def test_on_a_bowl_the_bounds_are_nearly_attained(name):
    kind = {"ball": "loss", "integral": "loss", "budget": "residual"}.get(name, "remaining")
    found = judged(name, bowl(1.0011, steps=4000, kind=kind))
    assert found.verdict is Verdict.HOLDS
    assert found.tightness < 1.01


def test_a_faster_rate_is_refuted_on_a_bowl():
    def faster(st):
        return replace(st, bound=st.bound.subs({"k": 0}) * (1 - 2.2 * eta) ** k)

    symbols = {str(s): s for s in claim("criterion/ball").statement.bound.free_symbols}
    eta, k = symbols["eta"], symbols["k"]
    assert judged("ball", bowl(1.0011, kind="loss"), faster).verdict is Verdict.REFUTED


# --- the parabola: s falls to 0 -------------------------------------------------------------------


def parabola(R, y, *, eps, steps=4000, kind="path", share=1.0):
    """u(t) = t - t^2/2 from 0, so s(r) = 1 - r and L = 1; y < 1/2."""
    eta, t, E, lengths = share * 2 * eps / ((1 + R) ** 2 + y), 0.0, [y], []
    for _ in range(steps):
        step = eta * (1 - t) * (y - t + t**2 / 2)
        t += step
        lengths.append(step)
        E.append(y - t + t**2 / 2)
    at = {"R": R, "L": 1.0, "S_0": 1.0, "eta": eta, "eps": eps}
    return sample(kind, np.array(E), np.array(lengths), s=lambda r: np.maximum(1 - r, 0), **at)


def test_the_loss_of_s_on_the_way_counts():
    """int_0^R s against s(0) R: with the latter the path leaves the ball that was promised."""
    y, eps, R = 0.45, 0.02, 0.5
    found = parabola(R, y, eps=eps)
    assert judged("path", found).verdict is Verdict.OUT_OF_REGIME
    assert y < (1 - eps) * R  # the criterion without the loss
    assert judged("path", found, without(())).verdict is Verdict.REFUTED
    enough = 1 - sqrt(1 - 2 * y / (1 - eps)) + 0.01
    right = judged("path", parabola(enough, y, eps=eps))
    assert right.verdict is Verdict.HOLDS
    assert right.tightness < 1.15


@pytest.mark.parametrize("name", ["budget", "majorant"])
def test_on_a_parabola_the_bounds_are_nearly_attained(name):
    """As epsilon -> 0 descent becomes the flow, which spends exactly what is allowed."""
    gaps = []
    for eps in (0.1, 0.01):
        found = parabola(0.55, 0.35, eps=eps, steps=int(2 / eps), kind="residual")
        assert judged(name, found).verdict is Verdict.HOLDS
        bound = claim(f"criterion/{name}").evaluate(found.symbols).bound
        assert found.values[-1] < 0.7 * found.values[0]
        gaps.append((bound - found.values)[-1] / found.values[0])
    assert gaps[1] < 0.01
    assert gaps[1] < 0.25 * gaps[0]


def test_the_integral_holds_where_the_ball_does_not():
    """max r (1-r) = 1/4 against 1/2: targets between them are certified by the integral alone."""
    found = parabola(0.8, 0.45, eps=0.05, kind="loss")
    assert judged("integral", found).verdict is Verdict.HOLDS
    assert judged("ball", found).verdict is Verdict.OUT_OF_REGIME


# --- the scale of the step ------------------------------------------------------------------------


def linear(eta, R=0.5, eps=0.05):
    """One step of <a, W x> at x = y = 1, W = 0, a = 4, one neuron; s(r) = 4 - r, L = 1."""
    W, a = np.array([0.0, eta * 4.0]), 4.0
    E = np.abs(W * a - 1)
    return sample("loss", E, np.array([eta * 4.0]), s=lambda r: 4 - r, R=R, L=1.0, S_0=4.0, eta=eta,
                  eps=eps)  # fmt: skip


def test_the_step_of_f_in_place_of_that_of_half_f():
    """2 eps/||f''|| is the step on f = ||e||^2: on ||e||^2/2 it is half of what delta speaks of."""
    eps = 0.05
    largest = 2 * eps / ((4 + 0.5) ** 2 + 1)
    right = linear(largest)
    assert judged("ball", right).verdict is Verdict.HOLDS
    half = linear(largest / 2)
    assert judged("ball", half).verdict is Verdict.HOLDS
    told = replace(half, symbols={**half.symbols, "eta": largest})
    assert judged("ball", told).verdict is Verdict.REFUTED


# --- what a profile may be ------------------------------------------------------------------------


def test_a_profile_is_not_negative_and_falls():
    found = bowl(1.002)
    s = np.where(np.arange(CELLS) < CELLS // 2, 1.0, -3.0)
    with pytest.raises(InvalidArgument, match="s = -3"):
        judged("path", replace(found, symbols={**found.symbols, "s": s}))
    rising = np.where(np.arange(CELLS) < CELLS // 2, 0.9, 1.0)
    rising = replace(bowl(1.2), symbols={**bowl(1.2).symbols, "s": rising})
    assert judged("path", rising).verdict is Verdict.OUT_OF_REGIME


def test_the_remaining_path_by_a_rising_profile_is_refuted():
    """Where s rises behind a slow start, s(R) is no rate: the premise is needed."""
    found = bowl(1.2, steps=50, kind="loss")
    s = np.where(np.arange(CELLS) < CELLS // 2, 1.0, 1.4)
    wrong = replace(found, symbols={**found.symbols, "s": s})
    assert judged("integral", wrong).verdict is Verdict.OUT_OF_REGIME
    assert (
        judged(
            "integral", wrong, lambda st: replace(st, premises=(st.premises[0], st.premises[3]))
        ).verdict
        is Verdict.REFUTED
    )


def test_a_step_above_its_limit():
    far = bowl(1.2, eps=0.1)
    told = replace(far, symbols={**far.symbols, "eta": 3 * far.symbols["eta"]})
    assert judged("integral", told).verdict is Verdict.OUT_OF_REGIME


def test_the_way_to_go_shrinks_by_sqrt_of_1_minus_delta():
    """The step of the proof of (C.6), on a grid.

    x = 2 (1-eps) eta s(rho)^2, q = s(rho)/s(R) >= 1, and m >= 1 the excess of a step, m^2 x <= 1.
    """
    x, q, m = np.meshgrid(
        np.linspace(0, 1, 61), np.linspace(1, 6, 61), np.linspace(1, 3, 41), indexing="ij"
    )
    keep = m**2 * x <= 1
    x, q, m = x[keep], q[keep], m[keep]
    left = np.sqrt(1 - x / q**2) * (1 - x * m / 2)
    right = np.sqrt(1 - x * m**2) * (1 - x * m / (2 * q))
    assert (left >= right - 1e-12).all()
    at = (q == 1) & (m == 1)
    np.testing.assert_allclose(left[at], right[at], atol=1e-12)
