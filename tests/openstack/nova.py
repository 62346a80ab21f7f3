"""A stub's Nova, Cinder and Glance with things in them that boot, move and go as a test tells them to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from .stub import Answer, Stub, server, service

SERVICES = "/compute/v2.1/os-services"
SERVERS = "/compute/v2.1/servers/detail"
VOLUMES = "/volumev3/v3/volumes"
IMAGES = "/image/v2/images"


class Nova:
    """Some servers on cp01 and cp02, the flavor `tiny`, the image `cirros`, the network `net`."""

    def __init__(self, stub: Stub, servers: list[dict[str, Any]] | None = None) -> None:
        self.answers, self.stub = stub.answers, stub
        self.servers, self.volumes, self.images = (
            servers or [],
            [dict[str, Any]()][:0],
            [dict[str, Any]()][:0],
        )
        self.services = [service("cp01"), service("cp02")]
        self.moves: list[str] = []
        self.arrives = True
        """A server that is to move gets there."""
        self.looks = 0
        """How often a server that moves is looked at before it has moved."""
        self.most = 0
        """So many were on their way at once."""
        self.booted: dict[str, Any] = {"status": "ACTIVE"}
        """How a new server looks as soon as it is there."""
        self.checksum = ""
        """What Glance makes of a file; nothing: the truth."""
        self._number = 100
        stub.lists[SERVICES] = ("services", self.services)
        stub.lists["/compute/v2.1/flavors/detail"] = ("flavors", [{"id": "1", "name": "tiny"}])
        stub.lists["/network/v2.0/networks"] = ("networks", [{"id": "n1", "name": "net"}])
        self.on("GET", SERVERS, lambda _: (200, {"servers": self.servers}))
        self.on("GET", f"{VOLUMES}/detail", lambda _: (200, {"volumes": self.volumes}))
        self.on("GET", IMAGES, lambda _: (200, {"images": self.images}))
        self.on("GET", "/compute/v2.1/flavors/tiny", lambda _: (200, {"flavor": {"id": "1", "name": "tiny"}}))
        self.on(
            "GET", f"{IMAGES}/cirros", lambda _: (200, {"id": "i1", "name": "cirros", "status": "active"})
        )
        self.on("POST", "/compute/v2.1/servers", self.boot)
        self.on("POST", VOLUMES, self._volume)
        self.on("POST", IMAGES, self._image)
        for one in self.services:
            self.on("PUT", f"{SERVICES}/{one['id']}", self._switch(one))
        for one in self.servers:
            self._serve(one)

    def on(self, method: str, path: str, answer: Callable[[Any], Answer]) -> None:
        """Have a request answered so."""
        self.answers[method, path] = answer

    def left(self) -> list[str]:
        """Return the names of all that is there."""
        return [one["name"] for kind in (self.servers, self.volumes, self.images) for one in kind]

    def boot(self, body: Any) -> Answer:
        """Make a server."""
        self._number += 1
        one = server(self._number, name=body["server"]["name"]) | self.booted
        self.servers.append(one)
        self._serve(one)
        self.on("POST", f"/compute/v2.1/servers/{one['id']}/os-volume_attachments", self._attach)
        return 202, {"server": {"id": one["id"]}}

    def boot_untold(self, body: Any) -> Answer:
        """Make a server, and never answer."""
        self.boot(body)
        return self.stub.hang(body)

    def volume(self, name: str, status: str = "available") -> dict[str, Any]:
        """Add a volume."""
        self._number += 1
        one = {"id": f"v{self._number}", "name": name, "status": status, "size": 1, "attachments": []}
        self.volumes.append(one)
        self._there(f"{VOLUMES}/{one['id']}", self.volumes, one, "volume")
        return one

    def image(self, name: str, owner: str = "p1", **more: Any) -> dict[str, Any]:
        """Add an image."""
        self._number += 1
        one = {"id": f"i{self._number}", "name": name, "owner": owner, "status": "queued", **more}
        self.images.append(one)
        self._there(f"{IMAGES}/{one['id']}", self.images, one, "")
        self.on("PUT", f"{IMAGES}/{one['id']}/file", lambda data: self._uploaded(one, data))
        return one

    def _there(self, path: str, kind: list[dict[str, Any]], one: dict[str, Any], key: str) -> None:
        def gone(_: Any) -> Answer:
            kind.remove(one)
            for volume in self.volumes if kind is self.servers else ():
                volume["status"] = "available"
            return 204, None

        self.on("GET", path, lambda _: (200, {key: one} if key else one) if one in kind else (404, {}))
        self.on("DELETE", path, gone)

    def _serve(self, one: dict[str, Any]) -> None:
        path = f"/compute/v2.1/servers/{one['id']}"
        self._there(path, self.servers, one, "server")
        self.on("POST", f"{path}/action", lambda body: self._move(one, body))

    def _volume(self, body: Any) -> Answer:
        return 202, {"volume": self.volume(body["volume"]["name"])}

    def _attach(self, body: Any) -> Answer:
        ident = body["volumeAttachment"]["volumeId"]
        next(one for one in self.volumes if one["id"] == ident)["status"] = "in-use"
        return 200, {"volumeAttachment": {"id": ident, "volumeId": ident}}

    def _image(self, body: Any) -> Answer:
        return 201, self.image(body["name"])

    def _uploaded(self, one: dict[str, Any], data: bytes) -> Answer:
        found = hashlib.md5(data, usedforsecurity=False).hexdigest()
        one |= {"status": "active", "checksum": self.checksum or found}
        return 204, None

    def _switch(self, one: dict[str, Any]) -> Callable[[Any], Answer]:
        def switch(body: Any) -> Answer:
            one.update(body)
            return 200, {"service": one}

        return switch

    def _move(self, one: dict[str, Any], body: Any) -> Answer:
        self.moves.append(one["id"])
        assert "os-migrateLive" in body
        path, looks = f"/compute/v2.1/servers/{one['id']}", [self.looks]
        one["status"] = "MIGRATING"
        self.most = max(self.most, sum(other["status"] == "MIGRATING" for other in self.servers))

        def look(_: Any) -> Answer:
            looks[0] -= 1
            if looks[0] < 0:
                arrived = {"status": "ACTIVE", "OS-EXT-SRV-ATTR:host": "cp02"}
                one.update(arrived if self.arrives else {"status": "ACTIVE"})
            return 200, {"server": one}

        self.on("GET", path, look)
        return 202, None
