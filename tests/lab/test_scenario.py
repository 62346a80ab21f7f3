"""Scenario files: what is taken, and what is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.errors import ExecutorError, UsageError
from gonogo.executors.lab import start
from gonogo.executors.lab.scenario import Kind, load
from gonogo.hosts.model import Host, Inventory

INVENTORY = Inventory({"a": Host("a"), "b": Host("b")}, {"all": ("a", "b"), "one": ("a",)})


def write(tmp_path: Path, text: str) -> Path:
    """Return a scenario file."""
    path = tmp_path / "lab.yaml"
    path.write_text(text)
    return path


def test_later_entries_add_to_earlier_ones(tmp_path: Path) -> None:
    """A host has what all entries that name it give, the last one winning."""
    text = """
gonogo-lab: 1
hosts:
  - {packages: {x: 1, y: 2}, services: {s: active}}
  - {hosts: one, packages: {y: 3}, services: {s: inactive disabled}}
faults:
  - {hosts: one, kind: slow, match: yum, seconds: 250ms}
"""
    scenario = load(write(tmp_path, text), INVENTORY)
    assert scenario.seeds["a"].packages == {"x": "1", "y": "3"}
    assert scenario.seeds["b"].packages == {"x": "1", "y": "2"}
    assert scenario.seeds["a"].services == {"s": "inactive disabled"}
    assert scenario.seeds["b"].services == {"s": "active enabled"}
    fault = scenario.faults[0]
    assert (fault.kind, fault.hosts, fault.seconds) == (Kind.SLOW, frozenset({"a"}), 0.25)


@pytest.mark.parametrize(
    ("body", "place", "word"),
    [
        ("faults:\n  - {kind: slwo}", "3:12", "unknown kind"),
        ("faults:\n  - {hosts: a}", "3:5", "`kind` is missing"),
        ("faults:\n  - {kind: fail, hosts: c}", "3:25", "c"),
        ("faults:\n  - {kind: fail, match: '('}", "3:25", "regular expression"),
        ("faults:\n  - {kind: unreachable, times: 2}", "3:32", "means nothing"),
        ("faults:\n  - {kind: fail, times: 1, nth: 2}", "3:33", "not both"),
        ("faults:\n  - {kind: slow, seconds: soon}", "3:27", "seconds"),
        ("faults: {}", "2:9", "list"),
        ("fault: []", "2:1", "unknown key"),
        ("hosts:\n  - {services: {s: up}}", "3:20", "state of a service"),
        ("hosts:\n  - {files: {etc/x: y}}", "3:21", "absolute"),
        ("hosts:\n  - {files: {/../x: y}}", "3:21", "absolute"),
        ("hosts:\n  - {packages: {../x: y}}", "3:23", "no name"),
        ("answers:\n  - {command: a/b, script: ''}", "3:15", "no name"),
        ("answers:\n  - {command: a}", "3:5", "`script` is missing"),
        ("hosts: [", "3:1", "YAML"),
        ("hosts: &a []\nfaults: *a", "3:9", "aliases"),
        ("hosts: []\nhosts: []", "3:1", "twice"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, body: str, place: str, word: str) -> None:
    """File, line and column stand in front of what is wrong."""
    path = write(tmp_path, f"gonogo-lab: 1\n{body}\n")
    with pytest.raises(UsageError) as caught:
        load(path, INVENTORY)
    assert caught.value.what.startswith(f"{path}:{place}: ")
    assert word in caught.value.what


@pytest.mark.parametrize("data", [b"", b"\0\xff", b"- 1", b"gonogo-lab: 2", b"text"])
def test_files_that_are_no_scenario_are_refused(tmp_path: Path, data: bytes) -> None:
    """An empty file, a binary one and another document are errors that name the file."""
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=r"x\.yaml"):
        load(path, INVENTORY)
    with pytest.raises(UsageError):
        load(tmp_path / "none.yaml", INVENTORY)
    with pytest.raises(UsageError):
        load(tmp_path, INVENTORY)


def test_a_lab_that_cannot_start_says_why(tmp_path: Path) -> None:
    """The words of the lab's own process come back as an error."""
    with pytest.raises(ExecutorError, match=r"none\.yaml"):
        start(tmp_path / "none.yaml", None, tmp_path / "lab")
