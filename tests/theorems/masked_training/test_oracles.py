"""Every symbol and every field that masked training hands to its claims, against oracles."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from tests.oracles import alone, unnoticed, unseen, walk
from tests.theorems.masked_training.curves import OF_ONE_SEED, OF_SEEDS, inside_rounds
from tests.theorems.masked_training.oracles import (
    FREE,
    ORACLES,
    Ingredients,
    main_bound,
    mean_squares,
    row_deviation,
    squares,
)
from tests.verify.training.masked import by_hand
from theory.language.errors import InvalidArgument
from theory.registry import theorem

EXPERIMENT = theorem("masked-training").load_experiment()
Configuration = EXPERIMENT.configuration

NOISY = Configuration(
    data="sphere", samples=3, dimension=5, targets="noise", target_scale=0.7, law="bernoulli",
    xi=0.6, surrogates=2, local_steps=3, zeta_lambda=0.8, width=30, init_scale=0.6, rounds=9,
    seeds=20, watched=4, pilot_seeds=2, headroom=1.05, delta=0.3,
)  # fmt: skip
WIDE = Configuration(
    data="sphere", samples=4, dimension=3, target_scale=0.7, xi=1.0, surrogates=2, local_steps=2,
    eta=0.3, width=3000, init_scale=0.5, rounds=5, seeds=3, watched=2, pilot_seeds=2,
)  # fmt: skip
CASES = {
    "noisy": NOISY,
    "subnets": replace(
        NOISY, law="categorical", xi=None, surrogates=3, samples=4, dimension=4, width=20
    ),
    "gradient descent": WIDE,
    "float32": replace(WIDE, dtype="float32", width=400),
    "a file": replace(WIDE, data="rows.csv", samples=4, rescale=False, width=50, eta=None),
    "in the regime of theorem 2": replace(
        NOISY, data="orthogonal", samples=1, dimension=2, xi=0.9, zeta_lambda=0.001, width=13,
        init_scale=5.0, rounds=2, seeds=30, delta=0.99,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("law", "p", "xi"), [("bernoulli", 2, 0.4), ("categorical", 2, 0.5)])
def test_the_mean_of_the_control_is_zero_over_all_masks(law, p, xi):
    """The oracle itself: two rounds, three neurons, every mask with its probability."""
    rng, m, tau = np.random.default_rng(5), 3, 2
    start = by_hand.Start.draw(rng.normal(size=(2, 3)), rng.normal(size=2), m, 1.0, "control")
    moments, every = by_hand.moments(law, p, xi), by_hand.columns(law, p, xi)
    zeta = 0.7 / max(start.mu)
    P, theta, phi = start.P(zeta, tau), moments["theta"], start.phi(start.W)
    total = np.zeros(3)
    rounds = list(product(every, repeat=m))
    steps = [
        (np.prod([chance for _, chance in chosen]),
         sum((sum(column) / (p * xi) - 1) * phi[r] for r, (column, _) in enumerate(chosen)))
        for chosen in rounds
    ]  # fmt: skip
    for (chance_1, z_1), (chance_2, z_2) in product(steps, steps):
        e_1 = start.e_0 - theta * P @ (start.e_0 + z_1)
        e_2 = e_1 - theta * P @ (e_1 + z_2)
        total += chance_1 * chance_2 * squares([start.e_0, e_1, e_2])
    np.testing.assert_allclose(mean_squares(start, zeta, tau, moments, 2), total, rtol=1e-12)


def apart(values, by=0.05):
    """All of them differ by a share of the largest."""
    ordered = np.sort(values)
    return min(np.diff(ordered)) > by * ordered[-1]


def transposed(start):
    """Phi_jj as rotated by transposed eigenvectors."""
    v = np.array([vector for _, vector in start.pairs])
    return np.array([column @ start.Phi @ column for column in v.T])


def leaves(it, run):
    """The displacement at the start of the round in which a run leaves (0: it does not)."""
    good = list(run.good(it.alpha, it.R))
    return 0.0 if all(good) else run.displacement[good.index(False) - 1]


NOISE_SHOWS = {
    "n > 2, p > 1, tau > 1, xi < 1": lambda it: (
        it.start.n > 2
        and it.configuration.surrogates > 1 < it.configuration.local_steps
        and it.xi < 1
    ),
    "fewer watched than test seeds, more than one": lambda it: (
        1 < it.configuration.watched < it.configuration.seeds
    ),
    "unequal eigenvalues": lambda it: apart(it.start.mu),
    "unequal Phi_jj": lambda it: apart(it.start.rotated.diagonal()),
    "another Phi where eigenvectors are transposed": lambda it: (
        abs(transposed(it.start) - it.start.rotated.diagonal()) > 0.05 * it.start.Phi.trace()
    ).any(),
    "seeds that leave the good event at different rounds": lambda it: (
        len(set(it.good.sum(1))) >= 3 and 0 < sum(it.good[:, -1]) < len(it.tests)
    ),
    "seeds that leave by the displacement, and by the defect": lambda it: (
        any(leaves(it, run) > it.R for run in it.tests)
        and any(leaves(it, run) <= it.R for run in it.tests)
    ),
    "three values of alpha_j": lambda it: len(set(it.alpha)) >= 3,
    "neurons that flip": lambda it: all(run.lazy["nu"][-1] > 0 for run in it.watched),
    "neurons without masks": lambda it: any((run.masks.sum(1) == 0).any() for run in it.tests),
}
SHOWS = {
    "noisy": NOISE_SHOWS | {"n < d": lambda it: it.start.n < len(it.problem.X[0])},
    "subnets": {name: test for name, test in NOISE_SHOWS.items() if "without" not in name},
    "gradient descent": {
        "some c is allowed": lambda it: (main_bound(it, FREE)[1] < 1).any(),
    },
    "a file": {"rows that are no units": lambda it: row_deviation(it) > 0.01},
    "float32": {"float32": lambda it: it.configuration.dtype == "float32"},
    "in the regime of theorem 2": {
        "its premises": lambda it: it.theorem_2,
        "kernels between the threshold and lambda_0/2": lambda it: any(
            it.xi <= 2 * run.lazy["kernel_min"][-1] / by_hand.lambda_0(it.start.X) < 1
            for run in it.trials
        ),
        "kernels above and below": lambda it: 0 < sum(it.kernels_positive) < len(it.trials),
    },
}


ROWS = ("0.9,0.1,0.2,1.5", "-0.3,0.2,0.1,-2.5", "0.1,0.8,-0.4,0.3", "0.2,-0.1,0.7,-0.5")
"""Rows of different norms, the largest deviation from 1 neither first nor last; y last."""


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case, monkeypatch):
    single = CASES[case].dtype == "float32"
    rounding = {"rtol": 1e-3, "atol": 1e-4} if single else {}
    with TemporaryDirectory() as folder:
        Path(folder, "rows.csv").write_text("\n".join(ROWS))
        monkeypatch.chdir(folder)
        try:
            curves = OF_ONE_SEED if CASES[case].xi == 1 else OF_SEEDS
            oracles = replace(ORACLES, shows=SHOWS[case], curves=curves)
            walk("masked-training", oracles, CASES[case], **rounding)
        finally:
            monkeypatch.undo()


MISTAKES = {
    "the median": ("mean_loss", lambda it: np.median(it.losses, axis=1)),
    "a deviation": ("errors/mean_loss", lambda it: it.losses.std(1, ddof=1)),
    "of all seeds, not of a sample": (
        "errors/mean_loss", lambda it: it.losses.std(1) / len(it.tests) ** 0.5
    ),
    "one local step": (
        "limit_law",
        lambda it: mean_squares(it.start, it.zeta, 1, it.moments, it.configuration.rounds),
    ),
    "of watched seeds": ("details/good_event", lambda it: it.good[: len(it.watched)].mean(0)),
    "after the local steps": ("within/sawtooth_loss", lambda it: np.roll(inside_rounds(it)[1], 1)),
}  # fmt: skip


def test_mistakes_in_the_picture_are_seen():
    assert unnoticed("masked-training", ORACLES, NOISY, MISTAKES) == []


def test_no_oracle_is_blind():
    assert unseen("masked-training", ORACLES, NOISY) == []


def test_no_oracle_of_a_symbol_is_blind_without_masks():
    found = unseen("masked-training", ORACLES, WIDE)  # some values are 0 but for rounding
    assert [text for text in found if "symbol" in text] == []


def test_a_quantity_alone_is_that_among_all():
    alone("masked-training", NOISY)


@pytest.mark.parametrize("law", ["bernoulli", "categorical"])
def test_the_limit_of_the_step_size_is_that_of_zeta(law):
    """zeta Lambda = eta Lambda/xi <= 1: eta may be xi/Lambda, and no larger."""
    given = replace(NOISY, law=law, xi=None, zeta_lambda=None)
    given = replace(given, xi=0.6) if law == "bernoulli" else given
    it = Ingredients(given, "eta")
    limit = it.xi / max(it.start.mu)
    assert it.xi < 0.7
    quantities = {"surrogate_loss"}
    below = replace(given, eta=0.999 * limit)
    EXPERIMENT.observe(below, salt="eta", quantities=quantities)
    with pytest.raises(InvalidArgument, match=r"eta.*at most") as error:
        EXPERIMENT.observe(replace(given, eta=1.001 * limit), salt="eta", quantities=quantities)
    stated = float(str(error.value).split("at most ")[1].split(",")[0])
    assert stated == pytest.approx(limit, rel=1e-5)


def test_defaults_watch_and_probe_several_seeds():
    """A path claim sees more than one path, and thresholds come from more than a few seeds."""
    default = Configuration()
    assert 8 <= default.watched < default.seeds
    assert default.pilot_seeds >= 16
