"""Where claims on network identification are judged, and where slips in them show."""

from __future__ import annotations

from verify.experiments.kit import Home
from verify.experiments.network_identification.configuration import Configuration


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `identification/...`."""
    return (_home(claim),)


def _home(claim: str) -> Configuration:
    return Configuration()


def homes() -> dict[str, Home]:
    """The default."""
    from theory import registry

    return {name: Home(_home(name)) for name in registry.claims("network-identification")}
