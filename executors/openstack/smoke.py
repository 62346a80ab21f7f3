"""The smoke test: make a server as a user would, look whether it answers, and take it all away again."""

from __future__ import annotations

import hashlib
import io
import ipaddress
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from .cloud import Cloud
from .language import Ask
from .leftovers import NAME, take_away
from .output import Cancelled, Control, Out
from .trouble import told

EVERY = 1.0
"""Seconds between two looks."""
PORT = 22
_WITHIN = 300.0
_BAD = frozenset({"error", "killed", "deleted"})


def smoke(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    """Boot a server and whatever else is asked for; it is always taken away, also when it is cancelled."""
    test, began = _Test(cloud.connection, ask, out, control), time.monotonic()
    code = 0
    try:
        test.play()
        out.trouble(f"it took {time.monotonic() - began:.1f} s")
    except Cancelled:
        out.trouble("cancelled: what was made is taken away")
        raise
    except Exception as error:
        out.trouble(told(error))
        code = 1
    finally:
        left = take_away(cloud, test.name, test.begun, out)
        if left:
            out.trouble(f"once it can be: smoke clean name={test.name}")
    return 1 if left else code


class _Test:
    """One smoke test. All that it makes has its name, which is on record before anything is asked for."""

    def __init__(self, connection: Any, ask: Ask, out: Out, control: Control) -> None:
        self._connection, self._ask, self._out, self._control = connection, ask, out, control
        self._within = ask.seconds("within", _WITHIN)
        self.name = NAME + secrets.token_hex(4)
        self.begun: list[str] = []
        """The kinds of which one is there, or may be."""

    def play(self) -> None:
        """Make a server and whatever else is asked for; raise for what does not do."""
        if "ping" in self._ask.flags and shutil.which("ping") is None:
            raise RuntimeError("there is no ping on this machine; nothing was made")
        server = self._boot(self._image())
        if (size := self._ask.whole("volume")) is not None:
            self._volume(server, size)
        for flag, answers in (("ping", _pings), ("ssh", _listens)):
            if flag in self._ask.flags:
                address = _address(server)
                if not self._control.until(self._within, EVERY, partial(answers, address)):
                    raise RuntimeError(f"{address} does not answer ({flag}) within {self._within:g} s")
                self._out.line(f"it answers ({flag})")

    def _make(self, kind: str, create: Callable[[], Any]) -> Any:
        self._control.look()
        self._out.line(f"making {kind} {self.name}")
        self._out.keep()
        # From here on there may be one, also when no answer comes.
        self.begun.append(kind)
        made = create()
        self._out.line(f"made {kind} {made.id}")
        return made

    def _image(self) -> str:
        """Return the image's id; a file is brought to the cloud first."""
        images, path = self._connection.image, self._ask.options.get("upload")
        if path is None:
            return str(images.find_image(self._ask.options["image"], ignore_missing=False).id)
        try:
            file = _Reading(path, self._control)
        except OSError as error:
            raise self._ask.wrong(f"upload={path} cannot be read: {error.strerror}") from None
        with file:
            digest = file.digest()
            form = self._ask.options.get("format", "qcow2")
            words = {"disk_format": form, "container_format": "bare", "allow_duplicates": True}
            image = self._make("image", lambda: images.create_image(self.name, **words))
            _accepted(image.upload(images, data=file))
        image = self._reached(images.get_image, image, "active")
        if image.checksum not in (None, digest):
            raise RuntimeError(f"{image.id} arrived with the checksum {image.checksum}, not {digest}")
        return str(image.id)

    def _boot(self, image: str) -> Any:
        """Return a server that is ACTIVE where it was asked for."""
        compute, options = self._connection.compute, self._ask.options
        given: dict[str, Any] = {"image_id": image, "networks": "none"}
        given["flavor_id"] = compute.find_flavor(options["flavor"], ignore_missing=False).id
        if "network" in options:
            network = self._connection.network.find_network(options["network"], ignore_missing=False)
            given["networks"] = [{"uuid": network.id}]
        zone, host = options.get("zone"), options.get("host")
        if zone or host:
            given["availability_zone"] = f"{zone or 'nova'}:{host}" if host else zone
        server = self._make(
            "server", lambda: compute.create_server(name=self.name, metadata={"gonogo": "smoke"}, **given)
        )
        server = self._reached(compute.get_server, server, "ACTIVE")
        self._out.line(f"server is ACTIVE on {server.compute_host or 'a host that is not told'}")
        if host and server.compute_host not in (None, host):
            raise RuntimeError(f"{server.id} is on {server.compute_host}, not on {host}")
        return server

    def _volume(self, server: Any, size: int) -> None:
        storage = self._connection.block_storage
        volume = self._make("volume", lambda: storage.create_volume(name=self.name, size=size))
        self._reached(storage.get_volume, volume, "available")
        self._connection.compute.create_volume_attachment(server, volume_id=volume.id)
        self._reached(storage.get_volume, volume, "in-use")
        self._out.line("volume is attached")

    def _reached(self, get: Callable[[Any], Any], one: Any, wanted: str) -> Any:
        """Wait for a status; return the thing as it then is. Raise for one that failed, or takes too long."""
        last = one

        def look() -> bool:
            nonlocal last
            last = get(one.id)
            if any(word in str(last.status).lower() for word in _BAD):
                fault = getattr(last, "fault", None) or {}
                raise RuntimeError(
                    f"{one.id} is in {last.status}: {fault.get('message', 'no reason is told')}"
                )
            return bool(last.status == wanted)

        if not self._control.until(self._within, EVERY, look):
            raise RuntimeError(f"{one.id} is {last.status} after {self._within:g} s, not {wanted}")
        return last


class _Reading(io.FileIO):
    """A file on its way to a cloud; Cancelled is raised in the middle of it."""

    def __init__(self, path: str, control: Control) -> None:
        super().__init__(path)
        self._control = control

    def read(self, size: int | None = -1) -> bytes:
        self._control.look()
        return super().read(-1 if size is None else size)

    def digest(self) -> str:
        """Return the checksum that an image service tells, and go back to the start."""
        found = hashlib.md5(usedforsecurity=False)
        while data := self.read(1 << 20):
            found.update(data)
        self.seek(0)
        return found.hexdigest()


def _accepted(reply: Any) -> None:
    from openstack import exceptions

    exceptions.raise_from_response(reply)


def _address(server: Any) -> str:
    found = [one for listed in (server.addresses or {}).values() for one in listed]
    # A floating address is what a user would take.
    found.sort(key=lambda one: one.get("OS-EXT-IPS:type") != "floating")
    if not found:
        raise RuntimeError("the server has no address to reach")
    try:
        return str(ipaddress.ip_address(found[0]["addr"]))
    except ValueError:
        raise RuntimeError(f"{found[0]['addr']!r} is no address") from None


def _pings(address: str) -> bool:
    words = ["ping", "-c", "1", address]
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=2)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _listens(address: str) -> bool:
    try:
        with socket.create_connection((address, PORT), timeout=2) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
