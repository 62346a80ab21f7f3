"""Folding names for display."""

from __future__ import annotations

import random

import pytest
from ClusterShell.NodeSet import NodeSet

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


def test_too_many_unlike_names_are_counted() -> None:
    """Thousands of names that have nothing in common are not folded."""
    letters = random.Random(1)
    unlike = ["".join(letters.choices("abcdefgh", k=12)) for _ in range(2500)]
    assert fold(unlike).endswith("… (2500)")


def test_many_names_with_several_numbers_fold_to_the_same_names() -> None:
    """Racks of nodes fold on each number; scattered ones come back whole, whatever the zeros before them."""
    racks = [f"r{rack:02}-u{unit}-n{node}" for rack in range(20) for unit in range(5) for node in range(4)]
    assert fold([*racks, "db1", "db2"]) == "db[1-2],r[00-19]-u[0-4]-n[0-3]"
    draw = random.Random(1)
    scattered = {
        f"a{draw.randrange(99)}b{draw.choice(['1', '01', '7'])}c{draw.randrange(9)}" for _ in range(900)
    }
    assert set(NodeSet(fold(scattered), resolver=None)) == scattered


def test_what_is_no_plain_name_does_not_fold_on_several_numbers() -> None:
    """A name from a hostile inventory never reaches the folding as a range of its own."""
    strange = [f"a[{number}]b{number % 7}" for number in range(300)]
    assert fold(strange).endswith("… (300)")


def test_many_names_with_one_number_fold_as_clustershell_folds_them() -> None:
    """The quick way for thousands of names gives what parsing each of them gives, zeros and gaps included."""
    draw = random.Random(2)
    for digits in range(5):
        names = [f"n{draw.randrange(999):0{digits}}-x" for _ in range(900)]
        assert fold(names) == str(NodeSet.fromlist(names, resolver=None))


@pytest.mark.parametrize("number", ["\N{ARABIC-INDIC DIGIT THREE}{}", "{}" + "9" * 5000])
@pytest.mark.parametrize("count", [20, 300])
def test_numbers_that_are_none_here_do_not_fold(number: str, count: int) -> None:
    """Digits of other scripts are not shown as ours, and a number too long to be read breaks nothing."""
    names = ["n" + number.format(one) for one in range(count)]
    assert fold(names).startswith(", ".join(names[:3]))
