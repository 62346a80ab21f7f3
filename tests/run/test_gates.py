"""Gates: values that are asked for, numbers to type, signatures, waits; what is refused, and why."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gonogo.errors import RunError
from gonogo.run.state import Answer, At
from gonogo.trail.approval import Asked, statement
from tests.run.live import Live
from tests.sshd import keygen


async def test_an_input_is_asked_for_when_reached(live: Live) -> None:
    """A value that does not fit is refused with why; one that does reaches the command and the trail."""
    head = """
inputs:
  - {name: count, type: int, ask: reached, prompt: How many?}
  - {name: kind, choices: [old, new], default: new, ask: reached}
"""
    await live.begin(
        """
      - {id: look, read-only: true, run: 'true'}
      - {id: use, read-only: true, run: 'echo "$count $kind" >used'}
      - {id: again, read-only: true, run: 'echo "$count" >>used'}
    """,
        head=head,
    )
    gate = await live.gate(At.INPUT)
    assert (gate.question, gate.turn) == ("How many?", 1)
    with pytest.raises(RunError, match="'count' must be a whole number, not 'many'"):
        await live.link.answer(gate.number, Answer.GO, typed="many")
    await live.say(Answer.GO, typed="3")
    gate = await live.gate(At.INPUT)
    assert (gate.evidence["choices"], gate.evidence["default"]) == (["old", "new"], "new")
    await live.say(Answer.GO)
    assert await live.end() == "go"
    assert (live.folder / "used").read_text() == "3 new\n3\n"
    assert [one["value"] for one in live.records("gate.answer")] == ["3", "new"]


async def test_a_secret_is_in_no_file_of_the_run(live: Live) -> None:
    """Asked for at a gate, echoed, in a note, a reason and a value: the directory holds only the mask."""
    secret = "s3cret-hunter2"
    head = """
inputs:
  - {name: token, secret: true, ask: reached}
  - {name: free, ask: reached}
"""
    await live.begin(
        """
      - {id: use, read-only: true, capture: said, run: 'echo "$token" | tee heard; echo "$token" >&2; exit 0'}
      - {id: more, read-only: true, run: 'echo "$free $said" >more'}
      - {id: ask, run: 'true', gate: go}
    """,
        head=head,
    )
    with pytest.raises(RunError, match="fewer than 6 characters"):
        await live.link.answer((await live.gate(At.INPUT)).number, Answer.GO, typed="abc")
    await live.say(Answer.GO, typed=secret)
    gate = await live.gate(At.INPUT)
    with pytest.raises(RunError, match="holds a secret"):
        await live.link.answer(gate.number, Answer.GO, typed=f"x{secret}")
    await live.say(Answer.GO, typed="free")
    await live.gate(At.GO)
    await live.link.note(f"the token is {secret}", tag=secret, link=secret)
    with pytest.raises(RunError, match="holds a secret"):
        await live.link.act("edit", step="ask", script=f"echo {secret}", reason="why not")
    await live.say(Answer.SKIP, reason=f"{secret} is wrong")
    assert await live.end() == "go"
    assert (live.folder / "heard").read_text() == f"{secret}\n"
    held = b"".join(path.read_bytes() for path in live.run.rglob("*") if path.is_file())
    assert secret.encode() not in held
    assert held.count(b"[secret]") >= 6


async def test_a_secret_is_asked_for_again_after_a_resume(live: Live) -> None:
    """What is never written is gone with the process: the next step that needs it asks."""
    head = "inputs:\n  - {name: token, secret: true, ask: reached}\n"
    await live.begin(
        """
      - {id: one, read-only: true, run: 'echo "$token" >>used'}
      - {id: two, gate: go, run: 'echo "$token" >>used'}
    """,
        head=head,
    )
    await live.say(Answer.GO, typed="first-value")
    await live.gate(At.GO)
    await live.resume()
    await live.say(Answer.GO)
    await live.gate(At.INPUT)
    await live.say(Answer.GO, typed="other-value")
    assert await live.end() == "go"
    assert (live.folder / "used").read_text() == "first-value\nother-value\n"


async def test_a_resume_wants_the_secrets_of_the_start(live: Live) -> None:
    """Without a secret that was given at the start, the run does not go on with an empty one."""
    head = "inputs:\n  - {name: token, secret: true}\n"
    await live.begin(
        """
      - {id: one, gate: go, run: 'echo "$token" >>used'}
    """,
        head=head,
        inputs=("token=some-secret",),
    )
    await live.gate()
    with pytest.raises(RunError, match="'token' has no value"):
        await live.resume()
    await live.resume(secrets={"token": "some-secret"})
    await live.say(Answer.GO)
    assert await live.end() == "go"


async def test_many_hosts_want_their_number(live: Live) -> None:
    """Past the blast radius a changing step asks for the number of all its hosts, however it rolls."""
    await live.begin(
        """
      - {id: look, hosts: web, via: local, read-only: true, run: 'true'}
      - {id: up, hosts: web, via: local, batch: '2', between: go, run: 'true'}
    """,
        head="blast-radius: 2\n",
        hosts=4,
    )
    gate = await live.gate(At.TYPED)
    assert gate.question.endswith("on 2 hosts, 4 in all")
    with pytest.raises(RunError, match="type the number of hosts, 4"):
        await live.link.answer(gate.number, Answer.GO, typed="2")
    await live.say(Answer.GO, typed="4")
    assert await live.end() == "go"


async def test_a_typed_gate_wants_the_number_of_the_batch(live: Live) -> None:
    """Each batch of a typed step is typed."""
    await live.begin(
        "  - {id: up, hosts: web, via: local, batch: '1,2', between: go, gate: typed, run: date}\n"
    )
    await live.gate(At.TYPED)
    await live.say(Answer.GO, typed="1")
    await live.gate(At.TYPED)
    await live.say(Answer.GO, typed="2")
    assert await live.end() == "go"


async def test_a_wait_is_cut_short_or_ends_by_itself(live: Live) -> None:
    """A wait's gate answers itself when its time is over; go ends it earlier."""
    await live.begin("""
      - {id: short, wait: 10ms, read-only: true, run: 'true'}
      - {id: long, wait: 2h, read-only: true, run: 'true'}
    """)
    await live.until(lambda state: state.gate and state.gate.turn == 1)
    assert live.state.decisions[0].by == "clock"
    await live.say(Answer.GO)
    assert await live.end() == "go"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Keys of three people, and who they are."""
    lines = [f"{name}@example.com {keygen(tmp_path / name)}\n" for name in ("ann", "bob", "eve")]
    (tmp_path / "allowed_signers").write_text("".join(lines))
    return tmp_path


def _sign(folder: Path, name: str, asked: Asked) -> str:
    words = ["ssh-keygen", "-Y", "sign", "-n", "approve@gonogo", "-f", str(folder / name)]
    return subprocess.run(words, input=statement(asked), capture_output=True, check=True).stdout.decode()


async def test_others_approve_with_their_keys(live: Live, keys: Path, need: object) -> None:
    """Two others with the role have to sign: not the operator, nobody twice, nothing for another plan."""
    head = """
