"""Several people at one run: who drives, who looks on, who takes over, and who is hostile."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gonogo.errors import RunError
from gonogo.run.state import Answer, At
from gonogo.run.wire import pack, socket_path
from tests.run.live import PATIENCE, Live

ONE = "  - {id: one, hosts: web, via: local, gate: go, run: 'echo \"$me\" >>ran'}\n"


async def test_two_answers_to_one_gate(live: Live) -> None:
    """One is taken; the other is told that the question is not open any more."""
    await live.begin(ONE)
    gate = await live.gate(At.GO)
    said = await asyncio.gather(
        live.link.answer(gate.number, Answer.GO),
        live.link.answer(gate.number, Answer.NO_GO, reason="no"),
        return_exceptions=True,
    )
    assert [str(one) for one in said if one] == ["that question is not open any more"]
    assert await live.end() == "go"
    assert len(live.records("gate.answer")) == 1


async def test_onlookers_note_but_do_nothing_else(live: Live) -> None:
    """A note of theirs, with tag and link, is in the trail; whatever would move the run is refused."""
    await live.begin(ONE)
    gate = await live.gate(At.GO)
    bob = await live.connect("bob@sofa", drive=False)
    await bob.note("the graphs look odd", tag="graphs", link="https://graphs.example/1")
    for doing in (
        bob.answer(gate.number, Answer.GO),
        bob.act("jump", to="one", how="forward", reason="x"),
        bob.act("pause", reason="x"),
        bob.cancel(),
        bob.stop(),
        bob.revise(file="plan.json", digest="", diff="", sources=[]),
    ):
        with pytest.raises(RunError, match="you are looking on; ann@desk drives"):
            await doing
    (note,) = live.records("note")
    assert (note["by"], note["text"]) == ("bob@sofa", "the graphs look odd")
    assert (note["tag"], note["link"], note["step"]) == ("graphs", "https://graphs.example/1", "one")


async def test_taking_over_is_recorded_with_both_names(live: Live) -> None:
    """Who takes over drives, the other looks on; both are named."""
    await live.begin(ONE)
    gate = await live.gate(At.GO)
    bob = await live.connect("bob@sofa", take=True)
    with pytest.raises(RunError, match="bob@sofa drives"):
        await live.link.answer(gate.number, Answer.GO)
    await bob.answer(gate.number, Answer.GO)
    await live.until(lambda state: state.result)
    (said,) = live.records("operator")
    assert (said["by"], said["was"]) == ("bob@sofa", "ann@desk")
    assert live.records("gate.answer")[0]["by"] == "bob@sofa"


async def test_the_next_who_comes_drives_once_the_driver_has_gone(live: Live) -> None:
    """The run waits while nobody is there; another operator who goes on with it is recorded, too."""
    await live.begin(ONE)
    gate = await live.gate(At.GO)
    await live.link.close()
    bob = await live.connect("bob@sofa")
    assert bob.driving
    await bob.answer(gate.number, Answer.GO)
    async with asyncio.timeout(PATIENCE):
        while bob.state.result is None:
            await anext(bob.changes())
    assert [one["was"] for one in live.records("operator")] == ["ann@desk"]


async def test_another_operator_resumes(live: Live) -> None:
    """Whoever resumes is named beside who drove before."""
    await live.begin(ONE)
    await live.gate(At.GO)
    await live.resume(by="bob@sofa")
    await live.gate(At.GO)
    assert [(one["by"], one["was"]) for one in live.records("operator")] == [("bob@sofa", "ann@desk")]
    with pytest.raises(RunError, match="driven already"):
        await live.second()


async def test_what_people_type_is_data(live: Live) -> None:
    """Escapes and half characters in a note, a name or a reason are made visible and break nothing."""
    await live.begin(ONE)
    gate = await live.gate(At.GO)
    bob = await live.connect("bob\x1b]0;x\x07@sofa\n", drive=False)
    await bob.note("\x1b[2J \ud800 \0 ok")
    await live.link.answer(gate.number, Answer.NO_GO, reason="\x9b31m\ud800no")
    await live.until(lambda state: state.result)
    (note,) = live.records("note")
    assert note["by"] == "bob^[]0;x^G@sofa^J"
    assert note["text"] == "^[[2J <d800> ^@ ok"
    assert live.records("gate.answer")[0]["reason"] == "<9b>31m<d800>no"


HELLO = pack({"id": 1, "do": "hello", "who": "eve@sofa", "drive": False})
NONSENSE = [
    b"\n",
    b"\0\n",
    b"[" * 60_000 + b"\n",
    b'{"do":"hello","who":' + b"9" * 9_000 + b"}\n",
    b'{"id":{},"do":"answer","gate":"x","answer":1}\n',
    HELLO + b'{"do":"note"}\n',
    HELLO + b'{"do":"note","text":{"a":[1]},"tag":7}\n',
    HELLO + b'{"do":"act","act":"jump","fields":[]}\n',
    HELLO + b'{"do":"approve","gate":1e999,"signature":null}\n',
    HELLO + b'{"do":"terminal","number":0,"code":0}\n',
    HELLO + b'{"do":"shell-ended","host":"a","code":0}\n',
    HELLO + b'{"do":"shell","host":"nowhere"}\n',
    HELLO + HELLO + HELLO,
    b'{"do":"hello","who":"' + b"x" * 300_000 + b'"}\n',
]


@pytest.mark.parametrize("data", NONSENSE)
async def test_nonsense_on_the_socket_harms_nobody(live: Live, data: bytes) -> None:
    """Each message is refused or its sender let go; the run stays at its gate for the others."""
    await live.begin(ONE)
    gate = await live.gate(At.GO)
    reader, writer = await asyncio.open_unix_connection(socket_path(live.run), limit=1 << 22)
    writer.write(data)
    if writer.can_write_eof():
        writer.write_eof()
    async with asyncio.timeout(PATIENCE):
        await reader.read()
    writer.close()
    await live.link.answer(gate.number, Answer.GO)
    assert await live.end() == "go"
    assert len(live.records("gate.answer")) == 1


async def test_slow_clients_hold_nobody_up(live: Live) -> None:
    """Connections that say half a word, or never read, do not keep the run from going on."""
    await live.begin(ONE)
    gate = await live.gate(At.GO)
    slow = [await asyncio.open_unix_connection(socket_path(live.run)) for _ in range(50)]
    for _, writer in slow:
        writer.write(b'{"do":"hel')
    _, deaf = await asyncio.open_unix_connection(socket_path(live.run))
    deaf.write(HELLO)
    await live.link.answer(gate.number, Answer.GO)
    assert await live.end() == "go"
    for _, writer in [*slow, (None, deaf)]:
        writer.close()


async def test_another_user_is_not_served(live: Live, tmp_path: Path) -> None:
    """The peer's uid is checked, even for one who gets at the socket."""
    if os.getuid() != 0:
        pytest.skip("only root can be somebody else")
    await live.begin(ONE)
    await live.gate(At.GO)
    path = socket_path(live.run)
    code = (
        "import os, socket, sys\n"
        "s = socket.socket(socket.AF_UNIX); folder = os.open(os.path.dirname(sys.argv[1]), os.O_PATH)\n"
        "os.chmod(sys.argv[1], 0o777); os.chdir(os.path.dirname(sys.argv[1]))\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try: s.connect('./' + os.path.basename(sys.argv[1]))\n"
        "except OSError: sys.exit(0)\n"
        "s.sendall(sys.stdin.buffer.read()); s.settimeout(10)\n"
        "sys.exit(len(s.recv(100)))\n"
    )
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code, str(path)], input=HELLO, check=False
    )
    assert done.returncode == 0


async def test_the_clock_being_set_is_recorded(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """A jump of the wall clock is in the trail; the run's own time goes on evenly."""
    monkeypatch.setattr("gonogo.run.conductor.CLOCK_CHECK", 0.01)
    await live.begin(ONE)
    await live.gate(At.GO)
    import time

    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 3_600_000_000_000)
    async with asyncio.timeout(PATIENCE):
        while not live.records("clock.jump"):
            await asyncio.sleep(0.01)
    (jump,) = live.records("clock.jump")
    assert abs(jump["wall_ms"] - 3_600_000) < 1000
    await live.say(Answer.GO)
    assert await live.end() == "go"
    lines = [json.loads(line) for line in (live.run / "audit.jsonl").read_bytes().splitlines()]
    assert max(one["m"] for one in lines) < 60e9
    assert [one["m"] for one in lines] == sorted(one["m"] for one in lines)
