"""Groups that ClusterShell knows, beside those of the inventory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
CONF = """\
[Main]
default: cluster
groupsdir: $CFGDIR/groups.d
autodir: $CFGDIR/groups.d
"""
GROUPS = """\
cluster:
  rack1: 'n[01-03]'
  rack2: '@rack1,n05'
  gone: 'n[01,98-99]'
  circle: '@circle'
  web: 'n05'
  bad: 'n[01-'
"""


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """A groups.conf, its groups, and an inventory of five hosts with one group."""
    (tmp_path / "groups.d").mkdir()
    (tmp_path / "groups.conf").write_text(CONF)
    (tmp_path / "groups.d/cluster.yaml").write_text(GROUPS)
    (tmp_path / "hosts").write_text("n[01:05]\n[web]\nn04\n")
    return tmp_path


def _run(conf: Path, *words: str) -> tuple[int, str, str]:
    environment = {**os.environ, "CLUSTERSHELL_CFGDIR": str(conf), "HOME": str(conf)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=30)
    return done.returncode, done.stdout, done.stderr


def _hosts(conf: Path, pattern: str) -> tuple[int, str, str]:
    return _run(conf, str(BIN / "gonogo"), "hosts", pattern, "--list", "-i", str(conf / "hosts"))


@pytest.mark.parametrize("group", ["@rack1", "@rack2"])
def test_a_group_of_groups_conf_is_what_nodeset_says(conf: Path, group: str) -> None:
    """`@group` takes the default source of the operator's groups.conf, groups in groups included."""
    code, printed, _ = _hosts(conf, group)
    assert code == 0
    assert printed.split() == _run(conf, str(BIN / "nodeset"), "-e", group)[1].split()


def test_the_inventorys_own_group_comes_first(conf: Path) -> None:
    """Of two groups of one name the inventory's counts; joins and exclusions work with both kinds."""
    assert _hosts(conf, "@web")[1] == "n04\n"
    assert _hosts(conf, "@rack2:!n02,@web")[1].split() == ["n01", "n03", "n04", "n05"]


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("@gone", "holds 'n98' and 1 more, which the inventory does not"),
        ("@nowhere", "there is no group 'nowhere'"),
        ("@$(touch mark)", "there is no group"),
        ("@circle", "ClusterShell cannot resolve the group 'circle'"),
        ("@bad", "ClusterShell cannot resolve the group 'bad'"),
    ],
)
def test_a_group_that_cannot_be_is_an_error(conf: Path, pattern: str, said: str) -> None:
    """A node that is in no inventory, an unknown group and a broken one end with 2 and a sentence."""
    code, _, words = _hosts(conf, pattern)
    assert code == 2
    assert said in words
    assert "Traceback" not in words


@pytest.mark.parametrize("text", ["[Main\n", "[Main]\ndefault: none\n", "\0", ""])
def test_a_broken_groups_conf_is_no_crash(conf: Path, text: str) -> None:
    """Whatever groups.conf holds, an unknown group ends with 2 and a sentence."""
    (conf / "groups.conf").write_text(text)
    code, _, words = _hosts(conf, "@rack1")
    assert code == 2
    assert "rack1" in words
    assert "Traceback" not in words


@pytest.mark.parametrize(
    "text", ["a: [", "- x\n", "cluster: x\n", "cluster: {rack1: {a: b}}\n", "\0", "cluster:\n"]
)
def test_a_broken_file_of_groups_is_no_crash(conf: Path, text: str) -> None:
    """Whatever the files of groups hold, the group ends with 2 and a sentence."""
    (conf / "groups.d/cluster.yaml").write_text(text)
    code, _, words = _hosts(conf, "@rack1")
    assert code == 2
    assert "rack1" in words
    assert "Traceback" not in words
