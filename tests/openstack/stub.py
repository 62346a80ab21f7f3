"""A cloud that is one small HTTP server: what its services say, in their APIs' shapes, and how they fail."""

from __future__ import annotations

import contextlib
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import yaml

Answer = tuple[int, Any]
SECRET = "not-for-any-eye"
PAGE = 1000
_VERSIONS = {"identity": "v3.14", "compute": "v2.1", "volumev3": "v3.0", "image": "v2.9", "network": "v2.0"}


class Stub:
    """`lists` holds what each service lists, by path; `answers` overrides a method and path."""

    def __init__(self) -> None:
        self.lists: dict[str, tuple[str, list[dict[str, Any]]]] = {}
        self.answers: dict[tuple[str, str], Callable[[Any], Answer]] = {}
        self.asked: list[tuple[str, str]] = []
        self.queries: list[str] = []
        self.services = list(_VERSIONS)
        self.regions = ["RegionOne"]
        self.held = threading.Event()
        """Set at the end: what a test left hanging is let go."""
        self.tokens = 0
        self.projects: dict[str | None, str] = {}
        """Token -> its project, where it is another than `p1`."""
        self.urls: dict[str, str] = {}
        """Where services are that are not here."""
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def log_message(self, *_: object) -> None: ...

            def any(self) -> None:
                size = int(self.headers.get("content-length") or 0)
                data = self.rfile.read(size)
                binary = self.headers.get("content-type") == "application/octet-stream"
                body = data if binary else json.loads(data or "null")
                with contextlib.suppress(ConnectionError):
                    stub._reply(self, body)

        for method in ("GET", "POST", "PUT", "DELETE"):
            setattr(Handler, f"do_{method}", Handler.any)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.held.set()
        self.server.shutdown()
        self.server.server_close()

    def clouds(self, folder: Path, **more: Any) -> Path:
        """Write a clouds.yaml that names this cloud `stub`."""
        auth = {
            "auth_url": f"{self.url}/identity",
            "username": "operator",
            "password": SECRET,
            "project_name": "admin",
            "user_domain_id": "default",
            "project_domain_id": "default",
        }
        path = folder / "clouds.yaml"
        one = {"auth": auth, "region_name": "RegionOne", "identity_api_version": 3, **more}
        path.write_text(yaml.safe_dump({"clouds": {"stub": one}}))
        return path

    def hang(self, _: Any) -> Answer:
        """Answer only when the test is over."""
        self.held.wait(30)
        return 503, {}

    def _reply(self, handler: BaseHTTPRequestHandler, body: Any) -> None:
        path, _, query = handler.path.partition("?")
        path = path.rstrip("/")
        self.asked.append((handler.command, path))
        self.queries.append(f"{path}?{query}")
        data: Any
        if (handler.command, path) == ("GET", "/identity/v3/auth/tokens"):
            # A service asks whose a token is.
            status, data = 200, self._token(self.projects.get(handler.headers["X-Subject-Token"], "p1"))
        else:
            made = self.answers.get((handler.command, path))
            status, data = made(body) if made else self.usual(handler.command, path, query)
        text = json.dumps(data).encode() if data is not None else b""
        handler.send_response(status)
        if path.endswith("/auth/tokens"):
            handler.send_header("X-Subject-Token", f"token-{self.tokens}")
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def usual(self, method: str, path: str, query: str) -> Answer:
        """Return what is answered where a test says nothing else."""
        service = path.split("/")[1] if path else ""
        if path.endswith("/auth/tokens"):
            self.tokens += 1
            return 201, self._token("p1")
        if path.count("/") <= 2 and service in _VERSIONS and not path.endswith(tuple(self.lists) or "\0"):
            return 200, self._version(service)
        if path in self.lists:
            key, items = self.lists[path]
            return 200, self._page(path, key, items, query)
        return 404, {"error": {"message": f"nothing is at {path}"}}

    def _page(self, path: str, key: str, items: list[dict[str, Any]], query: str) -> dict[str, Any]:
        marker = next((word.removeprefix("marker=") for word in query.split("&") if "marker=" in word), None)
        ids = [one.get("id") for one in items]
        start = ids.index(marker) + 1 if marker else 0
        page: dict[str, Any] = {key: items[start : start + PAGE]}
        if start + PAGE < len(items):
            href = f"{self.url}{path}?marker={ids[start + PAGE - 1]}"
            page[f"{key}_links"] = [{"rel": "next", "href": href}]
        return page

    def _version(self, service: str) -> dict[str, Any]:
        name = _VERSIONS[service]
        links = [
            {"rel": "self", "href": f"{self.url}/{service}/{name.split('.')[0] if name != 'v2.1' else name}"}
        ]
        one = {"id": name, "status": "CURRENT", "links": links}
        if service == "compute":
            one |= {"version": "2.96", "min_version": "2.1"}
        if service == "volumev3":
            one |= {"version": "3.70", "min_version": "3.0"}
        if service == "identity":
            return {"versions": {"values": [one]}}
        return {"versions": [one]}

    def _token(self, of: str) -> dict[str, Any]:
        def endpoints(service: str) -> list[dict[str, str]]:
            return [
                {"id": f"{service}-{region}-{face}", "interface": face, "region": region, "region_id": region}
                | {"url": self.urls.get(service, f"{self.url}/{service}")}
                for region in self.regions
                for face in ("public", "internal", "admin")
            ]

        catalog = [
            {"type": service, "name": service, "id": service, "endpoints": endpoints(service)}
            for service in self.services
        ]
        names = {"user": {"id": "u1", "name": "operator", "domain": {"id": "default", "name": "Default"}}}
        project = {"id": of, "name": "admin", "domain": {"id": "default", "name": "Default"}}
        times = {"issued_at": "2026-01-01T00:00:00.000000Z", "expires_at": "2036-01-01T00:00:00.000000Z"}
        return {
            "token": {
                **times,
                **names,
                "project": project,
                "methods": ["password"],
                "roles": [{"id": "r1", "name": "admin"}],
                "catalog": catalog,
            }
        }


def service(
    host: str, state: str = "up", *, binary: str = "nova-compute", status: str = "enabled"
) -> dict[str, Any]:
    """Return a compute service as Nova lists it."""
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{host}.{binary}")),
        "binary": binary,
        "host": host,
        "zone": "nova",
        "status": status,
        "state": state,
        "disabled_reason": None,
        "updated_at": "2026-01-01T00:00:00.000000",
    }


def server(number: int, *, host: str = "cp01", status: str = "ACTIVE", name: str = "") -> dict[str, Any]:
    """Return a server as Nova lists it."""
    return {
        "id": str(uuid.UUID(int=number)),
        "name": name or f"vm{number:05}",
        "status": status,
        "OS-EXT-SRV-ATTR:host": host,
        "OS-EXT-AZ:availability_zone": "nova",
        "OS-EXT-STS:task_state": None,
        "flavor": {"original_name": "m1.tiny"},
        "tenant_id": "p1",
        "addresses": {},
    }


@contextlib.contextmanager
def stub_cloud() -> Iterator[Stub]:
    """Start a cloud, and stop it at the end."""
    with Stub() as stub:
        yield stub
