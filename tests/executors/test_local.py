"""Commands on the operator's own machine: never so many at once that it would be too much for it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gonogo.executors.local import LocalExecutor
from gonogo.run.ports import Ended, Executor, Exit, Job, Stream, Target
from tests.executors.conftest import Heard
from tests.program import ran


@pytest.fixture
async def local() -> AsyncIterator[Executor]:
    """The executor."""
    executor = LocalExecutor()
    yield executor
    await executor.close()


class _Crowd(Heard):
    """Lets all commands end when so many are out."""

    def __init__(self, go: Path, enough: int) -> None:
        super().__init__()
        self.go, self.enough = go, enough
        self.beside = self.most = 0

    async def starting(self, host: str) -> None:
        await super().starting(host)
        self.beside += 1
        self.most = max(self.most, self.beside)
        if self.beside == self.enough:
            self.go.touch()

    def exited(self, host: str, end: Exit) -> None:
        super().exited(host, end)
        self.beside -= 1


@pytest.mark.parametrize(("parallel", "most"), [(None, 64), (3, 3), (70, 70)])
async def test_commands_wait_for_each_other(
    local: Executor, tmp_path: Path, parallel: int | None, most: int
) -> None:
    """64 are out at once, or as many as the step says."""
    targets = tuple(Target(f"n{number}") for number in range(80))
    crowd = _Crowd(tmp_path / "go", most)
    wait = f"while ! test -e {tmp_path}/go; do sleep 0.02; done"
    await local.run(Job(targets, wait, parallel=parallel), crowd)
    assert crowd.most == most
    assert set(crowd.ends.values()) == {Exit(Ended.EXIT, 0)}


async def test_a_command_has_no_open_file_but_its_own(local: Executor, tmp_path: Path) -> None:
    """Another one's pipes would stay open for as long as this one runs, and the trail be in its reach."""
    heard = Heard()
    targets = tuple(Target(f"n{number}") for number in range(3))
    arrived = f"cd {tmp_path}; touch $$; until test $(ls | wc -l) = 3; do sleep 0.02; done"
    await local.run(Job(targets, f"{arrived}; ls /dev/fd/"), heard)
    for target in targets:  # the fourth is the folder that ls reads
        assert heard.data[target.name, Stream.OUT].split() == [b"0", b"1", b"2", b"3"]


async def test_a_script_that_no_pipe_holds_arrives_whole(local: Executor) -> None:
    """It is sent on as the command reads it."""
    heard, comment = Heard(), "# one line of many, none of which is read at once\n"
    await local.run(Job((Target("here"),), f"{comment * 2_000}echo whole"), heard)
    assert heard.ends["here"] == Exit(Ended.EXIT, 0)
    assert heard.data["here", Stream.OUT] == b"whole\n"


async def test_a_command_that_nobody_can_wait_for_is_not_begun(
    local: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no further thread may be started, its host is out of reach, and nothing else."""

    def refused(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    heard = Heard()
    await local.run(Job((Target("here"),), f"touch {tmp_path}/begun"), heard)
    assert heard.ends["here"].how is Ended.UNREACHABLE
    assert "ulimit -u" in heard.ends["here"].reason
    assert not (tmp_path / "begun").exists()


def test_every_host_has_its_command_however_few_files_may_be_open(tmp_path: Path) -> None:
    """Under a hard limit of open files far below what all at once would need."""
    hosts = "".join(f"n{number} ansible_connection=local\n" for number in range(120))
    (tmp_path / "hosts.ini").write_text(hosts)
    words = (sys.executable, "-m", "gonogo", "exec", "all", "-i", "hosts.ini", "--yes", "--", "echo here")
    environment = os.environ | {"GONOGO_RUNS": str(tmp_path / "runs")}
    done = ran("sh", "-c", 'ulimit -n 160; exec "$@"', "sh", *words, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "n[0-119] (120):" in done.stdout
