"""Themes, keys and what is remembered: they hold on the screen, and a mistake in them keeps nobody away."""

from __future__ import annotations

import importlib
import inspect
import os
import string
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import _character_to_key
from textual.widgets import Input

import gonogo.tui.screens
from gonogo.run.state import Answer
from gonogo.tui.keys.names import FIELD, canonical, in_field, label
from gonogo.tui.keys.scopes import SCREENS
from gonogo.tui.screens.ask import Ask
from gonogo.tui.screens.choose import Choose
from gonogo.tui.screens.help import Help
from gonogo.tui.screens.pick import Pick
from gonogo.tui.settings import THEMES, Settings, config_file, load, remember, remembered_file

from . import story
from .fake import FakeLink, plan_of, planned
from .test_reach import asked
from .test_screen import Desk, desk


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of nobody else."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    config_file().parent.mkdir(parents=True)
    return tmp_path


def test_without_a_file_all_is_as_usual() -> None:
    """Nothing is missing, and nothing is said."""
    assert load() == Settings()


def test_what_the_file_says_holds_over_what_was_chosen() -> None:
    """A theme chosen on the screen is kept, until the file names one."""
    remember(theme="contrast", bell=False)
    assert (load().theme, load().bell) == ("contrast", False)
    config_file().write_text('theme = "day"\n[keys]\n"answer.go" = "f5"\n')
    assert (load().theme, load().bell, load().keys) == ("day", False, {"answer.go": "f5"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("theme = ]\n", "config.toml:1:9: Invalid value"),
        ('theme = "pink"', "theme is one of night, day"),
        ("bell = 3", "bell is true or false"),
        ('them = "day"', "did you mean 'theme'?"),
        ('[keys]\n"answer.goo" = "g"', "did you mean 'answer.go'?"),
        ('[keys]\n"answer.skip" = "n"', "config.toml:2: answer.skip: 'n' is the key of answer.no-go already"),
        ('theme = "day"\n[keys]\nask.back = "b"\n', "config.toml:3: ask.back: 'b' belongs to the text field"),
        ('[keys]\nhome = {up = "ctrl+a"}', "config.toml:2: home.up: 'ctrl+a' belongs to the text field"),
        ('[keys]\n"app.detach" = "?"', "app.detach: '?' belongs to the text field"),
        ('[keys]\n"cancel.host" = "a"', "is the key of cancel.all already"),
        ('[keys]\n"page.close" = "up"\n', "page.close: '↑' is the key of pane.up already"),
        ('[keys]\n"answer.skip" = "\\u001b]0;x"', "is no key"),
        ('[keys]\n"answer.skip" = "f5"\n"answer.go" = "f5"', "is the key of"),
        ("[[[[[", "Invalid"),
        ("\x00", ""),
        ("x" * 70_000, "longer than"),
    ],
)
def test_a_mistake_is_said_and_the_rest_holds(text: str, said: str) -> None:
    """The screen comes up, with words about what is wrong."""
    config_file().write_text(text)
    settings = load()
    assert said in settings.problems[0]
    assert "\x1b" not in settings.problems[0]
    assert settings.theme == ("day" if text.startswith('theme = "day"') else "night")


def test_a_settings_file_that_is_none_keeps_nobody_waiting() -> None:
    """A pipe is not read; what was remembered and cannot be read is as if it were not there."""
    os.mkfifo(config_file())
    remembered_file().parent.mkdir(parents=True)
    remembered_file().write_text("[1, 2")
    assert "it is no file" in load().problems[0]


def test_keys_of_replay_and_compare_have_names_too() -> None:
    """One key may do something on each screen; two things on one screen it may not."""
    config_file().write_text('[keys]\n"replay.decision" = "c"\n"compare.find" = "c"\n"replay.note" = "x"\n')
    found = load()
    assert found.keys == {"replay.decision": "c", "compare.find": "c"}
    assert "replay.note: 'x' is the key of replay.failure already" in found.problems[0]


