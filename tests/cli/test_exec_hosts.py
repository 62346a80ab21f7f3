"""`gonogo exec` as its user runs it, on OpenSSH's own sshd: hosts of every kind of trouble, told apart."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sshd import Sshd, keygen
from tests.sshd import sshd as run_sshd

from .conftest import Gonogo

FAILING = "case $SSH_CONNECTION in *{}*) exit 7;; *{}*) kill -9 $$;; *{}*) sleep 60;; esac; echo even"


@pytest.fixture
def fleet(
    tmp_path: Path, environment: dict[str, str], need: Callable[[str, str], str]
) -> Iterator[tuple[Sshd, Path]]:
    """Five hosts up0 ... up4 that can be logged in to, and their inventory."""
    folder = tmp_path / "sshd"
    folder.mkdir()
    with run_sshd(need("sshd", "openssh-server"), folder, hosts=5) as running:
        (tmp_path / ".ssh").mkdir()
        lines = f"UserKnownHostsFile {running.known_hosts}\n GlobalKnownHostsFile none\n"
        (tmp_path / ".ssh/config").write_text(f"Host *\n IdentityFile {running.key}\n {lines}")
        environment["HOME"] = str(tmp_path)
        environment.pop("SSH_AUTH_SOCK", None)
        inventory = tmp_path / "hosts.ini"
        inventory.write_text("".join(_line(f"up{i}", running, a) for i, a in enumerate(running.addresses)))
        yield running, inventory


def _line(name: str, sshd: Sshd, address: str = "", **more: str) -> str:
    words = (f"{key}={value}" for key, value in (sshd.variables(address) | more).items())
    return f"{name} {' '.join(words)}\n"


def _groups(out: str) -> dict[str, dict[str, Any]]:
    """Return each host's group."""
    return {host: group for group in json.loads(out)["groups"] for host in group["hosts"]}


def test_every_kind_of_failure_is_told_apart(
    gonogo: Gonogo, fleet: tuple[Sshd, Path], tmp_path: Path
) -> None:
    """Refused, no such name, host key unknown or changed, login refused, exit code, signal, too long: at once."""
    sshd, inventory = fleet
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = str(probe.getsockname()[1])
    keygen(tmp_path / "stranger")
    (tmp_path / "changed").write_text(f"[{sshd.addresses[0]}]:{sshd.port} {keygen(tmp_path / 'other')}\n")
    with inventory.open("a") as file:
        file.write(_line("refused", sshd, ansible_port=closed))
        file.write(_line("nameless", sshd, "no-such-host.invalid"))
        for name in ("unknown", "changed"):
            known = f'"-o UserKnownHostsFile={tmp_path}/{name}"'
            file.write(_line(name, sshd, ansible_ssh_common_args=known))
        file.write(_line("locked", sshd, ansible_ssh_private_key_file=str(tmp_path / "stranger")))
    script = FAILING.format(*sshd.addresses)
    done = gonogo("exec", "all", "-i", inventory, "--yes", "--json", "--timeout", "2s", "--", script)
    found = {host: (group["state"], group["why"]) for host, group in _groups(done.stdout).items()}
    wanted = {
        "up0": ("failed", "exit code 7"),
        "up1": ("failed", "ended by SIGKILL"),
        "up2": ("failed", "ran longer than 2 s"),
        "up3": ("ok", ""),
        "up4": ("ok", ""),
        "refused": ("unreachable", "connection refused"),
        "nameless": ("unreachable", "its name is not found"),
        "unknown": ("unreachable", "the host key is not known"),
        "changed": ("unreachable", "the host key has changed"),
        "locked": ("unreachable", "login refused"),
    }
    assert {host: (state, why[: len(wanted[host][1])]) for host, (state, why) in found.items()} == wanted
    assert found["changed"][1].count("SHA256:") == 2
    assert done.returncode == 1


def test_a_lost_host_waits_for_a_person(gonogo: Gonogo, fleet: tuple[Sshd, Path]) -> None:
    """It may have finished: not called failed, not tried again, and the run is not over; the others are told."""
    sshd, inventory = fleet
    script = f"case $SSH_CONNECTION in *{sshd.addresses[1]}*) kill -9 $PPID; exec sleep 60;; esac; echo on"
    done = gonogo("exec", "up*", "-i", inventory, "--yes", "--json", "--", script)
    found = _groups(done.stdout)
    assert {host: group["state"] for host, group in found.items()} == {
        host: "lost" if host == "up1" else "ok" for host in ("up0", "up1", "up2", "up3", "up4")
    }
    assert "lost while the command ran" in found["up1"]["why"]
    assert json.loads(done.stdout)["result"] is None
    assert done.returncode == 3