allowed-signers: allowed_signers
roles:
  dba: [bob@example.com, eve@example.com]
"""
    await live.begin(
        """
      - {id: drop, gate: approve, approvers: 2, role: dba, run: 'echo x >>ran'}
    """,
        head=head,
        sign_key=str(keys / "ann"),
    )
    gate = await live.gate(At.APPROVE)
    asked = Asked(live.run.name, "drop", gate.evidence["plan"], gate.evidence["expires"])
    with pytest.raises(RunError, match="0 of 2 signatures"):
        await live.link.answer(gate.number, Answer.GO)
    with pytest.raises(RunError, match=r"does not have the role|drives this run"):
        await live.link.approve(gate.number, _sign(keys, "ann", asked))
    watcher = await live.connect("bob@sofa", drive=False)
    await watcher.approve(gate.number, _sign(keys, "bob", asked))
    with pytest.raises(RunError, match="has approved already"):
        await watcher.approve(gate.number, _sign(keys, "bob", asked))
    other = Asked(asked.run, asked.step, "0" * 64, asked.expires)
    with pytest.raises(RunError):
        await watcher.approve(gate.number, _sign(keys, "eve", other))
    await live.resume(sign_key=str(keys / "ann"))
    with pytest.raises(RunError, match="1 of 2"):
        await live.link.answer(gate.number, Answer.GO)
    await live.link.approve(gate.number, _sign(keys, "eve", asked))
    await live.say(Answer.GO)
    assert await live.end() == "go"
    assert [one["by"] for one in live.records("gate.approve")] == ["bob@example.com", "eve@example.com"]


async def test_an_edited_command_needs_other_signatures(live: Live, keys: Path) -> None:
    """Signatures are under the command as it was; edited after a failure, it waits for new ones."""
    await live.begin(
        """
      - {id: drop, gate: approve, run: 'false'}
    """,
        head="allowed-signers: allowed_signers\n",
        sign_key=str(keys / "ann"),
    )
    gate = await live.gate(At.APPROVE)
    asked = Asked(live.run.name, "drop", gate.evidence["plan"], gate.evidence["expires"])
    await live.link.approve(gate.number, _sign(keys, "bob", asked))
    await live.say(Answer.GO)
    await live.gate(At.FAILURE)
    await live.link.act("edit", step="drop", script="echo x >>ran", reason="it cannot work")
    await live.until(lambda state: state.gate and state.edited)
    await live.say(Answer.RETRY_FAILED)
    again = await live.gate(At.APPROVE)
    assert again.evidence["plan"] != gate.evidence["plan"]
    assert not (live.folder / "ran").exists()


async def test_signatures_expire(live: Live, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the time is over the question is asked anew, and what was signed before does not count."""
    monkeypatch.setattr("gonogo.run.approving.Approving.HOLDS", 1.0)
    await live.begin(
        """
      - {id: drop, gate: approve, run: 'true'}
    """,
        head="allowed-signers: allowed_signers\n",
        sign_key=str(keys / "ann"),
    )
    first = await live.gate(At.APPROVE)
    asked = Asked(live.run.name, "drop", first.evidence["plan"], first.evidence["expires"])
    signature = _sign(keys, "bob", asked)
    await live.until(lambda state: state.gate and state.gate.number != first.number)
    assert live.records("gate.expired") == live.records("gate.expired")[:1] != []
    with pytest.raises(RunError):
        await live.link.approve(first.number, signature)
    with pytest.raises(RunError):
        await live.link.approve(live.state.gates, signature)
