"""The smoke test: whatever happens to it, it leaves nothing behind that nobody knows of."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gonogo.executors.openstack import leftovers, smoke

from .asking import Asking, Heard
from .nova import IMAGES, SERVERS, VOLUMES, Nova
from .stub import Answer

WHOLE = (
    "smoke upload={file} format=raw flavor=tiny network=net zone=nova host=cp01 volume=1 ping ssh within=30s"
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, so that nothing has to be waited for."""
    for module in (smoke, leftovers):
        monkeypatch.setattr(module, "EVERY", 0.01)


@pytest.fixture(autouse=True)
def ping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program `ping` that finds whoever is on 127.0.0.1 and nobody else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "ping").write_text('#!/bin/sh\ntest "$*" = "-c 1 127.0.0.1"\n')
    (folder / "ping").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def greeting(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What a server on 127.0.0.1 says to those who connect."""
    said = [b"SSH-2.0-x\r\n"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setattr(smoke, "PORT", listener.getsockname()[1])

        def greet() -> None:
            while True:
                try:
                    with listener.accept()[0] as connection:
                        connection.sendall(said[0])
                except OSError:
                    return

        threading.Thread(target=greet, daemon=True).start()
        yield said
        listener.shutdown(socket.SHUT_RDWR)


def here(address: str = "127.0.0.1") -> dict[str, Any]:
    """Return how a server looks that is up and has an address."""
    fixed = {"addr": "10.9.9.9", "OS-EXT-IPS:type": "fixed"}
    return {
        "status": "ACTIVE",
        "addresses": {"net": [fixed, {"addr": address, "OS-EXT-IPS:type": "floating"}]},
    }


async def test_all_of_it_is_tried_and_taken_away(ask: Asking, tmp_path: Path, greeting: list[bytes]) -> None:
    """Image, server, volume, ping and ssh: each is told, and at the end nothing is there."""
    nova = Nova(ask.stub)
    nova.booted = here()
    (tmp_path / "x.img").write_bytes(bytes(range(256)) * 4096)
    heard = await ask(WHOLE.format(file=tmp_path / "x.img"))
    assert heard.code == 0, heard
    told = [" ".join(line.split()[:2]) for line in heard.out.splitlines()[1:]]
    assert told == [
        *("making image", "made image", "making server", "made server", "server is"),
        *("making volume", "made volume", "volume is", "it answers", "it answers"),
        *("removed server", "removed volume", "removed image"),
    ]
    assert nova.left() == []


async def test_the_name_is_on_record_before_anything_is_asked_for(ask: Asking) -> None:
    """So a run that is killed in that moment has told what to look for."""
    nova, heard, kept = Nova(ask.stub), Heard(), []

    def boot(body: Any) -> Answer:
        kept.append((body["server"]["name"], heard.kept))
        return nova.boot(body)

    nova.on("POST", "/compute/v2.1/servers", boot)
    await ask.executor.run(ask.job("smoke image=cirros flavor=tiny"), heard)
    ((name, before),) = kept
    assert f"making server {name}\n" in before


Change = Callable[[Nova], None]


def status(**of: str) -> Change:
    """Boot servers in this state."""
    return lambda nova: nova.booted.update(of)


def refuse(method: str, path: str, code: int, said: str) -> Change:
    """Refuse a request."""
    return lambda nova: nova.on(method, path, lambda _: (code, {"forbidden": {"message": said}}))


@pytest.mark.parametrize(
    ("words", "change", "said"),
    [
        ("image=no flavor=tiny", None, "No Image found for no"),
        ("image=cirros flavor=no", None, "No Flavor found for no"),
        ("image=cirros flavor=tiny network=no", None, "No Network found for no"),
        (
            "image=cirros flavor=tiny",
            refuse("POST", "/compute/v2.1/servers", 403, "Quota exceeded"),
            "Quota exceeded",
        ),
        ("image=cirros flavor=tiny", status(status="ERROR"), "is in ERROR"),
        ("image=cirros flavor=tiny within=1s", status(status="BUILD"), "is BUILD after 1 s, not ACTIVE"),
        ("image=cirros flavor=tiny host=cp02", None, "is on cp01, not on cp02"),
        ("image=cirros flavor=tiny network=net ping", None, "has no address"),
        (
            "image=cirros flavor=tiny network=net ping within=1s",
            lambda nova: nova.booted.update(here("127.0.0.9")),
            "127.0.0.9 does not answer (ping) within 1 s",
        ),
        (
            "image=cirros flavor=tiny network=net ping",
            lambda nova: nova.booted.update(here("-f")),
            "'-f' is no address",
        ),
        ("image=cirros flavor=tiny volume=1", refuse("POST", VOLUMES, 413, "too many"), "too many"),
        (
            "image=cirros flavor=tiny volume=1",
            lambda nova: nova.on(
                "POST", VOLUMES, lambda body: (202, {"volume": nova.volume(body["volume"]["name"], "error")})
            ),
            "is in error",
        ),
        ("upload={file} flavor=tiny", refuse("POST", IMAGES, 403, "no images"), "no images"),
        (
            "upload={file} flavor=tiny",
            lambda nova: setattr(nova, "checksum", "00"),
            "with the checksum 00, not",
        ),
        ("upload={file}.not flavor=tiny", None, "cannot be read: No such file"),
    ],
)
async def test_whatever_fails_is_told_and_nothing_is_left(
    ask: Asking, tmp_path: Path, words: str, change: Change | None, said: str
) -> None:
    """The exit code is 1 for a cloud that does not do, 2 for words that cannot be."""
    nova = Nova(ask.stub)
    (tmp_path / "x.img").write_bytes(b"0123456789")
    if change:
        change(nova)
    heard = await ask(f"smoke {words.format(file=tmp_path / 'x.img')}")
    assert said in heard.err, heard
    assert heard.code == 1
    assert nova.left() == []


async def test_a_server_that_says_something_else_is_no_ssh(ask: Asking, greeting: list[bytes]) -> None:
    """A port that is open is not enough."""
    nova = Nova(ask.stub)
    nova.booted, greeting[0] = here(), b"HTTP/1.1 400\r\n"
    heard = await ask("smoke image=cirros flavor=tiny network=net ssh within=1s")
    assert heard.code == 1
    assert "does not answer (ssh)" in heard.err
    assert nova.left() == []


async def test_without_the_program_ping_nothing_is_made(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told at once, and not after the server is up."""
    nova = Nova(ask.stub)
    monkeypatch.setenv("PATH", "/nowhere")
    heard = await ask("smoke image=cirros flavor=tiny network=net ping")
    assert heard.code == 1
    assert "there is no ping on this machine" in heard.err
    assert "making" not in heard.out
    assert not nova.left()


async def test_a_server_whose_making_was_never_confirmed_is_found_and_taken_away(ask: Asking) -> None:
    """The request ran out of time, was made again, and the cloud had made a server each time."""
    nova = Nova(ask.stub)
    nova.on("POST", "/compute/v2.1/servers", nova.boot_untold)
    heard = await ask("smoke image=cirros flavor=tiny", request=2)
    assert heard.code == 1
    assert "it did not answer in time" in heard.err
    assert heard.out.count("removed server") >= 1
    assert nova.left() == []


@pytest.mark.parametrize("after", ["made server", "making volume", "made volume"])
async def test_a_cancelled_test_takes_all_away_before_it_ends(ask: Asking, after: str) -> None:
    """The run hears that it was ended only when nothing is left."""
    nova = Nova(ask.stub)
    if after == "made server":
        nova.booted["status"] = "BUILD"
    nova.on("POST", VOLUMES, lambda body: (202, {"volume": nova.volume(body["volume"]["name"], "creating")}))
    if "volume" in after:
        threading.Timer(0.3, lambda: [one.update(status="available") for one in nova.volumes]).start()
    heard = await ask.cancelled("smoke image=cirros flavor=tiny volume=1", after)
    assert "cancelled: what was made is taken away" in heard.err
    assert nova.left() == []


@pytest.mark.parametrize("after", ["making image", "made image"])
async def test_an_upload_that_is_cancelled_ends_in_the_middle(
    ask: Asking, tmp_path: Path, after: str
) -> None:
    """The image that was begun goes."""
    nova = Nova(ask.stub)
    with (tmp_path / "x.img").open("wb") as file:
        file.truncate(200 << 20)
    heard = await ask.cancelled(f"smoke upload={tmp_path / 'x.img'} flavor=tiny", after)
    assert "made server" not in heard.out
    assert nova.left() == []


async def test_one_that_is_cancelled_twice_is_still_waited_for(ask: Asking) -> None:
    """An impatient operator does not cut the taking away short."""
    nova, heard = Nova(ask.stub), Heard()
    nova.booted["status"] = "BUILD"
    running = asyncio.create_task(ask.executor.run(ask.job("smoke image=cirros flavor=tiny"), heard))
    await heard.until("made server")
    for words in ("cancelled:", "removed"):
        ask.executor.cancel("localhost")
        await heard.until(words)
    with suppress(asyncio.CancelledError):
        await running
    assert nova.left() == []
    assert heard.ends["localhost"].reason == "cancelled, and ended with all its processes"


async def test_what_cannot_be_taken_away_is_told_with_what_does_it_later(ask: Asking) -> None:
    """The exit code says so, and `smoke clean` with the name finds just that."""
    nova = Nova(ask.stub)
    nova.boot({"server": {"name": "gonogo-smoke-colleague"}})
    locked = f"/compute/v2.1/servers/{UUID(int=102)}"

    def boot(body: Any) -> Answer:
        answer = nova.boot(body)
        release.append(nova.answers["DELETE", locked])
        refuse("DELETE", locked, 409, "locked")(nova)
        return answer

    release: list[Callable[[Any], Answer]] = []
    nova.on("POST", "/compute/v2.1/servers", boot)
    heard = await ask("smoke image=cirros flavor=tiny")
    assert heard.code == 1
    assert "left behind: server" in heard.err
    assert "locked" in heard.err
    name = heard.err.split("smoke clean name=")[1].split()[0]
    nova.on("DELETE", locked, release[0])
    heard = await ask(f"smoke clean name={name}")
    assert heard.code == 0, heard
    assert nova.left() == ["gonogo-smoke-colleague"]


async def test_leftovers_of_all_kinds_are_found_by_their_name(ask: Asking) -> None:
    """What has another name, or is another project's, stays."""
    nova = Nova(ask.stub)
    nova.boot({"server": {"name": "gonogo-smoke-a"}})
    nova.boot({"server": {"name": "web"}})
    nova.volume("gonogo-smoke-a", "in-use")
    nova.image("gonogo-smoke-a")
    nova.image("gonogo-smoke-b", owner="p2")
    heard = await ask("smoke clean")
    assert heard.code == 0, heard
    assert [line.split()[1] for line in heard.out.splitlines() if line.startswith("removed")] == [
        "server",
        "volume",
        "image",
    ]
    assert nova.left() == ["web", "gonogo-smoke-b"]
    assert (await ask("smoke clean")).out.count("\n") == 1


async def test_a_kind_that_cannot_be_listed_is_told_and_the_others_go(ask: Asking) -> None:
    """Nobody can say then that nothing is left."""
    nova = Nova(ask.stub)
    nova.image("gonogo-smoke-a")
    ask.stub.services.remove("volumev3")
    nova.on("GET", SERVERS, lambda _: (403, {"forbidden": {"message": "Policy"}}))
    heard = await ask("smoke clean")
    assert heard.code == 1
    assert "left behind, maybe: the servers cannot be listed: policy forbids it" in heard.err
    assert nova.left() == []


async def test_a_volume_that_cannot_be_deleted_is_told(ask: Asking) -> None:
    """Its state in the cloud says why."""
    nova = Nova(ask.stub)
    one = nova.volume("gonogo-smoke-a")

    def stuck(_: Any) -> Answer:
        one["status"] = "error_deleting"
        return 202, None

    nova.on("DELETE", f"{VOLUMES}/{one['id']}", stuck)
    heard = await ask("smoke clean")
    assert heard.code == 1
    assert "it is error_deleting" in heard.err
