"""A real Nova with two computes: nodes are drained, and servers are booted for a smoke test."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gonogo.executors import create
from gonogo.executors.openstack import leftovers, nodes, smoke
from tests.program import ran

from .asking import Asking
from .realnova.site import asked, boot, nova
from .stub import Stub

VENV = os.environ.get("GONOGO_NOVA")

pytestmark = [
    pytest.mark.skipif(not VENV, reason="`make test-openstack` makes ready what this needs"),
    pytest.mark.xdist_group("nova"),
]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stub]:
    """One Nova for all tests of this file: it takes six seconds to start."""
    with nova(tmp_path_factory.mktemp("real") / "nova", Path(VENV or "")) as stub:
        yield stub


@pytest.fixture
async def ask(cloud: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Asking]:
    """Return a way to run blocks."""
    for module in (nodes, leftovers, smoke):
        monkeypatch.setattr(module, "EVERY", 0.2)
    executor = create("openstack")
    made = Asking(executor, cloud, tmp_path)
    try:
        yield made
    finally:
        await executor.close()


async def test_checks_and_snapshots_read_it(ask: Asking) -> None:
    """What the stub was made after is so."""
    heard = await ask("services up least=4\nhypervisors up count=2\nsnapshot flavors\nlimits below=90%")
    assert heard.code == 0, heard.err
    assert "binary=nova-compute host=cp02 zone=nova status=enabled state=up" in heard.out
    assert "2 of 2 hypervisors up" in heard.out
    assert "name=tiny vcpus=1 ram=64 disk=1 public=yes" in heard.out
    assert "service=compute name=instances used=0 limit=10" in heard.out


async def test_a_smoke_test_boots_where_it_is_told_and_leaves_nothing(ask: Asking, cloud: Stub) -> None:
    """On a host that there is not, it tells what Nova says."""
    heard = await ask("smoke image=cirros flavor=tiny zone=nova host=cp02", timeout=120)
    assert heard.code == 0, heard.out + heard.err
    assert "server is ACTIVE on cp02" in heard.out
    heard = await ask("smoke image=cirros flavor=tiny host=cp09", timeout=120)
    assert heard.code == 1
    assert "cp09" in heard.err
    assert asked(cloud, "servers")["servers"] == []


async def test_a_cancelled_smoke_test_leaves_nothing(ask: Asking, cloud: Stub) -> None:
    """Whatever the server was doing in that moment."""
    await ask.cancelled("smoke image=cirros flavor=tiny", after="made server")
    assert asked(cloud, "servers")["servers"] == []


async def test_what_a_killed_smoke_test_left_is_found(ask: Asking, cloud: Stub) -> None:
    """By its name; a server with another name stays."""
    for name in ("gonogo-smoke-lost", "web"):
        boot(cloud, name, "cp01")
    heard = await ask("smoke clean", timeout=120)
    assert heard.code == 0, heard.out + heard.err
    assert (await ask("smoke clean name=web", timeout=120)).code == 0
    assert [one["name"] for one in asked(cloud, "servers")["servers"]] == ["web"]


async def test_a_node_is_emptied_of_everybodys_servers_and_comes_back(ask: Asking, cloud: Stub) -> None:
    """Another project's server is moved as well, and no server is lost."""
    mine, others = boot(cloud, "mine", "cp01"), boot(cloud, "others", "cp01", project="p2")
    before = await ask("snapshot servers ignore=host")
    assert f"id={others}" in before.out
    heard = await ask('node disable host=cp01 reason="new kernel"\nnode drain host=cp01 limit=1', timeout=180)
    assert heard.code == 0, heard.out + heard.err
    assert 'status=disabled state=up reason="new kernel"' in heard.out
    assert {f"moved {one} to cp02" for one in (mine, others)} <= set(heard.out.splitlines())
    assert (await ask("node empty host=cp01")).code == 0
    assert (await ask("snapshot servers ignore=host")).out == before.out
    heard = await ask("node enable host=cp01")
    assert "host=cp01 status=enabled" in heard.out


async def test_a_node_that_cannot_be_emptied_is_told(ask: Asking, cloud: Stub) -> None:
    """Nova finds no place on a host that there is not: the draining stops, and the server stays."""
    boot(cloud, "stays", "cp02")
    heard = await ask("node drain host=cp02 to=cp09 limit=1", timeout=120)
    assert heard.code == 1
    assert "cp09" in heard.err
    assert "servers left on cp02" in heard.out


def test_it_is_an_inventory(cloud: Stub, tmp_path: Path) -> None:
    """With its cells, as far as an aggregate says them."""
    made = asked(cloud, "os-aggregates", {"aggregate": {"name": "rack1"}})["aggregate"]["id"]
    asked(cloud, f"os-aggregates/{made}/action", {"add_host": {"host": "cp01"}})
    asked(cloud, f"os-aggregates/{made}/action", {"set_metadata": {"metadata": {"cell": "cell1"}}})
    cloud.services.remove("network")
    try:
        environment = {**os.environ, "OS_CLIENT_CONFIG_FILE": str(cloud.clouds(tmp_path))}
        for pattern, hosts in (("cell_cell1", ["cp01"]), ("hypervisors", ["cp01", "cp02"])):
            words = ("-m", "gonogo", "hosts", "-i", "openstack:stub", pattern, "--json")
            done = ran(sys.executable, *words, cwd=tmp_path, env=environment)
            assert json.loads(done.stdout)["hosts"] == hosts, done.stderr
    finally:
        cloud.services.append("network")
