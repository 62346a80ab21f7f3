"""Commands that change something: compute nodes, and the smoke test that leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from gonogo.executors.openstack import nodes, smoke
from gonogo.run.ports import Ended

from .asking import Asking, Heard
from .stub import Answer, server, service

SERVICES = "/compute/v2.1/os-services"
SERVERS = "/compute/v2.1/servers/detail"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, so that nothing has to be waited for."""
    for module in (nodes, smoke):
        monkeypatch.setattr(module, "EVERY", 0.01)


class Compute:
    """Nova with some servers: they boot, move and go as they are told to."""

    def __init__(self, ask: Asking, servers: list[dict[str, Any]]) -> None:
        self.ask, self.servers = ask, servers
        self.services = [service("cp01"), service("cp02")]
        self.moves: list[str] = []
        self.arrives = True
        self.status = "ACTIVE"
        answers = ask.stub.answers
        ask.stub.lists[SERVICES] = ("services", self.services)
        answers["GET", SERVERS] = lambda _: (200, {"servers": self.servers})
        answers["POST", "/compute/v2.1/servers"] = self._boot
        ask.stub.lists["/compute/v2.1/flavors"] = ("flavors", [{"id": "1", "name": "tiny"}])
        answers["GET", "/compute/v2.1/flavors/tiny"] = lambda _: (
            200,
            {"flavor": {"id": "1", "name": "tiny"}},
        )
        image = {"id": "i1", "name": "cirros", "status": "active"}
        answers["GET", "/image/v2/images/cirros"] = lambda _: (200, image)
        for one in self.services:
            answers["PUT", f"{SERVICES}/{one['id']}"] = self._switch(one)
        for one in servers:
            self._serve(one)

    def _serve(self, one: dict[str, Any]) -> None:
        path = f"/compute/v2.1/servers/{one['id']}"
        answers = self.ask.stub.answers
        answers["GET", path] = lambda _: (200, {"server": one}) if one in self.servers else (404, {})
        answers["POST", f"{path}/action"] = lambda body: self._move(one, body)
        answers["DELETE", path] = lambda _: (self.servers.remove(one), (204, None))[1]  # type: ignore[func-returns-value]

    def _switch(self, one: dict[str, Any]) -> Callable[[Any], Answer]:
        def switch(body: Any) -> Answer:
            one.update(body)
            return 200, {"service": one}

        return switch

    def _move(self, one: dict[str, Any], body: Any) -> Answer:
        self.moves.append(one["id"])
        assert "os-migrateLive" in body
        if self.arrives:
            one["OS-EXT-SRV-ATTR:host"] = "cp02"
        return 202, None

    def _boot(self, body: Any) -> Answer:
        one = server(77, name=body["server"]["name"], status=self.status)
        self.servers.append(one)
        self._serve(one)
        return 202, {"server": {"id": one["id"]}}


async def test_a_node_is_taken_out_of_use_with_a_reason_and_back(ask: Asking) -> None:
    """The row after it says so."""
    compute = Compute(ask, [])
    heard = await ask('node disable host=$host reason="new kernel"', "cp01")
    assert heard.code == 0, heard
    assert 'host=cp01 status=disabled state=up reason="new kernel"' in heard.out
    assert compute.services[1]["status"] == "enabled"
    assert (await ask("node enable host=cp01")).code == 0
    assert compute.services[0]["status"] == "enabled"


async def test_a_node_that_is_none_is_told(ask: Asking) -> None:
    """Nothing was changed."""
    ask.stub.lists[SERVICES] = ("services", [])
    heard = await ask("node disable host=cp99 reason=x")
    assert heard.code == 2
    assert "no nova-compute runs on cp99" in heard.err


async def test_a_node_is_empty_or_it_is_not(ask: Asking) -> None:
    """Servers elsewhere play no part."""
    Compute(ask, [server(1), server(2, host="cp02")])
    heard = await ask("node empty host=cp01")
    assert heard.code == 1
    assert heard.out.endswith("1 servers on cp01\n")
    assert (await ask("node empty host=cp03")).code == 0
    assert (await ask("node instances host=cp01")).code == 0


