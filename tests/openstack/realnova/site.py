"""A real Nova on loopback; identity, images and networks beside it are the stub's."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.openstack.keystone.site import free_port
from tests.openstack.stub import Stub

IMAGE = {
    "id": "11111111-1111-1111-1111-111111111111",
    "name": "cirros",
    "status": "active",
    "visibility": "public",
    "container_format": "bare",
    "disk_format": "raw",
    "size": 1,
    "min_disk": 0,
    "min_ram": 0,
    "tags": [],
    "owner": "p1",
    "protected": False,
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:00Z",
    "file": "/v2/images/1/file",
    "schema": "/v2/schemas/image",
}


@contextmanager
def nova(folder: Path, venv: Path) -> Iterator[Stub]:
    """Start it; the stub's catalogue names it."""
    folder.mkdir()
    shutil.copy(venv / "etc" / "nova" / "api-paste.ini", folder)
    port, placement = free_port(), free_port()
    with Stub() as stub:
        _beside(stub)
        stub.services.remove("volumev3")
        stub.urls["compute"] = f"http://127.0.0.1:{port}/v2.1"
        program = Path(__file__).with_name("cloud.py")
        words: list[str | Path] = [venv / "bin" / "python", "-P", program]
        words += [folder, str(port), str(placement), stub.url]
        with (
            (folder / "err").open("wb") as complaints,
            subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints
            ) as process,
        ):
            assert process.stdout is not None
            try:
                assert _until_ready(process.stdout), (folder / "err").read_text()[-2000:]
                asked(stub, "flavors", {"flavor": {"name": "tiny", "ram": 64, "vcpus": 1, "disk": 1}})
                yield stub
            finally:
                process.kill()


def _until_ready(said: IO[bytes]) -> bool:
    return any(line == b"ready\n" for line in said)


def asked(stub: Stub, path: str, body: Any = None, project: str = "p1") -> Any:
    """Ask Nova as an administrator of a project; return what it says."""
    token = f"token-of-{project}"
    stub.projects[token] = project
    words = {"X-Auth-Token": token, "Content-Type": "application/json"}
    words["OpenStack-API-Version"] = "compute 2.90"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{stub.urls['compute']}/{path}", data, words)
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.loads(reply.read() or "null")


def boot(stub: Stub, name: str, host: str, project: str = "p1") -> str:
    """Boot a server on a host; return its id when it is ACTIVE."""
    flavor = asked(stub, "flavors")["flavors"][0]["id"]
    server = {"name": name, "flavorRef": flavor, "imageRef": IMAGE["id"], "networks": "none"}
    server["availability_zone"] = f"nova:{host}"
    ident = str(asked(stub, "servers", {"server": server}, project)["server"]["id"])
    deadline = time.monotonic() + 60
    while (found := asked(stub, f"servers/{ident}", None, project)["server"])["status"] == "BUILD":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert found["status"] == "ACTIVE", found
    return ident


def _beside(stub: Stub) -> None:
    """Answer what Nova asks of Neutron and Glance for servers without a network."""
    empty: dict[str, list[Any]] = {
        f"/network/v2.0/{kind}": []
        for kind in ("ports", "networks", "extensions", "floatingips", "security-groups")
    }
    for path, items in empty.items():
        stub.lists[path] = (path.rpartition("/")[2].replace("-", "_"), items)
    schema = {"name": "image", "properties": {name: {} for name in IMAGE}}
    stub.answers["GET", "/image/v2/schemas/image"] = lambda _: (200, schema)
    stub.lists["/image/v2/images"] = ("images", [IMAGE])
    for name in (IMAGE["name"], IMAGE["id"]):
        stub.answers["GET", f"/image/v2/images/{name}"] = lambda _: (200, IMAGE)
