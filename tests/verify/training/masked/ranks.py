"""What a process of several trains in the tests of shards; run by torchrun, the first writes."""

import os
import sys
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from unittest.mock import patch

import numpy as np

from tests.verify.training.masked.problems import PAIRED, algorithm, network
from verify.command_line import program
from verify.judging.seeds import seed_tensor
from verify.training.masked import shards
from verify.training.masked.engines import choose, plain, sample_space
from verify.training.masked.engines.records import seed_by_seed
from verify.training.masked.engines.sample_space import SampleSpace
from verify.training.processes import first

ROUNDS = 2
TOO_SHORT = 0.3
"""The headroom of paths that are guessed too short, so that rounds are done again."""
SEEDS = seed_tensor(2, "ranks")
QUANTITIES = ("local", "outputs", "frozen_noise", "displacement")
WIDTHS = {"a neuron each": 3, "some": 515, "more": 3001}
CASES = {
    "drawn": ("local steps", None, "some"),
    "one surrogate each": ("ist", None, "more"),
    "a law of one's own": ("local steps", PAIRED, "some"),
    "few neurons": ("multi-sample dropout", None, "a neuron each"),
}


def trained(trainer, most, net, alg, rounds, seeds):
    return seed_by_seed(net, trainer(net, alg, most).run, rounds, seeds)


def engines():
    """name -> engine; each also made to go step by step, or by the linear recursion."""
    kinds = {"torch": SampleSpace}
    if find_spec("numba"):
        from verify.training.masked.engines.fused import Fused
        from verify.training.masked.engines.fused_groups import FusedGroup

        kinds["fused"] = Fused
    found = {"plain": plain}
    for name, trainer in kinds.items():
        found[name] = lambda *run, name=name: choose(*run[:2], name)(*run)
        found[f"{name}, step by step"] = partial(trained, trainer, 0.0)
        found[f"{name}, linear"] = partial(trained, trainer, 1.0)
    if "fused" in kinds:
        products = partial(SampleSpace, group=FusedGroup)
        found["fused products, step by step"] = partial(trained, products, 0.0)
        found["fused products, linear"] = partial(trained, products, 1.0)
        first = float(os.environ.get("RANK", "0") == "0")
        found["fused, one linear, one step by step"] = partial(trained, kinds["fused"], first)
    return found


def numbers():
    """engine: case: quantity -> the values of all rounds."""
    found = {}
    for case, (hyperparameters, law, width) in CASES.items():
        net = network(n=5, d=3, m=WIDTHS[width])
        alg = algorithm(net, hyperparameters)
        if law is not None:
            alg = type(alg)(law, 4, 0.5, alg.tau, alg.eta)
        for name, engine in engines().items():
            records = list(engine(net, alg, ROUNDS, SEEDS))
            for quantity in QUANTITIES:
                values = [getattr(record, quantity).numpy() for record in records]
                found[f"{name}: {case}: {quantity}"] = np.stack(values)
    return found


def main(file, *options):
    """The program with those options; the numbers come first, in the processes that it joins."""
    joined = shards.processes

    @contextmanager
    def and_numbers():
        with joined():
            with patch.object(sample_space, "HEADROOM", TOO_SHORT):
                found = numbers()
            if first():
                np.savez(file, **found)
            yield

    with patch.object(shards, "processes", and_numbers):
        program.main(options)


if __name__ == "__main__":
    main(*sys.argv[1:])
