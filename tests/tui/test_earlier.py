"""What the screen says of hosts and steps whose earlier attempts are known."""

from __future__ import annotations

from pathlib import Path

from gonogo.run.state import Answer, At, HostState
from gonogo.tui.evidence import about
from gonogo.tui.grouped import tell
from gonogo.tui.outline import Outline, tail
from gonogo.tui.projection import host_title

from .fake import SECOND, FakeLink, plan_of, planned
from .test_projection import text

ERROR = b"Error: no python-six\n"


def failed(run: Path) -> FakeLink:
    """Two of three hosts failed."""
    steps = [
        planned("Look around", ("a", "b", "c"), read_only=True),
        planned("Update", ("a", "b", "c"), rollback="false"),
    ]
    link = FakeLink(plan_of(steps), run)
    link.whole(0, b"all quiet\n")
    link.ask()
    link.say(Answer.GO)
    link.begin(1)
    for host in "abc":
        bad = host != "c"
        link.exit(
            1, host, "failed" if bad else "ok", ERROR if bad else b"done\n", why="exit 1" * bad, code=int(bad)
        )
    link.tell("round.end", turn=1)
    link.ask()
    return link


def title(link: FakeLink, host: str) -> str:
    """Return the line that heads a host's output in the second step."""
    return "".join(part for part, _ in host_title(host, link.state.turns[1].hosts[host]))


def test_a_host_that_is_to_run_again_reads_as_it_was(tmp_path: Path) -> None:
    """Until its next attempt begins its last end stands there, and what it printed is told as of before."""
    link = failed(tmp_path)
    link.say(Answer.RETRY_FAILED)
    assert title(link, "a") == "· a  to run again, was exit 1 after 1.0 s · 21 B"
    link.begin(1, hosts=["a"])
    assert title(link, "a").startswith("▸ a  running")
    told = text(one.line for one in tell(link.state.turns[1], 80))
    assert "1 host before it runs again  b\n  Error: no python-six" in told
    assert "✓ 1 host  c" in told


def test_a_host_that_was_held_back_has_not_begun(tmp_path: Path) -> None:
    """What reported that it was never started has no end, and printed nothing that could be told."""
    link = failed(tmp_path)
    link.say(Answer.RETRY_FAILED)
    link.begin(1, hosts=["a"])
    held = {"state": "pending", "phase": "run", "attempt": 2, "how": "held", "digest": "00", "out": 0}
    link.tell("host.exit", turn=1, host="b", why="more hosts have failed than may", **held)
    assert title(link, "b").startswith("· b  not begun")
    assert "printed nothing" not in text(one.line for one in tell(link.state.turns[1], 80))


def test_a_host_of_which_nothing_is_known_has_no_exit_code(tmp_path: Path) -> None:
    """The code of an earlier attempt is not told for one whose process died with the run's."""
    link = failed(tmp_path)
    link.say(Answer.RETRY_FAILED)
    link.begin(1, hosts=["a", "b"])
    link.tell("host.unknown", turn=1, hosts=["a", "b"], why="the run's process died")
    assert title(link, "a").startswith("? a  unknown after 1.0 s · attempt 2")


def test_a_step_that_was_rolled_back_tells_of_itself(tmp_path: Path) -> None:
    """Its question says what it came to, not what another step did."""
    link = failed(tmp_path)
    link.say(Answer.LEAVE_OUT, "no power", hosts=["b"])
    link.ask()
    link.say(Answer.ROLLBACK)
    link.begin(1, "rollback", ["a", "c"])
    for host in "ac":
        link.exit(1, host, "rolled-back")
    link.tell("round.end", turn=1)
    link.ask()
    gate = link.state.gate
    assert gate is not None
    assert gate.at is At.ROLLED_BACK
    told = text(about(link.state, gate, 80))
    assert told == "↩ 2 rolled back  – 1 left out"


def test_the_step_before_is_told_when_it_was_rolled_back(tmp_path: Path) -> None:
    """What comes next is to be decided with that in sight."""
    steps = [planned("Update", ("a",), rollback="false"), planned("Enable", ("a",))]
    link = FakeLink(plan_of(steps), tmp_path)
    link.ask()
    link.say(Answer.GO)
    link.begin(0)
    link.exit(0, "a", "failed", took=SECOND, code=1)
    link.tell("round.end", turn=0)
    link.ask()
    link.say(Answer.ROLLBACK)
    link.begin(0, "rollback")
    link.exit(0, "a", "rolled-back")
    link.tell("round.end", turn=0)
    link.ask()
    link.say(Answer.SKIP, "another night")
    link.tell("step.end", turn=0, result="rolled-back")
    link.ask()
    assert link.state.gate is not None
    assert link.state.turns[0].hosts["a"].state is HostState.ROLLED_BACK
    assert "before this: Update  ↩ 1 rolled back" in text(about(link.state, link.state.gate, 80))


def test_a_step_s_time_has_the_waits_between_its_tries_in_it(tmp_path: Path) -> None:
    """What the document has it wait counts, what a person takes to answer does not; tries are counted."""
    link = FakeLink(plan_of([planned("Up", ("a",), until=True, every=30.0, read_only=True)]), tmp_path)
    outline = Outline(link.state.plan)

    def shown(later: int = 0) -> str:
        return tail(outline, link.state, 0, link.now() + later * SECOND)

    link.begin(0)
    link.exit(0, "a", "failed", took=SECOND, code=1)
    link.tell("round.end", turn=0)
    assert (shown(), shown(20)) == ("1  3.0 s", "1  23 s")
    link.at += 29 * SECOND
    link.begin(0)
    link.exit(0, "a", "failed", took=SECOND, code=1)
    link.tell("host.cancelled", turn=0, hosts=["a"], why="enough")
    link.tell("round.end", turn=0)
    link.ask()
    before = shown()
    assert before == "1  ×2 37 s"
    assert shown(500) == before
    link.at += 500 * SECOND
    link.say(Answer.RETRY_FAILED)
    link.begin(0)
    link.exit(0, "a", took=SECOND)
    link.finish(0)
    assert shown(99) == "1  ×3 40 s"
