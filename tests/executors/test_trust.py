"""known_hosts as OpenSSH's own tools write it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import asyncssh
import pytest

from gonogo.executors.trust import KnownHosts, Trusted
from tests.sshd import keygen


@pytest.fixture
def key(tmp_path: Path) -> str:
    """A public key line without its comment."""
    return " ".join(keygen(tmp_path / "key").split()[:2])


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., tuple[int, int, int]]:
    """Count keys, authorities and revoked keys of a host in a known_hosts text."""

    def count(text: str, host: str, port: int = 22) -> tuple[int, int, int]:
        (tmp_path / "known").write_text(text)
        found = KnownHosts().of([str(tmp_path / "known")], host, port)
        return len(found.keys), len(found.authorities), len(found.revoked)

    return count


@pytest.mark.parametrize(
    ("hosts", "host", "port", "found"),
    [
        ("web1", "web1", 22, 1),
        ("web1", "WEB1", 22, 1),
        ("Web1,10.0.0.1", "10.0.0.1", 22, 1),
        ("web1", "web2", 22, 0),
        ("[web1]:2222", "web1", 2222, 1),
        ("[web1]:2222", "web1", 22, 0),
        ("web1", "web1", 2222, 1),
        ("*.example.com", "a.example.com", 22, 1),
        ("*.example.com,!b.example.com", "b.example.com", 22, 0),
        ("web?", "web12", 22, 0),
        ("web.1", "webx1", 22, 0),
        ("[*]:2222", "web1", 2222, 1),
    ],
)
def test_names(
    ask: Callable[..., tuple[int, int, int]], key: str, hosts: str, host: str, port: int, found: int
) -> None:
    """Names, addresses, ports and patterns match as in OpenSSH."""
    assert ask(f"{hosts} {key} comment with words\n", host, port)[0] == found


def test_hashed_by_ssh_keygen(tmp_path: Path, key: str) -> None:
    """Hashed names are found, asked once or twice, also beside plain ones."""
    names = [f"machine-{number}" for number in range(20)]
    (tmp_path / "known").write_text("".join(f"{name},[{name}]:2200 {key}\n" for name in names))
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", tmp_path / "known"], check=True, capture_output=True)
    text = (tmp_path / "known").read_text()
    assert "machine" not in text
    (tmp_path / "known").write_text(text + f"plain {key}\n")
    known = KnownHosts()
    for _ in range(2):
        for name in [*names, "plain"]:
            assert len(known.of([str(tmp_path / "known")], name, 22).keys) == 1
            assert len(known.of([str(tmp_path / "known")], name, 2200).keys) == 1
    assert known.of([str(tmp_path / "known")], "machine-99", 22).keys == ()


def test_marked_lines(ask: Callable[..., tuple[int, int, int]], key: str) -> None:
    """A marked key is no host key; a revoked one is revoked on every port."""
    text = f"@cert-authority *.example.com {key}\n@revoked * {key}\n"
    assert ask(text, "a.example.com") == (0, 1, 1)
    assert ask(text, "a.example.com", 2222)[2] >= 1


def test_bad_lines_are_named(tmp_path: Path, key: str) -> None:
    """Lines that cannot be read are named by number, the others are used."""
    path = tmp_path / "known"
    path.write_text(f"# c\n\ngarbage\n@what h {key}\n|1|x {key}\nh ssh-ed25519 AAAA\nh {key}\r\n")
    found = KnownHosts().of([str(path)], "h", 22)
    assert len(found.keys) == 1
    assert sorted(place.rpartition(":")[2] for place in found.bad) == ["3", "4", "5", "6"]


def test_a_file_that_is_missing_or_a_folder(tmp_path: Path) -> None:
    """Nobody is trusted by a file that is not there; one that cannot be read is named."""
    assert KnownHosts().of([str(tmp_path / "none")], "h", 22).bad == ()
    found = KnownHosts().of([str(tmp_path)], "h", 22)
    assert found.keys == ()
    assert len(found.bad) == 1


def _hashed(path: Path, *lines: str) -> None:
    path.write_text("".join(f"{line}\n" for line in lines))
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], check=True, capture_output=True)


def test_a_hashed_name_needs_no_search_where_the_key_is_shown(tmp_path: Path, key: str) -> None:
    """A key that a server shows leads to its line; another host, port or key does not pass."""
    _hashed(tmp_path / "known", f"web1 {key}", f"[web2]:2200 {key}")
    known, files, shown = KnownHosts(), [str(tmp_path / "known")], asyncssh.import_public_key(key)
    assert known.at_hand(files, "web1", 22) == (Trusted(), False)
    assert known.holds(files, "WEB1", 22, shown)
    assert known.holds(files, "web2", 2200, shown)
    assert not known.holds(files, "web1", 2200, shown)
    assert not known.holds(files, "web2", 22, shown)
    assert not known.holds(files, "web1", 22, asyncssh.import_public_key(keygen(tmp_path / "other")))
    assert len(known.of(files, "web1", 22).keys) == 1
    assert known.at_hand(files, "web1", 22) == (known.of(files, "web1", 22), True)
    assert known.holds(files, "web1", 22, shown)


def test_a_bare_name_does_not_count_before_the_search(tmp_path: Path, key: str) -> None:
    """A plain line without a port says nothing about a port that may have a hashed line of its own."""
    (tmp_path / "plain").write_text(f"web1 {key}\n@revoked web1 {keygen(tmp_path / 'old')}\n")
    _hashed(tmp_path / "known", f"[web1]:2200 {keygen(tmp_path / 'other')}")
    known, files = KnownHosts(), [str(tmp_path / "plain"), str(tmp_path / "known")]
    found, whole = known.at_hand(files, "web1", 2200)
    assert (found.keys, len(found.revoked), whole) == ((), 1, False)
    assert len(known.of(files, "web1", 2200).keys) == 1
