"""Makes tests/data/runs from a real run on the lab: `python -m tests.report.golden FOLDER PLACE`.

PLACE is where it runs: a folder that is not there yet, whose name the record keeps.

One run with all that reports tell: an outage, batches, a failure that is made good, a note, a deviation,
monitors and two rounds of tests. The others are that one: cut, changed, pruned, unsealed, of a later version.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from gonogo.executors.lab import start as start_lab
from tests.trail.runs import bend, forge

INVENTORY = """\
all:
  children:
    control: {hosts: {ctl1: {}}}
    compute: {hosts: {"cp[1:3]": {}}}
"""
LAB = """\
gonogo-lab: 1
hosts:
  - hosts: control
    packages: {nova-api: 29.2.0}
    updates: {nova-api: 29.2.1}
    services: {nova-api: active}
  - hosts: compute
    packages: {nova-compute: 29.2.0}
    updates: {nova-compute: 29.2.1}
    services: {nova-compute: active}
faults:
  - hosts: cp2
    kind: fail
    match: yum -y update
    stderr: "Error: Failed to download metadata for repo 'base'"
    times: 1
  - hosts: cp[1-3]
    kind: slow
    match: yum -y update
    seconds: 1.2
"""
RUNBOOK = """\
---
gonogo: 1
title: A small update
inventory: inventory.yaml
allowed-signers: allowed_signers
monitors:
  - name: api-down
    hosts: control
    run: systemctl is-active nova-api
    value: failing
    every: 1s
    unit: hosts
    alarm-above: 0
---

# A small update

## Stop the API

```sh {id=stop hosts=control outage-begin=nova-api}
systemctl stop nova-api
```

```sh {rollback}
systemctl start nova-api
```

## Update the nodes

```sh {id=update hosts=compute batch=1,100% no-rollback="the old package is on the mirror"}
yum -y update nova-compute
```

## Start the API

```sh {id=start hosts=control outage-end=nova-api no-rollback="it ran before"}
systemctl start nova-api
```

## Not today

```sh {id=later hosts=control read-only gate=go}
rpm -q nova-api
```

## Tests <!-- gonogo: test -->

### Versions

```sh {hosts=compute read-only}
rpm -q nova-compute
```

### The API is up

```sh {hosts=control read-only}
systemctl is-active nova-api
```
"""


ANSWERS = """\
gonogo-answers: 1
answers:
  - step: stop
    at: go
    answer: go
    test: true
  - step: update
    at: failure
    answer: retry-failed
    reason: the mirror was busy
    note: "The mirror is slow tonight. #mirror https://status.example.org/7"
  - step: later
    at: go
    answer: skip
    reason: it is looked at tomorrow
    test: true
"""


def _gonogo(folder: Path, *words: str) -> None:
    own = {"GONOGO_RUNS": str(folder / "runs"), "LOGNAME": "alice", "TERM": "dumb"}
    command = [sys.executable, "-m", "gonogo", *words]
    subprocess.run(command, cwd=folder, env=os.environ | own, stdin=subprocess.DEVNULL, check=True)


Records = list[dict[str, Any]]


def _version(records: Records) -> Records:
    records[0]["v"] = 99
    return records


def _unsealed(records: Records) -> Records:
    return [record for record in records if record["k"] != "seal"]


def _cut(data: bytes, more: int) -> bytes:
    """Return two thirds of the lines, and some bytes of the next one."""
    lines = data.splitlines(keepends=True)
    at = len(lines) * 2 // 3
    return b"".join(lines[:at]) + lines[at][:more]


def _open(data: bytes) -> bytes:
    """Return what was on disk while the question about the failure stood open."""
    lines = data.splitlines(keepends=True)
    asked = next(at for at, line in enumerate(lines) if b'"at":"failure"' in line)
    return b"".join(lines[: asked + 1])


def _lost(data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(lines[: len(lines) // 2] + lines[len(lines) // 2 + 1 :])


def _bent(change: Callable[[bytes], bytes]) -> Callable[[Path], Awaitable[None]]:
    return lambda run: asyncio.to_thread(bend, run, change)


CASES: dict[str, Callable[[Path], Awaitable[None]]] = {
    "sealed": _bent(lambda data: data),
    "unsealed": lambda run: forge(run, _unsealed),
    "open": _bent(_open),
    "cut": _bent(lambda data: _cut(data, 0)),
    "torn": _bent(lambda data: _cut(data, 40)),
    "lost-line": _bent(_lost),
    "changed": _bent(lambda data: data.replace(b'"host":"cp2"', b'"host":"cp3"', 1)),
    "newer": lambda run: forge(run, _version),
    "pruned": lambda run: asyncio.to_thread(shutil.rmtree, run / "output"),
}
"""What is done to the sound run."""


async def make(target: Path, folder: Path) -> None:
    """Write all of them into a folder that is not there yet."""
    folder.mkdir(parents=True)
    try:
        (folder / "inventory.yaml").write_text(INVENTORY)
        (folder / "lab.yaml").write_text(LAB)
        (folder / "update.md").write_text(RUNBOOK)
        key = folder / "key"
        keygen = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "alice", "-f", str(key))
        await asyncio.to_thread(subprocess.run, keygen, check=True)
        public = key.with_suffix(".pub").read_text().rsplit(" ", 1)[0]
        (folder / "allowed_signers").write_text(f'alice@example.org namespaces="audit@gonogo" {public}\n')
        (folder / "answers.yaml").write_text(ANSWERS)
        lab = start_lab(folder / "inventory.yaml", folder / "lab.yaml", folder / "lab")
        try:
            words = ("run", "update.md", "-i", str(lab.inventory), "--sign-key", str(key), "--yes")
            await asyncio.to_thread(_gonogo, folder, *words, "--answers", "answers.yaml")
        finally:
            lab.stop()
        [run] = (folder / "runs").iterdir()
        await asyncio.to_thread(_gonogo, folder, "runs", "pack", run.name)
        target.mkdir(parents=True)
        shutil.copy(folder / "allowed_signers", target)
        for name, change in CASES.items():
            shutil.copytree(run, target / name)
            await change(target / name)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    asyncio.run(make(Path(sys.argv[1]), Path(sys.argv[2])))
