"""The work of `bench.openstack`, in a process of its own: print seconds and memory as JSON.

python -m bench.reads ours|sdk FOLDER ROUNDS   twelve reads of the cloud in FOLDER/clouds.yaml, so often
python -m bench.reads servers|objects FOLDER   all its servers, as a snapshot or as the SDK's objects
python -m bench.reads stub FOLDER              be that cloud, until standard input ends
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

from gonogo.executors import create
from gonogo.run.ports import Exit, Job, Stream, Target

LATENCY = 0.05
"""Seconds that each request takes at the least, as in a cloud that has something to do."""
SERVERS = 10_000
READS = (
    "services up", "hypervisors up", "agents alive", "volume-services up", "snapshot volumes",
    "snapshot images", "snapshot networks", "snapshot ports", "snapshot routers", "snapshot flavors",
    "snapshot endpoints", "snapshot projects",
)  # fmt: skip


class Counting:
    """A sink that counts lines."""

    def __init__(self) -> None:
        self.lines = 0
        self.end: Exit | None = None

    async def starting(self, host: str) -> None:
        """Let it start."""

    def output(self, host: str, stream: Stream, data: bytes) -> None:
        """Count."""
        self.lines += data.count(b"\n")

    def exited(self, host: str, end: Exit) -> None:
        """Keep how it ended."""
        self.end = end


def block(folder: str, script: str, rounds: int) -> list[float]:
    """Run a block so often with one executor; return the seconds of each."""

    async def run() -> list[float]:
        executor, taken = create("openstack"), []
        values = {"OS_CLIENT_CONFIG_FILE": f"{folder}/clouds.yaml", "OS_CLOUD": "stub"}
        for _ in range(rounds):
            sink, begun = Counting(), time.perf_counter()
            await executor.run(Job((Target("localhost", values=values),), script, "openstack"), sink)
            taken.append(time.perf_counter() - begun)
            assert sink.end is not None
            assert sink.end.code == 0, sink.end
        await executor.close()
        return taken

    return asyncio.run(run())


def one_by_one(folder: str, rounds: int) -> list[float]:
    """Ask for the same with the SDK, one after the other."""
    cloud, taken = _sdk(folder), []
    for _ in range(rounds):
        begun = time.perf_counter()
        for listed in (
            cloud.compute.services, lambda: cloud.compute.hypervisors(details=False), cloud.network.agents,
            cloud.block_storage.services, cloud.block_storage.volumes, cloud.image.images,
            cloud.network.networks, cloud.network.ports, cloud.network.routers, cloud.compute.flavors,
            cloud.identity.services, cloud.identity.endpoints, cloud.identity.projects,
        ):  # fmt: skip
            list(listed())
        taken.append(time.perf_counter() - begun)
    return taken


def _sdk(folder: str) -> Any:
    import openstack

    os.environ["OS_CLIENT_CONFIG_FILE"] = f"{folder}/clouds.yaml"
    return openstack.connect(cloud="stub")


def serve(folder: str) -> None:
    """Be a cloud in which every kind has some things, and there are very many servers."""
    from tests.openstack.stub import Stub, server, service

    def things(count: int, **more: Any) -> list[dict[str, Any]]:
        return [
            {"id": f"{number:032x}", "name": f"n{number}", "state": "up", **more} for number in range(count)
        ]

    with Stub() as stub:
        usual = stub.usual
        stub.usual = lambda *words: (time.sleep(LATENCY), usual(*words))[1]  # type: ignore[method-assign,func-returns-value]
        stub.lists = {
            "/compute/v2.1/os-services": ("services", [service(f"cp{number}") for number in range(200)]),
            "/compute/v2.1/servers/detail": ("servers", [server(number) for number in range(SERVERS)]),
            "/compute/v2.1/os-hypervisors": ("hypervisors", things(200)),
            "/compute/v2.1/flavors/detail": ("flavors", things(50)),
            "/network/v2.0/agents": ("agents", things(400, alive=True)),
            "/network/v2.0/networks": ("networks", things(200)),
            "/network/v2.0/ports": ("ports", things(800)),
            "/network/v2.0/routers": ("routers", things(100)),
            "/volumev3/v3/os-services": ("services", things(20)),
            "/volumev3/v3/volumes/detail": ("volumes", things(500)),
            "/image/v2/images": ("images", things(100)),
            "/identity/v3/services": ("services", things(8)),
            "/identity/v3/endpoints": ("endpoints", things(24)),
            "/identity/v3/projects": ("projects", things(300)),
        }
        stub.clouds(Path(folder))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.read()


def main() -> None:
    """Do what the command line says."""
    what, folder = sys.argv[1:3]
    if what == "stub":
        serve(folder)
        return
    import openstack  # noqa: F401  # what it takes by itself is not what is measured

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    match what:
        case "ours":
            taken = block(folder, "\n".join(READS), int(sys.argv[3]))
        case "sdk":
            taken = one_by_one(folder, int(sys.argv[3]))
        case "servers":
            taken = block(folder, "snapshot servers", 1)
        case _:
            begun = time.perf_counter()
            found = list(_sdk(folder).compute.servers(all_projects=True))
            assert len(found) == SERVERS
            taken = [time.perf_counter() - begun]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    sys.stdout.write(json.dumps({"seconds": taken, "kilobytes": grown, "threads": threading.active_count()}))


if __name__ == "__main__":
    main()
