"""The experiment of single index models: what it measures, refuses, and leaves unsaid."""

from dataclasses import replace

import numpy as np
import pytest

from tests.theorems.single_index_models.test_theorem import SMALL, first, judged, observed
from theory import InvalidArgument, claims
from verify.experiments.single_index_models import matrices
from verify.experiments.single_index_models.cases import homes
from verify.experiments.single_index_models.descent import square
from verify.experiments.single_index_models.experiment import EXPERIMENT
from verify.experiments.single_index_models.paths import check_stiff
from verify.experiments.single_index_models.setting import KURTOSIS, prepare
from verify.judging.verdict import Verdict
from verify.runs.check import missing


def test_every_claim_is_measured():
    found = EXPERIMENT.observe(EXPERIMENT.preview(SMALL), salt="all")
    assert set(found.samples) == EXPERIMENT.quantities
    assert not any(missing(each, found.samples) for each in claims("single-index-models").values())
    assert set(homes()) == set(claims("single-index-models"))


@pytest.mark.parametrize(
    ("field", "value"),
    [("support", 5), ("support", 0), ("rank", 4), ("growth", 1e-20), ("largest", 5), ("tail", 0.0),
     ("alpha", 0.0), ("step", 0.0), ("link", "cos"), ("data", "sphere"), ("delta", 1.0),
     ("tau", -1.0), ("ratio", 0.5), ("tied", 1), ("draws", 0), ("beyond", 0.9)],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        replace(SMALL, **{field: value})


def test_too_many_steps_and_no_responses_are_refused():
    with pytest.raises(InvalidArgument, match=r"step.*steps are enough"):
        first(replace(SMALL, step=1e-7), "error")
    with pytest.raises(InvalidArgument, match=r"step.*steps are enough"):
        first(replace(SMALL, step=1e-7), "first")
    with pytest.raises(InvalidArgument, match=r"alpha.*steps are enough"):
        first(replace(SMALL, noise=0.0, tau=1e-50), "flow")
    with pytest.raises(InvalidArgument, match=r"alpha.*steps are enough"):
        check_stiff(np.array([1e-50]), 1e-9, np.array([1e51]))
    nothing = replace(SMALL, samples=1, noise=0.0, link="relu")
    salts = [salt for salt in "abcdefgh" if prepare(nothing, salt).rng("responses 1").normal() < 0]
    with pytest.raises(InvalidArgument, match=r"samples.*not 0"):
        first(nothing, "error", salts[0])


OUTSIDE = {"laplace": {"inputs": "laplace"}, "tied noise": {"tied": True}}


@pytest.mark.parametrize("what", OUTSIDE)
def test_out_of_the_regime(what):
    names = [n.partition("/")[2] for n, each in claims("single-index-models").items()
             if {"kurtosis", "tied"} <= set(each.variables)]  # fmt: skip
    assert len(names) == 13
    for name, sample in observed(replace(SMALL, **OUTSIDE[what]), names).items():
        assert judged(name, sample).verdict is Verdict.OUT_OF_REGIME, name
    assert KURTOSIS["laplace"] == 3


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("step", [1.0, 30.0, 1e4])
def test_steps_that_are_too_large_are_no_refutation(step):
    far = replace(SMALL, step=step, alpha=0.1, growth=0.5, noise=0.0, points=40)
    found = EXPERIMENT.observe(far, salt="far")
    for each in claims("single-index-models").values():
        sample = found.samples.get(each.quantity.name)
        if sample is not None and "published" not in each.name:
            name = each.name.partition("/")[2]
            assert judged(name, sample).verdict is not Verdict.REFUTED, name
    outside = {"coordinate", "product", "error", "selection"}
    if step > 100:
        assert all("eta R <= 2/5 is needed" in found.out_of_regime[name] for name in outside)
        assert "smaller steps" in found.unmeasured["matrix_entry"]
    assert not (found.samples.keys() & {*found.out_of_regime, *found.unmeasured})


@pytest.mark.parametrize("alpha", [1e-13, 1e-20, 1e-50])
def test_directions_that_rounding_starts_in_are_no_refutation(alpha):
    """Below 1e-16 they are ahead of those that alpha starts in."""
    tiny = replace(SMALL, alpha=alpha, size=8, matrix_samples=400)
    for name, sample in observed(tiny, ("matrix-flow", "matrix-descent")).items():
        expected = Verdict.HOLDS if alpha > 1e-16 else Verdict.UNDERPOWERED
        assert judged(name, sample).verdict in (expected, Verdict.HOLDS), name


def test_the_best_matrix_of_a_rank_is_that_of_the_singular_values():
    Phi = np.random.default_rng(2).normal(size=(3, 5, 5))
    Phi = Phi + Phi.swapaxes(1, 2)
    for each, found in zip(Phi, matrices.best(Phi, 2), strict=True):
        U, s, V = np.linalg.svd(each)
        np.testing.assert_allclose(found, (U[:, :2] * s[:2]) @ V[:2], atol=1e-12)
    assert square(Phi).shape == (3, 5, 5)
