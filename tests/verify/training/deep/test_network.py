"""The deep networks against torch.func and autograd at small sizes."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pytest
import sympy as sp
import torch
from scipy.integrate import quad
from scipy.stats import norm

from benchmarks.deep import PEERS, Work, available
from tests.verify.training.deep import by_autograd
from tests.verify.training.deep.networks import CASES, network
from theory.language.errors import InvalidArgument
from theory.mathematics import activations
from verify.judging.seeds import torch_generator
from verify.training.deep import Design, Network, Parameters, descend
from verify.training.deep.activations import ACTIVATIONS
from verify.training.deep.descent import states

EXACT = {"rtol": 1e-10, "atol": 1e-10}


def targets(n: int) -> torch.Tensor:
    return torch.linspace(-1, 1, n, dtype=torch.float64)


def displaced(nets: Network, by: float = 0.3) -> Parameters:
    generator = torch_generator("displaced")
    draw = [torch.randn(W.shape, generator=generator, dtype=W.dtype) for W in nets.start.W]
    a = torch.randn(nets.start.a.shape, generator=generator, dtype=torch.float64)
    pairs = zip(nets.start.W, draw, strict=True)
    return Parameters(tuple(W + by * v for W, v in pairs), nets.start.a + by * a)


def vector(parameters: Parameters, at: int) -> torch.Tensor:
    return torch.cat([*(W[at].reshape(-1) for W in parameters.W), parameters.a[at]])


@pytest.mark.parametrize("name", CASES)
def test_outputs_kernel_change_and_linear_part_are_those_of_torch_func(name):
    nets = network(name)
    moved = displaced(nets)
    state, by = nets.at(moved), moved.minus(nets.start)
    for at in range(2):
        t, t_0 = vector(moved, at), by_autograd.flat(nets, at)
        J, J_0 = (by_autograd.jacobian(nets, v, at) for v in (t, t_0))
        u = by_autograd.output(nets, t, at) - by_autograd.output(nets, t_0, at)
        torch.testing.assert_close(state.outputs[at], u, **EXACT)
        torch.testing.assert_close(state.kernel()[at], J @ J.T, **EXACT)
        torch.testing.assert_close(state.change()[at], (J - J_0) @ (J - J_0).T, **EXACT)
        torch.testing.assert_close(nets.initial.linear(by)[at], J_0 @ (t - t_0), **EXACT)
        torch.testing.assert_close(by.norm()[at], (t - t_0).norm(), **EXACT)


@pytest.mark.parametrize("name", CASES)
def test_descent_is_that_of_autograd(name):
    nets, y = network(name), targets(3)
    eta = torch.tensor([0.05, 0.01], dtype=torch.float64)
    path = descend(nets, y, eta, 4, looks=(0, 4))
    for at in range(2):
        t_0 = t = by_autograd.flat(nets, at)
        start = by_autograd.output(nets, t_0, at)
        for k in range(5):
            t = t.detach().requires_grad_()
            e = by_autograd.output(nets, t, at) - start - y
            torch.testing.assert_close(torch.tensor(path.e[at, k]), e.detach(), **EXACT)
            if k == 4:
                break
            (slope,) = torch.autograd.grad(e.square().sum() / 2, t)
            assert path.lengths[at, k] == pytest.approx(float(eta[at] * slope.norm()), rel=1e-9)
            t = t.detach() - eta[at] * slope
        assert path.distance[at, 1] == pytest.approx(float((t - t_0).detach().norm()), rel=1e-9)
        J, J_0 = (by_autograd.jacobian(nets, v.detach(), at) for v in (t, t_0))
        assert path.change[at, 1] == pytest.approx(
            float(torch.linalg.matrix_norm(J - J_0, ord=2)), rel=1e-7
        )
        torch.testing.assert_close(torch.tensor(path.kernel[at, 0]), J_0 @ J_0.T, **EXACT)
        torch.testing.assert_close(
            torch.tensor(path.linear[at, 1]), J_0 @ (t - t_0).detach(), rtol=1e-8, atol=1e-10
        )
    assert path.change[:, 0].max() == path.distance[:, 0].max() == 0


def test_networks_do_not_know_one_another():
    """Alone or in a batch, the same path; and the start is left as it was."""
    nets, y = network("resnet", S=3), targets(3)
    eta = torch.tensor([0.05, 0.03, 0.01], dtype=torch.float64)
    before = nets.start.clone()
    together = descend(nets, y, eta, 5)
    for at in range(3):
        alone = descend(nets.part(slice(at, at + 1)), y, eta[at : at + 1], 5)
        torch.testing.assert_close(torch.tensor(alone.e[0]), torch.tensor(together.e[at]), **EXACT)
    assert torch.equal(before.a, nets.start.a)
    assert all(map(torch.equal, before.W, nets.start.W))


def test_zero_first_weights_and_fresh_inputs():
    nets = network("unequal")
    zero = Parameters((torch.zeros_like(nets.start.W[0]), *nets.start.W[1:]), nets.start.a)
    nets = Network(nets.design, nets.X, zero, nets.kappa)
    fresh = torch.randn(5, 4, generator=torch_generator("fresh"), dtype=torch.float64)
    assert float(nets.initial.f.abs().max()) == 0
    moved = displaced(nets)
    found = nets.at(moved, fresh).f * nets.kappa[:, None]
    for at in range(2):
        wanted = by_autograd.output(nets, vector(moved, at), at, fresh)
        torch.testing.assert_close(found[at], wanted, **EXACT)


@pytest.mark.parametrize("name", activations.NAMES)
def test_activations_are_their_symbolic_form(name):
    """Value and slope; s1 and s2 are suprema: never passed on a grid, and nearly attained."""
    found = activations.smooth(name)
    at = torch.linspace(-9, 9, 721, dtype=torch.float64)
    value, slope = ACTIVATIONS[name](at.clone())
    x = activations.z
    first = sp.diff(found.sigma, x)
    for z in (-7.3, -0.4, 0.0, 1.0, 5.2):
        v, s = ACTIVATIONS[name](torch.tensor([z], dtype=torch.float64))
        for got, exact in ((v, found.sigma), (s, first)):
            wanted = float(exact.evalf(40, subs={x: sp.Float(z, 40)}))
            assert float(got) == pytest.approx(wanted, rel=1e-12, abs=1e-14)
    exact = sp.lambdify(x, sp.diff(found.sigma, x, 2), "numpy")
    curve = torch.as_tensor(exact(at.numpy()))
    for got, top in ((slope, found.s1), (curve, found.s2)):
        assert float(got.abs().max()) <= top * (1 + 1e-15)
        assert float(got.abs().max()) >= 0.999 * top or (name.endswith("softplus") and top == 1)
    assert torch.isfinite(value).all()


def test_the_second_derivative_of_erf_is_not_rounded_down():
    """0.4839 is below sup |sigma''| = 0.483941...: a bound may not be."""
    assert activations.smooth("erf").s2 > 0.48394


def test_c_s():
    """E erf(z/sqrt 2)^2 = (2/pi) asin(1/2) = 1/3, E z^2 = 1; tanh by scipy."""
    assert activations.smooth("erf").c_s == pytest.approx(3, rel=1e-13)
    assert activations.smooth("identity").c_s == pytest.approx(1, rel=1e-13)
    mean = quad(lambda z: np.tanh(z) ** 2 * norm.pdf(z), -inf, inf, epsabs=1e-13)[0]
    assert activations.smooth("tanh").c_s == pytest.approx(1 / mean, rel=1e-10)


def test_the_benchmarks_train_the_same():
    """Autograd in a loop, as it is timed, arrives where the trainer does."""
    network, y, eta = Work(n=3, d=4, m=5, H=3, seeds=2, steps=6).build()
    ends = {name: PEERS[name](network, y, eta, 6)() for name in available()}
    assert len(ends) >= 2
    for found in ends.values():
        np.testing.assert_allclose(found, ends["matrices"], rtol=1e-9)
    start = np.linalg.norm(y.numpy())
    assert (ends["matrices"] < 0.9 * start).all()


def test_frozen_layers_stay():
    """Kernel, change and step of the layers that are trained alone."""
    nets = network("resnet")
    for trained in ((True, False, True, False), (False, True, False, True)):
        part = replace(nets, trained=trained)
        sizes = [W[0].numel() for W in nets.start.W] + [nets.start.a.shape[1]]
        mask = torch.cat([torch.full((s,), float(t)) for s, t in zip(sizes, trained, strict=True)])
        mask = mask.double()
        path = descend(
            part, targets(3), torch.tensor([0.05, 0.01], dtype=torch.float64), 2, looks=(0, 2)
        )
        t_0 = by_autograd.flat(nets, 0)
        J = by_autograd.jacobian(nets, t_0, 0) * mask
        torch.testing.assert_close(torch.tensor(path.kernel[0, 0]), J @ J.T, **EXACT)
        t, start = t_0, by_autograd.output(nets, t_0, 0)
        for _ in range(2):
            e = by_autograd.output(nets, t, 0) - start - targets(3)
            t = t - 0.05 * mask * (by_autograd.jacobian(nets, t, 0).T @ e)
        e = by_autograd.output(nets, t, 0) - start - targets(3)
        torch.testing.assert_close(torch.tensor(path.e[0, 2]), e, **EXACT)
        moved = (by_autograd.jacobian(nets, t, 0) - by_autograd.jacobian(nets, t_0, 0)) * mask
        largest = float(torch.linalg.matrix_norm(moved, ord=2))
        assert path.change[0, 1] == pytest.approx(largest, rel=1e-7)


def test_bad_input_is_named():
    nets = network("resnet")
    y, eta = targets(3), torch.tensor([0.1, 0.1], dtype=torch.float64)
    for wrong, name in (
        (lambda: smooth_design("relu"), "activation"),
        (lambda: Design((0.0,), (1.0, 1.0), "tanh"), "beta"),
        (lambda: Design((0.0,), (1.0,), "tanh", pixels=2, patch=3), "patch"),
        (lambda: Network(nets.design, nets.X[:, :2], nets.start, nets.kappa), "W^1"),
        (lambda: Network(nets.design, nets.X, nets.start, nets.kappa[:1]), "kappa"),
        (lambda: next(states(nets, y, eta * torch.nan, 1)), "eta"),
        (lambda: next(states(nets, y[:1], eta, 1)), "y"),
        (lambda: next(states(nets, y, eta, -1)), "steps"),
    ):
        with pytest.raises(InvalidArgument) as caught:
            wrong()
        assert caught.value.name == name


def smooth_design(activation: str) -> Design:
    return Design.plain(1, activation)


def test_without_lengths_all_else_is_the_same():
    """Lengths are known where kernels are formed, at looks; else they are no number."""
    nets, y = network("fc"), targets(3)
    eta = torch.tensor([0.05, 0.1], dtype=torch.float64)
    full, spared = (descend(nets, y, eta, 5, (0, 3, 5), lengths=kept) for kept in (True, False))
    for name in vars(full).keys() - {"lengths"}:
        np.testing.assert_array_equal(getattr(spared, name), getattr(full, name), err_msg=name)
    np.testing.assert_array_equal(spared.lengths[:, [0, 3]], full.lengths[:, [0, 3]])
    assert np.isnan(spared.lengths[:, [1, 2, 4]]).all()
    assert not np.isnan(full.lengths).any()
