"""Overfitting in a convolutional network: claims hold, some are sharp; trainers have twins."""

import pytest
from hypothesis import given, settings

from theory import claim, claims
from theory.language.claim import Mode
from verify.experiments.convolutional_overfitting.experiment import EXPERIMENT
from verify.experiments.convolutional_overfitting.strategies import configurations

NAME = "convolutional-overfitting"
ALL = [each.partition("/")[2] for each in claims(NAME)]
PATHWISE = [each for each in ALL if claim(f"convolution/{each}").kind.mode is Mode.PATHWISE
            and "published" not in each]  # fmt: skip


def observed(configuration, names, salt="convolution"):
    quantities = {claim(f"convolution/{name}").quantity.name for name in names}
    found = EXPERIMENT.observe(configuration, salt=salt, quantities=quantities).samples
    wanted = {name: claim(f"convolution/{name}").quantity.name for name in names}
    return {name: found[quantity] for name, quantity in wanted.items() if quantity in found}


@pytest.mark.claims(share=0.1)
@settings(max_examples=25)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    for name, sample in observed(configuration, PATHWISE, gate.seed(configuration)).items():
        gate.check(claim(f"convolution/{name}"), sample, detail=repr(configuration))