def test_two_keys_can_change_places() -> None:
    """A key is free once its own binding has another."""
    config_file().write_text('[keys]\n"answer.skip" = "n"\n"answer.no-go" = "s"\n')
    assert not load().problems


def test_keys_are_named_as_people_write_them() -> None:
    """Signs, letters, function keys and combinations are keys; words are none."""
    assert [canonical(key) for key in ("]", "g", "ctrl+g", "f12")] == [
        "right_square_bracket", "g", "ctrl+g", "f12",
    ]  # fmt: skip
    assert not any(canonical(key) for key in ("", " ", ",", "go", "a,b", "\x1b", "ctrl+", "ﬀﬀ"))
    assert canonical("shift+g") == "G"


def test_what_a_text_field_takes_is_known() -> None:
    """Every sign is called what the toolkit calls it, and so is every key that a field has."""
    for sign in set(string.punctuation) - {","}:
        assert canonical(sign) == _character_to_key(sign)
        assert in_field(canonical(sign))
        assert label(canonical(sign)) == sign
    theirs = {key for one in Binding.make_bindings(Input.BINDINGS) for key in one.key.split(",")}
    assert theirs == FIELD
    assert not any(in_field(key) for key in ("f5", "alt+g", "ctrl+g", "up", "escape", "tab", "pageup"))


def test_every_binding_of_every_screen_has_a_name() -> None:
    """So that it can be given another key; a screen of the toolkit's own has none that reaches further."""
    known = {name for screen in SCREENS for name in screen}
    for path in sorted(Path(gonogo.tui.screens.__path__[0]).rglob("*.py")):
        module = importlib.import_module(f"gonogo.tui.screens.{path.stem}")
        for kind in vars(module).values():
            if not inspect.isclass(kind) or not issubclass(kind, DOMNode) or issubclass(kind, Input):
                continue
            if kind.__module__.startswith("gonogo."):
                bindings = Binding.make_bindings(kind.__dict__.get("BINDINGS", ()))
                assert all(one.id in known for one in bindings), kind


async def test_two_that_share_a_key_are_parted(tmp_path: Path) -> None:
    """Before the first go `c` looks who can be reached; who moves the other one keeps it."""
    async with desk(asked(tmp_path), settings=Settings(keys={"answer.check-again": "f5"})) as one:
        assert "[c]" in one.shown()
        await one.press("c")
        assert one.said == [(Answer.REACH, "", "")]


async def test_dialogs_take_and_show_other_keys(tmp_path: Path) -> None:
    """Questions, lists of ways, the palette, pages and the help: what they tell is what they take."""
    keys = {
        "ask.yes": "j", "ask.back": "f3", "field.take": "f4", "copy.all": "e", "form.each": "z",
        "choose.back": "f3",
        "choose.down": "alt+j", "choose.take": "f4", "pick.back": "f3", "pick.down": "f7", "help.close": "f3",
        "answer.enter": "f8", "run.leave": "Q",
    }  # fmt: skip
    async with desk(story.failure(tmp_path), settings=Settings(keys=keys)) as one:
        await one.press("R")
        assert "[j] yes  [f3] no, back" in one.shown()
        await one.press("y", "escape")
        assert isinstance(one.pilot.app.screen, Ask)
        await one.press("f3", "o")
        assert "[f4] writes it  [f3] back" in one.shown()
        await one.press("h", "i", "enter", "f3", "Y")
        assert " e  all" in one.shown()
        await one.press("e")
        assert " z  each" in one.shown()
        await one.press("f3", "Y", "alt+j", "f4", "f3", "ctrl+p")
        assert "f4 · f3" in one.shown()
        await one.press("f3", "?")
        assert "f3 goes back" in one.shown()
        await one.press("escape")
        assert isinstance(one.pilot.app.screen, Help)
        await one.press("f3", "j")
        assert len(one.pilot.app.screen_stack) == 1
        assert not one.said


