"""What the document says about failures, and what a person can say."""

from __future__ import annotations

import pytest

from gonogo.errors import RunError
from gonogo.run.state import Answer, At
from gonogo.tui.choices import choices
from tests.run.live import Live

ROLLING = """
  - id: up
    hosts: web
    via: local
    run: 'echo "$me" >>ran; test ! -e "bad.$me"'
"""


async def test_past_max_failures_nothing_new_starts(live: Live) -> None:
    """With two failed where one may, the hosts that had not begun are held; leaving out goes on with them."""
    for name in "ab":
        (live.folder / f"bad.{name}").touch()
    await live.begin(f"{ROLLING}    parallel: 1\n    max-failures: 1\n", hosts=5)
    gate = await live.gate(At.FAILURE)
    assert gate.evidence["counts"] == {"failed": 2}
    assert live.hosts("up") == {"a": "failed", "b": "failed", "c": "pending", "d": "pending", "e": "pending"}
    await live.say(Answer.LEAVE_OUT)
    await live.gate(At.END)
    assert (live.folder / "ran").read_text().split() == ["a", "b", "c", "d", "e"]


async def test_after_leaving_out_the_next_failure_asks_again(live: Live) -> None:
    """What was left out has used up what may fail: one more failure holds the rest again."""
    for name in "abd":
        (live.folder / f"bad.{name}").touch()
    await live.begin(f"{ROLLING}    parallel: 1\n    max-failures: 1\n", hosts=5)
    await live.say(Answer.LEAVE_OUT)
    await live.gate(At.FAILURE)
    assert live.hosts("up") == {"a": "left-out", "b": "left-out", "c": "ok", "d": "failed", "e": "pending"}


@pytest.mark.parametrize(("limit", "goes_on"), [("25%", True), ("24%", False)])
async def test_max_failures_as_a_share_is_of_the_batch(live: Live, limit: str, goes_on: bool) -> None:
    """One of four hosts may fail with 25%, none with 24%; those within it are left out, which is recorded."""
    (live.folder / "bad.b").touch()
    await live.begin(f"{ROLLING}    max-failures: {limit}\n", hosts=4)
    gate = await live.gate()
    assert gate.at is (At.END if goes_on else At.FAILURE)
    if goes_on:
        (said,) = live.records("deviation")
        assert (said["what"], said["hosts"], said["by"]) == ("leave-out", ["b"], "runbook")
        assert said["reason"] == "within max-failures"


async def test_within_max_failures_on_failure_has_no_say(live: Live) -> None:
    """on-failure=stop counts once more have failed than may."""
    (live.folder / "bad.a").touch()
    await live.begin(f"{ROLLING}    max-failures: 1\n    on-failure: stop\n")
    await live.gate(At.END)


async def test_on_failure_stop_ends_the_run(live: Live) -> None:
    """The run is over, with nobody asked."""
    (live.folder / "bad.a").touch()
    await live.begin(f"{ROLLING}    on-failure: stop\n")
    assert await live.end() == "aborted"


async def test_an_exit_code_can_stop_the_run(live: Live) -> None:
    """`stop` in the exit map ends the run, whatever may fail or be tried again; nothing new starts."""
    await live.begin("""
      - id: up
        hosts: web
        via: local
        parallel: 1
        exit: 1=warn 2=stop
        max-failures: 3
        retries: 3
        run: 'test "$me" != a || exit 1; exit 2'
    """)
    assert await live.end() == "aborted"
    assert live.hosts("up") == {"a": "warn", "b": "failed", "c": "pending"}
    assert live.records("step.settle")[-1]["reason"] == "b: exit code 2 stops the run"


async def test_on_failure_rollback_undoes_what_was_reached(live: Live) -> None:
    """The rollback runs where the step began; what was held is not run afterwards by mistake."""
    (live.folder / "bad.b").touch()
    await live.begin(
        f"{ROLLING}    parallel: 1\n    max-failures: 0\n    on-failure: rollback\n"
        "    rollback: 'echo \"undone $me\" >>ran'\n"
    )
    await live.gate(At.ROLLED_BACK)
    assert (live.folder / "ran").read_text().split("\n")[:2] == ["a", "b"]
    assert sorted((live.folder / "ran").read_text().split("\n")[2:4]) == ["undone a", "undone b"]
    assert live.hosts("up") == {"a": "rolled-back", "b": "rolled-back", "c": "pending"}
    (live.folder / "bad.b").unlink()
    await live.say(Answer.RETRY_ALL)
    assert await live.end() == "go"


async def test_a_rollback_that_failed_runs_again_only_where_it_failed(live: Live) -> None:
    """Rolling back once more leaves hosts alone that are rolled back; by hand means undone by hand."""
    (live.folder / "bad.a").touch()
    await live.begin(ROLLING + '    rollback: \'echo "undone $me" >>ran; test "$me" != c\'\n')
    await live.say(Answer.ROLLBACK)
    await live.gate(At.FAILURE)
    await live.say(Answer.ROLLBACK)
    gate = await live.gate(At.FAILURE)
    assert Answer.RETRY_FAILED not in gate.choices
    assert gate.question.endswith(", rollback: 1 failed")
    assert choices(live.state, gate)[0].effect == "you have undone it yourself on 1 host"
    assert (live.folder / "ran").read_text().count("undone a") == 1
    assert (live.folder / "ran").read_text().count("undone c") == 2
    await live.say(Answer.BY_HAND)
    await live.gate(At.ROLLED_BACK)
    await live.say(Answer.SKIP)
    assert await live.end() == "go"
    assert live.state.turns[0].result == "rolled-back"


