"""Host patterns: what they mean, and that nothing is guessed."""

from __future__ import annotations

import pytest
from ClusterShell.NodeSet import NodeSet
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.errors import InventoryError
from gonogo.hosts import fold, matching, resolve
from gonogo.hosts.model import Host, Inventory

NAMES = [
    "jump",
    *(f"web{n}" for n in range(1, 13)),
    *(f"cell{c:02}-n{n}" for c in range(1, 5) for n in (1, 2)),
]
FLEET = Inventory(
    {name: Host(name) for name in [*NAMES, "2001:db8::1", "both"]},
    {
        "all": (*NAMES, "2001:db8::1", "both"),
        "ungrouped": ("jump", "2001:db8::1"),
        "web": tuple(name for name in NAMES if name.startswith("web")),
        "backwards": ("web3", "web2", "web1"),
        "cells": tuple(name for name in NAMES if name.startswith("cell")),
        "empty": (),
        "both": ("web1",),
    },
)


@pytest.mark.parametrize(
    ("pattern", "folded"),
    [
        ("cell[01-03]-n[1-2]", "cell[01-03]-n[1-2]"),
        ("web[1-3,7,9-11/2]", "web[1-3,7,9,11]"),
        ("web12", "web12"),
        ("@web:!web[2-12]", "web1"),
        ("web[0:1]", "web[1-2]"),
        ("web[10:]", "web[11-12]"),
        ("web[-1]", "web12"),
        ("backwards[0:0]", "web3"),
        ("web[1:1]", "web2"),
        ("web?", "web[1-9]"),
        ("web[1-3]*", "web[1-3,10-12]"),
        ("web1[0-2]", "web[10-12]"),
        ("web[!1]", "web[2-9]"),
        (r"~web\d{1,1}$", "web[1-9]"),
        (r"~(?:jump|web1)$,web2", "jump,web[1-2]"),
        (r"~web[1:2]$:!web1", "web2"),
        ("web:!empty", "web[1-12]"),
        ("empty:jump", "jump"),
        (" jump , web1 ", "jump,web1"),
        ("jump::web1,", "jump,web1"),
        ("2001:db8::1", "2001:db8::1"),
        ("web1,2001:db8::1,&2001:db8::1", "2001:db8::1"),
        ("@both", "web1"),
        ("!web:!cells:!both:!2001:db8::1", None),
        ("j*", "jump"),
    ],
)
def test_a_pattern_means_these_hosts(pattern: str, folded: str | None) -> None:
    """Node sets, slices, groups, wildcards and regexes choose as documented."""
    if folded is None:
        with pytest.raises(InventoryError):
            resolve(pattern, FLEET)
        return
    assert set(resolve(pattern, FLEET)) == set(_nodes(folded))


def _nodes(folded: str) -> list[str]:
    return [folded] if "::" in folded else list(NodeSet(folded, resolver=None))


def test_hosts_come_in_inventory_order_and_once() -> None:
    """Whatever the order of writing, the inventory's order counts and no host comes twice."""
    assert resolve("web2:backwards:web1:jump", FLEET) == ("jump", "web1", "web2", "web3")


