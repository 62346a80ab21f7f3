"""Reaching hosts before anything runs on them."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from gonogo.cli.hosts import command as hosts_command
from gonogo.cli.run import command as run_command
from gonogo.errors import RunError
from tests.sshd import Sshd
from tests.sshd import sshd as run_sshd

BOOK = """---
gonogo: 1
title: Reached
inventory: hosts.ini
---

```sh {hosts=all}
touch ran
```
"""


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two hosts whose port is closed, and one that is this machine."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = probe.getsockname()[1]
    lines = [f"shut{number} ansible_host=127.0.0.1 ansible_port={closed}" for number in (1, 2)]
    (tmp_path / "book.md").write_text(BOOK)
    (tmp_path / "hosts.ini").write_text("\n".join([*lines, "here ansible_connection=local"]) + "\n")
    return tmp_path


@pytest.fixture
def reachable(fleet: Path, tmp_path: Path, need: Callable[[str, str], str]) -> Iterator[Sshd]:
    """Add the three hosts that answer."""
    folder = tmp_path / "sshd"
    folder.mkdir()
    with run_sshd(need("sshd", "openssh-server"), folder, hosts=3) as running:
        _add(fleet, running)
        yield running


def _add(fleet: Path, running: Sshd) -> None:
    (fleet / ".ssh").mkdir()
    known, key = running.known_hosts, running.key
    (fleet / ".ssh" / "config").write_text(f"Host *\n UserKnownHostsFile {known}\n IdentityFile {key}\n")
    with (fleet / "hosts.ini").open("a") as file:
        for number, address in enumerate(running.addresses):
            variables = " ".join(f"{name}={value}" for name, value in running.variables(address).items())
            file.write(f"up{number} {variables}\n")


@pytest.mark.usefixtures("reachable")
def test_hosts_are_sorted_by_why_they_fail(fleet: Path) -> None:
    """Those that cannot be reached stand together with their reason, folded and counted."""
    words = ["all", "-i", str(fleet / "hosts.ini"), "--reach"]
    told = CliRunner().invoke(hosts_command, words)
    assert told.exit_code == 1
    assert "4 of 6 hosts can be reached" in told.output
    assert "2  connection refused" in told.output
    assert "shut[1-2]" in told.output
    found = json.loads(CliRunner().invoke(hosts_command, [*words, "--json"]).output)["reach"]
    assert found["reachable"]["hosts"] == ["here", "up0", "up1", "up2"]
    (group,) = found["unreachable"]
    assert (group["count"], group["hosts"]) == (2, ["shut1", "shut2"])


@pytest.mark.usefixtures("reachable")
def test_all_can_be_reached(fleet: Path) -> None:
    """Then the exit code is 0."""
    told = CliRunner().invoke(hosts_command, ["up*:here", "-i", str(fleet / "hosts.ini"), "--reach"])
    assert (told.exit_code, told.output) == (0, "4 of 4 hosts can be reached\n")


def test_a_run_that_cannot_reach_all_does_not_begin(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started, and the pattern that leaves the others out is named."""
    monkeypatch.setenv("GONOGO_RUNS", str(fleet / "runs"))
    told = CliRunner().invoke(run_command, [str(fleet / "book.md"), "--reach", "--yes"])
    assert isinstance(told.exception, RunError)
    assert "2 of 3 hosts cannot be reached" in told.exception.what
    assert "--exclude 'shut[1-2]'" in told.exception.mend
    assert not list((fleet / "runs").glob("*"))
