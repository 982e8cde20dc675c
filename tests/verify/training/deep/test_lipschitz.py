"""L of `theory.mathematics.layerwise`, from norms of the start, against second derivatives.

The supremum over the ball is looked for by hill climbing. Where a bound is attained at the start
itself, one instance for each of its factors shows that it cannot be smaller.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.verify.training.deep import by_autograd
from tests.verify.training.deep.networks import CASES, network
from theory.mathematics import layerwise
from theory.mathematics.layerwise import by_jacobians, by_norms, least_gain, radius
from verify.judging.seeds import torch_generator
from verify.training.deep import Design, Network, Parameters, layers

FULLY = [name for name in CASES if not name.startswith("conv")]


def curvature(nets: Network, t: torch.Tensor, v: torch.Tensor) -> float:
    """The largest second derivative of sum_i v_i u_i, over unit directions."""
    return float(torch.linalg.matrix_norm(by_autograd.second(nets, t, 0, v), ord=2))


def steepest(nets: Network, t: torch.Tensor) -> float:
    """The same over unit v, by alternating between v and the direction."""
    generator = torch_generator("v")
    v = torch.randn(nets.n, generator=generator, dtype=torch.float64)
    parts = torch.stack([by_autograd.second(nets, t, 0, e) for e in torch.eye(nets.n).double()])
    for _ in range(6):
        v = v / v.norm()
        values, vectors = torch.linalg.eigh(torch.einsum("i,ipq->pq", v, parts))
        delta = vectors[:, values.abs().argmax()]
        v = torch.einsum("ipq,p,q->i", parts, delta, delta)
    return float(v.norm())


def climbed(nets: Network, R: float, tries: int = 5) -> float:
    """The largest second derivative found in the ball of radius R around the start."""
    generator = torch_generator("climb")
    t_0 = by_autograd.flat(nets, 0)
    best, at = steepest(nets, t_0), t_0
    for _ in range(tries):
        step = torch.randn(t_0.shape, generator=generator, dtype=t_0.dtype)
        moved = at - t_0 + 0.5 * R * step / step.norm()
        new = t_0 + moved * min(1.0, R / float(moved.norm()))
        if (found := steepest(nets, new)) > best:
            best, at = found, new
    return best


def single(design: Design, W: list[float], a: list[float], x: list[float]) -> Network:
    """One network of one channel on one input, all weights of a layer equal."""
    one = torch.ones(1, 1, design.patch, dtype=torch.float64)
    start = Parameters(tuple(w * one for w in W), torch.tensor([a], dtype=torch.float64))
    return Network(design, torch.tensor([x], dtype=torch.float64), start, torch.ones(1).double())


SHARP = {
    "the-factor-2-between-layers": (
        single(Design.plain(2, "tanh"), [0.0, 0.0], [1.0], [0.1]), 1e-3, 0.1),
    "s2": (single(Design.plain(1, "erf"), [1e-3], [1.0], [1e3]), 1e-9, 483941.4),
    "the-factor-2-of-the-output": (
        single(Design.plain(1, "tanh"), [0.0], [0.0], [0.7]), 1e-6, 0.7),
    "two-pixels": (
        single(Design((0.0, 0.0), (1.0, 1.0), "tanh", 2, 2), [0, 0], [1, 1], [0.1, 0.1]),
        1e-6, 0.4),
    "three-pixels": (
        single(Design((0.0, 0.0), (1.0, 1.0), "tanh", 3, 3), [0, 0], [1, 1, 1], [0.1] * 3),
        1e-6, 0.9),
}  # fmt: skip


@pytest.mark.parametrize("name", SHARP)
def test_attained_at_the_start(name):
    """L is the true second derivative there, to the change over the ball."""
    nets, R, known = SHARP[name]
    true = steepest(nets, by_autograd.flat(nets, 0))
    assert true == pytest.approx(known, rel=1e-5)
    found = layers(nets, jacobians=nets.design.patch == 1)
    bounds = [by_norms(found, np.array([R]))]
    bounds += [] if found.p0 is None else [by_jacobians(found, np.array([R]))]
    for L in bounds:
        assert true <= L[0] <= 1.002 * true


def test_a_second_derivative_rounded_down_is_too_small():
    """0.4839 for sup |sigma''| of erf, which is 0.483941..."""
    nets, R, known = SHARP["s2"]
    assert by_norms(replace(layers(nets), s2=0.4839), np.array([R]))[0] < known - 30


def test_backward_signals_that_stay_are_too_small():
    """g of the start in place of that of the ball: at a = 0 the second derivative grows with a."""
    R, x = 0.1, 10.0
    nets = single(Design.plain(1, "tanh"), [0.0658], [0.0], [x])
    true = steepest(nets, torch.tensor([0.0658, R], dtype=torch.float64))
    L = by_norms(layers(nets), np.array([R]))[0]
    stays = by_norms(layers(nets), np.array([0.0]))[0]  # one layer: R is in D alone
    assert stays == pytest.approx(x)
    assert 1.1 * stays < true <= L


def test_without_the_patches_of_the_second_layer_the_bound_is_too_small():
    """Each patching costs sqrt(q): counted once, it is refuted at sqrt(q)."""
    for name, root in (("two-pixels", 2**0.5), ("three-pixels", 3**0.5)):
        nets, R, _ = SHARP[name]
        once = replace(layers(nets), patch=1)
        L = by_norms(once, np.array([R]))[0]
        assert steepest(nets, by_autograd.flat(nets, 0)) == pytest.approx(root * L, rel=1e-3)


@pytest.mark.parametrize(("name", "R"), [*((name, 0.5) for name in CASES), ("resnet", 0.02)])
def test_never_passed_in_the_ball(name, R):
    nets = replace(network(name, n=2, S=1), kappa=torch.ones(1).double())
    highest = climbed(nets, R)
    found = layers(nets, jacobians=name in FULLY)
    assert highest <= by_norms(found, np.array([R]))[0]
    if name in FULLY:
        assert highest <= by_jacobians(found, np.array([R]))[0]


@pytest.mark.parametrize("name", ["fc", "resnet"])
def test_norms_of_layers_are_those_of_their_jacobians(name):
    nets = network(name)
    found = layers(nets, jacobians=True)
    assert found.p0 is not None
    assert found.v0 is not None
    design, H = nets.design, nets.design.depth
    for at in range(2):
        W = [w[at] for w in nets.start.W]

        def through(h, first, last, W=W):
            for i in range(first, last):
                value = design.nu[i] * by_autograd.SIGMA[design.activation](W[i] @ h)
                h = value + design.beta[i] * h if design.beta[i] else value
            return h

        for j in range(1, H + 1):
            for last in range(j + 1, H + 1):
                norms = []
                for x in nets.X:
                    h = through(x, 0, j)
                    J = torch.func.jacrev(lambda v, j=j, k=last: through(v, j, k))(h)
                    before = torch.func.jacrev(lambda v, j=j, k=last: through(v, j, k - 1))(h)
                    pulled = W[last - 1] @ before
                    norms.append([float(torch.linalg.matrix_norm(M, ord=2)) for M in (J, pulled)])
                p, v = np.max(norms, axis=0)
                assert found.p0[at, last - 1, j - 1] == pytest.approx(p, rel=1e-9)
                assert found.v0[at, last - 1, j - 1] == pytest.approx(v, rel=1e-9)


@pytest.mark.parametrize("bound", [by_norms, by_jacobians])
def test_the_least_gain_is_the_least(bound):
    """With it there is a radius R >= R_star(L(R)), with a thousandth less there is none."""
    nets = network("resnet", n=3, S=3)
    found = layers(nets, jacobians=True)
    G = nets.with_gain(torch.ones(3).double()).initial.kernel()
    s_0 = torch.linalg.eigvalsh(G)[:, 0].sqrt().numpy()
    E_0 = np.array([0.1, 1.0, 7.0])

    def L(R):
        return bound(found, R)

    kappa, _ = least_gain(L, s_0, E_0)

    def certified(gain, R):
        lowest, curved = gain * s_0, gain * L(R)
        A = lowest**2 - 2 * curved * E_0
        with np.errstate(invalid="ignore"):
            return (A > 0) & (2 * E_0 / (lowest + np.sqrt(A)) <= R)

    R = radius(L, s_0, E_0, 1.001 * kappa)
    assert certified(1.001 * kappa, R).all()
    assert not certified(1.001 * kappa, 0.99 * R).any()
    grid = np.geomspace(1e-3, 1e3, 2001)
    assert not any(certified(0.999 * kappa, np.full(3, r)).any() for r in grid)
    assert layerwise.GOLDEN**layerwise.SEARCH < 1e-19  # the intervals end below rounding


def test_each_least_gain_of_a_batch_is_searched_to_its_own_end():
    """L(R) = a + b R: the radius in closed form, at all scales, of which the slowest ends last."""
    a, b = np.array([1.0, 1e-12, 1e14]), np.array([1.0, 1.0, 1e28])
    s_0, E_0 = np.array([1.0, 1.0, 3.0]), np.array([1.0, 2.0, 0.5])
    peak = 2 * s_0 / (a + np.sqrt(a**2 + 6 * b * s_0))
    room = s_0 * peak - a * peak**2 / 2 - b * peak**3 / 2
    kappa, R = least_gain(lambda R: a + b * R, s_0, E_0)
    np.testing.assert_allclose(kappa, E_0 / room, rtol=1e-12)
    np.testing.assert_allclose(R, peak, rtol=1e-6)  # the top is flat
    for i in range(3):
        alone, _ = least_gain(lambda R, i=i: a[i] + b[i] * R, s_0[i : i + 1], E_0[i : i + 1])
        np.testing.assert_allclose(alone, kappa[i], rtol=1e-12)
