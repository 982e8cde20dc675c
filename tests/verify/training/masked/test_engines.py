"""Every engine against the trainer, and each against itself in other circumstances."""

import ast
import inspect
from dataclasses import fields, replace
from functools import lru_cache, partial
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings

from benchmarks.peers import PEERS, available
from benchmarks.peers import engine as engine_peer
from benchmarks.report import compare
from benchmarks.workloads import SMALL
from tests.verify.training.masked.problems import LAW_CASES, PAIRED, algorithm, network
from theory.language.errors import InvalidArgument
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.setting import prepare
from verify.experiments.masked_training.strategies import configurations
from verify.judging.seeds import seed_tensor
from verify.training.masked import network as network_module
from verify.training.masked.engines import choose, plain, seeds_at_once
from verify.training.masked.engines import groups as groups_module
from verify.training.masked.engines import sample_space as sample_space_module
from verify.training.masked.engines.records import Trajectory, seed_by_seed
from verify.training.masked.engines.sample_space import SampleSpace, sample_space
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm

SEEDS = seed_tensor(3, "engines")
ONE = SEEDS[:1]
TOLERANCE = 1e-10
QUANTITIES = [f.name for f in fields(Trajectory)]


def in_torch(net, alg, rounds, seeds, most, group=groups_module.Group):
    return seed_by_seed(net, SampleSpace(net, alg, most, group).run, rounds, seeds)


ENGINES = {
    "torch": sample_space,
    "torch, step by step": partial(in_torch, most=0.0),
    "torch, linear": partial(in_torch, most=1.0),
}
if find_spec("numba"):
    from verify.training.masked.engines import fused_groups
    from verify.training.masked.engines.fused import Fused, fused
    from verify.training.masked.engines.fused_groups import FusedGroup, fused_products

    def compiled(net, alg, rounds, seeds, most):
        return seed_by_seed(net, Fused(net, alg, most).run, rounds, seeds)

    ENGINES |= {
        "fused": fused,
        "fused, step by step": partial(compiled, most=0.0),
        "fused, linear": partial(compiled, most=1.0),
        "fused products": fused_products,
        "fused products, step by step": partial(in_torch, most=0.0, group=FusedGroup),
        "fused products, linear": partial(in_torch, most=1.0, group=FusedGroup),
    }
every_engine = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES.keys())
needs_numba = pytest.mark.skipif("fused" not in ENGINES, reason="needs the extra fast")


def difference(engine, net, alg, rounds, seeds=SEEDS):
    """The largest difference from the trainer, relative to the largest value.

    What is nothing but rounding of outputs of the size of the targets differs by its own size.
    """
    worst = 0.0
    size = float(net.y.abs().max() + net.Z_0.abs().max())
    reference, found = trained(net, alg, rounds, seeds), list(engine(net, alg, rounds, seeds))
    assert [r.index for r in found] == list(range(rounds))
    for name in QUANTITIES:
        ours, theirs = (torch.stack([getattr(r, name) for r in x]) for x in (found, reference))
        assert ours.shape == theirs.shape
        assert ours.dtype == theirs.dtype
        assert theirs.isfinite().all()
        largest = theirs.abs().max().clamp(1e-5 * size)
        worst = max(worst, float((ours - theirs).abs().max() / largest))
    return worst


@lru_cache(maxsize=128)
def trained(net, alg, rounds, seeds):
    """The records of the trainer, of the same network for every engine."""
    return list(plain(net, alg, rounds, seeds))


@lru_cache(maxsize=64)
def problem(configuration):
    """Network, algorithm, rounds, and whether rounding decides: the same for every engine."""
    setting = prepare(configuration, "engines")
    run = setting.network, setting.algorithm, min(configuration.rounds, 4)
    return run, rounding_decides(*run)


@every_engine
@settings(max_examples=60)
@given(configurations())
def test_equals_the_trainer(engine, configuration):
    run, undecided = problem(configuration)
    assume(not undecided)
    assert difference(engine, *run) < TOLERANCE


