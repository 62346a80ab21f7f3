"""What the screens must never lack: a sign for every state, whole keys, no colour where none is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.style import Style

from gonogo.tui.bar import key_spans
from gonogo.tui.replay.line import LOOKS
from gonogo.tui.screens.run import RunScreen
from gonogo.tui.symbols import HOSTS, STEPS, Look
from gonogo.tui.theme import THEMES, rich_styles
from gonogo.tui.themed import ThemedApp
from gonogo.tui.widgets.gate import GateBar

from .looks import rows as painted
from .shots import RUN, SHOTS, Shot, press, settled, standing_still

LEAST = (80, 24)
BARS = [name for name, shot in SHOTS.items() if not shot.keys and not name.startswith(("home", "compare"))]


@pytest.fixture(autouse=True)
def _still(tmp_path: Path) -> Iterator[None]:
    with standing_still(tmp_path):
        yield


@pytest.mark.parametrize("looks", [HOSTS, STEPS, LOOKS], ids=["hosts", "steps", "marks"])
def test_no_two_states_have_one_sign(looks: Mapping[object, Look]) -> None:
    """Without colours, and where a wall has no room for words, a state is told by its sign alone."""
    signs = [look.symbol for look in looks.values()]
    assert len(set(signs)) == len(signs)
    assert {cell_len(sign) for sign in signs} == {1}


@pytest.mark.parametrize("name", BARS)
async def test_the_question_and_every_key_are_whole(name: str) -> None:
    """On a small terminal nothing of the bar is cut off, at the right or below."""
    app = SHOTS[name].make(Path(RUN))
    async with app.run_test(size=LEAST) as pilot:
        await settled(pilot)
        screen = next(one for one in app.screen_stack if isinstance(one, RunScreen))
        bar = screen.query_one(GateBar)
        assert bar.shown is not None
        rows = [tuple(one for key in keys for one in key_spans(key)) for keys in bar.shown.keys]
        assert len(bar.shown.lines) + len(rows) <= bar.content_size.height
        for line in (*bar.shown.lines, *rows):
            assert cell_len("".join(text for text, _ in line).rstrip()) <= bar.content_size.width, line
        shown = [strip.text for strip in screen._compositor.render_strips()]
        for keys in bar.shown.keys:
            assert any(all(key.key in line and key.word in line for key in keys) for line in shown), keys


async def drawn_styles(app: ThemedApp, shot: Shot) -> set[Style]:
    """Return every style on a small terminal."""
    async with app.run_test(size=LEAST) as pilot:
        await press(pilot, shot)
        return {one.style or Style() for strip in painted(app) for one in strip}


@pytest.mark.parametrize("name", ["home", "failure", "search", "ask-leave-out", "palette", "help", "editor"])
async def test_no_color_is_obeyed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR not one cell has another colour than the terminal's, whatever theme is set."""
    monkeypatch.setenv("NO_COLOR", "1")
    for style in await drawn_styles(SHOTS[name].make(Path(RUN)), SHOTS[name]):
        assert style.color is None or style.color.is_default
        assert style.bgcolor is None or style.bgcolor.is_default


@pytest.mark.parametrize(
    ("term", "theme"), [("vt220", "mono"), ("linux-m", "mono"), ("xterm-256color", "day"), ("", "day")]
)
async def test_a_terminal_without_colours_is_known(
    term: str, theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a theme says by its colours would not be seen there."""
    monkeypatch.setenv("TERM", term)
    app = SHOTS["failure"].make(Path(RUN))
    app.show_theme("day")
    assert app.theme == THEMES[theme].name


def _attributes(style: Style) -> tuple[bool, ...]:
    return tuple(bool(one) for one in (style.bold, style.italic, style.underline, style.reverse))


async def test_what_colours_say_is_said_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors, finds, chosen hosts, badges and the cursor's line stand out by other means."""
    monkeypatch.setenv("NO_COLOR", "1")
    app = SHOTS["failure"].make(Path(RUN))
    async with app.run_test(size=LEAST) as pilot:
        await settled(pilot)
        looks = {name: _attributes(style) for name, style in rich_styles(app).items()}
    loud = {"err", "odd", "picked", "found", "key", "bad", *(name for name in looks if name[:5] == "badge")}
    assert all(any(looks[name]) for name in loud), looks
    assert len({looks[name] for name in ("err", "odd", "picked", "found")}) == 4


async def test_every_badge_has_a_ground_in_the_terminals_own_colours() -> None:
    """Black on the terminal's own ground could not be read; nor bold black, which many show as grey."""
    app = SHOTS["failure"].make(Path(RUN))
    async with app.run_test(size=LEAST) as pilot:
        app.show_theme("ansi")
        await pilot.pause()
        badges = {name: style for name, style in rich_styles(app).items() if name[:5] == "badge"}
    assert badges
    for style in badges.values():
        assert style.bgcolor is not None
        assert not style.bgcolor.is_default
        assert not style.bold
