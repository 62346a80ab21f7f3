"""Commands on compute nodes, and what becomes of them when the cloud does not do as it should."""

from __future__ import annotations

import pytest

from gonogo.executors.openstack import nodes

from .asking import Asking
from .nova import SERVICES, Nova
from .stub import server


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, so that nothing has to be waited for."""
    monkeypatch.setattr(nodes, "EVERY", 0.01)


async def test_a_node_is_taken_out_of_use_with_a_reason_and_back(ask: Asking) -> None:
    """The row after it says so."""
    nova = Nova(ask.stub, [])
    heard = await ask('node disable host=$host reason="new kernel"', "cp01")
    assert heard.code == 0, heard
    assert 'host=cp01 status=disabled state=up reason="new kernel"' in heard.out
    assert nova.services[1]["status"] == "enabled"
    assert (await ask("node enable host=cp01")).code == 0
    assert nova.services[0]["status"] == "enabled"


async def test_a_node_that_is_none_is_told(ask: Asking) -> None:
    """Nothing was changed."""
    ask.stub.lists[SERVICES] = ("services", [])
    heard = await ask("node disable host=cp99 reason=x")
    assert heard.code == 2
    assert "no nova-compute runs on cp99" in heard.err


async def test_a_node_is_empty_or_it_is_not(ask: Asking) -> None:
    """Servers elsewhere play no part."""
    Nova(ask.stub, [server(1), server(2, host="cp02")])
    heard = await ask("node empty host=cp01")
    assert heard.code == 1
    assert heard.out.endswith("1 servers on cp01\n")
    assert (await ask("node empty host=cp03")).code == 0
    assert (await ask("node instances host=cp01")).code == 0


async def test_a_node_is_drained_a_few_at_once(ask: Asking) -> None:
    """All that run there go, and each is told as it arrives."""
    nova = Nova(ask.stub, [server(number) for number in range(5)])
    nova.looks = 2
    assert (await ask("node disable host=cp01 reason=x")).code == 0
    heard = await ask("node drain host=cp01 limit=2 within=30s")
    assert heard.code == 0, heard
    assert (len(nova.moves), nova.most) == (5, 2)
    assert heard.out.count("moved ") == 5
    assert heard.out.endswith("0 servers left on cp01\n")
    assert heard.err.count("\n") == 1


async def test_draining_a_node_in_use_is_warned_of(ask: Asking) -> None:
    """New servers may come while the old ones go."""
    Nova(ask.stub, [server(1)])
    heard = await ask("node drain host=cp01")
    assert heard.code == 0
    assert "cp01 is enabled: new servers may come to it" in heard.err


async def test_a_server_that_does_not_move_stops_the_draining(ask: Asking) -> None:
    """The others stay where they are, and are told."""
    nova = Nova(ask.stub, [server(number) for number in range(5)])
    nova.arrives = False
    heard = await ask("node drain host=cp01 limit=1 within=30s")
    assert heard.code == 1
    assert len(nova.moves) == 1
    assert "not moved: 00000000-0000-0000-0000-000000000000 is ACTIVE on cp01; no other is begun" in heard.err
    assert "5 servers left on cp01" in heard.out


async def test_a_move_that_is_refused_stops_the_draining_but_not_those_on_their_way(ask: Asking) -> None:
    """What arrives after it is told as arrived."""
    nova = Nova(ask.stub, [server(number) for number in range(3)])
    nova.looks = 2
    path = f"/compute/v2.1/servers/{nova.servers[1]['id']}/action"
    nova.on("POST", path, lambda _: (400, {"badRequest": {"message": "no valid host"}}))
    heard = await ask("node drain host=cp01 limit=3 within=30s")
    assert heard.code == 1
    assert "no valid host" in heard.err
    assert heard.out.count("moved ") == 1
    assert "2 servers left on cp01" in heard.out


async def test_a_server_that_does_not_run_stays_and_is_told(ask: Asking) -> None:
    """It cannot be moved while it is live; the others are."""
    nova = Nova(ask.stub, [server(1, status="SHUTOFF"), server(2)])
    heard = await ask("node drain host=cp01")
    assert heard.code == 1
    assert len(nova.moves) == 1
    assert "not moved, for it is SHUTOFF" in heard.err
    assert "1 servers left on cp01" in heard.out


async def test_a_draining_that_takes_too_long_ends_and_tells_who_is_on_the_way(ask: Asking) -> None:
    """Nothing further is begun after `within`."""
    nova = Nova(ask.stub, [server(1), server(2)])
    nova.looks = 10**9
    heard = await ask("node drain host=cp01 limit=1 within=1s")
    assert heard.code == 1
    assert len(nova.moves) == 1
    assert f"still on its way when the time was over: {nova.moves[0]}" in heard.err


async def test_a_cloud_that_falters_while_servers_move_is_asked_again(ask: Asking) -> None:
    """It is told once; a server that its owner deletes meanwhile is no failure."""
    nova = Nova(ask.stub, [server(1), server(2)])
    assert (await ask("node disable host=cp01 reason=x")).code == 0
    replies = [503, 503, 404]
    path = f"/compute/v2.1/servers/{nova.servers[0]['id']}"
    move = nova.answers["POST", f"{path}/action"]

    def moved(body: object) -> tuple[int, object]:
        answer = move(body)
        nova.on("GET", path, lambda _: (replies.pop(0), {}))
        nova.servers[:] = nova.servers[1:]
        return answer

    nova.on("POST", f"{path}/action", moved)
    heard = await ask("node drain host=cp01 within=30s")
    assert heard.code == 0, heard
    assert heard.err.count("cannot see where") == 1
    assert "deleted on its way" in heard.out


async def test_a_cancelled_draining_begins_no_further_move(ask: Asking) -> None:
    """Who is on the way is told, and gets there without us."""
    nova = Nova(ask.stub, [server(1), server(2)])
    nova.looks = 10**9
    heard = await ask.cancelled("node drain host=cp01 limit=1", after="moving")
    assert len(nova.moves) == 1
    assert "still on its way when it was cancelled" in heard.err


async def test_what_would_have_to_be_evacuated_is_listed(ask: Asking) -> None:
    """Whatever state the node is in."""
    nova = Nova(ask.stub, [server(1), server(2, status="SHUTOFF")])
    nova.services[0]["state"] = "down"
    heard = await ask("node instances host=cp01")
    assert heard.code == 0
    assert heard.out.endswith("2 servers on cp01\n")
    heard = await ask("node instances host=cp01 status=SHUTOFF")
    assert heard.out.endswith("1 servers on cp01\n")


async def test_nothing_is_changed_after_a_check_that_fails(ask: Asking) -> None:
    """A block stops at the first command that does not do."""
    nova = Nova(ask.stub, [])
    nova.services[1]["state"] = "down"
    heard = await ask("services up\nnode disable host=cp01 reason=x")
    assert heard.code == 1
    assert nova.services[0]["status"] == "enabled"