def rounding_decides(net, alg, rounds):
    """Whether a step ends on a kink: from a start a little to a side the path is another."""

    def beside(sign):
        start = replace(net, W_0=net.W_0 * (1 + sign * 1e-13))
        return lambda _, *run: plain(start, *run)

    return any(difference(beside(sign), net, alg, rounds) > TOLERANCE for sign in (-1, 1))


def test_a_step_onto_a_kink_is_known():
    """A neuron on one input goes back by all of its pre-activation: to 0, or to 1e-16."""
    configuration = Configuration(
        data="sphere", samples=2, dimension=3, target_scale=0.1, xi=0.5, surrogates=1,
        local_steps=5, zeta_lambda=0.5, width=2, init_scale=0.03, rounds=3,
    )  # fmt: skip
    setting = prepare(configuration, "engines")
    assert rounding_decides(setting.network, setting.algorithm, 3)
    assert not rounding_decides(setting.network, setting.algorithm, 1)


@pytest.mark.parametrize("name", QUANTITIES)
def test_ten_times_the_tolerance_is_seen(name):
    def other(*run):
        for record in plain(*run):
            yield replace(record, **{name: getattr(record, name) * (1 + 10 * TOLERANCE)})

    net = network(n=5, d=3, m=300)
    assert difference(other, net, algorithm(net, "local steps"), 3) > TOLERANCE


shared = lru_cache(maxsize=2)(network)


@every_engine
@pytest.mark.parametrize("case", [*LAW_CASES, "paired"])
@pytest.mark.parametrize("m", [1, 300, 4096])
def test_equals_the_trainer_for_every_law(engine, case, m):
    net = shared(n=5, d=3, m=m)
    alg = algorithm(net, "local steps" if case == "paired" else case)
    if case == "paired":
        alg = replace(alg, law=PAIRED, p=4, xi=0.5)
    assert difference(engine, net, alg, 3) < TOLERANCE


@every_engine
@pytest.mark.parametrize(("n", "d"), [(2, 9), (9, 2), (9, 6)], ids=["n<d", "n>2d", "n<2d"])
def test_equals_the_trainer_in_wide_networks(engine, n, d):
    """Some neurons flip within a round, most do not."""
    net = shared(n=n, d=d, m=30_000)
    assert difference(engine, net, algorithm(net), 3, ONE) < TOLERANCE


@every_engine
def test_what_is_computed_again_is_what_was_kept(engine, monkeypatch):
    """The numbers of a wide network, of which Z_0 is never held as a whole."""
    kept = network(n=5, d=3, m=3000)
    alg = algorithm(kept)
    expected = list(engine(kept, alg, 3, ONE))
    monkeypatch.setattr(network_module, "BLOCK", 5 * 700)
    net = network(n=5, d=3, m=3000)
    found = list(engine(net, alg, 3, ONE))
    assert not net.kept
    assert "Z_0" not in vars(net)
    for ours, theirs in zip(found, expected, strict=True):
        for name in QUANTITIES:
            torch.testing.assert_close(
                getattr(ours, name), getattr(theirs, name), rtol=0, atol=TOLERANCE
            )


@every_engine
def test_a_sample_at_the_origin(engine):
    net = network(n=4, m=300)
    X = net.X.clone()
    X[1] = 0
    net = Network(X, net.y, net.W_0, net.a)
    assert difference(engine, net, algorithm(net), 3) < TOLERANCE


@every_engine
@pytest.mark.parametrize("eta", [1e4, 1e200])
def test_divergence_ends(engine, eta):
    """Paths of any length, infinite ones too: every neuron goes step by step."""
    net = network(m=300)
    alg = replace(algorithm(net), eta=eta)
    *_, ours = engine(net, alg, 3, ONE)
    *_, theirs = plain(net, alg, 3, ONE)
    assert (ours.outputs.isfinite() == theirs.outputs.isfinite()).all()
    assert not ours.outputs.abs().max() < 1e6