async def test_an_answer_can_be_about_some_hosts(live: Live) -> None:
    """Hosts named in an answer are decided about; the question comes again for the others."""
    for name in "ab":
        (live.folder / f"bad.{name}").touch()
    await live.begin(ROLLING)
    gate = await live.gate(At.FAILURE)
    with pytest.raises(RunError, match="not about c"):
        await live.link.answer(gate.number, Answer.BY_HAND, reason="x", hosts=["c"])
    await live.say(Answer.BY_HAND, hosts=["a"])
    gate = await live.gate(At.FAILURE)
    assert gate.evidence["counts"] == {"failed": 1}
    await live.say(Answer.BY_HAND)
    assert await live.end() == "go"
    assert live.hosts("up") == {"a": "by-hand", "b": "by-hand", "c": "ok"}
    assert [one["hosts"] for one in live.records("deviation")] == [["a"], ["b"]]


async def test_expectations_judge_what_a_code_of_0_hides(live: Live) -> None:
    """expect, expect-not and same-as fail a host whose command said 0; the difference is shown."""
    await live.begin("""
      - {id: before, hosts: web, via: local, read-only: true, capture: VOLUMES, run: 'printf "v1\\nv2\\n"'}
      - {id: expect, hosts: web, via: local, read-only: true, expect: '^[1-9]',
         run: 'test "$me" = a && echo 0 || echo 7'}
      - {id: refuse, hosts: web, via: local, read-only: true, expect-not: ERROR,
         run: 'test "$me" = b && echo ERROR; true'}
      - {id: same, hosts: web, via: local, read-only: true, same-as: VOLUMES,
         run: 'printf "v1\\n"; test "$me" = c || echo v2'}
    """)
    await live.say(Answer.LEAVE_OUT)
    await live.say(Answer.LEAVE_OUT)
    await live.gate(At.FAILURE)
    why = {one["host"]: one["why"] for one in live.records("host.exit") if "why" in one}
    assert why == {
        "a": "stdout does not match expect=^[1-9]",
        "b": "stdout matches expect-not=ERROR",
        "c": "stdout differs from VOLUMES: -v2",
    }
    codes = {one["code"] for one in live.records("host.exit")}
    assert codes == {0}


async def test_left_out_hosts_can_be_picked_up_after_a_resume(live: Live) -> None:
    """Days later, a host comes back: each step that went without it asks, and runs for it alone."""
    (live.folder / "bad.b").touch()
    await live.begin(
        ROLLING
        + """
  - {id: then, hosts: web, via: local, run: 'echo "then $me" >>ran'}
"""
    )
    await live.say(Answer.LEAVE_OUT)
    gate = await live.gate(At.END)
    assert gate.evidence == {"left_out": ["b"], "number": 1}
    await live.resume()
    (live.folder / "bad.b").unlink()
    with pytest.raises(RunError, match="not left out: c"):
        await live.link.act("pick-up", hosts=["c"], reason="back")
    await live.link.act("pick-up", hosts=["b"], reason="it is back")
    await live.until(lambda state: state.gate and state.gate.at is At.GO)
    await live.say(Answer.GO)
    await live.say(Answer.GO)
    assert await live.end() == "go"
    assert live.hosts("up") == live.hosts("then") == dict.fromkeys("abc", "ok")
    assert live.tries("then") == [["a", "c"], ["b"]]


async def test_when_a_host_does_not_need_a_step(live: Live) -> None:
    """`when` is weighed for each host; those that do not need it are not asked about and not run."""
    await live.begin("""
      - {id: kind, hosts: web, via: local, read-only: true, capture: kind,
         run: 'test "$me" = b && echo old || echo new'}
      - {id: mend, hosts: web, via: local, when: $kind == old, run: 'echo "$me" >>ran'}
      - {id: none, hosts: web, via: local, when: $kind == older, run: 'echo never >>ran'}
      - {title: Is it so?, confirm: Is it so?, when: $kind == never}
    """)
    assert await live.end() == "go"
    assert (live.folder / "ran").read_text() == "b\n"
    assert live.hosts("mend") == {"a": "not-needed", "b": "ok", "c": "not-needed"}
    assert [turn.result for turn in live.state.turns] == ["ok", "ok", "not-needed", "not-needed"]
    weighed = live.records("step.when")
    assert [one["hosts"] for one in weighed] == [["a", "c"], ["a", "b", "c"], []]


async def test_no_check_goes_to_a_host_that_another_step_was_told_to_leave_out(live: Live) -> None:
    """It was to be checked again; then another step could not be rolled back there, and went without it."""
    await live.begin(
        """
      - {id: up, hosts: web, via: local, run: 'true', rollback: 'test "$me" != a'}
      - {id: seen, hosts: web, via: local, run: 'true', check: 'echo "$me" >>checked; false'}
    """,
        hosts=3,
    )
    await live.gate(At.FAILURE)
    await live.say(Answer.CHECK_AGAIN, hosts=["a"])
    await live.gate(At.FAILURE)
    await live.link.act("jump", to="up", how="rollback", reason="why")
    await live.until(lambda state: state.gate and "rollback" in state.gate.question)
    await live.say(Answer.LEAVE_OUT)
    await live.gate(At.FAILURE)
    assert live.hosts("seen") == {"a": "left-out", "b": "failed", "c": "failed"}
    await live.say(Answer.BY_HAND)
    await live.gate(At.END)
    assert sorted((live.folder / "checked").read_text().split()) == ["a", "b", "c"]
