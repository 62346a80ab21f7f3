"""What stands in the gate bar: the one question, or progress, or trouble, or the end."""

from __future__ import annotations

import math
from collections import Counter

from gonogo.run.rounds import TestRound
from gonogo.run.runner import Execute, Settle, decide, seconds_left
from gonogo.run.state import Phase, Reached, RunState, TurnState
from gonogo.run.words import DONE
from gonogo.text import many

from .asking import asked, looking_on
from .bar import DETACH, HELP, LEAVE, NOTE, TESTS, Banner, Key
from .lines import Line, Span, span, whole, width, wrap
from .outline import Outline, step_look
from .pace import turn_left, usual_of
from .projection import progress
from .sight import Sight, laid_out, progress_bar
from .symbols import STEPS
from .words import SECOND, duration


def banner(outline: Outline, state: RunState, now: int, sight: Sight) -> Banner:
    """Return the bar for the run as it is; its keys are always in sight."""
    return laid_out(_banner(outline, state, now, sight), sight)


def _banner(outline: Outline, state: RunState, now: int, sight: Sight) -> Banner:
    if state.result is not None:
        return _ended(outline, state, sight)
    if sight.lost:
        return _gone(sight)
    if state.trouble:
        lines = wrap([(" TRAIL ", "badge-bad"), span(f"  {state.trouble}", "bad")], sight.cells, "  ")
        last: Line = (("Nothing new starts until the trail can be written.", ""),)
        return Banner((*lines, last), ((DETACH,),), "bad")
    if state.testing is not None:
        return _testing(state, state.testing, now, sight)
    if state.gate is None:
        return _going(outline, state, now, sight)
    if not sight.driving:
        return looking_on(state, state.gate, now, sight)
    return asked(state, state.gate, now, sight)


def _gone(sight: Sight) -> Banner:
    text = wrap([(" GONE ", "badge-bad"), ("  ", ""), span(sight.lost)], sight.cells)
    back = span(f"gonogo resume {sight.run}", "title")
    lines = whole([("Nothing that was acknowledged is lost. Go on with  ", "dim")], back, sight.cells)
    return Banner((*text, *lines), ((LEAVE,),), "bad")


def _going(outline: Outline, state: RunState, now: int, sight: Sight) -> Banner:
    if state.reached is not None and state.reached.ended is None:
        return _reaching(state, state.reached, now, sight)
    index = outline.current(state)
    if index is not None and state.turns[index].running:
        return _running(outline, state, index, now, sight)
    if index is not None and (trying := _trying(state, index, now, sight)):
        return trying
    if state.paused:
        lines = wrap([(" PAUSED ", "badge-dim"), span(f"  {state.paused}", "warn")], sight.cells, "  ")
        return Banner(tuple(lines), ((NOTE, HELP, DETACH),), "dim")
    return Banner((((" … ", "badge-dim"), ("  one moment", "dim")),), ((NOTE, HELP, DETACH),), "dim")


def _testing(state: RunState, out: TestRound, now: int, sight: Sight) -> Banner:
    """Return the bar while a round of the test plan is out: the question waits for its end."""
    done = sum(one.ended is not None for one in out.results)
    at = out.results[-1].title if out.results and out.results[-1].ended is None else ""
    head = wrap(
        [(" TESTING ", "badge-run"), (f"  round {out.number}", "title"), span(f"  {at}", "")], sight.cells
    )
    failed = len(out.failing)
    spans: list[Span] = [
        *progress_bar(done, out.tests, 20 if sight.cells >= WIDE else 10),
        (f"  {done}/{out.tests} done", ""),
        *(((" · ", "dim"), (f"✗ {failed} failed", "bad")) if failed else ()),
        (f" · {duration(now - out.began)}", "dim"),
    ]
    waits: Line = (span(f"Then it asks: {state.gate.question}", "dim"),) if state.gate else ()
    keys = (TESTS, *_while_running(sight, "end the round"))
    return Banner((*head, tuple(spans), *((waits,) if waits else ())), (keys,), "run")


def _reaching(state: RunState, reached: Reached, now: int, sight: Sight) -> Banner:
    """Return the bar while hosts are logged in to before the first go."""
    head: Line = ((" LOOKING ", "badge-run"), ("  Who can be reached? Nothing runs there.", "title"))
    heard, bad = len(state.reaches), len(state.unreached())
    spans: list[Span] = [
        *progress_bar(heard, reached.hosts, 20 if sight.cells >= WIDE else 10),
        (f"  {heard:,}/{reached.hosts:,} heard of", ""),
    ]
    if bad:
        spans += [(" · ", "dim"), (f"⌀ {bad:,} cannot be reached", "bad")]
    if reached.begun:
        spans += [(" · ", "dim"), (duration(now - reached.begun), "")]
    return Banner((head, tuple(spans)), (_while_running(sight, "stop looking"),), "run")


