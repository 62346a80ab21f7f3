"""Folding names for display."""

from __future__ import annotations

import random

import pytest

from gonogo.hosts import fold


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ([], ""),
        (["a"], "a"),
        (["cp01", "cp02", "cp03", "db1"], "cp[01-03],db1"),
        ([f"cp{n:05}.example.com" for n in range(5000)], "cp[00000-04999].example.com"),
        (["a[", "b"], "a[, b"),
        ([f"a{n}[" for n in range(9)], "a0[, a1[, a2[ … (9)"),
        ([f"n{n}" for n in range(20_001)], "n0, n1, n2 … (20001)"),
    ],
)
def test_names_fold_or_are_counted(names: list[str], shown: str) -> None:
    """Regular names fold, strange ones are listed, too many are counted."""
    assert fold(names) == shown


def test_names_that_fold_slowly_are_counted() -> None:
    """Thousands of unlike names, or scattered ones with three numbers, are not folded."""
    letters = random.Random(1)
    unlike = ["".join(letters.choices("abcdefgh", k=12)) for _ in range(2500)]
    assert fold(unlike).endswith("… (2500)")
    scattered = {
        f"a{letters.randrange(99)}b{letters.randrange(99)}c{letters.randrange(99)}" for _ in range(900)
    }
    assert fold(scattered).endswith(f"… ({len(scattered)})")
