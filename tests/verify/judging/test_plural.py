import pytest

from verify.judging.plural import number


@pytest.mark.parametrize(
    ("count", "verb", "text"),
    [(0, "", "0 seeds"), (1, "", "1 seed"), (2, "", "2 seeds"), (1, "are", "1 seed is"),
     (3, "are", "3 seeds are"), (1, "were", "1 seed was"), (1, "use", "1 seed uses")],
)  # fmt: skip
def test_nouns_after_numbers(count, verb, text):
    assert number(count, "seed", verb) == text
