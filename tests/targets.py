"""Which drawn problems an experiment takes."""

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import assume

from theory import InvalidArgument


def has_targets(prepare, configuration, salt):
    """Targets of a teacher without an active neuron are all 0, and refused."""
    try:
        prepare(configuration, salt)
    except InvalidArgument as error:
        if error.name != "targets":
            raise
        return False
    return True


@contextmanager
def unless_refused(argument: str) -> Iterator[None]:
    """Another example where this argument is refused, as only the data tell."""
    try:
        yield
    except InvalidArgument as error:
        if error.name != argument:
            raise
        assume(False)