async def test_a_list_of_ways_has_a_cursor(tmp_path: Path) -> None:
    """Nothing is taken before it is on one: the key that opened the list may have been pressed twice."""
    async with desk(story.failure(tmp_path)) as one:
        await one.press("Y", "enter")
        assert isinstance(one.pilot.app.screen, Choose)
        await one.press("down", "down", "up", "enter")
        assert "as what?" in one.shown()
        await one.press("escape")
        assert len(one.pilot.app.screen_stack) == 1


async def test_another_key_answers_and_stands_on_the_screen(tmp_path: Path) -> None:
    """The usual key does nothing any more; bar and help show the new one."""
    settings = Settings(
        keys={"answer.skip": "v", "run.note": "right_square_bracket", "look.next-failed": "f6"}
    )
    async with desk(story.go_gate(tmp_path), settings=settings) as one:
        assert "[v] skip" in one.shown()
        assert "<]> note" in one.shown()
        await one.press("s")
        await one.press("?")
        assert isinstance(one.pilot.app.screen, Help)
        assert "  v             skip the step" in one.shown()
        await one.press("escape", "v", "o", "l", "d", "enter")
        assert one.said == [(Answer.SKIP, "old", "")]


async def test_help_begins_with_the_focused_pane(tmp_path: Path) -> None:
    """Its own keys come first."""
    async with desk(story.failure(tmp_path)) as one:
        one.screen.query_one("#wall").focus()
        await one.press("?")
        assert "In this pane (wall)" in one.shown()
        assert "space         the next answer is about it" in one.shown()


async def test_the_palette_finds_what_can_be_done(tmp_path: Path) -> None:
    """Typing narrows it, enter does it, esc does nothing; answers that do not stand now are not there."""
    async with desk(story.failure(tmp_path)) as one:
        await one.press("ctrl+p", "r", "o", "l", "l", "space", "b")
        assert isinstance(one.pilot.app.screen, Pick)
        assert "roll back: run the rollback on 9 hosts" in one.shown()
        await one.press("escape")
        assert not one.said
        await one.press("colon", *"theme: day", "enter")
        assert one.pilot.app.theme == "gonogo-day"
        assert load().theme == "day"


async def test_what_is_chosen_on_the_screen_is_there_at_the_next_start(tmp_path: Path) -> None:
    """Theme, bell, notification, folds, and long lines that are cut: without a word in the file."""
    link = FakeLink(plan_of([planned("Step", ("a",))]), tmp_path)
    link.begin(0)
    link.exit(0, "a", printed=b"x" * 200 + b"the end\n")

    async def printed(one: Desk) -> str:
        for _ in range(200):
            await one.pilot.pause(0.02)
            if "xxx" in one.shown():
                break
        await one.paint()
        return one.shown()

    async with desk(link, settings=load()) as one:
        assert "the end" in await printed(one)
        await one.press("w")
        await one.pilot.pause(0.2)
        assert "Long lines are cut" in one.shown()
        await one.press("F")
        for words in ("theme: day", "ring when", "notify when"):
            await one.press("colon", *words, "enter")
    chosen = Settings(theme="day", bell=False, notify=False, wrap=False, fold=False)
    assert load() == chosen
    async with desk(link, settings=load()) as one:
        assert one.pilot.app.theme == "gonogo-day"
        assert "the end" not in await printed(one)
        await one.press("w")
        for _ in range(200):
            await one.pilot.pause(0.02)
            if "the end" in one.shown():
                break
        assert "the end" in one.shown()
    assert load() == replace(chosen, wrap=True)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_every_theme_shows_the_same(tmp_path: Path, theme: str, size: tuple[int, int]) -> None:
    """Words and symbols do not hang on colour."""
    async with desk(story.failure(tmp_path), size, Settings(theme=theme)) as one:
        shown = one.shown()
        assert "FAILED" in shown
        assert "✗ 2 failed" in shown
        await one.press("?", "escape", "ctrl+p", "escape", "o", "escape")
        assert "FAILED" in one.shown()
