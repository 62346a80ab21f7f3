"""A run that is killed in the middle of a smoke test: what it made is known, and taken away afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import process_of
from tests.program import ran

from .nova import Nova
from .stub import Stub

RUNBOOK = """---
gonogo: 1
---

# Smoke

```openstack {id=smoke timeout=5m}
smoke image=cirros flavor=tiny
```

```openstack {rollback}
smoke clean
```

```sh {id=after read-only}
echo after
```
"""
ANSWERS = """gonogo-answers: 1
answers:
  - {step: smoke, at: failure, answer: rollback, reason: the process was killed}
  - {step: smoke, at: rolled-back, answer: retry-all}
"""


@pytest.fixture
def nova() -> Iterator[Nova]:
    """A cloud whose servers do not get up."""
    with Stub() as stub:
        made = Nova(stub)
        made.booted["status"] = "BUILD"
        yield made


def test_after_kill_9_the_name_is_in_the_record_and_resume_takes_the_server_away(
    nova: Nova, tmp_path: Path
) -> None:
    """The step is unknown; its way back is `smoke clean`, and then it is tried again."""
    nova.stub.clouds(tmp_path)
    (tmp_path / "a.md").write_text(RUNBOOK)
    (tmp_path / "answers.yaml").write_text(ANSWERS)
    (tmp_path / "sockets").mkdir(mode=0o700)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    own = {"GONOGO_RUNS": str(tmp_path / "runs"), "XDG_RUNTIME_DIR": str(tmp_path / "sockets")}
    words = [sys.executable, "-m", "gonogo"]
    screen = subprocess.Popen(
        [*words, "run", "a.md", "--yes", "--plain"],
        cwd=tmp_path,
        env=kept | own,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 50
    while not nova.servers and time.monotonic() < deadline:
        time.sleep(0.01)
    (run,) = (tmp_path / "runs").iterdir()
    os.kill(process_of(run), signal.SIGKILL)
    screen.wait(timeout=30)
    (name,) = nova.left()
    assert f"making server {name}\n".encode() in b"".join(
        path.read_bytes() for path in (run / "output").iterdir()
    )
    nova.booted["status"] = "ACTIVE"
    resume = (*words, "resume", "last", "--answers", "answers.yaml", "--yes", "--plain")
    done = ran(*resume, cwd=tmp_path, env=kept | own)
    assert done.returncode == 0, done.stdout + done.stderr
    assert nova.left() == []
    verified = ran(*words, "verify", cwd=tmp_path, env=kept | own)
    assert verified.returncode == 0, verified.stdout
