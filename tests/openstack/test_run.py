"""Runbooks with blocks in `openstack`, run by the program as an operator would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.program import ran

from .stub import SECRET, Stub, server, service

SERVICES = "/compute/v2.1/os-services"
SERVERS = "/compute/v2.1/servers/detail"
Gonogo = Callable[..., subprocess.CompletedProcess[str]]

MARKDOWN = """---
gonogo: 1
inputs:
  - name: least
    default: "2"
---

# A change

## Before

```openstack {read-only capture=before}
snapshot servers
```

## Change

```sh {no-rollback="it only says so"}
echo changed
```

```openstack {check every=100ms timeout=30s}
services up binary=nova-compute least=$least
```

## After

```openstack {read-only same-as=before}
snapshot servers
```
"""
YAML = """gonogo: 1
steps:
  - title: Before
    read-only: true
    capture: before
    openstack: snapshot servers
  - title: Change
    no-rollback: it only says so
    run: echo changed
    check:
      openstack: services up least=2
      every: 100ms
      timeout: 30s
  - title: After
    read-only: true
    same-as: before
    openstack: |
      snapshot servers
"""


@pytest.fixture
def stub() -> Iterator[Stub]:
    """Two services and two servers."""
    with Stub() as stub:
        stub.lists[SERVICES] = ("services", [service("cp01"), service("cp02")])
        stub.lists[SERVERS] = ("servers", [server(1), server(2)])
        yield stub


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The variables of the program: no OS_ variable of this machine plays a part."""
    (tmp_path / "sockets").mkdir(mode=0o700)
    own = {
        "GONOGO_RUNS": str(tmp_path / "runs"),
        "XDG_RUNTIME_DIR": str(tmp_path / "sockets"),
        "TERM": "dumb",
        "HOME": str(tmp_path / "home"),
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("OS_")} | own


@pytest.fixture
def gonogo(tmp_path: Path, stub: Stub, environment: dict[str, str]) -> Gonogo:
    """Run the program without a terminal where clouds.yaml is."""
    stub.clouds(tmp_path)

    def call(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return ran(sys.executable, "-m", "gonogo", *words, cwd=tmp_path, env=environment)

    return call


@pytest.mark.parametrize(("name", "text"), [("a.md", MARKDOWN), ("a.yaml", YAML)])
def test_a_change_is_checked_against_the_cloud(
    name: str, text: str, gonogo: Gonogo, stub: Stub, tmp_path: Path
) -> None:
    """A service that comes up late is waited for, and the servers are the same; no password is recorded."""
    (tmp_path / name).write_text(text)
    checked = gonogo("check", "--strict", name)
    assert checked.returncode == 0, checked.stdout
    looks: list[str] = []

    def late(_: object) -> tuple[int, object]:
        looks.append("down" if len(looks) < 2 else "up")
        return 200, {"services": [service("cp01"), service("cp02", looks[-1])]}

    stub.answers["GET", SERVICES] = late
    done = gonogo("run", name, "--yes", "--plain")
    assert done.returncode == 0, done.stdout + done.stderr
    assert looks == ["down", "down", "up"]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "runs").rglob("*") if path.is_file())
    assert SECRET.encode() not in kept


def test_a_server_that_is_gone_is_told_as_a_difference(gonogo: Gonogo, stub: Stub, tmp_path: Path) -> None:
    """The step fails, and its reason names the server."""
    (tmp_path / "a.md").write_text(MARKDOWN)
    answers = iter([[server(1), server(2)], [server(1), server(2, status="ERROR")]])
    stub.answers["GET", SERVERS] = lambda _: (200, {"servers": next(answers)})
    done = gonogo("run", "a.md", "--yes", "--plain")
    assert done.returncode == 3, done.stdout
    (trail,) = (tmp_path / "runs").glob("*/audit.jsonl")
    records = map(json.loads, trail.read_text().splitlines())
    told = next(one["why"] for one in records if one.get("state") == "failed")
    assert "stdout differs from before" in told
    assert "name=vm00002 status=ERROR" in told


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("hang", "it did not answer in time"),
        ("forbidden", "policy forbids it"),
        ("missing", "the catalogue names no such service"),
    ],
)
def test_a_cloud_in_trouble_is_a_step_that_fails_and_a_question(
    trouble: str, said: str, gonogo: Gonogo, stub: Stub, tmp_path: Path
) -> None:
    """The run waits for a person, its lines are whole, and it goes on when the cloud is well again."""
    text = MARKDOWN.replace(
        "{read-only capture=before}", "{id=before read-only capture=before connect-timeout=1s}"
    )
    (tmp_path / "a.md").write_text(text)
    services = stub.services
    if trouble == "missing":
        stub.services = ["identity"]
    else:
        stub.answers["GET", SERVERS] = stub.hang if trouble == "hang" else lambda _: (403, {"forbidden": {}})
    done = gonogo("run", "a.md", "--yes", "--plain")
    assert done.returncode == 3, done.stdout
    assert said in done.stdout
    assert "FAILURE?" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    stub.services = services
    stub.answers.clear()
    (tmp_path / "answers.yaml").write_text(
        "gonogo-answers: 1\nanswers:\n  - {step: before, at: failure, answer: retry-all}\n"
    )
    done = gonogo("resume", "last", "--answers", "answers.yaml", "--yes", "--plain")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_slip_in_a_block_is_found_before_anything_runs(gonogo: Gonogo, tmp_path: Path) -> None:
    """`check` names the line."""
    (tmp_path / "a.md").write_text(MARKDOWN.replace("services up binary", "services up binry"))
    (tmp_path / "a.yaml").write_text(
        YAML.replace("snapshot servers\n  - title: Ch", "snapshot pets\n  - title: Ch")
    )
    done = gonogo("check", "--json", "a.md", "a.yaml")
    assert done.returncode == 2
    found = [(one["line"], one["column"], one["code"]) for one in json.loads(done.stdout)["problems"]]
    assert found == [(23, 1, "openstack"), (6, 16, "openstack")]


