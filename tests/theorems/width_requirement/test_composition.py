"""m* and its parts: what the conditions allow adds up to alpha* <= r/4, and m* behaves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from theory import claim
from theory.theorems.masked_training.laws import LAWS
from theory.theorems.masked_training.laws import law as law_named
from theory.theorems.width_requirement.link_3 import CONDITIONS, OTHER

GOOD_EVENT = claim("width/good-event")


def values(law="bernoulli", p=2, xi=0.8, **more):
    """Two orthogonal inputs, unless told otherwise; the width is not asked for."""
    xi = 1 / p if law == "categorical" else xi
    given = {
        "n": 2, "p": p, "xi": xi, "tau": 2, "zeta": 0.5, "kappa": 1.0, "delta": 0.1, "K": 20,
        "epsilon": 0.25, "norm_X": 1.0, "g": 1.0, "lambda_0": 0.5, "y_sq": 0.5,
        "row_norm_deviation": 0, "m": 1,
    }  # fmt: skip
    return given | law_named(law).moments(p, xi) | more


def required(**options):
    found = GOOD_EVENT.evaluate(values(**options), where=np.array(True)).parts
    return {name: float(value) for name, value in found.items()}


@st.composite
def settings_of_training(draw):
    law = draw(st.sampled_from(sorted(LAWS)))
    return {
        "law": law,
        "p": draw(st.integers(1, 20)),
        "xi": draw(st.sampled_from((0.01, 0.3, 0.9, 1.0))),
        "tau": draw(st.integers(1, 50)),
        "zeta": draw(st.floats(1e-6, 0.5)),
        "lambda_0": draw(st.floats(1e-6, 0.5)),
        "g": draw(st.floats(1.0, 30.0)),
    }


@given(settings_of_training())
def test_what_is_allowed_keeps_alpha_below_a_quarter_of_r(options):
    """Link II at the largest nu, epsilon_A and epsilon_B that the conditions allow."""
    given = values(**options)
    parts = required(**options)
    flips = 4 if given["xi"] < 1 else 2
    masked = given["xi"] < 1
    t = {
        name: float(claim(f"width/{name}").evaluate(given, where=np.array(True)).parts["threshold"])
        for name in ("averaging", "curvature")
    }
    lazy = {
        "nu": flips * parts["q"],
        "epsilon_A": t["curvature"] if masked and given["tau"] > 1 else 0.0,
        "epsilon_B": t["averaging"] if masked else 0.0,
        "eta": given["xi"] * given["zeta"],
        "rho_k": 1.0,
        "Lambda": given["norm_X"] ** 2,
        "stability_A": 0.0,
        "stability_B": 0.0,
    }
    found = claim("link-2").evaluate({**given, **lazy})
    used = float(found.bound) / parts["alpha"]
    assert 0.85 < used <= 1 + 1e-12  # not a factor is given away


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_can_decide(condition):
    """At some setting it is the largest, or close to it: none is there for show."""
    deciding = {
        "kernel": {"lambda_0": 1e-12, "kappa": 1.0, "xi": 1.0},
        "trace": {"delta": 1e-9, "y_sq": 0.0, "xi": 1.0},
        "near": {},
        "active": {},
        "averaging": {},
        "curvature": {},
        "travel": {},
    }
    parts = required(**deciding[condition])
    assert parts[condition] > 0
    assert parts["m_star"] == max(parts[name] for name in CONDITIONS)


RISES = {
    "K": (10, 20, 10**6),
    "y_sq": (0.1, 1.0, 100.0),
    "g": (1.0, 2.0, 20.0),
    "n": (2, 5, 100),
    "p": (1, 2, 8),
    "v_B": (0.0, 0.1, 0.2),
}
FALLS = {"delta": (0.01, 0.1, 0.9), "lambda_0": (1e-6, 1e-3, 0.5), "kappa": (0.1, 1.0, 10.0)}


@pytest.mark.parametrize("symbol", [*RISES, *FALLS])
@pytest.mark.parametrize("law", sorted(LAWS))
def test_monotone(law, symbol):
    points = (RISES | FALLS)[symbol]
    found = [required(law=law, **{symbol: x})["m_star"] for x in points]
    assert np.isfinite(found).all()
    assert found == sorted(found, reverse=symbol in FALLS)
    assert found[0] != found[-1] or symbol == "v_B"


def test_large_and_small_numbers_do_not_overflow():
    parts = required(K=10**6, lambda_0=1e-6, n=1000, p=100, xi=0.01, tau=1000, delta=1e-9)
    assert all(np.isfinite(x) and x > 0 for x in parts.values())
    assert parts["m_star"] > 1e40


def test_one_step_needs_no_curvature():
    assert required(tau=1)["curvature"] == 0
    assert required(tau=2)["curvature"] > 0


def test_full_masks_need_no_masks():
    parts = required(p=1, xi=1.0)
    assert [parts[name] for name in ("active", "averaging", "curvature")] == [0, 0, 0]
    later = required(p=1, xi=1.0, K=10**6)
    assert later["m_star"] == pytest.approx(required(p=1, xi=1.0, K=10**7)["m_star"])


@pytest.mark.parametrize("delta", [0.5, 0.1, 1e-3])
def test_the_count_near_a_kink_is_binomial(delta):
    """The exact failure probability at the required width, against what the lemma allows."""
    parts = required(delta=delta)
    q, m = parts["q"], int(np.ceil(parts["near"]))
    inside = norm.cdf(parts["R_w"]) - norm.cdf(-parts["R_w"])
    assert inside <= q
    failure = 2 * binom.sf(np.floor(2 * m * q), m, inside)
    assert 1e-12 < failure <= float(OTHER) * delta
