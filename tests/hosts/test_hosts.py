"""Inventories and patterns."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.errors import InventoryError
from gonogo.hosts import fold, load_inventory, resolve
from gonogo.hosts.model import Inventory
from gonogo.hosts.ranges import expand

INI = """
lone ansible_host=10.0.0.9
[control]
ctl[01:03] ansible_user=root  # comment
[rack1]
cp[1:4:2].cloud rack="a b"
[rack2]
cp[a:c].cloud:2222
[compute:children]
rack1
rack2
[compute:vars]
kernel = 6.1
[all:vars]
kernel=5.0
"""


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    """A small INI inventory with variables beside it."""
    (tmp_path / "hosts").write_text(INI)
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / "cp1.cloud.yml").write_text("kernel: '6.9'\nports: [1, 2]\n")
    (tmp_path / "group_vars" / "control").mkdir(parents=True)
    (tmp_path / "group_vars" / "control" / "main.yml").write_text("role: top\n")
    return load_inventory([tmp_path / "hosts"])


def test_ini_groups_ranges_and_variables(inventory: Inventory) -> None:
    """Ranges expand with stride, zeros and letters; variables come by level, files over inline."""
    assert inventory.groups["compute"] == ("cp1.cloud", "cp3.cloud", "cpa.cloud", "cpb.cloud", "cpc.cloud")
    assert inventory.groups["ungrouped"] == ("lone",)
    kernels = {name: host.vars["kernel"] for name, host in inventory.hosts.items()}
    assert kernels["lone"] == "5.0"
    assert kernels["cp3.cloud"] == "6.1"
    assert kernels["cp1.cloud"] == "6.9"
    assert inventory.hosts["cp1.cloud"].vars["rack"] == "a b"
    assert inventory.hosts["cp1.cloud"].vars["ports"] == "[1, 2]"
    assert inventory.hosts["cpa.cloud"].vars["ansible_port"] == "2222"
    assert inventory.hosts["ctl02"].vars["role"] == "top"


def test_yaml_says_the_same(tmp_path: Path, inventory: Inventory) -> None:
    """The YAML spelling gives the same groups."""
    (tmp_path / "y.yaml").write_text(
        "all:\n  hosts:\n    lone:\n  children:\n    control: {hosts: {'ctl[01:03]': {}}}\n"
        "    compute:\n      children:\n        rack1: {hosts: {'cp[1:4:2].cloud': }}\n        rack2: {hosts: {'cp[a:c].cloud': }}\n"
    )
    other = load_inventory([tmp_path / "y.yaml"])
    for group in ("control", "compute", "rack1", "all"):
        assert set(other.groups[group]) == set(inventory.groups[group])


def test_an_executable_prints_its_inventory(tmp_path: Path) -> None:
    """A program named on the command line is asked with --list."""
    path = tmp_path / "inv.sh"
    path.write_text(
        '#!/bin/sh\necho \'{"web": {"hosts": ["a", "b"]}, "_meta": {"hostvars": {"a": {"x": 1}}}}\'\n'
    )
    path.chmod(0o755)
    found = load_inventory([path], run_programs=True)
    assert found.groups["web"] == ("a", "b")
    assert found.hosts["a"].vars["x"] == "1"


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("lone", ["lone"]),
        ("control", ["ctl01", "ctl02", "ctl03"]),
        ("control:!ctl02", ["ctl01", "ctl03"]),
        ("!ctl02:control", ["ctl01", "ctl03"]),
        ("compute:&rack1", ["cp1.cloud", "cp3.cloud"]),
        ("rack1,lone", ["lone", "cp1.cloud", "cp3.cloud"]),
        ("control[0]", ["ctl01"]),
        ("control[-1]", ["ctl03"]),
        ("control[0:1]", ["ctl01", "ctl02"]),
        ("control[1:]", ["ctl02", "ctl03"]),
        ("ctl[01-02]", ["ctl01", "ctl02"]),
        ("~cp[0-9].*", ["cp1.cloud", "cp3.cloud"]),
        ("*.cloud:!rack2", ["cp1.cloud", "cp3.cloud"]),
        ("@rack1", ["cp1.cloud", "cp3.cloud"]),
    ],
)
def test_patterns(inventory: Inventory, pattern: str, names: list[str]) -> None:
    """Each kind of pattern gives its hosts, in inventory order."""
    assert list(resolve(pattern, inventory)) == names


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("contrl", "Did you mean 'control'"),
        ("", "empty"),
        ("rack1:&rack2", "leaves no host"),
        ("control[7]", "past the end"),
        ("ctl[01:02]", "written with a dash"),
        ("ctl[01-09]", "no host 'ctl04'"),
        ("~(", "no regular expression"),
        ("nothing*", "matches no host"),
        ("@lone", "there is no group 'lone'"),
    ],
)
def test_nothing_is_guessed(inventory: Inventory, pattern: str, words: str) -> None:
    """An unknown, empty or misleading pattern is an error that says so."""
    with pytest.raises(InventoryError) as caught:
        resolve(pattern, inventory)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-oProxyCommand=x\n", ":1:1: '-oProxyCommand=x' is no host name"),
        ("a$(id)\n", "is no host name"),
        ("[web\n", "holds a bracket"),
        ("[a:children]\nb\n", ":2:1: the group 'b' is not defined"),
        ("[a:children]\nb\n[b:children]\na\n[c]\nx\n", "contain each other: a > b > a"),
        ("a b\n", "no variable"),
        ("web[3:1]\n", "is empty"),
        ("\n", "no hosts"),
    ],
)
def test_bad_inventories_are_refused_with_their_place(tmp_path: Path, text: str, words: str) -> None:
    """A bad name, section, range or circle is an error with file and line."""
    (tmp_path / "hosts.ini").write_text(text)
    with pytest.raises(InventoryError) as caught:
        load_inventory([tmp_path / "hosts.ini"])
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "text", ["[" * 50_000, "a: &x 1\nb: *x\n", "all: {hosts: {a: {k: !vault x}}}\n", "all:\n  hots:\n"]
)
def test_hostile_yaml_is_refused(tmp_path: Path, text: str) -> None:
    """Depth, anchors, vaulted values and unknown keys are errors."""
    (tmp_path / "hosts.yaml").write_text(text)
    with pytest.raises(InventoryError):
        load_inventory([tmp_path / "hosts.yaml"])


@given(st.integers(0, 90), st.integers(1, 60), st.sampled_from(["", "0", "00"]))
def test_folding_keeps_the_set(first: int, count: int, pad: str) -> None:
    """What a range stands for folds and unfolds to the same names."""
    from ClusterShell.NodeSet import NodeSet

    width = len(pad) + 2
    names = (
        expand(f"n[{first:0{width}}:{first + count:0{width}}].x")
        if pad
        else expand(f"n[{first}:{first + count}].x")
    )
    assert len(names) == count + 1
    assert set(NodeSet(fold(names), resolver=None)) == set(names)