@every_engine
def test_same_numbers_for_any_batching_and_threads(engine):
    net = network(m=3000)
    alg = algorithm(net)
    threads = torch.get_num_threads()
    whole = list(engine(net, alg, 3, SEEDS))
    try:
        torch.set_num_threads(3 - min(threads, 2))
        alone = list(engine(net, alg, 3, SEEDS[1:2]))
    finally:
        torch.set_num_threads(threads)
    for one, all_seeds in zip(alone, whole, strict=True):
        assert torch.equal(one.local[:, 0], all_seeds.local[:, 1])
        for name in QUANTITIES[1:]:
            assert torch.equal(getattr(one, name)[0], getattr(all_seeds, name)[1])


def test_most_neurons_of_a_wide_network_take_the_short_cut(monkeypatch):
    net = network(m=100_000)
    alg = Algorithm(algorithm(net).law, 3, 0.6, 6, algorithm(net).eta)
    shares = []
    critical = SampleSpace._critical

    def watched(self, *args):
        found = critical(self, *args)
        shares.append(float(found.double().mean()))
        return found

    monkeypatch.setattr(SampleSpace, "_critical", watched)
    assert difference(sample_space, net, alg, 3, ONE) < TOLERANCE
    assert len(shares) == 3  # once per round
    assert 0 < max(shares) < 0.2


@pytest.mark.parametrize("engine", [name for name in ENGINES if name.endswith("linear")])
@pytest.mark.parametrize("headroom", [0.0, 0.3])
def test_a_bound_that_proves_too_small_is_redone(engine, headroom, monkeypatch):
    net = network(m=3000)
    alg = algorithm(net)
    monkeypatch.setattr(sample_space_module, "HEADROOM", headroom)
    assert difference(ENGINES[engine], net, alg, 3) < TOLERANCE
    monkeypatch.setattr(sample_space_module, "SLACK", 0.0)  # whatever was guessed is taken
    assert difference(ENGINES[engine], net, alg, 3) > 1e-6


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (300, 900), (10**6, 900)])
def test_surrogates_and_samples_in_any_runs(columns, rows, monkeypatch):
    net = network(n=9, d=6, m=300)
    alg = replace(algorithm(net), p=5)
    monkeypatch.setattr(groups_module, "COLUMNS", columns)
    monkeypatch.setattr(groups_module, "ROWS", rows)
    for most in (0.0, 1.0):
        assert difference(partial(in_torch, most=most), net, alg, 3) < TOLERANCE


def test_a_run_of_samples_that_is_left_out_is_seen(monkeypatch):
    """Must fail: only the first samples of a group get their gradients."""
    net = network(n=9, d=6, m=300)
    monkeypatch.setattr(groups_module, "ROWS", 900)
    residuals = groups_module.Group._residuals

    def first_alone(self, run):
        residuals(self, run)
        if run.rows.start > 0:
            run.V.zero_()

    monkeypatch.setattr(groups_module.Group, "_residuals", first_alone)
    assert difference(partial(in_torch, most=0.0), net, algorithm(net), 3) > 1e-6


SLIPS = {
    "a mask that is dropped": ("z[r] <= 0.0 else residual", "z[r] <= -9.0 else residual"),
    "samples that are left out": ("for i in range(len(local)):", "for i in range(len(local) - 1):"),
    "columns of another surrogate": ("slice(edges[q], edges[q + 1])", "slice(edges[0], edges[1])"),
    "the others forgotten": ("total + rest[q, i]", "total"),
    "a change not averaged": ("/ held[r]", "/ 1.0"),
}


@needs_numba
@pytest.mark.parametrize("slip", [None, *SLIPS])
def test_a_slip_between_the_products_is_seen(slip, monkeypatch):
    """Must fail, but for the kernels as they are: their source with a slip, not compiled."""
    source = inspect.getsource(fused_groups)
    if slip is not None:
        assert source.count(SLIPS[slip][0]) == 1
        source = source.replace(*SLIPS[slip])
    planted = dict(vars(fused_groups))
    tree = ast.parse(source)
    tree.body = [each for each in tree.body if getattr(each, "name", "") in ("_pass", "_add")]
    exec(compile(tree, "slip", "exec"), planted | {"entry": lambda f: f}, kernels := {})
    for name, kernel in kernels.items():
        monkeypatch.setattr(fused_groups, name, kernel)
    net = network(n=9, d=6, m=300)
    alg = replace(algorithm(net), p=5)
    engine = partial(in_torch, most=1.0, group=FusedGroup)
    worst = difference(engine, net, alg, 2, ONE)
    assert worst < TOLERANCE if slip is None else worst > 1e-6


