"""Every screen at its telling moments: what is looked at, remembered, and put into the documents."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widget import Widget

from gonogo.format.model import Kind
from gonogo.run.replay.recorded import Recorded
from gonogo.run.state import Answer
from gonogo.tui.apps.compare import CompareApp
from gonogo.tui.apps.home import HomeApp
from gonogo.tui.apps.replay import ReplayApp
from gonogo.tui.apps.run import RunApp
from gonogo.tui.guard import Guard
from gonogo.tui.screens.home import Home
from gonogo.tui.screens.hop import Hop
from gonogo.tui.screens.run import RunScreen
from gonogo.tui.themed import USUAL, ThemedApp
from gonogo.tui.widgets.output import Output
from tests.run.recorded import story as recorded
from tests.zone import in_zone

from . import shelves, story, watched
from .besides import rehearsed
from .fake import SECOND, FakeLink, plan_of, planned
from .looks import rows
from .screens import SCENES
from .test_mistakes import FOUND
from .test_reach import asked, looked

NOW = datetime(2026, 11, 20, 16, 42, 7, tzinfo=UTC)
"""What every clock shows."""
RUN = "20261120T160000Z-nova"
THOUSANDS = tuple(f"cell{cell:02d}-n{number:03d}" for cell in range(1, 26) for number in range(1, 201))


@dataclass(frozen=True, slots=True)
class Shot:
    """A program that is shown, after some keys."""

    make: Callable[[Path], ThemedApp]
    keys: tuple[str, ...] = ()
    wait: str = ""
    """What has to stand on the terminal before they are pressed: it is looked up behind the first paint."""


def _run(scene: Callable[[Path], FakeLink], *keys: str) -> Shot:
    return Shot(lambda run: RunApp(scene(run)), keys)


def _replay(*keys: str) -> Shot:
    def make(run: Path) -> ThemedApp:
        recorded(run)
        link = Recorded(run)
        link.read()
        return ReplayApp(link)

    return Shot(make, keys)


def _home(shelf: Callable[[], shelves.Full | shelves.Empty], *keys: str, wait: str = "Past runs") -> Shot:
    return Shot(lambda _: HomeApp(shelf()), keys, wait)


def _compare(*keys: str) -> Shot:
    return Shot(lambda _: CompareApp("A and B", rehearsed, USUAL), keys, "Update the packages")


def full() -> shelves.Full:
    """Return the shelf with something of everything, as it is at `NOW`."""
    return shelves.Full(NOW)


def watching(run: Path) -> FakeLink:
    """Two look on while alice is asked."""
    link = story.batch_gate(run)
    link.driving, link.state.driver, link.state.watching = False, "alice", ("bob", "carol")
    return link


def gone(run: Path) -> FakeLink:
    """The run's process died."""
    link = story.running(run)
    link.ended = "The run's process is gone (killed by signal 9)."
    return link


def trouble(run: Path) -> FakeLink:
    """The trail cannot be written."""
    link = story.batch_gate(run)
    link.state.trouble = "audit.jsonl: no space left on device"
    return link


def unsealed(run: Path) -> FakeLink:
    """The trail cannot be signed."""
    link = story.batch_gate(run)
    link.state.unsealed = "no agent holds the key SHA256:5fQ7"
    return link


def noted(run: Path) -> FakeLink:
    """Three notes were written."""
    link = story.failure(run)
    link.tell("note", by="alice", text="cp16 has no python-six", tag="mirror", step="update-the-packages")
    ticket = "https://tickets.example.org/4711"
    link.tell("note", by="bob", text=f"the ticket: {ticket}", link=ticket)
    link.tell("note", by="alice", text="cp20 stands in the new rack, whose power strip has another's name")
    return link


