"""Each kind of fault, as a client meets it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncssh
import pytest

from gonogo.executors.script import command_line, standard_input
from gonogo.run.ports import Job
from tests.lab.fleet import fleet, journal, login, ran, said


async def test_an_unreachable_host_refuses_connections(tmp_path: Path) -> None:
    """Nothing listens on its port; the others are there."""
    with fleet(tmp_path, ["a", "b"], "faults:\n  - {hosts: a, kind: unreachable}\n") as lab:
        with pytest.raises(ConnectionRefusedError):
            await ran(lab, "a", "true")
        assert await said(lab, "b", "hostname") == "b"


async def test_a_changed_key_is_not_the_known_one(tmp_path: Path) -> None:
    """The host shows another key than known_hosts has."""
    with fleet(tmp_path, ["a", "b"], "faults:\n  - {hosts: a, kind: changed-key}\n") as lab:
        with pytest.raises(asyncssh.HostKeyNotVerifiable):
            await ran(lab, "a", "true")
        assert await said(lab, "b", "hostname") == "b"


async def test_a_key_is_refused_so_many_times(tmp_path: Path) -> None:
    """Two logins are refused, the third is taken; each host counts by itself."""
    with fleet(tmp_path, ["a", "b"], "faults:\n  - {kind: refuse-key, times: 2}\n") as lab:
        for _ in range(2):
            with pytest.raises(asyncssh.PermissionDenied):
                await ran(lab, "a", "true")
        assert await said(lab, "a", "hostname") == "a"
        with pytest.raises(asyncssh.PermissionDenied):
            await ran(lab, "b", "true")


async def test_a_command_fails_the_nth_time_it_matches(tmp_path: Path) -> None:
    """Only the second matching command fails, with the words and code of the scenario, and does nothing."""
    scenario = 'faults:\n  - {kind: fail, match: ^touch, nth: 2, exit: 9, stderr: "it\'s full"}\n'
    with fleet(tmp_path, ["a"], scenario) as lab:
        assert (await ran(lab, "a", "touch $HOME/1")).exit_status == 0
        assert (await ran(lab, "a", "true")).exit_status == 0
        failed = await ran(lab, "a", "touch $HOME/2")
        assert (failed.exit_status, failed.stderr) == (9, "it's full\n")
        assert (await ran(lab, "a", "touch $HOME/3")).exit_status == 0
        assert await said(lab, "a", "ls $HOME") == "1\n3"


@pytest.mark.parametrize("word", ["bad", "bäd"])
async def test_a_fault_reads_the_script_on_standard_input(tmp_path: Path, word: str) -> None:
    """However the executor sends it, counted in lines or in bytes; one that was cut off does not run."""
    scenario = f"faults:\n  - {{kind: fail, match: {word}word, exit: 7}}\n"
    with fleet(tmp_path, ["a"], scenario) as lab:

        async def tried(text: str, cut: int | None = None) -> tuple[object, object]:
            job = Job((), text)
            done = await ran(lab, "a", command_line(job), input=standard_input(job, {})[:cut].decode())
            return done.exit_status, done.stdout

        assert await tried(f"echo {word}word") == (7, "")
        assert await tried(f"echo {word}\necho too\n") == (0, f"{word}\ntoo\n")
        assert await tried(f"echo {word}\necho too\n", -2) == (125, "")


async def test_a_flood_comes_before_the_output(tmp_path: Path) -> None:
    """So many lines come, all of them, and then the command's own."""
    with fleet(tmp_path, ["a"], "faults:\n  - {kind: flood, lines: 50000}\n") as lab:
        lines = (await said(lab, "a", "echo end")).splitlines()
    assert len(lines) == 50001
    assert lines[-1] == "end"


async def test_a_slow_host_still_does_it(tmp_path: Path) -> None:
    """The command runs, later: the journal tells how long it took."""
    with fleet(tmp_path, ["a"], "faults:\n  - {kind: slow, seconds: 200ms}\n") as lab:
        assert await said(lab, "a", "echo late") == "late"
        line = (await journal(lab, 1))[0]
    assert line["ended_ns"] - line["started_ns"] >= 200_000_000


async def test_a_dropped_connection_leaves_the_command_running(tmp_path: Path) -> None:
    """The connection goes without an exit code; the command goes on and ends well."""
    with fleet(tmp_path, ["a"], "faults:\n  - {kind: drop, match: cat, times: 1}\n") as lab:
        async with login(lab, "a") as connection:
            process = await connection.create_process("cat; echo on >$HOME/on")
            await asyncio.wait_for(connection.wait_closed(), 20)
            assert process.exit_status is None
        assert (await journal(lab, 1))[0]["exit"] == 0
        assert await said(lab, "a", "cat $HOME/on") == "on"


async def test_a_hanging_command_can_be_ended(tmp_path: Path) -> None:
    """It never comes to its own work, and ends at a signal like any other."""
    with fleet(tmp_path, ["a"], "faults:\n  - {kind: hang, match: work}\n") as lab:
        async with login(lab, "a") as connection:
            process = await connection.create_process("echo work")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(process.stdout.read(1), 0.2)
            process.send_signal("KILL")
            done = await process.wait()
        assert done.exit_signal is not None
        assert done.stdout == ""
