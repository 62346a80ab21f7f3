"""A real sshd, and a sink that remembers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gonogo.executors.ssh import SshExecutor
from gonogo.run.ports import Exit, Stream, Target
from tests.sshd import Sshd
from tests.sshd import sshd as run_sshd


@dataclass
class Heard:
    """A sink: what each host was heard of, in order."""

    started: list[str] = field(default_factory=list)
    ends: dict[str, Exit] = field(default_factory=dict)
    data: dict[tuple[str, Stream], bytes] = field(default_factory=dict)
    refuse: Exception | None = None

    async def starting(self, host: str) -> None:
        """Remember, or refuse."""
        if self.refuse is not None:
            raise self.refuse
        self.started.append(host)

    def output(self, host: str, stream: Stream, data: bytes) -> None:
        """Join the pieces."""
        self.data[host, stream] = self.data.get((host, stream), b"") + data

    def exited(self, host: str, end: Exit) -> None:
        """Remember the end; there is one a host."""
        assert host not in self.ends
        self.ends[host] = end

    def out(self, host: str = "a") -> bytes:
        """Return a host's stdout."""
        return self.data.get((host, Stream.OUT), b"")


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory, need: Callable[[str, str], str]) -> Iterator[Sshd]:
    """One sshd a test process."""
    with run_sshd(need("sshd", "openssh-server"), tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture
async def ssh(sshd: Sshd) -> AsyncIterator[SshExecutor]:
    """An executor that trusts the sshd and nothing else."""
    executor = SshExecutor(config=[], known_hosts=[sshd.known_hosts], client_keys=[sshd.key], agent=False)
    yield executor
    await executor.close()


@pytest.fixture
def target(sshd: Sshd) -> Callable[..., Target]:
    """Make targets on the sshd."""

    def make(name: str = "a", number: int = 0, **values: str) -> Target:
        return Target(name, sshd.variables(sshd.addresses[number]), values)

    return make


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """A file that a command makes when it runs."""
    return tmp_path / "ran"
