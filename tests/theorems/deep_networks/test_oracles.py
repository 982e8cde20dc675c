"""Every symbol, field and event that deep networks hand to their claims, against oracles."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from tests.oracles import alone, unnoticed, unseen, walk
from tests.theorems.deep_networks import by_hand, flows
from tests.theorems.deep_networks.curves import (
    OF_FEW_PATHS,
    OF_FLOW,
    OF_PATHS,
    OF_WIDTHS,
    falls,
    of_depths,
)
from tests.theorems.deep_networks.oracles import ORACLES
from tests.theorems.deep_networks.sweeps import OF_DEPTH, WIDTHS
from theory import registry
from verify.experiments.deep_networks import two_layers

EXPERIMENT = registry.theorem("deep-networks").load_experiment()
Configuration = EXPERIMENT.configuration
PATHS = {
    "jacobian_change", "path", "residual", "smallest_eigenvalue", "kernel_change", "next_residual",
    "residual_path", "parabola", "defect", "residual_of_convolution", "distance", "remainder",
}  # fmt: skip

BASE = Configuration(
    data="sphere", samples=3, dimension=4, targets="noise", target_scale=0.7, depth=3, width=6,
    c_res=1.4, gain=1.3, step=0.8, steps=9, looks=5, seeds=2, delta=0.4, epsilon=0.3, trials=3,
    sweeps=2, smallest=4, largest=16, tolerance=0.2, deepest=4,
)  # fmt: skip
CASES = {
    "resnet": (BASE, PATHS),
    "fully connected, by Jacobians": (
        replace(BASE, architecture="fc", activation="softplus", lipschitz="jacobians", seeds=1),
        PATHS,
    ),
    "by norms": (
        replace(BASE, architecture="fc", activation="erf", lipschitz="norms", depth=2, seeds=1),
        PATHS,
    ),
    "convolution": (
        replace(BASE, architecture="conv", depth=2, width=3, pixels=4, patch=2, seeds=1), PATHS,
    ),
    "flow": (replace(BASE, width=4, steps=20, looks=4), set(flows.SAMPLES)),
    "flow, one layer": (
        replace(BASE, architecture="fc", activation="softplus", depth=1, seeds=1, gain=3.0),
        set(flows.SAMPLES),
    ),
    "the path alone": (replace(BASE, width=4), {"path"}),
    "two layers": (
        replace(BASE, samples=1, steps=3, epsilon=0.02, delta=0.9, trials=30),
        {"width", "width_kernel"},
    ),
    "published": (
        replace(BASE, samples=2, trials=3, steps=4),
        {"published_fully_connected", "published_residual"},
    ),
    "width": (
        replace(BASE, samples=2, depth=2, sweeps=3),
        {*WIDTHS, "kernel_at_start", "slope_of_defect_in_gain"},
    ),
    "width, fully connected": (
        replace(BASE, samples=2, depth=1, sweeps=3, architecture="fc", tolerance=0.1),
        {*WIDTHS, "kernel_at_start", "slope_of_defect_in_gain"},
    ),
    "depth, narrow": (
        replace(BASE, samples=1, smallest=2, largest=8, sweeps=12),
        {"slope_of_fc_norms", "slope_of_softplus"},
    ),
    "depth": (replace(BASE, samples=2, sweeps=3, deepest=3), set(OF_DEPTH)),
}  # fmt: skip


def mixed(values):
    return 0 < np.mean(values) < 1


def per_layer(name):
    """Whether the limit tells slopes in H from slopes in log H."""

    def test(it):
        logs = np.log(it.depths)
        layers = np.polyfit(it.depths, logs, 1)[0]
        slopes = it.depth_slopes(name)
        return bool(((slopes < np.log(2)) & (slopes > np.log(2) * layers)).any())

    return test


SHOWS = {
    "depth, narrow": {
        "slopes in H that are not those in log H": lambda it: any(
            per_layer(name)(it) for name in ("slope_of_fc_norms", "slope_of_softplus")
        ),
    },
    "resnet": {
        "kinds of L that differ": lambda it: all(
            abs(at["L_norms"] / at["L_jacobians"] - 1) > 0.01 for _, at, _ in it.certified
        ),
    },
    "convolution": {"patches": lambda it: it.certified[0][2].patch == 2},
    "two layers": {"kernels below their share": lambda it: mixed(it.two[1]["width_kernel"])},
    "width": {"slopes near and not": lambda it: any(mixed(it.width_events(n)) for n in WIDTHS)},
}


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    configuration, quantities = CASES[case]
    curves = {frozenset(PATHS): OF_PATHS, frozenset(flows.SAMPLES): OF_FLOW}.get(
        frozenset(quantities), {}
    )
    curves = OF_FEW_PATHS if quantities == {"path"} else curves
    curves = OF_WIDTHS if quantities >= WIDTHS.keys() else curves
    curves = of_depths(quantities) if quantities <= OF_DEPTH.keys() else curves
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}), curves=curves)
    walk("deep-networks", oracles, configuration, quantities=quantities)


MISTAKES = {
    "width": {
        "the mean": ("sweep/gain", lambda it: it.in_width("slope_of_gain").mean(axis=0)),
        "another name": ("sweep/kernel", OF_WIDTHS["sweep/start"]),
        "the largest slope": (
            "sweep/details/defect", lambda it: [max(it.width_slopes("slope_of_defect")), -inf, inf]
        ),
    },
    "depth": {
        "the first sweep": ("panels/0/fc_defect", lambda it: it.defects_in_depth("fc")[0]),
        "another architecture": ("panels/0/details/fc_defect", falls("resnet")),
        "another L": ("sweep/fc_norms", of_depths(OF_DEPTH)["sweep/fc_jacobians"]),
    },
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_the_picture_are_seen(case):
    configuration, quantities = CASES[case]
    found = unnoticed("deep-networks", ORACLES, configuration, MISTAKES[case],
                      quantities=quantities)  # fmt: skip
    assert found == []


def test_a_quantity_alone_is_that_among_all():
    alone("deep-networks", replace(BASE, samples=2, depth=1, steps=3, looks=2, trials=2, sweeps=1,
                                   deepest=2, largest=8))  # fmt: skip


def test_the_residual_of_two_layers_against_its_bound(monkeypatch):
    """In training it stays far below: paths just above the bound, at one step or none."""
    configuration = replace(CASES["two layers"][0], trials=4, steps=5)
    it = ORACLES.ingredients(configuration, "bound")
    _ = it.two
    bound, train = np.array(it.bound_of_two), two_layers.descend
    over = np.ones((4, 6))
    over[1, 5], over[2, 1], over[3, 3] = 1.001, 1.001, 0.999
    over *= 1 - 1e-6

    def near(network, *rest, **more):
        path = train(network, *rest, **more)
        direction = path.e / np.linalg.norm(path.e, axis=2, keepdims=True)
        return replace(path, e=direction * (over * bound)[:, :, None])

    monkeypatch.setattr(two_layers, "descend", near)
    seen = EXPERIMENT.observe(configuration, salt="bound", quantities={"width"})
    np.testing.assert_array_equal(seen.samples["width"].values, [1, 0, 0, 1])


def test_the_jacobian_by_hand_is_that_of_differences():
    """The oracle's own oracle."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=4)
    net = by_hand.drawn("conv", "tanh", 2, 3, 4, 1.2, "differences", 2, 2)
    J, t = net.row(x), net.t
    for at in rng.integers(0, len(t), 12):
        step = np.zeros_like(t)
        step[at] = 1e-6
        slope = (net.at(t + step).output(x) - net.at(t - step).output(x)) / 2e-6
        assert J[at] == pytest.approx(slope, rel=1e-7, abs=1e-9)


def test_the_oracles_see_slips():
    configuration, quantities = CASES["resnet"]
    few = replace(configuration, steps=4, looks=3, depth=2)
    assert unseen("deep-networks", ORACLES, few, quantities=quantities) == []
