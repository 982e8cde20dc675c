"""What the pictures of feedback alignment show, computed another way."""

import numpy as np
import pytest

from theory import claim
from verify.experiments.feedback_alignment import certificates, decays, paths
from verify.experiments.feedback_alignment.configuration import Configuration
from verify.experiments.feedback_alignment.setting import prepare
from verify.training.feedback import train

WIDTHS = Configuration(data="orthogonal", samples=3, trials=3, steps=60, step=0.3, decay=0.5,
                       smallest=200, largest=3200)  # fmt: skip


def test_alignment_against_the_width():
    """Trained neuron by neuron; certified at every width that the bound is shown for."""
    setting = prepare(WIDTHS, "widths")
    shown = paths.by_width(setting)
    assert list(shown.x) == WIDTHS.widths
    network = setting.networks("alignment 800", 800, 3)
    for decay in (0.0, 0.5):
        path = train(network, setting.symbols["eta"], [decay] * 60)
        largest = np.max([np.abs(net.cosine) for net in path], axis=0)
        assert shown.series[f"decay {decay:g}"][2] == pytest.approx(largest.mean(), rel=1e-9)
    none, some, U = (shown.series[name] for name in ("decay 0", "decay 0.5", "certified"))
    assert (none <= U).all()
    assert U[-1] < 0.1 < some[-1]
    assert U[0] > 2 * U[-1]


def test_the_bound_is_1_where_nothing_is_certified():
    setting = prepare(Configuration(trials=2, steps=3, smallest=2, largest=4), "narrow")
    assert (paths.by_width(setting).series["certified"] == 1).all()


def test_laws_of_late_times_are_those_of_the_claims():
    setting = prepare(Configuration(decay=0.3, width=60, trials=2), "late")
    found = decays.aligned(setting, {"tangent", "pull"}, lambda *_: None)
    (late,) = found.trajectory.panels
    last = found.trajectory.x >= late.x[-1] - 1e-9
    for name, of in (("tangent", "angle"), ("pull", "pull")):
        sample = found.samples[name]
        bound = claim(f"feedback/{of}/lower").evaluate(sample.symbols, where=np.array(True)).bound
        law = late.series[f"{name} law"][last]
        np.testing.assert_allclose(law, bound.mean(0)[-1:], rtol=1e-9)
        np.testing.assert_allclose(late.series[name][last], sample.values.mean(0)[-1:], rtol=1e-3)
    cosines = {name: curve for name, curve in found.trajectory.series.items() if name != "law"}
    assert set(cosines) == {"decay 0.1", "decay 0.3", "decay 1"}
    at = int(np.argmin(np.abs(late.x - 2)))  # 100 t_a: one law for every decay
    law = found.trajectory.series["law"][at]
    for name, curve in cosines.items():
        decay = float(name.removeprefix("decay "))
        lag = 5 * (1 + decay / setting.symbols["mu"]) * 100 ** (-2 / 3)
        ratio = np.sqrt(1 / curve[at] ** 2 - 1) / np.sqrt(1 / law**2 - 1)
        assert 0.99 < ratio < 1 + lag


def test_the_plateau_is_ridge_regression():
    setting = prepare(Configuration(decay=0.3, width=60, trials=1), "ridge")
    start = certificates.start(setting.trials, setting.X, setting.y, setting.range)
    (level,) = decays._laws(setting, start, np.array([1.0]))["plateau"]
    X, y = setting.X, setting.y
    theta = np.linalg.solve(X.T @ X + 0.3 * np.eye(X.shape[1]), X.T @ y)
    assert level == pytest.approx(np.linalg.norm(X.T @ (X @ theta - y)), rel=1e-9)
