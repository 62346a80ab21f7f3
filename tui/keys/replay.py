"""The keys of a replay: bindings, and the words that help shows."""

from __future__ import annotations

from textual.binding import Binding

from ..bar import HELP as HELP_KEY
from ..bar import Key
from .names import Page

BINDINGS: list[Binding] = [
    Binding("space,p", "play", "play, pause", id="replay.play", priority=True),
    Binding("plus,equals_sign", "faster(1)", "faster", id="replay.faster"),
    Binding("minus", "faster(-1)", "slower", id="replay.slower"),
    Binding("right,l", "record(1)", "a record on", id="replay.on"),
    Binding("left,h", "record(-1)", "a record back", id="replay.back"),
    Binding("d", "mark(1, 'decision')", "next decision", id="replay.decision"),
    Binding("D", "mark(-1, 'decision')", "decision before", id="replay.decision-before"),
    Binding("x", "mark(1, 'failure')", "next failure", id="replay.failure"),
    Binding("X", "mark(-1, 'failure')", "failure before", id="replay.failure-before"),
    Binding("o", "mark(1, 'note')", "next note", id="replay.note"),
    Binding("O", "mark(-1, 'note')", "note before", id="replay.note-before"),
    Binding("b", "mark(1, 'batch')", "next batch", id="replay.batch"),
    Binding("B", "mark(-1, 'batch')", "batch before", id="replay.batch-before"),
    Binding("s", "mark(1, 'step')", "next step", id="replay.step"),
    Binding("S", "mark(-1, 'step')", "step before", id="replay.step-before"),
    Binding("u", "mark(1, 'outage')", "next outage's begin or end", id="replay.outage"),
    Binding("U", "mark(-1, 'outage')", "the one before", id="replay.outage-before"),
    Binding("g", "go", "go to a time, a step, a record", id="replay.go"),
    Binding("0", "begin", "to the beginning", id="replay.begin"),
    Binding("dollar_sign,F", "end", "to the end, and follow it", id="replay.end"),
    Binding("enter", "here", "to where the step on the screen began", id="replay.here"),
    Binding("t", "scale", "the time line by time, or by records", id="replay.scale"),
    Binding("slash", "find", "search records and output", id="replay.find"),
    Binding("n", "hit(1)", "next place that was found", id="replay.hit"),
    Binding("N", "hit(-1)", "the place before", id="replay.hit-before"),
    Binding("full_stop", "home", "look where the run is", id="look.home"),
    Binding("escape", "back", "back out of one thing", id="look.back"),
    Binding("j", "look(1)", "look at the next step", id="look.next"),
    Binding("k", "look(-1)", "look at the step before", id="look.previous"),
    Binding("right_square_bracket", "bad(1)", "next failed host", id="look.next-failed"),
    Binding("left_square_bracket", "bad(-1)", "failed host before", id="look.previous-failed"),
    Binding("apostrophe", "hop", "go to a pane or step by a letter", id="look.hop"),
    Binding("T", "rounds", "results of the test plan", id="look.tests"),
    Binding("M", "monitors", "the monitors' charts", id="look.monitors"),
    Binding("H", "hosts", "only hosts in a state, or called so", id="look.hosts"),
    Binding("i", "only", "only what failed, only what is odd, all", id="output.only"),
    Binding("w", "wrap", "break a host's long lines, or cut them", id="output.wrap"),
    Binding("y", "copy", "copy the output", id="output.copy"),
    Binding("Y", "copy_hosts", "copy a list of hosts", id="output.copy-hosts"),
    Binding("z", "zoom", "this pane alone", id="look.zoom"),
    Binding("tab", "app.focus_next", "next pane", id="look.pane", show=False),
    Binding("shift+tab", "app.focus_previous", "pane before", id="look.pane-before", show=False),
    Binding("question_mark", "help", "help", id="replay.help"),
    Binding("colon,ctrl+p", "palette", "all commands", id="replay.palette"),
    Binding("q", "app.detach", "leave", id="replay.leave"),
]

PLAY = Key("space", "play", "screen.play", strong=True)
PAUSE = Key("space", "pause", "screen.play", strong=True)
BAR = (
    Key("+", "faster", "screen.faster(1)"),
    Key("→", "record", "screen.record(1)"),
    Key("d", "decision", "screen.mark(1, 'decision')"),
    Key("x", "failure", "screen.mark(1, 'failure')"),
    Key("s", "step", "screen.mark(1, 'step')"),
    Key("g", "go to", "screen.go"),
    Key("/", "search", "screen.find"),
    HELP_KEY,
    Key("q", "leave", "app.detach"),
)
"""Those that stand in the bar; a capital letter goes back."""

HELP: Page = (
    (
        "Playing",
        (
            ("replay.play", "play, pause; long silences are skipped and told"),
            ("replay.faster replay.slower", "faster, slower: 1x to 1000x"),
            ("replay.on replay.back", "a record on, a record back"),
            ("replay.begin replay.end", "to the beginning; to the end, and follow it"),
        ),
    ),
    (
        "Jumping (a capital letter goes back)",
        (
            ("replay.decision replay.decision-before", "decision: the open question, its answer under it"),
            ("replay.failure replay.failure-before", "failure"),
            ("replay.step replay.step-before", "step"),
            ("replay.batch replay.batch-before", "batch"),
            ("replay.outage replay.outage-before", "an outage's begin or end"),
            ("replay.note replay.note-before", "note"),
            ("replay.go", "to a time (16:42, +1:30:00), step (7), record (#120)"),
            ("replay.here", "to where the step on the screen began"),
            ("=mouse", "on the time line: press, or draw along it"),
            ("replay.scale", "the time line by time, or record by record"),
            ("replay.find replay.hit replay.hit-before", "search records and output; next place, before"),
        ),
    ),
    (
        "Looking",
        (
            ("look.next look.previous", "other steps, at the same moment"),
            ("look.home", "back to where the run is"),
            ("look.back", "back out of a search, a host, another step"),
            ("look.pane", "next pane: checklist, step, hosts, output"),
            ("look.next-failed look.previous-failed", "next failed host, the one before"),
            ("look.hop", "letters on every pane and step in sight: press one"),
            ("look.monitors look.tests", "the monitors' charts; results of the test plan"),
            ("look.hosts", "only hosts in a state, or called so"),
            ("output.only", "only what failed, only what is odd, or all"),
            ("output.wrap", "break a host's long lines, or cut them"),
            ("output.copy output.copy-hosts", "copy the output; copy hosts, also as --limit"),
            ("look.zoom", "this pane alone, and back"),
            ("replay.palette", "all commands, to be found by their words; themes"),
            ("replay.leave app.detach", "leave"),
        ),
    ),
)
