"""GPUs: where one is present, or asked for by TEST_DEVICES=cuda, the numbers are those of the CPU.

Asked for and absent, these tests fail. The CPU is always among the devices.
"""

import os
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tests.verify.training.masked.problems import algorithm, network
from theory.language.errors import InvalidArgument
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.experiment import EXPERIMENT
from verify.judging.seeds import seed_tensor
from verify.training.masked.engines import sample_space as module
from verify.training.masked.engines.sample_space import SampleSpace


def devices(asked, present):
    """The devices to test: those asked for, else every kind that is present."""
    named = [name.strip() for name in asked.split(",") if name.strip()]
    return list(dict.fromkeys(["cpu", *(named or ["cuda"] * present)]))


DEVICES = devices(os.environ.get("TEST_DEVICES", ""), torch.cuda.is_available())
OTHERS = [(d, e) for d in DEVICES for e in ("plain", "torch") if (d, e) != ("cpu", "plain")]
CASES = {
    "bernoulli": {"xi": 0.6, "surrogates": 3, "local_steps": 2},
    "categorical": {"law": "categorical", "surrogates": 3, "local_steps": 3},
}


@pytest.mark.parametrize(("device", "engine"), OTHERS)
@pytest.mark.parametrize("case", CASES)
def test_the_numbers_are_those_of_the_trainer_on_the_cpu(case, device, engine):
    home = Configuration(
        data="sphere", samples=4, dimension=5, width=3000, rounds=3, seeds=3, pilot_seeds=2,
        zeta_lambda=0.5, engine="plain", **CASES[case],
    )  # fmt: skip
    there = replace(home, engine=engine, device=device)
    expected, found = (EXPERIMENT.observe(c, salt="devices").samples for c in (home, there))
    assert set(found) == set(expected)
    for name, sample in found.items():
        scale = np.abs(expected[name].values).max()
        np.testing.assert_allclose(sample.values, expected[name].values, atol=1e-10 * scale, rtol=0)


class Operations(TorchDispatchMode):
    """The names of operations, `local` those of each surrogate's local steps but the first.

    `_descend` ends a local step, `_paths` begins those of all surrogates, `_aggregate` the rest.
    """

    def __init__(self):
        super().__init__()
        self.now, self.local, self.inside = [], [], False

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.now.append(str(func))
        return func(*args, **(kwargs or {}))

    def starts(self, inside, original):
        def call(trainer, *args):
            self.now, self.inside = [], False
            self.local_steps = inside
            return original(trainer, *args)

        return call

    def step(self, original):
        def call(trainer, *args):
            if self.inside:
                self.local += self.now
            original(trainer, *args)
            self.now, self.inside = [], self.local_steps

        return call


WAITING = ("_local_scalar_dense", "nonzero", "_to_copy")
"""Operations for which the host waits for a GPU."""


@pytest.mark.parametrize("most", [0.0, 1.0])
def test_the_host_does_not_wait_between_local_steps(most, monkeypatch):
    watch = Operations()
    monkeypatch.setattr(module, "in_threads", lambda run, items: [run(item) for item in items])
    monkeypatch.setattr(SampleSpace, "_paths", watch.starts(True, SampleSpace._paths))
    monkeypatch.setattr(SampleSpace, "_aggregate", watch.starts(False, SampleSpace._aggregate))
    monkeypatch.setattr(SampleSpace, "_descend", watch.step(SampleSpace._descend))
    net = network(n=3, d=4, m=64)
    trainer = SampleSpace(net, replace(algorithm(net), p=1, tau=6), most)
    with watch:
        trainer.run(1, seed_tensor(1, "waiting"))
    assert len(watch.local) >= 5 * 5  # five steps after the first, several operations each
    assert not [name for name in watch.local if any(word in name for word in WAITING)]


@pytest.mark.parametrize(
    ("asked", "present", "found"),
    [("", False, ["cpu"]), ("", True, ["cpu", "cuda"]), ("cuda", False, ["cpu", "cuda"]),
     ("cpu", True, ["cpu"]), ("cuda:0, cuda:1", True, ["cpu", "cuda:0", "cuda:1"])],
)  # fmt: skip
def test_which_devices_are_tested(asked, present, found):
    assert devices(asked, present) == found


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_device_that_is_absent_is_a_failure():
    with pytest.raises(InvalidArgument, match="0 GPUs are present"):
        test_the_numbers_are_those_of_the_trainer_on_the_cpu("bernoulli", "cuda", "torch")