def test_a_host_that_is_named_twice_runs_once(
    gonogo: Gonogo, fleet: tuple[Sshd, Path], tmp_path: Path
) -> None:
    """In two groups, twice in the file and three times in the pattern it is one host; two names are two."""
    sshd, inventory = fleet
    again = _line("up0", sshd) + _line("other", sshd)
    inventory.write_text(f"{inventory.read_text()}{again}[one]\nup0\n[two]\nup0\n")
    words = ("up0,one:two,up0,other", "-i", inventory, "--yes", "--json", "--")
    done = gonogo("exec", *words, f"echo x >> {tmp_path}/ran; echo on")
    assert done.returncode == 0, done.stderr
    assert sorted(_groups(done.stdout)) == ["other", "up0"]
    assert (tmp_path / "ran").read_text() == "x\nx\n"


def test_bytes_of_any_kind_are_grouped_and_safe_to_show(gonogo: Gonogo, fleet: tuple[Sshd, Path]) -> None:
    """NULs, escapes and what is no UTF-8 come as one group of equal bytes, and nothing raw is printed."""
    _, inventory = fleet
    script = r"printf 'a\000\033]0;t\007\377\302\233\r\n'; head -c 1000000 /dev/zero | tr '\0' x"
    done = gonogo("exec", "up*", "-i", inventory, "--yes", "--json", "--", script)
    assert done.returncode == 0, done.stderr
    (group,) = json.loads(done.stdout)["groups"]
    assert group["folded"] == "up[0-4]"
    assert group["output"].startswith(r"a^@^[]0;t^G\xff<9b>")
    assert len(group["output"]) > 1_000_000
    assert not set(done.stdout + done.stderr) & set("\0\x1b\x07\x9b\r")


def test_a_flood_is_told_as_such_and_compared_whole(
    gonogo: Gonogo, fleet: tuple[Sshd, Path], tmp_path: Path
) -> None:
    """What is not kept is counted in a gap, and still tells a host from the others: all of it is digested."""
    sshd, inventory = fleet
    x = "head -c 1500000 /dev/zero | tr '\\0' x"
    odd = f"case $SSH_CONNECTION in *{sshd.addresses[2]}*) printf X;; *) printf x;; esac"
    done = gonogo("exec", "up*", "-i", inventory, "--yes", "--json", "--", f"{x}; {odd}; {x}")
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)["groups"]
    assert (first["folded"], second["folded"]) == ("up[0-1,3-4]", "up2")
    left = 3_000_001 - (1 << 20)
    assert f"[{left} bytes left out here]" in first["output"]
    assert first["output"] == second["output"]
    (trail,) = (tmp_path / "runs").glob("*/audit.jsonl")
    records = [json.loads(line) for line in trail.read_text().splitlines()]
    lost = {one["host"]: one["bytes"] for one in records if one["k"] == "gap"}
    assert lost == dict.fromkeys([*first["hosts"], *second["hosts"]], left)
    assert {one["out"] for one in records if one["k"] == "host.exit"} == {3_000_001}


def test_only_those_that_failed_or_stood_out(gonogo: Gonogo, fleet: tuple[Sshd, Path]) -> None:
    """--failed-in takes the lost, the unreachable and the failed; --odd-in those that printed something else."""
    sshd, inventory = fleet
    lost, failed, odd = sshd.addresses[:3]
    with inventory.open("a") as file:
        file.write(_line("away", sshd, "no-such-host.invalid"))
    script = (
        f"case $SSH_CONNECTION in *{lost}*) kill -9 $PPID; exec sleep 60;; *{failed}*) exit 1;; "
        f"*{odd}*) echo odd;; *) echo even;; esac"
    )
    assert gonogo("exec", "all", "-i", inventory, "--yes", "--", script).returncode == 3
    (run,) = (path.name for path in (inventory.parent / "runs").iterdir())
    again = ("exec", "all", "-i", inventory, "--read-only", "--json")
    found = _groups(gonogo(*again, "--failed-in", run, "--exclude", "away", "--", "true").stdout)
    assert sorted(found) == ["up0", "up1"]
    found = _groups(gonogo(*again, "--failed-in", run, "--", "true").stdout)
    assert {host: group["state"] for host, group in found.items()} == {
        "up0": "ok",
        "up1": "ok",
        "away": "unreachable",
    }
    found = _groups(gonogo(*again, "--odd-in", run, "--", "true").stdout)
    assert sorted(found) == ["up2"]
    nobody = gonogo(*again, "--odd-in", run, "--limit", "up3", "--", "true")
    assert nobody.returncode == 2
    assert f"no host of this inventory stood out in {run}" in nobody.stderr
