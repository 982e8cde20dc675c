"""What the pictures of random feedback show, computed another way."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import beta, chi2

from tests.theorems.factorisation_feedback import by_hand
from theory import claims
from verify.experiments.factorisation_feedback import panels
from verify.experiments.factorisation_feedback.configuration import Configuration
from verify.experiments.factorisation_feedback.experiment import EXPERIMENT
from verify.experiments.factorisation_feedback.setting import prepare

SMALL = Configuration(outputs=5, inputs=6, rank=4, hidden=3, steps=30, largest_rank=5, points=4,
                      size=20, draws=2000)  # fmt: skip


def trajectory(configuration, name, salt="pictures"):
    quantity = claims("factorisation-feedback")[f"factorisation/{name}"].quantity.name
    return EXPERIMENT.observe(configuration, salt=salt, quantities={quantity}).trajectory


def test_modes_lie_on_one_curve():
    (shown,) = trajectory(SMALL, "flow/approach").panels
    phi = np.array([by_hand.phi(tau) for tau in shown.x])
    assert list(shown.series) == ["mode 1", "mode 2", "mode 3", "phi"]
    for curve in shown.series.values():
        np.testing.assert_allclose(curve, phi, rtol=1e-7)


def test_modes_in_the_time_of_another_do_not(monkeypatch):
    monkeypatch.setattr(panels, "OWN_TIMES", np.array([0.5, 1.0]))
    setting = prepare(SMALL, "pictures")
    u = setting.problem.modes[1]
    once = panels.modes(setting).series["mode 3"]
    monkeypatch.setattr(panels, "OWN_TIMES", np.array([0.5, 1.0]) * (u[0] / u[2]) ** (2 / 3))
    assert (panels.modes(setting).series["mode 3"] > 1.05 * once).all()


def test_only_from_zero_have_modes_a_curve():
    assert trajectory(replace(SMALL, start="gaussian"), "flow/approach") is not None
    assert trajectory(replace(SMALL, start="gaussian"), "flow/approach").panels == []


def test_from_zero_gradient_descent_is_moved():
    series = trajectory(SMALL, "curve").series
    assert set(series) == {"feedback", "moved"}
    assert series["moved"][-1] < 0.9 * series["moved"][0]


def statistic(shown, draws):
    """Pearson's, of the counts in the bins and outside."""
    share, law = shown.series["drawn"], shown.series["law"]
    share, law = np.append(share, 1 - share.sum()), np.append(law, 1 - law.sum())
    return draws * ((share - law) ** 2 / law).sum()


def test_the_histogram_is_that_of_the_beta_law():
    (shown,) = trajectory(SMALL, "separation/law").panels
    r, N, s = SMALL.hidden, SMALL.size, SMALL.spike
    width = shown.x[1] - shown.x[0]
    low = 10 ** (shown.x - width / 2)
    high = 10 ** (shown.x + width / 2)

    def probability(excess):
        """Of less: b/(1 - b) is larger."""
        odds = ((s - 1) / excess - 1) / s
        return beta.sf(odds / (1 + odds), r / 2, (N - r) / 2)

    np.testing.assert_allclose(shown.series["law"], probability(high) - probability(low), rtol=1e-9)
    assert 0.9 < shown.series["law"].sum() < 1
    assert statistic(shown, SMALL.draws) < chi2.isf(1e-6, panels.BINS)


def test_the_histogram_of_other_draws_is_not():
    setting = prepare(SMALL, "pictures")
    found = EXPERIMENT.observe(replace(SMALL, hidden=2), salt="pictures",
                               quantities={"excess_of_one"})  # fmt: skip
    wrong = panels.excess(setting, found.samples["excess_of_one"].values)
    assert statistic(wrong, SMALL.draws) > chi2.isf(1e-6, panels.BINS)


def test_errors_by_spectrum():
    """A flat one loses nothing; on the others feedback loses, by (LR6) at most."""
    (shown,) = trajectory(SMALL, "expected-error").panels
    assert set(shown.series) == {"power", "geometric", "flat", "spiked"}
    np.testing.assert_allclose(shown.series["flat"], 1, rtol=1e-12)
    rng = np.random.default_rng(0)
    for name, sigma in (("power", 1 / np.arange(1, 21)), ("geometric", 0.7 ** np.arange(20))):
        for r in (2, 5):
            left = [by_hand.left(np.diag(sigma), rng.normal(size=(r, 20))) for _ in range(400)]
            best = (sigma[r:] ** 2).sum()
            error = 6 * np.std(left) / 20 / best
            assert shown.series[name][r - 2] == pytest.approx(np.mean(left) / best, abs=error)
