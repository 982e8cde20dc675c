"""Which drawn problems an experiment takes."""

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