@needs_numba
def test_many_samples_compiled():
    net = network(n=300, d=6, m=200)
    alg = replace(algorithm(net), p=5)
    assert difference(fused_products, net, alg, 2, ONE) < TOLERANCE


@pytest.mark.parametrize("p", [1, 2, 3, 10, 40])
@pytest.mark.parametrize("width", [0, 3, 250, 600, 10**6])
def test_runs_of_surrogates(p, width):
    """Every surrogate once, in order; two threads end together; none too wide without need."""
    runs = groups_module.grouped([width] * p)
    assert [l for run in runs for l in range(p)[run]] == list(range(p))  # noqa: E741
    sizes = [run.stop - run.start for run in runs]
    assert sizes == sorted(sizes, reverse=True)
    assert abs(sum(sizes[::2]) - sum(sizes[1::2])) <= 1 or sizes == [1] * p
    assert max(sizes) == 1 or (max(sizes) - 1) * width <= groups_module.COLUMNS


def test_float32():
    net = network(m=3000, dtype=torch.float32)
    assert difference(sample_space, net, algorithm(net), 2) < 1e-3


def test_unknown_engine():
    net = network()
    with pytest.raises(InvalidArgument, match=r"engine = .*slow.*auto, plain, torch, fused"):
        choose(net, algorithm(net), "slow")


@needs_numba
def test_the_fused_kernel_is_chosen_where_it_can_be():
    net = network()
    assert choose(net, algorithm(net)) is fused
    samples = network(n=200, d=4, m=3000)
    assert choose(samples, algorithm(samples)) is fused_products
    assert choose(samples, replace(algorithm(samples), p=65), "fused") is fused_products
    assert choose(samples, algorithm(samples), "torch") is sample_space
    tiny = network(n=200, d=4, m=10)
    assert choose(tiny, algorithm(tiny)) is plain
    single = network(dtype=torch.float32)
    assert choose(single, algorithm(single)) is plain
    with pytest.raises(InvalidArgument, match="float64 on the CPU"):
        choose(single, algorithm(single), "fused")
    with pytest.raises(InvalidArgument, match="p <= 64"):
        choose(net, replace(algorithm(net), p=65), "fused")


def test_without_numba_the_choice_follows_the_width(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    small, large = network(m=20), network(m=100_000)
    assert choose(small, algorithm(small)) is plain
    assert choose(large, algorithm(large)) is sample_space
    samples = network(n=200, d=4, m=3000)
    assert choose(samples, algorithm(samples)) is sample_space
    with pytest.raises(InvalidArgument, match=r"numba.*theorem-gate\[fast\]"):
        choose(small, algorithm(small), "fused")


def test_seeds_at_once():
    small, large = network(m=20), network(m=10**6)
    for engine in (plain, sample_space):
        few, many = (seeds_at_once(engine, net, algorithm(net)) for net in (large, small))
        assert 1 <= few < many
    assert seeds_at_once(sample_space, large, algorithm(large)) == torch.get_num_threads()


def test_what_the_benchmarks_compare_does_the_same_work(monkeypatch):
    small = replace(SMALL, m=64, seeds=4, rounds=2)
    peers = [name for name in available() if name != "jax"]  # its import takes seconds
    found = compare(small, peers, repeats=1)
    assert found["ratio"][peers[0]] == 1
    assert min(found["milliseconds"].values()) > 0
    lazy = engine_peer("torch")
    monkeypatch.setitem(PEERS, "autograd", lambda *args: lambda: 1.01 * lazy(*args)())
    with pytest.raises(AssertionError, match="autograd"):
        compare(small, peers, repeats=1)


def test_frozen_noise_has_mean_zero():
    net = network(m=50)
    alg = algorithm(net)
    seeds = seed_tensor(4000, "frozen")
    (only,) = plain(net, alg, 1, seeds)
    noise = only.frozen_noise.numpy()
    assert (np.abs(noise.mean(0)) < 6 * noise.std(0) / len(noise) ** 0.5).all()
