"""What holds for commands wherever they run: here, or over SSH."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gonogo.errors import ExecutorError, TrailError
from gonogo.executors.local import LocalExecutor
from gonogo.executors.ssh import SshExecutor
from gonogo.run.ports import Ended, Executor, Exit, Job, Stream, Target
from tests.executors.conftest import Heard
from tests.sshd import Sshd


@pytest.fixture(params=["local", "ssh"])
async def executor(request: pytest.FixtureRequest) -> AsyncIterator[Executor]:
    """Each executor in turn."""
    if request.param == "ssh":
        sshd: Sshd = request.getfixturevalue("sshd")
        made = SshExecutor(config=[], known_hosts=[sshd.known_hosts], client_keys=[sshd.key], agent=False)
        yield made
        await made.close()
    else:
        yield LocalExecutor()


async def _run(
    executor: Executor, target: Target, script: str, language: str = "sh", **more: object
) -> Heard:
    heard = Heard()
    await executor.run(Job((target,), script, language, **more), heard)  # type: ignore[arg-type]
    return heard


async def test_streams_and_exit_code(executor: Executor, target: Callable[..., Target]) -> None:
    """Stdout and stderr come apart, and the exit code is the script's own."""
    heard = await _run(executor, target(), "echo out; echo err >&2; exit 7")
    assert heard.data == {("a", Stream.OUT): b"out\n", ("a", Stream.ERR): b"err\n"}
    assert heard.ends == {"a": Exit(Ended.EXIT, 7)}
    assert heard.started == ["a"]


async def test_a_block_stops_at_its_first_failure(executor: Executor, target: Callable[..., Target]) -> None:
    """A failing command in the middle ends the block."""
    heard = await _run(executor, target(), "echo one\nfalse\necho two")
    assert heard.out() == b"one\n"
    assert heard.ends["a"].code == 1


async def test_a_command_that_reads_meets_the_end(executor: Executor, target: Callable[..., Target]) -> None:
    """A command that reads its input gets none of the script."""
    heard = await _run(executor, target(), "cat\necho after")
    assert heard.out() == b"after\n"


@pytest.mark.parametrize("language", ["sh", "bash", "python"])
async def test_values_arrive_byte_for_byte(
    executor: Executor, target: Callable[..., Target], language: str
) -> None:
    """No value turns into code, whatever it holds."""
    value = "-rf; $(id) `id` 'a' \"b\" \\ !\n~ * ü \t\x1b]0;x\x07 end"
    script = {"python": "import os,sys; sys.stdout.write(os.environ['VALUE'])"}.get(
        language, 'printf %s "$VALUE"'
    )
    heard = await _run(executor, target(VALUE=value), script, language)
    assert heard.out() == value.encode()
    assert heard.ends["a"].code == 0


async def test_nothing_shows_in_ps(executor: Executor, target: Callable[..., Target]) -> None:
    """Neither a value nor the script is in any argument list while it runs."""
    heard = await _run(executor, target(PASS="zebra-9281"), "true yak-7733; ps -eo args")
    assert heard.ends["a"].code == 0
    assert b"zebra-9281" not in heard.out()
    assert b"yak-7733" not in heard.out()


async def test_bytes_are_not_touched(executor: Executor, target: Callable[..., Target]) -> None:
    """NULs, invalid UTF-8 and a megabyte without a newline arrive as they were sent."""
    heard = await _run(executor, target(), r"printf '\000\377[ OK ]'; head -c 1000000 /dev/zero | tr '\0' x")
    assert heard.out() == b"\0\xff[ OK ]" + b"x" * 1_000_000


async def test_a_signal_is_told(executor: Executor, target: Callable[..., Target]) -> None:
    """A command that is killed is no exit code."""
    heard = await _run(executor, target(), "kill -KILL $$")
    assert heard.ends["a"].how is Ended.SIGNAL
    assert heard.ends["a"].signal == "SIGKILL"


def _alive(word: str) -> bool:
    return subprocess.run(["pgrep", "-f", word], capture_output=True, check=False).returncode == 0


async def test_a_timeout_leaves_nothing_behind(executor: Executor, target: Callable[..., Target]) -> None:
    """Past its limit a command that ignores TERM is ended with its children."""
    nap = f"29.1{os.getpid()}"
    heard = await _run(executor, target(), f"trap '' TERM; sleep {nap} & sleep {nap}", timeout=0.3)
    assert heard.ends["a"].how is Ended.TIMEOUT
    assert not _alive(f"sleep {nap}")


async def test_a_cancel_ends_and_reports(executor: Executor, target: Callable[..., Target]) -> None:
    """Cancelling ends the command on the host, reports it, and raises."""
    nap = f"29.2{os.getpid()}"
    heard = Heard()
    work = asyncio.create_task(executor.run(Job((target(),), f"echo on; sleep {nap}; echo off"), heard))
    while not heard.out() and not work.done():
        await asyncio.sleep(0.01)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert heard.ends["a"].how is Ended.CANCELLED
    assert heard.out() == b"on\n"
    assert not _alive(f"sleep {nap}")


async def test_nothing_is_sent_when_starting_refuses(
    executor: Executor, target: Callable[..., Target], marker: Path
) -> None:
    """When the start cannot be recorded, no host gets the command, and the error comes as it is."""
    heard = Heard(refuse=TrailError("the disk is full"))
    with pytest.raises(TrailError, match="disk is full"):
        await executor.run(Job((target("a"), target("b", 1)), f"touch {marker}"), heard)
    assert not marker.exists()


