"""Which of the processes of one run this is, as torchrun tells by RANK and WORLD_SIZE.

The two count together or not at all: schedulers set one of them for purposes of their own.
"""

from __future__ import annotations

import os

from theory.language.errors import InvalidArgument


def rank_and_count() -> tuple[int, int]:
    """The number of this process and how many there are; (0, 1) unless both variables are set.

    InvalidArgument unless they are integers with 0 <= RANK < WORLD_SIZE.
    """
    given = {name: os.environ.get(name, "").strip() for name in ("RANK", "WORLD_SIZE")}
    if not all(given.values()):
        return 0, 1
    numbers = []
    for name, text in given.items():
        if not (text.isascii() and text.isdigit()):
            raise InvalidArgument(name, text, "a number, as torchrun sets it, or left unset")
        numbers.append(int(text))
    rank, count = numbers
    if rank >= count:
        raise InvalidArgument("RANK", rank, f"below WORLD_SIZE = {count}")
    return rank, count


def alone() -> bool:
    """Whether this process is the only one of its run."""
    return rank_and_count()[1] == 1


def first() -> bool:
    """Whether this process is the one of its run that writes and speaks."""
    return rank_and_count()[0] == 0