def _running(outline: Outline, state: RunState, index: int, now: int, sight: Sight) -> Banner:
    step = state.plan.turns[index].step
    turn, planned = state.turns[index], state.plan.steps[step]
    done = progress(turn)
    verb = {"run": " RUNNING ", "check": " CHECKING ", "rollback": " ROLLING BACK "}[turn.phase.value]
    head = wrap([(verb, "badge-run"), ("  ", ""), span(planned.step.title, "title")], sight.cells, "  ")
    spans: list[Span] = [(f"  {done.done:,}/{done.total:,} done", "")]
    if done.failed:
        spans += [(" · ", "dim"), (f"✗ {done.failed:,} not ok", "bad")]
    if done.running:
        spans += [(" · ", "dim"), (f"▸ {done.running:,} running", "run")]
    if done.since is not None:
        spans += [(" · ", "dim"), (duration(now - done.since), "")]
    left = turn_left(turn, usual_of(outline, sight.usual, step), now)
    if left is not None and done.done < done.total:
        spans += [(" · ", "dim"), (f"~{duration(left)} left" if left else "longer than usual", "dim")]
    long = 20 if sight.cells >= WIDE else 10
    long = long if long + width(spans) <= sight.cells else SHORT
    spans = [*progress_bar(done.done, done.total, long), *spans]
    return Banner((*head, tuple(spans)), (_while_running(sight, "cancel what runs"),), "run")


def _while_running(sight: Sight, word: str) -> tuple[Key, ...]:
    cancel = (Key("x", word, "screen.cancel"),) if sight.driving else ()
    return (*cancel, NOTE, HELP, DETACH)


def _trying(state: RunState, index: int, now: int, sight: Sight) -> Banner | None:
    """Return the bar between two tries that the document asks for; None when no try is to come."""
    move = decide(state.plan, state)
    if not isinstance(move, Settle | Execute) or move.delay <= 0:
        return None
    turn, step = state.turns[index], state.plan.step_of(state.plan.turns[index]).step
    why = move.reason if isinstance(move, Settle) else "its exit code asks for another run"
    head = wrap([(" TRIES AGAIN ", "badge-run"), ("  ", ""), span(step.title, "title")], sight.cells, "  ")
    next_in = max(int(move.delay * SECOND) - (now - _last_end(turn)), 0)
    since, limit = turn.since, step.options.timeout
    if turn.phase is Phase.CHECK and step.check is not None:
        since, limit = turn.check_since, step.check.timeout
    left = seconds_left(since, limit, now)
    if not math.isinf(left):
        why += f" · {duration(int(left * SECOND))} left"
    told: list[Span] = [(f"{why} · attempt {turn.attempt} has ended, the next in {duration(next_in)}", "dim")]
    return Banner((*head, *wrap(told, sight.cells, "  ")), (_while_running(sight, "stop trying"),), "run")


def _last_end(turn: TurnState) -> int:
    return max((host.ended for host in turn.hosts.values() if host.ended is not None), default=0)


WIDE = 90
"""Cells from which a running step's bar is drawn at its full length."""
SHORT = 5
"""Cells of a running step's bar where what stands behind it would need another line."""
_ALL_DONE = frozenset({*DONE, "not-needed"})
_ENDS = {
    "go": (" GO ", "badge-ok", "The run went to its end.", "ok"),
    "no-go": (" NO-GO ", "badge-bad", "The run was ended with no-go.", "bad"),
    "aborted": (" ABORTED ", "badge-bad", "The run was aborted.", "bad"),
}


def _ended(outline: Outline, state: RunState, sight: Sight) -> Banner:
    badge, style, words, tone = _ENDS.get(
        state.result or "", (" ENDED ", "badge-dim", "The run is over.", "dim")
    )
    if state.result == "go" and all(turn.result in _ALL_DONE for turn in outline.now(state)):
        words = "Every step is done."
    reason = (
        next((one.reason for one in reversed(state.decisions) if one.reason), "") if tone == "bad" else ""
    )
    head: list[Span] = [(badge, style), (f"  {words}", "title"), (f"  It took {duration(state.now)}.", "dim")]
    lines = wrap(head, sight.cells, "  ")
    if reason:
        lines += wrap([("Why: ", "dim"), span(reason)], sight.cells, "     ")
    lines += wrap(_totals(outline, state), sight.cells)
    lines += wrap([("The trail: ", "dim"), span(sight.directory, "run")], sight.cells, "  ")
    return Banner(tuple(lines), ((Key("q", "leave", "app.detach", strong=True), NOTE, HELP),), tone)


def _totals(outline: Outline, state: RunState) -> list[Span]:
    spans: list[Span] = []
    for look, number in Counter(step_look(outline, state, step) for step in outline.steps).items():
        # The sign of what has not begun is the dot between two counts, too.
        sign = "" if look == STEPS["pending"] else f"{look.symbol} "
        spans += [(f"{sign}{number:,} {look.word}", look.style), (" · ", "dim")]
    tail = [f"{many(len(state.left_out))} left out"] if state.left_out else []
    tail += [many(len(state.notes), "note")] if state.notes else []
    tail += [many(len(state.deviations), "deviation")] if state.deviations else []
    return [*spans, (" · ".join(tail), "dim")] if tail else spans[:-1]