def thousands(run: Path) -> FakeLink:
    """Five thousand hosts: most are done, some are not well, the rest waits."""
    link = FakeLink(plan_of([planned("Restart the agents", THOUSANDS, run_as="root")], "A fleet"), run)
    link.ask()
    link.say(Answer.GO)
    link.begin(0, hosts=THOUSANDS[:3600])
    for number, name in enumerate(THOUSANDS[:3200]):
        state = "ok" if number % 97 else ("failed", "unreachable", "lost", "warn")[number // 97 % 4]
        link.exit(0, name, state, why="" if state in ("ok", "warn") else "exit 1", took=SECOND // 500)
    return link


def nested(run: Path) -> FakeLink:
    """Sections within sections, titles as people write them, and one step that ran twice."""
    control = ("Control plane", "Databases and message queue of the first cell")
    compute = ("Compute nodes of availability zone one", "Packages")
    names = THOUSANDS[:12]
    steps = [
        planned("Take a dump of every database and look at its size", names[:3], sections=control),
        planned("Stop Galera on all nodes but the one that bootstraps", names[:3], sections=control),
        planned("Ask the people on duty whether the queue is drained", kind=Kind.CONFIRM, sections=control),
        planned("Disable", names, batches=4, sections=compute),
        planned("Update nova-compute and restart its agent", names, batches=4, sections=compute),
        planned("Wait for the agents to report to the conductor again", names, sections=compute),
        planned("Users can boot a VM", kind=Kind.CONFIRM, sections=("Afterwards",)),
    ]
    link = FakeLink(plan_of(steps, "Cell one, Ocata to Queens"), run)
    link.ask()
    link.say(Answer.GO)
    link.whole(0)
    link.ask()
    link.say(Answer.GO)
    link.begin(1)
    link.exit(1, names[0], "failed", b"mysqld: not running\n", why="exit 1", code=1)
    for name in names[1:3]:
        link.exit(1, name)
    link.tell("round.end", turn=1)
    link.ask()
    link.say(Answer.RETRY_FAILED)
    link.begin(1, hosts=names[:1])
    link.exit(1, names[0])
    link.finish(1)
    link.ask()
    return link


def hundreds(run: Path) -> FakeLink:
    """A hundred and eighty hosts, a symbol each where names have no room."""
    link = FakeLink(plan_of([planned("Restart the agents", THOUSANDS[:180])], "A fleet"), run)
    link.ask()
    link.say(Answer.GO)
    link.begin(0)
    for number, name in enumerate(THOUSANDS[:150]):
        bad = number % 50 == 7
        link.exit(
            0,
            name,
            "failed" if bad else "ok",
            b"" if bad else b"restarted\n",
            why="exit 5" * bad,
            code=5 * bad,
        )
    return link


SHOTS: dict[str, Shot] = {
    "home": _home(full),
    "home-found": _home(full, *"nova"),
    "home-nothing": _home(full, *"zzz"),
    "home-ways": _home(full, "tab"),
    "home-empty": _home(shelves.Empty, wait="nothing ran yet"),
    **{name.replace("_", "-"): _run(scene) for name, scene in SCENES.items()},
    "nested": _run(nested),
    "nested-ahead": _run(nested, "j", "j"),
    "hundreds": _run(hundreds),
    "hundreds-wall": _run(hundreds, "tab", "tab", "right", "right"),
    "thousands": _run(thousands),
    "watching": _run(watching),
    "gone": _run(gone),
    "trouble": _run(trouble),
    "unsealed": _run(unsealed),
    "elsewhere": _run(story.failure, "k", "k", "k", "k"),
    "host": _run(story.failure, "right_square_bracket"),
    "search": _run(story.failure, "slash", *"python", "enter"),
    "narrow": _run(story.failure, "ampersand", *"havana"),
    "wall-filter": _run(story.failure, "H", *"bad", "enter"),
    "wall-picked": _run(story.failure, "tab", "tab", "right_square_bracket", "space"),
    "zoom": _run(story.failure, "tab", "z"),
    "ask-typed": _run(story.typed, "enter"),
    "ask-no-go": _run(story.go_gate, "n"),
    "ask-retry-all": _run(story.failure, "R"),
    "ask-leave-out": _run(story.failure, "l"),
    "ask-secret": _run(SCENES["gate-secret"], "enter", *"secret"),
    "note": _run(story.running, "o", *"no python-six #mirror"),
    "editor": _run(story.batch_gate, "e"),
    "jump": _run(story.batch_gate, "J"),
    "hop": _run(story.failure, "apostrophe"),
    "only-failed": _run(story.failure, "i"),
    "search-all": _run(story.failure, "asterisk", *"python", "enter"),
    "copy-hosts": _run(story.failure, "Y"),
    "folded": _run(story.failure, "k", "less_than_sign"),
    "notes": _run(noted, "O"),
    "mistakes": Shot(lambda run: RunApp(asked(run), check=lambda _: FOUND), ("P",), "lists them"),
    "mistakes-counted": Shot(lambda run: RunApp(asked(run), check=lambda _: FOUND), (), "lists them"),
    "reach-asked": _run(asked),
    "reach-going": _run(lambda run: looked(run, whole=False)),
    "reach-found": _run(looked),
    "watched": _run(watched.watched),
    "testing": _run(watched.testing),
    "monitors": _run(watched.watched, "M"),
    "tests": _run(watched.watched, "T", "down", "enter"),
    "compare": _compare(),
    "compare-step": _compare("n", "n"),
    "palette": _run(story.failure, "ctrl+p"),
    "settings": _run(story.failure, "ctrl+p", *"theme"),
    "help": _run(story.failure, "question_mark"),
    "replay": _replay(),
    "replay-decision": _replay("d", "d", "d"),
    "replay-failure": _replay("x", "d"),
    "replay-end": _replay("dollar_sign"),
    "replay-find": _replay("slash", *"python-six", "enter"),
    "replay-go": _replay("g"),
    "replay-help": _replay("question_mark"),
}
"""By their names. Whatever a scene's keys type is letters, digits and what has a name in `SPELT`."""
SPELT = {" ": "space", "#": "number_sign", "-": "minus"}


@contextmanager
def standing_still(folder: Path) -> Iterator[None]:
    """Stop every clock, and have the run's folder be called the same each time."""
    told = time.strftime
    with in_zone("UTC"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "strftime", lambda form, *at: told(form, *(at or (NOW.utctimetuple(),))))
        patch.setattr("gonogo.tui.screens.home.today", lambda: NOW)
        patch.setattr("gonogo.tui.widgets.output.REST", 0.0)
        patch.chdir(folder)
        Path(RUN).mkdir()
        yield


def repaint(app: App[str]) -> None:
    """Have everything drawn anew, dialogs and what lies under them."""
    for screen in app.screen_stack:
        for widget in screen.walk_children(Widget):
            widget.refresh()
            if widget.show_vertical_scrollbar:
                widget.vertical_scrollbar.refresh()


async def settled(pilot: Pilot[str]) -> None:
    """Let the program go on until it paints the same again and again; nothing blinks in it."""
    seen: list[object] = [None]
    while len(seen) < 4 or _busy(pilot) or seen[-1] != seen[-2] or seen[-2] != seen[-3]:
        for screen in pilot.app.screen_stack:
            if isinstance(screen, RunScreen):
                screen.repaint()
        for screen in pilot.app.screen_stack:
            screen._refresh_layout()  # under a dialog, and for another height, it is laid out by chance only
        for pane in pilot.app.screen.query("ChartPane, RoundPane"):
            pane.look()  # type: ignore[attr-defined]  # else twice a second
        if isinstance(pilot.app.screen, Hop):
            pilot.app.screen.look()
        for field in pilot.app.screen.query("Input, TextArea"):
            field.cursor_blink = False  # type: ignore[attr-defined]
        await pilot.pause(0)
        seen.append(rows(pilot.app))


def _busy(pilot: Pilot[str]) -> bool:
    """Tell whether a wide step's output is grouped or a host's laid out, or Home still looks for runbooks."""
    stack = pilot.app.screen_stack
    output = [one for screen in stack for one in screen.query(Output)]
    groups = any(one._telling or (one.host and one._rows.shape.cells != one.cells) for one in output)
    return groups or any(screen._unread for screen in stack if isinstance(screen, Home))


async def press(pilot: Pilot[str], shot: Shot) -> None:
    """Press a shot's keys, as somebody who has looked at what stands there."""
    await settled(pilot)
    for _ in range(1000):
        if shot.wait in "\n".join(strip.text for strip in rows(pilot.app)):
            break
        await pilot.pause(0.01)
        await settled(pilot)
    for screen in pilot.app.screen_stack:
        if isinstance(screen, RunScreen):
            screen.guard = Guard(itertools.count().__next__)
            screen.repaint()
    await pilot.press(*(SPELT.get(key, key) for key in shot.keys))
