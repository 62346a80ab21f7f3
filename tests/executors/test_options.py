"""What logins are made with: read once for hosts that are alike, and for each that is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.executors.options import Plans, Settings
from gonogo.executors.route import Route
from gonogo.executors.trust import KnownHosts

_MANY = """
Host edge* !edge9
  User edge
Host db1 db2
  Hostname 127.9.9.9
  Port 2200
Host *
  User other
"""


def _plans(folder: Path, text: str) -> Plans:
    (folder / "config").write_text(text)
    return Plans(Settings(config=[folder / "config"], agent=False), KnownHosts())


async def test_hosts_share_what_ssh_config_says_of_both(tmp_path: Path) -> None:
    """What was read for one host does for all that the same lines speak of, and for no other."""
    plans = _plans(tmp_path, _MANY)
    found = {
        name: (await plans.of(Route(name))).options for name in ("edge1", "edge2", "edge9", "db1", "db2")
    }
    assert found["edge1"].config is found["edge2"].config
    assert found["db1"].config is found["db2"].config
    assert found["edge1"].config is not found["edge9"].config
    assert (found["edge1"].host, found["edge2"].host) == ("edge1", "edge2")
    assert [found[name].username for name in ("edge1", "edge9", "db1")] == ["edge", "other", "other"]
    assert (found["db1"].host, found["db1"].port) == ("127.9.9.9", 2200)


async def test_what_one_host_is_given_is_its_own(tmp_path: Path) -> None:
    """Hosts that share what was read differ in whatever is set for one of them."""
    plans = _plans(tmp_path, _MANY)
    first, second = (await plans.of(Route("edge1"))).options, (await plans.of(Route("edge2"))).options
    first.known_hosts = b"nobody"
    assert second.known_hosts != b"nobody"
    assert (await plans.of(Route("edge3"))).options.known_hosts != b"nobody"


@pytest.mark.parametrize(
    "text",
    [
        "Host *\n  Hostname %h.example.com\n",
        'Match host "a*"\n  User a\nHost *\n  User b\n',
        "Match originalhost a\n  User a\n",
    ],
)
async def test_what_only_the_host_can_tell_is_read_for_each(tmp_path: Path, text: str) -> None:
    """Tokens and Match lines give each host options of its own, with its own values."""
    plans = _plans(tmp_path, text)
    first, second = (await plans.of(Route("a"))).options, (await plans.of(Route("b"))).options
    assert first is not second
    assert (first.host, first.username) != (second.host, second.username)


async def test_two_logins_never_choose_a_signature_for_each_other(tmp_path: Path) -> None:
    """Hosts that share options have key pairs of their own: one's algorithm is not the other's."""
    import asyncssh

    key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    key.write_private_key(tmp_path / "id")
    plans = _plans(tmp_path, f"Host *\n  IdentityFile {tmp_path / 'id'}\n")
    first, second = (
        (await plans.of(Route("a"))).options.client_keys,
        (await plans.of(Route("b"))).options.client_keys,
    )
    assert first is not None
    assert second is not None
    first[0].set_sig_algorithm(b"rsa-sha2-256")
    second[0].set_sig_algorithm(b"rsa-sha2-512")
    assert first[0].sig_algorithm == b"rsa-sha2-256"
