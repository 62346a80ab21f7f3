"""Clouds that cannot be asked: each a clear result, none a hung run."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
import yaml

from gonogo.run.ports import Ended

from .asking import Asking, Heard
from .stub import service

SERVICES = "/compute/v2.1/os-services"


async def test_without_clouds_yaml_it_says_where_that_is_looked_for(
    ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit code is that of a mistake."""
    monkeypatch.setenv("HOME", str(ask.folder))
    ask.clouds.unlink()
    heard = await ask("services up", OS_CLIENT_CONFIG_FILE="", OS_CLOUD="")
    assert heard.code == 2
    assert "there is no clouds.yaml that names a cloud" in heard.err
    assert "there is no " in (await ask("services up")).err


async def test_an_unknown_cloud_is_told_with_the_known_ones(ask: Asking) -> None:
    """Nothing was asked of any."""
    heard = await ask("services up", OS_CLOUD="prod")
    assert heard.code == 2
    assert "there is no cloud 'prod'" in heard.err
    assert "Known there: stub" in heard.err
    assert not ask.stub.asked


async def test_the_only_cloud_needs_no_name(ask: Asking) -> None:
    """Of two, one has to be chosen."""
    ask.stub.lists[SERVICES] = ("services", [service("cp01")])
    assert (await ask("services up", OS_CLOUD="")).code == 0
    found = yaml.safe_load(ask.clouds.read_text())
    found["clouds"]["other"] = found["clouds"]["stub"]
    other = ask.folder / "two.yaml"
    other.write_text(yaml.safe_dump(found))
    heard = await ask("services up", OS_CLOUD="", OS_CLIENT_CONFIG_FILE=str(other))
    assert heard.code == 2
    assert "no cloud is chosen" in heard.err


async def test_of_two_regions_one_has_to_be_chosen(ask: Asking) -> None:
    """Neither is asked in the other's place."""
    ask.stub.regions = ["North", "South"]
    ask.stub.lists[SERVICES] = ("services", [service("cp01")])
    ask.stub.clouds(ask.folder, regions=["North", "South"], region_name=None)
    heard = await ask("services up")
    assert heard.code == 2
    assert "North, South" in heard.err
    heard = await ask("services up", OS_REGION_NAME="South")
    assert heard.code == 0
    assert "asking stub (South)" in heard.err


async def test_a_keystone_that_is_down_is_told(ask: Asking) -> None:
    """The exit code is 3: nothing is known of what was asked for."""
    ask.stub.server.shutdown()
    ask.stub.server.server_close()
    heard = await ask("services up")
    assert heard.code == 3
    assert "it cannot be reached" in heard.err


async def test_refused_credentials_are_told(ask: Asking) -> None:
    """What the cloud says stands behind what it means."""
    ask.stub.answers["POST", "/identity/v3/auth/tokens"] = lambda _: (401, {"error": {"message": "no"}})
    heard = await ask("services up")
    assert heard.code == 3
    assert "the credentials are refused" in heard.err


async def test_a_token_that_ends_in_the_middle_is_renewed(ask: Asking) -> None:
    """The operator does not notice."""
    ask.stub.lists[SERVICES] = ("services", [service("cp01")])
    assert (await ask("services up")).code == 0
    refusals = [401]

    def once(_: object) -> tuple[int, object]:
        return (refusals.pop(), {}) if refusals else (200, {"services": [service("cp01")]})

    ask.stub.answers["GET", SERVICES] = once
    assert (await ask("services up")).code == 0
    assert ask.stub.tokens == 2


async def test_a_token_that_ends_and_cannot_be_renewed_is_told(ask: Asking) -> None:
    """The password was changed meanwhile, say; it is asked for once, and not for ever."""
    ask.stub.lists[SERVICES] = ("services", [service("cp01")])
    assert (await ask("services up")).code == 0
    ask.stub.answers["GET", SERVICES] = lambda _: (401, {"error": {"message": "token expired"}})
    ask.stub.answers["POST", "/identity/v3/auth/tokens"] = lambda _: (401, {"error": {"message": "no"}})
    heard = await ask("services up")
    assert heard.code == 3
    assert "the credentials are refused, or the token is over" in heard.err


async def test_what_policy_forbids_is_told_as_that(ask: Asking) -> None:
    """It is no failure of the cloud's."""
    ask.stub.answers["GET", SERVICES] = lambda _: (403, {"forbidden": {"message": "Policy doesn't allow"}})
    heard = await ask("services up")
    assert heard.code == 3
    assert "services up: policy forbids it" in heard.err


async def test_a_service_that_the_catalogue_lacks_is_told(ask: Asking) -> None:
    """The other commands of the block are answered all the same."""
    ask.stub.services.remove("network")
    ask.stub.lists[SERVICES] = ("services", [service("cp01")])
    heard = await ask("agents alive\nservices up")
    assert heard.code == 3
    assert "agents alive: the catalogue names no such service" in heard.err
    assert "1 of 1 services up" in heard.out


async def test_an_endpoint_that_hangs_ends_with_its_request(ask: Asking) -> None:
    """`connect-timeout` says how long one request may take."""
    ask.stub.answers["GET", SERVICES] = ask.stub.hang
    heard = await ask("services up", request=0.2)
    assert heard.code == 3
    assert "it did not answer in time" in heard.err


async def test_an_endpoint_that_hangs_does_not_hold_the_step(ask: Asking) -> None:
    """The step's own limit ends it at once, and later steps ask again."""
    ask.stub.answers["GET", SERVICES] = ask.stub.hang
    heard = await ask("services up", timeout=0.5)
    assert heard.ends["localhost"].how is Ended.TIMEOUT
    del ask.stub.answers["GET", SERVICES]
    ask.stub.lists[SERVICES] = ("services", [service("cp01")])
    assert (await ask("services up")).code == 0


async def test_a_cancelled_read_is_over_at_once(ask: Asking) -> None:
    """It is told as cancelled, and nothing is heard of it after that."""
    ask.stub.answers["GET", SERVICES] = ask.stub.hang
    heard = Heard()
    running = asyncio.create_task(ask.executor.run(ask.job("services up"), heard))
    await heard.heard.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert heard.ends["localhost"].how is Ended.CANCELLED
    ask.stub.held.set()


async def test_nonsense_from_a_service_is_told(ask: Asking) -> None:
    """A page of another program on the port is no traceback."""
    for answer in ((200, ["no", "list"]), (200, None), (502, "<html>"), (200, {"services": "many"})):
        ask.stub.answers["GET", SERVICES] = lambda _, answer=answer: answer  # type: ignore[misc]
        heard = await ask("services up")
        assert heard.code in (1, 3), heard
        assert heard.err.count("\n") >= 2
