"""The command `python -m verify prove`: the algebra of the proofs, by an SMT solver."""

from __future__ import annotations

import click

from theory import registry


@click.command()
@click.option("--theorem", metavar="NAME", help="theorem [default: all]")
def prove(theorem: str | None) -> int:
    """Prove the inequalities that the proofs use, on their whole domain.

    Exit code 0: all are proved, but for those listed as beyond the method. 1: one is not.
    """
    from rich.console import Console

    from theory.registry import inequalities, unproved
    from verify.audit.proof import Status, prove_all, table

    name = None if theorem is None else registry.theorem(theorem).name
    proofs = list(prove_all(inequalities(name)))
    click.echo(table(proofs, unproved(name), Console().width))
    return int(any(proof.status is not Status.PROVED for proof in proofs))