def _meant(gonogo: Gonogo, pattern: str) -> list[str]:
    """Return the hosts that a pattern means in the cloud."""
    done = gonogo("hosts", "-i", "openstack:stub", pattern, "--json")
    assert done.returncode == 0, done.stderr
    return [*json.loads(done.stdout)["hosts"]]


def test_the_hosts_of_a_cloud_are_an_inventory(gonogo: Gonogo, stub: Stub, tmp_path: Path) -> None:
    """By service, zone and aggregate; a volume service's backend is no part of its host."""
    stub.lists["/compute/v2.1/os-aggregates"] = (
        "aggregates",
        [{"id": 1, "name": "old kit", "hosts": ["cp02"]}],
    )
    stub.lists["/volumev3/v3/os-services"] = (
        "services",
        [
            {
                "binary": "cinder-volume",
                "host": "vol1@ceph",
                "zone": "nova",
                "status": "enabled",
                "state": "up",
            }
        ],
    )
    stub.services.remove("network")
    for pattern, hosts in (
        ("hypervisors", "cp01 cp02"),
        ("zone_nova:!aggregate_old_kit", "cp01"),
        ("cinder-volume", "vol1"),
    ):
        assert _meant(gonogo, pattern) == hosts.split()


def test_cells_are_groups_as_far_as_the_cloud_tells_them(gonogo: Gonogo, stub: Stub, tmp_path: Path) -> None:
    """From an aggregate's property `cell`, and from the names that cells of the first kind give to hosts."""
    stub.lists[SERVICES] = ("services", [service("cp01"), service("cp02"), service("api!old@cp03")])
    aggregate = {"id": 1, "name": "rack 1", "hosts": ["cp01", "cp02"], "metadata": {"cell": "new 1"}}
    stub.lists["/compute/v2.1/os-aggregates"] = ("aggregates", [aggregate])
    stub.services = ["identity", "compute"]
    for pattern, hosts in (
        ("cell_new_1", "cp01 cp02"),
        ("cell_old", "cp03"),
        ("hypervisors:!cell_old", "cp01 cp02"),
    ):
        assert _meant(gonogo, pattern) == hosts.split()


NODES = """---
gonogo: 1
inventory: openstack:stub
---

# Nodes

```openstack {hosts=zone_nova no-rollback="it only asks"}
services up host=$host
```
"""


def test_a_runbook_may_name_a_cloud_as_its_inventory(gonogo: Gonogo, stub: Stub, tmp_path: Path) -> None:
    """The cloud is asked for a run, and neither to check the document nor to show it."""
    stub.lists["/compute/v2.1/os-aggregates"] = ("aggregates", [])
    stub.services = ["identity", "compute"]
    (tmp_path / "a.md").write_text(NODES)
    for words in (("check", "--strict"), ("show",)):
        done = gonogo(*words, "a.md")
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert not stub.asked
    done = gonogo("run", "a.md", "--yes", "--plain")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "cp[01-02]" in done.stdout
    done = gonogo("check", "-i", "openstack:stub", "a.md")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", [True, False])
def test_a_cloud_that_a_runbook_names_and_nobody_knows_is_told(
    file: bool, gonogo: Gonogo, stub: Stub, tmp_path: Path
) -> None:
    """In one line, with what is known, before anything runs."""
    (tmp_path / "a.md").write_text(NODES.replace("openstack:stub", "openstack:prod"))
    if not file:
        (tmp_path / "clouds.yaml").unlink()
    done = gonogo("run", "a.md", "--yes", "--plain")
    assert done.returncode == 2
    known = "stub" if file else "none"
    assert "error: openstack:prod: there is no cloud 'prod' in" in done.stderr
    assert f"Known there: {known}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not stub.asked


def test_without_the_sdk_a_cloud_as_inventory_says_what_brings_it(
    gonogo: Gonogo, environment: dict[str, str], tmp_path: Path
) -> None:
    """It is an extra that need not be there."""
    (tmp_path / "a.md").write_text(NODES)
    hidden = tmp_path / "hidden" / "openstack"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError('no module')\n")
    environment["PYTHONPATH"] = str(hidden.parent)
    done = gonogo("run", "a.md", "--yes", "--plain")
    assert done.returncode == 2
    assert "pip install openstacksdk" in done.stderr