async def test_a_node_is_drained(ask: Asking) -> None:
    """All that run there go, and each is told as it arrives."""
    compute = Compute(ask, [server(number) for number in range(5)])
    heard = await ask("node drain host=cp01 limit=2 within=30s")
    assert heard.code == 0, heard
    assert len(compute.moves) == 5
    assert "0 servers left on cp01" in heard.out
    assert heard.out.count("moved ") == 5


async def test_a_server_that_does_not_move_stops_the_draining(ask: Asking) -> None:
    """The others stay where they are, and are told."""
    compute = Compute(ask, [server(number) for number in range(5)])
    compute.arrives = False
    heard = await ask("node drain host=cp01 limit=1 within=30s")
    assert heard.code == 1
    assert len(compute.moves) == 1
    assert "5 servers left on cp01" in heard.out


async def test_the_smoke_test_takes_away_what_it_made(ask: Asking) -> None:
    """What it made is told before anything else is done with it."""
    compute = Compute(ask, [])
    heard = await ask("smoke image=cirros flavor=tiny host=cp01")
    assert heard.code == 0, heard
    lines = heard.out.splitlines()
    assert lines[1].startswith("made server ")
    assert lines[2:] == ["server is ACTIVE on cp01", lines[1].replace("made", "removed")]
    assert compute.servers == []


async def test_a_smoke_test_that_fails_takes_it_away_too(ask: Asking) -> None:
    """A server in error is told, and goes."""
    compute = Compute(ask, [])
    compute.status = "ERROR"
    heard = await ask("smoke image=cirros flavor=tiny")
    assert heard.code == 1
    assert "is in error" in heard.err
    assert compute.servers == []


async def test_a_cancelled_smoke_test_takes_it_away_before_it_ends(ask: Asking) -> None:
    """The run hears that it was ended only when nothing is left."""
    compute = Compute(ask, [])
    compute.status = "BUILD"
    heard = Heard()
    running = asyncio.create_task(ask.executor.run(ask.job("smoke image=cirros flavor=tiny"), heard))
    while "made server" not in heard.out:
        heard.heard.clear()
        await heard.heard.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert heard.ends["localhost"].how is Ended.CANCELLED
    assert compute.servers == []
    assert "removed server" in heard.out


async def test_what_cannot_be_taken_away_is_told(ask: Asking) -> None:
    """The exit code says so, and `smoke clean` finds it later."""
    compute = Compute(ask, [])
    path = "/compute/v2.1/servers/00000000-0000-0000-0000-00000000004d"
    compute_boot = ask.stub.answers["POST", "/compute/v2.1/servers"]

    def stubborn(body: Any) -> Answer:
        answer = compute_boot(body)
        compute.gone = ask.stub.answers["DELETE", path]  # type: ignore[attr-defined]
        ask.stub.answers["DELETE", path] = lambda _: (409, {"conflictingRequest": {"message": "locked"}})
        return answer

    ask.stub.answers["POST", "/compute/v2.1/servers"] = stubborn
    heard = await ask("smoke image=cirros flavor=tiny")
    assert heard.code == 1
    assert "left behind: server" in heard.err
    ask.stub.answers["DELETE", path] = compute.gone  # type: ignore[attr-defined]
    ask.stub.lists["/image/v2/images"] = ("images", [])
    ask.stub.lists["/volumev3/v3/volumes/detail"] = ("volumes", [])
    heard = await ask("smoke clean")
    assert heard.code == 0, heard
    assert compute.servers == []


async def test_nothing_is_changed_after_a_check_that_fails(ask: Asking) -> None:
    """A block stops at the first command that does not do."""
    compute = Compute(ask, [])
    compute.services[1]["state"] = "down"
    heard = await ask("services up\nnode disable host=cp01 reason=x")
    assert heard.code == 1
    assert compute.services[0]["status"] == "enabled"
