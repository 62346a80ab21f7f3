"""Themes, keys and what is remembered: they hold on the screen, and a mistake in them keeps nobody away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gonogo.run.state import Answer
from gonogo.tui.keys import canonical
from gonogo.tui.screens.help import Help
from gonogo.tui.screens.pick import Pick
from gonogo.tui.settings import THEMES, Settings, config_file, load, remember, remembered_file

from . import story
from .test_screen import desk


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
        ("theme = ", "Invalid value"),
        ('theme = "pink"', "theme is one of night, day"),
        ("bell = 3", "bell is true or false"),
        ('them = "day"', "did you mean 'theme'?"),
        ('[keys]\n"answer.goo" = "g"', "did you mean 'answer.go'?"),
        ('[keys]\n"answer.skip" = "n"', "is the key of answer.no-go already"),
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
    assert settings.theme == "night"


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


async def test_another_key_answers_and_stands_on_the_screen(tmp_path: Path) -> None:
    """The usual key does nothing any more; bar and help show the new one."""
    settings = Settings(
        keys={"answer.skip": "v", "run.note": "right_square_bracket", "look.next-failed": "f6"}
    )
    async with desk(story.go_gate(tmp_path), settings=settings) as one:
        assert "[v] skip" in one.shown()
        assert "] note" in one.shown()
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