@pytest.mark.parametrize(
    ("pattern", "what", "mend"),
    [
        ("", "empty", "Name a host"),
        (",:", "empty", "Name a host"),
        ("wbe", "no host or group 'wbe'", "Did you mean 'web'?"),
        ("web:!wbe", "no host or group 'wbe'", "Did you mean 'web'?"),
        ("@jump", "no group 'jump'", ""),
        ("web:!", "no host or group ''", ""),
        ("empty", "holds no hosts", ""),
        ("@empty", "holds no hosts", ""),
        ("web:&cells", "leaves no host", "gonogo hosts"),
        ("web[01:02]*", "looks like a range", "dash"),
        ("web[01-12]*", "looks like a range", "wildcard"),
        ("web[1,3]*", "looks like a range", "wildcard"),
        ("web[a:c]", "looks like a range", "dash"),
        ("wbe[0:2]", "no group 'wbe'", "Did you mean web[0:2]?"),
        ("web[0-2]", "no host 'web0'", "web[0:2]"),
        ("web[1]", "could be the host 'web1', or the group's 'web2'", "web[1:1]"),
        ("web[01-03]", "no host 'web01' and 2 more", ""),
        ("web[1-03]", "pads its ends differently", ""),
        ("web[3-1]", "is empty", ""),
        ("web[1-999999999999]", "more than 200000", ""),
        ("web[1-1000][1-1000]", "more than 200000", ""),
        ("web[99:]", "past the end", ""),
        ("web[-13]", "past the end", ""),
        ("zzz*", "matches no host", ""),
        ("web:zzz*", "matches no host", ""),
        ("~(", "no regular expression", ""),
        ("both", "both a host and a group", "@both"),
        ("web1 web2", "no host or group 'web1 web2'", ""),
        ("a\x1b]0;b", "^[", ""),
    ],
)
def test_nothing_is_guessed(pattern: str, what: str, mend: str) -> None:
    """Unknown names, empty results and what only looks like a range are errors that say so."""
    with pytest.raises(InventoryError) as caught:
        resolve(pattern, FLEET)
    assert what in caught.value.what
    assert mend in caught.value.mend
    assert "\x1b" not in str(caught.value)


_numbers = st.integers(1, 30)
_field = st.lists(st.tuples(_numbers, _numbers, st.integers(1, 5)), min_size=1, max_size=2)


def _written(field: list[tuple[int, int, int]], width: int) -> str:
    ends = [(*sorted((first, last)), stride) for first, last, stride in field]
    return "[" + ",".join(f"{first:0{width}}-{last:0{width}}/{stride}" for first, last, stride in ends) + "]"


@settings(max_examples=50)
@given(first=_field, second=_field, tail=st.sampled_from(["", ".example.com", "-x"]))
def test_a_node_set_means_what_clustershell_says_and_folds_back(
    first: list[tuple[int, int, int]], second: list[tuple[int, int, int]], tail: str
) -> None:
    """Our expansion equals ClusterShell's, and the folded form, as a pattern, gives the same hosts."""
    pattern = f"c{_written(first, 2)}-n{_written(second, 3)}{tail}"
    names = list(NodeSet(pattern, resolver=None))
    fleet = Inventory({name: Host(name) for name in names}, {"all": tuple(names)})
    found = resolve(pattern, fleet)
    assert set(found) == set(names)
    if "…" not in fold(found):
        assert resolve(fold(found), fleet) == found


@given(st.text(max_size=30))
def test_any_text_is_a_pattern_or_an_error(pattern: str) -> None:
    """No pattern ends in anything but hosts of the inventory or an InventoryError."""
    try:
        assert set(resolve(pattern, FLEET)) <= set(FLEET.hosts)
    except InventoryError:
        pass


@pytest.mark.parametrize(
    "pattern", ["~(a+)+$", "~(a|a)*$", "~(a*)*$", "~(?:a?){60}a{60}$", "~a*a*a*a*a*a*a*$"]
)
def test_a_regular_expression_without_end_is_refused(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is made to take years ends in an error within its time."""
    monkeypatch.setattr(matching, "SECONDS", 0.3)
    name = "a" * 59 + "-b"
    fleet = Inventory({name: Host(name)}, {"all": (name,), "ungrouped": (name,)})
    with pytest.raises(InventoryError, match=r"takes longer than|matches no host"):
        resolve(pattern, fleet)


@pytest.mark.parametrize(("part", "more"), [("all", ""), ("n*", "*"), ("~n(1|2)", "|x")])
def test_a_pattern_of_thousands_of_parts_is_refused(
    part: str, more: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many names are a pattern; thousands of groups, wildcards or regexes are more work than any honest one."""
    monkeypatch.setattr("gonogo.hosts.pattern.WORK_LIMIT", 2_000_000)
    names = [f"n{n}" for n in range(20_000)]
    groups = {f"g{n}": tuple(names) for n in range(200)} if part == "all" else {}
    fleet = Inventory({name: Host(name) for name in names}, {"all": tuple(names), **groups})
    assert len(resolve(",".join(names), fleet)) == 20_000
    many = list(groups) or [part + more * n for n in range(200)]
    with pytest.raises(InventoryError, match="too many parts"):
        resolve(":".join(many), fleet)
