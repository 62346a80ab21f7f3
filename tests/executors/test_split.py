"""Hosts that are this machine, among others."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from gonogo.cli.starting.planning import Wish, plan_of
from gonogo.errors import TrailError
from gonogo.executors import create, route
from gonogo.run.ports import Ended, Executor, Job, Target
from gonogo.run.split import Split
from tests.executors.conftest import Heard


@pytest.fixture
def split() -> Split:
    """Both executors, made when they are first asked for."""
    made: dict[str, Executor] = {}
    return Split(lambda name: made.setdefault(name, create(name)))


def _closed() -> Target:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    return Target("far", {"ansible_host": "127.0.0.1", "ansible_port": port})


_READ = set(re.findall(r'get\(\s*"(ansible_\w+)"', Path(route.__file__).read_text())) | {
    "ansible_ssh_common_args",
    "ansible_ssh_extra_args",
}
NEAR = Target("near", {"ansible_connection": "local", "ansible_host": "no.such.host.invalid"})


@pytest.mark.parametrize("parallel", [None, 1])
async def test_each_goes_its_way(split: Split, parallel: int | None) -> None:
    """`ansible_connection=local` runs here, whatever address stands beside it; the others go by SSH."""
    heard = Heard()
    await split.run(Job((_closed(), NEAR), "echo here", parallel=parallel), heard)
    assert heard.out("near") == b"here\n"
    assert heard.ends["near"].code == 0
    assert heard.ends["far"].how is Ended.UNREACHABLE
    assert "refused" in heard.ends["far"].reason


async def test_a_full_disk_ends_both(split: Split) -> None:
    """An error of one part is raised as it is."""
    heard = Heard(refuse=TrailError("full"))
    with pytest.raises(TrailError):
        await split.run(Job((NEAR, _closed()), "true"), heard)


async def test_one_host_is_ended(split: Split) -> None:
    """Cancelling a host reaches its own executor, and no other host is touched."""

    class Ending(Heard):
        async def starting(self, host: str) -> None:
            split.cancel(host)

    heard = Ending()
    await split.run(Job((NEAR,), "sleep 41"), heard)
    assert heard.ends["near"].how is Ended.CANCELLED


async def test_another_connection_is_refused(split: Split) -> None:
    """A host that Ansible reaches in another way is not tried by SSH."""
    heard = Heard()
    await split.run(Job((Target("pod", {"ansible_connection": "docker"}),), "true"), heard)
    assert heard.ends["pod"].how is Ended.UNREACHABLE
    assert "ansible_connection=docker" in heard.ends["pod"].reason


def test_a_plan_keeps_how_hosts_are_reached(tmp_path: Path) -> None:
    """Every variable that the executors read is in the plan."""
    given = dict.fromkeys(sorted(_READ), "7")
    (tmp_path / "book.md").write_text("```sh {hosts=a}\ntrue\n```\n")
    (tmp_path / "hosts.ini").write_text("a " + " ".join(f"{k}={v}" for k, v in given.items()) + "\n")
    planned = plan_of(Wish(tmp_path / "book.md", (tmp_path / "hosts.ini",)))
    assert planned.plan.hosts["a"].connection == given
