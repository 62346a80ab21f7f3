"""The smoke test: make a server as a user would, look whether it answers, and take it all away again."""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from .cloud import Cloud
from .language import Ask
from .output import Cancelled, Control, Out
from .trouble import told

NAME = "gonogo-smoke-"
"""How the names begin of all that is made here; a person who finds one knows where it comes from."""
EVERY = 1.0
_WITHIN = 300.0
_TAKE_AWAY = 120.0


class _Made:
    """What was made, in order, and how each is taken away. It is told as soon as it is there."""

    def __init__(self, out: Out) -> None:
        self._out = out
        self._all: list[tuple[str, str, Callable[[], None]]] = []

    def add(self, what: str, name: str, remove: Callable[[], None]) -> None:
        self._out.line(f"made {what} {name}")
        self.found(what, name, remove)

    def found(self, what: str, name: str, remove: Callable[[], None]) -> None:
        self._all.append((what, name, remove))

    def remove(self) -> int:
        """Take all away, the latest first; return how many are left behind."""
        left = 0
        while self._all:
            what, name, remove = self._all.pop()
            try:
                remove()
                self._out.line(f"removed {what} {name}")
            except Exception as error:
                left += 1
                self._out.trouble(f"left behind: {what} {name}: {told(error)}")
        return left


def smoke(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    """Boot a server and whatever else is asked for; it is always taken away, also when it is cancelled."""
    made, name, began = _Made(out), NAME + secrets.token_hex(4), time.monotonic()
    code = 0
    try:
        _try(cloud, ask, out, control, made, name)
        out.trouble(f"it took {time.monotonic() - began:.1f} s")
    except Cancelled:
        out.trouble("cancelled: what was made is taken away")
        raise
    except Exception as error:
        out.trouble(told(error))
        code = 1
    finally:
        left = made.remove()
    return 1 if left else code


def _try(cloud: Cloud, ask: Ask, out: Out, control: Control, made: _Made, name: str) -> None:
    connection, within = cloud.connection, ask.seconds("within", _WITHIN)
    image = _image(connection, ask, made, name)
    server = _boot(connection, ask, made, name, image)
    server = _reached(connection.compute.get_server, server, ("ACTIVE",), within, control)
    out.line(f"server is ACTIVE on {server.compute_host or 'a host that is not told'}")
    if (size := ask.whole("volume")) is not None:
        _volume(connection, server, size, made, name, within, control)
        out.line("volume is attached")
    for flag, answers in (("ping", _pings), ("ssh", _listens)):
        if flag in ask.flags:
            address = _address(server, ask)
            if not control.until(within, EVERY, partial(answers, address)):
                raise ask.wrong(f"{address} does not answer ({flag}) within {within:g} s")
            out.line(f"it answers ({flag})")


def _image(connection: Any, ask: Ask, made: _Made, name: str) -> str:
    """Return the image's id; one that is uploaded is taken away afterwards."""
    if "upload" not in ask.options:
        if "image" not in ask.options:
            raise ask.wrong("smoke needs image= or upload=")
        return str(connection.image.find_image(ask.options["image"], ignore_missing=False).id)
    image = connection.image.create_image(
        name,
        filename=ask.options["upload"],
        disk_format=ask.options.get("format", "qcow2"),
        container_format="bare",
        validate_checksum=True,
    )
    made.add("image", image.id, lambda: connection.image.delete_image(image))
    return str(image.id)


def _boot(connection: Any, ask: Ask, made: _Made, name: str, image: str) -> Any:
    find = connection.compute.find_flavor
    given: dict[str, Any] = {
        "flavor_id": find(ask.options["flavor"], ignore_missing=False).id,
        "networks": "none",
    }
    if "network" in ask.options:
        network = connection.network.find_network(ask.options["network"], ignore_missing=False)
        given["networks"] = [{"uuid": network.id}]
    zone, host = ask.options.get("zone"), ask.options.get("host")
    if zone or host:
        given["availability_zone"] = f"{zone or 'nova'}:{host}" if host else zone
    server = connection.compute.create_server(
        name=name, image_id=image, metadata={"gonogo": "smoke"}, **given
    )
    made.add("server", server.id, lambda: _delete_server(connection, server))
    return server


def _delete_server(connection: Any, server: Any) -> None:
    connection.compute.delete_server(server)
    connection.compute.wait_for_delete(server, interval=EVERY, wait=_TAKE_AWAY)


def _volume(
    connection: Any, server: Any, size: int, made: _Made, name: str, within: float, control: Control
) -> None:
    storage = connection.block_storage
    volume = storage.create_volume(name=name, size=size)

    def remove() -> None:
        storage.delete_volume(volume)
        storage.wait_for_delete(volume, interval=int(EVERY), wait=_TAKE_AWAY)

    def detach() -> None:
        connection.compute.delete_volume_attachment(server, volume.id)
        storage.wait_for_status(volume, "available", ["error"], EVERY, _TAKE_AWAY)

    made.add("volume", volume.id, remove)
    _reached(storage.get_volume, volume, ("available",), within, control)
    connection.compute.create_volume_attachment(server, volume_id=volume.id)
    made.add("attachment", volume.id, detach)
    _reached(storage.get_volume, volume, ("in-use",), within, control)


def _reached(
    get: Callable[[Any], Any], one: Any, wanted: tuple[str, ...], within: float, control: Control
) -> Any:
    """Wait for a status; return the thing as it then is. Raises for one that failed, or takes too long."""
    last = one

    def look() -> bool:
        nonlocal last
        last = get(one.id)
        if str(last.status).lower() == "error":
            fault = getattr(last, "fault", None) or {}
            raise RuntimeError(f"{one.id} is in error: {fault.get('message', 'no reason is told')}")
        return last.status in wanted

    if not control.until(within, EVERY, look):
        raise RuntimeError(f"{one.id} is {last.status} after {within:g} s, not {' or '.join(wanted)}")
    return last


def _address(server: Any, ask: Ask) -> str:
    found = [one for listed in (server.addresses or {}).values() for one in listed]
    # A floating address is what a user would take.
    found.sort(key=lambda one: one.get("OS-EXT-IPS:type") != "floating")
    if not found:
        raise ask.wrong("the server has no address to reach", "Give network=.")
    return str(found[0]["addr"])


def _pings(address: str) -> bool:
    program = shutil.which("ping")
    if program is None:
        raise RuntimeError("there is no ping on this machine")
    words = [program, "-c", "1", "-W", "1", address]
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def _listens(address: str) -> bool:
    try:
        with socket.create_connection((address, 22), timeout=2) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def leftovers(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    """Take away what smoke tests left that could not end: by name, one's own project's alone."""
    connection, made = cloud.connection, _Made(out)
    for image in _ours(connection.image.images(), control):
        made.found("image", image.id, partial(connection.image.delete_image, image))
    if connection.has_service("block-storage"):
        for volume in _ours(connection.block_storage.volumes(), control):
            made.found("volume", volume.id, partial(connection.block_storage.delete_volume, volume))
    for server in _ours(connection.compute.servers(), control):
        made.found("server", server.id, partial(_delete_server, connection, server))
    return 1 if made.remove() else 0


def _ours(items: Iterable[Any], control: Control) -> Iterator[Any]:
    return (one for one in control.each(items) if str(one.name).startswith(NAME))
