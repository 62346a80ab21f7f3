"""Commands that are tried again: until, again, retries, checks to a deadline; and their cancelling."""

from __future__ import annotations

import pytest

from gonogo.errors import RunError
from gonogo.run.state import Answer, At, HostState
from tests.run.live import Live

COUNT = 'n=$(cat "$me" 2>/dev/null || echo 0); n=$((n + 1)); echo "$n" >"$me"'
"""Counts a host's tries in a file of its name."""


async def test_until_is_tried_again_where_it_did_not_succeed(live: Live) -> None:
    """Hosts that are there already are left alone; the others are tried until they are there, too."""
    await live.begin(f"""
      - id: up
        hosts: web
        via: local
        read-only: true
        until: true
        every: 10ms
        timeout: 20s
        run: |
          {COUNT}
          test "$me" = a || test "$n" -ge 3
    """)
    assert await live.end() == "go"
    assert live.tries("up") == [["a", "b", "c"], ["b", "c"], ["b", "c"]]
    assert {one["reason"] for one in live.records("step.settle")} == {"until it succeeds"}


async def test_until_asks_when_its_time_is_over(live: Live) -> None:
    """Past the timeout a person decides; a retry gives it the whole time anew."""
    await live.begin("""
      - {id: up, hosts: web, via: local, read-only: true, until: true, every: 10ms, timeout: 1s,
         run: 'false'}
    """)
    await live.gate(At.FAILURE)
    before = len(live.tries("up"))
    assert before > 1
    await live.say(Answer.RETRY_FAILED)
    await live.gate(At.FAILURE)
    assert len(live.tries("up")) > before + 1


async def test_a_repetition_can_be_cancelled_between_two_tries(live: Live) -> None:
    """Cancelling while the next try is awaited ends the trying, and asks what is to become of the hosts."""
    await live.begin("""
      - {id: up, hosts: web, via: local, read-only: true, until: true, every: 1h, timeout: 2h, run: 'false'}
    """)
    await live.until(lambda state: len(state.turns[0].bad()) == 3 and not state.turns[0].running)
    await live.link.cancel()
    await live.gate(At.FAILURE)
    assert live.hosts("up") == dict.fromkeys("abc", "cancelled")
    with pytest.raises(RunError, match="nothing is out"):
        await live.link.cancel()


async def test_a_code_can_ask_for_another_try(live: Live) -> None:
    """`again` repeats on the hosts that said so, `warn` goes on with a mark that the check leaves on."""
    await live.begin(f"""
      - id: migrate
        hosts: web
        via: local
        exit: 0=ok 1=again 2=warn
        check: "true"
        run: |
          {COUNT}
          test "$me" = c && exit 2
          test "$n" -ge 3
    """)
    assert await live.end() == "go"
    assert live.tries("migrate")[:3] == [["a", "b", "c"], ["a", "b"], ["a", "b"]]
    assert live.hosts("migrate") == {"a": "ok", "b": "ok", "c": "warn"}
    assert live.state.turns[0].result == "warn"
    assert live.state.turns[0].hosts["c"].why == "exit code 2"


async def test_retries_are_of_the_failed_hosts(live: Live) -> None:
    """The document's retries come before a question, on the hosts that failed and with their delay."""
    await live.begin(f"""
      - id: mend
        hosts: web
        via: local
        retries: 2
        retry-delay: 10ms
        run: |
          {COUNT}
          test "$me" != b || test "$n" -ge 3
    """)
    assert await live.end() == "go"
    assert live.tries("mend") == [["a", "b", "c"], ["b"], ["b"]]


async def test_a_check_is_polled_until_its_deadline(live: Live) -> None:
    """A check with `every` is tried until its own timeout; the step itself does not run again."""
    await live.begin(f"""
      - id: start
        hosts: web
        via: local
        run: 'echo run >>"$me.log"'
        check: {{run: '{COUNT}; test "$n" -ge 3', every: 10ms, timeout: 20s}}
      - id: never
        run: 'true'
        check: {{run: 'false', every: 10ms, timeout: 600ms}}
    """)
    await live.gate(At.FAILURE)
    assert (live.folder / "a.log").read_text() == "run\n"
    assert live.hosts("start") == dict.fromkeys("abc", "ok")
    assert Answer.CHECK_AGAIN in live.state.gate.choices  # type: ignore[union-attr]
    await live.say(Answer.CHECK_AGAIN)
    await live.gate(At.FAILURE)
    starts = [one["phase"] for one in live.records("step.plan") if one["step"] == "never"]
    assert starts.count("run") == 1
    assert starts.count("check") > 3


async def test_one_host_can_be_cancelled(live: Live) -> None:
    """Cancelling one host ends its command alone, with all its processes; the others finish."""
    await live.begin("""
      - id: wait
        hosts: web
        via: local
        run: |
          touch "up.$me"
          if test "$me" = b; then sleep 600 & wait; fi
          while test ! -e go; do sleep 0.02; done
    """)
    await live.there("up.a", "up.b", "up.c")
    with pytest.raises(RunError, match="nothing is out on z"):
        await live.link.cancel(["z"])
    await live.link.cancel(["b"])
    await live.until(lambda state: state.turns[0].in_state(HostState.CANCELLED))
    assert live.state.turns[0].in_state(HostState.RUNNING) == ["a", "c"]
    (live.folder / "go").touch()
    await live.gate(At.FAILURE)
    assert live.hosts("wait") == {"a": "ok", "b": "cancelled", "c": "ok"}


async def test_a_whole_step_can_be_cancelled(live: Live) -> None:
    """Cancelling ends everything that is out, and the run asks."""
    await live.begin("  - {id: wait, hosts: web, via: local, run: 'touch up.$me; sleep 600'}\n")
    await live.there("up.a", "up.b", "up.c")
    await live.link.cancel()
    await live.gate(At.FAILURE)
    assert live.hosts("wait") == dict.fromkeys("abc", "cancelled")
    assert all("ended with all its processes" in one["why"] for one in live.records("host.exit"))


async def test_a_run_leaves_between_two_tries(live: Live) -> None:
    """Told to leave, a run does not go on trying for hours."""
    await live.begin("""
      - {id: up, read-only: true, until: true, every: 1h, timeout: 2h, run: test -e there}
    """)
    await live.until(lambda state: state.turns[0].bad() and not state.turns[0].running)
    await live.leave()
    assert live.records("run.pause")[-1]["why"] == "stopped between two tries"