@pytest.mark.parametrize("job", [{"run_as": "-root"}, {"language": "sh; id"}, {"script": "a\0b"}])
async def test_what_cannot_travel_is_refused(
    executor: Executor, target: Callable[..., Target], job: dict[str, str]
) -> None:
    """A bad user, interpreter or NUL is an error before anything is started."""
    heard = Heard()
    with pytest.raises(ExecutorError):
        await executor.run(Job((target(),), **({"script": "true"} | job)), heard)  # type: ignore[arg-type]
    assert heard.started == []


async def test_sudo_becomes_another_user(
    executor: Executor, target: Callable[..., Target], need: Callable[[str, str], str]
) -> None:
    """`as=` runs the script as that user."""
    need("sudo", "sudo")
    heard = await _run(executor, target(), "id -un; echo $X", run_as="root")
    assert heard.out() == b"root\n\n", heard.data


async def test_hosts_are_bounded(executor: Executor, target: Callable[..., Target], tmp_path: Path) -> None:
    """With parallel=1 no two hosts run at once."""
    script = f"mkdir {tmp_path}/lock; sleep 0.05; rmdir {tmp_path}/lock"
    heard = Heard()
    targets = tuple(target(f"h{number}", number) for number in range(4))
    await executor.run(Job(targets, script, parallel=1), heard)
    assert {end.code for end in heard.ends.values()} == {0}


async def test_a_daemon_left_behind_is_not_awaited(executor: Executor, target: Callable[..., Target]) -> None:
    """A process in the background that holds the output open does not hold the step."""
    heard = await _run(executor, target(), "setsid sleep 31.5 & echo $!; exit 5")
    assert heard.ends["a"] == Exit(Ended.EXIT, 5)
    os.kill(int(heard.out()), signal.SIGKILL)


async def test_a_password_that_sudo_does_not_ask_for(
    executor: Executor, target: Callable[..., Target], need: Callable[[str, str], str]
) -> None:
    """The line with the password never becomes input of the script."""
    need("sudo", "sudo")
    heard = await _run(executor, target(), "cat; id -un", run_as="root", become_password="pa*s (w\\d")
    assert heard.data == {("a", Stream.OUT): b"root\n"}


async def test_a_cancel_reaches_a_command_under_sudo(
    executor: Executor, target: Callable[..., Target], need: Callable[[str, str], str]
) -> None:
    """What runs as another user is ended too."""
    need("sudo", "sudo")
    nap = "31.6" if isinstance(executor, LocalExecutor) else "31.7"
    heard = await _run(executor, target(), f"sleep {nap}", run_as="root", timeout=1)
    assert heard.ends["a"].how is Ended.TIMEOUT
    assert not _alive(f"sleep {nap}")


async def test_a_folder_to_work_in(executor: Executor, target: Callable[..., Target], tmp_path: Path) -> None:
    """`cwd` may be any name; one that is missing stops the script."""
    folder = tmp_path / "-a 'b"
    folder.mkdir()
    heard = await _run(executor, target(), "pwd", cwd=str(folder))
    assert heard.out() == f"{folder}\n".encode()
    heard = await _run(executor, target(), "echo no", cwd=str(tmp_path / "none"))
    assert heard.ends["a"].code == 127
    assert heard.out() == b""


async def test_a_host_named_twice(executor: Executor, target: Callable[..., Target]) -> None:
    """That is a mistake in the program."""
    with pytest.raises(ValueError, match="twice"):
        await executor.run(Job((target(), target()), "true"), Heard())


@pytest.mark.parametrize("parallel", [None, 1])
async def test_two_jobs_at_once_on_the_same_hosts(
    executor: Executor, target: Callable[..., Target], tmp_path: Path, parallel: int | None
) -> None:
    """Each is told of each of its hosts, and the end of one leaves the other alone: monitors do so."""
    go, long, short = tmp_path / "go", Heard(), Heard()
    targets = (target("a"), target("b", 1))
    wait = f"while ! test -e {go}; do sleep 0.01; done; echo long"
    work = asyncio.create_task(executor.run(Job(targets, wait, parallel=parallel), long))
    while not long.started and not work.done():
        await asyncio.sleep(0.01)
    await executor.run(Job(targets, "echo short", parallel=parallel), short)
    go.touch()
    await work
    for heard, said in ((long, b"long\n"), (short, b"short\n")):
        assert heard.ends == dict.fromkeys("ab", Exit(Ended.EXIT, 0))
        assert (heard.out("a"), heard.out("b")) == (said, said)


async def test_output_that_cannot_be_kept_ends_the_command(
    executor: Executor, target: Callable[..., Target]
) -> None:
    """Nothing goes on unrecorded: the command is ended, the host reported, the error raised as it is."""

    class Full(Heard):
        def output(self, host: str, stream: Stream, data: bytes) -> None:
            raise OSError("no space left")

    heard = Full()
    nap = "31.81" if isinstance(executor, LocalExecutor) else "31.82"
    with pytest.raises(OSError, match="no space left"):
        await executor.run(Job((target(),), f"echo on; sleep {nap}"), heard)
    assert heard.ends["a"].how is Ended.CANCELLED
    assert not _alive(f"sleep {nap}")
